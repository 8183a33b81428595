"""Start-stop spells to counts at risk and events by covariate pattern and time: all that hazards need of the people.

A spell (start, stop] adds one to those at risk after `start` and takes one away after `stop`; what is stored are these
changes, so that counts of any split of the rows add up, and a spell cut in two counts as one.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import CareersError
from analysis.survival.frames import TIMES, People, blocks, check_spells, numbers
from analysis.survival.partitions import find_partitions, fold_partitions, read_partition
from analysis.survival.patterns import code_column, number_patterns, unite, with_levels
from analysis.survival.tallies import count_people, sum_weights, tally


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Counts of start-stop rows; `a + b` counts the people of both.

    `patterns` (P rows) are the distinct values of `by`; `times` (T) where anything changes. `change` (P x T, sparse) is
    how many start at a time less how many stop; `events` (P x T, sparse) by event code how many rows end in it. With
    weights both hold sums of weights, and `happened` the plain numbers of events (else the same as `events`).
    `people_by` has people and people with each event by `column` and `level` (`""` for everyone; for numbers, those
    not 0); `rows` and `people` are what was used; `weight_sums` the sums over people of weight and squared weight.

    >>> counts = careers.count_spells(frame, by=["sex"])
    >>> counts.patterns["sex"].tolist(), counts.rows == len(frame)
    (['female', 'male'], True)
    """

    patterns: pd.DataFrame
    times: np.ndarray
    change: sparse.csr_array
    events: Mapping[int, sparse.csr_array]
    happened: Mapping[int, sparse.csr_array]
    people_by: pd.DataFrame
    rows: int
    people: int
    weight_sums: tuple[float, float] | None = None

    def at_risk(self) -> np.ndarray:
        """Number at risk (start < t <= stop) by pattern and time, as a full table.

        >>> careers.count_spells(frame, by=["sex"]).at_risk().shape
        (2, 73)
        """
        after = np.cumsum(self.change.toarray(), axis=1)
        return np.column_stack([np.zeros(len(self.patterns), dtype=after.dtype), after[:, :-1]])

    def totals(
        self, codes: Sequence[int], rows: np.ndarray | slice = slice(None)
    ) -> tuple[np.ndarray, dict[int, np.ndarray]]:
        """Sum numbers at risk, and events of `codes`, over the patterns in `rows` (default: all), at all times.

        >>> at_risk, events = careers.count_spells(frame, by=["sex"]).totals([1])
        >>> at_risk.shape, int(events[1].sum()) == int(frame["event"].eq(1).sum())
        ((73,), True)
        """
        chosen = np.zeros(len(self.patterns))
        chosen[rows] = 1.0
        after = np.cumsum(chosen @ self.change)
        return np.append(0.0, after[:-1]), {code: chosen @ self.events[code] for code in codes}

    def __add__(self, other: Counts) -> Counts:
        return add_counts(self, other)


def count_spells(
    source: Any,
    by: Sequence[str] = (),
    *,
    weights: str | None = None,
    levels: Mapping[str, Sequence[Any]] | None = None,
    executor: Executor | None = None,
) -> Counts:
    """Count start-stop rows at risk and their events by the distinct values of the columns `by` and by time.

    `source`: a frame or spells with person_id, start, stop, event and `by`; or a Parquet file, a folder of them or a
    list, folded one partition at a time (each holding whole people) in the memory of one; on other processes with an
    `executor` of concurrent.futures or a Dask client. `weights` names a column; `levels` declares what a column may
    hold, the reference first. Times may be any numbers; whole ones on a short scale are fastest.
    Raises CareersError naming column, rows and remedy where the frame breaks its contract.
    Source: Brostrom (2002), Comput. Methods Programs Biomed. 67:1-8, for counts as sufficient statistics.

    >>> careers.count_spells(frame, by=["sex"]).patterns["sex"].tolist()
    ['female', 'male']
    """
    frame = getattr(source, "frame", source)
    if isinstance(frame, pd.DataFrame):
        frame = with_levels(frame, levels)
        return count_frame(frame, check_spells(frame, by, weights=weights), by, weights)
    count = functools.partial(_count_file, by=tuple(by), weights=weights, levels=levels)
    paths = find_partitions(source)
    if len(paths) == 1 and executor is None:
        return count(paths[0])
    return fold_partitions(paths, count, executor)


def _count_file(path: Path, by: Sequence[str], weights: str | None, levels: Mapping | None) -> Counts:
    wanted = [*dict.fromkeys([*TIMES, *by, *([weights] if weights else [])])]
    return count_spells(read_partition(path, wanted), by, weights=weights, levels=levels)


