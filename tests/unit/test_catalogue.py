import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backend.catalogue import ContentError, load_catalogue
from backend.catalogue.__main__ import main
from backend.catalogue.check import production_problems
from backend.catalogue.model import CHANNELS, CRISIS_LEVELS
from backend.domain.situation import Situation
from backend.errors import NotFound
from backend.guidance.service import advise_json, public_crisis_json, public_doors_json, public_offers_json
from backend.overview.entries import find
from backend.overview.filters import Wish

ROOT = Path(__file__).resolve().parents[2] / "municipalities"
TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
BEFORE_NINE = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(ROOT, TODAY)


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(ROOT, tmp_path / "municipalities"))


def problems_after(root: Path, file: str, old: str, new: str) -> list[str]:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_catalogue(root, TODAY)
    return [str(problem) for problem in caught.value.problems]


def line_of(root: Path, file: str, text: str) -> int:
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_content_loads_and_knows_its_municipalities(catalogue):
    assert {"rodovre", "ballerup"} <= set(catalogue.ids())
    assert catalogue.municipality("rodovre").name == "Rødovre Kommune"
    with pytest.raises(NotFound):
        catalogue.municipality("atlantis")


# hazard: H11
@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("m", ["rodovre", "ballerup"])
def test_greeting_says_it_is_a_bot_and_what_the_channel_promises(catalogue, m, channel):
    said = catalogue.wording(m, "greeting", channel)
    assert "chatbot" in said.texts[0] and "CPR" in said.text and "{" not in said.text
    assert said.choices[-1].payload == "!handoff"


def test_every_wording_is_filled_in_without_left_over_braces(catalogue):
    for key, wording in catalogue.municipality("rodovre").wording.items():
        text = catalogue.wording("rodovre", key, "municipality").text
        assert text and "{" not in text, key
        assert all(choice.payload[0] in "!/" for choice in wording.choices), key


def test_promises_differ_by_channel_and_agree_with_the_deletion_job(catalogue):
    municipality, headspace = (catalogue.promises("rodovre", channel) for channel in CHANNELS)
    assert municipality.as_json()["anonymity"] != headspace.as_json()["anonymity"]
    assert f"{municipality.enquiry_days} dage" in municipality.deletion
    assert municipality.consent.version


# hazard: H3
@pytest.mark.parametrize("level", CRISIS_LEVELS)
@pytest.mark.parametrize("hour", range(24))
def test_crisis_card_starts_with_112_and_always_has_two_more_open_lines(catalogue, level, hour):
    card = catalogue.crisis("ballerup", datetime(2026, 12, 25, hour, 15, tzinfo=UTC), level).as_json()
    assert card["lines"][0]["id"] == "alarm-112" and card["steps"]
    alive = [line for line in card["lines"][1:] if line["open"]["now"]]
    if level != "relative":
        assert len(alive) >= 2
    assert alive and alive[0] == card["lines"][1]


# hazard: H3
def test_livslinien_is_not_shown_as_open_between_five_and_nine(catalogue):
    card = catalogue.crisis("rodovre", BEFORE_NINE, "high").as_json()
    line = next(line for line in card["lines"] if line["id"] == "livslinien")
    assert line["open"] == {
        "now": False,
        "text": "Lukket nu. Åbner i dag kl. 9",
        "next": "2026-11-24T08:00:00+00:00",
    }


# hazard: H2
def test_overdose_is_its_own_branch(catalogue):
    ids = [line["id"] for line in catalogue.crisis("rodovre", NOON, "overdose").lines]
    assert ids == ["alarm-112", "giftlinjen", "region-1813"]


# hazard: H3
def test_unverified_contacts_are_in_no_answer(catalogue):
    hidden = [
        "25 25 04 00",
        "25 97 20 09",
        "35 55 55 57",
        "35 55 65 65",
        "33 12 47 74",
        "Tårnvej",
        "Linde Allé",
        "70 10 18 18",
    ]
    for m in catalogue.ids():
        shown = json.dumps(
            [
                public_doors_json(catalogue, m, NOON),
                public_offers_json(catalogue, m, NOON),
                public_crisis_json(catalogue, m, NOON),
            ],
            ensure_ascii=False,
        )
        assert not [number for number in hidden if number in shown]


def test_an_unsure_door_is_listed_as_unverified_without_a_way_in(catalogue):
    doors = {door["id"]: door for door in public_doors_json(catalogue, "rodovre", NOON)["doors"]}
    assert doors["foraeldretelefonen"]["verified"] is False and doors["foraeldretelefonen"]["contact"] == {}
    assert doors["boernetelefonen"]["contact"]["phone"] == "116 111"


