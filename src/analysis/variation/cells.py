"""Who could be counted where: people by unit and by what else they are, with their time and events, a measure each.

A unit is one right below the province: what is part of it counts as it, and what was merged counts as what took over.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.careers.outcomes import Rises, rises_of
from analysis.careers.risktime import tally_risk
from analysis.careers.rules import appointable, sendable
from analysis.careers.states import (
    Clock,
    degree_months,
    first_named,
    in_service,
    latest,
    main_posts,
    make_clock,
    month_numbers,
    put,
    rows_of,
)
from analysis.careers.window import last_whole_month
from analysis.errors import VariationError
from analysis.placement.owed import list_asked
from analysis.registry import Registry

GRACE = 6  # months past the expected end that still are in time
# in which like is compared with like; the kind of staff follows the sector, and the rules ask for the time in post
MIX = ("sector", "grade_band", "age", "planned", "rating", "party")
DEPTH = 12  # units above and after each other
Cells = tuple[pd.DataFrame, tuple[str, ...]]  # rows of people, and the columns in which like is compared with like


def lay_clock(reg: Registry, start: str, more: int = 2) -> Clock:
    """Lay out the months from `start`, or when `reg` begins, to that of its day, and the month that begins after it.

    With `more` of 1 it is left out, with 0 that of the day as well. Raises VariationError for a start that is no day
    before the registry's.
    """
    day = pd.to_datetime(start, format="%Y-%m-%d", errors="coerce")
    if pd.notna(day):  # before the registry covers everybody nobody can be compared
        day = max(day, pd.Timestamp(str(reg.meta.get("covers_from", start))))
    first, last = month_numbers([day, reg.as_of])
    if first + 1 >= last:  # no day is far away
        raise VariationError(
            "start: {start!r} is no day two months before the registry's, {day:day}. Write it as 2017-01-01.",
            start=start,
            day=reg.as_of,
        )
    return make_clock(reg, int(first), int(last - first + more))


def periods(clock: Clock) -> pd.PeriodIndex:
    """Give the months of a clock."""
    return pd.PeriodIndex(pd.Series(clock.months).to_numpy().astype("datetime64[M]"), freq="M")


def find_tops(reg: Registry) -> pd.Series:
    """Give for each unit the one right below the province that it is, is part of, or has become by the day of `reg`."""
    units = reg["units"].drop_duplicates("unit_id").set_index("unit_id")
    gone = units["valid_to"] <= reg.as_of
    above = units["parent_id"].where(units["parent_id"].map(units["parent_id"]).notna())
    onward = units["successor_id"].where(gone & units["successor_id"].notna(), above)
    here = pd.Series(units.index, index=units.index)
    for _ in range(DEPTH):
        here = here.map(onward).fillna(here)
    return here


def _place(reg: Registry, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Number each person's unit in each month (-1 for none), and list the units by their numbers."""
    posts, tops = main_posts(reg, clock), find_tops(reg)
    codes, names = pd.factorize(posts["unit_id"].map(tops))
    return np.append(codes, -1)[latest(clock, posts)], np.asarray(names)


def _tally(reg: Registry, clock: Clock, inside: np.ndarray, events: np.ndarray, **more: np.ndarray) -> Cells:
    unit, names = _place(reg, clock)
    rows, columns = np.nonzero(inside & (unit >= 0))
    cells = tally_risk(reg, clock, rows, columns, events[rows, columns], {"unit": unit, **more})
    return cells.assign(unit=names[cells["unit"]]), (*MIX, *more)


def mark(clock: Clock, rows: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Mark what happened to whom in which month."""
    marked = np.zeros(clock.shape, dtype="int8")
    put(marked, rows, np.asarray(months) - clock.first, True)
    return marked


def nominations(reg: Registry, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Mark the months in which the rules allow sending to a first postgraduate course, and nominations.

    Whoever was nominated for a course that then began waits, studies or has studied from there on: no longer at risk.
    """
    rows = reg["training"][reg["training"]["kind"].eq("postgraduate")]
    allowed = sendable(reg, periods(clock)).allowed & (clock.months <= first_named(reg, clock, "postgraduate")[:, None])
    return allowed, mark(clock, rows_of(clock, rows), month_numbers(rows["nominated"]))


def promotions(reg: Registry, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
    """Mark the months in which the rules allow an appointment, and rises to a higher post."""
    posts = main_posts(reg, clock)
    rises: Rises = rises_of(reg, clock, posts, latest(clock, posts), "higher_post")
    return appointable(reg, periods(clock)).allowed & rises.room, mark(clock, rises.rows, rises.months)


def _up_to(reg: Registry, clock: Clock, found: tuple[np.ndarray, np.ndarray]) -> Cells:
    inside, events = found
    return _tally(reg, clock, inside & (clock.months <= last_whole_month(reg.as_of)), events)


def _not_in_time(reg: Registry, clock: Clock) -> Cells:
    """Courses begun since, whose limit has passed: those not completed by then; who left first is left out."""
    rows = reg["training"]
    rows = rows[rows["kind"].eq("postgraduate") & rows["started"].notna()]
    limit = rows["expected_end"] + pd.DateOffset(months=GRACE)
    left = reg["exits"].groupby("person_id")["exited"].min().reindex(rows["person_id"]).set_axis(rows.index)
    rows = rows[(limit <= reg.as_of) & ~(rows["outcome"].isna() & (left <= limit))]
    late = ~(rows["outcome"].eq("completed") & (rows["ended"] <= limit[rows.index]))
    who, month = rows_of(clock, rows), month_numbers(rows["started"])
    course = np.zeros(clock.shape, dtype="int8")
    kinds = rows.groupby(["level", "mode"], observed=True, dropna=False).ngroup().to_numpy()
    put(course, who, month - clock.first, kinds)
    return _tally(reg, clock, mark(clock, who, month) > 0, mark(clock, who[late], month[late]), course=course)


def _with_degree(reg: Registry, clock: Clock) -> Cells:
    """Leaders and managers in service on the day, and those with a postgraduate degree."""
    posts = main_posts(reg, clock)
    leads = np.append(posts["grade"].to_numpy(), 0)[latest(clock, posts)] > 0
    today = clock.columns == clock.count - 1
    return _tally(reg, clock, in_service(reg, clock) & leads & today, degree_months(reg, clock)[:, None] < clock.months)


def _owed(reg: Registry, clock: Clock) -> Cells:
    """What offices held on the day asked for, and what is owed of it."""
    cases = list_asked(reg)
    unit = cases["unit_id"].map(find_tops(reg))
    frame = cases.assign(person=rows_of(clock, cases), unit=unit, time=1, events=cases["state"].eq("owed"))
    return frame.dropna(subset="unit"), ("asks", "office_level")


MEASURES: dict[str, Callable[[Registry, Clock], Cells]] = {
    "sending": lambda reg, clock: _up_to(reg, clock, nominations(reg, clock)),
    "promotion": lambda reg, clock: _up_to(reg, clock, promotions(reg, clock)),
    "not_in_time": _not_in_time,
    "owed": _owed,
    "with_degree": _with_degree,
}
