"""Counts of trials: at risk and events by entry (trial, arm, covariate pattern) and month of follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.effects.trials.expand import People, Trials

DENSE, PIECE = 1 << 25, 256
EVERY = slice(None)


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts by entry and month of follow-up 1..J (column 0..J - 1).

    `trial` (place in `months`), `arm` and `pattern` (row of `patterns`) of each of E entries, sorted by trial;
    `at_risk` (E x J), `events` by code 1 (the outcome) and 2 (any exit); within a month the outcome comes first.
    """

    months: NDArray
    patterns: pd.DataFrame
    trial: NDArray
    arm: NDArray
    pattern: NDArray
    at_risk: NDArray
    events: dict[int, NDArray]

    @property
    def follow(self) -> int:
        """Months of follow-up that are counted."""
        return self.at_risk.shape[1]

    def blocks(self, weight: NDArray | None = None) -> Iterator[tuple[int, Any]]:
        """Give the month of each trial and its entries, if any; with `weight`, those of some weight only."""
        for month, rows in zip(self.months, split(self.trial, len(self.months)), strict=True):
            if weight is None and rows.stop > rows.start:
                yield int(month), rows
            elif weight is not None and weight[rows].any():
                yield int(month), rows.start + np.flatnonzero(weight[rows])

    def pieces(self) -> Iterator[tuple[int, slice]]:
        """Give the place of each trial with some of its entries, so few that tables of them stay in the cache."""
        for trial, rows in enumerate(split(self.trial, len(self.months))):
            for begin in range(rows.start, rows.stop, PIECE):
                yield trial, slice(begin, min(begin + PIECE, rows.stop))

    def open(self, event: int, rows: slice | NDArray = EVERY) -> NDArray:
        """Number who may have an event in each month: for an exit, those without the outcome in it."""
        return self.at_risk[rows] if event == 1 else self.at_risk[rows] - self.events[1][rows]

    def less(self, people: People, code: NDArray) -> Cells:
        """Take away the counts of some of the people, whose entries are `code`."""
        at_risk, events = _count(people, code, len(self.trial), self.follow)
        events = {kind: table - events[kind] for kind, table in self.events.items()}
        return replace(self, at_risk=self.at_risk - at_risk, events=events)

    def weigh(self, people: People, code: NDArray, weights: Iterable[tuple[slice, NDArray]]) -> Cells:
        """Sum weights over person-trials: `weights` gives, by trial, its people's rows and their table by month."""
        months, at_risk = self.follow, np.zeros(self.at_risk.shape)
        events = {kind: np.zeros(self.at_risk.shape) for kind in self.events}
        for entries, (rows, table) in zip(split(self.trial, len(self.months)), weights, strict=True):
            own, length = code[rows] - entries.start, np.minimum(people.length[rows], months).astype("int64")
            size = entries.stop - entries.start
            gather = sparse.csr_array((np.ones(len(own)), (own, np.arange(len(own)))), shape=(size, len(own)))
            at_risk[entries] = gather @ (table * (np.arange(months) < length[:, None]))
            for kind, total in events.items():
                ends = np.flatnonzero((people.event[rows] == kind) & (people.length[rows] <= months))
                cell = own[ends] * months + length[ends] - 1
                total[entries] = np.bincount(cell, table[ends, length[ends] - 1], size * months).reshape(size, months)
        return replace(self, at_risk=at_risk, events=events)


def split(trial: NDArray, size: int) -> list[slice]:
    """Give the rows of each of `size` trials, from the sorted trial of each row."""
    edges = np.searchsorted(trial, np.arange(size + 1))
    return list(map(slice, edges[:-1], edges[1:]))


def count_cells(trials: Trials, people: People, months: int) -> tuple[Cells, NDArray]:
    """Count person-trials over `months` of follow-up, and give the entry of each."""
    wide = len(trials.patterns)
    key = (people.trial.astype("int64") * wide + people.pattern) * 2 + people.arm
    total = len(trials.months) * wide * 2
    if total <= DENSE:
        used = np.zeros(total, dtype=bool)
        used[key] = True
        entries, code = np.flatnonzero(used), (np.cumsum(used, dtype="int32") - 1)[key]
    else:
        entries, code = np.unique(key, return_inverse=True)
    place, arm = np.divmod(entries, 2)
    counts = _count(people, code, len(entries), months)
    return Cells(trials.months, trials.patterns, place // wide, arm, place % wide, *counts), code


def _count(people: People, code: NDArray, size: int, months: int) -> tuple[NDArray, dict[int, NDArray]]:
    length = np.minimum(people.length, months).astype("int64")
    stopped = np.bincount(code * (months + 1) + length, minlength=size * (months + 1)).reshape(size, months + 1)
    events = {}
    for kind in (1, 2):
        rows = np.flatnonzero((people.event == kind) & (people.length <= months))
        number = np.bincount(code[rows] * months + length[rows] - 1, minlength=size * months)
        events[kind] = number.reshape(size, months).astype("int32")
    return np.cumsum(stopped[:, ::-1], axis=1)[:, ::-1][:, 1:].astype("int32"), events
