"""The state of every person in every month, as matrices of people by months.

One rule for all of them: the state over a month is the state at the end of the last day before it, so that what is
dated in a month counts from that month's end. What a clock alone decides (an age, a time in post) is known beforehand
and counts in the very month in which it is reached.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis import reference
from analysis.registry.contract import POSTGRADUATE, STAFF_KIND
from analysis.registry.store import Registry

FAR = 1_000_000
MOST_KEPT = 1 << 23
_KEPT: weakref.WeakKeyDictionary[Registry, dict[tuple, Any]] = weakref.WeakKeyDictionary()
Made = TypeVar("Made")
SAME_POST = ("reappointment", "reorganisation")


@dataclass(frozen=True, eq=False)
class Clock:
    """Rows and columns of a state matrix: `people` sorted, and `count` months from month `first`."""

    people: pd.Index
    first: int
    count: int

    @property
    def months(self) -> np.ndarray:
        """Month numbers of the columns."""
        return np.arange(self.first, self.first + self.count)

    @property
    def columns(self) -> np.ndarray:
        """Places of the columns."""
        return np.arange(self.count)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of a state matrix."""
        return len(self.people), self.count


def month_numbers(dates) -> np.ndarray:
    """Count the months from January 1970 to each date; `FAR` where empty."""
    months = np.asarray(pd.Series(dates).array, dtype="datetime64[M]")
    return np.where(np.isnat(months), FAR, months.astype("int64"))


def make_clock(reg: Registry, first: int, count: int) -> Clock:
    """Lay out everyone in the registry over `count` months from month number `first`."""
    return Clock(pd.Index(reg["people"]["person_id"].sort_values()), first, count)


def kept(make: Callable[..., Made]) -> Callable[..., Made]:
    """Make something of a registry and a clock once, for as long as the registry is there; nobody may write in it.

    For `MOST_KEPT` person-months at most: of more, memory is scarcer than time.
    """

    @functools.wraps(make)
    def made(reg: Registry, clock: Clock, *more: Any) -> Made:
        if len(clock.people) * clock.count > MOST_KEPT:
            return make(reg, clock, *more)
        found, key = _KEPT.setdefault(reg, {}), (make.__name__, clock.first, clock.count, *more)
        if key not in found:
            found[key] = make(reg, clock, *more)
            for table in found[key].values() if isinstance(found[key], dict) else [found[key]]:
                if isinstance(table, np.ndarray):
                    table.setflags(write=False)
        return found[key]

    return made


def rows_of(clock: Clock, table: pd.DataFrame) -> np.ndarray:
    """Give the matrix row of the person of each row of `table`."""
    return clock.people.get_indexer(table["person_id"])


def by_person(clock: Clock, table: pd.DataFrame, *order: str) -> pd.DataFrame:
    """Sort by person and `order`, with the person's matrix row in `row`: the file's own order never matters."""
    return table.assign(row=rows_of(clock, table)).sort_values(["row", *order], ignore_index=True)


