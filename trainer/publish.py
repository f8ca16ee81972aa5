"""`make publish` and `make rollback`: which model guests meet from the next start on. A crisis regression stops it."""
from __future__ import annotations

import argparse
from pathlib import Path

from trainer import versions
from trainer.compare import Comparison, all_lines, as_danish, compare, compare_models, key_lines, read_with
from trainer.served_model import NoModel, usual_model
from trainer.wording import wording


class Refused(Exception):
    """The new model would miss danger. `comparison` says where."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__("crisis regression")
        self.comparison = comparison


def check_and_publish(new: Path, note: str = "", folder: Path = versions.MODELS) -> tuple[versions.Versions, Comparison]:
    """Compare with the live model and publish. Raises Refused; then the live model stays."""
    live = versions.live_path(folder)
    found = compare_models(live, new, all_lines()) if live and live != new else first_check(new)
    if not found.may_be_published:
        raise Refused(found)
    return versions.publish(new, note, folder), found


def first_check(new: Path) -> Comparison:
    """Nothing to compare with: the key lines alone decide."""
    lines = key_lines()
    said = read_with(new)([line.text for line in lines])
    return compare(lines, said, said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("publish", "rollback", "list"))
    parser.add_argument("--note", default="")
    options = parser.parse_args()
    say = wording("publish")
    return {"publish": _publish, "rollback": _rollback, "list": _list}[options.step](options, say)


def _publish(options: argparse.Namespace, say: dict[str, str]) -> int:
    try:
        new = usual_model()
        before = versions.read().live
        after, found = check_and_publish(new, options.note)
    except NoModel:
        print(wording("compare")["no_model"])
        return 1
    except Refused as refused:
        print(as_danish(refused.comparison, str(versions.read().live), new.name))
        print(say["refused"])
        return 1
    print(as_danish(found, str(before or say["none"]), new.name))
    print(say["again" if before == after.live else "done"].format(name=after.live))
    return 0


def _rollback(options: argparse.Namespace, say: dict[str, str]) -> int:
    try:
        print(say["rolled_back"].format(name=versions.rollback().live))
    except versions.NoEarlier:
        print(say["no_earlier"])
        return 1
    return 0


def _list(options: argparse.Namespace, say: dict[str, str]) -> int:
    kept = versions.read()
    for one in kept.history:
        print(say["live_row" if one.name == kept.live else "row"].format(name=one.name, at=one.at, note=one.note))
    if not kept.history:
        print(say["nothing"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
