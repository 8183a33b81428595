"""The stock-flow ledger of a target: what moved it between days, by flow, kind and unit, closed to the last head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.events import windows
from analysis.targets.flows import count_moves, label_moves
from analysis.targets.groups import (
    Day,
    Reading,
    Roster,
    call_roster,
    counted,
    counted_on,
    find_target,
    held_on,
    period_of,
    state_on,
)
from analysis.targets.results import Row, give
from analysis.words import Message

LEDGER = ("opening", "enrolled", "entered", "dropped", "left", "closing")


def bridge(reg: Registry, *, target: str, start: Day, end: Day, reading: Reading = "has_or_studying") -> Estimate:
    """Split the change of a target's heads, and of its share, between two days.

    `heads` rows, signed: opening + enrolled (members on both days who came to count) + entered (newcomers who
    count) + dropped (members on both days who no longer count, <= 0) + left (leavers who counted, <= 0) = closing.
    `points` rows (share, 0 to 1): opening + status (enrolled and dropped over those present on both days)
    + entry + exit = closing, the entry and exit parts in the form of Melitz and Polanec (2015), no residual.
    Raises TargetsError where a day cannot be seen or start is not before end; blocked where a day has no members.
    """
    first, last = period_of(reg, [start, end])
    roster = call_roster(reg, find_target(target).group)
    spec = {"target": target, "reading": reading, "start": first, "end": last}
    base = {"method": "ledger", "outcome": target, "interval": "none", "date": last}
    try:
        before, after = (counted_on(roster, day, reading) for day in (first, last))
    except Blocked as stop:
        return give(base, [{"estimand": "heads", "term": term} for term in LEDGER], spec, stop.reasons, "blocked")
    stay = before.index.intersection(after.index)
    was, now, come, go = before[stay], after[stay], after.drop(stay), before.drop(stay)
    flows = ((1, before), (1, now & ~was), (1, come), (-1, was & ~now), (-1, go), (1, after))
    rows: list[Row] = [
        {"estimand": "heads", "term": term, "estimate": sign * who.sum(), "n": len(who), "n_event": who.sum()}
        for term, (sign, who) in zip(LEDGER, flows, strict=True)
    ]
    rate0, rate1 = (was.mean(), now.mean()) if len(stay) else (0.0, 0.0)
    points = {
        "opening": before.mean(),
        "status": rate1 - rate0,
        "entry": (come.sum() - len(come) * rate1) / len(after),
        "exit": (len(go) * rate0 - go.sum()) / len(before),
        "closing": after.mean(),
    }
    return give(base, [*rows, *_points(points)], spec)


def _points(parts: Mapping[str, float | None], **more: object) -> list[Row]:
    return [{"estimand": "points", "term": term, "estimate": part, **more} for term, part in parts.items()]


def bridge_periods(
    reg: Registry, *, target: str, days: Sequence[Day], reading: Reading = "has_or_studying"
) -> Estimate:
    """Chain bridges over `days` and split every flow by kind.

    `heads` and `points` rows, as in `bridge`, with terms `opening`, `enrolled[funder]`, `entered[way in]`, `dropped`,
    `left[reason]`, `congress`, `merger` and `closing`: they add up without a residual. Periods are cut at the group's
    congress and at mergers (events.yml); who comes and goes in such a window is in that bar, and `details["periods"]`
    keeps every period in full. `n` is the people of a flow (of a person who came and went: of each move). Days
    without members between the first and the last are passed over, and a note says so.
    Raises TargetsError for days not in order or that cannot be seen; blocked where the first or last has no members.
    """
    aim, asked = find_target(target), period_of(reg, days)
    first, last = asked[0], asked[-1]
    roster = call_roster(reg, aim.group)
    bars = {(start, end): bar for start, end, bar in windows(aim, first, last)}
    cuts = sorted({*asked, *(day for window in bars for day in window)})
    spec = {"target": target, "reading": reading, "days": asked}
    base = {"method": "ledger", "outcome": target, "interval": "none", "date": last}
    try:
        ends = {day: counted_on(roster, day, reading) for day in (first, last)}
    except Blocked as stop:
        rows = [{"estimand": "heads", "term": term} for term in ("opening", "closing")]
        return give(base, rows, spec, stop.reasons, "blocked")
    states = {day: counts for day in cuts if len(counts := counted(state_on(roster, day), reading))}
    seen, parts = list(states), []
    for start, end in zip(seen, seen[1:], strict=False):
        moves = label_moves(reg, roster, (states[start], states[end]), (start, end), seats=aim.elected)
        parts.append(count_moves(moves).assign(start=start, end=end, bar=bars.get((start, end), "")))
    periods = pd.concat(parts, ignore_index=True)
    flows, rows = _merge(periods).to_dict("records"), []
    for estimand, measure in (("heads", pd.Series.sum), ("points", pd.Series.mean)):
        moved = [
            {"term": flow["term"], "estimate": flow[estimand], "n": flow["people"], "n_event": abs(flow["heads"])}
            for flow in flows
        ]
        opening, closing = (
            {"term": term, "estimate": measure(end), "n": len(end)}
            for term, end in zip(("opening", "closing"), ends.values(), strict=True)
        )
        rows += [{"estimand": estimand, **row} for row in (opening, *moved, closing)]
    notes = [Message("Days without members lie between: the bridge passes over them.")] if len(seen) < len(cuts) else []
    return give(base, rows, spec, notes, "warned" if notes else "ok", {"periods": periods})


def _merge(periods: pd.DataFrame) -> pd.DataFrame:
    """Add the periods up, newcomers and leavers of an event window in the bar of the event."""
    through = periods["flow"].isin(["entered", "left"]) & (periods["bar"] != "")
    kind = ("[" + periods["kind"] + "]").where(periods["kind"] != "", "")
    term = (periods["flow"] + kind).mask(through, periods["bar"])
    order = periods["flow"].map({"enrolled": 0, "entered": 1, "dropped": 2, "left": 3}).mask(through, 4)
    added = periods.assign(term=term, order=order).groupby(["order", "term"])[["people", "heads", "points"]].sum()
    return added.reset_index()


def split_units(reg: Registry, *, target: str, start: Day, end: Day, reading: Reading = "has_or_studying") -> Estimate:
    """Split the change of a target's share into change within units and change in their weights.

    `points` rows (shares): opening + `within` (sum of mean weight x change of rate) + `between` (sum of change of
    weight x mean rate) = closing, no residual; `details["units"]` has both parts by unit. A unit with members on one
    day only counts wholly as change of weight. A member of several units counts in the first by identifier; members
    without a unit are one unit of their own.
    """
    first, last = period_of(reg, [start, end])
    roster = call_roster(reg, find_target(target).group)
    spec = {"target": target, "reading": reading, "start": first, "end": last}
    base = {"method": "kitagawa", "outcome": target, "date": last}
    try:
        before, after = (_by_unit(roster, day, reading) for day in (first, last))
    except Blocked as stop:
        none = dict.fromkeys(("opening", "within", "between", "closing"))
        return give(base, _points(none), spec, stop.reasons, "blocked")
    units = kitagawa(before, after)
    opening, closing = (table["counted"].sum() / table["members"].sum() for table in (before, after))
    parts = {"opening": opening, "within": units["within"].sum(), "between": units["between"].sum(), "closing": closing}
    return give(base, _points(parts, n=len(units)), spec, details={"units": units.reset_index()})


def kitagawa(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Split the change of an overall share by unit, symmetrically (Kitagawa 1955).

    Frames have a row a unit, columns `members` and `counted`; the answer `before`, `after`, `within`, `between`.
    """
    units = before.index.union(after.index)
    size = [table["members"].reindex(units, fill_value=0) for table in (before, after)]
    rate = [(table["counted"] / table["members"]).reindex(units) for table in (before, after)]
    rate = [rate[0].fillna(rate[1]), rate[1].fillna(rate[0])]
    weight = [one / one.sum() for one in size]
    within = (weight[0] + weight[1]) / 2 * (rate[1] - rate[0])
    between = (weight[1] - weight[0]) * (rate[0] + rate[1]) / 2
    return pd.DataFrame({"before": size[0], "after": size[1], "within": within, "between": between})


def _by_unit(roster: Roster, day: pd.Timestamp, reading: str) -> pd.DataFrame:
    counts, rows = counted_on(roster, day, reading), roster.group[held_on(roster.group, day)]
    unit = rows["unit_id"].astype("object").fillna("").groupby(rows["person_id"]).min().rename("unit")
    groups = counts.to_frame("counted").groupby(unit.reindex(counts.index))
    return groups.agg(members=("counted", "size"), counted=("counted", "sum"))
