"""`make assess IN=messages.jsonl OUT=out.jsonl`: how the house reads each message, by the code that serves guests.

A line in is `{"id"?, "text"}`, a line out `{id, text, risk, goal, topic, relation, about, confidence, ranking, entities}`;
without an id its line number stands there. A bad line is reported by number and left out; blank lines are passed over.
Prints no message. Exit status 0 when the file was read to its end, 1 when it could not be.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.safety.screen import Screen
from trainer.reading import Assessed, Reader
from trainer.served_model import NoModel, load_agent, usual_model
from trainer.wording import wording

SHOWN_EVERY = 100


@dataclass(frozen=True)
class Asked:
    """One message to read."""

    line: int
    id: str | int | float
    text: str


@dataclass(frozen=True)
class Bad:
    """`reason` is a key of the wording."""

    line: int
    reason: str


class Unusable(Exception):
    """A file that cannot be read or written; the text says which."""


def read_lines(content: bytes) -> Iterator[Asked | Bad]:
    """One for each line that is not blank, in order."""
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if raw.strip():
            yield _read_line(number, raw)


def _read_line(number: int, raw: bytes) -> Asked | Bad:
    try:
        row = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Bad(number, "not_utf8")
    except (ValueError, RecursionError):
        return Bad(number, "not_json")
    reason = _wrong_with(row)
    if reason:
        return Bad(number, reason)
    return Asked(number, number if row.get("id") is None else row["id"], row["text"])


def _wrong_with(row: object) -> str | None:
    if not isinstance(row, dict):
        return "not_object"
    if "text" not in row:
        return "no_text"
    text, name = row["text"], row.get("id")
    if not isinstance(text, str):
        return "text_not_string"
    if not text.strip():
        return "text_empty"
    if isinstance(name, bool) or not isinstance(name, (str, int, float, type(None))):
        return "id_not_simple"
    return None if _writable(f"{name}{text}") else "text_not_unicode"


def _writable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


async def assess(
    lines: Iterable[Asked | Bad], read: Callable[[str], Awaitable[Assessed]],
    write: Callable[[str], object], report: Callable[[Bad], object], progress: Callable[[int], object] = lambda done: None,
) -> tuple[int, int]:
    """Read the good lines, write one JSON line for each, report the others → (read, skipped)."""  # fmt: skip
    done = skipped = 0
    for one in lines:
        said = one if isinstance(one, Bad) else await _answer(one, read)
        if isinstance(said, Bad):
            skipped += 1
            report(said)
            continue
        write(said)
        done += 1
        progress(done)
    return done, skipped


async def _answer(one: Asked, read: Callable[[str], Awaitable[Assessed]]) -> str | Bad:
    try:
        said = await read(one.text)
    except Exception:  # one message must not cost the others their answer
        return Bad(one.line, "failed")
    return json.dumps({"id": one.id, **said.as_json()}, ensure_ascii=False) + "\n"


def assess_lines(lines: Sequence[Asked | Bad], target: Path, reader: Reader, say: Callable[[str], object]) -> tuple[int, int]:
    """Write the answers to `target` → (read, skipped). Raises Unusable."""
    bar = _Bar(sum(isinstance(one, Asked) for one in lines))
    try:
        out = target.open("w", encoding="utf-8", newline="\n")
    except OSError:
        raise Unusable(wording("assess")["no_folder"].format(file=target)) from None
    with out:
        return asyncio.run(assess(lines, reader.read, out.write, lambda bad: say(in_danish(bad)), bar.show))


def in_danish(bad: Bad) -> str:
    words = wording("assess")
    return words["bad_line"].format(line=bad.line, reason=words[bad.reason])


def lines_of(source: Path) -> list[Asked | Bad]:
    """Raises Unusable."""
    try:
        return list(read_lines(source.read_bytes()))
    except OSError:
        raise Unusable(wording("assess")["no_file"].format(file=source)) from None


class _Bar:
    """Counts on one line of a terminal; silent elsewhere."""

    def __init__(self, every: int) -> None:
        self._all, self._shown = every, sys.stderr.isatty()

    def show(self, done: int) -> None:
        if self._shown and (done % SHOWN_EVERY == 0 or done == self._all):
            print(
                "\r  " + wording("assess")["progress"].format(done=done, all=self._all), end="" if done < self._all else "\n",
                file=sys.stderr, flush=True,
            )  # fmt: skip


def open_reader(model: Path | None = None) -> Reader:
    """The screen and the pipeline guests meet. Raises NoModel."""
    return Reader(load_agent(model or usual_model()), Screen.load())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", type=Path)
    parser.add_argument("target", nargs="?", type=Path)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    words = wording("assess")
    try:
        if not (options.source and options.target):
            raise Unusable(words["usage"])
        print(_run(options.source, options.target, options.model))
    except (Unusable, NoModel) as problem:
        print(words["no_model"] if isinstance(problem, NoModel) else problem, file=sys.stderr)
        return 1
    return 0


def _run(source: Path, target: Path, model: Path | None) -> str:
    started, lines = time.monotonic(), lines_of(source)
    read, skipped = assess_lines(lines, target, open_reader(model), lambda text: print(text, file=sys.stderr))
    seconds = round(time.monotonic() - started)
    return wording("assess")["done"].format(read=read, seconds=seconds, skipped=skipped, file=target)


if __name__ == "__main__":
    raise SystemExit(main())
