"""What reference data date: windows of a congress or merger, months that tell no rate, rules in force on a day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.project import reference
from analysis.targets.groups import Target

DAY = pd.Timedelta(days=1)
FAR = 30_000
BARS = {"congress": "congress", "reorganisation": "merger"}


class Event(NamedTuple):
    """An entry of events.yml: its kind, and its first and last day."""

    id: str
    kind: str
    first: pd.Timestamp
    last: pd.Timestamp


def events(*kinds: str) -> Iterator[Event]:
    """Give the events of some kinds, in the order of events.yml."""
    for entry in reference("events.yml"):
        if entry["kind"] in kinds:
            first = pd.Timestamp(entry.get("started", entry.get("date")))
            yield Event(
                entry["id"], entry["kind"], first, pd.Timestamp(entry["ended"]) - DAY if "ended" in entry else first
            )


def windows(target: Target, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """List the windows (day before, last day, bar) of the group's congress and of mergers that lie between two days."""
    return [
        (event.first - DAY, event.last, BARS[event.kind])
        for event in events(*BARS)
        if event.kind != "congress" or event.id == target.congress
        if first < event.first and event.last <= last
    ]


def congress_months(target: Target, first: pd.Timestamp, last: pd.Timestamp) -> list[set[int]]:
    """List the months (`month_of`), from the day before on, of each congress of a group between two days."""
    return [
        set(range(month(start), month(end) + 1))
        for start, end, bar in windows(target, first, last)
        if bar == "congress"
    ]


def exceptional_months() -> set[int]:
    """List the months of freezes and waves of departures in events.yml: no rate to come is told by them.

    Enrolments count all the same, since only whole years of intakes give their rate.
    """
    return {one for event in events("freeze", "exits") for one in range(month(event.first), month(event.last) + 1)}


def in_force(part: str, rule: str, day: pd.Timestamp) -> Any:
    """Give the value of a dated rule of rules.yml on a day: the last one in force, the first before any was."""
    rules = reference("rules.yml")[part][rule]
    return ([one for one in rules if pd.Timestamp(one["from"]) <= day] or rules[:1])[-1]["value"]


def month(day: pd.Timestamp) -> int:
    """Count the months from January 1970 to a day."""
    return (day.year - 1970) * 12 + day.month - 1


def month_of(dates) -> np.ndarray:
    """Count the months from January 1970 to each date; `FAR` where empty."""
    months = np.asarray(pd.Series(dates).array, dtype="datetime64[M]")
    return np.where(np.isnat(months), FAR, months.astype("int64")).astype(np.int32)
