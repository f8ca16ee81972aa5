"""The action server: rasa-sdk's executor behind a small Sanic app of ours.

rasa-sdk's own server has no authentication, listens on every interface and quotes the request (all the guest wrote) in
its errors; this one does none of the three. Run: `python -m bot.actions.server`.
"""
import hmac
import logging
import os

from bot.actions.backend_client import backend
from bot.actions.settings import Settings, load_settings

logger = logging.getLogger("bot.actions.server")


def make_executor():
    """rasa-sdk's executor with every action of this package."""
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.register_package("bot.actions")
    return executor


def create_app(settings: Settings):
    """Sanic app with `POST /webhook` (header `X-Service-Token`) and `GET /health`."""
    from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
    from sanic import Sanic
    from sanic.response import json

    app = Sanic("indgang_actions", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = 120
    executor, token = make_executor(), settings.service_token.encode()

    @app.get("/health")
    async def health(request):
        return json({"ok": True, "actions": len(executor.actions)})

    @app.post("/webhook")
    async def webhook(request):
        given = request.headers.get("x-service-token", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, token):
            return json({"error": "not_signed_in"}, status=401)
        call = request.json
        if not isinstance(call, dict) or "next_action" not in call:
            return json({"error": "bad_input"}, status=422)
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return json({"error": "rejected", "action_name": rejection.action_name}, status=400)
        except ActionNotFoundException:
            return json({"error": "unknown_action"}, status=404)
        return json(_as_json(result))

    @app.exception(Exception)
    async def failed(request, error):
        status = getattr(error, "status_code", 500)
        if status >= 500:
            logger.error("Call failed: %s", type(error).__name__)
        return json({"error": "error"}, status=status)

    @app.after_server_stop
    async def close(app):
        await backend().close()

    return app


def _as_json(result):
    return result.model_dump() if hasattr(result, "model_dump") else result


def main() -> None:
    settings = load_settings()
    if not settings.service_token:
        raise SystemExit("INDGANG_SERVICE_TOKEN is not set: anybody could run actions. `make run` writes one to .env.")
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("sanic.access").setLevel(logging.WARNING)
    app = create_app(settings)
    app.run(host="127.0.0.1", port=settings.port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
