"""The public functions, docs/API.md, written from their docstrings: `python -m analysis.publishing.pages.api`."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from analysis import careers, effects, equity, estimate, placement, project, registry, targets, variation

ROOMS = (registry, careers, effects, effects.arms, effects.sensitivity, targets, placement, equity, variation, estimate)
RESULT = ("Estimate", "combine", "pick")  # what of `estimate` is for those who read results, not for who makes them
SETUP = """\
import tempfile
from pathlib import Path

import pandas as pd

from analysis import careers, effects, equity, placement, project, registry, targets, variation
from analysis.effects import arms, sensitivity
from analysis.estimate import combine, pick
from analysis.synthetic import make_registry

reg = make_registry(12_000, 7)  # an invented province, as its registry stands on 30 June 2025
folder = Path(tempfile.mkdtemp())  # a folder to write to
early = registry.load(registry.save(reg, folder / "province"), as_of="2023-12-31")  # the same, as known then
spells = careers.build_trial_spells(reg)  # months in which people may start a postgraduate course, or rise
frame = careers.build_spells(reg).frame  # start-stop rows of the same people, until the first event
people = pd.read_csv(project.find("data/published/nsw_dw.csv"))  # 445 people of a published trial, a row each
effect = effects.emulate_trials(spells, covariates=["sex"])  # a result
checked = effects.check_effect(spells, covariates=["sex"], confounders=["sex"])  # what it must survive
"""
INTRODUCTION = f"""# What can be called

<!-- Written by `python -m analysis.publishing.pages.api` from the docstrings. Do not edit. -->

The public functions and classes, a section a package. Every estimator gives an `Estimate`; errors are those of
`analysis.errors`. A test runs the examples; they use what is made here, of people who do not exist:

```python
{SETUP}```

A real registry is read with `registry.load(path, as_of=...)`; [data/README.md](../data/README.md) says what it must
hold, [METHODS.md](../METHODS.md) what is estimated and how.
"""


class Plain(str):
    """An annotation as it is written in the code, without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def find_public(room: ModuleType) -> Iterator[tuple[str, Any]]:
    """Give the functions, classes and methods that a package offers, each under the name that it is called by."""
    prefix = "" if room is estimate else room.__name__.rpartition(".")[2] + "."
    for name in RESULT if room is estimate else room.__all__:
        item = getattr(room, name)
        if callable(item):
            yield prefix + name, item
        for inner, method in vars(item).items() if inspect.isclass(item) else ():
            if inspect.isfunction(method) and not inner.startswith("_"):
                yield f"{prefix}{name}.{inner}", method


def write_api() -> str:
    """Give the text of docs/API.md."""
    return INTRODUCTION + "".join(_room(room) for room in ROOMS)


def _room(room: ModuleType) -> str:
    head = f"\n## {room.__name__}\n\n{inspect.getdoc(room)}\n"
    return head + "".join(_section(name, item) for name, item in find_public(room))


def _section(name: str, item: Any) -> str:
    text, _, example = (inspect.getdoc(item) or "").partition(">>>")
    said = "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))
    shown = textwrap.fill(name + sign(item), 110, subsequent_indent="    ", break_on_hyphens=False)
    return f"\n### {name}\n\n```python\n{shown}\n```\n\n{said}\n\n```pycon\n>>>{example}\n```\n"


def sign(item: Any) -> str:
    """Give the signature of a function or a class, its types as they are written in the code."""
    form = inspect.signature(item)
    given = [one.replace(annotation=_plain(one.annotation)) for one in form.parameters.values() if one.name != "self"]
    back = inspect.Signature.empty if inspect.isclass(item) else _plain(form.return_annotation)
    return str(form.replace(parameters=given, return_annotation=back))


def _plain(annotation: Any) -> Any:
    written = getattr(annotation, "__forward_arg__", annotation)
    return Plain(written) if isinstance(written, str) else written


def main() -> Path:
    """Write docs/API.md."""
    path = project.root() / "docs" / "API.md"
    path.write_text(write_api(), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
