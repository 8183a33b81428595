"""Sparse tables by pattern and time: sums of ones or of weights over rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from analysis.survival.frames import BLOCK, blocks
from analysis.survival.patterns import SMALL, narrow


def tally(code, place, weight, shape, less=None) -> sparse.csr_array:
    """Sum ones or weights by pattern and time, less the same at the places `less`, as a canonical sparse table."""
    cells = shape[0] * shape[1]
    if cells <= max(SMALL, 2 * len(code)) and (weight is not None or cells <= 8 * len(code)):
        table = np.zeros(cells, dtype="float64" if weight is not None else _least(code, shape[0]))
        one = table.dtype.type(1)
        for part in blocks(len(code)):
            row = np.multiply(code[part], shape[1], dtype="int64")
            some = one if weight is None else weight[part]
            np.add.at(table, row + place[part], some)
            if less is not None:
                np.subtract.at(table, row + less[part], some)
        found = from_table(table.reshape(shape))
        if weight is None:
            found.data = found.data.astype(_counter(len(code)))
        return found
    if weight is None:
        return _from_sorted(code, place, shape, less)
    if less is not None:
        code, place = np.concatenate([code, code]), np.concatenate([place, less])
        weight = np.concatenate([weight, -weight])
    table = sparse.csr_array((weight, (code, place)), shape=shape)
    table.sum_duplicates()
    table.eliminate_zeros()
    return table


def _least(code: np.ndarray, patterns: int) -> str:
    """Name the narrowest whole numbers that hold the count of any cell: no cell has more rows than its pattern."""
    rows = np.zeros(patterns, dtype="int64")
    for part in blocks(len(code)):
        np.add.at(rows, code[part], 1)
    return narrow(rows.max(initial=0))


def _counter(most: int) -> str:
    return "int32" if most < 2**31 else "int64"


def from_table(table: np.ndarray) -> sparse.csr_array:
    """Keep the cells of a full table that are not 0."""
    rows, width = table.shape
    step = max(BLOCK // width, 1)
    ends = np.zeros(rows + 1, dtype="int32")
    places, done, most = np.tile(np.arange(width, dtype="int32"), step), 0, np.count_nonzero(table)
    column, values = np.empty(most, dtype="int32"), np.empty(most, dtype=table.dtype)
    for first in range(0, rows, step):
        some = table[first : first + step]
        filled = some != 0
        ends[first + 1 : first + 1 + len(some)] = filled.view("int8").sum(axis=1, dtype=narrow(width))
        cell = np.flatnonzero(filled)
        kept = slice(done, done + len(cell))
        column[kept], values[kept], done = places[cell], some.ravel()[cell], kept.stop
    return sparse.csr_array((values, column, np.cumsum(ends, dtype="int32")), shape=table.shape)


def _from_sorted(code: np.ndarray, place: np.ndarray, shape: tuple[int, int], less: np.ndarray | None):
    """Sum ones where cells outnumber rows, by sorting: a key is twice the cell, and one more where it takes away."""
    rows, wide = len(code), _counter(2 * shape[0] * shape[1])
    key = np.empty(rows if less is None else 2 * rows, dtype=wide)
    np.multiply(code, 2 * shape[1], out=key[:rows], casting="unsafe", dtype=wide)
    if less is not None:
        np.add(key[:rows], 2 * less.astype(wide) + 1, out=key[rows:])
    key[:rows] += 2 * place.astype(wide)
    key.sort()
    cell = key >> 1
    last = np.flatnonzero(np.append(cell[1:] != cell[:-1], rows > 0))
    total = np.cumsum(1 - 2 * (key & 1), dtype=_counter(2 * rows))[last]
    values = np.diff(total, prepend=total.dtype.type(0))
    kept = np.flatnonzero(values)
    cell, values = cell[last[kept]], values[kept]
    row = cell // shape[1]
    ends = np.zeros(shape[0] + 1, dtype="int32")
    np.cumsum(np.bincount(row, minlength=shape[0]), out=ends[1:])
    return sparse.csr_array((values, (cell - row * shape[1]).astype("int32"), ends), shape=shape)
