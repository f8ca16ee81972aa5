"""The floors of the house: imports point downwards, and bot and backend never meet but over HTTP."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    {"errors"},
    {"settings", "domain"},
    {"safety", "edge", "contact"},
    {"catalogue", "rasa", "storage"},
    {"conversations"},
    {"appointments", "enquiries", "hosts", "guidance", "feedback", "door_cards"},
    {"handoffs"},
    {"jobs", "console", "openapi", "overview"},
    {"pages"},
    {"app"},
    {"__main__", "backup"},
]
TABLES_MAY_MEET = {"appointments": {"hosts"}, "storage": set()}
DOMAIN_MAY_IMPORT = {"backend", "dateutil", "__future__"}


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def imports(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node.lineno))
        elif isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
    return found


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def floor(room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("path", modules("backend"), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downwards(path):
    own = path.relative_to(ROOT / "backend").parts[0].removesuffix(".py")
    if path.name == "tables.py" and own == "storage" or own == "__init__":
        return  # the one list of all tables, for migrations
    for module, line in imports(path):
        if module.split(".")[0] != "backend" or not room_of(module):
            continue
        other = room_of(module)
        allowed = other == own or floor(other) < floor(own) or other in TABLES_MAY_MEET.get(own, ())
        allowed = allowed or path.name in ("seed.py", "migrate.py")
        assert allowed, f"{path.name}:{line} ({own}) imports {module}"


def test_bot_and_backend_never_import_each_other():
    for package, other in (("bot", "backend"), ("backend", "bot")):
        for path in modules(package):
            assert not [m for m, _ in imports(path) if m.split(".")[0] == other], path


def test_domain_is_pure():
    import sys

    for path in modules("backend/domain"):
        for module, line in imports(path):
            root = module.split(".")[0]
            assert root in DOMAIN_MAY_IMPORT or root in sys.stdlib_module_names, f"{path.name}:{line} imports {module}"
            assert not module.startswith("backend.") or room_of(module) in ("domain", "errors"), f"{path.name}:{line}"


def test_nobody_imports_the_composition_root():
    for path in modules("backend"):
        if path.name != "__main__.py":
            assert "backend.app" not in [m for m, _ in imports(path)], path


def test_only_the_adapter_knows_rasa_and_only_the_client_knows_the_backend():
    for path in modules("backend"):
        text = path.read_text(encoding="utf-8")
        if path.parent.name != "rasa":
            assert "webhooks/" not in text, path
    for path in modules("bot/actions"):
        uses_http = [m for m, _ in imports(path) if m.split(".")[0] in ("aiohttp", "requests", "urllib", "httpx")]
        assert not uses_http or path.name == "backend_client.py", path


@pytest.mark.parametrize("package", ["backend", "bot/actions", "bot/components"])
def test_no_danish_sentence_stands_in_logic(package):
    """Words for people live in data. Errors told at the edge are the exception: they are the interface."""
    import re

    sentence = re.compile(r"[a-zæøå]+ [a-zæøå]+ [a-zæøå]*[æøå].*[.!?]$", re.IGNORECASE | re.DOTALL)
    allowed = {"errors.py", "edge.py", "settings.py"}
    for path in modules(package):
        if path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and sentence.search(node.value):
                told = _is_error_text(path, node.lineno) or _is_docstring(path, node)
                assert told, f"{path.relative_to(ROOT)}:{node.lineno}: {node.value[:60]!r}"


def _is_error_text(path: Path, line: int) -> bool:
    around = path.read_text(encoding="utf-8").splitlines()[max(0, line - 4) : line]
    return any(word in text for text in around for word in ("message =", "code, message", "BadInput(", "NotAllowed(", "NotSignedIn(", "Busy(", "NotFound(", "Unavailable(", "sys.exit("))


def _is_docstring(path: Path, node: ast.Constant) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return any(ast.get_docstring(n, clean=False) == node.value for n in ast.walk(tree) if isinstance(n, holders))
