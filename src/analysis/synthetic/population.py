"""Who is in the synthetic province: the state of every person, the founders and the recruits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from analysis.registry.retirement import JANUARY_1970, ages_by_year, month_reached
from analysis.synthetic.parameters import Rows, Settings, month
from analysis.synthetic.world import World

NEVER = 32000
NONE, FULL_TIME, IN_SERVICE = 0, 1, 2
TRAITS = 15  # uniform numbers a person brings along


@dataclass(frozen=True)
class State:
    """Every person in one month, as arrays of one length; months count from 1970-01, `NEVER` = not yet.

    `rating` is last year's and `rating_before` the year's before (0 poor .. 3 excellent, -1 none);
    `completed` the month a postgraduate degree was completed; `ever` that a postgraduate course was ever started.
    """

    female: np.ndarray
    ethnicity: np.ndarray
    born: np.ndarray
    retires: np.ndarray
    recruited: np.ndarray
    party: np.ndarray
    cause: np.ndarray
    active: np.ndarray
    sector: np.ndarray
    grade: np.ndarray
    unit: np.ndarray
    grade_since: np.ndarray
    rating: np.ndarray
    rating_before: np.ndarray
    barred_until: np.ndarray
    planned_since: np.ndarray
    tipped_until: np.ndarray
    completed: np.ndarray
    ever: np.ndarray
    mode: np.ndarray
    course_end: np.ndarray
    fate: np.ndarray
    nominated_at: np.ndarray
    nominated_for: np.ndarray
    theory: np.ndarray

    def take(self, rows: np.ndarray) -> State:
        """Keep these people."""
        return State(**{field.name: getattr(self, field.name)[rows] for field in dataclasses.fields(self)})

    def where(self, who: np.ndarray, **values: Any) -> State:
        """Give the people marked in `who` new values."""
        changed = {
            name: np.where(who, value, before := getattr(self, name)).astype(before.dtype)
            for name, value in values.items()
        }
        return dataclasses.replace(self, **changed)


@cache
def grid(rows: Rows) -> np.ndarray:
    """Lay values by sector and grade out as a 3 x 9 table, 0 where there is no such grade."""
    table = np.zeros((3, 9), dtype=np.float32)
    for k, row in enumerate(rows):
        table[k, : len(row)] = row
    return table


def retirement_month(born: np.ndarray, female: np.ndarray) -> np.ndarray:
    """Find the month in which each person reaches the retirement age of that month's year."""
    months = born.astype(np.int64) + JANUARY_1970
    woman, man = (month_reached(months, ages_by_year(sex)) for sex in ("female", "male"))
    return (np.where(female, woman, man) - JANUARY_1970).astype(np.int16)


def empty_state(size: int) -> State:
    """Make room for `size` people who are not yet there."""
    kinds = {"female": bool, "cause": bool, "active": bool, "ever": bool, "unit": np.int32}
    small = ("ethnicity", "sector", "grade", "rating", "rating_before", "mode", "fate", "theory")
    never = ("party", "planned_since", "completed", "nominated_at", "course_end")
    arrays = {}
    for field in dataclasses.fields(State):
        kind = kinds.get(field.name, np.int8 if field.name in small else np.int16)
        fill = NEVER if field.name in never else -1 if field.name in ("rating", "rating_before", "nominated_for") else 0
        arrays[field.name] = np.full(size, fill, dtype=kind)
    return State(**arrays)


