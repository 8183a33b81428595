"""What reference data date, in days and months: windows of a congress or merger, months that tell no rate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.careers.states import month_numbers
from analysis.reference import Target, events

DAY = pd.Timedelta(days=1)
FAR = 30_000
BARS = {"congress": "congress", "reorganisation": "merger", "freeze": "freeze", "exits": "wave"}


def windows(target: Target, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """List the windows (day before, last day, bar) of events that move a group, as far as they lie between two days.

    These are the group's own congress, mergers, freezes and waves of departures.
    """
    return [
        (max(first, event.first - DAY), min(last, event.last), BARS[event.kind])
        for event in events()
        if event.id == target.congress or event.kind in (*BARS,)[1:]
        if first < event.last and event.first - DAY < last
    ]


def congress_months(target: Target, first: pd.Timestamp, last: pd.Timestamp) -> list[set[int]]:
    """List the months (`month_of`), from the day before on, of each congress of a group between two days."""
    return [
        set(range(month(event.first - DAY), month(event.last) + 1))
        for event in events()
        if event.id == target.congress and first < event.first and event.last <= last
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
