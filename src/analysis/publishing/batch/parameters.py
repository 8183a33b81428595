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

TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}


@functools.cache
def read_plan() -> dict[str, Any]:
    """Read plan.yml."""
    path = project.root() / "plan.yml"
    try:
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as broken:
        line = getattr(getattr(broken, "problem_mark", None), "line", 0) + 1
        raise PublishingError(
            en=f"plan.yml is no valid YAML near line {line}. Correct it.",
            vi=f"plan.yml không đúng YAML, gần dòng {line}. Hãy sửa lại.",
        ) from None
    missing = [key for key in ("site", "parameters", "groups", "runs") if key not in (plan or {})]
    if missing:
        raise PublishingError(en=f"plan.yml lacks {missing}. Add them.", vi=f"plan.yml thiếu {missing}. Hãy bổ sung.")
    return plan


def notebook_path(name: str) -> Path:
    """Find a notebook of the project by its stem; raises PublishingError with the list of those there are."""
    path = project.root() / "notebooks" / f"{name}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.ipynb")))
        raise PublishingError(
            en=f"There is no notebook {name!r} in notebooks/; there are {known}.",
            vi=f"Không có notebook {name!r} trong notebooks/; hiện có {known}.",
        )
    return path


@functools.cache
def declared(name: str) -> dict[str, tuple[str, Any]]:
    """Read the `parameters` cell of a notebook: {name: (type, default)}; literals with annotations only."""
    cells = read_cells(name)
    tagged = [cell for cell in cells if "parameters" in cell.tags]
    if len(tagged) != 1:
        raise PublishingError(
            en=f"Notebook {name} has {len(tagged)} cells tagged 'parameters'; it needs exactly one.",
            vi=f"Notebook {name} có {len(tagged)} ô gắn thẻ 'parameters'; cần đúng một ô.",
        )
    try:
        lines = ast.parse(tagged[0].source).body
    except SyntaxError as broken:
        raise _no_literal(name, broken.lineno) from None
    return dict(_read_line(name, line) for line in lines)


def _read_line(name: str, line: ast.stmt) -> tuple[str, tuple[str, Any]]:
    try:
        key, kind, value = line.target.id, line.annotation.id, ast.literal_eval(line.value)
    except (AttributeError, ValueError, TypeError):
        raise _no_literal(name, line.lineno) from None
    if kind not in TYPES:
        raise _no_literal(name, line.lineno)
    return key, (kind, value)


def _no_literal(name: str, line: int | None) -> PublishingError:
    kinds = ", ".join(TYPES)
    return PublishingError(
        en=f"Notebook {name}: line {line} of the parameters cell is not `name: type = literal`, type one of {kinds}.",
        vi=f"Notebook {name}: dòng {line} của ô tham số không có dạng `tên: kiểu = giá trị`, kiểu là một trong {kinds}.",
    )


class Cell(NamedTuple):
    """A cell of a notebook: `kind` is code or markdown."""

    kind: str
    source: str
    tags: tuple[str, ...]


def read_cells(name: str) -> list[Cell]:
    """Read the cells of a notebook as JSON: every kernel does, and nbformat's validator alone takes two seconds to import."""
    try:
        cells = json.loads(notebook_path(name).read_text(encoding="utf-8"))["cells"]
        return [
            Cell(cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", ()))) for cell in cells
        ]
    except (ValueError, TypeError, AttributeError, KeyError):
        raise PublishingError(
            en=f"notebooks/{name}.ipynb is no valid notebook. Restore it.",
            vi=f"notebooks/{name}.ipynb không phải notebook đúng. Hãy khôi phục.",
        ) from None


def check_parameters(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the notebook's parameters with these values, checked; used as the first step inside the notebook.

    `given` may hold more (a notebook passes its globals). Raises PublishingError that lists every parameter that
    is missing, of the wrong type or out of range, with what is allowed.
    """
    rules = declared(name)
    missing = [key for key in rules if key not in given]
    faults = [(f"{key}: missing", f"{key}: bị thiếu") for key in missing]
    for key, (kind, _) in rules.items():
        if key not in missing:
            faults += _faults(key, kind, given[key])
    if faults:
        raise PublishingError(
            en=f"Parameters of {name} are wrong. " + "; ".join(fault[0] for fault in faults) + ".",
            vi=f"Tham số của {name} sai. " + "; ".join(fault[1] for fault in faults) + ".",
        )
    return {key: given[key] for key in rules}


def fill_parameters(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give every parameter of a notebook, `values` over its defaults; unknown names are refused."""
    rules = declared(name)
    unknown = [key for key in values if key not in rules]
    if unknown:
        raise PublishingError(
            en=f"{name} has no parameter {', '.join(map(repr, unknown))}; it has {', '.join(rules)}.",
            vi=f"{name} không có tham số {', '.join(map(repr, unknown))}; các tham số là {', '.join(rules)}.",
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


def _faults(key: str, kind: str, value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, TYPES[kind]) or (kind in ("int", "float") and isinstance(value, bool)):
        return [(f"{key}: {value!r} is not of type {kind}", f"{key}: {value!r} không phải kiểu {kind}")]
    rule = read_plan()["parameters"].get(key, {})
    if "values" in rule and value not in rule["values"]:
        allowed = ", ".join(map(str, rule["values"]))
        return [(f"{key}: {value!r} is not one of {allowed}", f"{key}: {value!r} không thuộc {allowed}")]
    if rule.get("date") and not _is_day(value):
        return [(f"{key}: {value!r} is not a day as YYYY-MM-DD", f"{key}: {value!r} không phải ngày dạng YYYY-MM-DD")]
    low, high = rule.get("least"), rule.get("most")
    if (low is not None and value < low) or (high is not None and value > high):
        return [(f"{key}: {value!r} is outside {low} to {high}", f"{key}: {value!r} ngoài khoảng {low} đến {high}")]
    return []


def _is_day(value: str) -> bool:
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
