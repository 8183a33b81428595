"""What describes a person in a month: one function a covariate, each a matrix of small codes, people by months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.rules import appointment_fails
from analysis.careers.states import (
    FAR,
    Clock,
    courses,
    earliest,
    held,
    kept,
    latest,
    main_posts,
    month_numbers,
    per_person,
    put,
    rows_of,
)
from analysis.registry.contract import ETHNICITY, SEX, STAFF_KIND
from analysis.registry.store import Registry
from analysis.words import Message

TRAINING = ("none", "studying", "0-11", "12-23", "24+")
SECTORS = ("above_commune", "commune", "service")
RATINGS = ("excellent", "good", "other", "none")
LEVELS: Mapping[str, tuple] = {
    "training": TRAINING,
    "planned": (False, True),
    "rating": RATINGS,
    "grade_band": ("0", "1-2", "3+"),
    "age_band": ("<35", "35-44", "45-54", "55+"),
    "tenure_band": ("<24", "24-59", "60+"),
    "staff_kind": STAFF_KIND,
    "sector": SECTORS,
    "party": (False, True),
    "appointable": (False, True),
}
FIXED: Mapping[str, tuple] = {"sex": SEX, "ethnicity": ETHNICITY}
NEEDS = {"planned": "planning", "rating": "ratings", "appointable": "discipline"}


class FirstCourse(NamedTuple):
    """Each person's first course of a kind from entry on, and the start of the second; `FAR` where there is none.

    Months of the start, of the end of study and of completion; a course that was broken off is never completed.
    """

    started: np.ndarray
    stopped: np.ndarray
    completed: np.ndarray
    second: np.ndarray


def first_courses(reg: Registry, clock: Clock, kind: str, entry: np.ndarray) -> FirstCourse:
    """Find each person's first course of `kind` from `entry` (column) to the end of the clock."""
    taken = courses(reg, clock, kind)
    column = taken["month"] - clock.first
    taken = taken[(taken["row"] >= 0) & (column >= entry[taken["row"]]) & (column < clock.count)]
    again = taken["row"].duplicated()
    second = earliest(clock, taken.loc[again, "row"].to_numpy(), taken.loc[again, "month"].to_numpy())
    first = taken[~again].set_index("row").reindex(np.arange(len(clock.people)), fill_value=FAR)
    started, stopped, completed = (first[name].to_numpy("int64") for name in ("month", "stopped", "completed"))
    return FirstCourse(started, stopped, completed, second)


def training_state(clock: Clock, first: FirstCourse) -> np.ndarray:
    """Give the code of `TRAINING`: studying from the end of the month of the start, then full years since completion.

    Dropped, suspended or overrun courses lead back to none.
    """
    months = clock.months
    started, stopped, completed = (month[:, None] + 1 for month in (first.started, first.stopped, first.completed))
    studying = (months >= started) & (months < stopped)
    done = (months >= completed) & (months >= started)
    since = 2 + (months >= completed + 12).astype("int8") + (months >= completed + 24)
    return np.where(done, since, studying).astype("int8")


def state_codes(reg: Registry, clock: Clock, first: FirstCourse) -> dict[str, np.ndarray]:
    """Give the time-varying covariates that the registry can say, by name, as codes into `LEVELS`."""
    return {"training": training_state(clock, first), **standing_codes(reg, clock)}


@kept
def standing_codes(reg: Registry, clock: Clock) -> dict[str, np.ndarray]:
    """Give those that no course decides."""
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    age = clock.months - month_numbers(per_person(clock, reg["people"], "birth_date"))[:, None]
    tenure = clock.months - posts["in_post"].to_numpy()[post]
    codes = {
        "planned": _planned(reg, clock) if reg.has("planning") else None,
        "rating": _last_rating(reg, clock) if reg.has("ratings") else None,
        "grade_band": _band(posts["grade"].to_numpy()[post], 1, 3),
        "age_band": _band(age, 35 * 12, 45 * 12, 55 * 12),
        "tenure_band": _band(tenure, 24, 60),
        "staff_kind": posts["staff"].to_numpy("int8")[post],
        "sector": _sector(reg, posts, post),
        "party": (month_numbers(per_person(clock, reg["people"], "party_joined"))[:, None] < clock.months).astype(
            "int8"
        ),
        "appointable": _appointable(reg, clock, posts, post) if reg.has("discipline") else None,
    }
    return {name: matrix for name, matrix in codes.items() if matrix is not None}


