"""A stand-in for the backend, for work on the widget alone: the public protocol, kept in memory, with words that call
forth every card and every trouble. Run: `python web_widget/mock/server.py [port]`.
"""

import asyncio
import json
import secrets
import sys
from datetime import datetime, timezone
from pathlib import Path

from sanic import Sanic, empty, response
from sanic.exceptions import NotFound

ROOM = Path(__file__).resolve().parent.parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
SCRIPTS = json.loads((Path(__file__).parent / "answers.json").read_text("utf-8"))

app = Sanic("WidgetMock")
app.config.KEEP_ALIVE_TIMEOUT = 5
talks: dict[str, dict] = {}
mood = {"fail": 0, "create": True}


@app.on_response
async def headers(_request, answer):
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["Cache-Control"] = "no-store"


def file(path: Path, kind: str):
    async def serve(_request, **_):
        return response.text(path.read_text("utf-8"), content_type=f"{kind}; charset=utf-8")

    return serve


app.add_route(file(ROOM / "dist/embed.js", "text/javascript"), "/embed.js", name="embed")
app.add_route(file(ROOM / "dist/chat.html", "text/html"), "/chat", name="chat")
for script in ("chat.js", "embed.js", "guard.js"):
    app.add_route(file(ROOM / "dist" / script, "text/javascript"), f"/widget/{script}", name=f"w_{script[:4]}")
for sheet in ("chat.css", "demo.css"):
    app.add_route(file(ROOM / "dist" / sheet, "text/css"), f"/widget/{sheet}", name=f"s_{sheet[:4]}")
for demo in ("rodovre", "ballerup", "headspace"):
    app.add_route(file(ROOM / f"demo/{demo}.html", "text/html"), f"/demo/{demo}", name=f"d_{demo}")


@app.get("/axe.js")
async def axe(_request):
    source = ROOM / "node_modules/axe-core/axe.min.js"
    return response.text(source.read_text("utf-8"), content_type="text/javascript; charset=utf-8")


def refuse(status: int, code: str, message: str, **details):
    return response.json({"error": {"code": code, "message": message, "details": details}}, status=status)


def put(talk: dict, **event) -> dict:
    stored = {"n": len(talk["events"]) + 1, "at": datetime.now(timezone.utc).isoformat(), **event}
    talk["events"].append(stored)
    for queue in talk["listeners"]:
        queue.put_nowait(stored)
    return stored


def tell(talk: dict, event: dict) -> None:
    for queue in talk["listeners"]:
        queue.put_nowait(event)


def find(request, key: str) -> dict | None:
    talk = talks.get(key)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    return talk if talk and talk["token"] == token else None


@app.post("/mock/mood")
async def set_mood(request):
    mood.update(request.json)
    return empty()


@app.post("/mock/say")
async def host_says(request):
    for talk in talks.values():
        for event in request.json["events"]:
            put(talk, **event)
            talk["state"] = event.get("state", talk["state"])
    return empty()


@app.post("/api/v1/conversations")
async def create(_request):
    if not mood["create"]:
        return refuse(503, "unavailable", SCRIPTS["unavailable"])
    key, token = secrets.token_hex(8), secrets.token_hex(16)
    talk = talks[key] = {"token": token, "events": [], "listeners": set(), "state": "with_bot", "seen": {}}
    for event in SCRIPTS["greeting"]:
        put(talk, **event)
    return response.json({"id": key, "token": token, "events": talk["events"]}, status=201)


@app.get("/api/v1/conversations/<key:str>/events")
async def events(request, key: str):
    if mood["fail"]:
        return refuse(503, "unavailable", "")
    talk = find(request, key)
    if not talk:
        return refuse(404, "not_found", "")
    after, wait = int(request.args.get("after", 0)), int(request.args.get("wait", 0))
    for _ in range(wait * 5):
        if len(talk["events"]) > after:
            break
        await asyncio.sleep(0.2)
    return response.json({"events": talk["events"][after:], "state": talk["state"]})


