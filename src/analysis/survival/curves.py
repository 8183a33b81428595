"""Curves of risk over time by group: Kaplan-Meier and Aalen-Johansen with late entry and competing exits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.errors import EffectsError, check_lists, check_options
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.frames import check_spells
from analysis.survival.grouptests import GroupCounts, gray, log_rank
from analysis.survival.steps import (
    Interval,
    Steps,
    build_steps,
    incidence_error,
    mean_time,
    median_time,
    risk_interval,
)
from analysis.words import Message

LEVEL = 0.95
STAYING = "event_0"
GROUP = " group"
NO_EVENTS = Message("event: there are no events.")


def estimate_incidence(
    frame: pd.DataFrame | Counts,
    *,
    by: str | Sequence[str] | None = None,
    horizons: Sequence[float] | None = (12, 24, 36, 60),
    interval: Interval = "log-log",
    restricted_to: float | None = None,
    strata: Sequence[str] = (),
) -> Estimate:
    """Estimate the risk of each event over time by group, from start-stop rows (start, stop] or counts of them.

    `frame` has person_id, start, stop, event (0 censored, 1 the outcome, 2.. competing exits) and the columns `by`.
    Rows: `risk` a group, event and horizon of `horizons` (None: every event time); `probability` of no event yet
    (outcome `event_0`); `restricted_mean` time up to `restricted_to` (the last horizon all groups reach) without and
    after each event; with groups a `test` of equal hazards (log-rank) and, with competing events, of equal incidences
    (Gray), within `strata`. `interval`: `log-log` or `log` of the probability of staying out.
    Where nobody is followed to a horizon the row is empty and a note says so; nothing is extrapolated.
    Raises EffectsError for a frame or setting that breaks its contract. `details`: `medians`, `fit`.
    Source: Aalen and Johansen (1978), Scand. J. Stat. 5:141-150; Gray (1988), Ann. Stat. 16:1141-1154.

    >>> effects.estimate_incidence(frame, by="sex", horizons=[36]).pick(estimand="risk").table.shape
    (14, 21)
    """
    by = [] if by is None else [by] if isinstance(by, str) else list(by)
    check_lists(EffectsError, horizons=() if horizons is None else horizons, strata=strata)
    horizons = None if horizons is None else [*horizons]
    spec = {
        "by": by,
        "horizons": horizons,
        "interval": interval,
        "restricted_to": restricted_to,
        "strata": [*strata],
    }
    counts = _count(frame, by, strata, horizons, interval)
    named, by = " x ".join(by), [GROUP] if GROUP in counts.patterns else by
    codes = sorted(counts.events)
    groups = {term: group_steps(counts, rows, codes) for term, rows in find_groups(counts, by)}
    if not codes:
        empty = [{"estimand": "risk", "outcome": "event_1", "term": term} for term in groups]
        return blocked(empty, spec, NO_EVENTS)
    origin = min([0.0, *(steps.first for steps in groups.values())])
    if early := [time for time in horizons or () if time < origin]:
        raise EffectsError("horizons: {early} come before {origin:g}, when time begins.", early=early, origin=origin)
    people = _people(counts, by)
    end = restricted_to if restricted_to is not None else _common_end(groups, horizons)
    table, means, notes = [], [], []
    for term, steps in groups.items():
        times, seen = steps.times if horizons is None else horizons, people.get(term, {})
        rows = [row for time in times for row in risk_rows(steps, codes, time, interval)]
        table += [_of_group(row, term, seen) for row in rows]
        means += [_of_group(row, term, seen) for row in mean_rows(steps, codes, end)]
        notes += _say_limits(term, steps, times)
    table += means
    if len(groups) > 1:
        table += compare_groups(counts, by, strata, codes, named)
    details = {
        "medians": lay_out_medians(groups, interval),
        "fit": pd.DataFrame({"rows": [counts.rows], "people": [counts.people]}),
    }
    status = "warned" if notes else "ok"
    return Estimate(table=table, spec=spec, notes=tuple(notes), status=status, details=details)


def _count(
    frame: pd.DataFrame | Counts, by: Sequence[str], strata: Sequence[str], horizons: Any, interval: Interval
) -> Counts:
    check_options(EffectsError, interval=(interval, Interval))
    if horizons is not None and not (len(horizons) and np.isfinite(np.asarray(horizons, dtype="float64")).all()):
        raise EffectsError("horizons is {horizons!r}; give times, or None for every event time.", horizons=horizons)
    if isinstance(frame, Counts):
        missing = [name for name in (*by, *strata) if name not in frame.patterns]
        if missing or frame.weight_sums is not None:
            raise EffectsError(
                "Counts are by {patterns}; missing: {missing}. Curves need them, and no weights.",
                patterns=list(frame.patterns),
                missing=missing,
            )
        return frame
    people = check_spells(frame, [*by, *strata], error=EffectsError)
    if not by:
        return count_frame(frame, people, strata)
    group = pd.Categorical.from_codes(*_number_groups(frame, by))
    return count_frame(frame.assign(**{GROUP: group}), people, [GROUP, *strata])


def _number_groups(frame: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Number each row's group and name the groups: levels of several columns joined by a comma, in their order."""
    number = frame.groupby(list(by), observed=True, sort=True).ngroup().to_numpy()
    first = np.unique(number, return_index=True)[1]
    return number, [", ".join(map(str, key)) for key in frame[list(by)].iloc[first].itertuples(index=False)]


