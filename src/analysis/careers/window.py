"""The months between a day that was asked for and the day of the registry."""

from __future__ import annotations

import pandas as pd

from analysis.careers.states import month_numbers
from analysis.errors import AnalysisError
from analysis.registry.store import Registry


def months_since(reg: Registry, since: str, error: type[AnalysisError], name: str = "since") -> tuple[int, int]:
    """Give the months of the day `since` and of the last whole month of `reg`; a day that lies after it is refused."""
    first, last = read_month(name, since, error), last_whole_month(reg.as_of)
    if first > last:
        raise error(
            "{name}: {day} is not before {as_of:%Y-%m-%d}, the day of the registry. Give an earlier day.",
            name=name,
            day=since,
            as_of=reg.as_of,
        )
    return first, last


def covered_since(reg: Registry, since: str, error: type[AnalysisError], name: str = "since") -> tuple[int, int]:
    """Give the same, from the first month that `reg` covers at the earliest: before it people are not all there."""
    first, last = months_since(reg, since, error, name)
    covered = month_numbers([pd.Timestamp(str(reg.meta.get("covers_from", since)))])[0]
    return max(first, int(covered)), last


def read_month(name: str, day: str, error: type[AnalysisError]) -> int:
    """Read a day as the number of its month."""
    read = pd.to_datetime(str(day), format="%Y-%m-%d", errors="coerce")
    if pd.isna(read):
        raise error("{name}: {day!r} is not a day as YYYY-MM-DD.", name=name, day=day)
    return int(month_numbers([read])[0])


def last_whole_month(day: pd.Timestamp) -> int:
    """Give the last month that a registry seen at the end of `day` knows whole."""
    return int(month_numbers([day])[0]) - (not day.is_month_end)
