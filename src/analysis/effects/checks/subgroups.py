"""Who gains: the difference on the additive scale by group and by kind of course, with small groups refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc

from analysis.effects.rows import BOTH, label_row, wald
from analysis.effects.trials.columns import cross
from analysis.effects.trials.emulate import Emulation, Gap, choose, estimate_gap
from analysis.effects.trials.itt import Rows
from analysis.effects.trials.methods import MODELLED
from analysis.effects.trials.question import Question, require, split_terms
from analysis.errors import Blocked, EffectsError, check_lists
from analysis.estimate import Estimate, blocked
from analysis.words import Message


def compare_gains(
    frame: Any,
    *,
    by: Sequence[str] = (),
    kinds: Mapping[str, Any] | None = None,
    contrasts: Sequence[tuple[str, str]] = (),
    covariates: Sequence[str],
    confounders: Sequence[str],
    emulation: Emulation | None = None,
) -> Estimate:
    """Estimate the difference at the primary horizon in each level of the columns `by`, as at the trial's start.

    `frame`, `covariates`, `confounders` and `emulation` as for `emulate_trials`. `a:b` takes the levels that two
    columns make together. A column is left out of the covariates of its own groups; what it is crossed with stays.
    `kinds` names other frames of the same people in which one kind of course counts.
    Rows: `risk_difference`, term `column[level]` (or `kind[name]`), empty where the group is too small; a `contrast`
    for each of `contrasts`, a pair of such terms, the first less the second; a `test` a column, p-value of equal
    differences, by Holm over all columns. Errors of contrasts and tests know that groups share people and controls:
    influences are summed by person.
    Raises EffectsError for a column or term that is not there.
    Source: VanderWeele and Knol (2014), Epidemiol. Methods 3:33-72, for the additive scale.

    >>> gains = effects.compare_gains(spells, by=["sex"], covariates=["sex"], confounders=["sex"])
    >>> gains.table["term"].tolist()
    ['sex[female]', 'sex[male]']
    """
    check_lists(EffectsError, by=by, contrasts=contrasts, covariates=covariates, confounders=confounders)
    chosen, kinds = choose(emulation), kinds or {}
    question = Question(covariates=covariates, confounders=confounders)
    spec = {**asdict(question), "by": [*by], "kinds": [*kinds], "contrasts": [*contrasts], "horizon": chosen.primary}
    empty = label_row("risk_difference", "", chosen.primary, MODELLED)
    try:
        require(frame, *covariates, *confounders, *by)
    except Blocked as why:
        terms = (*by, *(f"kind[{one}]" for one in kinds))
        return blocked([{**empty, "term": term} for term in terms], spec, *why.reasons)
    found: dict[str, Gap | None] = {}
    for name in by:
        found |= _by_level(getattr(frame, "frame", frame), name, question, chosen)
    found |= {f"kind[{name}]": _gap(other, question, chosen) for name, other in kinds.items()}
    rows = [{**empty, **(gap.row if gap else {}), "term": term} for term, gap in found.items()]
    tests, refused = _tests(found, empty), sum(gap is None for gap in found.values())
    notes = [Message("{refused} groups are too small to be told.", refused=refused)] if refused else []
    if tests:
        notes.append(Message("{count} tests of equal differences; p-values by Holm.", count=len(tests)))
    return Estimate(
        table=pd.DataFrame([*rows, *(_contrast(found, pair, empty) for pair in contrasts), *tests]),
        spec=spec,
        notes=tuple(notes),
        status="warned" if refused else "ok",
    )


def _by_level(rows: pd.DataFrame, name: str, question: Question, emulation: Emulation) -> dict[str, Gap | None]:
    """Estimate the difference in each level that somebody eligible has."""
    if missing := [part for part in split_terms(name) if part not in rows]:
        raise EffectsError("by: there is no column {missing}; there are {columns}.", missing=missing, columns=[*rows])
    alike = replace(
        question, covariates=_without(name, question.covariates), confounders=_without(name, question.confounders)
    )
    live, own = rows["eligible"].astype(bool), cross(rows, name).astype("category")
    return {
        f"{name}[{level}]": _gap(rows.assign(eligible=live & (own == level)), alike, emulation)
        for level in own[live].cat.remove_unused_categories().cat.categories
    }


def _without(name: str, terms: Sequence[str]) -> list[str]:
    """Leave columns out of terms: a cross keeps its other parts."""
    gone = split_terms(name)
    kept = (":".join(part for part in term.split(":") if part not in gone) for term in terms)
    return [*dict.fromkeys(term for term in kept if term)]


def _gap(frame: Any, question: Question, emulation: Emulation) -> Gap | None:
    """Give a group's difference, adjusted for what varies in it; None where it cannot be had."""
    rows = getattr(frame, "frame", frame)
    live = rows[rows["eligible"].astype(bool)]
    vary: dict[str, Any] = {
        field: [name for name in getattr(question, field) if len(live[name.split(":")].drop_duplicates()) > 1]
        for field in ("covariates", "confounders")
    }
    return estimate_gap(frame, replace(question, **vary), emulation)


def _covariance(gaps: Sequence[Gap]) -> NDArray:
    """Covariance of differences: influences of the same person go together."""
    table = pd.concat([gap.influence for gap in gaps], axis=1).fillna(0.0).to_numpy()
    return table.T @ table


def _contrast(found: Mapping[str, Gap | None], pair: tuple[str, str], empty: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of one difference less another, its people those of the smaller; empty where one cannot be had."""
    if missing := [term for term in pair if term not in found]:
        raise EffectsError(
            "contrasts: there is no group {missing}; there are {terms}.", missing=missing, terms=[*found]
        )
    row = {**empty, "estimand": "contrast", "term": " - ".join(pair)}
    one, other = (found[term] for term in pair)
    if one is None or other is None:
        return row
    error = float(np.sqrt(BOTH[2] @ _covariance([other, one]) @ BOTH[2]))
    heads = {name: min(one.row[name], other.row[name]) for name in ("n", "n_exposed", "n_event")}  # as safe as both
    return row | wald(one.row["estimate"] - other.row["estimate"], error, "sandwich") | heads


def _tests(found: Mapping[str, Gap | None], empty: Mapping[str, Any]) -> Rows:
    """Test, a column, whether the differences of its groups are equal (Wald), by Holm over the columns."""
    from statsmodels.stats.multitest import multipletests  # more than a second that only this needs

    rows, columns = [], [term.split("[")[0] for term, gap in found.items() if gap]
    for column in dict.fromkeys(columns):
        gaps = [gap for term, gap in found.items() if gap and term.split("[")[0] == column]
        apart = np.eye(len(gaps))[1:] - np.eye(len(gaps))[0]
        spread = apart @ _covariance(gaps) @ apart.T
        if len(gaps) > 1 and np.linalg.matrix_rank(spread, hermitian=True) == len(spread):
            gain = apart @ [gap.row["estimate"] for gap in gaps]
            value = float(gain @ np.linalg.solve(spread, gain))
            more = {"statistic": value, "p_value": chdtrc(len(spread), value), "n": max(gap.row["n"] for gap in gaps)}
            rows.append({**empty, "estimand": "test", "term": column, "method": "wald", **more})
    if rows:
        adjusted = multipletests([row["p_value"] for row in rows], method="holm")[1]
        rows = [row | {"p_value": float(p)} for row, p in zip(rows, adjusted, strict=True)]
    return rows
