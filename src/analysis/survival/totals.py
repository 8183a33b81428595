"""A running total of counts over partitions, in place: full tables while they are small, so that memory stays flat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survival.patterns import SMALL, unite
from analysis.survival.tallies import from_table

Tables = dict[tuple[str, int], Any]


class Total:
    """The sum of the counts taken in so far; `total + counts` takes in those of more people and is the total."""

    def __init__(self, first: Any):
        self.counts = first
        self.full: Tables | None = None

    def __add__(self, one: Any) -> Total:
        patterns, mine, theirs = unite(self.counts.patterns, one.patterns)
        times = np.union1d(self.counts.times, one.times)
        if len(patterns) * len(times) > SMALL:
            self.counts, self.full = self.give() + one, None
            return self
        places = np.searchsorted(times, self.counts.times)
        shape = (len(patterns), len(times))
        if self.full is None:
            held, self.full = _tables(self.counts), {}
            _take(self.full, held, mine, places, shape)
        elif shape != (len(self.counts.patterns), len(self.counts.times)):
            self.full = {key: _spread(table, mine, places, shape) for key, table in self.full.items()}
        _take(self.full, _tables(one), theirs, np.searchsorted(times, one.times), shape)
        self.counts = replace(self.counts, patterns=patterns, times=times, change=None, events={}, happened={},
                              **add_rest(self.counts, one))  # fmt: skip
        return self

    def give(self) -> Any:
        """Give the total as counts."""
        if self.full is None:
            return self.counts
        held: dict[str, dict[int, sparse.csr_array]] = {"change": {}, "events": {}, "happened": {}}
        for kind, event in sorted(self.full):
            held[kind][event] = from_table(self.full.pop((kind, event)))
        events = held["events"]
        happened = events if self.counts.weight_sums is None else held["happened"]
        self.counts, self.full = replace(self.counts, change=held["change"][0], events=events, happened=happened), None
        return self.counts


def _tables(counts: Any) -> Tables:
    """Key the tables of counts; without weights those that happened are the events."""
    found = {("change", 0): counts.change} | {("events", event): table for event, table in counts.events.items()}
    if counts.weight_sums is None:
        return found
    return found | {("happened", event): table for event, table in counts.happened.items()}


def _take(full: Tables, tables: Tables, row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> None:
    """Add sparse tables, whose patterns and times stand at `row` and `column`, to the full ones."""
    for key, table in tables.items():
        if key not in full:
            full[key] = np.zeros(shape, dtype=table.dtype)
        cell = np.repeat(row * shape[1], np.diff(table.indptr))
        cell += column[table.indices]
        full[key].ravel()[cell] += table.data


def _spread(table: np.ndarray, row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    wide = np.zeros(shape, dtype=table.dtype)
    wide[np.ix_(row, column)] = table
    return wide


def add_rest(one: Any, two: Any) -> dict[str, Any]:
    """Add what counts hold besides tables: people by level, rows, people, sums of weights."""
    sums = None if one.weight_sums is None else tuple(map(sum, zip(one.weight_sums, two.weight_sums, strict=True)))
    people_by = pd.concat([one.people_by, two.people_by]).groupby(["column", "level"], sort=False).sum().reset_index()
    return {"people_by": people_by, "rows": one.rows + two.rows, "people": one.people + two.people, "weight_sums": sums}
