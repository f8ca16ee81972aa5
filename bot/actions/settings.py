"""What the action server needs from outside: three environment variables."""
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`backend_url` without trailing slash; `service_token` is shared with backend and Rasa; `port` for our own server."""

    backend_url: str
    service_token: str
    port: int


def load_settings() -> Settings:
    """Read `INDGANG_BACKEND_URL`, `INDGANG_SERVICE_TOKEN`, `INDGANG_ACTIONS_PORT`."""
    return Settings(
        backend_url=os.environ.get("INDGANG_BACKEND_URL", "http://127.0.0.1:8000").rstrip("/"),
        service_token=os.environ.get("INDGANG_SERVICE_TOKEN", ""),
        port=int(os.environ.get("INDGANG_ACTIONS_PORT", "5055")),
    )
