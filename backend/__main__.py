"""`python -m backend`: the public process."""

import logging
import sys

from sanic import Sanic
from sanic.worker.loader import AppLoader

from backend.app import create_app
from backend.settings import BadSettings, load_settings


def build() -> Sanic:
    return create_app(load_settings())


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings()
    except BadSettings as error:
        sys.exit(f"Indstillingerne er ikke rigtige:\n{error}")
    loader = AppLoader(factory=build)
    app = loader.load()
    app.prepare(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(app)


if __name__ == "__main__":
    main()
