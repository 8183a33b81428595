"""How past projections would have done: each earlier December, against no change and a straight line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.registry.history import as_known
from analysis.targets.groups import call_roster, counted, state_on, target_ids
from analysis.targets.outlook.ahead import LEAST_MONTHS, look_ahead, settings, watch_past, why_not
from analysis.targets.outlook.panel import course_times
from analysis.text import Text


def known_on(reg: Registry, day: pd.Timestamp) -> Registry:
    """Give the registry as it was known at the end of an earlier day."""
    return replace(reg, tables=as_known(reg.tables, day, reg.as_of), as_of=day)


def central_mass(drawn: np.ndarray, actual: float, level: float) -> float:
    """Say how much of an outcome lies in the central interval of the draws (0 to 1).

    Heads are whole: an outcome on the interval's edge counts by the share of its own mass that lies inside, so that a
    perfect projection covers at exactly `level` whatever the size of the group (fractional PIT).
    """
    below, upto = (drawn < actual).mean(), (drawn <= actual).mean()
    low, high = (1 - level) / 2, (1 + level) / 2
    if upto == below:
        return float(low < upto < high)
    return float(max(min(upto, high) - max(below, low), 0.0) / (upto - below))


def score_past(reg: Registry, *, months: int = 12, draws: int = 1000, seed: int = 20210910) -> Estimate:
    """Project from each earlier December, as known then, `months` ahead, and compare with what came.

    `heads` rows: `error[model]`, `error[no_change]`, `error[straight_line]` (mean absolute error in heads; the line is that of
    the rates' window), `n` the Decembers. `probability` rows: `coverage` of the 80 percent interval (fractional PIT).
    `details["origins"]` has every case, `details["skill"]` the share of no change's error that the model saves and
    `publish`: whether that beats the margin set in targets.yml. There are few Decembers: shown, not a proof.
    """
    cases = [case for origin in _decembers(reg, months) for case in _one_december(reg, origin, months, draws, seed)]
    spec = {"months": months, "draws": draws, "seed": seed, "margin": settings()["margin"]}
    base = {"method": "backtest", "population": "ALL", "date": reg.as_of}
    if not cases:
        reason = Text(
            f"No December leaves {LEAST_MONTHS} months of history before and {months} months after.",
            f"Không có tháng 12 nào có đủ {LEAST_MONTHS} tháng trước và {months} tháng sau.",
        )
        rows = [{**base, "estimand": "heads", "outcome": name, "term": "error[model]"} for name in target_ids()]
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    origins = pd.DataFrame(cases)
    return Estimate(table=_rows(origins, base), spec=spec, notes=(_few(len(origins)),),
                    details={"origins": origins, "skill": skill_of(origins, settings()["margin"])})  # fmt: skip


def _decembers(reg: Registry, months: int) -> list[pd.Timestamp]:
    first = pd.Timestamp(reg.meta["covers_from"]) + pd.DateOffset(months=settings()["window_months"])
    days = [pd.Timestamp(year, 12, 31) for year in range(first.year, reg.as_of.year + 1)]
    return [day for day in days if first <= day and day + pd.DateOffset(months=months) <= reg.as_of]


def _one_december(reg: Registry, origin: pd.Timestamp, months: int, draws: int, seed: int) -> list[dict]:
    known, day = known_on(reg, origin), origin + pd.tseries.offsets.MonthEnd() * months
    panel = watch_past(known)
    ahead = look_ahead(panel, course_times(known), day, draws=draws, seed=seed)
    cases = []
    for group, name in enumerate(panel.targets):
        came = counted(state_on(call_roster(reg, name), day), "has_or_studying")
        if why_not(known, panel, name, day) or came.empty:
            continue
        drawn, now = ahead.paths.counted[-1, group], int(ahead.paths.counted[0, group, 0])
        back = min(settings()["window_months"], len(panel.days) - 1)
        then = int((panel.member[group, :, -1 - back] & np.isin(panel.status[:, -1 - back], (1, 2))).sum())
        low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9], method="inverted_cdf")
        cases.append({"target": name, "origin": origin, "day": day, "actual": int(came.sum()), "model": float(middle),
                      "low": float(low), "high": float(high), "no_change": now,
                      "straight_line": now + (now - then) / back * months,
                      "inside": central_mass(drawn, int(came.sum()), 0.8)})  # fmt: skip
    return cases


def skill_of(origins: pd.DataFrame, margin: float) -> pd.DataFrame:
    """Compare errors by target: `skill` is 1 - the model's error over no change's; `publish` where it beats the margin."""
    errors = _errors(origins)
    against = errors["no_change"].where(errors["no_change"] > 0)
    skill = (1 - errors["model"] / against).rename("skill")
    return errors.assign(skill=skill, publish=(skill > margin).fillna(False)).reset_index()


def _errors(origins: pd.DataFrame) -> pd.DataFrame:
    names = ["model", "no_change", "straight_line"]
    return origins[names].sub(origins["actual"], axis=0).abs().groupby(origins["target"]).mean()


def _rows(origins: pd.DataFrame, base: dict) -> list[dict]:
    rows = []
    for name, cases in [*origins.groupby("target"), ("ALL", origins)]:
        inside = {"estimand": "probability", "term": "coverage", "estimate": cases["inside"].mean(), "conf_level": 0.8}
        rows.append({**base, **inside, "outcome": name, "n": len(cases)})
        if name == "ALL":
            continue
        for method, error in _errors(cases).loc[name].items():
            rows.append(
                {
                    **base,
                    "estimand": "heads",
                    "outcome": name,
                    "term": f"error[{method}]",
                    "estimate": error,
                    "n": len(cases),
                }
            )
    return rows


def _few(cases: int) -> Text:
    return Text(
        f"{cases} cases from few Decembers: coverage and skill are shown, they prove little.",
        f"{cases} trường hợp từ ít tháng 12: độ phủ và độ chính xác được nêu để tham khảo, chưa chứng minh được nhiều.",
    )
