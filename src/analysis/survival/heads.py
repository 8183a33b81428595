"""How many different people stand behind counts: by level of each column, and with each event."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.survival.frames import People, blocks
from analysis.survival.patterns import SMALL, Coded, code_column


def count_people(people: People, coded: Mapping[str, Coded], code: np.ndarray, ends: Mapping[int, np.ndarray],
                 patterns: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """Count people, and people with each event, by column and level; `ends` are the rows that end in each event."""
    once = {event: is_once(people, rows) for event, rows in ends.items()}
    number = {event: np.bincount(code[rows], minlength=len(patterns)).astype("float64") for event, rows in ends.items()}
    entered = None if people.first is None else count_entered(people.first, code, len(patterns)).astype("float64")
    total = {"people": [people.count]}
    for event, rows in ends.items():
        total[f"event_{event}"] = [len(rows) if once[event] else len(np.unique(people.code[rows]))]
    names, labels, parts = [""], [""], [total]
    for name, one in coded.items():
        place, levels, words = one.code, len(one.levels), list(map(str, one.levels))
        held = code_column(patterns[name]).code
        if one.numeric:
            nonzero = one.levels.to_numpy() != 0
            place, levels, words = nonzero[one.code].view("int8"), 2, ["0", ""]
            held = patterns[name].to_numpy() != 0
        held = held.astype("intp")
        part = {"people": None if entered is None else one_way(place, people, np.bincount(held, entered, levels))}
        if part["people"] is None:
            part["people"] = distinct(people.code, people.count, place, levels)
        for event, rows in ends.items():
            if once[event]:
                part[f"event_{event}"] = np.bincount(held, number[event], levels)
            else:
                part[f"event_{event}"] = distinct(people.code[rows], people.count, place[rows], levels)
        kept = slice(1, None) if one.numeric else slice(None)
        parts.append({key: values[kept] for key, values in part.items()})
        labels += words[kept]
        names += [name] * len(words[kept])
    columns = {key: np.concatenate([part[key] for part in parts]).astype("int64") for key in total}
    return pd.DataFrame({"column": pd.array(names, dtype="str"), "level": pd.array(labels, dtype="str"), **columns})


def count_entered(first: np.ndarray, code: np.ndarray, patterns: int) -> np.ndarray:
    """Count the first rows of people by pattern."""
    entered = np.zeros(patterns, dtype="int64")
    for part in blocks(len(code)):
        np.add.at(entered, code[part][np.flatnonzero(first[part])], 1)
    return entered


def one_way(place: np.ndarray, people: People, entered: np.ndarray) -> np.ndarray | None:
    """Count people by level where nobody comes back to a level, as levels only rise or only fall; else None."""
    seen, rises, falls = entered.astype("int64"), False, False
    for part in blocks(len(place) - 1):
        now, before = place[1:][part], place[:-1][part]
        moves = now != before
        moves &= ~people.first[1:][part]
        if moves.any():
            moved = np.flatnonzero(moves)
            now, before = now[moved], before[moved]
            up = np.count_nonzero(now > before)
            rises, falls = rises or up > 0, falls or up < len(now)
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
