"""Those who count on a day, followed wherever they serve: who holds a degree and is still in service each December."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.reference import projection
from analysis.registry import Registry
from analysis.results import WHOLE, central, entry, give, refused
from analysis.targets.events import month
from analysis.targets.groups import Day, read_day, target_ids
from analysis.targets.outlook.ahead import check_group, rates_ahead, watch_past
from analysis.targets.outlook.panel import HAS, STUDYING, Panel
from analysis.targets.outlook.paths import Plan
from analysis.targets.outlook.simulate import carry_forward
from analysis.words import Message

LIVES_ON = ("quit", "drop")  # what may still happen to those followed; nothing else moves who holds a degree


def follow_cohort(reg: Registry, *, until: Day, draws: int = 1000, seed: int = 20210910) -> Estimate:
    """Follow those who count on the day of `reg`, by group: how many hold a degree and serve, each December `until`.

    Rows: `heads` `holding` by day (`n` those followed; the first day is the registry's own and certain). They retire
    when they must, leave and drop out at the rates of the past, and students finish; nobody new is enrolled, and no
    group need exist any more: leaving an office is not leaving the service. Reading: has or is studying. `draws` and
    `seed` as in `project`. Assumes that rates of leaving stay as they were outside waves. Raises TargetsError for a day
    that is none, or not after the registry's own, and where a day of the answer lies in the month of that.

    >>> targets.follow_cohort(reg, until="2026-12-31", draws=100).status
    'ok'
    """
    day = read_day(until)
    if pd.isna(day) or day <= reg.as_of:
        raise TargetsError(
            "A cohort is followed to a day after {as_of:%Y-%m-%d}, written as YYYY-MM-DD; given {until!s}.",
            as_of=reg.as_of,
            until=until,
        )
    days = [reg.as_of, *pd.date_range(reg.as_of, day, freq="YE-DEC", inclusive="right")]
    days += [day] * (day > days[-1])
    if month(days[1]) == month(reg.as_of):
        raise TargetsError(
            "A cohort is followed by whole months: {first:%Y-%m-%d} lies in the month of {as_of:%Y-%m-%d}, the "
            "registry's own. Load it as of the last day of a month, or ask for a later day.",
            first=days[1],
            as_of=reg.as_of,
        )
    panel, names = watch_past(reg), target_ids()
    stopped = refused(names, partial(check_group, reg, panel))
    spec, base = {"until": day, "draws": draws, "seed": seed}, {"method": "stock_flow"}
    rows = [entry("heads", "holding", outcome=name, date=day) for name in stopped]
    if len(stopped) == len(names):
        return give(base, rows, spec, stopped.values(), "blocked")
    heads, size = carry_cohort(panel, pd.DatetimeIndex(days), draws, seed)
    for name in names:
        group = panel.place(name)
        rows += [
            entry("heads", "holding", outcome=name, date=when, n=size[group], **central(held, 0.8, method=WHOLE))
            for when, held in zip(days, heads[:, group], strict=True)
            if name not in stopped
        ]
    return give(base, rows, spec, [*_said(), *stopped.values()], "warned" if stopped else "ok")


def carry_cohort(panel: Panel, days: pd.DatetimeIndex, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulate who holds a degree and serves on each of `days`, by group and draw; and how many are followed."""
    chosen, start = projection(), int(panel.months[-1])
    rates, rng = rates_ahead(panel, draws, seed)
    cohort = panel._replace(member=panel.member & np.isin(panel.status[:, -1], (STUDYING, HAS))[:, None])
    marks = tuple(month(day) - start for day in days[1:])
    plan = Plan(months=marks[-1], shock_sd=chosen.shock_sd, course=chosen.course_months, marks=marks)
    still = rates.scaled({kind: 0.0 for kind in rates.monthly if kind not in LIVES_ON})
    inside = cohort.member[:, :, -1]
    now = (inside & (panel.status[:, -1] == HAS)).sum(axis=1)
    first = np.repeat(now[None, :, None], draws, axis=2)
    return np.concatenate([first, carry_forward(cohort, still, plan, rng).held]), inside.sum(axis=1)


def _said() -> list[Message]:
    return [
        Message("Nobody new is enrolled: only those who counted on the first day are followed, wherever they serve."),
        Message("Rates of leaving are those of months without a wave of departures: a further wave is not in them."),
    ]
