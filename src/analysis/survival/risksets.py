"""Risk sets: counts laid out by stratum at the times of one event, in blocks of patterns that fit in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.survival.counts import Counts

BLOCK = 1 << 21
FULL = 1 << 24
EMPTY = 1e-9


@dataclass(frozen=True)
class Block:
    """Some patterns of a stratum (`rows` of the counts' patterns) at its T event times.

    `at_risk` is a full table where that is small, else None; `change` (sparse, T + 1 columns, the last for changes
    after all events) holds who comes in less who leaves before each time; `events` (sparse) the events.
    """

    rows: np.ndarray
    at_risk: np.ndarray | None
    change: sparse.csr_array
    events: sparse.csr_array
    kept: dict = field(default_factory=dict)

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum values of patterns (rows x k) over those at risk at each time (T x k)."""
        if self.at_risk is not None:
            return self.at_risk.T @ values
        return np.cumsum(self.change.T @ values, axis=0)[:-1]

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Sum values of times (T) over the times at which each pattern is at risk, times the number at risk."""
        if self.at_risk is not None:
            return self.at_risk @ values
        return self.change @ np.append(np.cumsum(values[::-1])[::-1], 0.0)

    def cells(self) -> Cells:
        """List the cells with someone at risk; kept where the full table is."""
        if "cells" not in self.kept:
            full = self.at_risk if self.at_risk is not None else np.cumsum(self.change.toarray()[:, :-1], axis=1)
            row, column = np.nonzero(full > EMPTY)
            ends = np.searchsorted(row, np.arange(len(full) + 1))
            found = Cells(row, column, ends, full[row, column], self.events.toarray()[row, column])
            if self.at_risk is None:
                return found
            self.kept["cells"] = found
        return self.kept["cells"]


class Cells(NamedTuple):
    """Cells of a block with someone at risk, row by row: their numbers, and where each row's cells begin and end."""

    row: np.ndarray
    column: np.ndarray
    ends: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray


@dataclass(frozen=True)
class Stratum:
    """Risk sets of one stratum: event `times` (T), plain number of `tied` events and their mean weight at each."""

    place: int
    times: np.ndarray
    tied: np.ndarray
    mean_weight: np.ndarray
    blocks: tuple[Block, ...]

    def at_risk(self) -> np.ndarray:
        """Sum those at risk at each time."""
        ones = (block.total(np.ones((len(block.rows), 1)))[:, 0] for block in self.blocks)
        return sum(ones, np.zeros(len(self.times)))


def lay_out(counts: Counts, strata: Sequence[str], event: int, columns: int) -> list[Stratum]:
    """Lay counts out by stratum at the times of `event`; a block of patterns x `columns` fits in memory."""
    group = stratum_of(counts, strata)
    laid = []
    for place in range(group.max() + 1):
        rows = np.flatnonzero(group == place)
        whole = len(rows) == len(group)
        change, events, happened = (
            table if whole else table[rows] for table in (counts.change, counts.events[event], counts.happened[event])
        )
        tied = np.bincount(happened.indices, happened.data, minlength=len(counts.times))
        at = np.flatnonzero(tied)
        if len(at):
            weight = np.bincount(events.indices, events.data, minlength=len(counts.times))[at]
            tied = tied[at].astype("int64")
            every = np.arange(len(counts.times))
            entering = move(change, np.searchsorted(at, every, side="right"), len(at) + 1)
            blocks = _cut(rows, entering, move(events, np.searchsorted(at, every), len(at)), columns)
            laid.append(Stratum(place, counts.times[at], tied, weight / tied, blocks))
    return laid


def stratum_of(counts: Counts, strata: Sequence[str]) -> np.ndarray:
    """Give the number of each pattern's stratum."""
    if not len(strata):
        return np.zeros(len(counts.patterns), dtype="int64")
    return counts.patterns.groupby(list(strata), observed=True).ngroup().to_numpy()


def move(table: sparse.csr_array, column: np.ndarray, width: int) -> sparse.csr_array:
    """Put the columns of a table where `column` says; several may go to one."""
    return sparse.csr_array(
        (table.data.astype("float64"), column[table.indices], table.indptr), shape=(table.shape[0], width)
    )


def _cut(rows: np.ndarray, change: sparse.csr_array, events: sparse.csr_array, columns: int) -> tuple[Block, ...]:
    width = events.shape[1]
    full = len(rows) * width <= min(max(6 * len(change.data), 1 << 16), FULL)
    size = max(BLOCK // max(columns, width), 1)
    blocks = []
    for first in range(0, len(rows), size):
        piece = slice(first, first + size)
        whole = size >= len(rows)
        moved, happened = (change, events) if whole else (change[piece], events[piece])
        table = np.cumsum(moved.toarray()[:, :-1], axis=1) if full else None
        blocks.append(Block(rows[piece], table, moved, happened))
    return tuple(blocks)


def pool_periods(counts: Counts, event: int) -> Counts:
    """Put rows of one period each at one time, for a model with a constant and no effects of times."""

    def put(table: sparse.csr_array, column: int) -> sparse.csr_array:
        full = np.zeros((table.shape[0], 2))
        full[:, column] = table.sum(axis=1)
        return sparse.csr_array(full)

    return replace(
        counts,
        times=np.arange(2),
        change=put(counts.change.maximum(0), 0),
        events={event: put(counts.events[event], 1)},
        happened={event: put(counts.happened[event], 1)},
    )


def has_one_period(counts: Counts) -> bool:
    """Say whether every pattern is at risk over one interval, all intervals of the same length."""
    change = counts.change
    if (np.diff(change.indptr) != 2).any():
        return False
    begin, end = counts.times[change.indices[0::2]], counts.times[change.indices[1::2]]
    return bool(np.ptp(end - begin) <= 1e-9 * max(float(np.ptp(counts.times)), 1.0))
