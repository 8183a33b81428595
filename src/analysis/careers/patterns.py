"""Covariate patterns: the distinct rows of some columns, numbered in the order of their levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..errors import CareersError

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
        return Coded(column.cat.codes.to_numpy(), dtype.categories, False)
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
    for name, allowed in levels.items():
        strange = ~frame[name].isin(list(allowed)) & frame[name].notna()
        if strange.any():
            seen = ", ".join(map(repr, pd.unique(frame.loc[strange, name])[:5]))
            first = ", ".join(map(str, frame.index[strange][:5]))
            raise CareersError(
                en=f"{name}: unknown levels {seen} in {int(strange.sum())} rows (first labels: {first}); known: "
                f"{list(allowed)}. Correct the values or declare the level.",
                vi=f"{name}: mức lạ {seen} ở {int(strange.sum())} dòng (nhãn đầu: {first}); đã biết: "
                f"{list(allowed)}. Hãy sửa giá trị hoặc khai báo mức đó.",
            )
        frame[name] = pd.Categorical(frame[name], categories=list(allowed))
    return frame


def number_patterns(coded: Mapping[str, Coded], rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the distinct rows of coded columns in the order of their levels, and which of them each row is."""
    key, size = np.zeros(rows, dtype="int16"), 1
    parts: list[tuple[str, int]] = []
    table = None
    for name, one in coded.items():
        count = max(len(one.levels), 1)
        if size * count >= 2**62:
            key, table, size = _squeeze(key, parts, coded, table, size)
            parts = []
        kind = "int16" if size * count < 2**15 else "int32" if size * count < 2**31 else "int64"
        key = key.astype(kind, copy=False)
        np.multiply(key, count, out=key)
        np.add(key, one.code, out=key, casting="unsafe")
        size *= count
        parts.append((name, count))
    key, table, size = _squeeze(key, parts, coded, table, size)
    columns = {name: _label(coded[name], table[name]) for name in coded}
    return pd.DataFrame(columns, index=pd.RangeIndex(size)), key


def _squeeze(key: np.ndarray, parts: list, coded: Mapping[str, Coded], table: dict | None, size: int):
    """Renumber keys by the distinct values seen and keep, of each column, the code behind each number."""
    if size <= max(SMALL, 4 * len(key)):
        seen = np.zeros(size, dtype=bool)
        seen[key] = True
        values = np.flatnonzero(seen)
        place = np.cumsum(seen, dtype="int32") - np.int32(1)
        key = place[key]
    else:
        key, values = pd.factorize(key, sort=True)
    codes = {}
    rest = values
    for name, count in reversed(parts):
        rest, codes[name] = np.divmod(rest, count)
    if table is not None:
        codes |= {name: code[rest] for name, code in table.items()}
    return key, codes, len(values)


def _label(one: Coded, code: np.ndarray):
    if one.numeric:
        return one.levels.to_numpy()[code] if not isinstance(one.levels, pd.RangeIndex) else one.levels.start + code
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
