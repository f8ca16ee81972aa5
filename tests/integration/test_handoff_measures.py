"""Numbers for operators: right, for every team, without a word or an id, and for the house's own programs only."""

import re

import aiohttp

from tests.integration.queue_parts import guest, host


async def scraped(house, **headers) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"{house.settings.public_url}/internal/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


def value(page: str, name: str, **labels: str) -> float:
    wanted = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return float(re.search(rf"^{name}\{{{re.escape(wanted)}\}} (\S+)$", page, re.MULTILINE)[1])


async def test_the_desks_in_numbers(server, clock):
    ours = {"municipality": "rodovre", "channel": "municipality"}
    token = {"authorization": f"Bearer {server.settings.service_token}"}
    maja = await host(server, "maja")
    first, second = await guest(server, "hej"), await guest(server)
    for cid in (first, second):
        await server.handoffs.request(cid)
    await server.handoffs.claim(first, maja)
    await guest(server, "jeg har taget alle pillerne nu")
    clock.pass_by(seconds=40)
    status, page = await scraped(server, **token)
    assert status == 200
    assert value(page, "indgang_queue_waiting", **ours) == 1 and value(page, "indgang_chats_with_host", **ours) == 1
    assert value(page, "indgang_queue_longest_wait_seconds", **ours) == 40
    assert value(page, "indgang_hosts_present", **ours) == 1 and value(page, "indgang_alarms_unanswered", **ours) == 1
    assert value(page, "indgang_conversations", **ours, state="with_bot") == 1
    assert value(page, "indgang_handoffs_last_day", **ours, outcome="open") == 2
    assert value(page, "indgang_queue_waiting", municipality="ballerup", channel="municipality") == 0
    assert first not in page and "hej" not in page and "Maja" not in page and maja.id not in page


async def test_every_line_is_in_the_format_prometheus_reads(server):
    _, page = await scraped(server, **{"x-service-token": server.settings.service_token})
    sample = re.compile(r'[a-z_]+\{([a-z]+="[^"\\\n]*",?)*\} -?[0-9.e+]+')
    for line in page.rstrip("\n").split("\n"):
        assert line.startswith(("# HELP ", "# TYPE ")) or sample.fullmatch(line), line


async def test_nobody_else_may_read_them(server):
    assert (await scraped(server))[0] == 401
    assert (await scraped(server, authorization="Bearer guessed"))[0] == 401
