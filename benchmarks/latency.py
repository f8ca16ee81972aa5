"""Message → reply through the public interface against the same Rasa's own REST channel, interleaved in one run.

    .venv/bin/python -m benchmarks.latency [--rounds 120] [--config config.yml]

Prints p50 and p95 in milliseconds, what our part costs, memory of each process, and how the 300th turn compares.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.support.guest import Guest
from tests.support.stack import ROOT, Stack, new_stack

MESSAGES = (
    "hej",
    "jeg er ked af det hele tiden",
    "17",
    "jeg bor i rødovre",
    "er det gratis",
    "skal mine forældre vide det",
    "hvad har I åbent i weekenden",
    "min søn på 15 bliver mobbet i skolen",
    "findes der en gruppe for forældre",
    "er du en robot",
    "jeg kan ikke sove om natten og har ondt i maven",
    "tak for hjælpen",
)
CREDENTIALS = "bot.components.channel.IndgangInput:\nrest:\n"


class BenchStack(Stack):
    """The same stack, with Rasa's own REST channel switched on beside ours."""

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        return [*command, "--credentials", str(self.folder / "credentials.yml")] if name == "rasa" else command


def started(folder: Path) -> BenchStack:
    (folder / "credentials.yml").write_text(CREDENTIALS)
    plain = new_stack(folder, INDGANG_QUESTIONS_PER_MINUTE="100000")
    stack = BenchStack(plain.folder, plain.ports, plain.token, plain.env)
    stack.start_all()
    return stack


async def through_us(guest: Guest, text: str) -> float:
    began = time.perf_counter()
    await guest.say(text)
    return (time.perf_counter() - began) * 1000


async def straight(session: aiohttp.ClientSession, url: str, sender: str, text: str) -> float:
    body = {"sender": sender, "message": text, "metadata": {"municipality": "rodovre", "channel": "municipality"}}
    began = time.perf_counter()
    async with session.post(url, json=body) as answer:
        await answer.json()
    return (time.perf_counter() - began) * 1000


def line(name: str, times: list[float]) -> str:
    times = sorted(times)
    return f"  {name:<34}{statistics.median(times):>8.1f}{times[int(len(times) * 0.95)]:>8.1f}{len(times):>8}"


def memory_mb(pid: int) -> float:
    fields = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in row)
    return int(fields["VmRSS"].split()[0]) / 1024


async def measure(stack: BenchStack, rounds: int) -> None:
    rest = f"http://127.0.0.1:{stack.ports['rasa']}/webhooks/rest/webhook"
    ours, theirs = [], []
    async with aiohttp.ClientSession(stack.url) as session, aiohttp.ClientSession() as direct:
        for start in range(0, rounds, len(MESSAGES)):
            guest = await Guest.arrive(session)
            mirror = await Guest.arrive(session)  # a real conversation id, so that the actions find it
            for text in MESSAGES:
                mine, rasa = await through_us(guest, text), await straight(direct, rest, f"{mirror.id}.1", text)
                if start:  # the first conversation warms up
                    ours.append(mine)
                    theirs.append(rasa)
        print(f"\n  {'ms per message':<34}{'p50':>8}{'p95':>8}{'n':>8}")
        print(line("public interface", ours))
        print(line("the same Rasa's REST channel", theirs))
        print(f"  our part at the median: {statistics.median(ours) - statistics.median(theirs):.1f} ms (goal: at most 25)")
        await long_conversation(session)
    print(f"\n  {'memory':<34}{'MB':>8}")
    for name, process in stack.processes.items():
        print(f"  {name:<34}{memory_mb(process.pid):>8.0f}")


async def long_conversation(session: aiohttp.ClientSession) -> None:
    guest = await Guest.arrive(session)
    times = []
    for turn in range(300):
        times.append(await through_us(guest, MESSAGES[turn % len(MESSAGES)]))
        await asyncio.sleep(0)
    early, late = statistics.median(times[12:36]), statistics.median(times[-24:])
    print(f"  turn 300 against turn 24 (medians): {late:.1f} / {early:.1f} ms = {late / early:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=132)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = started(Path(folder))
        try:
            asyncio.run(measure(stack, arguments.rounds))
        finally:
            stack.stop()
    print(f"\n  {ROOT.name}: one run, client and all processes on the same processors")


if __name__ == "__main__":
    main()
