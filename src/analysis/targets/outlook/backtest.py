"""How past projections would have done: each earlier December, against no change and a straight line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.reference import projection
from analysis.registry import Registry
from analysis.registry.history import as_known
from analysis.results import WHOLE, Row, entry, give, refused
from analysis.targets.groups import HEADLINE, call_roster, counted, first_day, state_on, target_ids
from analysis.targets.outlook.ahead import LEAST_MONTHS, check_end, check_group, look_ahead, watch_past
from analysis.targets.outlook.panel import HAS, STUDYING
from analysis.words import Message

MONTHS = 12  # ahead of each December
COVERED = ("probability", "coverage")
METHODS = ["model", "no_change", "straight_line"]


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


def score_past(reg: Registry, *, draws: int = 1000, seed: int = 20210910) -> Estimate:
    """Project `reg` from each earlier December, as known then, a year ahead, and compare with what came.

    `draws` and `seed` as in `project`.

    `heads` rows: `error[model]`, `error[no_change]`, `error[straight_line]` (mean absolute error in heads; the line
    is that of the rates' window), `n` the Decembers. `probability` rows: `coverage` of the 80 percent interval
    (fractional PIT). `points` rows: the share of no change's error that the model saves, as `skill[model]` where that
    beats the margin set in targets.yml, else as `skill[no_change]` (empty where no change never erred). Their date is
    the last day looked at. `details["origins"]` has every case. There are few Decembers: shown, not a proof.

    >>> targets.score_past(reg, draws=100).status
    'ok'
    """
    cases = [case for origin in _decembers(reg) for case in _one_december(reg, origin, draws, seed)]
    spec = {"months": MONTHS, "draws": draws, "seed": seed, "margin": projection().margin}
    base = {"method": "backtest", "date": reg.as_of}
    if not cases:
        reason = Message(
            "No December leaves {least} months of history before and {months} months after.",
            least=LEAST_MONTHS,
            months=MONTHS,
        )
        rows = [entry("heads", "error[model]", outcome=name) for name in target_ids()]
        return give(base, rows, spec, [reason], "blocked")
    origins = pd.DataFrame(cases)
    few = Message(
        "{cases} cases from few Decembers: coverage and skill are shown, they prove little.", cases=len(cases)
    )
    base["date"] = origins["day"].max()
    return give(base, score_rows(origins, spec["margin"]), spec, [few], details={"origins": origins})


def _decembers(reg: Registry) -> list[pd.Timestamp]:
    first = first_day(reg) + pd.DateOffset(months=projection().window_months)
    days = [pd.Timestamp(year, 12, 31) for year in range(first.year, reg.as_of.year + 1)]
    return [day for day in days if first <= day and day + pd.DateOffset(months=MONTHS) <= reg.as_of]


def _one_december(reg: Registry, origin: pd.Timestamp, draws: int, seed: int) -> Iterator[Row]:
    known, day = known_on(reg, origin), origin + pd.offsets.MonthEnd(MONTHS)
    panel = watch_past(known)
    paths = look_ahead(panel, day, draws=draws, seed=seed).paths
    stopped = refused(target_ids(), partial(check_end, origin, day))
    stopped |= refused(target_ids(), partial(check_group, known, panel))
    back = min(projection().window_months, len(panel.days) - 1)
    counts = np.isin(panel.status[:, -1 - back], (STUDYING, HAS))
    for group, target in enumerate(panel.targets):
        came = counted(state_on(call_roster(reg, target.group), day), HEADLINE)
        if target.id in stopped or came.empty:
            continue
        drawn, now, actual = paths.counted[-1, group], int(paths.counted[0, group, 0]), int(came.sum())
        then = int((panel.member[group, :, -1 - back] & counts).sum())
        low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9], method=WHOLE)
        yield {
            "target": target.id,
            "origin": origin,
            "day": day,
            "actual": actual,
            "model": float(middle),
            "low": float(low),
            "high": float(high),
            "no_change": now,
            "straight_line": now + (now - then) / back * MONTHS,
            "inside": central_mass(drawn, actual, 0.8),
        }


def skill_of(origins: pd.DataFrame) -> pd.DataFrame:
    """Compare errors by target: the mean absolute one of each method, and `skill`: 1 - the model's over no change's."""
    errors = origins[METHODS].sub(origins["actual"], axis=0).abs().groupby(origins["target"]).mean()
    return errors.assign(skill=1 - errors["model"] / errors["no_change"].where(errors["no_change"] > 0))


def score_rows(origins: pd.DataFrame, margin: float) -> Iterator[Row]:
    """Give the rows of `score_past` from its cases; which skill it is says whether that is above `margin`."""
    for (name, cases), (_, one) in zip(origins.groupby("target"), skill_of(origins).iterrows(), strict=True):
        base = {"outcome": name, "n": len(cases)}
        shown = "model" if one["skill"] > margin else "no_change"
        yield entry(*COVERED, cases["inside"].mean(), conf_level=0.8, **base)
        for method in METHODS:
            yield entry("heads", f"error[{method}]", one[method], **base)
        yield entry("points", f"skill[{shown}]", one["skill"], **base)
    yield entry(*COVERED, origins["inside"].mean(), conf_level=0.8, outcome="ALL", n=len(origins))