def join_codes(codes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Join codes of several covariates into one number, that changes where any of them does."""
    joined = np.zeros(next(iter(codes.values())).shape, dtype="int32")
    for name, matrix in codes.items():
        joined *= len(LEVELS[name])
        joined += matrix
    return joined


def lay_out_rows(
    reg: Registry,
    clock: Clock,
    codes: Mapping[str, np.ndarray],
    inside: np.ndarray,
    event: np.ndarray,
    flags: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Cut each person's time `inside` where any state or flag changes or an event happens: one row an interval."""
    key = join_codes(codes)
    for flag in flags.values():
        key *= 2
        key += flag
    begins, last = inside.copy(), inside.copy()
    begins[:, 1:] &= (key[:, 1:] != key[:, :-1]) | (event[:, :-1] > 0) | ~inside[:, :-1]
    last[:, :-1] &= begins[:, 1:] | ~inside[:, 1:]
    person, column = np.nonzero(begins)
    ends = np.nonzero(last)[1]
    frame = {
        "person_id": clock.people[person],
        "start": column,
        "stop": ends + 1,
        "event": event[person, ends].astype("int64"),
        **{name: flag[person, column] for name, flag in flags.items()},
    }
    return pd.DataFrame(frame | label_states(codes, person, column) | label_people(reg, clock, person))


def label_states(codes: Mapping[str, np.ndarray], person: np.ndarray, column: np.ndarray) -> dict[str, Any]:
    """Give covariates of some person-months their levels; flags stay flags."""
    labelled = {}
    for name, matrix in codes.items():
        values = matrix[person, column]
        flag = LEVELS[name] == (False, True)
        labelled[name] = values.astype(bool) if flag else pd.Categorical.from_codes(values, [*LEVELS[name]])
    return labelled


def label_people(reg: Registry, clock: Clock, person: np.ndarray) -> dict[str, Any]:
    """Give what never changes about some people."""
    return {
        name: per_person(clock, reg["people"], name).cat.set_categories(levels).array[person]
        for name, levels in FIXED.items()
    }


def left_out(reg: Registry) -> tuple[Message, ...]:
    """Name the covariates that an absent table leaves out."""
    return tuple(
        Message("The covariate {name} is left out: the table {table} is absent.", name=name, table=table)
        for name, table in NEEDS.items()
        if not reg.has(table)
    )


def _band(values: np.ndarray, *cuts: int) -> np.ndarray:
    return np.add.reduce([values >= cut for cut in cuts], dtype="int8")


def _sector(reg: Registry, posts: pd.DataFrame, post: np.ndarray) -> np.ndarray:
    """Give where the post is: a service unit, a commune, or a body above it."""
    units = reg["units"].drop_duplicates("unit_id").set_index("unit_id")
    kind, level = (units[name].astype("str").reindex(posts["unit_id"]).to_numpy() for name in ("kind", "level"))
    code = np.where(kind == "service", 2, np.where(level == "commune", 1, 0)).astype("int8")
    return np.append(code, 0)[post]


def _planned(reg: Registry, clock: Clock) -> np.ndarray:
    rows = reg["planning"]
    dates = month_numbers(rows["started"]), month_numbers(rows["ended"])
    return held(clock, rows_of(clock, rows), *dates).astype("int8")


def _appointable(reg: Registry, clock: Clock, posts: pd.DataFrame, post: np.ndarray) -> np.ndarray:
    fails = appointment_fails(reg, clock, posts, post)
    return (~np.logical_or.reduce(list(fails.values()))).astype("int8")


def _last_rating(reg: Registry, clock: Clock) -> np.ndarray:
    """Give the rating of the last full year before each month; none where there is none."""
    rows, years = reg["ratings"], clock.months // 12 + 1970
    given = rows["rating"].astype("str").map({"excellent": 0, "good": 1}).fillna(2).to_numpy("int8")
    table = np.full((len(clock.people), years[-1] - years[0] + 1), RATINGS.index("none"), dtype="int8")
    put(table, rows_of(clock, rows), rows["year"].to_numpy("int64") + 1 - years[0], given)
    return table[:, years - years[0]]
