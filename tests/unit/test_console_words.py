"""A host reads Danish, never a key of the code: every key has its words, and no card shows a raw one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.appointments.booking import COMPANIONS
from backend.catalogue import load_catalogue
from backend.console.alarm import duties, for_guest
from backend.console.card import card_of
from backend.console.pages import TEMPLATES
from backend.console.words import WORDS, told, words
from backend.conversations.events import Event
from backend.domain.alarm import ACTS
from backend.domain.conversation import RISKS, STATES, Conversation
from backend.domain.queue import CLOSED, CLOSING, FULL, NOBODY_THERE
from backend.domain.situation import ABOUT, AGE_BANDS, CONTACT_FORMS, RELATIONS, SLOTS, TOPICS
from backend.hosts.roles import ROLES
from backend.settings import ROOT

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
VOCABULARY = {
    "relation": RELATIONS, "about": ABOUT, "topic": TOPICS, "age_band": AGE_BANDS, "wish_form": CONTACT_FORMS, "form": CONTACT_FORMS,
    "act": ACTS, "place": STATES, "known": SLOTS, "risk": RISKS, "refusal": (CLOSED, NOBODY_THERE, CLOSING, FULL), "role": ROLES, "companion": COMPANIONS,
}  # fmt: skip
KEYS = {key for keys in VOCABULARY.values() for key in keys if not key[:1].isdigit()} - {"headspace", "video"}  # the same word in Danish
SLUG = st.from_regex(r"[a-z]{3,8}_[a-z]{3,8}", fullmatch=True)


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, keys in VOCABULARY.items() for key in keys])
def test_every_key_has_its_words(kind, key):
    assert WORDS[kind].get(key), f"backend/console/words.yml needs «{key}» under {kind}"


def test_every_place_and_channel_has_its_words():
    catalogue = load_catalogue(ROOT / "municipalities", NOW.date())
    for place in catalogue.ids():
        assert WORDS["municipality"].get(place)
        assert set(catalogue.municipality(place).channels) <= WORDS["channel"].keys()


def test_every_kind_a_page_asks_for_is_there():
    for page in (ROOT / "backend" / "console" / "templates").glob("*.html"):
        for kind in re.findall(r"word\([\"'](\w+)[\"']\)", page.read_text(encoding="utf-8")):
            assert kind in WORDS, f"{page.name}: {kind}"


def test_a_key_nobody_has_named_is_not_shown():
    assert words("brand_new_slot", "known") == "andet"


slots = st.fixed_dictionaries(
    {},
    optional={
        "relation": st.sampled_from(RELATIONS) | SLUG, "about": st.sampled_from(ABOUT) | SLUG, "age": st.integers(5, 90),
        "age_band": st.sampled_from(AGE_BANDS), "municipality": st.sampled_from(("rodovre", "ballerup", "other")) | SLUG,
        "topics": st.lists(st.sampled_from(TOPICS) | SLUG, max_size=3), "wishes_anonymity": st.booleans(),
        "contact_form": st.sampled_from(CONTACT_FORMS) | SLUG, "skipped": st.lists(st.sampled_from(SLOTS) | SLUG, max_size=9),
    },
)  # fmt: skip


@given(known=slots, risk=st.sampled_from(RISKS), channel=st.sampled_from(("municipality", "headspace")))
def test_no_card_shows_a_raw_key(known, risk, channel):
    text = shown(known, risk, channel)
    raw = (KEYS | _own_slugs(known)) & set(re.findall(r"[a-z]+(?:_[a-z]+)*", text))
    assert not raw, text


def test_what_the_guest_would_not_answer_reads_as_danish():
    text = shown({"skipped": ["contact_form", "age", "age_band", "wishes_anonymity"]}, "none", "municipality")
    assert re.search(r"Ville ikke svare på\s+måden at tale sammen på, alder, navn", text)


def shown(known: dict, risk: str, channel: str) -> str:
    """The card as a host reads it, without tags."""
    conversation = Conversation("c" * 32, "rodovre", channel, "waiting", 1, 3, 0, risk, None, 0, None, None, NOW, NOW, None, None)
    said = Event(1, NOW, "message", "visitor", {"text": "Hej"})
    card = card_of(conversation, {"slots": known}, [said], None, "Du kan være anonym.")
    return re.sub(r"<[^>]+>", " ", TEMPLATES.get_template("card.html").render(card=card))


def _own_slugs(known: dict) -> set[str]:
    values = [value for one in known.values() for value in (one if isinstance(one, list) else [one])]
    return {value for value in values if isinstance(value, str) and "_" in value}




def test_every_duty_is_informed_text_with_a_source_and_a_date():
    found = duties()
    assert {"notify_public", "notify_all", "avert", "tell_first"} <= {one.id for one in found}
    for one in found:
        assert one.source.startswith("https://") and one.checked_on.year >= 2026 and one.ages in ("under_18", "all")
        assert "§" not in one.text and not re.search(r"\b(klient|patient|sagsbehandling)\b", one.text)
    for channel in ("municipality", "headspace"):
        young, grown = (for_guest(found, channel, {"age_band": band}) for band in ("15-17", "18-25"))
        assert any("nderret" in one.title for one in young) and not any("nderret" in one.title for one in grown)
        assert for_guest(found, channel, {}) == young and any(one.id == "avert" for one in grown)


def test_a_moment_ago_reads_like_danish():
    assert told(timedelta()) == "lige nu" and told(timedelta(minutes=3)) == "for 3 minutter siden"
    assert told(timedelta(), "waited") == "er lige kommet" and told(timedelta(hours=1), "waited") == "har ventet 1 time"
