"""A look ahead from a registry's day: which groups can be carried forward, and their simulated paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import Blocked, TargetsError
from analysis.reference import events, milestone, projection
from analysis.registry import Registry
from analysis.results import Row, refused
from analysis.targets.events import congress_months, exceptional_months, month
from analysis.targets.groups import Day, find_day, find_target, first_day, heads_needed, read_day, target_ids
from analysis.targets.outlook.panel import Panel, course_times, feeder_drift, intake_season, watch_groups
from analysis.targets.outlook.paths import Busy, Congress, Paths, Plan
from analysis.targets.outlook.rates import OVER_A_TERM, Rates, count_history, draw_rates
from analysis.targets.outlook.simulate import carry_forward
from analysis.words import Message

LEAST_MONTHS = 12


class Outlook(NamedTuple):
    """Simulated paths of the groups of a panel over `days` (the first is the registry's own)."""

    panel: Panel
    paths: Paths
    rates: Rates
    days: pd.DatetimeIndex

    @property
    def need(self) -> np.ndarray:
        """Whole heads needed on the last day, by group and draw."""
        shares = np.array([[target.share] for target in self.panel.targets])
        return heads_needed(shares, self.paths.members[-1])

    @property
    def margin(self) -> np.ndarray:
        """Heads above (or below) the need on the last day, by group and draw."""
        return self.paths.counted[-1] - self.need

    def chance(self, met: np.ndarray) -> np.ndarray:
        """Probability from draws (the last axis): half a draw is added on each side, so that it is never 0 and never 1;
        not within the month of today, whose heads are known."""
        half = 0.5 * (len(self.days) > 1)
        return (met.sum(axis=-1) + half) / (met.shape[-1] + 2 * half)


class Horizon(NamedTuple):
    """A day to look ahead to, the months watched, targets asked for and those that can be carried so far, why others
    not."""

    day: pd.Timestamp
    panel: Panel
    asked: tuple[str, ...]
    good: list[str]
    reasons: list[Message]

    def rows(self, described: Mapping[str, Sequence[Row]], empty: Sequence[Row]) -> list[Row]:
        """Give the rows of each target asked for, those `empty` where it is not described."""
        return [{**row, "outcome": name} for name in self.asked for row in described.get(name, empty)]


def look_out(reg: Registry, target: str | None, deadline: Day | None) -> Horizon:
    """See which targets (all without `target`) can be carried to a deadline (default: the last comparable day).

    Raises TargetsError for an unknown target and for a deadline that is no day or is not after the registry's own.
    """
    every = target_ids() if target is None else (find_target(target).id,)
    day = find_day(target) if deadline is None else read_day(deadline)
    over = refused(every, partial(check_end, reg.as_of, day))
    if pd.isna(day) or (day <= reg.as_of and len(over) < len(every)):
        raise TargetsError(
            "The deadline {deadline!s} is no day after {as_of:%Y-%m-%d}, the registry's own. Write a later one as "
            "YYYY-MM-DD, or load the registry as of an earlier day.",
            deadline=deadline,
            as_of=reg.as_of,
        )
    panel = watch_past(reg)
    stopped = refused(every, partial(check_group, reg, panel)) | over
    return Horizon(day, panel, every, [name for name in every if name not in stopped], list(stopped.values()))


def check_end(as_of: pd.Timestamp, day: pd.Timestamp, target: str) -> None:
    """Block a group that is at its end, or will be before a day: nothing is forecast of it."""
    ends = find_target(target).ends
    if as_of >= ends or day > ends:
        raise Blocked("{target}: no forecast, since the group ends on {ends:day}.", target=target, ends=ends)


def check_group(reg: Registry, panel: Panel, target: str) -> None:
    """Block a group that cannot be carried forward."""
    group, history = panel.place(target), len(panel.days) - 1
    if not panel.member[group, :, -1].any():
        raise Blocked("{target}: not assessable, the group has no members on {day:day}.", target=target, day=reg.as_of)
    if not reg.meta["leavers_included"]:
        raise Blocked(
            "{target}: not assessable, the registry leaves out people who left: no rate of leaving can be told.",
            target=target,
        )
    if history < LEAST_MONTHS:
        raise Blocked(
            "{target}: not assessable, {count} months of history, {least} needed.",
            target=target,
            count=history,
            least=LEAST_MONTHS,
        )


def watch_past(reg: Registry) -> Panel:
    """Lay out the months from which rates come: month ends up to the registry's day, as many as targets.yml says."""
    chosen, today = projection(), reg.as_of
    ends = [today - pd.offsets.MonthEnd(back) for back in range(max(chosen.window_months, chosen.term_months), 0, -1)]
    days = pd.DatetimeIndex([*(day for day in ends if day >= first_day(reg)), today])
    since = days[-min(len(days), chosen.window_months + 1)]
    late, wait = course_times(reg)
    return watch_groups(reg, target_ids(), days)._replace(
        drift=feeder_drift(reg, since), season=intake_season(reg), late=late, wait=wait
    )


def enrolment_window(panel: Panel) -> int:
    """Month number from which enrolments count: since the project where a whole year is seen, in whole years.

    Before that the last `window_months`. Enrolments come in intakes, so only whole years give a monthly rate.
    """
    now = int(panel.months[-1])
    seen = now - month(milestone("baseline"))
    return now - 12 * (min(seen // 12, 3) if seen >= LEAST_MONTHS else projection().window_months // 12)


def busy_months(more: Iterable[int] = ()) -> set[int]:
    """List the months about the congresses of events.yml, and about `more` that end in such months.

    Posts change hands more often in them; the rates of a calm month are told by the others.
    """
    prior, ends = projection().busy, [month(event.last) for event in events() if event.kind == "congress"]
    return {end + step for end in (*ends, *more) for step in range(-prior.before, prior.after + 1)}


def busy_ahead(first: pd.Timestamp, last: pd.Timestamp, more: Iterable[int] = ()) -> frozenset[int]:
    """List the busy months after the month of one day and up to that of another."""
    return frozenset(one for one in busy_months(more) if month(first) < one <= month(last))


def congresses(panel: Panel, last: pd.Timestamp, *, wider: bool = False) -> tuple[Congress, ...]:
    """List the congresses of the groups after a panel's last day up to another, with the stated prior of turnover."""
    prior = projection().congress
    sd = prior.sd * (prior.wider if wider else 1.0)
    return tuple(
        Congress(group, max(months), prior.turnover, sd)
        for group, target in enumerate(panel.targets)
        for months in congress_months(target, panel.days[-1], last)
    )


def look_ahead(
    panel: Panel,
    deadline: pd.Timestamp,
    *,
    draws: int,
    seed: int,
    factors: Mapping[str, float] | None = None,
    extra: tuple[Congress, ...] = (),
    wider: bool = False,
) -> Outlook:
    """Simulate the groups of a panel up to a day; `factors` multiply rates by kind."""
    chosen, today, months = projection(), panel.days[-1], month(deadline) - month(panel.days[-1])
    rates, rng = rates_ahead(panel, draws, seed)
    rates = rates.scaled(factors or {})
    busy, rush = busy_ahead(today, deadline, [one.month for one in extra]), chosen.busy
    plan = Plan(
        months=months,
        congresses=(*congresses(panel, deadline, wider=wider), *extra),
        shock_sd=chosen.shock_sd,
        course=chosen.course_months,
        age=len(panel.recent(chosen.window_months).days) / 2,
        busy=Busy(busy, rush.factor, rush.sd * (chosen.congress.wider if wider else 1.0)),
    )
    ends = [today, *pd.date_range(today + pd.offsets.MonthEnd(0), periods=max(months, 1), freq="ME")[1:], deadline]
    paths = carry_forward(panel, rates, plan, rng)
    return Outlook(panel, paths, rates, pd.DatetimeIndex(ends[: months + 1]))


def rates_ahead(panel: Panel, draws: int, seed: int) -> tuple[Rates, np.random.Generator]:
    """Draw the rates that a panel's past gives for what is to come, and the generator that carries it forward."""
    chosen, today = projection(), panel.days[-1]
    held = [
        set[int]().union(*congress_months(target, panel.days[0], today), () if target.elected else busy_months())
        for target in panel.targets
    ]
    calm, skip = [set[int]().union(*held)] * len(held), exceptional_months()
    history = count_history(panel.recent(chosen.window_months), elections=held, skip=skip)
    history = history.replaced(count_history(panel, elections=calm, skip=skip), *OVER_A_TERM)
    history = history.replaced(count_history(panel, elections=calm, since=enrolment_window(panel)), "enrol")
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(2)]
    rates = draw_rates(history, draws, streams[0], prior_events=chosen.prior_events, drift_sd=chosen.drift_sd)
    return rates, streams[1]
