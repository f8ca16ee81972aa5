"""The action server answers nobody without the secret, and never quotes a request in an error."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "an-action-server-token"


@pytest.fixture(scope="module")
def server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"INDGANG_SERVICE_TOKEN": TOKEN, "INDGANG_ACTIONS_PORT": str(port), "INDGANG_BACKEND_URL": "http://127.0.0.1:9"}
    process = subprocess.Popen([sys.executable, "-m", "bot.actions.server"], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    yield f"http://127.0.0.1:{port}", process
    process.terminate()
    process.wait(10)


async def ask(url: str, path: str, body=None, token: str | None = TOKEN):
    headers = {"X-Service-Token": token} if token else {}
    async with aiohttp.ClientSession() as session:
        for _ in range(150):
            try:
                method = "POST" if body is not None else "GET"
                async with session.request(method, url + path, data=body, headers={**headers, "Content-Type": "application/json"}) as answer:
                    return answer.status, await answer.text()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)
    raise AssertionError("the action server did not start")


def call(action: str, text: str = "kanariefugl", **slots) -> str:
    message = {"text": text, "intent": {"name": "chitchat", "confidence": 1.0}, "entities": [], "metadata": {}}
    tracker = {"sender_id": "c.1", "slots": slots, "latest_message": message, "events": [], "active_loop": {}}
    return json.dumps({"next_action": action, "tracker": tracker, "domain": {"responses": {}}, "sender_id": "c.1", "version": "3.6.21"})


async def test_health(server):
    status, text = await ask(server[0], "/health")
    assert status == 200 and json.loads(text)["actions"] > 20


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_nobody_without_the_secret(server, token):
    status, text = await ask(server[0], "/webhook", call("action_reply"), token)
    assert status == 401 and "kanariefugl" not in text


@pytest.mark.parametrize(("body", "wanted"), [("{", 400), ("[]", 422), ("{}", 422), (call("action_unknown"), 404)])
async def test_bad_calls_are_told_apart_and_not_quoted(server, body, wanted):
    status, text = await ask(server[0], "/webhook", body)
    assert status == wanted and "kanariefugl" not in text


async def test_an_action_answers_with_a_key_and_never_raises_without_the_backend(server):
    status, text = await ask(server[0], "/webhook", call("action_reply"))
    assert status == 200 and json.loads(text)["responses"][0]["response"] == "utter_chitchat"
    status, text = await ask(server[0], "/webhook", call("action_crisis"))
    assert status == 200 and json.loads(text)["responses"][0]["response"] == "utter_crisis_offline"
