"""Several pieces of work at once, one process for each core. Pure; knows no Rasa.

Processes and not threads: liblinear draws from one random generator a process has, and two fits must not share it.
"""
from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

Job = tuple[Callable, tuple]
_waiting: list[Job] = []


def side_by_side(jobs: Sequence[Job]) -> list[Any]:
    """What each (function, arguments) gives, in their order; one after the other where a process cannot be forked."""
    cores = min(len(jobs), os.cpu_count() or 1)
    if cores < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return [work(*given) for work, given in jobs]
    _waiting[:] = jobs  # the children inherit them, so no matrix is copied
    try:
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            return pool.map(_do, range(len(jobs)), chunksize=1)
    finally:
        _waiting.clear()


def _do(place: int) -> Any:
    work, given = _waiting[place]
    return work(*given)
