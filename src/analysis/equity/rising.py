"""Who may be appointed higher, month after month, and when each one rose or left: what gaps are measured on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers import outcomes
from analysis.careers.covariates import FIXED
from analysis.careers.risktime import AGES, age_codes
from analysis.careers.rules import appointment_fails, in_force, staff_of
from analysis.careers.spells import LEAVERS
from analysis.careers.states import Clock, in_service, latest, main_posts, make_clock, month_numbers, per_person
from analysis.careers.window import covered_since
from analysis.errors import Blocked, EquityError
from analysis.registry.retirement import retirement_dates
from analysis.registry.store import Registry


class Rising(NamedTuple):
    """People by months (`clock`) up to the last whole month of the registry.

    `event`: 0 none, 1 a higher post, 2.. an exit, in that month. `open`: in service, with room to rise, and no rule
    bars an appointment as the month begins. `closes`: the month from which the person's own retirement is too near.
    """

    clock: Clock
    event: np.ndarray
    open: np.ndarray
    closes: np.ndarray


def follow_rises(reg: Registry, start: str) -> Rising:
    """Follow everybody in `reg` from the month of the day `start`; blocked where those who left are not in the data."""
    first, last = covered_since(reg, start, EquityError, "start")
    if not reg.meta.get("leavers_included"):
        raise Blocked(LEAVERS)
    clock = make_clock(reg, first, last - first + 1)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    rises = outcomes.rises_of(reg, clock, posts, post, "higher_post")
    barred = np.logical_or.reduce(list(appointment_fails(reg, clock, posts, post).values()))
    may = in_service(reg, clock) & (post >= 0) & rises.room & ~barred
    people = reg["people"].set_index("person_id").reindex(clock.people)
    retires = month_numbers(retirement_dates(people["sex"], people["birth_date"]))
    asked = in_force(clock, "appointment", "term_months", 0)[staff_of(posts, post), clock.columns]
    return Rising(clock, outcomes.events_of(reg, clock, rises), may, retires - asked[:, -1])


def members(reg: Registry, rising: Rising, column: int) -> pd.DataFrame:
    """Describe everybody as a month begins: sex, ethnicity and age, in the words of groups."""
    people, now = reg["people"], rising.clock.first + column
    born = month_numbers(per_person(rising.clock, people, "birth_date"))
    age = age_codes(now - born)
    known = {
        name: per_person(rising.clock, people, name).cat.set_categories(words).array for name, words in FIXED.items()
    }
    return pd.DataFrame({**known, "age": pd.Categorical.from_codes(age, [*AGES])})


def first_events(rising: Rising, column: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Give each one's first event from a month on (0 for none), and after how many months it has happened."""
    found, stop = outcomes.first_events(rising.event, np.full(len(rising.event), column))
    return found, stop - column
