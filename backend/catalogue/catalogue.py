"""The loaded content, asked by the rest of the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backend.catalogue.calendar import ClosingDay, calendar_for, instant, local
from backend.catalogue.model import (
    Channel,
    Contact,
    Crisis,
    CrisisLine,
    Door,
    Hours,
    Municipality,
    Offer,
    Open,
    Place,
    Promises,
    Wording,
)
from backend.catalogue.wording import filled
from backend.domain.guidance import Rules
from backend.domain.opening_hours import Calendar, State, state_at
from backend.errors import NotFound

LIVE_KINDS = ("phone", "sms", "chat")
DEFAULT_LEVEL = "acute"


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All municipalities' content. Freshness is judged at the time asked for, so an old process shows nothing stale."""

    municipalities: Mapping[str, Municipality]
    national: Municipality
    rules: Mapping[str, Rules]
    closing_days: tuple[ClosingDay, ...]
    loaded_on: date
    _opens: dict = field(default_factory=dict, repr=False, compare=False)

    def ids(self) -> tuple[str, ...]:
        return tuple(self.municipalities)

    def municipality(self, m: str) -> Municipality:
        """The folder's content; `_national` is what holds everywhere. Raises `NotFound` for one that has no folder."""
        if m == self.national.id:
            return self.national
        if m not in self.municipalities:
            raise NotFound(municipality=m[:40])
        return self.municipalities[m]

    def doors(self, m: str) -> tuple[Door, ...]:
        """The municipality's own doors and the national ones."""
        return tuple(self.municipality(m).doors.values())

    def offers(self, m: str) -> tuple[Offer, ...]:
        return tuple(self.municipality(m).offers.values())

    def place(self, m: str, place: str) -> Place:
        """Raises `NotFound` for an unknown place."""
        places = self.municipality(m).places
        if place not in places:
            raise NotFound(place=place[:40])
        return places[place]

    def channel(self, m: str, channel: str) -> Channel:
        """Raises `NotFound` when the municipality does not have the channel."""
        channels = self.municipality(m).channels
        if channel not in channels:
            raise NotFound(channel=channel[:40])
        return channels[channel]

    def promises(self, m: str, channel: str) -> Promises:
        return self.municipality(m).promises[self.channel(m, channel).promises]

    def wording(self, m: str, key: str, channel: str | None = None, **values: object) -> Wording:
        """The backend's own text `key`. `channel` picks the channel's variant and fills {promise}, {host_title} …

        Raises `KeyError` for a key that is not in `wording.KEYS`.
        """
        municipality = self.municipality(m)
        texts = municipality.wording
        wording = texts.get(f"{key}@{channel}") or texts[key]
        known: dict[str, object] = {"municipality": municipality.name, "short": municipality.short}
        if channel is not None and channel in municipality.channels:
            way = municipality.channels[channel]
            promise = self.promises(m, channel).short
            known |= {"channel_title": way.title, "host_title": way.host_title, "promise": promise}
        return filled(wording, known | values)

    def open_state(self, m: str, thing: Door | Place | Offer | Channel | Contact, now: datetime) -> Open:
        """Whether somebody answers at `now` (aware). Unsure hours give `now=None`, never an open door."""
        return self._open_text(m, self.state(thing, now), now, bool(_web_only(thing)))

    def state(self, thing: Door | Place | Offer | Channel | Contact, now: datetime) -> State:
        """The same without words; times are Copenhagen wall time."""
        if isinstance(thing, Door):
            return self._door_state(thing, now)
        return self._hours_state(thing.hours, now)

    def is_live(self, door: Door, now: datetime) -> bool | None:
        """True when a person answers a sure phone, SMS or chat right now; None when nobody knows."""
        return self._door_state(door, now).now

    def calendar(self, day: date) -> Calendar:
        """Holidays and closing days around `day`."""
        return calendar_for(day.year, self.closing_days)

    def _door_state(self, door: Door, now: datetime) -> State:
        minute = now.replace(second=0, microsecond=0)
        key = (door.id, door.where, minute)
        if key not in self._opens:
            if len(self._opens) > 4096:
                self._opens.clear()
            live = [one for one in door.sure_contacts(local(now).date()) if one.kind in LIVE_KINDS]
            self._opens[key] = best_state([self._hours_state(one.hours, now) for one in live])
        return self._opens[key]

    def _hours_state(self, hours: Hours | None, now: datetime) -> State:
        wall = local(now)
        if hours is None or not hours.fact.sure(wall.date()):
            return State(None)
        return state_at(hours.opening, wall, self.calendar(wall.date()))

    def _open_text(self, m: str, state: State, now: datetime, web_only: bool) -> Open:
        wall = local(now)
        if state.now:
            key = "open_always" if state.always else _until_key(state.until, wall)
            return Open(True, self._say(m, key, state.until), state.until and instant(state.until))
        if state.now is None:
            key = "hours_web" if web_only else "hours_holiday_unknown" if state.next else "hours_unknown"
            return Open(None, self._say(m, key, state.next), next=state.next and instant(state.next))
        key = _next_key(state.next, wall)
        return Open(False, self._say(m, key, state.next), next=state.next and instant(state.next))

    def _say(self, m: str, key: str, wall: datetime | None) -> str:
        texts = (self.municipalities.get(m) or self.national).wording
        values = (
            {} if wall is None else {"time": clock(wall), "weekday": texts["weekdays"].texts[wall.weekday()]}
        )
        return filled(texts[key], values).text

    def crisis(self, m: str, now: datetime, level: str = DEFAULT_LEVEL, age: int | None = None) -> Crisis:
        """The crisis card at `now`. Only lines with a sure way in are on it. Unknown levels give `acute`."""
        municipality = self.municipality(m)
        branch = municipality.crisis.get(level) or municipality.crisis[DEFAULT_LEVEL]
        fits = [line for line in branch.lines if age is None or line.ages[0] <= age <= line.ages[1]]
        shown = [(line, municipality.doors[line.door]) for line in fits if line.door in municipality.doors]
        on = local(now).date()
        lines = [
            (line, door, self.open_state(m, door, now)) for line, door in shown if door.sure_contacts(on)
        ]
        ordered = sorted(lines, key=lambda entry: _crisis_order(entry[1], entry[2]))
        return Crisis(
            level=branch.level,
            lead=branch.lead,
            lines=tuple(_line_json(line, door, opening, on) for line, door, opening in ordered),
            steps=branch.steps,
            checked_on=min((door.fact.checked_on for _, door, _ in lines), default=on),
        )


