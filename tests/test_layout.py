"""The house keeps its shape: imports go one way, files and folders stay small, and nothing is left lying about."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import analysis

HOME = Path(analysis.__file__).parent
TESTS = Path(__file__).parent
FILES = sorted(HOME.rglob("*.py"))
ROOMS = (
    {"threads", "project"}, {"words"}, {"errors"}, {"reference"}, {"estimate", "translate", "standards"}, {"results", "shrinkage"},
    {"registry", "survival"}, {"careers", "synthetic"}, {"effects"},
    {"targets"}, {"placement", "equity"}, {"variation"}, {"publishing"}, {"cli"}, {"__main__"},
)  # fmt: skip
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in rooms}
CROSSING = {"golden", "helpers", "published", "site"}  # tests that cut across rooms
LATE = {"cli"}  # the command line loads a room when it is asked for


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(HOME)))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(HOME.parent).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


MODULES = {name_of(path): path for path in FILES}


def imports(path: Path, late: bool | None = None) -> set[str]:
    """Modules of the package that a file imports: at the top, late, or both."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if late is not None and (node in tree.body) == late:
            continue
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: write imports of the package from its root"
            found |= {
                f"{node.module}.{one.name}" if f"{node.module}.{one.name}" in MODULES else node.module
                for one in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {one for one in found if one.split(".")[0] == "analysis"}


@each(FILES)
def test_rooms_import_in_one_direction(path):
    """A room knows nothing of the rooms above it or beside it, late imports counted."""
    room = room_of(name_of(path))
    above = {
        one
        for one in imports(path)
        if room_of(one) not in (room, "__init__") and RANK[room_of(one)] >= RANK.get(room, 99)
    }
    assert not {one for one in above if room not in LATE}


def test_no_two_modules_need_each_other():
    """The graph of all modules has no circle: any file can be read knowing only what stands below it."""
    graph = {name: imports(path, late=False) for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


@each(FILES)
def test_the_package_is_imported_at_the_top(path):
    """A late import hides a circle or a room above."""
    if room_of(name_of(path)) not in LATE:
        assert not imports(path, late=True)


@each([path for path in FILES if path.name != "__init__.py"])
def test_doors_are_for_other_rooms(path):
    """A file never imports the `__init__` of a folder it is in: that would be a circle through the door."""
    name = name_of(path)
    doors = {one for one in imports(path) if one != "analysis" and name.startswith(f"{one}.")}
    assert not doors


@each(FILES)
def test_files_stay_small(path):
    """One concept a file, at most 300 lines of at most 120 columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300


@each(sorted({path.parent for path in FILES}))
def test_folders_stay_small(path):
    """About fifteen files a folder, so that one look says where a thing is."""
    assert len(list(path.glob("*.py"))) <= 16


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


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_tests_mirror_the_rooms(path):
    """`tests/effects/trials/test_censoring.py` tests `effects/trials/censoring.py`; what cuts across has folders of its own."""
    place = path.relative_to(TESTS)
    if place.parts[0] not in CROSSING and len(place.parts) > 1:
        tested = HOME / place.parent / path.name.removeprefix("test_")
        assert tested.is_file() or tested.with_suffix("").is_dir() or place.stem == "test_properties", (
            f"there is no {tested}"
        )
