"""Which doors to name, why, and what is worth asking. Pure: rules, doors and their opening state are handed in.

Choosing goes by the trainer's rules in their order. Showing goes by what helps first: help today before help in a
fortnight, the least intrusive before the more intrusive. It tells who a door is for and never who may come in.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backend.domain.situation import OLDEST, Situation, ages_in

MOST_DOORS = 3
LIVE_ALWAYS = 2
UNKNOWN = "unknown"
ELSEWHERE = "elsewhere"
WAIT_ORDER = {"now": 0, "days": 1, "weeks": 2}
VIEW_SLOTS = (
    "relation", "about", "age_band", "municipality", "topics", "wishes_anonymity", "contact_form", "channel",
    "heavy", "risk",
)  # fmt: skip

View = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class DoorFit:
    """What guidance needs to know of a door. `live`: somebody answers now; None when nobody knows."""

    id: str
    ages: tuple[int, int] = (0, OLDEST)
    relations: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    anonymous: bool | None = None
    wait: str = "now"
    intrusiveness: int = 1
    residents_of: str | None = None
    emergency: bool = False
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Slot → values it must have, `unknown` among them; a slot not named may be anything."""

    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def matches(self, view: View) -> bool:
        return all(not values.isdisjoint(view[slot]) for slot, values in self.allowed.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """The first `take` fitting doors of `doors` are candidates, the rest a reserve.

    `because` is always part of the reason; `otherwise` fills up when there is little closer to the guest to say.
    """

    id: str
    when: When
    doors: tuple[str, ...]
    take: int = 2
    because: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    title: str
    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Question:
    """One with `assume` is not asked: the page's own answer is taken for given and said, and `change` is how to correct it."""

    id: str
    slot: str
    when: When
    text: str
    why: str
    options: tuple[Option, ...]
    assume: str | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    when: When
    text: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Templates that reasons are built from; see `municipalities/_national/guidance.yml`."""

    reason: str = "{parts}"
    comma: str = ", "
    joiner: str = " & "
    clause_comma: str = ", "
    clause_joiner: str = " & "
    subject: str = ""
    otherwise: str = "…"
    topic: str = "{topic}"
    topics: Mapping[str, str] = field(default_factory=dict)
    age: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[str, str] = field(default_factory=dict)
    anonymous: str = ""
    forms: Mapping[str, str] = field(default_factory=dict)
    resident: str = ""
    live: str = ""
    emergency: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    rules: tuple[Rule, ...]
    questions: tuple[Question, ...] = ()
    leads: tuple[Lead, ...] = ()
    phrases: Phrases = Phrases()
    heavy_topics: frozenset[str] = frozenset()
    safety_net: tuple[str, ...] = ()
    live_when_heavy: int = 2
    live_otherwise: int = 1
    stop_after_skips: int = 2


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how the guest asks. `names` are the municipalities' short names by id."""

    municipality: str
    channel: str
    risk: str = "none"
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    door: str
    reason: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`also` are doors with somebody there now, when fewer than two of those named have it: nobody is left with one."""

    ask: Question | None
    lead: str
    doors: tuple[Suggestion, ...]
    assumed: Question | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pick:
    door: DoorFit
    rule: Rule | None


def advise(
    situation: Situation,
    rules: Rules,
    doors: Mapping[str, DoorFit],
    setting: Setting,
    exclude: Collection[str] = (),
) -> Advice:
    """One to three doors with a reason each (none only if `doors` is empty), a lead, and what is worth asking next."""
    picks = _choose(situation, rules, doors, setting, exclude)
    suggestions = tuple(Suggestion(pick.door.id, _reason(pick, situation, rules, setting)) for pick in picks)
    return Advice(
        ask=_next_question(situation, rules, doors, setting, exclude, {pick.door.id for pick in picks}),
        lead=_lead(situation, rules, setting),
        doors=suggestions,
        assumed=_assumed(situation, rules, setting, picks),
        also=_also_open(situation, rules, doors, setting, picks),
    )


def _also_open(
    situation: Situation, rules: Rules, doors: Mapping[str, DoorFit], setting: Setting, picks: list[_Pick]
) -> tuple[str, ...]:
    named = _ids(picks)
    missing = LIVE_ALWAYS - sum(pick.door.live is True for pick in picks)
    net = (doors[name] for name in rules.safety_net if name in doors and name not in named)
    open_now = [door.id for door in net if door.live is True and fits(door, situation, setting)]
    return tuple(open_now[: max(missing, 0)])


def _assumed(situation: Situation, rules: Rules, setting: Setting, picks: list[_Pick]) -> Question | None:
    """What was taken for given, when a door named is only for those who live here. The text is filled in."""
    if situation.municipality is not None or all(pick.door.residents_of is None for pick in picks):
        return None
    values, view = _values(situation, rules.phrases, setting), view_of(situation, rules, setting)
    found = (one for one in rules.questions if one.assume and one.slot == "municipality" and one.when.matches(view))
    return next((replace(one, assume=_filled(one.assume, values), change=_filled(one.change, values)) for one in found), None)


def _filled(text: str | None, values: Mapping[str, str]) -> str | None:
    return text and text.format(**values)


def is_heavy(situation: Situation, rules: Rules, risk: str = "none") -> bool:
    """Whether live alternatives must be shown first."""
    return risk in ("high", "acute") or not rules.heavy_topics.isdisjoint(situation.topics)


def view_of(situation: Situation, rules: Rules, setting: Setting) -> View:
    """The situation as rules see it: every slot a set of words, `unknown` where nothing is known."""
    heavy = is_heavy(situation, rules, setting.risk)
    return {
        "relation": _word(situation.relation),
        "about": _word(situation.about),
        "age_band": _word(situation.age_band),
        "municipality": _municipality_words(situation, setting),
        "topics": frozenset(situation.topics) or frozenset({UNKNOWN}),
        "wishes_anonymity": _yes_no_word(situation.wishes_anonymity),
        "contact_form": _word(situation.contact_form),
        "channel": frozenset({setting.channel}),
        "heavy": frozenset({"yes" if heavy else "no"}),
        "risk": frozenset({setting.risk}),
    }


def _word(value: str | None) -> frozenset[str]:
    return frozenset({UNKNOWN if value is None else value})


def _yes_no_word(value: bool | None) -> frozenset[str]:
    return frozenset({UNKNOWN if value is None else "yes" if value else "no"})


def _municipality_words(situation: Situation, setting: Setting) -> frozenset[str]:
    home = situation.municipality
    if home is None:
        return frozenset({UNKNOWN})
    return frozenset({home} if home == setting.municipality else {home, ELSEWHERE})


def fits(door: DoorFit, situation: Situation, setting: Setting) -> bool:
    """Whether the door is meant for this guest, as far as is known. An emergency door is for everybody."""
    if door.emergency:
        return True
    if situation.relation is not None and situation.relation not in door.relations:
        return False
    if door.about and situation.about is not None and situation.about not in door.about:
        return False
    if door.residents_of is not None and door.residents_of != (
        situation.municipality or setting.municipality
    ):
        return False
    if situation.wishes_anonymity and door.anonymous is False:
        return False
    return _age_fits(door.ages, situation)


def _age_fits(ages: tuple[int, int], situation: Situation) -> bool:
    if situation.age is not None:
        return ages[0] <= situation.age <= ages[1]
    if situation.age_band is None:
        return True
    youngest, oldest = ages_in(situation.age_band)
    return ages[0] <= oldest and youngest <= ages[1]


def _choose(
    situation: Situation,
    rules: Rules,
    doors: Mapping[str, DoorFit],
    setting: Setting,
    exclude: Collection[str],
) -> list[_Pick]:
    candidates = _candidates(situation, rules, doors, setting, exclude)
    heavy = is_heavy(situation, rules, setting.risk)
    net = [_Pick(doors[name], None) for name in rules.safety_net if name in doors]
    net = [pick for pick in net if fits(pick.door, situation, setting)]
    wanted = rules.live_when_heavy if heavy else rules.live_otherwise
    chosen = _with_live(candidates[:MOST_DOORS], candidates[MOST_DOORS:] + net, wanted, heavy)
    return sorted(chosen or net[:MOST_DOORS], key=lambda pick: _shown_order(pick.door, heavy, setting.risk))


def _candidates(
    situation: Situation,
    rules: Rules,
    doors: Mapping[str, DoorFit],
    setting: Setting,
    exclude: Collection[str],
) -> list[_Pick]:
    view = view_of(situation, rules, setting)
    seen = set(exclude)
    first: list[_Pick] = []
    reserve: list[_Pick] = []
    for rule in rules.rules:
        if rule.when.matches(view):
            fitting = _fitting(rule, situation, doors, setting, seen)
            first += fitting[: rule.take]
            reserve += fitting[rule.take :]
            seen.update(pick.door.id for pick in fitting[: rule.take])
    reserve = [pick for pick in _once(reserve) if pick.door.id not in seen]
    return sorted(first + reserve, key=lambda pick: _against_wishes(pick.door, situation))


def _once(picks: Iterable[_Pick]) -> list[_Pick]:
    by_door: dict[str, _Pick] = {}
    for pick in picks:
        by_door.setdefault(pick.door.id, pick)
    return list(by_door.values())


def _fitting(
    rule: Rule, situation: Situation, doors: Mapping[str, DoorFit], setting: Setting, seen: set[str]
) -> list[_Pick]:
    known = [doors[name] for name in rule.doors if name in doors and name not in seen]
    picks = [_Pick(door, rule) for door in known if fits(door, situation, setting)]
    return sorted(picks, key=lambda pick: _against_wishes(pick.door, situation))


def _against_wishes(door: DoorFit, situation: Situation) -> tuple[bool, bool]:
    other_form = situation.contact_form is not None and situation.contact_form not in door.forms
    maybe_not_anonymous = bool(situation.wishes_anonymity) and door.anonymous is not True
    return maybe_not_anonymous, other_form


def _with_live(chosen: list[_Pick], pool: Iterable[_Pick], wanted: int, heavy: bool) -> list[_Pick]:
    """Put live doors in the place of the last ones that are not, until `wanted` are live. 112 only if it is heavy."""
    chosen = list(chosen)
    for pick in pool:
        if sum(one.door.live is True for one in chosen) >= wanted:
            break
        if pick.door.live is not True or (pick.door.emergency and not heavy):
            continue
        if all(pick.door.id != one.door.id for one in chosen):
            _make_room(chosen)
            chosen.append(pick)
    return chosen


def _make_room(chosen: list[_Pick]) -> None:
    if len(chosen) >= MOST_DOORS:
        last = max(place for place, pick in enumerate(chosen) if pick.door.live is not True)
        del chosen[last]


def _shown_order(door: DoorFit, heavy: bool, risk: str) -> tuple:
    emergency_first = risk == "acute" and door.emergency
    return not emergency_first, heavy and door.live is not True, WAIT_ORDER[door.wait], door.intrusiveness


def _next_question(
    situation: Situation,
    rules: Rules,
    doors: Mapping[str, DoorFit],
    setting: Setting,
    exclude: Collection[str],
    named: set[str],
) -> Question | None:
    if len(situation.skipped) >= rules.stop_after_skips:
        return None
    view = view_of(situation, rules, setting)
    for question in rules.questions:
        if question.assume or _settled(question.slot, situation) or not question.when.matches(view):
            continue
        answers = (answered(situation, question.slot, option.value) for option in question.options)
        if any(_ids(_choose(one, rules, doors, setting, exclude)) != named for one in answers):
            return question
    return None


def _settled(slot: str, situation: Situation) -> bool:
    twins = ("age", "age_band") if slot in ("age", "age_band") else (slot,)
    return any(twin in situation.skipped or getattr(situation, twin) not in (None, ()) for twin in twins)


def answered(situation: Situation, slot: str, value: Any) -> Situation:
    """The situation with one question answered; None means skipped."""
    if value is None:
        return replace(situation, skipped=(*situation.skipped, slot))
    known: dict[str, Any] = {slot: (value,) if slot == "topics" else value}
    return replace(situation, **known)


def _ids(picks: Iterable[_Pick]) -> set[str]:
    return {pick.door.id for pick in picks}


def _lead(situation: Situation, rules: Rules, setting: Setting) -> str:
    view = view_of(situation, rules, setting)
    lead = next((lead for lead in rules.leads if lead.when.matches(view)), None)
    return lead.text.format(**_values(situation, rules.phrases, setting)) if lead else ""


def _values(situation: Situation, phrases: Phrases, setting: Setting) -> dict[str, str]:
    home = situation.municipality or setting.municipality
    topic = situation.topics[0] if situation.topics else ""
    return {
        "age": str(situation.age)
        if situation.age is not None
        else phrases.bands.get(situation.age_band or "", ""),
        "topic": phrases.topics.get(topic, topic),
        "home": setting.names.get(home, ""),
        "here": setting.names.get(setting.municipality, ""),
    }


def _reason(pick: _Pick, situation: Situation, rules: Rules, setting: Setting) -> str:
    phrases = rules.phrases
    if pick.door.emergency:
        return phrases.emergency
    values = _values(situation, phrases, setting)
    own = _about_the_guest(pick.door, situation, phrases, values)
    clauses = [
        pick.rule and pick.rule.because,
        _topic_part(pick.rule, situation, phrases, values),
        _listed([part.format(**values) for part in own], phrases.comma, phrases.joiner, phrases.subject),
        phrases.resident.format(**values) if pick.door.residents_of else None,
        phrases.live if pick.door.live and is_heavy(situation, rules, setting.risk) else None,
    ]
    said = [clause for clause in clauses if clause][:MOST_DOORS]
    if len(said) < 2 and pick.rule and pick.rule.otherwise:
        said.append(pick.rule.otherwise)
    if not said:
        return phrases.otherwise
    return phrases.reason.format(parts=_listed(said, phrases.clause_comma, phrases.clause_joiner))


def _about_the_guest(
    door: DoorFit, situation: Situation, phrases: Phrases, values: Mapping[str, str]
) -> list[str]:
    limited = door.ages != (0, OLDEST) and values["age"]
    parts = (
        phrases.age.get(situation.about or situation.relation or "") if limited else None,
        phrases.anonymous if situation.wishes_anonymity and door.anonymous else None,
        phrases.forms.get(situation.contact_form or "") if situation.contact_form in door.forms else None,
    )
    return [part for part in parts if part]


def _topic_part(
    rule: Rule | None, situation: Situation, phrases: Phrases, values: Mapping[str, str]
) -> str | None:
    wanted = rule.when.allowed.get("topics", frozenset()) if rule else frozenset()
    shared = next((topic for topic in situation.topics if topic in wanted), None)
    if shared is None or (rule and rule.because):
        return None
    return phrases.topic.format(**{**values, "topic": phrases.topics.get(shared, shared)})


def _listed(parts: list[str], comma: str, joiner: str, subject: str = "") -> str:
    """`du er 17` + `du gerne vil være anonym` → `du er 17 og gerne vil være anonym`."""
    text = "".join(parts[:1])
    for place, part in enumerate(parts[1:], start=2):
        short = part.removeprefix(subject) if parts[place - 2].startswith(subject) else part
        text += (joiner if place == len(parts) else comma) + short
    return text
