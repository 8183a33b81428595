"""The stages from service to a higher post: at each, who is there, and who goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.outcomes import PROMOTIONS
from analysis.careers.risktime import tally_risk
from analysis.careers.rules import sendable
from analysis.careers.states import (
    FAR,
    Clock,
    first_named,
    held,
    in_service,
    main_posts,
    month_numbers,
    put,
    rows_of,
)
from analysis.registry.store import Registry

GRACE, AFTER, WAIT = 6, 24, 12  # months: past the expected end, after completion, from the nomination to the start
MOVES = ("lateral", "rotation")
STAGES = ("allowed", "planned", "nominated", "started", "completed", "placed", "risen")
MONTHLY = ("nominated",)  # told per 1,000 months; the others are shares
Units = tuple[np.ndarray, np.ndarray, np.ndarray]  # rows, columns and events of who is at a stage


class Access(NamedTuple):
    """Months of a registry, whom the rules let be sent in them, and the courses of a kind as rows and months."""

    reg: Registry
    clock: Clock
    allowed: np.ndarray
    courses: pd.DataFrame


def lay_out_access(reg: Registry, clock: Clock, kind: str) -> Access:
    """Lay out who may be sent to a course of `kind`, to a first one if it is postgraduate, and its courses by person.

    Whoever is named for a course that then begins waits, studies or has studied from there on.

    Columns: `row`, months `nominated`, `started`, `named` (of a course that began: of its nomination, of its start if
    none is on file), `limit` (of the expected end, with `GRACE`) and `completed` (far off where there is none), and the
    words of the course.
    """
    months = pd.PeriodIndex.from_ordinals(clock.months, freq="M")
    rows = reg["training"]
    rows = rows[rows["kind"] == kind].assign(row=lambda table: rows_of(clock, table))
    done = rows["ended"].where(rows["outcome"] == "completed")
    named = {"nominated": rows["nominated"], "started": rows["started"], "completed": done}
    known = {name: month_numbers(day) for name, day in named.items()}
    began = np.where(known["started"] < FAR, np.minimum(known["nominated"], known["started"]), FAR)
    rows = rows.assign(**known, named=began, limit=month_numbers(rows["expected_end"]) + GRACE)
    allowed = sendable(reg, months, kind=kind).allowed
    if kind == "postgraduate":
        allowed = allowed & (clock.months <= first_named(reg, clock, kind)[:, None])
    return Access(reg, clock, allowed, rows)


def _allowed(one: Access) -> Units:
    rows, columns = np.nonzero(in_service(one.reg, one.clock))
    return rows, columns, one.allowed[rows, columns]


def on_list(one: Access) -> np.ndarray:
    """Mark the months in which each person is on a planning list."""
    plans = one.reg["planning"]
    return held(one.clock, rows_of(one.clock, plans), month_numbers(plans["started"]), month_numbers(plans["ended"]))


def _planned(one: Access) -> Units:
    rows, columns = np.nonzero(one.allowed)
    return rows, columns, on_list(one)[rows, columns]


def in_months(one: Access, moment: str) -> Units:
    """Give the months in which the rules let people be sent, and whether a course has its `moment` in them."""
    happened = np.zeros(one.clock.shape, dtype=bool)
    put(happened, one.courses["row"].to_numpy(), (one.courses[moment] - one.clock.first).to_numpy(), True)
    rows, columns = np.nonzero(one.allowed)
    return rows, columns, happened[rows, columns]


def _started(one: Access) -> Units:
    rows = one.courses
    rows = rows[rows["nominated"] + WAIT <= one.clock.months[-1]]
    return _at(one, rows, "nominated", rows["started"] <= rows["nominated"] + WAIT)


def _completed(one: Access) -> Units:
    rows = one.courses[one.courses["limit"] <= one.clock.months[-1]]
    return _at(one, rows, "started", rows["completed"] <= rows["limit"])


def _after(one: Access, moves: bool) -> Units:
    """Whether a course's completer took a new post (`moves`), or a higher one, in the months after."""
    rows = one.courses
    rows = rows[rows["completed"] + AFTER <= one.clock.months[-1]]
    posts = main_posts(one.reg, one.clock)
    counts = posts["decision"].isin(PROMOTIONS) & (posts["grade"] > posts["bar"])
    if moves:
        counts |= posts["decision"].isin(MOVES)
    both = rows[["row", "completed"]].reset_index().merge(posts.loc[counts, ["row", "month"]], on="row")
    soon = (both["month"] > both["completed"]) & (both["month"] <= both["completed"] + AFTER)
    return _at(one, rows, "completed", rows.index.isin(both.loc[soon, "index"]))


def _at(one: Access, rows: pd.DataFrame, moment: str, events: pd.Series | np.ndarray) -> Units:
    at = (rows[moment] - one.clock.first).to_numpy()
    happened = np.asarray(events.reindex(rows.index) if isinstance(events, pd.Series) else events, dtype=bool)
    seen = (rows["row"].to_numpy() >= 0) & (at >= 0) & (at < one.clock.count)
    return rows["row"].to_numpy()[seen], at[seen], happened[seen]


FIND: dict[str, Callable[[Access], Units]] = {
    "allowed": _allowed,
    "planned": _planned,
    "nominated": lambda one: in_months(one, "nominated"),
    "started": _started,
    "completed": _completed,
    "placed": lambda one: _after(one, True),
    "risen": lambda one: _after(one, False),
}


def tally_stage(one: Access, stage: str) -> pd.DataFrame:
    """Add up who is at a stage and who goes on (`events`), by person and state, as `tally_risk` does.

    Who is there: allowed, in service (months); planned and nominated, whom the rules let be sent (months); started,
    those nominated `WAIT` months ago or earlier; completed, those who started, of whom the limit has passed; placed and
    risen, those who completed `AFTER` months ago. Who leaves first does not go on.
    """
    return tally_risk(one.reg, one.clock, *FIND[stage](one))
