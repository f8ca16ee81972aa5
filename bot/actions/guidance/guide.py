"""`action_guide`: from what is known to either the one question that matters or the doors. Not a form: it starts anew
from the whole situation every time, so that corrections and jumps cost nothing and nothing is asked twice."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.backend_client import Guidance, Question, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.situation import FACTS, Situation, from_slots, merge, skip
from bot.actions.turn import Turn

TOPICS_ASKED_BACK = 3
MOST_QUESTIONS = 2


class GuideAction(HouseAction):
    """Reads slots and this turn, asks `POST /internal/guidance`, says a question or the doors."""

    key = "action_guide"
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        situation = understand(turn)
        greeted, events = _acknowledge(turn, situation, say, domain)
        if turn.goal == "guide_topic" and not turn.entities.get("topic") and not situation.topics and turn.topics:
            return events + _ask_which_topic(turn, situation, say, domain)
        if not situation.topics and "topics" not in situation.skipped:
            return events + _ask_topic(situation, greeted, say)
        exclude = list(turn.slots.get("shown_doors") or []) if turn.goal == "door_other" else []
        found = await backend().guidance(turn.conversation_id, situation.as_json(), [d["id"] for d in exclude])
        if found.ask and _may_ask(found.ask, turn, situation):
            return events + _ask(found.ask, turn, situation, say, domain)
        return events + _name_doors(found, situation, exclude, say, domain)


def understand(turn: Turn) -> Situation:
    """The situation after this turn; a bare answer is read as the answer to the question that is open."""
    awaiting, entities = turn.slots.get("awaiting"), dict(turn.entities)
    known = from_slots(turn.slots)
    entity = "topic" if awaiting == "topics" else awaiting
    if entity and not entities.get(entity):
        value = _bare_answer(turn, awaiting)
        if value is not None:
            entities[entity] = [value]
    if turn.goal == "raise_concern_professional":
        entities.setdefault("relation", ["professional"])
    merged = merge(known, entities, is_correction=reading.is_correction(turn.said))
    unanswered = awaiting and not merged.knows(awaiting)
    wants_on = turn.goal in ("skip", "deny", "nlu_fallback", "not_serious_enough") or reading.is_skip(turn.said)
    said_nothing = turn.goal == "inform" and merged == known
    return skip(merged, awaiting) if unanswered and (wants_on or said_nothing) else merged


def _bare_answer(turn: Turn, awaiting: str) -> Any:
    options: list[dict[str, Any]] = turn.slots.get("asked_choices") or []
    picked = reading.choice(turn.said, [o["title"] for o in options]) if turn.said else None
    if picked is not None:
        return options[picked]["value"]
    return reading.age(turn.said) if awaiting == "age" and turn.said else None


def situation_events(situation: Situation) -> Events:
    facts = [SlotSet(name, getattr(situation, name)) for name in FACTS]
    return [*facts, SlotSet("topics", list(situation.topics) or None), SlotSet("skipped", list(situation.skipped) or None)]


def _acknowledge(turn: Turn, situation: Situation, say: CollectingDispatcher, domain: Domain) -> tuple[bool, Events]:
    """Warm words the first time something is met: that it matters enough, that a relative counts too, the topic itself."""
    met = list(turn.slots.get("acknowledged") or [])
    lines = _lines_to_say(turn, situation, met, domain)
    for line in lines:
        say.utter_message(response=line)
    return bool(lines), [SlotSet("acknowledged", met)]


def _lines_to_say(turn: Turn, situation: Situation, met: list[str], domain: Domain) -> list[str]:
    lines: list[str] = []
    relative = situation.relation in ("relative", "professional")
    if turn.goal == "not_serious_enough":
        lines.append("utter_not_serious_enough")
    for topic in situation.topics[:1]:
        if topic not in met:
            met.append(topic)
            lines += _first_known(domain, f"utter_acknowledge_{topic}_relative" if relative else "", f"utter_acknowledge_{topic}")
    if situation.relation == "relative" and "relative" not in met:
        met.append("relative")
        lines.append("utter_relative_first")
    return lines


def _first_known(domain: Domain, *keys: str) -> list[str]:
    return [key for key in keys if key and wording.has(domain, key)][:1]


def _ask_topic(situation: Situation, greeted: bool, say: CollectingDispatcher) -> Events:
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
    """Never what was skipped, never in the middle of a form, and no more than two before doors are named."""
    asked = turn.slots.get("questions_asked") or []
    repeated = question.slot in asked and question.slot == turn.slots.get("awaiting")
    return question.slot not in situation.skipped and not turn.form and (repeated or len(asked) < MOST_QUESTIONS)


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
    say.utter_message(text=found.lead or wording.text(domain, "utter_doors_lead"), json_message={"kind": "doors", "doors": found.doors})
    say.utter_message(response="utter_next_steps_relative" if situation.relation == "relative" else "utter_next_steps")
    shown = [{"id": d["id"], "name": d.get("name") or ""} for d in found.doors]
    return done + [SlotSet("shown_doors", [*before, *shown]), SlotSet("door_focus", shown[0]["id"])]
