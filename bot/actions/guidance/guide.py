"""`action_guide`: from what is known to either the one question that matters or the doors. Not a form: it starts anew
from the whole situation every time, so that corrections and jumps cost nothing and nothing is asked twice."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.backend_client import Guidance, Question, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.answer_about_door import answer_in_words
from bot.actions.situation import FACTS, Situation, from_slots, merge, skip
from bot.actions.turn import Turn

TOPICS_ASKED_BACK = 3
MOST_QUESTIONS = 2
ASKS_FOR_HELP = ("guide_topic", "door_other", "not_serious_enough")
LONG_ANSWER, LONG_TELLING = 4, 8  # words
OWN_STATE = "own_state"  # how a relative is: asked for its own sake, kept nowhere
ASK_WHERE = "ask"  # the municipality of the button that corrects what was taken for given
ASIDES = frozenset({
    "opening_hours", "contact_info", "door_cost", "door_what_happens", "parents_know", "privacy", "bot_identity",
    "out_of_scope", "door_card", "advice", "send_help",
})  # fmt: skip
HEAVY = frozenset({"suicidal_thoughts", "self_harm", "violence", "abuse", "psychosis"})
CLOSE = ("parent", "sibling", "friend")  # who writes of these is young: »jeg er 13« is the age that counts
ABOUT_WHOM = ("relation", "about", "age", "age_band", "topic")


class GuideAction(HouseAction):
    """Reads slots and this turn, asks `POST /internal/guidance`, says one question or the doors."""

    key = "action_guide"
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        answered = await answer_in_words(turn, say) if turn.goal == "not_serious_enough" else None
        if answered is not None:
            return answered
        if turn.goal in ASIDES and turn.slots.get("awaiting") == OWN_STATE:
            say.utter_message(response="utter_relative_first")
            return []
        situation = understand(turn)
        events = _acknowledge(turn, situation, say, domain)
        unclear = turn.goal == "guide_topic" and not turn.entities.get("topic") and not situation.topics and turn.topics
        if unclear and turn.slots.get("awaiting") != OWN_STATE:
            return events + _ask_which_topic(turn, situation, say, domain)
        if not situation.topics and "topics" not in situation.skipped and situation.relation != "professional":
            return events + (_ask_how_they_are(turn, situation, say) or _ask_topic(situation, say))
        exclude = list(turn.slots.get("shown_doors") or []) if _wants_others(turn) else []
        found = await backend().guidance(turn.conversation_id, situation.as_json(), [d["id"] for d in exclude])
        if found.assumed and turn.first("municipality") == ASK_WHERE:
            return events + _ask(found.assumed.ask, turn, situation, say, domain)
        if found.ask and _may_ask(found.ask, turn, situation):
            return events + (_ask_how_they_are(turn, situation, say) or _ask(found.ask, turn, situation, say, domain))
        if _tells_more(turn, found):
            say.utter_message(response="utter_same_doors")
            _say_next_steps(found, situation, say, domain)
            return events + situation_events(situation)
        return events + _name_doors(found, situation, exclude, say, domain)


def _tells_more(turn: Turn, found: Guidance) -> bool:
    """The guest has written on, and the doors are those that stand there already: they are not shown once more."""
    standing = [door["id"] for door in turn.slots.get("shown_doors") or [] if not door.get("old")]
    return turn.goal == "guide_topic" and not turn.tapped and [door["id"] for door in found.doors] == standing


def _wants_others(turn: Turn) -> bool:
    """Other doors than those shown; »nearer« is a new wish, and the nearest may have been shown."""
    return turn.goal == "door_other" and not reading.speaks_of(turn.said, "near")


def understand(turn: Turn) -> Situation:
    """The situation after this turn; a bare answer is read as the answer to the question that is open."""
    awaiting, entities = turn.slots.get("awaiting"), _told(turn)
    known = from_slots(turn.slots)
    entity = "topic" if awaiting == "topics" else awaiting
    if entity and entity != OWN_STATE and not entities.get(entity):
        value = _bare_answer(turn, awaiting)
        if value is not None:
            entities[entity] = [value]
    merged = merge(known, entities, is_correction=reading.is_correction(turn.said))
    unanswered = awaiting and awaiting != OWN_STATE and not merged.knows(awaiting)
    wants_on = turn.goal in ("skip", "deny", "nlu_fallback", "not_serious_enough") or reading.is_skip(turn.said)
    said_nothing = turn.goal == "inform" and merged == known
    if unanswered and (wants_on or said_nothing):
        return skip(merged, awaiting)
    return skip(merged, "topics") if _told_in_own_words(turn, merged) else merged


def _told_in_own_words(turn: Turn, now: Situation) -> bool:
    """Somebody who has told at length what it is about is not asked it again, though no topic was made out."""
    enough = LONG_ANSWER if turn.slots.get("awaiting") == "topics" else LONG_TELLING
    told = turn.goal == "inform" and len(turn.said.split()) >= enough and turn.slots.get("awaiting") != OWN_STATE
    return told and not now.topics and now.relation == "relative"


def _told(turn: Turn) -> dict[str, list[Any]]:
    """What this turn's entities say of the situation."""
    entities = {name: values for name, values in turn.entities.items() if values != [ASK_WHERE]}
    if _stays_at_work(turn):
        entities = {name: values for name, values in entities.items() if name not in ("relation", "about")}
    if _says_how_they_are(turn) and entities.get("relation", ["self"]) == ["self"]:
        heavy = [topic for topic in entities.get("topic") or [] if topic in HEAVY]
        kept = ("age", "age_band") if _age_counts(turn) else ()
        entities = {name: values for name, values in entities.items() if name not in ABOUT_WHOM or name in kept}
        entities |= {"topic": heavy} if heavy else {}
    elif turn.slots.get("awaiting") == OWN_STATE:
        entities |= {"relation": ["self"], "about": ["self"]} if "relation" not in entities else {}
    if turn.goal == "raise_concern_professional":
        entities.setdefault("relation", ["professional"])
    if turn.goal in ("door_other", "offers") and reading.speaks_of(turn.said, "near"):
        entities.setdefault("contact_form", ["in_person"])
    return entities


