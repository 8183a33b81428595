"""How many different people stand behind counts: by level of each column, and with each event."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .frames import People
from .patterns import SMALL, Coded, code_column


def count_people(people: People, coded: Mapping[str, Coded], code: np.ndarray, ends: Mapping[int, np.ndarray],
                 patterns: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """Count people, and people with each event, by column and level; `ends` are the rows that end in each event."""
    same = people.code[1:] == people.code[:-1] if people.together else None
    first = None if same is None else np.flatnonzero(np.append(True, ~same))
    once = {event: _is_once(people, rows) for event, rows in ends.items()}
    number = {event: np.bincount(code[rows], minlength=len(patterns)) for event, rows in ends.items()}
    entered = None if first is None else np.bincount(code[first], minlength=len(patterns))
    total = {"column": "", "level": "", "people": people.count}
    for event, rows in ends.items():
        total[f"event_{event}"] = len(rows) if once[event] else len(np.unique(people.code[rows]))
    parts = [pd.DataFrame([total])]
    for name, one in coded.items():
        place, levels, labels = one.code, len(one.levels), one.levels
        held = code_column(patterns[name]).code
        if one.numeric:
            nonzero = one.levels.to_numpy() != 0
            place, levels, labels = nonzero[one.code].view("int8"), 2, pd.Index(["0", ""])
            held = (patterns[name].to_numpy() != 0).view("int8")
        part = {"people": None if same is None else _one_way(place, same, np.bincount(held, entered, levels))}
        if part["people"] is None:
            part["people"] = distinct(people, place, levels)
        for event, rows in ends.items():
            if once[event]:
                part[f"event_{event}"] = np.bincount(held, number[event], minlength=levels)
            else:
                part[f"event_{event}"] = distinct(People(people.code[rows], people.count), place[rows], levels)
        kept = slice(1, None) if one.numeric else slice(None)
        columns = {key: values[kept].astype("int64") for key, values in part.items()}
        parts.append(pd.DataFrame({"column": name, "level": labels.astype("str")[kept], **columns}))
    return pd.concat(parts, ignore_index=True)


def _one_way(place: np.ndarray, same: np.ndarray, entered: np.ndarray) -> np.ndarray | None:
    """Count people by level where nobody comes back to a level, as levels only rise or only fall; else None."""
    moves = place[1:] != place[:-1]
    moves &= same
    if not moves.any():
        return entered
    up, down = place[1:] > place[:-1], place[1:] < place[:-1]
    if (up & same).any() and (down & same).any():
        return None
    return entered + np.bincount(place[1:][moves], minlength=len(entered))


def _is_once(people: People, rows: np.ndarray) -> bool:
    who = people.code[rows]
    return bool((who[1:] > who[:-1]).all()) or len(np.unique(who)) == len(who)


def distinct(people: People, code: np.ndarray, levels: int) -> np.ndarray:
    """Count the different people who ever have each level."""
    person = people.code
    if not people.together:
        order = np.argsort(person, kind="stable")
        person, code = person[order], code[order]
    step, total = min(max(SMALL // levels, 1), people.count), np.zeros(levels, dtype="int64")
    for first in range(0, people.count, step):
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
