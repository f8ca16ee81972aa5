"""Enquiries: saved once, confirmed from the row, followed with a code."""

import pytest

from backend.domain.enquiry import Contact
from backend.enquiries.service import NewEnquiry, UnknownEnquiry, WrongStep
from backend.errors import BadInput
from tests.integration.conftest import new_id

NEW = NewEnquiry({"relation": "relative", "topics": ["anxiety"]}, "en samtale", "min datter sover ikke", Contact("none"), "v1")


async def saved(house, key=None, new=NEW):
    cid, _, _ = await house.conversations.open("ballerup", "municipality")
    return cid, await house.enquiries.save(cid, key or new_id(), new)


async def test_the_same_key_saves_once_and_answers_the_same(house):
    cid, first = await saved(house, "key-000001")
    assert await house.enquiries.save(cid, "key-000001", NEW) == first
    assert len(await house.enquiries.of_municipality("ballerup")) == 1


async def test_the_guest_is_told_with_the_code_in_the_conversation(house):
    cid, answer = await saved(house)
    _, events = await house.conversations.events_after(cid, 0)
    assert events[-1].body["card"]["reference"] == answer["reference"] and answer["reference"] in events[-1].body["text"]


async def test_the_code_shows_the_state_and_nothing_else(house):
    _, answer = await saved(house)
    assert set(await house.enquiries.status(answer["reference"])) == {"status", "received_at", "changed_at"}
    for wrong in ("", "nej", "AAAA-AAAA-AAAA"):
        with pytest.raises(UnknownEnquiry):
            await house.enquiries.status(wrong)


async def test_the_host_reads_it_all_and_another_municipality_nothing(house):
    _, answer = await saved(house)
    (row,) = await house.enquiries.of_municipality("ballerup")
    assert row["content"]["summary"] == NEW.summary and row["content"]["reference"] == answer["reference"]
    assert await house.enquiries.of_municipality("rodovre") == []
    with pytest.raises(UnknownEnquiry):
        await house.enquiries.move(row["id"], "rodovre", "answered", "host")


async def test_only_the_steps_of_the_status_machine_are_possible(house):
    await saved(house)
    (row,) = await house.enquiries.of_municipality("ballerup")
    await house.enquiries.move(row["id"], "ballerup", "answered", "host")
    with pytest.raises(WrongStep):
        await house.enquiries.move(row["id"], "ballerup", "received", "host")


@pytest.mark.parametrize("value", ["12 34", "abc", "", "+45", "99999999999999"])
async def test_a_contact_that_cannot_be_used_is_refused_and_nothing_is_saved(house, value):
    cid, _, _ = await house.conversations.open("ballerup", "municipality")
    with pytest.raises(BadInput):
        await house.enquiries.save(cid, new_id(), NewEnquiry({}, None, None, Contact("phone", value), "v1"))
    assert await house.enquiries.of_municipality("ballerup") == []


async def test_a_danish_number_is_kept_in_one_form(house):
    await saved(house, new=NewEnquiry({}, None, None, Contact("phone", "20 12 34 56", "hej fra Indgang"), "v1"))
    (row,) = await house.enquiries.of_municipality("ballerup")
    assert row["content"]["contact"]["value"] == "+4520123456"
