"""What reference data date, in days and months: windows of a congress or merger, months that tell no rate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.careers.states import month_numbers
from analysis.reference import Target, events

DAY = pd.Timedelta(days=1)
FAR = 30_000
BARS = {"congress": "congress", "reorganisation": "merger"}


def windows(target: Target, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """List the windows (day before, last day, bar) of the group's congress and of mergers that lie between two days."""
    return [
        (event.first - DAY, event.last, BARS[event.kind])
        for event in events()
        if event.kind == "reorganisation" or event.id == target.congress
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
    waves = [event for event in events() if event.kind in ("freeze", "exits")]
    return {one for wave in waves for one in range(month(wave.first), month(wave.last) + 1)}


def month(day: pd.Timestamp) -> int:
    """Count the months from January 1970 to a day."""
    return (day.year - 1970) * 12 + day.month - 1


def month_of(dates) -> np.ndarray:
    """Count the months from January 1970 to each date; `FAR` where empty."""
    return np.minimum(month_numbers(dates), FAR).astype(np.int32)
