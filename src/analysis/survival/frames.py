"""Start-stop frames as the engine takes them: checked once, every fault named; and the people in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, CareersError
from analysis.words import Message

TIMES = ("person_id", "start", "stop", "event")
TOUCH = 1e-9
BLOCK = 1 << 16
NO_TIME = Message("a time is missing or no number; give every row its times")
NO_LENGTH = Message(
    "stop is not after start; an interval (start, stop] needs some length: leave such rows out, or end them later"
)
NO_CODE = Message("not a whole number of 0 or more (below a million); use 0, 1, 2, ...")
NO_WEIGHT = Message("a weight is missing, negative or no number; give weights of 0 or more")
NO_VALUE = Message("a value is missing; fill it or leave the row out and say so")
OVERLAP = Message("overlaps an earlier row of the same person; cut the rows so that they touch")


@dataclass(frozen=True, eq=False)
class People:
    """Who each row belongs to: `count` people in all, numbered 0, 1, ... in the order of appearance.

    `first` marks the first row of each person where the rows of a person stand next to each other; else it is None and
    `numbered` has the number of each row's person.
    """

    count: int
    first: np.ndarray | None = None
    numbered: np.ndarray | None = None

    @cached_property
    def code(self) -> np.ndarray:
        """Number of each row's person, made where it is asked for."""
        return (
            np.cumsum(np.asarray(self.first), dtype="int32") - np.int32(1) if self.numbered is None else self.numbered
        )


def code_people(person_id: pd.Series) -> People:
    """Tell the people of the rows apart; rows already in the order of whole numbers take no hashing."""
    if pd.api.types.is_integer_dtype(person_id) and (isinstance(person_id.dtype, np.dtype) or not person_id.hasnans):
        values = person_id.to_numpy()
        if (values[1:] >= values[:-1]).all():
            return _together(values)
    code, who = pd.factorize(person_id)
    if (code[1:] >= code[:-1]).all():
        return _together(code)
    return People(len(who), numbered=code.astype("int32"))


def _together(values: np.ndarray) -> People:
    first = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return People(int(np.count_nonzero(first)), first)


def blocks(rows: int) -> Iterator[slice]:
    """Cut rows into runs short enough that what is made of one stays in the processor's cache."""
    return (slice(first, min(first + BLOCK, rows)) for first in range(0, rows, BLOCK))


def check_spells(
    frame: pd.DataFrame,
    columns: Sequence[str] = (),
    *,
    weights: str | None = None,
    apart: Sequence[str] = (),
    error: type[AnalysisError] = CareersError,
) -> People:
    """Refuse a start-stop frame that breaks its contract, naming each column at fault, how many rows and the first.

    `columns` are the covariates that must be there and full; `weights` names a column of weights of 0 or more; rows
    of one person may not overlap within the same values of `apart`. Gives the people of the rows.
    """
    wanted = dict.fromkeys([*TIMES, *columns, *apart, *([weights] if weights else [])])
    missing = [name for name in wanted if name not in frame]
    if missing:
        raise error(
            "The frame lacks the columns {missing}; a start-stop frame has {times} and the covariates. "
            "Add or rename them.",
            missing=missing,
            times=list(TIMES),
        )
    if frame.empty:
        raise error("The frame has no rows: nobody is at risk. Check the filters before this step.")
    people = code_people(frame["person_id"])
    faults = [*_faults(frame, wanted, weights)] or [*_overlaps(frame, people, apart)]
    if faults:
        raise error("The frame cannot be used; no row is dropped in silence. Correct:{faults:lines}", faults=faults)
    return people


def numbers(column: pd.Series) -> np.ndarray:
    """Give a column as numbers, NaN where there is none; whole numbers stay whole."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return pd.to_numeric(column.astype("object"), errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if pd.api.types.is_integer_dtype(column) and (isinstance(column.dtype, np.dtype) or not column.hasnans):
        return column.to_numpy()
    return column.to_numpy(dtype="float64", na_value=np.nan)


def _faults(frame: pd.DataFrame, wanted: Iterable[str], weights: str | None) -> Iterator[Message]:
    start, stop, event = (numbers(frame[name]) for name in TIMES[1:])
    for name, values in (("start", start), ("stop", stop)):
        yield from _fault(frame, name, ~np.isfinite(values), NO_TIME)
    yield from _fault(frame, "stop", stop <= start, NO_LENGTH)
    wrong = ~((event >= 0) & (event < 1e6))
    if event.dtype.kind == "f":
        wrong |= event != np.floor(event)
    yield from _fault(frame, "event", wrong, NO_CODE)
    if weights:
        weight = numbers(frame[weights])
        yield from _fault(frame, weights, ~(weight >= 0) | ~np.isfinite(weight), NO_WEIGHT)
    for name in wanted:
        if name not in TIMES[1:] and name != weights:
            yield from _fault(frame, name, _absent(frame[name]), NO_VALUE)


def _absent(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_float_dtype(column):
        return ~np.isfinite(numbers(column))
    return column.isna().to_numpy()


def _fault(frame: pd.DataFrame, column: str, bad: np.ndarray, what: Message) -> Iterator[Message]:
    if bad.any():
        first = ", ".join(map(str, frame.index[bad][:5]))
        yield Message(
            "{column}: {what} ({count} rows; first labels: {first})",
            column=column,
            what=what,
            count=int(bad.sum()),
            first=first,
        )


def _overlaps(frame: pd.DataFrame, people: People, apart: Sequence[str]) -> Iterator[Message]:
    start, stop = numbers(frame["start"]), numbers(frame["stop"])
    if len(apart):
        people = code_people(frame.groupby([people.code, *apart], observed=True, sort=False).ngroup())
    bad = np.zeros(len(frame), dtype=bool)
    if people.first is not None and not (~people.first[1:] & (start[1:] < start[:-1])).any():
        bad[1:] = ~people.first[1:] & (start[1:] < (stop[:-1] if stop.dtype.kind in "iu" else stop[:-1] - TOUCH))
    else:
        code = people.code
        order = np.lexsort((start, code))
        code, start, stop = code[order], start[order], stop[order]
        bad[order[1:]] = (code[1:] == code[:-1]) & (start[1:] < stop[:-1] - TOUCH)
    yield from _fault(frame, "start", bad, OVERLAP)
