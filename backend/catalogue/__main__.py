"""`python -m backend.catalogue check [--production] [--root DIR] [--today DATE] [--days N]`: prints in Danish, 1 on errors."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from backend.catalogue.calendar import COPENHAGEN
from backend.catalogue.check import WARN_DAYS, check, report_lines
from backend.catalogue.problems import message

DEFAULT_ROOT = Path(__file__).resolve().parent.parent.parent / "municipalities"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    today = options.today or datetime.now(COPENHAGEN).date()
    findings, catalogue = check(options.root, today, options.days)
    print("\n".join(report_lines(findings, catalogue, options.root.name, today, options.days)))
    if options.production and findings.refuses_production():
        print(message("production_refused"))
        return 1
    return 1 if findings.errors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.catalogue")
    parser.add_argument("command", choices=["check"])
    parser.add_argument("--production", action="store_true")
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT)
    parser.add_argument("--today", type=date.fromisoformat)
    parser.add_argument("--days", type=int, default=WARN_DAYS, help="how far ahead to look for what runs out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
