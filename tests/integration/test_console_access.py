"""Who may do what in the console: role × route × object, made from the routes themselves."""

import pytest

from backend.console.routes import TABLE
from backend.hosts.roles import RIGHTS, may
from tests.integration.conftest import new_id
from tests.integration.console_client import ConsoleClient
from tests.integration.queue_parts import guest, host

HOSTS = {"maja": "host", "jonas": "host", "nora": "host", "karen": "coordinator", "kirsten": "coordinator", "tove": "trainer", "admin": "administrator"}
BODIES = {
    "say": {"client_id": "abcdefgh12", "text": "hej"},
    "send_card": {"client_id": "abcdefgh34", "kind": "crisis"},
    "write_note": {"text": "note"},
    "move_enquiry": {"status": "in_progress"},
    "invite": {"host": "0" * 32},
    "write_down": {"act": "talked"},
    "presence": {},
    "add_host": {"username": "ny", "password": "kort", "alias": "Ny", "municipality": "rodovre", "channels": ["municipality"]},
}
OURS = "rodovre", "municipality"
REFUSED, MISSING = 403, 404


def concrete(route, ids: dict[str, str]) -> str:
    for name in ("conversation", "enquiry", "host"):
        route = route.replace(f"<{name}_id:str>", ids[name])
    return route


async def call(client: ConsoleClient, route, ids) -> int:
    path = concrete(route.path, ids)
    if route.changes:
        return (await client.post(path, BODIES.get(route.handler, {})))[0]
    return (await client.get(path, allow_redirects=False))[0]


async def objects(house) -> dict[str, str]:
    """A chat, an enquiry and a host of Rødovre's municipal team."""
    from backend.domain.enquiry import Contact
    from backend.enquiries.service import NewEnquiry

    maja = await host(house, "maja")
    cid = await guest(house)
    await house.handoffs.request(cid)
    await house.handoffs.claim(cid, maja)
    await house.enquiries.save(cid, new_id(), NewEnquiry({}, "ønske", "hemmeligt", Contact("none", None, None), "v1"))
    enquiry = (await house.enquiries.of_municipality("rodovre"))[0]["id"]
    return {"conversation": cid, "enquiry": enquiry, "host": (await host(house, "amir")).id}


@pytest.mark.parametrize("username,role", HOSTS.items())
async def test_every_route_for_every_role(server, username, role):
    """Without the right: refused. With it, but another team's object: it does not exist. Own objects: never refused for the role."""
    ids = await objects(server)
    same_team = username in ("maja", "karen")
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in(username)
        for route in (r for r in TABLE if r.needs and r.handler not in ("lock", "front")):
            status = await call(client, route, ids)
            where = (username, route.method, route.path, status)
            if not may(role, route.needs):
                assert status == REFUSED, where
            elif route.about == "host" and role == "administrator":
                assert status == 200, where
            elif route.about and not same_team:
                assert status == MISSING, where
            elif route.about is None:
                assert status in (200, 201, 422), where


async def test_without_a_session_there_is_only_the_door(server):
    ids = await objects(server)
    async with ConsoleClient(server.settings.public_url) as client:
        for route in TABLE:
            if route.needs:
                status = await call(client, route, ids)
                assert status == (401 if route.changes or "/fragments/" in route.path else 303), (route.path, status)


async def test_every_change_needs_the_pages_own_token_and_origin(server):
    ids = await objects(server)
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("karen")
        for route in (r for r in TABLE if r.needs and r.changes):
            path, body = concrete(route.path, ids), BODIES.get(route.handler, {})
            assert (await client.post(path, body, csrf="made up"))[0] == REFUSED, path
            assert (await client.post(path, body, csrf=""))[0] == REFUSED, path
            assert (await client.post(path, body, origin="https://evil.example"))[0] == REFUSED, path


# hazard: H7
async def test_a_colleague_without_an_invitation_cannot_read_along(server):
    ids = await objects(server)
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("amir")
        for end in ("", "/log", "/side"):
            assert (await client.get(f"/fragments/conversations/{ids['conversation']}{end}"))[0] == MISSING


# hazard: H7
async def test_lists_show_only_the_own_team(server):
    await objects(server)
    for username in ("jonas", "nora"):
        async with ConsoleClient(server.settings.public_url) as client:
            await client.sign_in(username)
            for page in ("/enquiries?only=all", "/fragments/queue", "/appointments"):
                status, text = await client.get(page)
                assert status == 200 and "hemmeligt" not in text and "Maja" not in text


def test_every_route_but_the_door_names_a_right_that_exists():
    known = set().union(*RIGHTS.values())
    assert all(route.needs in known for route in TABLE if route.handler not in (
        "login", "sign_in", "oidc_begin", "oidc_callback", "code_page", "confirm_code", "locked_page", "unlock", "sign_out", "static"
    ))  # fmt: skip


async def test_a_coordinator_runs_the_own_team_and_nobody_elses(server):
    new = {"username": "ny.vaert", "password": "en-lang-adgangskode", "alias": "Ny", "municipality": "rodovre", "channels": ["municipality"]}
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("karen")
        assert (await client.post("/staff", new))[0] == 201
        assert (await client.post("/staff", new))[0] == 409
        for wrong in ({"municipality": "ballerup"}, {"channels": ["headspace"]}, {"role": "administrator"}, {"role": "coordinator"}):
            assert (await client.post("/staff", new | {"username": "andet"} | wrong))[0] == REFUSED, wrong
        _, page = await client.get("/staff")
        assert "Ny" in page and "Jonas" not in page and "argon2" not in page
        for username in ("jonas", "nora", "admin", "tove"):
            other = (await host(server, username)).id
            assert (await client.post(f"/staff/{other}/dismiss"))[0] == MISSING