def best_state(states: list[State]) -> State:
    """Open if one is open; unknown if one is unknown; else closed until the first opens."""
    opened = [state for state in states if state.now]
    if opened:
        return max(opened, key=lambda state: (state.always, state.until or datetime.min))
    nexts = [state.next for state in states if state.next]
    unknown = not states or any(state.now is None for state in states)
    return State(None if unknown else False, next=min(nexts, default=None))


def clock(wall: datetime) -> str:
    """`9`, `9.30`: the Danish way."""
    return str(wall.hour) if wall.minute == 0 else f"{wall.hour}.{wall.minute:02}"


def _until_key(until: datetime | None, wall: datetime) -> str:
    return "open_until" if until and until.date() == wall.date() else "open_until_next_day"


def _next_key(opens: datetime | None, wall: datetime) -> str:
    if opens is None:
        return "closed_unknown_next"
    days = (opens.date() - wall.date()) // timedelta(days=1)
    return ("closed_next_today", "closed_next_tomorrow")[days] if days < 2 else "closed_next_day"


def _web_only(thing: object) -> bool:
    return isinstance(thing, Door) and not any(contact.kind in LIVE_KINDS for contact in thing.contacts)


def _crisis_order(door: Door, opening: Open) -> tuple[bool, int]:
    return door.kind != "emergency" or door.id != "alarm-112", {True: 0, None: 1, False: 2}[opening.now]


def _line_json(line: CrisisLine, door: Door, opening: Open, on: date) -> dict:
    answer: dict = {"id": door.id, "name": door.name, "text": line.text}
    for contact in door.sure_contacts(on):
        key = {"chat": "url"}.get(contact.kind, contact.kind)
        if key in ("phone", "sms", "url"):
            answer.setdefault(key, contact.value)
    answer["open"] = opening.as_json()
    if line.note or door.if_no_answer:
        answer["note"] = line.note or door.if_no_answer
    return answer
