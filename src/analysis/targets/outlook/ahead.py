"""A look ahead from a registry's day: which groups can be carried forward, and their simulated paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.groups import heads_needed, is_elected, milestone, target_ids
from analysis.targets.groups import target as target_entry
from analysis.targets.outlook.panel import Panel, feeder_drift, intake_season, watch_groups
from analysis.targets.outlook.paths import Busy, Congress, Paths, Plan
from analysis.targets.outlook.rates import OVER_A_TERM, Rates, count_history, draw_rates, scale_rates
from analysis.targets.outlook.simulate import carry_forward
from analysis.targets.periods import event_windows
from analysis.text import Text

LEAST_MONTHS = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlook:
    """Simulated paths of the groups over `days` (the first is the registry's own), with each one's need."""

    panel: Panel
    paths: Paths
    rates: Rates
    days: pd.DatetimeIndex
    shares: np.ndarray

    @property
    def need(self) -> np.ndarray:
        """Whole heads needed, by month, group and draw."""
        size = self.paths.members
        return np.stack([_need(share, size[:, group]) for group, share in enumerate(self.shares)], axis=1)

    @property
    def margin(self) -> np.ndarray:
        """Heads above (or below) the need on the last day, by group and draw."""
        return self.paths.counted[-1] - self.need[-1]


def _need(share: float, size: np.ndarray) -> np.ndarray:
    table = np.array([heads_needed(share, members) for members in range(int(size.max()) + 1)])
    return table[size]


def settings() -> Mapping:
    """Give the settings of projections in targets.yml."""
    return reference("targets.yml")["projection"]


def months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    """Count the months from one day to another."""
    return (last.year - first.year) * 12 + last.month - first.month


def why_not(reg: Registry, panel: Panel, target: str, deadline: pd.Timestamp) -> Text | None:
    """Say why a group cannot be carried forward to a day, or None."""
    ends = target_entry(target).get("ends")
    if ends is not None and deadline > pd.Timestamp(ends):
        return Text(
            f"{target}: not assessable on {deadline:%Y-%m-%d}, the group ends on {ends}, its last comparable day.",
            f"{target}: không đánh giá được ngày {deadline:%d/%m/%Y}, nhóm kết thúc ngày {pd.Timestamp(ends):%d/%m/%Y}, ngày so sánh cuối.",
        )
    if not panel.member[panel.targets.index(target), :, -1].any():
        return Text(f"{target}: not assessable, the group has no members on {reg.as_of:%Y-%m-%d}.",
                    f"{target}: không đánh giá được, nhóm không có thành viên ngày {reg.as_of:%Y-%m-%d}.")  # fmt: skip
    if not reg.meta["leavers_included"]:
        return Text(f"{target}: not assessable, the registry leaves out people who left: no rate of leaving can be told.",
                    f"{target}: không đánh giá được, dữ liệu thiếu người đã rời công vụ nên không ước lượng được tỷ lệ rời.")  # fmt: skip
    if len(panel.days) <= LEAST_MONTHS:
        return Text(f"{target}: not assessable, {len(panel.days) - 1} months of history, {LEAST_MONTHS} needed.",
                    f"{target}: không đánh giá được, mới có {len(panel.days) - 1} tháng dữ liệu, cần {LEAST_MONTHS}.")  # fmt: skip
    return None


def watch_past(reg: Registry, targets: Sequence[str] = ()) -> Panel:
    """Lay out the months from which rates come: month ends up to the registry's day, as far back as targets.yml says."""
    back = max(settings()["window_months"], settings()["term_months"])
    days = reg.as_of - pd.tseries.offsets.MonthEnd() * np.arange(back, 0, -1)
    days = pd.DatetimeIndex([day for day in days if day >= pd.Timestamp(reg.meta["covers_from"])] + [reg.as_of])
    panel = watch_groups(reg, tuple(targets) or target_ids(), days)
    since = days[-min(len(days), settings()["window_months"] + 1)]
    return replace(panel, drift=feeder_drift(reg, since), season=intake_season(reg))


def enrolment_window(panel: Panel) -> int:
    """Month number from which enrolments count: since the project where a whole year is seen, in whole years.

    Before that the last `window_months`. Enrolments come in intakes, so only whole years give a monthly rate.
    """
    now, start = int(panel.months[-1]), months_between(pd.Timestamp("1970-01-01"), milestone("baseline"))
    seen = now - start
    years = min(seen // 12, 3) if seen >= LEAST_MONTHS else settings()["window_months"] // 12
    return now - 12 * years


def recent(panel: Panel, months: int) -> Panel:
    """Keep the last months of a panel."""
    keep = slice(-(months + 1), None)
    return replace(panel, days=panel.days[keep], member=panel.member[:, :, keep], status=panel.status[:, keep],
                   ladder=panel.ladder.last(months + 1))  # fmt: skip


def exceptional_months() -> set[int]:
    """List the months (from January 1970) of freezes and waves of departures in events.yml: no rate to come is told by them.

    Enrolments count all the same, since only whole years of intakes give their rate.
    """
    epoch, months = pd.Timestamp("1970-01-01"), set()
    for event in reference("events.yml"):
        if event["kind"] in ("freeze", "exits"):
            first, after = (months_between(epoch, pd.Timestamp(event[end])) for end in ("started", "ended"))
            months |= set(range(first, after))
    return months


def busy_months(more: Iterable[int] = ()) -> set[int]:
    """List the months (from January 1970) about the congresses of events.yml, and about `more` that end in such months.

    Posts change hands more often in them; the rates of a calm month are told by the others.
    """
    prior, epoch = settings()["busy"], pd.Timestamp("1970-01-01")
    held = [event for event in reference("events.yml") if event["kind"] == "congress"]
    days = [event["ended"] - timedelta(days=1) if "ended" in event else event["date"] for event in held]
    ends = [months_between(epoch, pd.Timestamp(day)) for day in days]
    return {end + step for end in (*ends, *more) for step in range(-prior["before"], prior["after"] + 1)}


def busy_ahead(first: pd.Timestamp, last: pd.Timestamp, more: Iterable[int] = ()) -> frozenset[int]:
    """List the busy months after the month of one day and up to that of another."""
    epoch = pd.Timestamp("1970-01-01")
    start, end = (months_between(epoch, day) for day in (first, last))
    return frozenset(month for month in busy_months(more) if start < month <= end)


def congresses(
    targets: Sequence[str], first: pd.Timestamp, last: pd.Timestamp, *, wider: bool = False
) -> tuple[Congress, ...]:
    """List the congresses of the groups after a day and up to another (events.yml), with the stated prior of turnover."""
    prior = settings()["congress"]
    sd = prior["sd"] * (prior["wider"] if wider else 1.0)
    return tuple(
        Congress(group, months_between(pd.Timestamp("1970-01-01"), end), prior["turnover"], sd)
        for group, name in enumerate(targets)
        for _, end, bar in event_windows(name, first, last)
        if bar == "congress"
    )


def look_ahead(
    panel: Panel,
    times: tuple[np.ndarray, np.ndarray],
    deadline: pd.Timestamp,
    *,
    draws: int,
    seed: int,
    factors: Mapping[str, float] | None = None,
    extra: tuple[Congress, ...] = (),
    wider: bool = False,
    after: int = 0,
) -> Outlook:
    """Simulate the groups of a panel up to a day; `times` as of `course_times`; `factors` multiply rates by kind."""
    chosen, today = settings(), panel.days[-1]
    months = months_between(today, deadline)
    past = recent(panel, chosen["window_months"])
    held = {name: {months_between(pd.Timestamp("1970-01-01"), end) - back
                   for start, end, bar in event_windows(name, panel.days[0], today) if bar == "congress"
                   for back in range(months_between(start, end) + 1)} for name in panel.targets}  # fmt: skip
    seats = tuple(map(is_elected, panel.targets))
    prior = chosen["busy"]
    held |= {name: held[name] | busy_months() for name, seat in zip(panel.targets, seats, strict=True) if not seat}
    calm = dict.fromkeys(panel.targets, set().union(*held.values()))
    size = panel.member.sum(axis=1).max(axis=1)
    skip = exceptional_months()
    history = count_history(past, since=0, elections=held, seats=seats, size=size, skip=skip)
    term = count_history(panel, since=0, elections=calm, seats=seats, size=size, skip=skip)
    enrolled = count_history(panel, since=enrolment_window(panel), elections=calm, seats=seats, size=size)
    history = history.replaced(term, *OVER_A_TERM).replaced(enrolled, "enrol")
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(2)]
    rates = draw_rates(history, draws, streams[0], prior_events=chosen["prior_events"], drift_sd=chosen["drift_sd"])
    plan = Plan(
        months=months,
        after=after,
        seats=seats,
        congresses=(*congresses(panel.targets, today, deadline, wider=wider), *extra),
        shock_sd=chosen["shock_sd"],
        course=chosen["course_months"],
        late=times[0],
        wait=times[1],
        busy=Busy(
            busy_ahead(today, deadline, [one.month for one in extra]),
            prior["factor"],
            prior["sd"] * (chosen["congress"]["wider"] if wider else 1.0),
        ),
    )
    rates = replace(scale_rates(rates, factors or {}), drift=panel.drift, age=len(past.days) / 2)
    paths = carry_forward(panel, rates, plan, streams[1])
    days = pd.DatetimeIndex([today, *(today + pd.tseries.offsets.MonthEnd() * np.arange(1, months + 1))])
    days = days[:-1].append(pd.DatetimeIndex([deadline])) if months else days
    shares = np.array([target_entry(name)["share"] for name in panel.targets])
    return Outlook(panel=panel, paths=paths, rates=rates, days=days, shares=shares)
