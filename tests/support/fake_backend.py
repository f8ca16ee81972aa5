"""A stand-in for the backend's internal API, so that bot and action server can be tried alone.

Keeps everything in memory, holds keyed calls to one effect, and can be told to be down, slow or broken.
Run by hand: `python -m tests.support.fake_backend 8000`.
"""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from aiohttp import web

FORMS = ("in_person", "phone", "video", "chat")
DOORS = {
    "headspace": "headspace",
    "bornetelefonen": "BørneTelefonen",
    "ungerum": "Ungerum",
    "headspace-family": "headspace Family",
}


@dataclass
class FakeBackend:
    """`mode` is ok, down (503), slow (hangs) or rude (500 with a page instead of JSON)."""

    mode: str = "ok"
    handoff_state: str = "waiting"
    taken: set = field(default_factory=set)
    reminders: dict = field(default_factory=dict)
    waits: list = field(default_factory=list)
    held: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    enquiries: dict = field(default_factory=dict)
    appointments: dict = field(default_factory=dict)
    answered: dict = field(default_factory=dict)
    runner: web.AppRunner | None = None
    port: int = 0

    async def start(self, port: int = 0) -> str:
        app = web.Application(middlewares=[self._guard])
        app.router.add_route("*", "/internal/{path:.*}", self._answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()

    @web.middleware
    async def _guard(self, request, handler):
        if self.mode == "down":
            return web.json_response({"error": {"code": "unavailable", "message": "Vi kan ikke nå systemet."}}, status=503)
        if self.mode == "slow":
            await asyncio.sleep(30)
        if self.mode == "rude":
            return web.Response(text="<html>fejl</html>", status=500)
        return await handler(request)

    async def _answer(self, request):
        path = request.match_info["path"]
        body = await request.json() if request.can_read_body else {}
        key = request.headers.get("Idempotency-Key")
        self.calls.append((path, body, key))
        if key in self.answered:
            return web.json_response(self.answered[key][0], status=self.answered[key][1])
        answer, status = self._route(path, body)
        if key and status < 500:
            self.answered[key] = (answer, status)
        return web.json_response(answer, status=status)

    def _route(self, path: str, body: dict) -> tuple[dict, int]:
        if path.startswith("promises/"):
            return self.promises(), 200
        if path.startswith("doors/names/"):
            return {"doors": [{"id": door, "name": name} for door, name in DOORS.items()]}, 200
        name = "on_" + path.replace("/", "_").replace("-", "_")
        return getattr(self, name)(body)

    def promises(self) -> dict:
        return {
            "anonymity": "Du er anonym her, indtil du selv fortæller, hvem du er.",
            "deletion": "Samtalen slettes efter 24 timer.",
            "duty": "Hvis dit liv er i fare, kan en vært være nødt til at hente hjælp.",
            "duty_professional": "Din pligt er din egen.",
            "readers": "Kun værterne kan læse det.",
            "contact": "Dit nummer bruges kun til det, du har sagt ja til.",
            "consent": {"version": "prøve-1", "text": "Må vi tage imod det, du har skrevet, så en vært kan læse det?"},
        }

    def on_guidance(self, body: dict) -> tuple[dict, int]:
        situation, exclude = body["situation"], set(body.get("exclude") or [])
        skipped = situation.get("skipped", [])
        if not situation.get("relation") and "relation" not in skipped:
            choices = [("Mig selv", "self"), ("En jeg holder af", "relative"), ("Jeg er fagperson", "professional")]
            return {"ask": _ask("relation", "Handler det om dig selv eller en anden?", choices), "lead": "", "doors": []}, 200
        if not situation.get("age") and not situation.get("age_band") and "age" not in skipped:
            choices = [("Under 15", "14"), ("15-17", "16"), ("18-25", "20")]
            return {"ask": _ask("age", "Hvor gammel er du?", choices), "lead": "", "doors": []}, 200
        wanted = ["headspace-family"] if situation.get("relation") == "relative" else ["headspace", "bornetelefonen", "ungerum"]
        doors = [_door(d) for d in wanted if d not in exclude][:2]
        return {"ask": None, "lead": "De her kan du gå til:", "doors": doors}, 200

    def on_doors_answer(self, body: dict) -> tuple[dict, int]:
        door = body.get("door_id")
        return {"text": f"Svar om {body['question']} {DOORS.get(door, 'alle')}", **({"door": _door(door)} if door in DOORS else {})}, 200

    def on_offers_search(self, body: dict) -> tuple[dict, int]:
        return {"lead": "Det her kan du være med i:", "offers": [{"id": "film", "name": "Filmaften", "text": "Kom forbi", "for_whom": "15-25"}]}, 200

    def on_opening_hours(self, body: dict) -> tuple[dict, int]:
        return {"text": f"Vi har åbent {body.get('on') or 'i dag'} fra 12 til 17.", "open": {"now": True, "text": "Åbent"}}, 200

    def on_crisis(self, body: dict) -> tuple[dict, int]:
        line = {"id": "alarm-112", "name": "112", "phone": "112", "text": "Fare for liv", "open": {"now": True, "text": "Døgnet rundt"}}
        return {"kind": "crisis", "level": "high", "lead": "Du er ikke alene. Ring 112 ved fare for liv.", "lines": [line], "steps": [], "checked_on": "2026-11-21"}, 200

    def on_enquiries(self, body: dict) -> tuple[dict, int]:
        reference = f"HEN2-VEND-{2222 + len(self.enquiries)}"
        self.enquiries[reference] = body
        return {"reference": reference, "status": "received", "text": f"Din henvendelse er gemt. Din kode er {reference}."}, 201

    def on_slots_search(self, body: dict) -> tuple[dict, int]:
        window = body.get("window") or {}
        start = datetime.fromisoformat(window["from"]) if window.get("from") else datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
        free = [s for s in (_slot(start + timedelta(hours=i), body.get("form")) for i in range(1, 9)) if s["id"] not in self.taken]
        return {"slots": free[: body.get("limit", 3)], "exact": True}, 200

    def on_slots_hold(self, body: dict) -> tuple[dict, int]:
        if body["slot_id"] in self.taken:
            return self._slot_taken()
        self.held[body["conversation_id"]] = body["slot_id"]
        return {"id": body["slot_id"], "form": body.get("form"), "held_until": "2026-11-23T12:05:00+00:00"}, 200

    def on_slots_release(self, body: dict) -> tuple[dict, int]:
        self.held.pop(body["conversation_id"], None)
        return {}, 200

    def _slot_taken(self) -> tuple[dict, int]:
        others = self.on_slots_search({})[0]["slots"]
        return {"error": {"code": "slot_taken", "message": "Tiden er taget.", "details": {"slots": others}}}, 409

    def on_appointments(self, body: dict) -> tuple[dict, int]:
        if body["slot_id"] in self.taken:
            return self._slot_taken()
        self.held.pop(body["conversation_id"], None)
        self.taken.add(body["slot_id"])
        reference = f"AFT2-ABCD-{2222 + len(self.appointments)}"
        self.appointments[reference] = {**body, "status": "booked"}
        return _appointment(reference, body["slot_id"], "booked", "Din samtale er booket"), 201

    def on_appointments_find(self, body: dict) -> tuple[dict, int]:
        found = self.appointments.get(body["reference"])
        if not found:
            return {"error": {"code": "unknown_reference", "message": "Vi kan ikke finde en aftale med den kode."}}, 404
        return _appointment(body["reference"], found["slot_id"], found["status"], "") | {"is_ahead": True}, 200

    def on_appointments_reminder(self, body: dict) -> tuple[dict, int]:
        self.reminders[body["reference"]] = body["contact"]
        return _appointment(body["reference"], "", "booked", ""), 200

    def on_appointments_wait(self, body: dict) -> tuple[dict, int]:
        self.waits.append(body)
        return {"joined": True, **({"reference": "VEN2-ABCD-2222", "reminders": ["email"]} if "window" in body else {})}, 200

    def on_appointments_follow_up(self, body: dict) -> tuple[dict, int]:
        self.waits.append(body)
        return {}, 200

    def on_hosts_named(self, body: dict) -> tuple[dict, int]:
        return {"alias": next((name for name in ("Maja", "Amir") if name.casefold() in [one.casefold() for one in body["names"]]), None)}, 200

    def on_appointments_cancel(self, body: dict) -> tuple[dict, int]:
        return self._change(body["reference"], "cancelled", "Aftalen er aflyst")

    def on_appointments_reschedule(self, body: dict) -> tuple[dict, int]:
        return self._change(body["reference"], "booked", "Aftalen er flyttet", body["slot_id"])

    def _change(self, reference: str, status: str, text: str, slot_id: str | None = None) -> tuple[dict, int]:
        found = self.appointments.get(reference)
        if not found:
            return {"error": {"code": "unknown_reference", "message": "Koden findes ikke."}}, 404
        self.taken.discard(found["slot_id"])
        found.update(status=status, slot_id=slot_id or found["slot_id"])
        return _appointment(reference, found["slot_id"], status, text), 200

    def on_handoffs(self, body: dict) -> tuple[dict, int]:
        text = "" if self.handoff_state == "waiting" else "Der er ingen vært lige nu. Vi åbner igen i morgen kl. 12."
        return {"state": self.handoff_state, "queue_position": 1, "text": text}, 200

    def on_feedback(self, body: dict) -> tuple[dict, int]:
        return {}, 201



def _ask(slot: str, text: str, choices: list[tuple[str, str]]) -> dict:
    return {"slot": slot, "text": text, "why": None, "choices": [{"title": t, "value": v} for t, v in choices]}


def _door(door_id: str) -> dict:
    return {
        "id": door_id, "name": DOORS[door_id], "reason": "Fordi du skrev det", "what_happens": "I taler sammen",
        "for_whom": "12-25", "contact": {"phone": "11 22 33 44"}, "open": {"now": None, "text": "Ukendt"},
        "checked_on": "2026-11-21", "verified": False,
    }  # fmt: skip


def _slot(start: datetime, form: str | None) -> dict:
    start = start.replace(minute=0, second=0, microsecond=0)
    return {
        "id": f"slot-{start:%Y%m%dT%H}", "label": f"{start:%d-%m} kl. {start:%H}.00", "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=45)).isoformat(), "form": form or "in_person", "place": "Ungerum", "host_alias": "Mia",
    }  # fmt: skip


def _appointment(reference: str, slot_id: str, status: str, text: str) -> dict:
    return {
        "reference": reference, "label": slot_id, "starts_at": "2026-11-24T13:00:00+00:00", "ends_at": "2026-11-24T13:45:00+00:00",
        "form": "in_person", "place": "Ungerum", "host_alias": "Mia", "cancel_text": f"{text}. Kode {reference}.", "ics_url": "", "status": status,
    }  # fmt: skip


async def main(port: int) -> None:
    fake = FakeBackend()
    print(await fake.start(port), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