def found(size: int, world: World, u: np.ndarray) -> State:
    """Put the first people in place: ages, posts, ratings, plans and degrees near the flows' balance."""
    people, settings, now = world.people, world.settings, month(world.settings.begins)
    u = u[:, :people]
    sector = np.searchsorted(np.cumsum(settings.shares)[:-1], np.arange(people) / people, side="right")
    oldest = np.where(_is_female(sector, settings, u), 658, 718)
    age = (276 + (oldest - 276) * u[1] ** 1.3).astype(np.int16)
    born = now - age
    recruited = np.minimum(born + 264 + (120 * u[2] ** 2).astype(np.int16), now - 1)
    recruited = np.maximum(recruited, month("1976-01"))
    grade = _rank(sector, age + 150 * u[3], settings)
    since = now - 1 - (u[4] * np.minimum(now - 1 - recruited, 110)).astype(np.int16)
    leads = grade > 0
    rating = np.searchsorted([0.01, 0.07, 0.78], u[5], side="right")
    planned = (u[6] < np.where(leads, 0.55, 0.06)) & (rating >= 2)
    listed = np.maximum(now - 1 - (60 * u[7]).astype(np.int16), recruited + 12)
    start = {
        "recruited": recruited,
        "grade": grade,
        "grade_since": np.where(leads, since, recruited),
        "rating": rating,
        "rating_before": rating,
        "planned_since": np.where(planned & (listed < now), listed, NEVER),
        "theory": np.where(u[12] < np.where(leads, 0.7, 0.1), np.where(grade >= 4, 2, 1), 0),
    }
    chance = grid(settings.degrees)[sector, grade]
    start |= _background(sector, born, now, leads=leads, degree_chance=chance, world=world, u=u)
    return write(empty_state(size), slice(0, people), start)


def hire(state: State, used: int, now: int, world: World, u: np.ndarray) -> tuple[State, slice]:
    """Recruit towards the stock of each sector, until the freeze; give the state and the slots taken."""
    settings = world.settings
    if now > month(settings.recruiting_ends):
        return state, slice(used, used)
    heads = np.bincount(state.sector[state.active], minlength=3)
    missing = np.maximum(np.round(world.people * np.array(settings.shares)) - heads, 0)
    wanted = np.ceil(missing * settings.recruiting).astype(int)
    sector = np.repeat(np.arange(3), wanted)[: u.shape[1] - used]
    new = slice(used, used + len(sector))
    u = u[:, new]
    born = now - (270 + 130 * u[1] ** 1.5).astype(np.int16)
    chance = np.array(settings.degrees_of_recruits)[sector]
    start = _background(sector, born, now, leads=np.zeros(len(sector), bool), degree_chance=chance, world=world, u=u)
    return write(state, new, start | {"recruited": now, "grade": 0, "grade_since": now}), new


def write(state: State, rows: slice | np.ndarray, values: Mapping[str, object]) -> State:
    """Give a new state with `values` in these rows."""
    changed = {}
    for name, value in values.items():
        changed[name] = getattr(state, name).copy()
        changed[name][rows] = value
    return dataclasses.replace(state, **changed)


def _rank(sector: np.ndarray, score: np.ndarray, settings: Settings) -> np.ndarray:
    grade = np.zeros(len(sector), dtype=np.int8)
    for k, shares in enumerate(settings.grades):
        mine = np.flatnonzero(sector == k)
        order = np.argsort(np.argsort(score[mine]))
        edges = np.cumsum(shares)[:-1] / sum(shares)
        grade[mine] = np.searchsorted(edges, order / max(len(mine), 1), side="right")
    return grade


def _is_female(sector: np.ndarray, settings: Settings, u: np.ndarray) -> np.ndarray:
    return u[0] < np.array(settings.female)[sector]


def _background(sector, born, now: int, *, leads, degree_chance, world: World, u: np.ndarray) -> dict[str, np.ndarray]:
    """Give what founders and recruits have in common, from the uniform numbers that they bring along."""
    settings, female = world.settings, _is_female(sector, world.settings, u)
    minority = u[8] < np.array(settings.minority)[sector]
    kind = 1 + np.searchsorted(np.cumsum(settings.minority_kinds)[:-1], u[9], side="right")
    unit = world.places.draw(sector, u[10], now)
    has = u[11] < np.where(world.places.teaching[unit], settings.degrees_of_lecturers, degree_chance)
    earned = np.maximum(now - 6 - (120 * u[13]).astype(np.int16), born + 288)
    member = u[12] < np.array(settings.party)[sector, leads.astype(int)]
    joined = np.maximum(now - 12 - (150 * u[7]).astype(np.int16), born + 228)
    return {
        "active": np.ones(len(sector), bool),
        "sector": sector,
        "female": female,
        "born": born,
        "ethnicity": np.where(minority, kind, 0),
        "retires": retirement_month(born, female),
        "party": np.where(member & (joined < now), joined, NEVER),
        "cause": u[14] < settings.cause_share,
        "completed": np.where(has & (earned < now - 1), earned, NEVER),
        "unit": unit,
    }