# hazard: H3
def test_what_expires_while_running_is_no_longer_shown(catalogue):
    later = datetime(2027, 9, 1, 12, tzinfo=UTC)
    doors = {door["id"]: door for door in public_doors_json(catalogue, "rodovre", later)["doors"]}
    assert doors["psykiatrifonden"]["verified"] is False and doors["psykiatrifonden"]["contact"] == {}
    assert doors["alarm-112"]["verified"] is True


def test_a_third_municipality_is_a_folder(copy):
    folder = copy / "hvidovre"
    folder.mkdir()
    (folder / "channels.yml").write_text(
        (ROOT / "rodovre" / "channels.yml")
        .read_text(encoding="utf-8")
        .replace("Rødovre", "Hvidovre")
        .replace("rodovre-town-hall, ", "")
        .replace("headspace-rodovre, ", ""),
        encoding="utf-8",
    )
    catalogue = load_catalogue(copy, TODAY)
    assert catalogue.municipality("hvidovre").name == "Hvidovre Kommune"
    assert "Hvidovre Kommune" in "".join(main_output(copy))
    assert catalogue.crisis("hvidovre", NOON).lines[0]["phone"] == "112"
    asked = next(one for one in catalogue.rules["rodovre"].questions if one.slot == "municipality")
    assert "hvidovre" in [option.value for option in asked.options]
    found = find(catalogue, "hvidovre", Wish(who="self"), NOON)
    assert "boernetelefonen" in [one.key for one in found.shown()] and found.count > 10
    answer = advise_json(catalogue, "hvidovre", "municipality", Situation(relation="self", age_band="15-17"), NOON)
    assert len(answer["doors"]) >= 2 and answer["doors"][0]["page"].startswith("/hvidovre/tilbud/")


def main_output(root: Path, *more: str) -> list[str]:
    from backend.catalogue.check import check, report_lines

    findings, catalogue = check(root, TODAY)
    return list(report_lines(findings, catalogue, root.name, TODAY))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("_national/doors.yml", "    kind: emergency", "    kind: emergancy", "Mente du »emergency«?"),
        ("_national/doors.yml", "    intrusiveness: 5", "    intrusivness: 5", "Mente du »intrusiveness«?"),
        ("_national/doors.yml", "    fact: giftlinjen", "    fact: gifftlinjen", "Mente du »giftlinjen«?"),
        ("_national/doors.yml", 'value: "82 12 12 12"', 'value: "ring bare"', "ligner ikke et telefonnummer"),
        ("_national/doors.yml", '"09:00-05:00"', '"9 til 5"', "er ikke et tidsrum"),
        ("_national/doors.yml", "{wed: ", "{onsdag: ", "er ikke en ugedag"),
        (
            "_national/doors.yml",
            "    ages: {from: 12, to: 25}",
            "    ages: {from: 25, to: 12}",
            "er højere end to",
        ),
        ("_national/doors.yml", "id: livslinien", "id: giftlinjen", "er brugt før"),
        ("_national/doors.yml", "value: https://www.livslinien.dk", "value: www.livslinien.dk", "https://"),
        ("_national/guidance.yml", "doors: [sorglinjen,", "doors: [sorglinien,", "Mente du »sorglinjen«?"),
        ("_national/guidance.yml", "topics: [grief]", "topics: [greif]", "Mente du »grief«?"),
        ("_national/crisis.yml", "- {door: alarm-112, ", "- {door: giftlinjen, ", "112 skal stå først"),
        ("_national/wording.yml", "{position} i køen", "{plads} i køen", "{plads} kendes ikke"),
        ("_national/wording.yml", "  queue_full:", "  queue_fuld:", "queue_full"),
        ("rodovre/offers.yml", "door: local-town-hall", "door: raadhus", "findes ikke som dør"),
        ("rodovre/channels.yml", "name: Rødovre Kommune\n", "", "name"),
        ("rodovre/doors.yml", "valid_until: 2027-05-31", "valid_until: 31/5-27", "er ikke en dato"),
        ("rodovre/doors.yml", "checked_on: 2026-11-21", "checked_on: 2028-11-21", "ligger før"),
        ("rodovre/doors.yml", "    residents_only: true", "    residents_only: måske", "true eller false"),
    ],
)
def test_a_mistake_names_file_and_line_and_says_what_to_write(copy, file, old, new, said):
    problems = problems_after(copy, file, old, new)
    hits = [problem for problem in problems if said in problem]
    assert hits, problems
    assert hits[0].startswith(f"{file.split('/')[0]}/")
    assert ":" in hits[0] and hits[0].split(":")[1].isdigit()


