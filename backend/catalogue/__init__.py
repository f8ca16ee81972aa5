"""The municipalities' content as checked, typed, frozen objects."""

from backend.catalogue.catalogue import Catalogue
from backend.catalogue.loading import load_catalogue
from backend.catalogue.problems import ContentError, Problem

__all__ = ["Catalogue", "ContentError", "Problem", "load_catalogue"]
