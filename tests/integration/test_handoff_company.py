"""Transfer, co-host and listener."""

import asyncio

import pytest

from backend.errors import NotFound
from backend.handoffs.company import AlreadyOffered, TransferGone
from backend.handoffs.service import NotYours
from tests.integration.conftest import new_id
from tests.integration.queue_parts import guest, host, state, told


@pytest.fixture
async def talk(house):
    maja, amir, karen = [await host(house, name) for name in ("maja", "amir", "karen")]
    cid = await guest(house)
    await house.handoffs.request(cid)
    await house.handoffs.claim(cid, maja)
    await house.handoffs.say(cid, maja, new_id(), "hej")
    return cid, maja, amir, karen


async def test_a_transfer_needs_a_yes_and_takes_the_notes_along(house, talk):
    cid, maja, amir, karen = talk
    await house.company.offer(cid, maja, amir.id, "vil helst tale med en mand")
    await house.handoffs.say(cid, maja, new_id(), "min endnu")
    with pytest.raises(AlreadyOffered):
        await house.company.offer(cid, maja, karen.id)
    with pytest.raises(TransferGone):
        await house.company.accept(cid, karen)
    await house.company.accept(cid, amir)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, maja, new_id(), "for sent")
    await house.handoffs.say(cid, amir, new_id(), "hej, jeg hedder Amir")
    assert any("skriver nu med Amir" in text for text in await told(house, cid))
    async with house.storage.read() as tx:
        assert [note["alias"] for note in await house.handoffs.repository.notes_of(tx, cid)] == ["Maja"]


async def test_a_no_leaves_everything_as_it_was(house, talk):
    cid, maja, amir, _ = talk
    await house.company.offer(cid, maja, amir.id)
    await house.company.decline(cid, amir, "jeg skal have fri")
    await house.handoffs.say(cid, maja, new_id(), "stadig mig")
    with pytest.raises(TransferGone):
        await house.company.accept(cid, amir)


async def test_an_offer_to_the_whole_team_has_one_taker(house, talk):
    cid, maja, amir, karen = talk
    await house.company.offer(cid, maja, None)
    with pytest.raises(TransferGone):
        await house.company.accept(cid, maja)
    results = await asyncio.gather(house.company.accept(cid, amir), house.company.accept(cid, karen), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["TransferGone", "int"]


async def test_nothing_can_be_passed_out_of_the_team(house, talk):
    cid, maja, *_ = talk
    for stranger in ("jonas", "nora", "tove", "admin"):
        other = await host(house, stranger)
        with pytest.raises(NotFound):
            await house.company.offer(cid, maja, other.id)
        with pytest.raises(NotFound):
            await house.company.invite(cid, maja, other.id, True)


async def test_a_co_host_writes_a_listener_does_not_and_the_guest_is_told_of_both(house, talk):
    cid, maja, amir, karen = talk
    await house.company.invite(cid, maja, amir.id, writes=True)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, amir, new_id(), "ikke sagt ja endnu")
    await house.company.join(cid, amir)
    await house.handoffs.say(cid, amir, new_id(), "hej fra mig også")
    await house.company.invite(cid, maja, karen.id, writes=False)
    await house.company.join(cid, karen)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, karen, new_id(), "jeg lytter kun")
    await house.handoffs.note(cid, karen, "godt spurgt")
    texts = " ".join(await told(house, cid))
    assert "Amir er også med" in texts and "Karen læser med" in texts
    await house.company.part(cid, maja, amir.id)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, amir, new_id(), "er ude")


async def test_a_co_host_cannot_close_or_give_away(house, talk):
    cid, maja, amir, karen = talk
    await house.company.invite(cid, maja, amir.id, writes=True)
    await house.company.join(cid, amir)
    for deed in (house.handoffs.close(cid, amir), house.handoffs.hand_back(cid, amir), house.company.offer(cid, amir, karen.id)):
        with pytest.raises(NotYours):
            await deed


async def test_a_transfer_dies_with_the_chat_it_was_about(house, talk, clock):
    cid, maja, amir, _ = talk
    await house.company.offer(cid, maja, amir.id)
    clock.pass_by(seconds=46)
    await host(house, "amir")
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting"
    with pytest.raises(TransferGone):
        await house.company.accept(cid, amir)


async def test_a_new_owner_who_never_writes_loses_it_again(house, talk, clock):
    cid, maja, amir, _ = talk
    await house.company.offer(cid, maja, amir.id)
    await house.company.accept(cid, amir)
    clock.pass_by(seconds=91)
    await host(house, "maja"), await host(house, "amir")
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting"