def test_the_line_is_the_line_of_the_mistake(copy):
    problems = problems_after(copy, "_national/doors.yml", "    kind: emergency", "    kind: emergancy")
    assert problems[0].startswith(f"_national/doors.yml:{line_of(copy, '_national/doors.yml', 'emergancy')}:")


def test_several_mistakes_are_told_together(copy):
    problems_after(copy, "_national/doors.yml", "    kind: emergency", "    kind: emergancy")
    problems = problems_after(copy, "rodovre/offers.yml", "kind: course", "kind: kursus")
    assert {problem.split(":")[0] for problem in problems} == {"_national/doors.yml", "rodovre/offers.yml"}


def test_broken_yaml_and_a_missing_folder_are_explained(copy, tmp_path):
    (copy / "rodovre" / "doors.yml").write_text("doors:\n  - id: x\n   name: y\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"rodovre/doors\.yml:3: Filen kan ikke læses"):
        load_catalogue(copy, TODAY)
    with pytest.raises(ContentError, match="findes ikke"):
        load_catalogue(tmp_path / "nowhere", TODAY)


def test_removing_any_local_file_never_crashes(copy):
    for path in sorted((copy / "ballerup").glob("*.yml")):
        saved = path.read_text(encoding="utf-8")
        path.unlink()
        try:
            load_catalogue(copy, TODAY)
        except ContentError as error:
            assert error.problems
        path.write_text(saved, encoding="utf-8")


def test_check_prints_in_danish_and_production_needs_signatures(capsys, catalogue):
    assert main(["check", "--today", "2026-11-22"]) == 0
    said = capsys.readouterr().out
    assert "Kontaktark" in said and "Rødovre Kommune: kontaktarket er ikke underskrevet" in said
    assert main(["check", "--production", "--today", "2026-11-22"]) == 1
    assert "Drift er ikke tilladt endnu" in capsys.readouterr().out
    assert production_problems(catalogue, TODAY)


def test_check_tells_of_what_expires_and_has_expired(capsys):
    main(["check", "--today", "2027-05-01"])
    assert "Udløber inden 60 dage" in capsys.readouterr().out
    main(["check", "--today", "2027-06-02"])
    assert "vises ikke længere som sikkert" in capsys.readouterr().out


def test_check_looks_as_far_ahead_as_asked_and_tells_what_guests_would_lose(capsys):
    main(["check", "--today", "2026-11-22", "--days", "60"])
    assert "får at se mere" not in capsys.readouterr().out
    main(["check", "--today", "2026-11-22", "--days", "200"])
    said = capsys.readouterr().out
    assert "Udløber inden 200 dage" in said and "får at se mere om 200 dage" in said
    lost = said.partition("får at se mere")[2].partition("\n\n")[0]
    assert "Psykiatrifonden vises til og med 2027-05-31" in lost and "Akuttelefonen 1813" not in lost and "112 vises" not in lost


def test_errors_make_check_fail(copy, capsys):
    (copy / "rodovre" / "doors.yml").write_text("doors: nej\n", encoding="utf-8")
    assert main(["check", "--root", str(copy), "--today", "2026-11-22"]) == 1
    assert "rodovre/doors.yml:1" in capsys.readouterr().out


def test_a_thousand_doors_load(copy):
    path = copy / "rodovre" / "doors.yml"
    head, _, doors = path.read_text(encoding="utf-8").partition("doors:\n")
    many = "".join(doors.replace("- id: ", f"- id: copy-{n}-") for n in range(112))
    path.write_text(f"{head}doors:\n{doors}{many}", encoding="utf-8")
    assert len(load_catalogue(copy, TODAY).doors("rodovre")) > 1000


def test_the_examples_in_the_guide_for_municipalities_load(copy):
    guide = (ROOT.parent / "docs" / "kommuner.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in guide.split("```yaml\n")[1:]]
    facts, offer, door, rule = blocks[0], blocks[1], blocks[2], blocks[3]
    for file, section, block in (("offers.yml", "offers:\n", offer), ("doors.yml", "doors:\n", door)):
        path = copy / "rodovre" / file
        text = path.read_text(encoding="utf-8").replace("facts:\n", facts, 1).replace(section, section + block, 1)
        path.write_text(text, encoding="utf-8")
    (copy / "rodovre" / "guidance.yml").write_text(rule, encoding="utf-8")
    catalogue = load_catalogue(copy, TODAY)
    assert catalogue.municipality("rodovre").doors["ungehuset"].ages == (13, 20)
    assert catalogue.rules["rodovre"].rules[0].doors == ("ungehuset",)