def _stays_at_work(turn: Turn) -> bool:
    """Who writes as a professional goes on as one: "han siger, at far drikker" is the pupil's father, not theirs."""
    said_otherwise = turn.tapped or reading.is_correction(turn.said) or reading.speaks_of(turn.said, "about_me")
    return turn.slots.get("relation") == "professional" and not said_otherwise


def _age_counts(turn: Turn) -> bool:
    """»Hun er 24« is the age of whom it is about, »jeg er 45« only that of a writer who is young themselves."""
    return turn.slots.get("about") in CLOSE or not reading.speaks_of(turn.said, "i")


def _says_how_they_are(turn: Turn) -> bool:
    return turn.slots.get("awaiting") == OWN_STATE and not reading.speaks_of(turn.said, "about_me")


def _bare_answer(turn: Turn, awaiting: str) -> Any:
    options: list[dict[str, Any]] = turn.slots.get("asked_choices") or []
    picked = reading.choice(turn.said, [o["title"] for o in options]) if turn.said else None
    if picked is not None:
        return options[picked]["value"]
    return reading.age(turn.said) if awaiting == "age" and turn.said else None


def situation_events(situation: Situation) -> Events:
    facts = [SlotSet(name, getattr(situation, name)) for name in FACTS]
    return [*facts, SlotSet("topics", list(situation.topics) or None), SlotSet("skipped", list(situation.skipped) or None)]


def _acknowledge(turn: Turn, situation: Situation, say: CollectingDispatcher, domain: Domain) -> Events:
    """Warm words the first time something is met: that it matters enough, that a relative counts too, the topic itself."""
    met = list(turn.slots.get("acknowledged") or [])
    lines = _lines_to_say(turn, situation, met, domain)
    for line in lines:
        say.utter_message(response=line)
    return [SlotSet("acknowledged", met)]


def _lines_to_say(turn: Turn, situation: Situation, met: list[str], domain: Domain) -> list[str]:
    lines: list[str] = []
    relative = situation.relation in ("relative", "professional")
    if _says_how_they_are(turn) and not _passes(turn) and not {"age", "age_band", "municipality"} & set(turn.entities):
        lines.append("utter_relative_heard")
    elif turn.goal == "not_serious_enough":
        lines.append("utter_not_serious_enough")
    for topic in situation.topics[:1]:
        if topic not in met:
            met.append(topic)
            lines += _first_known(domain, f"utter_acknowledge_{topic}_relative" if relative else "", f"utter_acknowledge_{topic}")
    return lines


def _passes(turn: Turn) -> bool:
    return turn.goal in ("skip", "deny") or reading.is_skip(turn.said)


def _first_known(domain: Domain, *keys: str) -> list[str]:
    return [key for key in keys if key and wording.has(domain, key)][:1]


