"""Counts of trials: at risk and events by entry (trial, arm, covariate pattern) and month of follow-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.effects.trials.expand import People, Trials
from analysis.survival.patterns import unite

DENSE = 1 << 25
EVERY = slice(None)


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts by entry and month of follow-up 1..J (column 0..J - 1); those of different people add up with `add`.

    `trial` (place in `months`), `arm` and `pattern` (row of `patterns`) of each of E entries, sorted by trial;
    `at_risk` (E x J), `events` by code 1 (the outcome) and 2 (any exit); within a month the outcome comes first.
    """

    months: np.ndarray
    patterns: pd.DataFrame
    trial: np.ndarray
    arm: np.ndarray
    pattern: np.ndarray
    at_risk: np.ndarray
    events: dict[int, np.ndarray]

    @property
    def follow(self) -> int:
        """Months of follow-up that are counted."""
        return self.at_risk.shape[1]

    def blocks(self) -> list[slice]:
        """Give the entries of each trial that has some."""
        edges = np.searchsorted(self.trial, np.arange(len(self.months) + 1))
        return [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True) if b > a]

    def open(self, event: int, rows: slice = EVERY) -> np.ndarray:
        """Number who may have an event in each month: for an exit, those without the outcome in it."""
        return self.at_risk[rows] if event == 1 else self.at_risk[rows] - self.events[1][rows]

    def less(self, other: Cells) -> Cells:
        """Take away the counts of some of the people, laid out over the same entries."""
        return Cells(self.months, self.patterns, self.trial, self.arm, self.pattern, self.at_risk - other.at_risk,
                     {code: table - other.events[code] for code, table in self.events.items()})  # fmt: skip


def number_entries(trials: Trials, people: People) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Number the entries of person-trials: the code of each, and trial, arm and pattern by entry."""
    wide = len(trials.patterns)
    key = (people.trial.astype("int64") * wide + people.pattern) * 2 + people.arm
    total = len(trials.months) * wide * 2
    if total <= DENSE:
        used = np.zeros(total, dtype=bool)
        used[key] = True
        entries = np.flatnonzero(used)
        code = (np.cumsum(used, dtype="int32") - 1)[key]
    else:
        entries, code = np.unique(key, return_inverse=True)
    place, arm = np.divmod(entries, 2)
    trial, pattern = np.divmod(place, wide)
    return code, (trial, arm, pattern)


def count_cells(trials: Trials, people: People, months: int, *, numbered: tuple | None = None) -> Cells:
    """Count person-trials over `months` of follow-up."""
    code, (trial, arm, pattern) = number_entries(trials, people) if numbered is None else numbered
    size = len(trial)
    length = np.minimum(people.length, months).astype("int64")
    stopped = np.bincount(code * (months + 1) + length, minlength=size * (months + 1))
    stopped = stopped.reshape(size, months + 1)
    at_risk = np.cumsum(stopped[:, ::-1], axis=1)[:, ::-1][:, 1:]
    events = {}
    for kind in (1, 2):
        rows = np.flatnonzero((people.event == kind) & (people.length <= months))
        events[kind] = np.bincount(code[rows] * months + length[rows] - 1, minlength=size * months)
        events[kind] = events[kind].reshape(size, months).astype("int32")
    return Cells(trials.months, trials.patterns, trial, arm, pattern, at_risk.astype("int32"), events)


def weigh_cells(
    trials: Trials, people: People, months: int, weights: Iterable[tuple[slice, np.ndarray]], *, numbered: tuple
) -> Cells:
    """Sum weights over person-trials: `weights` gives, trial by trial, its people's rows and their table by month."""
    code, (trial, arm, pattern) = numbered
    at_risk = np.zeros((len(trial), months))
    events = {kind: np.zeros((len(trial), months)) for kind in (1, 2)}
    edges = np.searchsorted(trial, np.arange(len(trials.months) + 1))
    for place, (rows, table) in enumerate(weights):
        first, size = edges[place], edges[place + 1] - edges[place]
        own, length = code[rows] - first, np.minimum(people.length[rows], months).astype("int64")
        gather = sparse.csr_array((np.ones(len(own)), (own, np.arange(len(own)))), shape=(size, len(own)))
        at_risk[first : first + size] = gather @ (table * (np.arange(months) < length[:, None]))
        for kind, total in events.items():
            ends = np.flatnonzero((people.event[rows] == kind) & (people.length[rows] <= months))
            cell = own[ends] * months + length[ends] - 1
            weight = table[ends, length[ends] - 1]
            total[first : first + size] = np.bincount(cell, weight, size * months).reshape(size, months)
    return Cells(trials.months, trials.patterns, trial, arm, pattern, at_risk, events)


def add_cells(one: Cells, two: Cells) -> Cells:
    """Add the counts of different people, whatever their trials and patterns."""
    patterns, first, second = unite(one.patterns, two.patterns)
    months = np.union1d(one.months, two.months)
    keys = []
    for cells, place in ((one, first), (two, second)):
        at = np.searchsorted(months, cells.months)[cells.trial]
        keys.append((at * len(patterns) + place[cells.pattern]) * 2 + cells.arm)
    entries = np.union1d(*keys)
    rows = [np.searchsorted(entries, key) for key in keys]

    def total(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        table = np.zeros((len(entries), a.shape[1]), dtype=np.result_type(a, b))
        table[rows[0]] += a
        table[rows[1]] += b
        return table

    place, arm = np.divmod(entries, 2)
    trial, pattern = np.divmod(place, len(patterns))
    return Cells(months, patterns, trial, arm, pattern, total(one.at_risk, two.at_risk),
                 {code: total(table, two.events[code]) for code, table in one.events.items()})  # fmt: skip
