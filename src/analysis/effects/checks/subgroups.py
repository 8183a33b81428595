"""Who gains: the difference on the additive scale by group and by kind of course, with small groups refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from analysis.effects.rows import label_row
from analysis.effects.trials.emulate import Emulation, estimate_difference
from analysis.effects.trials.itt import Rows
from analysis.effects.trials.methods import MODELLED
from analysis.effects.trials.question import Question, require
from analysis.errors import Blocked
from analysis.estimate import Estimate, blocked
from analysis.words import Message


def compare_gains(
    frame: Any,
    *,
    by: Sequence[str] = (),
    kinds: Mapping[str, Any] | None = None,
    covariates: Sequence[str],
    confounders: Sequence[str],
    emulation: Emulation | None = None,
) -> Estimate:
    """Estimate the difference at the primary horizon in each level of the columns `by`, as at the trial's start.

    A column is left out of the covariates of its own groups; what it is crossed with stays.
    `kinds` names other frames of the same people in which only one kind of course counts (a mode, a level, a funder).
    Rows: `risk_difference`, term `column[level]` (or `kind[name]`), empty where the group is too small; and a `test` a
    column, p-value of equal differences, by Holm over all columns. The groups of one column are other people or other
    starts; their differences are taken as independent.
    Source: VanderWeele and Knol (2014), Epidemiol. Methods 3:33-72, for the additive scale.
    """
    chosen, kinds = emulation or Emulation(), kinds or {}
    question = Question(covariates=covariates, confounders=confounders)
    spec = {**asdict(question), "by": [*by], "kinds": [*kinds], "horizon": chosen.primary}
    empty = label_row("risk_difference", "", chosen.primary, MODELLED)
    try:
        require(frame, *covariates, *confounders, *by)
    except Blocked as why:
        terms = (*by, *(f"kind[{one}]" for one in kinds))
        return blocked([{**empty, "term": term} for term in terms], spec, *why.reasons)
    rows, found = getattr(frame, "frame", frame), []
    for name in by:
        alike = replace(question, covariates=_without(name, covariates), confounders=_without(name, confounders))
        live = rows["eligible"].astype(bool)
        for level in pd.Categorical(rows.loc[live, name]).remove_unused_categories().categories:
            some = rows.assign(eligible=live & (rows[name].astype("str") == str(level)))
            found.append({**empty, **_difference(some, alike, chosen), "term": f"{name}[{level}]"})
    for name, other in kinds.items():
        found.append({**empty, **_difference(other, question, chosen), "term": f"kind[{name}]"})
    refused = sum("estimate" not in row for row in found)
    tests = _tests(found)
    notes = [Message("{refused} groups are too small to be told.", refused=refused)] if refused else []
    if tests:
        notes.append(Message("{count} tests of equal differences; p-values by Holm.", count=len(tests)))
    return Estimate(
        table=pd.DataFrame(found + tests), spec=spec, notes=tuple(notes), status="warned" if refused else "ok"
    )


def _without(name: str, terms: Sequence[str]) -> list[str]:
    """Leave a column out of terms: a cross keeps its other parts."""
    kept = (":".join(part for part in term.split(":") if part != name) for term in terms)
    return [*dict.fromkeys(term for term in kept if term)]


def _difference(frame: Any, question: Question, emulation: Emulation) -> dict[str, Any]:
    """Give the row of a group's difference, adjusted for what varies in it; nothing where it cannot be had."""
    rows = getattr(frame, "frame", frame)
    live = rows[rows["eligible"].astype(bool)]
    vary: dict[str, Any] = {
        field: [name for name in getattr(question, field) if len(live[name.split(":")].drop_duplicates()) > 1]
        for field in ("covariates", "confounders")
    }
    return estimate_difference(frame, replace(question, **vary), emulation) or {}


def _tests(found: Rows) -> Rows:
    """Test, a column, whether the differences of its groups are equal (Cochran's Q), by Holm over the columns."""
    from statsmodels.stats.meta_analysis import combine_effects  # more than a second that only this needs
    from statsmodels.stats.multitest import multipletests

    rows = []
    good = pd.DataFrame([row for row in found if "estimate" in row], columns=["term", "estimate", "std_error", "n"])
    for column, part in good.groupby(good["term"].str.split("[").str[0], sort=False):
        if len(part) > 1:
            test = combine_effects(part["estimate"].to_numpy(), part["std_error"].to_numpy() ** 2).test_homogeneity()
            more = {"statistic": test.statistic, "p_value": test.pvalue, "n": part["n"].max()}
            rows.append(label_row("test", str(column), found[0]["time"], "cochran_q", **more))
    if rows:
        adjusted = multipletests([row["p_value"] for row in rows], method="holm")[1]
        rows = [row | {"p_value": float(p)} for row, p in zip(rows, adjusted, strict=True)]
    return rows