def held(clock: Clock, rows: np.ndarray, started: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Mark the months in which a state dated [started, ended) holds, by difference arrays; spells may overlap."""
    begin = np.clip(started + 1 - clock.first, 0, clock.count)
    end = np.clip(ended + 1 - clock.first, 0, clock.count)
    real = (rows >= 0) & (end > begin)
    size, width = len(clock.people) * (clock.count + 1), clock.count + 1
    steps = np.bincount(rows[real] * width + begin[real], minlength=size)
    steps -= np.bincount(rows[real] * width + end[real], minlength=size)
    return steps.reshape(-1, width).cumsum(axis=1)[:, :-1] > 0


def put(table: np.ndarray, rows: np.ndarray, columns: np.ndarray, values: np.ndarray | bool) -> None:
    """Write values into a matrix of people, those outside it left out; the last of several at one place stays."""
    inside = (rows >= 0) & (columns >= 0) & (columns < table.shape[1])
    table[rows[inside], columns[inside]] = np.broadcast_to(values, rows.shape)[inside]


def latest(clock: Clock, table: pd.DataFrame) -> np.ndarray:
    """Give, for each person and month, the last of the dated rows (sorted by person and date) so far; -1 for none."""
    place = np.full(clock.shape, -1, dtype="int32")
    column = np.maximum(table["month"].to_numpy() + 1 - clock.first, 0)
    put(place, table["row"].to_numpy(), column, np.arange(len(table)))
    return np.maximum.accumulate(place, axis=1)


def per_person(clock: Clock, table: pd.DataFrame, column: str) -> pd.Series:
    """Give one column of `people` in the order of the matrix rows."""
    return table.set_index("person_id")[column].reindex(clock.people)


@kept
def main_posts(reg: Registry, clock: Clock) -> pd.DataFrame:
    """Lay out the non-concurrent posts by person and date, with what was held before each.

    Columns: `row`, `month`, `started` (the day), `ended`, `decision`, `unit_id`, `staff` (code of STAFF_KIND), `grade`
    (held: an acting post gives none, the grade before it goes on), `office`, `best` and `bar` (highest grade ever held
    with and before it), `in_post` and `in_grade` (month since when in this post, and in this or an equivalent one).
    """
    rows = reg["posts"]
    rows = by_person(clock, rows[~rows["concurrent"]], "started", "grade", "decision", "title", "unit_id")
    rows = rows[rows["row"] >= 0].reset_index(drop=True)
    person = rows["row"].to_numpy()
    decision = rows["decision"].astype("str")
    own = rows["grade"].astype("float64").where(decision != "acting")
    held_grade = own.groupby(person).ffill().fillna(0).astype("int64")
    best = held_grade.groupby(person).cummax()
    fresh = (person != np.roll(person, 1)) | (np.arange(len(rows)) == 0) | (decision == "recruitment").to_numpy()
    moved = fresh | (held_grade != held_grade.shift()).to_numpy() & (decision != "reorganisation").to_numpy()
    month = month_numbers(rows["started"])
    return pd.DataFrame(
        {
            "row": person,
            "month": month,
            "started": rows["started"],
            "ended": month_numbers(rows["ended"]),
            "decision": decision,
            "unit_id": rows["unit_id"],
            "staff": rows["staff_kind"].cat.set_categories(STAFF_KIND).cat.codes,
            "grade": held_grade,
            "office": rows["office"],
            "best": best,
            "bar": best.groupby(person).shift(fill_value=0),
            "in_post": since(month, fresh | ~decision.isin(SAME_POST).to_numpy()),
            "in_grade": since(month, moved),
        }
    )


def since(months: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Give each row the month of the last row before it, or itself, that begins anew."""
    return months[np.maximum.accumulate(np.where(begins, np.arange(len(months)), 0))]


@kept
def in_service(reg: Registry, clock: Clock) -> np.ndarray:
    """Mark the months begun in service: after recruitment, and not between an exit and a return by recruitment."""
    recruited = month_numbers(per_person(clock, reg["people"], "recruited"))
    exits, posts = reg["exits"], reg["posts"]
    back = posts.loc[posts["decision"] == "recruitment", ["person_id", "started"]].sort_values("started")
    left = pd.merge_asof(
        exits.sort_values("exited"), back, left_on="exited", right_on="started", by="person_id", direction="forward"
    )
    out = held(clock, rows_of(clock, left), month_numbers(left["exited"]), month_numbers(left["started"]))
    return (recruited[:, None] < clock.months) & ~out


def courses(reg: Registry, clock: Clock, kind: str, only: Mapping[str, Sequence[str]] | None = None) -> pd.DataFrame:
    """Lay out the courses of a kind (`only` those with some words in a column) that were started, by person and date.

    Columns: `row`, `month` of the start, `stopped` (month in which studying ends, at the latest the overrun of
    `rules.yml` after the expected end), `completed` and `dropped` (month, `FAR` if not).
    """
    rows = reg["training"]
    chosen = (rows["kind"] == kind) & rows["started"].notna()
    for name, words in (only or {}).items():
        chosen &= rows[name].isin(list(words))
    rows = by_person(clock, rows[chosen], "started", "course_id")
    ended = rows["ended"].where(rows["ended"].notna() | rows["outcome"].isna(), rows["expected_end"])
    ended, overrun = month_numbers(ended), reference.overrun_months()
    return pd.DataFrame(
        {
            "row": rows["row"],
            "month": month_numbers(rows["started"]),
            "stopped": np.minimum(ended, month_numbers(rows["expected_end"]) + overrun),
            **{word: np.where(rows["outcome"] == word, ended, FAR) for word in ("completed", "dropped")},
        }
    )


def first_course(
    reg: Registry, clock: Clock, kind: str, only: Mapping[str, Sequence[str]] | None = None, moment: str = "month"
) -> np.ndarray:
    """Give the month of each person's first course of a kind: of its start, or of another `moment` of it."""
    taken = courses(reg, clock, kind, only)
    return earliest(clock, taken["row"].to_numpy(), taken[moment].to_numpy("int64"))


def first_named(reg: Registry, clock: Clock, kind: str) -> np.ndarray:
    """Give the month in which each person was named for, or began, the first course of a kind that then began.

    From there on who waits, studies or broke off is at no risk of being named for a first one.
    """
    rows = reg["training"]
    rows = rows[rows["kind"].eq(kind) & rows["started"].notna()]
    named = np.minimum(month_numbers(rows["nominated"]), month_numbers(rows["started"]))
    return earliest(clock, rows_of(clock, rows), named)


def degree_months(reg: Registry, clock: Clock, kind: str = "postgraduate") -> np.ndarray:
    """Give the month of each person's first degree that a kind of course leads to; `FAR` for none."""
    rows = reg["qualifications"]
    rows = rows[rows["level"].isin(POSTGRADUATE if kind == "postgraduate" else ())]
    return earliest(clock, rows_of(clock, rows), month_numbers(rows["awarded"]))


def earliest(clock: Clock, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Give the smallest of each person's values; `FAR` for none."""
    first = np.full(len(clock.people), FAR, dtype="int64")
    np.minimum.at(first, rows[rows >= 0], values[rows >= 0])
    return first
