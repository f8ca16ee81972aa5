"""Wishes said while a time is found; and what only resembles one."""

import pytest

from bot.actions.parsing.wishes import Wishes, parse_wishes

WISHES = [
    ("jeg vil helst snakke med en der selv har prøvet det", {"peer": True}),
    ("kan det være en der har prøvet det selv?", {"peer": True}),
    ("har I nogen der har været igennem det samme", {"peer": True}),
    ("gerne en peer", {"peer": True}),
    ("må jeg tage en ven med", {"companion": "friend"}),
    ("min veninde kommer også med", {"companion": "friend"}),
    ("kan jeg have min kæreste med?", {"companion": "friend"}),
    ("sammen med min mor", {"companion": "parent"}),
    ("må min mor komme med", {"companion": "parent"}),
    ("jeg tager min far med", {"companion": "parent"}),
    ("min kontaktperson skal med", {"companion": "network"}),
    ("kan min mentor være med", {"companion": "network"}),
    ("jeg har brug for en tolk", {"help": ["interpreter"]}),
    ("jeg sidder i kørestol", {"help": ["access"]}),
    ("jeg kan ikke gå på trapper", {"help": ["access"]}),
    ("et stille rum ville være godt", {"help": ["quiet_room"]}),
    ("min mor tager med og jeg sidder i kørestol", {"companion": "parent", "help": ["access"]}),
    ("den samme vært som sidst", {"same_as_last": True}),
    ("hende fra sidst", {"same_as_last": True}),
]  # fmt: skip
NONE = [
    "på torsdag efter skole", "i morgen kl 15", "jeg skændes med min mor", "min mor siger jeg skal booke en tid", "ikke sammen med min mor",
    "uden min mor", "tid til min søn", "jeg vil ikke have min far med", "første ledige", "samme tid ugen efter", "min ven har det dårligt",
    "jeg er bange for min far", "ja", "nej", "ring til mig",
]  # fmt: skip


@pytest.mark.parametrize("text,wished", WISHES)
def test_heard(text, wished):
    assert parse_wishes(text).as_values() == wished


@pytest.mark.parametrize("text", NONE)
def test_not_heard(text):
    assert parse_wishes(text) == Wishes()


@pytest.mark.parametrize("text", ["helst en kvinde", "kan det være en kvindelig vært", "jeg vil kun snakke med en mand"])
def test_gender_is_heard_and_kept_nowhere(text):
    assert parse_wishes(text).gender and parse_wishes(text).as_values() == {}
