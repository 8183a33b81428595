"""Covariate patterns: the distinct rows of some columns, numbered in the order of their levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import CareersError
from analysis.survival.frames import blocks

SMALL = 1 << 22


class Coded(NamedTuple):
    """One column as whole numbers: `code` a row, the `levels` they stand for, and whether those are numbers."""

    code: np.ndarray
    levels: pd.Index
    numeric: bool


def code_column(column: pd.Series) -> Coded:
    """Number the levels of a column: categories in their order, anything else sorted."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Coded(column.array.codes, dtype.categories, False)
    if pd.api.types.is_bool_dtype(dtype):
        return Coded(column.to_numpy(dtype=bool).view("int8"), pd.Index([False, True]), True)
    if pd.api.types.is_integer_dtype(dtype):
        values = column.to_numpy()
        values = values.astype("int64") if values.dtype == "uint32" else values
        low, high = int(values.min()), int(values.max())
        if high - low <= max(SMALL, 2 * len(values)) and high - low < 2**31:
            wide = "int64" if values.dtype.itemsize > 4 else "int32"
            return Coded((values.astype(wide) - low).astype("int32"), pd.RangeIndex(low, high + 1), True)
    code, levels = pd.factorize(column, sort=True)
    return Coded(code, pd.Index(levels), pd.api.types.is_numeric_dtype(dtype))


def with_levels(frame: pd.DataFrame, levels: Mapping[str, Sequence[Any]] | None) -> pd.DataFrame:
    """Lay declared levels over columns, in their order; a value that is not among them is refused."""
    if not levels:
        return frame
    frame = frame.copy(deep=False)
    for name, allowed in ((name, allowed) for name, allowed in levels.items() if name in frame):
        strange = ~frame[name].isin(list(allowed)) & frame[name].notna()
        if strange.any():
            seen = ", ".join(map(repr, pd.unique(frame.loc[strange, name])[:5]))
            first = ", ".join(map(str, frame.index[strange][:5]))
            raise CareersError(
                "{name}: unknown levels {seen} in {strange} rows (first labels: {first}); known: {allowed}. Correct "
                "the values or declare the level.",
                name=name,
                seen=seen,
                strange=int(strange.sum()),
                first=first,
                allowed=list(allowed),
            )
        frame[name] = pd.Categorical(frame[name], categories=list(allowed))
    return frame


def number_patterns(coded: Mapping[str, Coded], rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the distinct rows of coded columns in the order of their levels, and which of them each row is."""
    key, size = np.zeros(rows, dtype="int8"), 1
    table: dict[str, np.ndarray] = {}
    parts: dict[str, int] = {}
    for name, one in coded.items():
        count = max(len(one.levels), 1)
        if size * math.prod(parts.values()) * count >= 2**62:
            key, table, size = _squeeze(key, size, parts, coded, table)
            parts = {}
        parts[name] = count
    key, table, size = _squeeze(key, size, parts, coded, table)
    columns = {name: _label(coded[name], table[name]) for name in coded}
    return pd.DataFrame(columns, index=pd.RangeIndex(size)), key


def patterns_of(frame: pd.DataFrame, patterns: pd.DataFrame) -> np.ndarray:
    """Give the number of each row's pattern among those that its frame was counted by."""
    return number_patterns({name: code_column(frame[name]) for name in patterns}, len(frame))[1]


def _squeeze(key: np.ndarray, size: int, parts: dict[str, int], coded: Mapping[str, Coded], table: dict):
    """Join more columns to keys below `size`, number the values seen, and keep each column's code behind a number."""
    whole = size * math.prod(parts.values())
    key, seen = _join(key, size, [(coded[name].code, count) for name, count in parts.items()], whole)
    if seen is None:
        key, values = pd.factorize(key, sort=True)
    else:
        values = np.flatnonzero(seen).astype(narrow(whole, "int32"))
        if len(values) < whole:
            place = np.cumsum(seen, dtype="int32") - np.int32(1)
            key = place[key]
    codes = {}
    rest = values
    for name, count in reversed(parts.items()):
        over = rest // rest.dtype.type(count)
        rest, codes[name] = over, rest - over * rest.dtype.type(count)
    return key, codes | {name: code[rest] for name, code in table.items()}, len(values)


def _join(key: np.ndarray, size: int, columns: Sequence[tuple[np.ndarray, int]], whole: int):
    """Give key * count + code over the columns, and which values are seen unless they are too many to mark."""
    joined = np.empty(len(key), dtype=narrow(whole, "int32"))
    seen = np.zeros(whole, dtype=bool) if whole <= max(SMALL, 4 * len(key)) else None
    for part in blocks(len(key)):
        some, below = key[part], size
        for code, count in columns:
            below *= count
            kind = narrow(below)
            some = np.multiply(some, count, dtype=kind)
            some += code[part].astype(kind, copy=False)
        joined[part] = some
        if seen is not None:
            seen[some] = True
    return joined, seen


def narrow(size: int, least: str = "int8") -> str:
    """Name the narrowest whole numbers, from `least` up, that hold 0 to `size`."""
    kinds = ("int8", "int16", "int32", "int64")
    return next(kind for kind in kinds[kinds.index(least) :] if size <= np.iinfo(kind).max)


def _label(one: Coded, code: np.ndarray):
    if one.numeric:
        return (
            one.levels.start + code.astype("int64")
            if isinstance(one.levels, pd.RangeIndex)
            else one.levels.to_numpy()[code]
        )
    return pd.Categorical.from_codes(code, categories=one.levels)


def unite(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Put two sets of patterns together: all of them in order, and the place of each of the first and the second."""
    if first.equals(second) and (first.dtypes == second.dtypes).all():
        same = np.arange(len(first))
        return first, same, same
    columns = {}
    for name in first:
        one, two = first[name], second[name]
        if isinstance(one.dtype, pd.CategoricalDtype):
            levels = _unite_levels(one.cat.categories, two.cat.categories)
            one, two = one.cat.set_categories(levels), two.cat.set_categories(levels)
        columns[name] = pd.concat([one, two], ignore_index=True)
    both = pd.DataFrame(columns, index=pd.RangeIndex(len(first) + len(second)))
    patterns, code = number_patterns({name: code_column(both[name]) for name in both}, len(both))
    return patterns, code[: len(first)], code[len(first) :]


def _unite_levels(one: pd.Index, two: pd.Index) -> list:
    """Keep the order of levels where one list holds the other; else sort them all."""
    small, large = sorted((list(one), list(two)), key=len)
    if [level for level in large if level in set(small)] == small:
        return large
    return sorted({*small, *large}, key=lambda level: (str(type(level)), level))
