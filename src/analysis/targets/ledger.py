"""The stock-flow ledger of a target: what moved it between days, by flow, kind and unit, closed to the last head."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.results import Row, entry, give
from analysis.targets.events import windows
from analysis.targets.flows import label_moves, name_moves
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
from analysis.words import Message

LEDGER = ("opening", "enrolled", "entered", "dropped", "left", "closing")
WHAT = ["term", "date", "n", "n_event"]
KITAGAWA = ("opening", "within", "between", "closing")


def bridge(reg: Registry, *, target: str, start: Day, end: Day, reading: Reading = "has_or_studying") -> Estimate:
    """Split the change of a `target`'s heads and share in `reg` from `start` to `end`, by person and by cause.

    `reading`: how the target's words are read (`readings`).

    `heads` rows, signed: `opening`, `enrolled[funder]` (members who came to count), `entered[way in]` (newcomers who
    count), `dropped` (members who no longer count), `left[reason]` (leavers who counted), `closing`. Windows of
    events.yml are terms of their own: who comes and goes at the group's `congress` or at a `merger`, who comes in a
    `freeze`, who retires early or resigns in a `wave` of departures; `n` is then the people of each move. `points` rows
    (share, 0 to 1): the same, a head being one over the members of the first day, and `size`: what the heads of the
    last day are over its members, less over those of the first. Both add up without a residual; `details["people"]`
    gives each person's part in `people` and in `size`. Days without members between the two are passed over, and a note
    says so. Raises TargetsError where a day cannot be seen or start is not before end; blocked where a day has no
    members.

    >>> moved = targets.bridge(reg, target="T4", start="2023-12-31", end="2024-12-31")
    >>> moved.pick(estimand="heads", term=["opening", "closing"]).table["estimate"].tolist()
    [133.0, 144.0]
    """
    aim, (first, last) = find_target(target), period_of(reg, [start, end])
    roster, events = call_roster(reg, aim.group), windows(aim, first, last)
    cuts = sorted({first, last, *(day for *ends, _ in events for day in ends)})
    spec = {"target": target, "reading": reading, "start": first, "end": last}
    base = {"method": "ledger", "outcome": target, "interval": "none", "date": last}
    try:
        before, after = (counted_on(roster, day, reading) for day in (first, last))
    except Blocked as stop:
        return give(base, [entry("heads", "opening"), entry("heads", "closing")], spec, stop.reasons, "blocked")
    states = {day: counts for day in cuts if len(counts := counted(state_on(roster, day), reading))}
    parts = []
    for one, two in pairwise(states):
        ends, seats = (states[one], states[two]), aim.elected
        moves = label_moves(reg, roster, ends, (one, two), seats=seats, whole=(first, last))
        bars = {bar for begin, stop, bar in events if begin <= one and two <= stop}
        parts.append(moves.assign(term=name_moves(moves, bars)))
    people = pd.concat(parts).query("flow != 'stayed'")
    heads = people["counts"].astype(int) - people["was"]
    members = people["flow"].eq("entered").astype(int) - people["flow"].eq("left")
    people = people.assign(people=heads / len(before), size=-after.mean() * members / len(before), heads=heads)
    rows = [
        {"term": "opening", "date": first, "n": len(before), "heads": before.sum(), "points": before.mean()},
        *_add_up(people).assign(date=last).to_dict("records"),
        {"term": "size", "date": last, "n": members.ne(0).sum(), "points": people["size"].sum()},
        {"term": "closing", "date": last, "n": len(after), "heads": after.sum(), "points": after.mean()},
    ]
    wide = pd.DataFrame(rows, columns=[*WHAT, "heads", "points"])
    table = wide.melt(WHAT, var_name="estimand", value_name="estimate")
    passed = len(states) < len(cuts)
    notes = [Message("Days without members lie between: the bridge passes over them.")] * passed
    rows = table[table["estimand"].eq("points") | table["term"].ne("size")].to_dict("records")
    return give(base, rows, spec, notes, "warned" if passed else "ok", {"people": people.reset_index()})


def _add_up(people: pd.DataFrame) -> pd.DataFrame:
    """Add the moves of people up, term by term in the order of the ledger, those of events behind the others."""
    order = people["flow"].map(LEDGER.index).where(people["term"].str.startswith(tuple(LEDGER)), len(LEDGER))
    added = people.groupby([order.rename("order"), "term"]).agg(
        n=("heads", "size"), heads=("heads", "sum"), points=("people", "sum")
    )
    return added.reset_index("term").assign(n_event=added["heads"].abs().to_numpy())


def split_units(reg: Registry, *, target: str, start: Day, end: Day, reading: Reading = "has_or_studying") -> Estimate:
    """Split the change of a `target`'s share in `reg` from `start` to `end`: within units, and in their weights.

    `reading`: how the target's words are read (`readings`).

    `points` rows (shares): opening + `within` (sum of mean weight x change of rate) + `between` (sum of change of
    weight x mean rate) = closing, no residual; `details["units"]` has both parts by unit. A unit with members on one
    day only counts wholly as change of weight. A member of several units counts in the first by identifier; members
    without a unit are one unit of their own.

    >>> targets.split_units(reg, target="T4", start="2023-12-31", end="2024-12-31").table["term"].tolist()
    ['opening', 'within', 'between', 'closing']
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


def _points(terms: Iterable[str], parts: Iterable[float | None], **more: object) -> list[Row]:
    return [entry("points", term, part, **more) for term, part in zip(terms, parts, strict=True)]


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
