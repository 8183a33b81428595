"""The house keeps its shape: rooms import in one direction, files stay small, and nothing is left lying about."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import analysis

HOME = Path(analysis.__file__).parent
FILES = sorted(HOME.rglob("*.py"))
GROUND = {"text", "errors", "project", "estimate"}
MAY_IMPORT = {
    "registry": GROUND,
    "careers": GROUND | {"registry"},
    "effects": GROUND | {"registry", "careers"},
    "targets": GROUND | {"registry", "careers"},
    "publishing": GROUND | {"registry", "careers", "effects", "targets"},
    "cli": GROUND | {"registry", "careers", "effects", "targets", "publishing", "__version__"},
    "text": set(),
    "errors": {"text"},
    "project": {"text", "errors"},
    "estimate": {"text", "errors", "project"},
    "__init__": {"threads"},
    "threads": set(),
    "__main__": {"cli"},
}
LATE = {("estimate", "publishing")}  # what an Estimate shows of itself in a notebook: plot, sentence, HTML


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(HOME)))


def room_of(path: Path) -> str:
    inner = path.relative_to(HOME)
    return inner.parts[0] if len(inner.parts) > 1 else inner.stem


def imported_rooms(path: Path) -> set[str]:
    """Rooms and ground modules that a file imports, wherever in it."""
    rooms = set()
    package = ["analysis", *path.relative_to(HOME).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            rooms |= {base[1]} if len(base) > 1 else {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            parts = node.module.split(".")
            rooms |= {parts[1]} if len(parts) > 1 else {name.name for name in node.names}
        elif isinstance(node, ast.Import):
            rooms |= {name.name.split(".")[1] for name in node.names if name.name.startswith("analysis.")}
    return rooms


@each(FILES)
def test_rooms_import_in_one_direction(path):
    """registry -> careers -> effects, targets -> publishing -> cli: a room knows nothing of the rooms above it."""
    room = room_of(path)
    allowed = MAY_IMPORT[room] | {room} | {above for name, above in LATE if name == room}
    assert imported_rooms(path) <= allowed


@each(FILES)
def test_files_stay_small(path):
    """One concept a file, at most 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@each([path for path in FILES if path.name == "__init__.py"])
def test_doors_hold_no_logic(path):
    """An `__init__` is a docstring, imports, `__all__` and a version: nothing happens on the way in."""
    for place, node in enumerate(ast.parse(path.read_text(encoding="utf-8")).body):
        said = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and place == 0
        listed = isinstance(node, ast.Assign) and node.targets[0].id in ("__all__", "__version__")
        assert said or listed or isinstance(node, ast.Import | ast.ImportFrom), ast.unparse(node)


@each(FILES)
def test_nothing_is_printed_or_left_to_do(path):
    """The package speaks through errors and click.echo only, and unfinished work is an issue, not a comment."""
    text = path.read_text(encoding="utf-8")
    calls = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert "print" not in {call.func.id for call in calls}
    assert not any(mark in text for mark in ("TODO", "FIXME", "XXX"))


def test_late_imports_are_the_named_ones():
    """Only estimate.py reaches up, by late imports; a module-level one would close a circle."""
    path = HOME / "estimate.py"
    top = {node.module for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)}
    assert "publishing" not in top and "publishing" in imported_rooms(path)
