"""Who gains: the difference on the additive scale by group and by kind of course, with small groups refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from analysis.effects.rows import label_row
from analysis.effects.trials.emulate import Emulation, estimate_difference
from analysis.effects.trials.methods import MODELLED
from analysis.effects.trials.question import Question, require
from analysis.errors import Blocked
from analysis.estimate import Estimate, blocked
from analysis.words import Message

Rows = list[dict[str, Any]]


def compare_gains(
    frame: Any,
    *,
    by: Sequence[str] = (),
    kinds: Mapping[str, Any] | None = None,
    covariates: Sequence[str],
    confounders: Sequence[str],
    treatment: str = "trained",
    eligible: str = "eligible",
    emulation: Emulation | None = None,
) -> Estimate:
    """Estimate the difference at the primary horizon in each level of the columns `by`, as at the trial's start.

    `kinds` names other frames of the same people in which only one kind of course counts (a mode, a level, a funder).
    Rows: `risk_difference`, term `column[level]` (or `kind[name]`), empty where the group is too small; and a `test` a
    column, p-value of equal differences, by Holm over all columns. The groups of one column are other people or other
    starts; their differences are taken as independent.
    Source: VanderWeele and Knol (2014), Epidemiol. Methods 3:33-72, for the additive scale.
    """
    chosen, kinds = emulation or Emulation(), kinds or {}
    question = Question(treatment, eligible, covariates, confounders)
    spec = {**asdict(question), "by": [*by], "kinds": [*kinds], "horizon": chosen.primary}
    empty = label_row("risk_difference", "", chosen.primary, MODELLED)
    try:
        require(frame, *covariates, *confounders, *by)
    except Blocked as why:
        terms = (*by, *(f"kind[{one}]" for one in kinds))
        return blocked([{**empty, "term": term} for term in terms], spec, *why.reasons)
    rows, found = getattr(frame, "frame", frame), []
    for name in by:
        alike = replace(
            question,
            covariates=[one for one in covariates if name not in one.split(":")],
            confounders=[one for one in confounders if one != name],
        )
        for level in _levels(rows, name, eligible):
            some = rows.assign(**{eligible: rows[eligible].astype(bool) & (rows[name].astype("str") == level)})
            found.append({**empty, **_difference(some, alike, chosen), "term": f"{name}[{level}]"})
    for name, other in kinds.items():
        found.append({**empty, **_difference(other, question, chosen), "term": f"kind[{name}]"})
    refused = ", ".join(row["term"] for row in found if "estimate" not in row)
    tests = _tests(found)
    notes = [Message("Too small to be told: {refused}.", refused=refused)] if refused else []
    if tests:
        notes.append(Message("{count} tests of equal differences; p-values by Holm.", count=len(tests)))
    return Estimate(
        table=pd.DataFrame(found + tests), spec=spec, notes=tuple(notes), status="warned" if refused else "ok"
    )


def _levels(rows: pd.DataFrame, name: str, eligible: str) -> list[str]:
    """List the levels of a column that those eligible have, in their order."""
    seen = rows.loc[rows[eligible].astype(bool), name].astype("category")
    return [*map(str, seen.cat.remove_unused_categories().cat.categories)]


def _difference(frame: Any, question: Question, emulation: Emulation) -> dict[str, Any]:
    """Give the row of a group's difference, adjusted for what varies in it; nothing where it cannot be had."""
    rows = getattr(frame, "frame", frame)
    live = rows[rows[question.eligible].astype(bool)]
    covariates, confounders = (
        [name for name in names if any(len(pd.unique(live[part])) > 1 for part in name.split(":"))]
        for names in (question.covariates, question.confounders)
    )
    return (
        estimate_difference(frame, replace(question, covariates=covariates, confounders=confounders), emulation) or {}
    )


def _tests(found: Rows) -> Rows:
    """Test, a column, whether the differences of its groups are equal (Cochran's Q), by Holm over the columns."""
    rows = []
    good = [row for row in found if "estimate" in row]
    for column in dict.fromkeys(row["term"].split("[")[0] for row in good):
        part = pd.DataFrame([row for row in good if row["term"].startswith(f"{column}[")])
        if len(part) > 1:
            weight = 1 / part["std_error"] ** 2
            apart = part["estimate"] - np.average(part["estimate"], weights=weight)
            statistic = float((weight * apart**2).sum())
            p = float(chi2.sf(statistic, len(part) - 1))
            time, n = part["time"].iloc[0], part["n"].max()
            rows.append(label_row("test", column, time, "cochran_q", statistic=statistic, p_value=p, n=n))
    if rows:
        from statsmodels.stats.multitest import multipletests  # more than a second that only this needs

        adjusted = multipletests([row["p_value"] for row in rows], method="holm")[1]
        rows = [row | {"p_value": float(p)} for row, p in zip(rows, adjusted, strict=True)]
    return rows