def count_frame(frame: pd.DataFrame, people: People, by: Sequence[str], weights: str | None = None) -> Counts:
    """Count the rows of a checked frame."""
    coded = {name: code_column(frame[name]) for name in dict.fromkeys(by)}
    patterns, code = number_patterns(coded, len(frame))
    start, stop, event = (numbers(frame[name]) for name in TIMES[1:])
    weight = None if weights is None else numbers(frame[weights]).astype("float64")
    times, begin, end = place_times(start, stop)
    shape = (len(patterns), len(times))
    change = tally(code, begin, weight, shape, end)
    ended = np.flatnonzero(event != 0)
    kind = event[ended].astype("int64")
    ends = {int(one): ended[kind == one] for one in np.flatnonzero(np.bincount(kind))}
    counted = ends if weight is None else {one: rows[weight[rows] > 0] for one, rows in ends.items()}
    happened = {one: tally(code[rows], end[rows], None, shape) for one, rows in counted.items()}
    events = happened
    if weight is not None:
        events = {one: tally(code[rows], end[rows], weight[rows], shape) for one, rows in counted.items()}
    return _drop_still(
        Counts(
            patterns=patterns,
            times=times,
            change=change,
            events=events,
            happened=happened,
            people_by=count_people(people, coded, code, ends, patterns),
            rows=len(frame),
            people=people.count,
            weight_sums=None if weight is None else sum_weights(people, weight, stop.astype("float64") - start),
        )
    )


def place_times(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the sorted times of starts and stops, and the place of each start and stop among them."""
    start, stop = _whole(start), _whole(stop)
    if start.dtype.kind in "iu" and stop.dtype.kind in "iu":
        low, high = int(start.min()), int(stop.max())
        if high - low <= max(512, len(start)):
            if low == 0:
                return np.arange(high + 1), start, stop
            wide = "int32" if max(abs(low), abs(high)) < 2**30 else "int64"
            return np.arange(low, high + 1), start.astype(wide) - low, stop.astype(wide) - low
    times = np.union1d(np.unique(start), np.unique(stop))
    return times, np.searchsorted(times, start), np.searchsorted(times, stop)


def _whole(time: np.ndarray) -> np.ndarray:
    """Give whole numbers as such, whatever type they came in."""
    if time.dtype.kind == "f" and (time == np.rint(time)).all() and np.abs(time).max() < 2**53:
        return time.astype("int64")
    return time


def _drop_still(counts: Counts) -> Counts:
    """Leave out the times at which nothing changes."""
    moves = np.zeros(len(counts.times), dtype=bool)
    for table in (counts.change, *counts.events.values(), *counts.happened.values()):
        for part in blocks(table.nnz):
            moves[table.indices[part]] = True
            if moves.all():
                return counts
    place = np.cumsum(moves) - 1
    return _relay(counts, counts.patterns, np.arange(len(counts.patterns)), counts.times[moves], place)


def _relay(counts: Counts, patterns: pd.DataFrame, row: np.ndarray, times: np.ndarray, column: np.ndarray) -> Counts:
    """Move the tables into a frame of patterns and times that holds their own in the same order."""
    if len(row) == len(patterns) and len(column) == len(times):
        return counts

    def move(table: sparse.csr_array) -> sparse.csr_array:
        ends = np.zeros(len(patterns) + 1, dtype="int64")
        ends[row + 1] = np.diff(table.indptr)
        return sparse.csr_array((table.data, column[table.indices], np.cumsum(ends)), shape=(len(patterns), len(times)))

    return replace(
        counts,
        patterns=patterns,
        times=times,
        change=move(counts.change),
        events={kind: move(table) for kind, table in counts.events.items()},
        happened={kind: move(table) for kind, table in counts.happened.items()},
    )


def add_counts(one: Counts, two: Counts) -> Counts:
    """Add the counts of different people, whatever their patterns and times."""
    if list(one.patterns) != list(two.patterns) or (one.weight_sums is None) != (two.weight_sums is None):
        raise CareersError(
            "by, weights: counts by {one} and by {other} (or with and without weights) do not add up. Count both "
            "alike.",
            one=list(one.patterns),
            other=list(two.patterns),
        )
    patterns, first, second = unite(one.patterns, two.patterns)
    times = np.union1d(one.times, two.times)
    one = _relay(one, patterns, first, times, np.searchsorted(times, one.times))
    two = _relay(two, patterns, second, times, np.searchsorted(times, two.times))

    def sums(a: Mapping, b: Mapping) -> dict:
        empty = sparse.csr_array(one.change.shape, dtype="int32")
        return {kind: a.get(kind, empty) + b.get(kind, empty) for kind in sorted({*a, *b})}

    change = one.change + two.change
    change.eliminate_zeros()
    events = happened = sums(one.events, two.events)
    weight_sums = None
    if one.weight_sums is not None and two.weight_sums is not None:
        happened, weight_sums = sums(one.happened, two.happened), tuple(np.add(one.weight_sums, two.weight_sums))
    people_by = pd.concat([one.people_by, two.people_by]).groupby(["column", "level"], sort=False).sum()
    return _drop_still(
        Counts(
            patterns=patterns,
            times=times,
            change=change,
            events=events,
            happened=happened,
            people_by=people_by.astype("int64").reset_index(),  # an event that only one has seen left gaps in the other
            rows=one.rows + two.rows,
            people=one.people + two.people,
            weight_sums=weight_sums,
        )
    )
