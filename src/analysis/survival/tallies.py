"""What is counted over rows: sparse tables by pattern and time, and the different people behind each level."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survival.frames import BLOCK, People, blocks
from analysis.survival.patterns import SMALL, Coded, code_column, narrow


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
        weight = np.ones(len(code), dtype=_counter(len(code)))
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


def count_people(
    people: People, coded: Mapping[str, Coded], code: np.ndarray, ends: Mapping[int, np.ndarray], patterns: pd.DataFrame
) -> pd.DataFrame:
    """Count people, and people with each event, by column and level; `ends` are the rows that end in each event."""
    once = {event: is_once(people, rows) for event, rows in ends.items()}
    number = {event: np.bincount(code[rows], minlength=len(patterns)).astype("float64") for event, rows in ends.items()}
    entered = None if people.first is None else count_entered(people.first, code, len(patterns)).astype("float64")
    total = {"people": [people.count]}
    for event, rows in ends.items():
        total[f"event_{event}"] = [len(rows) if once[event] else len(np.unique(people.code[rows]))]
    parts = [pd.DataFrame({"column": "", "level": "", **total})]
    for name, one in coded.items():
        place, words, held = one.code, [*map(str, one.levels)], code_column(patterns[name]).code
        if one.numeric:
            place, words = (one.levels.to_numpy() != 0)[one.code].view("int8"), ["0", ""]
            held = patterns[name].to_numpy() != 0
        held, levels = held.astype("intp"), len(words)
        seen = None
        if people.first is not None:
            seen = one_way(place, people.first, np.bincount(held, entered, levels))
        part = {"people": distinct(people.code, people.count, place, levels) if seen is None else seen}
        for event, rows in ends.items():
            part[f"event_{event}"] = (
                np.bincount(held, number[event], levels)
                if once[event]
                else distinct(people.code[rows], people.count, place[rows], levels)
            )
        parts.append(pd.DataFrame({"column": name, "level": words, **part})[int(one.numeric) :])
    return pd.concat(parts, ignore_index=True).astype(
        {"column": "str", "level": "str", **dict.fromkeys(total, "int64")}
    )


def count_entered(first: np.ndarray, code: np.ndarray, patterns: int) -> np.ndarray:
    """Count the first rows of people by pattern."""
    entered = np.zeros(patterns, dtype="int64")
    for part in blocks(len(code)):
        np.add.at(entered, code[part][np.flatnonzero(first[part])], 1)
    return entered


def one_way(place: np.ndarray, first: np.ndarray, entered: np.ndarray) -> np.ndarray | None:
    """Count people by level where nobody comes back to a level, as levels only rise or only fall; else None."""
    seen, rises, falls = entered.astype("int64"), False, False
    for part in blocks(len(place) - 1):
        now, before = place[1:][part], place[:-1][part]
        moves = now != before
        moves &= ~first[1:][part]
        if moves.any():
            moved = np.flatnonzero(moves)
            now, before = now[moved], before[moved]
            up = np.count_nonzero(now > before)
            rises, falls = rises or bool(up > 0), falls or bool(up < len(now))
            if rises and falls:
                return None
            seen += np.bincount(now, minlength=len(seen))
    return seen


def is_once(people: People, rows: np.ndarray) -> bool:
    """Say whether no person has two of the rows."""
    if people.first is not None and people.first[rows[rows < len(people.first) - 1] + 1].all():
        return True
    who = people.code[rows]
    return bool((who[1:] > who[:-1]).all()) or len(np.unique(who)) == len(who)


def distinct(person: np.ndarray, count: int, code: np.ndarray, levels: int) -> np.ndarray:
    """Count the different people, of `count` in all, who ever have each level."""
    if not (person[1:] >= person[:-1]).all():
        order = np.argsort(person, kind="stable")
        person, code = person[order], code[order]
    step, total = min(max(SMALL // levels, 1), count), np.zeros(levels, dtype="int64")
    for first in range(0, count, step):
        part = slice(*np.searchsorted(person, [first, first + step]))
        seen = np.zeros(step * levels, dtype=bool)
        cell = (person[part] - first) * levels
        cell += code[part]
        seen[cell] = True
        total += seen.reshape(step, levels).sum(axis=0)
    return total


def sum_weights(people: People, weight: np.ndarray, length: np.ndarray) -> tuple[float, float]:
    """Sum over people their mean weight over time, and its square."""
    time = np.bincount(people.code, length, minlength=people.count)
    mean = np.bincount(people.code, weight * length, minlength=people.count) / time
    return float(mean.sum()), float((mean**2).sum())
