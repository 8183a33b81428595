"""Parameters of notebooks: declared in the tagged cell, checked before any kernel starts and again in the notebook."""

from __future__ import annotations

import ast
import datetime
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from analysis import project
from analysis.errors import PublishingError
from analysis.reference import targets
from analysis.words import Message

TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
}


@functools.cache
def read_plan() -> dict[str, Any]:
    """Read plan.yml."""
    path = project.root() / "plan.yml"
    try:
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as broken:
        line = getattr(getattr(broken, "problem_mark", None), "line", 0) + 1
        raise PublishingError("plan.yml is no valid YAML near line {line}. Correct it.", line=line) from None
    missing = [key for key in ("site", "parameters", "groups", "runs") if key not in (plan or {})]
    if missing:
        raise PublishingError("plan.yml lacks {missing}. Add them.", missing=missing)
    if "target" in plan["parameters"]:
        plan["parameters"]["target"]["values"] += targets()
    return plan


def notebook_path(name: str) -> Path:
    """Find a notebook of the project by its stem; raises PublishingError with the list of those there are."""
    path = project.root() / "notebooks" / f"{name}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.ipynb")))
        raise PublishingError("There is no notebook {name!r} in notebooks/; there are {known}.", name=name, known=known)
    return path


@functools.cache
def declared(name: str) -> dict[str, tuple[str, Any]]:
    """Read the `parameters` cell of a notebook: {name: (type, default)}; literals with annotations only."""
    tagged = [cell.source for cell in read_cells(name) if "parameters" in cell.tags]
    if len(tagged) != 1:
        raise PublishingError(
            "Notebook {name} has {count} cells tagged 'parameters'; it needs exactly one.", name=name, count=len(tagged)
        )
    rules, place = {}, None
    try:
        for line in ast.parse(tagged[0]).body:
            place = line.lineno
            match line:
                case ast.AnnAssign(
                    target=ast.Name(id=key), annotation=ast.Name(id=kind), value=ast.expr() as literal
                ) if kind in TYPES:
                    rules[key] = kind, ast.literal_eval(literal)
                case _:
                    raise ValueError(line)
    except (SyntaxError, ValueError, TypeError) as broken:
        raise PublishingError(
            "Notebook {name}: line {line} of the parameters cell is not `name: type = literal`, type one of {kinds}.",
            name=name,
            line=getattr(broken, "lineno", place),
            kinds=", ".join(TYPES),
        ) from None
    return rules


class Cell(NamedTuple):
    """A cell of a notebook: `kind` is code or markdown."""

    id: str
    kind: str
    source: str
    tags: tuple[str, ...]


def read_cells(name: str) -> list[Cell]:
    """Read the cells of a notebook as JSON: every kernel does, and nbformat's validator takes two seconds to import."""
    try:
        cells = json.loads(notebook_path(name).read_text(encoding="utf-8"))["cells"]
        return [
            Cell(
                cell.get("id", ""), cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", ()))
            )
            for cell in cells
        ]
    except (ValueError, TypeError, AttributeError, KeyError):
        raise PublishingError("notebooks/{name}.ipynb is no valid notebook. Restore it.", name=name) from None


def check_parameters(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the notebook's parameters with these values, checked; used as the first step inside the notebook.

    `given` may hold more (a notebook passes its globals). Raises PublishingError that lists every parameter that
    is missing, of the wrong type or out of range, with what is allowed.
    """
    rules = declared(name)
    faults = [
        _fault(key, kind, given[key]) if key in given else Message("{name}: missing", name=key)
        for key, (kind, _) in rules.items()
    ]
    faults = [fault for fault in faults if fault]
    if faults:
        raise PublishingError("Parameters of {notebook} are wrong:{faults:lines}", notebook=name, faults=faults)
    return {key: given[key] for key in rules}


def fill_parameters(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give every parameter of a notebook, `values` over its defaults; unknown names are refused."""
    rules = declared(name)
    unknown = [key for key in values if key not in rules]
    if unknown:
        raise PublishingError(
            "{name} has no parameter {unknown}; it has {rules}.",
            name=name,
            unknown=", ".join(map(repr, unknown)),
            rules=", ".join(rules),
        )
    return check_parameters(name, {key: default for key, (_, default) in rules.items()} | dict(values))


def from_text(name: str, key: str, text: str) -> Any:
    """Turn a value from the command line into the parameter's type; what does not fit stays text, to be refused."""
    kind = declared(name).get(key, ("str", None))[0]
    if kind == "str":
        return text
    try:
        return ast.literal_eval(text.capitalize() if kind == "bool" else text)
    except (ValueError, SyntaxError):
        return text


def _fault(key: str, kind: str, value: Any) -> Message | None:
    """Say what is wrong with a value, or nothing."""
    seen = {"name": key, "value": value}
    if not isinstance(value, TYPES[kind]) or (kind in ("int", "float") and isinstance(value, bool)):
        return Message("{name}: {value!r} is not of type {kind}", **seen, kind=kind)
    rule = read_plan()["parameters"].get(key, {})
    if "values" in rule and value not in rule["values"]:
        return Message("{name}: {value!r} is not one of {allowed}", **seen, allowed=", ".join(map(str, rule["values"])))
    if rule.get("date") and not _is_day(value):
        return Message("{name}: {value!r} is not a day as YYYY-MM-DD", **seen)
    low, high = rule.get("least"), rule.get("most")
    if (low is not None and value < low) or (high is not None and value > high):
        return Message("{name}: {value!r} is outside {low} to {high}", **seen, low=low, high=high)
    return None


def _is_day(value: Any) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
