"""Partitions of people: a sum over them, one at a time here or several on other processes or machines."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import project
from analysis.errors import CareersError

Sum = TypeVar("Sum")
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


def fold_partitions(paths: Iterable[Any], count: Callable[[Any], Sum], executor: Any = None) -> Sum:
    """Add up `count(path)` over the partitions `paths`, in their order, in the memory of a few of them.

    `executor`: None for a loop, an executor of concurrent.futures, or a Dask client (whose scheduler gives the work of
    a lost worker to another). `count` gives what can be added with `+`.

    >>> careers.fold_partitions([1, 2, 3], lambda path: 10 * path)
    60
    """
    results = map(count, paths) if executor is None else _ahead(iter(paths), count, executor)
    total = next(results, None)
    if total is None:
        raise CareersError("There are no partitions to add up.")
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
