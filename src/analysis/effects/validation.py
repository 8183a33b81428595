"""Whether published answers come out again: data and answers in `data/published`, the comparison as rows."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
import yaml

from analysis import project
from analysis.effects.cases import CASES
from analysis.errors import EffectsError
from analysis.estimate import Estimate
from analysis.words import Message

FOLDER = "data/published"


@functools.cache
def read_answers() -> dict[str, dict[str, Any]]:
    """Read the published answers by case."""
    return yaml.safe_load((project.root() / FOLDER / "answers.yml").read_text(encoding="utf-8"))


@functools.cache
def reproduce(case: str) -> Estimate:
    """Compute a published `case` anew, from the data and to the answers in `data/published` and nothing else.

    Rows of estimand `reproduction`, `run` the case, `term` the quantity, `method` `published` or `reproduced`, `n` the
    rows of the data. `details["comparison"]`: quantity, published, reproduced, difference, tolerance, within.
    The status is `warned`, with the quantities named, where an answer is missed. Raises EffectsError for a case that
    is not there.

    >>> effects.reproduce("promotion").status
    'ok'
    """
    if case not in CASES:
        raise EffectsError(
            "case: {case!r} is not published here; there are {cases}.", case=case, cases=", ".join(CASES)
        )
    entry = read_answers()[case]
    frame = pd.read_csv(project.root() / FOLDER / entry["data"])
    table = compare(CASES[case](frame), entry)
    kept = {"run": case, "estimand": "reproduction", "outcome": entry["data"], "n": len(frame)}
    rows = table.melt("quantity", ["published", "reproduced"], "method", "estimate")
    missed = ", ".join(table.loc[~table["within"], "quantity"])
    notes = (
        (Message("{case}: not reproduced within the tolerance: {missed}.", case=case, missed=missed),) if missed else ()
    )
    return Estimate(
        table=rows.rename(columns={"quantity": "term"}).assign(**kept),
        spec={"case": case, "source": entry["source"], "data": entry["data"]},
        notes=notes,
        status="warned" if missed else "ok",
        details={"comparison": table},
    )


def compare(found: dict[str, float], entry: dict[str, Any]) -> pd.DataFrame:
    """Lay numbers beside the published ones: one row an answer, in the order of the answers."""
    answers = entry["answers"]
    table = pd.DataFrame(
        {
            "quantity": list(answers),
            "published": [float(one["value"]) for one in answers.values()],
            "reproduced": [float(found[name]) for name in answers],
            "tolerance": [float(one.get("tolerance", entry["tolerance"])) for one in answers.values()],
        }
    )
    table.insert(3, "difference", table["reproduced"] - table["published"])
    return table.assign(within=table["difference"].abs() <= table["tolerance"])