@app.post("/api/v1/conversations/<key:str>/messages")
async def say(request, key: str):
    if mood["fail"]:
        details = {"crisis": SCRIPTS["krise"][0]["card"]} if mood["fail"] == 2 else {}
        return refuse(503, "unavailable", SCRIPTS["unavailable"], **details)
    talk = find(request, key)
    if not talk:
        return refuse(404, "not_found", "")
    n = await take(talk, request.json)
    return response.json({"n": n, "events": talk["events"][n - 1 :]})


async def take(talk: dict, body: dict) -> int:
    """Commits the visitor's words once per client id, then answers them by their first known word."""
    known = talk["seen"].get(body["client_id"])
    if known:
        return known
    text = body.get("text") or title(talk, body.get("choice"))
    event = put(talk, type="message", author="visitor", text=text, client_id=body["client_id"])
    talk["seen"][body["client_id"]] = event["n"]
    asyncio.get_running_loop().create_task(reply(talk, text))
    return event["n"]


def title(talk: dict, choice: str | None) -> str:
    for event in talk["events"]:
        for offered in event.get("choices", []):
            if offered["id"] == choice:
                return offered["title"]
    return str(choice)


async def reply(talk: dict, text: str) -> None:
    if talk["state"] != "with_bot":
        return
    tell(talk, {"type": "typing", "author": "bot"})
    await asyncio.sleep(0.3)
    word = next((word for word in SCRIPTS if word in text.lower()), "echo")
    for event in SCRIPTS[word]:
        put(talk, **event)
        talk["state"] = event.get("state", talk["state"])


@app.post("/api/v1/conversations/<key:str>/handoff")
async def handoff(request, key: str):
    talk = find(request, key)
    if not talk or mood["fail"]:
        return refuse(503, "unavailable", SCRIPTS["unavailable"])
    first = len(talk["events"])
    for event in SCRIPTS["menneske"]:
        put(talk, **event)
    talk["state"] = "waiting"
    return response.json({"events": talk["events"][first:], "state": "waiting"})


@app.post("/api/v1/conversations/<key:str>/close")
async def close(request, key: str):
    talk = find(request, key)
    if talk:
        put(talk, type="state", author="system", state="closed")
        mood["closed"] = mood.get("closed", 0) + 1
    return response.json({"events": [], "state": "closed"})


@app.get("/mock/mood")
async def get_mood(_request):
    return response.json(mood)


@app.delete("/api/v1/conversations/<key:str>")
async def erase(request, key: str):
    talk = find(request, key)
    if not talk or mood["fail"]:
        return refuse(503, "unavailable", SCRIPTS["unavailable"])
    del talks[key]
    receipt = {"at": datetime.now(timezone.utc).isoformat(), "appointments_cancelled": 1}
    return response.json({"events": [{"type": "erased", "author": "system", "at": receipt["at"]}], "receipt": receipt})


@app.websocket("/api/v1/conversations/<key:str>/feed")
async def feed(request, socket, key: str):
    if mood["fail"]:
        return
    talk, hello = talks.get(key), json.loads(await socket.recv())
    if not talk or hello.get("token") != talk["token"]:
        await socket.send(json.dumps({"type": "error", "error": {"code": "not_allowed", "message": ""}}))
        return
    queue: asyncio.Queue = asyncio.Queue()
    talk["listeners"].add(queue)
    for event in talk["events"][hello["after"] :]:
        await socket.send(json.dumps(event))
    push = asyncio.create_task(pump(queue, socket))
    try:
        async for raw in socket:
            await hear(talk, socket, json.loads(raw))
    finally:
        push.cancel()
        talk["listeners"].discard(queue)


async def pump(queue: asyncio.Queue, socket) -> None:
    while True:
        event = await queue.get()
        if mood["fail"]:
            await socket.close()
            return
        await socket.send(json.dumps(event))


async def hear(talk: dict, socket, frame: dict) -> None:
    if mood["fail"]:
        await socket.close()
    elif frame["type"] == "ping":
        await socket.send('{"type":"pong"}')
    elif frame["type"] == "message":
        n = await take(talk, frame)
        await socket.send(json.dumps({"type": "ack", "client_id": frame["client_id"], "n": n}))


@app.exception(NotFound)
async def missing(_request, _error):
    return refuse(404, "not_found", "")


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8790
    app.run(host="127.0.0.1", port=port, single_process=True, motd=False, access_log=False)
