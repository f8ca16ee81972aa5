"""Nothing a guest wrote can be read in the database file, before or after forgetting."""

import gc

import pytest
from sqlalchemy import select

from backend.appointments.service import Booking, Window
from backend.conversations.service import Incoming
from backend.conversations.tables import events
from backend.domain.enquiry import Contact
from backend.enquiries.service import NewEnquiry
from backend.errors import NotFound
from backend.storage.keys import KeyRing, Unreadable
from tests.integration.conftest import new_id

CANARY = "kanariefuglXYZZY"


async def a_full_conversation(house):
    cid, token, _ = await house.conversations.open("rodovre", "municipality")
    received = await house.conversations.receive(cid, Incoming(new_id(), text=f"jeg hedder {CANARY} og er ensom"))
    await house.turns.settle(cid, received.n)
    contact = Contact("email", f"{CANARY}@example.org", f"hej {CANARY}")
    await house.enquiries.save(cid, new_id(), NewEnquiry({"relation": "self"}, CANARY, CANARY, contact, "v1"))
    slots, _ = await house.appointments.search(cid, Window(), None, False, 1)
    card = await house.appointments.book(cid, new_id(), Booking(slots[0].id, nickname=CANARY))
    return cid, token, card


def bytes_at_rest(settings) -> bytes:
    from pathlib import Path

    path = Path(settings.database_url.partition(":///")[2])
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))


# hazard: H8 H12
async def test_no_word_of_the_guest_is_readable_in_the_files(house, settings):
    cid, token, card = await a_full_conversation(house)
    found = bytes_at_rest(settings)
    for secret in (CANARY, token, card["reference"], card["reference"].replace("-", "")):
        for encoded in (secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode()):
            assert encoded not in found


# hazard: H8
async def test_forgetting_destroys_the_key_the_words_and_the_appointment(house, settings, clock):
    cid, token, card = await a_full_conversation(house)
    slots, _ = await house.appointments.search((await house.conversations.open("rodovre", "municipality"))[0], Window(), None, False, 1)
    receipt = await house.forgetting.forget(cid)
    assert receipt["appointments_cancelled"] == 1
    with pytest.raises(NotFound):
        await house.conversations.events_after(cid, 0)
    async with house.storage.read() as tx:
        assert (await tx.execute(select(events).where(events.c.conversation_id == cid))).first() is None
    other, _, _ = await house.conversations.open("rodovre", "municipality")
    again, _ = await house.appointments.search(other, Window(), None, False, 1)
    assert again[0].starts_at.isoformat() == card["starts_at"]
    gc.collect()


# hazard: H16
async def test_forgetting_nothing_forgets_nobody(house):
    cid, _, _ = await a_full_conversation(house)
    for wrong in ("", "%", "0", "0" * 32, cid[:-1], cid + "0", "' OR 1=1 --"):
        with pytest.raises(NotFound):
            await house.forgetting.forget(wrong)
    conversation, found = await house.conversations.events_after(cid, 0)
    assert conversation.erased_at is None and found


# hazard: H16
async def test_idle_conversations_are_forgotten_and_those_with_an_enquiry_are_kept_longer(house, clock):
    kept, _, _ = await a_full_conversation(house)
    idle, _, _ = await house.conversations.open("rodovre", "municipality")
    clock.pass_by(hours=25)
    fresh, _, _ = await house.conversations.open("rodovre", "municipality")
    assert await house.forgetting.forget_idle() == 1
    await house.conversations.events_after(kept, 0)
    await house.conversations.events_after(fresh, 0)
    with pytest.raises(NotFound):
        await house.conversations.events_after(idle, 0)


async def test_a_ciphertext_is_bound_to_its_place_and_its_key(house):
    keys = KeyRing(b"m" * 32)
    key, wrapped = keys.new("a" * 32)
    sealed = key.seal({"text": CANARY}, "events:a:1")
    assert keys.unwrap(wrapped, "a" * 32).open(sealed, "events:a:1") == {"text": CANARY}
    for wrong in (
        lambda: key.open(sealed, "events:a:2"),
        lambda: keys.unwrap(wrapped, "b" * 32),
        lambda: KeyRing(b"n" * 32).unwrap(wrapped, "a" * 32),
        lambda: keys.unwrap(None, "a" * 32),
    ):
        with pytest.raises(Unreadable):
            wrong()
