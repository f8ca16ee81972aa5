"""`python -m backend`: the public process."""

import logging
import sys

from sanic import Sanic
from sanic.worker.loader import AppLoader

from backend.app import create_app
from backend.catalogue import ContentError
from backend.catalogue.check import production_problems
from backend.settings import BadSettings, Settings, load_settings


def build() -> Sanic:
    return create_app(load_settings())


def _refuse_unready(settings: Settings, app: Sanic) -> None:
    """In production nobody meets demo content or a municipality that has not signed its contact sheet."""
    if not settings.production:
        return
    house = app.ctx.house
    problems = production_problems(house.catalogue, house.conversations.clock().date())
    if problems:
        sys.exit("Indholdet er ikke klar til drift (se `make check-content`):\n" + "\n".join(map(str, problems)))


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings()
    except BadSettings as error:
        sys.exit(f"Indstillingerne er ikke rigtige:\n{error}")
    try:
        app = AppLoader(factory=build).load()
    except ContentError as error:
        sys.exit("Indholdet har fejl:\n" + "\n".join(map(str, error.problems)))
    _refuse_unready(settings, app)
    app.prepare(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(app)


if __name__ == "__main__":
    main()
