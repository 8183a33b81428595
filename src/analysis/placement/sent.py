"""Those who were sent since a day: when each started, finished, stopped, moved, rose, took a key post and left."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.outcomes import PROMOTIONS
from analysis.careers.states import (
    FAR,
    SAME_POST,
    Clock,
    courses,
    earliest,
    main_posts,
    make_clock,
    month_numbers,
    rows_of,
)
from analysis.careers.window import months_since, read_month
from analysis.errors import Blocked, PlacementError, check_options
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.standards import key_offices

MOVES = ("lateral", "rotation")
NO_OFFICE = ("acting", "secondment")  # decisions that give the work of an office, not the office
MERGED = {"moved": "completed", "key": "higher"}  # states too rare to be told apart in small groups
STATES = ("studying", "completed", "stopped", "moved", "higher", "key", "left")


class Sent(NamedTuple):
    """Those who started a course of a kind from a day on, seen to `last`, the last month that is known whole.

    `people`: a row a person, with months (`FAR` if not): `start` (of the first such course), `completed`, `moved` (the
    first lateral move or rotation since), `higher`, `key` (the first key post, of those who held none at the start) and
    `left`; `row` in the clock, and `grade` of the higher post. `courses`: their courses of the kind since then: `row`,
    `month`, `stopped`, `completed`, `dropped`. `offices`: whether the registry tells offices at all.
    """

    people: pd.DataFrame
    courses: pd.DataFrame
    last: int
    offices: bool


def find_sent(reg: Registry, exposure: str, since: str, until: str | None = None) -> Sent:
    """Find who started a course of the kind `exposure` from the day `since` on, up to the day of `reg` or `until`."""
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    first, last = months_since(reg, since, PlacementError)
    clock = make_clock(reg, first, last - first + 1)
    begun = reg["training"][reg["training"]["started"] >= pd.Timestamp(since)]
    taken = courses(replace(reg, tables={**reg.tables, "training": begun}), clock, exposure)
    end = min(read_month("until", until, PlacementError), last) if until else last
    taken = taken[(taken["row"] >= 0) & taken["month"].between(first, end)].reset_index(drop=True)
    if taken.empty:
        raise Blocked(
            "Nobody started such a course from {since:day} on, so nobody is followed.", since=pd.Timestamp(since)
        )
    posts = main_posts(reg, clock)
    starts = earliest(clock, taken["row"].to_numpy(), taken["month"].to_numpy())
    months = {"start": starts, "completed": _first(clock, taken, "completed"), "left": _exits(reg, clock, starts)}
    months |= _rises(clock, posts, starts, months["completed"])
    people = pd.DataFrame({"row": np.arange(len(starts)), **months})[starts < FAR].reset_index(drop=True)
    return Sent(people, taken, last, bool(reg["posts"]["office"].notna().any()))


def _first(clock: Clock, taken: pd.DataFrame, moment: str) -> np.ndarray:
    return earliest(clock, taken["row"].to_numpy(), taken[moment].to_numpy("int64"))


def _exits(reg: Registry, clock: Clock, starts: np.ndarray) -> np.ndarray:
    """Find the first exit of each person in or after the month of the start."""
    rows, months = rows_of(clock, reg["exits"]), month_numbers(reg["exits"]["exited"])
    later = (rows >= 0) & (months >= starts[rows])
    return earliest(clock, rows[later], months[later])


def _rises(clock: Clock, posts: pd.DataFrame, starts: np.ndarray, completed: np.ndarray) -> dict[str, np.ndarray]:
    """Find what each person came to hold in a month after that of the start; a move, after that of completion."""
    row, month = posts["row"].to_numpy(), posts["month"].to_numpy()
    up = posts["decision"].isin(PROMOTIONS) & (posts["grade"] > posts["bar"])
    own = ~posts["decision"].isin(NO_OFFICE)
    key = posts["office"].isin(key_offices()) & own
    had = np.zeros(len(clock.people), dtype=bool)
    had[row[key & (month <= starts[row]) & (posts["ended"] > starts[row])]] = True
    found = {
        "moved": posts["decision"].isin(MOVES) & (month > completed[row]),
        "higher": up & (month > starts[row]),
        "key": key & (month > starts[row]) & ~had[row] & ~posts["decision"].isin(SAME_POST),
    }
    months = {name: earliest(clock, row[flag], month[flag]) for name, flag in found.items()}
    rose = found["higher"] & (month == months["higher"][row])
    grade = np.zeros(len(clock.people), dtype="int64")
    grade[row[rose]] = posts["grade"].to_numpy()[rose]
    return months | {"grade": grade}


def states_of(sent: Sent, months: np.ndarray, fine: bool = True) -> np.ndarray:
    """Give each person's state (place in `STATES`) at the end of `months`, a matrix of people by moments.

    What counts, highest first: having left, a key post, a higher post, a move since completion, completion, and
    studying; whose course was broken off, put off or ran out without a result has stopped. Without `fine` the states
    of `MERGED` are told as those they belong to.
    """
    at = {name: sent.people[name].to_numpy()[:, None] <= months for name in STATES[3:] + ("completed",)}
    studying = np.zeros(months.shape, dtype=bool)
    place = pd.Index(sent.people["row"]).get_indexer(sent.courses["row"])
    begun, over = (sent.courses[name].to_numpy()[:, None] for name in ("month", "stopped"))
    np.logical_or.at(studying, place, (begun <= months[place]) & (months[place] < over))
    order = ["left", "key", "higher", "moved", "completed"]
    codes = [STATES.index(name if fine else MERGED.get(name, name)) for name in order]
    return np.select([*(at[name] for name in order), studying], [*codes, 0], STATES.index("stopped"))