def _ask_how_they_are(turn: Turn, situation: Situation, say: CollectingDispatcher) -> Events:
    """A relative is asked about themselves before anything else, once; never in the way of a door or of their own question."""
    met = list(turn.slots.get("acknowledged") or [])
    if situation.relation != "relative" or "relative" in met or turn.form or turn.said.rstrip().endswith("?"):
        return []
    say.utter_message(response="utter_relative_first")
    seen = [*met, *situation.topics[:1], "relative"]
    return [
        *situation_events(situation),
        SlotSet("acknowledged", list(dict.fromkeys(seen))),
        SlotSet("awaiting", OWN_STATE),
        SlotSet("asked_choices", None),
    ]


def _ask_topic(situation: Situation, say: CollectingDispatcher) -> Events:
    relative = situation.relation == "relative"
    say.utter_message(response="utter_ask_topic_relative" if relative else "utter_ask_topic")
    return [*situation_events(situation), SlotSet("awaiting", "topics"), SlotSet("asked_choices", None)]


def _ask_which_topic(turn: Turn, situation: Situation, say: CollectingDispatcher, domain: Domain) -> Events:
    likely = [topic for topic, _ in turn.topics[:TOPICS_ASKED_BACK]]
    options = wording.pick_by_entity(domain, "utter_topic_choices", "topic", likely)
    say.utter_message(response="utter_ask_which_topic", buttons=options + wording.buttons(domain, "utter_none_of_these"))
    return [*situation_events(situation), SlotSet("awaiting", "topics"), SlotSet("asked_choices", _as_choices(options))]


def _as_choices(options: list[wording.Button]) -> list[Mapping[str, Any]]:
    return [{"title": b["title"], "value": wording.payload_entity(b, "topic")} for b in options]


def _may_ask(question: Question, turn: Turn, situation: Situation) -> bool:
    """Never what was skipped, never in the middle of a form, no more than two before doors are named, and no insisting:
    who passes over a question by asking for help gets help. After an aside (a price, a promise) it is asked again."""
    asked = turn.slots.get("questions_asked") or []
    passed_over = turn.goal in ASKS_FOR_HELP
    repeated = question.slot in asked and question.slot == turn.slots.get("awaiting") and not passed_over
    return question.slot not in situation.skipped and not turn.form and (repeated or question.slot not in asked and len(asked) < MOST_QUESTIONS)


def _ask(question: Question, turn: Turn, situation: Situation, say: CollectingDispatcher, domain: Domain) -> Events:
    options = [wording.button(c["title"], "inform", **{question.slot: c["value"]}) for c in question.choices]
    text = f"{question.text} {question.why}" if question.why else question.text
    say.utter_message(text=text, buttons=options + wording.buttons(domain, "utter_skip_button"))
    asked = [*(turn.slots.get("questions_asked") or []), question.slot]
    told = [SlotSet("awaiting", question.slot), SlotSet("asked_choices", question.choices)]
    return [*situation_events(situation), *told, SlotSet("questions_asked", list(dict.fromkeys(asked)))]


def _name_doors(
    found: Guidance, situation: Situation, before: list[Mapping[str, Any]], say: CollectingDispatcher, domain: Domain
) -> Events:
    done = [*situation_events(situation), SlotSet("awaiting", None), SlotSet("asked_choices", None)]
    if not found.doors:
        say.utter_message(response="utter_no_more_doors" if before else "utter_no_doors")
        return done
    said = " ".join(part for part in (found.lead or wording.text(domain, "utter_doors_lead"), found.assumed and found.assumed.said) if part)
    say.utter_message(text=said, json_message={"kind": "doors", "doors": found.doors})
    _say_next_steps(found, situation, say, domain)
    return done + shown_events(found.doors, before)


def _say_next_steps(found: Guidance, situation: Situation, say: CollectingDispatcher, domain: Domain) -> None:
    key = "utter_next_steps_relative" if situation.relation == "relative" else "utter_next_steps"
    change = [wording.button(found.assumed.change, "inform", municipality=ASK_WHERE)] if found.assumed else []
    steps = " ".join(part for part in (found.also, wording.text(domain, key)) if part)
    say.utter_message(text=steps, buttons=wording.buttons(domain, key) + change)


def shown_events(doors: list[Mapping[str, Any]], before: list[Mapping[str, Any]]) -> Events:
    """The doors just named, in focus; earlier ones stay known by name, but »the first« is one of the new."""
    shown = [{"id": d["id"], "name": d.get("name") or ""} for d in doors]
    earlier = [{**door, "old": True} for door in before]
    return [SlotSet("shown_doors", [*earlier, *shown]), SlotSet("door_focus", shown[0]["id"])] if shown else []