def find_groups(counts: Counts, by: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Give each group's name and its patterns, in the order of the levels."""
    if not by:
        yield "all", np.arange(len(counts.patterns))
        return
    number, names = _number_groups(counts.patterns, by)
    for place, name in enumerate(names):
        yield name, np.flatnonzero(number == place)


def group_steps(counts: Counts, rows: np.ndarray, codes: Sequence[int]) -> Steps:
    """Build the curves of a group of patterns."""
    at_risk, events = counts.totals(codes, rows)
    at = np.flatnonzero(sum(events.values()) if codes else np.zeros(len(counts.times)))
    followed = np.flatnonzero(at_risk > 0)
    span = float(counts.times[followed[0] - 1]), float(counts.times[followed[-1]])
    return build_steps(counts.times[at], at_risk[at], {code: number[at] for code, number in events.items()}, span)


def _people(counts: Counts, by: Sequence[str]) -> dict[str, dict]:
    seen = counts.people_by
    one = seen[seen["column"] == (by[0] if by else "")]
    if len(by) > 1 or (by and not (len(one) and (one["level"] != "").all())):
        return {}
    rows = one.set_index("level").drop(columns="column")
    return {term or "all": values for term, values in rows.to_dict("index").items()}


def _of_group(row: dict[str, Any], term: str, seen: dict[str, int]) -> dict[str, Any]:
    """Say whose row it is, and how many people stand behind it."""
    return row | {"term": term, "n": seen.get("people"), "n_event": seen.get(row["outcome"])}


def _row(method: str, estimand: str, code: int | None, time: float, interval: str) -> dict[str, Any]:
    return {
        "method": method,
        "estimand": estimand,
        "population": "at_risk",
        "time": float(time),
        "se_scale": "identity",
        "outcome": STAYING if code is None else f"event_{code}",
        "conf_level": LEVEL,
        "interval": interval,
    }


def risk_rows(steps: Steps, codes: Sequence[int], time: float, form: str) -> list[dict[str, Any]]:
    """Lay out the risk of each event and the probability of none at a time; empty where nobody is followed so far."""
    rows = []
    method = "kaplan_meier" if len(codes) == 1 else "aalen_johansen"
    for code in (*codes, None):
        row = _row(method, "probability" if code is None else "risk", code, time, form)
        if steps.known(time):
            curve = steps.staying if code is None else steps.incidence[code]
            value, error = steps.at(curve, time, float(code is None)), incidence_error(steps, code, time)
            low, high = risk_interval(value if code is not None else 1 - value, error, LEVEL, form)
            if code is None:
                low, high = 1 - high, 1 - low
            row |= {"estimate": value, "std_error": error, "conf_low": low, "conf_high": high}
        rows.append(row)
    return rows


def mean_rows(steps: Steps, codes: Sequence[int], end: float) -> list[dict[str, Any]]:
    """Lay out mean times up to `end` without any event and after each; empty where nobody is followed so far."""
    rows, z = [], ndtri(0.5 + LEVEL / 2)
    origin = min(steps.first, 0.0)
    for code in (None, *codes):
        row = _row("restricted_mean", "restricted_mean", code, end, "wald")
        if steps.known(end):
            value, error = mean_time(steps, code, end, origin)
            row |= {
                "estimate": value,
                "std_error": error,
                "conf_low": max(value - z * error, 0.0),
                "conf_high": min(value + z * error, end - origin),
            }
        rows.append(row)
    return rows


def compare_groups(
    counts: Counts, by: Sequence[str], strata: Sequence[str], codes: Sequence[int], named: str
) -> list[dict[str, Any]]:
    """Lay out the tests of equal hazards and, with competing events, of equal incidences."""
    groups = [rows for _, rows in find_groups(counts, by)]
    tables = []
    for _, part in find_groups(counts, strata):
        sums = [counts.totals(codes, np.intersect1d(rows, part)) for rows in groups]
        events = {code: np.array([number[code] for _, number in sums]) for code in codes}
        tables.append(GroupCounts(np.array([at_risk for at_risk, _ in sums]), events))
    tests = {"log_rank": log_rank, **({"gray": gray} if len(codes) > 1 else {})}
    return [
        {
            "method": method, "estimand": "test", "population": "at_risk", "outcome": f"event_{code}", "term": named,
            "n": counts.people, **test(tables, code),
        }
        for method, test in tests.items() for code in codes
    ]  # fmt: skip


def _common_end(groups: dict[str, Steps], horizons: Sequence[float] | None) -> float:
    reached = min(steps.last for steps in groups.values())
    within = [float(time) for time in horizons or () if time <= reached]
    return max(within) if within else reached


def _say_limits(term: str, steps: Steps, times: Sequence[float] | np.ndarray) -> list[Message]:
    notes = []
    if len(times) and not steps.known(max(times)):
        notes.append(
            Message("{term}: nobody is followed beyond {last:g}; later horizons are empty.", term=term, last=steps.last)
        )
    if steps.first > 0:
        notes.append(
            Message(
                "{term}: nobody is followed before {first:g}; the risk counts from there.", term=term, first=steps.first
            )
        )
    gaps = np.flatnonzero(steps.staying[:-1] == 0)
    if len(gaps):
        notes.append(
            Message(
                "{term}: all at risk had an event at {time:g}, when few had entered; the curve stays there though "
                "people enter later. Start it after that time.",
                term=term,
                time=steps.times[gaps[0]],
            )
        )
    return notes


def lay_out_medians(groups: dict[str, Steps], form: str) -> pd.DataFrame:
    """Lay out the time by which half of each group have had an event of any kind."""
    rows = [(term, *median_time(steps, LEVEL, form)) for term, steps in groups.items()]
    return pd.DataFrame(rows, columns=["term", "median", "conf_low", "conf_high"])
