"""The stock-flow ledger of a target: what moved it between days, by flow, kind and unit, closed to the last head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

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
from analysis.targets.results import Row, entry, give
from analysis.words import Message

LEDGER = ("opening", "enrolled", "entered", "dropped", "left", "closing")
COUNTED = ["term", "n", "n_event"]
KITAGAWA = ("opening", "within", "between", "closing")


def bridge(reg: Registry, *, target: str, start: Day, end: Day, reading: Reading = "has_or_studying") -> Estimate:
    """Split the change of a target's heads, and of its share, between two days.

    `heads` rows, signed: opening + enrolled (members on both days who came to count) + entered (newcomers who
    count) + dropped (members on both days who no longer count, <= 0) + left (leavers who counted, <= 0) = closing.
    `points` rows (share, 0 to 1): opening + status (enrolled and dropped over those present on both days)
    + entry + exit = closing, the entry and exit parts in the form of Melitz and Polanec (2015), no residual.
    Raises TargetsError where a day cannot be seen or start is not before end; blocked where a day has no members.
    """
    aim, (first, last) = find_target(target), period_of(reg, [start, end])
    roster = call_roster(reg, aim.group)
    spec = {"target": target, "reading": reading, "start": first, "end": last}
    base = {"method": "ledger", "outcome": target, "interval": "none", "date": last}
    try:
        before, after = (counted_on(roster, day, reading) for day in (first, last))
    except Blocked as stop:
        return give(base, [entry("heads", term) for term in LEDGER], spec, stop.reasons, "blocked")
    moves = count_moves(label_moves(reg, roster, (before, after), (first, last), seats=aim.elected))
    flows = moves.groupby("flow")[["heads", "points"]].sum().reindex(LEDGER[1:-1], fill_value=0)
    stay = len(before.index.intersection(after.index))
    sizes = (len(before), stay, len(after) - stay, stay, len(before) - stay, len(after))
    rows = [
        entry("heads", term, heads, n=size, n_event=abs(heads))
        for term, size, heads in zip(LEDGER, sizes, (before.sum(), *flows["heads"], after.sum()), strict=True)
    ]
    enrolled, entered, dropped, left = flows["points"]
    parts = (before.mean(), enrolled + dropped, entered, left, after.mean())
    return give(base, rows + _points(("opening", "status", "entry", "exit", "closing"), parts), spec)


def _points(terms: Iterable[str], parts: Iterable[float | None], **more: object) -> list[Row]:
    return [entry("points", term, part, **more) for term, part in zip(terms, parts, strict=True)]


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
    events = {(start, end): bar for start, end, bar in windows(aim, first, last)}
    cuts = sorted({*asked, *(day for window in events for day in window)})
    spec = {"target": target, "reading": reading, "days": asked}
    base = {"method": "ledger", "outcome": target, "interval": "none", "date": last}
    try:
        ends = [counted_on(roster, day, reading) for day in (first, last)]
    except Blocked as stop:
        return give(base, [entry("heads", "opening"), entry("heads", "closing")], spec, stop.reasons, "blocked")
    states = {day: counts for day in cuts if len(counts := counted(state_on(roster, day), reading))}
    parts = []
    for start, end in pairwise(states):
        moves = label_moves(reg, roster, (states[start], states[end]), (start, end), seats=aim.elected)
        parts.append(count_moves(moves).assign(start=start, end=end, bar=events.get((start, end), "")))
    periods = pd.concat(parts, ignore_index=True)
    opening, closing = (
        {"term": term, "n": len(counts), "heads": counts.sum(), "points": counts.mean()}
        for term, counts in zip(("opening", "closing"), ends, strict=True)
    )
    flows = [opening, *_merge(periods).to_dict("records"), closing]
    bars = pd.DataFrame(flows, columns=[*COUNTED, "heads", "points"])
    rows = bars.melt(COUNTED, var_name="estimand", value_name="estimate").to_dict("records")
    passed = len(states) < len(cuts)
    notes = [Message("Days without members lie between: the bridge passes over them.")] * passed
    return give(base, rows, spec, notes, "warned" if passed else "ok", {"periods": periods})


def _merge(periods: pd.DataFrame) -> pd.DataFrame:
    """Add the periods up, newcomers and leavers of an event window in the bar of the event."""
    through = periods["flow"].isin(["entered", "left"]) & (periods["bar"] != "")
    kind = ("[" + periods["kind"] + "]").where(periods["kind"] != "", "")
    term = (periods["flow"] + kind).mask(through, periods["bar"])
    order = periods["flow"].map(LEDGER.index).mask(through, len(LEDGER))
    added = periods.groupby([order, term.rename("term")])[["people", "heads", "points"]].sum().reset_index("term")
    return added.rename(columns={"people": "n"}).assign(n_event=added["heads"].abs())


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
        return give(base, _points(KITAGAWA, [None] * 4), spec, stop.reasons, "blocked")
    units = kitagawa(before, after)
    opening, closing = (table["counted"].sum() / table["members"].sum() for table in (before, after))
    parts = (opening, units["within"].sum(), units["between"].sum(), closing)
    return give(base, _points(KITAGAWA, parts, n=len(units)), spec, details={"units": units.reset_index()})


def kitagawa(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Split the change of an overall share by unit, symmetrically (Kitagawa 1955).

    Frames have a row a unit, columns `members` and `counted`; the answer `before`, `after`, `within`, `between`.
    """
    both = pd.concat({"before": before, "after": after}, axis=1, sort=True).swaplevel(axis=1)
    members = both["members"].fillna(0).astype(int)
    rate = (both["counted"] / both["members"]).bfill(axis=1).ffill(axis=1)  # that of the other day where it has none
    weight = members / members.sum()
    within = weight.mean(axis=1) * (rate["after"] - rate["before"])
    between = (weight["after"] - weight["before"]) * rate.mean(axis=1)
    return members.assign(within=within, between=between)


def _by_unit(roster: Roster, day: pd.Timestamp, reading: str) -> pd.DataFrame:
    counts, rows = counted_on(roster, day, reading), roster.group[held_on(roster.group, day)]
    unit = rows["unit_id"].astype("object").fillna("").groupby(rows["person_id"]).min().rename("unit")
    groups = counts.to_frame("counted").groupby(unit.reindex(counts.index))
    return groups.agg(members=("counted", "size"), counted=("counted", "sum"))
