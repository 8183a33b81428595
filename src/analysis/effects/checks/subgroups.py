"""Who gains: the difference on the additive scale by group and by kind of course, with small groups refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from scipy.stats import chi2
from statsmodels.stats.multitest import multipletests

from analysis.effects.trials.emulate import Emulation, prepare
from analysis.effects.trials.itt import MODELLED, Run, lay_out, model_covariance
from analysis.effects.trials.lacking import find_lacking
from analysis.estimate import Estimate, blocked
from analysis.text import Text


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
    chosen = emulation or Emulation()
    settings = {"treatment": treatment, "eligible": eligible, "confounders": tuple(confounders)}
    spec = {**settings, "covariates": [*covariates], "by": [*by], "kinds": [*(kinds or {})], "horizon": chosen.primary}
    if lacking := find_lacking(frame, [*covariates, *confounders, *by]):
        return blocked(
            [_empty(chosen.primary, name) for name in (*by, *(f"kind[{one}]" for one in kinds or {}))], spec, *lacking
        )
    rows = getattr(frame, "frame", frame)
    found, notes = [], []
    for name in by:
        for level in _levels(rows, name, eligible):
            some = rows.assign(**{eligible: rows[eligible].astype(bool) & (rows[name].astype("str") == level)})
            kept = [one for one in covariates if name not in one.split(":")]
            found.append(
                _one(
                    some,
                    settings | {"confounders": tuple(one for one in confounders if one != name)},
                    kept,
                    chosen,
                    f"{name}[{level}]",
                )
            )
    for name, other in (kinds or {}).items():
        found.append(_one(other, settings, covariates, chosen, f"kind[{name}]"))
    table = pd.DataFrame([row for row, _ in found])
    refused = [row["term"] for row, good in found if not good]
    if refused:
        notes.append(Text(f"Too small to be told: {', '.join(refused)}.", f"Quá nhỏ để nêu: {', '.join(refused)}."))
    tests = _tests(table)
    if tests:
        notes.append(Text(f"{len(tests)} tests of equal differences; p-values by Holm.",
                          f"{len(tests)} kiểm định hiệu bằng nhau; giá trị p theo Holm."))  # fmt: skip
    return Estimate(
        table=[*table.to_dict("records"), *tests], spec=spec, notes=tuple(notes), status="warned" if refused else "ok"
    )


def _levels(rows: pd.DataFrame, name: str, eligible: str) -> list[str]:
    seen = rows.loc[rows[eligible].astype(bool), name]
    if isinstance(seen.dtype, pd.CategoricalDtype):
        return [str(level) for level in seen.cat.categories if (seen == level).any()]
    return sorted(map(str, pd.unique(seen)))


def _one(
    frame: Any, settings: dict, covariates: Sequence[str], chosen: Emulation, term: str
) -> tuple[dict[str, Any], bool]:
    horizon = chosen.primary
    empty = _empty(horizon, term)
    rows = getattr(frame, "frame", frame)
    live = rows[rows[settings["eligible"]].astype(bool)]
    kept = [name for name in covariates if any(live[part].drop_duplicates().size > 1 for part in name.split(":"))]
    confounders = tuple(name for name in settings["confounders"] if live[name].drop_duplicates().size > 1)
    run = prepare(
        frame,
        **(settings | {"confounders": confounders}),
        covariates=kept,
        horizons=(horizon,),
        emulation=replace(chosen),
    )
    if not isinstance(run, Run):
        return empty, False
    risks, covariance = model_covariance(run, "eligible")
    row = next(
        row
        for row in lay_out(run, risks, covariance, MODELLED, "eligible", None)
        if row["estimand"] == "risk_difference"
    )
    return {**row, "term": term}, True


def _empty(horizon: int, term: str) -> dict[str, Any]:
    return {
        "method": MODELLED,
        "estimand": "risk_difference",
        "population": "eligible",
        "outcome": "event_1",
        "term": term,
        "time": horizon,
    }


def _tests(table: pd.DataFrame) -> list[dict[str, Any]]:
    if table.empty or "estimate" not in table:
        return []
    good = table.dropna(subset=["estimate"]).assign(column=lambda one: one["term"].str.split("[").str[0])
    rows = []
    for column, part in good.groupby("column", sort=False):
        if len(part) < 2:
            continue
        weight = 1 / part["std_error"] ** 2
        mean = (part["estimate"] * weight).sum() / weight.sum()
        statistic = float((weight * (part["estimate"] - mean) ** 2).sum())
        rows.append({"method": "cochran_q", "estimand": "test", "population": "eligible", "outcome": "event_1", "term": column,
                     "time": part["time"].iloc[0], "statistic": statistic, "p_value": _upper(statistic, len(part) - 1),
                     "n": part["n"].max()})  # fmt: skip
    if rows:
        adjusted = multipletests([row["p_value"] for row in rows], method="holm")[1]
        rows = [{**row, "p_value": float(p)} for row, p in zip(rows, adjusted, strict=True)]
    return rows


def _upper(statistic: float, degrees: int) -> float:
    return float(chi2.sf(statistic, degrees))
