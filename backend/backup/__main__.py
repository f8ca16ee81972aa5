"""`python -m backend.backup make [FOLDER]` and `restore FILE`: a copy of the database, and the way back. Restore with the processes stopped."""

import sys
from pathlib import Path

import yaml

from backend.app import build_house
from backend.backup.copies import FOLDER, NotPossible, make, restore
from backend.settings import BadSettings, load_settings

WORDS = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))


def main(arguments: list[str]) -> None:
    try:
        settings = load_settings()
        if arguments[:1] == ["make"]:
            print(make(settings, Path(arguments[1]) if len(arguments) > 1 else FOLDER))
        elif arguments[:1] == ["restore"] and len(arguments) == 2:
            print(WORDS["put_back"].format(count=restore(settings, Path(arguments[1]), build_house)))
        else:
            sys.exit(__doc__)
    except NotPossible as error:
        sys.exit(WORDS[error.why].format(**error.values))
    except BadSettings as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
