"""Named scenarios of what may happen until the deadline, all from the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.errors import Blocked, TargetsError
from analysis.estimate import Estimate
from analysis.reference import milestone, projection
from analysis.registry import Registry
from analysis.results import give
from analysis.targets.events import month
from analysis.targets.groups import Day, first_day
from analysis.targets.outlook.ahead import LEAST_MONTHS, Outlook, enrolment_window, look_ahead, look_out
from analysis.targets.outlook.panel import UNTRAINED, Panel, watch_groups
from analysis.targets.outlook.paths import Congress
from analysis.targets.outlook.project import FINAL, describe_last
from analysis.targets.outlook.rates import age_class, count_history
from analysis.words import Message

Scenario = Literal["as_now", "required_pace", "half_dropouts", "congress", "no_project"]
SCENARIOS = get_args(Scenario)
LEAST_ENROLMENTS = 5


def compare_scenarios(
    reg: Registry,
    *,
    deadline: Day | None = None,
    scenarios: Sequence[Scenario] = SCENARIOS,
    draws: int = 1000,
    seed: int = 20210910,
) -> Estimate:
    """Project every target of `reg` to `deadline` under named `scenarios`; `run` names the scenario.

    `as_now` recent rates; `required_pace` enrolment multiplied so that the expected gaps close (see
    `details["factors"]`); `half_dropouts`; `congress` one in the middle of the time left (seats change hands, posts
    about it more often); `no_project` enrolment at the rate before the project. Rows on the last day: `heads`
    `counted`, `need`, `shortfall`; `probability` `met`. A scenario whose rates cannot be told apart from today's is
    empty and says why. `draws` and `seed` as in
    `project`. Assumes all else as now.

    >>> targets.compare_scenarios(early, scenarios=["as_now"], draws=100).status
    'ok'
    """
    unknown = [name for name in scenarios if name not in SCENARIOS]
    if unknown:
        raise TargetsError(
            "There are no scenarios {unknown}; they are {known}.", unknown=unknown, known=", ".join(SCENARIOS)
        )
    horizon = look_out(reg, None, deadline)
    day, panel, _, good, notes = horizon
    spec = {"deadline": day, "scenarios": list(scenarios), "draws": draws, "seed": seed}
    base = {"method": "stock_flow", "date": day}
    if not good:
        return give(
            base,
            [{**row, "run": run} for run in scenarios for row in horizon.rows({}, FINAL[3:4])],
            spec,
            notes,
            "blocked",
        )
    settled: dict[str, Any] = {"draws": draws, "seed": seed}
    now = look_ahead(panel, day, **settled)
    changes: dict[str, Callable[[], dict[str, Any]]] = {
        "as_now": dict,
        "required_pace": lambda: {"factors": {"enrol": required_factor(now, good)}},
        "half_dropouts": lambda: {"factors": {"drop": 0.5}},
        "congress": lambda: {"extra": _middle_congress(panel, day)},
        "no_project": lambda: {"factors": {"enrol": factor_before(reg, panel)}},
    }
    rows, enrolment = [], []
    for run in scenarios:
        described, factor = {}, np.nan
        try:
            change = changes[run]()
            ahead = look_ahead(panel, day, **settled, **change) if change else now
            described = {name: describe_last(ahead, name) for name in good}
            factor = change.get("factors", {}).get("enrol", 1.0)
        except Blocked as stop:
            notes += stop.reasons
        rows += [{**row, "run": run} for row in horizon.rows(described, FINAL[:4])]
        enrolment.append(factor)
    factors = pd.DataFrame({"scenario": list(scenarios), "enrolment": enrolment})
    return give(base, rows, spec, notes, "warned" if notes else "ok", {"factors": factors})


def _middle_congress(panel: Panel, day: pd.Timestamp) -> tuple[Congress, ...]:
    prior, now = projection().congress, month(panel.days[-1])
    middle = now + max((month(day) - now) // 2, 1)
    return tuple(Congress(group, middle, prior.turnover, prior.sd) for group in np.flatnonzero(panel.elected).tolist())


def required_factor(now: Outlook, names: Sequence[str]) -> float:
    """Give the factor on enrolment that would close the widest expected gap, were every head to stay.

    Enrolments expected are today's rate over members who do not count; the factor is at least 1.
    """
    panel, months = now.panel, len(now.days) - 1
    rate = now.rates.monthly["enrol"].mean(axis=1).reshape(-1, 3)
    factor = 1.0
    for group in map(panel.place, names):
        free = panel.member[group, :, -1] & (panel.status[:, -1] == UNTRAINED)
        age = age_class(panel.born[free], panel.retires[free], int(panel.months[-1]))
        expected = rate[group][age].sum() * months
        factor = max(factor, 1 + max(-now.margin[group].mean(), 0.0) / max(expected, 0.5))
    return float(factor)


def factor_before(reg: Registry, panel: Panel) -> float:
    """Give the rate of enrolment before the project over today's; blocked where either is too rare or unseen."""
    start = milestone("baseline")
    days = pd.date_range(max(first_day(reg), start - pd.DateOffset(months=36)), start, freq="ME")
    untold = Message("{run}: not identifiable, too few enrolments to tell its rate from today's.", run="no_project")
    if len(days) <= LEAST_MONTHS or month(panel.days[-1]) <= month(start) + LEAST_MONTHS:
        raise Blocked(untold)
    before, rates = watch_groups(reg, [target.id for target in panel.targets], days), []
    for history in (count_history(before), count_history(panel, since=enrolment_window(panel))):
        begun, exposed = (tally.sum() for tally in history.seen["enrol"])
        if begun < LEAST_ENROLMENTS:
            raise Blocked(untold)
        rates.append(begun / exposed)
    return float(rates[0] / rates[1])
