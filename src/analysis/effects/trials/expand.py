"""Trials in counts: who is eligible in which trial, in which arm, followed how long, and with what end.

One row a person and trial is all that is ever laid out; months of follow-up exist only as counts by entry, an entry
being the people of one trial, arm and covariate pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import EffectsError
from analysis.survival.frames import check_spells, numbers
from analysis.survival.patterns import code_column, number_patterns

LEAST_STARTERS = 5
LONGEST = 16_000  # months to either side of 0 that lengths of follow-up can count


@dataclass(frozen=True, eq=False)
class People:
    """Person-trials (one row each), and the frame rows they start in.

    `person`, `trial` (place in `trials`), `arm` (1 starts now), `pattern`, `length` (months followed), `event` (0
    censored, 1 the outcome, 2 any exit), `row` (of the frame, in its order by person and time).
    """

    person: NDArray
    trial: NDArray
    arm: NDArray
    pattern: NDArray
    length: NDArray
    event: NDArray
    row: NDArray

    def of(self, chosen: NDArray) -> People:
        """Keep some person-trials."""
        return People(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def heads(self, chosen: NDArray) -> int:
        """Count the distinct people of some person-trials."""
        return len(np.unique(self.person[chosen]))

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, eq=False)
class Trials:
    """All trials: their months, the covariate `patterns` at the start, the person-trials and the sorted frame.

    `ids` are the people's labels by code; `last` is the end of follow-up; `rows` has `person`, `start`, `stop`,
    `event`, `treated`, `eligible` and `pattern` of the frame sorted by person and time.
    """

    months: NDArray
    patterns: pd.DataFrame
    people: People
    ids: pd.Index
    rows: pd.DataFrame
    last: int

    def complete(self, horizon: int) -> NDArray:
        """Mark the trials that can be followed for `horizon` months."""
        return self.months + horizon <= self.last


def expand(
    frame: pd.DataFrame,
    *,
    treatment: str,
    columns: Sequence[str],
    least: int = LEAST_STARTERS,
    apart: int = 1,
) -> Trials:
    """Find the trials of a frame and the people in each.

    A trial starts in each month in which at least `least` people start (0: in which anybody is eligible), at least
    `apart` months after the one before.
    Raises EffectsError for a frame that breaks its contract: start-stop rows, or person-period rows (period k is
    (k, k + 1]), whole months, with `eligible` and the treatment as 0 and 1.
    """
    frame = getattr(frame, "frame", frame)
    if "period" in frame and not {"start", "stop"} & set(frame):
        frame = frame.assign(start=frame["period"], stop=frame["period"] + 1)
    checked = check_spells(frame, [treatment, "eligible", *columns], error=EffectsError)
    order = np.lexsort((numbers(frame["start"]), checked.code))
    frame = frame.iloc[order] if not (order[1:] > order[:-1]).all() else frame
    person = checked.code[order].astype("int32")
    patterns, pattern = number_patterns({name: code_column(frame[name]) for name in columns}, len(frame))
    start, stop, event = (_months(frame, name) for name in ("start", "stop", "event"))
    rows = pd.DataFrame(
        {
            "person": person,
            "start": start,
            "stop": stop,
            "event": np.minimum(event, 2).astype("int8"),
            "treated": _zero_or_one(frame, treatment),
            "eligible": _zero_or_one(frame, "eligible").astype(bool),
            "pattern": pattern.astype("int32"),
        },
        copy=False,
    )
    ids = pd.Index(pd.unique(frame["person_id"]))
    months = space_out(find_intakes(rows, least), apart)
    return Trials(months, patterns, enter(rows, months), ids, rows, int(rows["stop"].max()))


def _months(frame: pd.DataFrame, name: str) -> NDArray:
    values = numbers(frame[name])
    strange = (values != np.floor(values)) | (np.abs(values) > LONGEST)
    if strange.any():
        raise EffectsError(
            "{name}: trials go by the month, and {strange} rows are no whole months (first labels: {first}). Years "
            "times 12, or whole months since a day, can be used.",
            name=name,
            strange=int(strange.sum()),
            first=", ".join(map(str, frame.index[strange][:5])),
        )
    return values.astype("int32")


def _zero_or_one(frame: pd.DataFrame, name: str) -> NDArray:
    values = frame[name].to_numpy()
    strange = ~np.isin(values, (0, 1))
    if strange.any():
        raise EffectsError(
            "{name}: must be 0 or 1 in every row ({strange} rows are not; first labels: {first}).",
            name=name,
            strange=int(strange.sum()),
            first=", ".join(map(str, frame.index[strange][:5])),
        )
    return values.astype("int8")


def find_intakes(rows: pd.DataFrame, least: int) -> NDArray:
    """List the months in which at least `least` people start; with 0 those in which anybody is eligible."""
    if least == 0:
        spans = rows.loc[rows["eligible"], ["start", "stop"]].drop_duplicates()
        return np.unique(np.concatenate([np.zeros(0, dtype="int64"), *map(np.arange, spans["start"], spans["stop"])]))
    begins = rows[rows["eligible"] & (rows["treated"] == 1)]
    month, number = np.unique(begins["start"].to_numpy(), return_counts=True)
    return month[number >= least]


def space_out(months: NDArray, apart: int) -> NDArray:
    """Keep months at least `apart` from the one kept before."""
    kept: list[int] = []
    for month in months:
        if not kept or month - kept[-1] >= apart:
            kept.append(int(month))
    return np.array(kept, dtype="int64")


def enter(rows: pd.DataFrame, months: NDArray) -> People:
    """Let everyone eligible in a trial's month enter it, followed to the first event or the end of their rows."""
    start, stop, end = rows["start"].to_numpy(), rows["stop"].to_numpy(), end_of_follow_up(rows)
    open_ = np.flatnonzero(rows["eligible"])
    first, past = (np.searchsorted(months, edge[open_]) for edge in (start, stop))
    number = past - first
    row = np.repeat(open_, number).astype("int32")
    begun = np.repeat(np.cumsum(number) - number, number)
    trial = (np.arange(len(row)) - begun + np.repeat(first, number)).astype("int16")
    order = np.argsort(trial, kind="stable")
    row, trial = row[order], trial[order]
    return People(
        rows["person"].to_numpy()[row],
        trial,
        rows["treated"].to_numpy()[row],
        rows["pattern"].to_numpy()[row],
        (stop[end[row]] - months[trial]).astype("int16"),
        rows["event"].to_numpy()[end[row]],
        row,
    )


def end_of_follow_up(rows: pd.DataFrame) -> NDArray:
    """Give, for each row, the row with which follow-up from it ends: an event, a gap, or the person's last."""
    person, start, stop, event = (rows[name].to_numpy() for name in ("person", "start", "stop", "event"))
    ends = (event > 0) | np.append((person[1:] != person[:-1]) | (start[1:] != stop[:-1]), True)
    place = np.flatnonzero(ends)
    return place[np.searchsorted(place, np.arange(len(ends)))]
