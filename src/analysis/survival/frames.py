"""Start-stop frames as the engine takes them: checked once, every fault named; and the people in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, CareersError

TIMES = ("person_id", "start", "stop", "event")
TOUCH = 1e-9
BLOCK = 1 << 16


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
        return self.numbered if self.first is None else np.cumsum(self.first, dtype="int32") - np.int32(1)


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
            en=f"The frame lacks the columns {missing}; a start-stop frame has {list(TIMES)} and the covariates. "
            "Add or rename them.",
            vi=f"Bảng thiếu các cột {missing}; bảng khoảng thời gian cần {list(TIMES)} và các biến. "
            "Hãy thêm hoặc đổi tên cột.",
        )
    if frame.empty:
        raise error(
            en="The frame has no rows: nobody is at risk. Check the filters before this step.",
            vi="Bảng không có dòng nào: không ai trong diện theo dõi. Hãy xem lại các bước lọc trước đó.",
        )
    people = code_people(frame["person_id"])
    found = [*_faults(frame, wanted, weights)]
    if not found:
        found = [*_overlaps(frame, people, apart)]
    if found:
        raise error(en=_tell(found, frame, 0), vi=_tell(found, frame, 1))
    return people


def numbers(column: pd.Series) -> np.ndarray:
    """Give a column as numbers, NaN where there is none; whole numbers stay whole."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return pd.to_numeric(column.astype("object"), errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if pd.api.types.is_integer_dtype(column) and (isinstance(column.dtype, np.dtype) or not column.hasnans):
        return column.to_numpy()
    return column.to_numpy(dtype="float64", na_value=np.nan)


def _faults(frame: pd.DataFrame, wanted: Iterable[str], weights: str | None) -> Iterator[tuple]:
    start, stop, event = (numbers(frame[name]) for name in TIMES[1:])
    for name, values in (("start", start), ("stop", stop)):
        yield from _named(name, _no_number(values), "a time is missing or no number; give every row its times",
                          "thiếu mốc thời gian hoặc không phải số; hãy ghi đủ")  # fmt: skip
    yield from _named("stop", stop <= start, "stop is not after start; an interval (start, stop] needs some length",
                      "stop không sau start; khoảng (start, stop] phải có độ dài")  # fmt: skip
    wrong = ~((event >= 0) & (event < 1e6))
    if event.dtype.kind == "f":
        wrong |= event != np.floor(event)
    yield from _named("event", wrong, "not a whole number of 0 or more (below a million); use 0, 1, 2, ...",
                      "không phải số nguyên không âm (dưới một triệu); hãy dùng 0, 1, 2, ...")  # fmt: skip
    if weights:
        yield from _named(weights, ~(numbers(frame[weights]) >= 0) | ~np.isfinite(numbers(frame[weights])),
                          "a weight is missing, negative or no number; give weights of 0 or more",
                          "trọng số thiếu, âm hoặc không phải số; trọng số phải từ 0 trở lên")  # fmt: skip
    for name in wanted:
        if name not in TIMES[1:] and name != weights:
            yield from _named(name, _absent(frame[name]), "a value is missing; fill it or leave the row out and say so",
                              "thiếu giá trị; hãy bổ sung hoặc loại dòng và nói rõ")  # fmt: skip


def _no_number(values: np.ndarray) -> np.ndarray:
    return np.zeros(0, dtype=bool) if values.dtype.kind in "iu" else ~np.isfinite(values)


def _absent(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iub":
        return np.zeros(0, dtype=bool)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.array.codes
        return codes < 0 if codes.min() < 0 else np.zeros(0, dtype=bool)
    if pd.api.types.is_float_dtype(column):
        return ~np.isfinite(column.to_numpy(dtype="float64", na_value=np.nan))
    return column.isna().to_numpy()


def _named(column: str, bad: np.ndarray, en: str, vi: str) -> Iterator[tuple]:
    if bad.any():
        yield column, (en, vi), bad


def _overlaps(frame: pd.DataFrame, people: People, apart: Sequence[str]) -> Iterator[tuple]:
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
    yield from _named("start", bad, "overlaps an earlier row of the same person; cut the rows so that they touch",
                      "chồng lên dòng trước của cùng một người; hãy cắt các dòng cho khỏi chồng")  # fmt: skip


def _tell(faults: list, frame: pd.DataFrame, lang: int) -> str:
    lines = []
    for column, what, bad in faults:
        labels = ", ".join(map(str, frame.index[bad][:5]))
        count = int(bad.sum())
        words = (f"{column}: {what[0]} ({count} rows; first labels: {labels})",
                 f"{column}: {what[1]} ({count} dòng; nhãn đầu: {labels})")  # fmt: skip
        lines.append(words[lang])
    head = ("The frame cannot be used; no row is dropped in silence. Correct: ",
            "Không dùng được bảng; không dòng nào bị bỏ âm thầm. Cần sửa: ")  # fmt: skip
    return head[lang] + "; ".join(lines) + "."
