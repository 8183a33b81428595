"""Named scenarios of what may happen until the deadline, all from the same seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.groups import is_elected, milestone, target_ids
from analysis.targets.outlook.ahead import (
    Outlook,
    enrolment_window,
    look_ahead,
    months_between,
    settings,
    watch_past,
    why_not,
)
from analysis.targets.outlook.panel import Panel, course_times, watch_groups
from analysis.targets.outlook.paths import Congress
from analysis.targets.outlook.project import describe_group
from analysis.targets.outlook.rates import age_class, count_history
from analysis.text import Text

SCENARIOS = ("as_now", "required_pace", "half_dropouts", "congress", "no_project")


def compare_scenarios(
    reg: Registry,
    *,
    deadline: str | pd.Timestamp | None = None,
    scenarios: Sequence[str] = SCENARIOS,
    draws: int = 1000,
    seed: int = 20210910,
) -> Estimate:
    """Project every target under named scenarios; `run` names the scenario.

    `as_now` recent rates; `required_pace` enrolment multiplied so that the expected gaps close (see `details["factors"]`);
    `half_dropouts`; `congress` one in the middle of the time left (seats change hands, posts about it more often); `no_project` enrolment at the rate
    before the project. Rows on the last day: `heads` `counted`, `need`, `shortfall`; `probability` `met`. A scenario whose
    rates cannot be told apart from today's is empty and says why. Assumes all else as now.
    """
    day = milestone("last_comparable") if deadline is None else pd.Timestamp(deadline)
    unknown = [name for name in scenarios if name not in SCENARIOS]
    if unknown or day <= reg.as_of:
        raise TargetsError(
            en=f"Scenarios are {', '.join(SCENARIOS)}, and the deadline lies after {reg.as_of:%Y-%m-%d}; given {list(scenarios)} "
            f"and {day:%Y-%m-%d}. Correct them.",
            vi=f"Các kịch bản là {', '.join(SCENARIOS)}, và hạn phải sau {reg.as_of:%Y-%m-%d}; đã cho {list(scenarios)} và "
            f"{day:%Y-%m-%d}. Hãy sửa lại.",
        )
    panel, times = watch_past(reg), course_times(reg)
    reasons = {name: why_not(reg, panel, name, day) for name in target_ids()}
    good = [name for name in target_ids() if not reasons[name]]
    notes = [reason for reason in reasons.values() if reason]
    spec = {"deadline": f"{day:%Y-%m-%d}", "scenarios": list(scenarios), "draws": draws, "seed": seed}
    base = {"method": "stock_flow", "population": "ALL", "date": day}
    if not good:
        rows = [
            {**base, "run": run, "estimand": "probability", "outcome": name, "term": "met"}
            for run in scenarios
            for name in reasons
        ]
        return Estimate(table=rows, spec=spec, notes=tuple(notes), status="blocked")
    now = look_ahead(panel, times, day, draws=draws, seed=seed)
    factors = {"as_now": 1.0, "required_pace": required_factor(now, good), "no_project": factor_before(reg, panel)}
    rows = []
    for run in scenarios:
        factor = factors.get(run, 1.0)
        ahead = _run(run, now, panel, times, day, factor, draws=draws, seed=seed)
        if ahead is None:
            notes.append(Text(f"{run}: not identifiable, too few enrolments to tell its rate from today's.",
                              f"{run}: không xác định được, quá ít lượt đi học để phân biệt với tỷ lệ hiện nay."))  # fmt: skip
        for name in target_ids():
            shown = ahead is not None and name in good
            rows += [
                {**base, "run": run, "outcome": name, **row}
                for row in (_last(ahead, name, day) if shown else _nothing())
            ]
    table = pd.DataFrame({"scenario": list(scenarios), "enrolment": [factors.get(run, 1.0) for run in scenarios]})
    return Estimate(
        table=rows, spec=spec, notes=tuple(notes), status="warned" if notes else "ok", details={"factors": table}
    )


def _run(
    run: str, now: Outlook, panel: Panel, times: Any, day: pd.Timestamp, factor: float | None, **asked
) -> Outlook | None:
    if factor is None:
        return None
    if run == "as_now":
        return now
    factors: Mapping[str, float] = {"drop": 0.5} if run == "half_dropouts" else {"enrol": factor}
    extra = _middle_congress(panel, day) if run == "congress" else ()
    return look_ahead(panel, times, day, factors=factors, extra=extra, **asked)


def _last(ahead: Outlook, name: str, day: pd.Timestamp) -> list[dict[str, Any]]:
    rows = describe_group(ahead, name, published=True)
    final = [row for row in rows if row.get("date", day) == day and row.get("conf_level", 0.8) == 0.8]
    return [row for row in final if row["term"] in ("counted", "need", "shortfall", "met")]


def _nothing() -> list[dict[str, Any]]:
    heads = [{"estimand": "heads", "term": term} for term in ("counted", "need", "shortfall")]
    return [*heads, {"estimand": "probability", "term": "met"}]


def _middle_congress(panel: Panel, day: pd.Timestamp) -> tuple[Congress, ...]:
    prior, now = settings()["congress"], int(panel.months[-1])
    month = now + max(months_between(panel.days[-1], day) // 2, 1)
    return tuple(
        Congress(group, month, prior["turnover"], prior["sd"])
        for group, name in enumerate(panel.targets)
        if is_elected(name)
    )


def required_factor(now: Outlook, names: Sequence[str]) -> float:
    """Give the factor on enrolment that would close the widest expected gap, were every head to stay.

    Enrolments expected are today's rate over members who do not count; the factor is at least 1.
    """
    panel, months = now.panel, len(now.days) - 1
    rate = now.rates.monthly["enrol"].mean(axis=1).reshape(-1, 3)
    factor = 1.0
    for name in names:
        group = panel.targets.index(name)
        free = panel.member[group, :, -1] & (panel.status[:, -1] == 0)
        age = age_class(panel.born[free], panel.retires[free], int(panel.months[-1]))
        expected = rate[group][age].sum() * months
        gap = max(-now.margin[group].mean(), 0.0)
        factor = max(factor, 1 + gap / max(expected, 0.5))
    return float(factor)


def factor_before(reg: Registry, panel: Panel, least: int = 5) -> float | None:
    """Give the rate of enrolment before the project over today's; None where either is too rare or unseen."""
    start = milestone("baseline")
    days = pd.date_range(max(pd.Timestamp(reg.meta["covers_from"]), start - pd.DateOffset(months=36)), start, freq="ME")
    if len(days) <= 12 or panel.months[-1] <= months_between(pd.Timestamp("1970-01-01"), start) + 12:
        return None
    seats = tuple(False for _ in panel.targets)
    seen = [count_history(watch_groups(reg, panel.targets, days), since=0, elections={}, seats=seats),
            count_history(panel, since=enrolment_window(panel), elections={}, seats=seats)]  # fmt: skip
    begun = [one.events["enrol"].sum() for one in seen]
    if min(begun) < least:
        return None
    rates = np.divide(begun, [one.exposure["enrol"].sum() for one in seen])
    return float(rates[0] / rates[1])
