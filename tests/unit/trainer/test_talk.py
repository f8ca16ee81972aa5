"""`make talk`: each message is explained, answered when the house runs, and a number picks a choice."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from trainer.talk import House, talk


class _House(BaseHTTPRequestHandler):
    calls: list = []

    def _answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        type(self).calls.append((self.command, self.path, body, self.headers.get("authorization")))
        events = [
            {"author": "visitor", "text": body.get("text", "")},
            {"author": "bot", "text": "Hvem handler det om?", "choices": [{"id": "c1", "title": "Mig selv"}, {"id": "c2", "title": "En anden"}]},
        ]
        answer = json.dumps({"id": "k1", "token": "t1", "events": events}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_DELETE = _answer

    def log_message(self, *_):
        pass


@pytest.fixture
def house():
    _House.calls = []
    server = HTTPServer(("127.0.0.1", 0), _House)
    Thread(target=server.serve_forever, daemon=True).start()
    yield House(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


def test_a_message_is_explained_and_answered_and_a_number_picks(house):
    shown = []
    house.open()
    talk(["jeg er ked af det", "", "2", "7"], shown.append, house, lambda text: f"Mål: {text}")
    house.close()
    assert shown[0] == "Mål: jeg er ked af det" and "  Hvem handler det om?" in shown and "  [2] En anden" in shown
    sent = [body for method, path, body, _ in _House.calls if path.endswith("/messages")]
    assert [body.get("text") or body.get("choice") for body in sent] == ["jeg er ked af det", "c2", "7"]
    assert _House.calls[-1][0] == "DELETE" and _House.calls[-1][3] == "Bearer t1", "what a trainer wrote is forgotten"


def test_without_a_house_the_understanding_is_shown_alone():
    shown = []
    talk(["hej"], shown.append, None, lambda text: f"Mål: {text}")
    assert shown == ["Mål: hej"]


def test_a_house_that_stops_is_said_and_the_talk_goes_on(house):
    shown = []
    house.open()
    house.url = "http://127.0.0.1:1"
    talk(["hej", "igen"], shown.append, house, lambda text: text)
    assert [line for line in shown if "Intet svar" in line] and shown[-2] == "igen"
