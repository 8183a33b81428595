"""Partitions of people: a sum over them, one at a time here or several on other processes or machines.

A running total of counts holds full tables while they are small, so that memory stays flat.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from analysis import project
from analysis.errors import CareersError
from analysis.survival.patterns import SMALL, unite
from analysis.survival.tallies import from_table

Sum = TypeVar("Sum")
Tables = dict[tuple[str, int], Any]
AHEAD = 4
BATCH = 1 << 17


def find_partitions(source: Any) -> list[Path]:
    """List the Parquet files of a folder in the order of their names; a file or a list stands for itself."""
    if not isinstance(source, (str, Path)):
        return [project.find(path) for path in source]
    path = project.find(source)
    found = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        raise CareersError(
            "{path}: no Parquet file there. Name a .parquet file or a folder that holds some.", path=path
        )
    return found


def read_partition(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read columns of a Parquet file as pandas would, those it lacks left out.

    Plain numbers and categories go batch by batch into arrays made once, which costs less time and memory; a file with
    anything else (an index of its own, missing values, text, categories that differ along the file) is left to pandas,
    as is a short one.
    """
    with pq.ParquetFile(path) as file:
        there = [name for name in dict.fromkeys(columns) if name in file.schema_arrow.names]
        frame = _read_plain(file, there) if file.metadata.num_rows > BATCH else None
    return pd.read_parquet(path, columns=there) if frame is None else frame


def _read_plain(file: pq.ParquetFile, columns: Sequence[str]) -> pd.DataFrame | None:
    schema, rows = file.schema_arrow, file.metadata.num_rows
    told = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    for index in told.get("index_columns", []):
        if not isinstance(index, dict) or (index["start"], index["step"]) != (0, 1):
            return None
    types = {name: schema.field(name).type for name in columns}
    coded = {name for name, kind in types.items() if pa.types.is_dictionary(kind)}
    extension = {column["name"] for column in told.get("columns", []) if _is_extension(column["numpy_type"])}
    if extension & {*columns} or not all(_is_plain(types[name]) for name in {*columns} - coded):
        return None
    arrays = {name: np.empty(rows, "int8" if name in coded else types[name].to_pandas_dtype()) for name in columns}
    levels: dict[str, Any] = {}
    done = 0
    for batch in file.iter_batches(BATCH, columns=columns):
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if column.null_count:
                return None
            if name in coded:
                if len(column.dictionary) > 127 or not levels.setdefault(name, column.dictionary).equals(
                    column.dictionary
                ):
                    return None
                column = column.indices
            arrays[name][done : done + len(column)] = column.to_numpy(zero_copy_only=False)
        done += batch.num_rows
    for name, level in levels.items():
        dtype = pd.CategoricalDtype(level.to_pandas(), types[name].ordered)
        arrays[name] = pd.Categorical.from_codes(arrays[name], dtype=dtype, validate=False)
    return pd.DataFrame(arrays, copy=False)


def _is_extension(kind: str) -> bool:
    return kind[:1].isupper() or kind == "boolean" or kind.endswith("[pyarrow]")


def _is_plain(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)


def fold_partitions(
    paths: Iterable[Any], count: Callable[[Any], Sum], executor: Any = None, begin: Callable[[Sum], Any] | None = None
) -> Any:
    """Add up `count(path)` over partitions, in their order, in the memory of a few of them.

    `executor`: None for a loop, an executor of concurrent.futures, or a Dask client (whose scheduler gives the work of
    a lost worker to another). `count` gives what can be added with `+`; `begin` makes of the first what the others
    are added to.
    """
    results = map(count, paths) if executor is None else _ahead(iter(paths), count, executor)
    total = next(results, None)
    if total is None:
        raise CareersError("There are no partitions to add up.")
    total = total if begin is None else begin(total)
    for one in results:
        total = total + one
        del one
    return total


def _ahead(paths: Iterable[Any], count: Callable[[Any], Sum], executor: Any):
    """Keep a few partitions in work, and hand out their results in order."""
    options = {"pure": False} if hasattr(executor, "get_executor") else {}
    waiting: deque = deque()
    for path in paths:
        waiting.append(executor.submit(count, path, **options))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


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
    people_by = pd.concat([one.people_by, two.people_by]).groupby(["column", "level"], sort=False).sum()
    people_by = people_by.astype("int64").reset_index()  # an event that only one part has seen left gaps in the other
    return {"people_by": people_by, "rows": one.rows + two.rows, "people": one.people + two.people, "weight_sums": sums}
