"""Who may be sent to a course, and who may be appointed, in which month: dated rules from `rules.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import reference
from analysis.careers.states import (
    FAR,
    Clock,
    courses,
    degree_months,
    held,
    in_service,
    latest,
    main_posts,
    make_clock,
    month_numbers,
    per_person,
    put,
    rows_of,
)
from analysis.errors import CareersError, check_options
from analysis.registry.contract import SANCTION, STAFF_KIND, TRAINING_KIND
from analysis.registry.retirement import retirement_dates
from analysis.registry.store import Registry
from analysis.words import Message

GOOD = ("excellent", "good")


@dataclass(frozen=True, kw_only=True, eq=False)
class Gates:
    """Which rule fails for whom and when: `fails[rule]` is a boolean matrix of `people` by `months`.

    `notes` name the rules that could not be checked because their table is absent.
    """

    people: pd.Index
    months: pd.PeriodIndex
    fails: Mapping[str, np.ndarray]
    notes: tuple[Message, ...] = ()

    @property
    def allowed(self) -> np.ndarray:
        """Mark the person-months in which no rule fails."""
        return ~np.logical_or.reduce(list(self.fails.values()))


def sendable(reg: Registry, months: Iterable, *, kind: str = "postgraduate", line: str = "state") -> Gates:
    """Say who may be sent to a course of `kind` in each of `months` (dates, periods or "2021-09").

    For a first postgraduate course: in service, of a kind of staff that the decree covers, long enough in service,
    two good years just before, not too old, in no discipline window (`line`: state or party), no postgraduate degree,
    on no such course (NĐ 101/2017, NĐ 171/2025). A start dated in a month does not bar that month. For other kinds no
    dated rule was found: only service, discipline and a course under way count.
    """
    check_options(CareersError, kind=(kind, TRAINING_KIND))
    clock, columns, periods = _lay_out(reg, months)
    fails = {"in_service": ~in_service(reg, clock)}
    if kind == "postgraduate":
        fails |= _postgraduate_fails(reg, clock)
    if reg.has("discipline"):
        fails["discipline"] = disciplined(reg, clock, line)
    if kind == "postgraduate":
        fails["degree"] = degree_months(reg, clock)[:, None] < clock.months
    taken = courses(reg, clock, kind)
    fails["course"] = held(clock, *(taken[name].to_numpy() for name in ("row", "month", "stopped")))
    needed = ("ratings", "discipline") if kind == "postgraduate" else ("discipline",)
    return Gates(people=clock.people, months=periods, fails=_pick(fails, columns), notes=_unchecked(reg, needed))


def appointable(reg: Registry, months: Iterable, *, line: str = "state") -> Gates:
    """Say who may be appointed to a first or higher post in each of `months`.

    Rules: two years in the present or an equivalent post, a full term left before the person's own retirement, no
    discipline window. Planning is kept apart, as a covariate (QĐ 80-QĐ/TW, NĐ 138/2020, HD 06-HD/BTCTW).
    """
    clock, columns, periods = _lay_out(reg, months)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    fails = {"in_service": ~in_service(reg, clock)} | appointment_fails(reg, clock, posts, post, line)
    notes = _unchecked(reg, ("discipline",))
    return Gates(people=clock.people, months=periods, fails=_pick(fails, columns), notes=notes)


def appointment_fails(
    reg: Registry, clock: Clock, posts: pd.DataFrame, post: np.ndarray, line: str = "state"
) -> dict[str, np.ndarray]:
    """Mark where the gates of tenure, age and discipline fail; `post` is the matrix of each one's latest post row."""
    in_grade = np.append(posts["in_grade"].to_numpy(), FAR)
    enough = in_force(clock, "appointment", "months_in_post")
    people = reg["people"].set_index("person_id").reindex(clock.people)
    retires = month_numbers(retirement_dates(people["sex"], people["birth_date"]))
    term_ends = clock.months + in_force(clock, "appointment", "term_months")
    fails = {"tenure": clock.months - in_grade[post] < enough, "age": retires[:, None] <= term_ends}
    if reg.has("discipline"):
        fails["discipline"] = disciplined(reg, clock, line)
    return fails


def in_force(clock: Clock, group: str, rule: str) -> np.ndarray:
    """Give the value of a rule in each month: the last one in force before the month began, else the first of all."""
    entries = reference.rules(group, rule)
    return np.array([entry.value for entry in entries])[_entry_of(entries, clock.months)]


def disciplined(reg: Registry, clock: Clock, line: str = "state") -> np.ndarray:
    """Mark the months in a discipline window: so long after the decision as the rule then in force says, or to its end.

    `line` is `state` or `party`; the registry does not say by which a sanction was given.
    """
    check_options(CareersError, line=(line, reference.discipline_lines()))
    entries = reference.rules("discipline", line)
    rows, windows = reg["discipline"], np.array([[entry.value[kind] for kind in SANCTION] for entry in entries])
    started, ended = month_numbers(rows["started"]), month_numbers(rows["ended"])
    sanction = rows["kind"].cat.set_categories(SANCTION).cat.codes.to_numpy()
    until = started + windows[_entry_of(entries, started), sanction]
    return held(clock, rows_of(clock, rows), started, np.where(ended < FAR, np.maximum(until, ended), until))


def _postgraduate_fails(reg: Registry, clock: Clock) -> dict[str, np.ndarray]:
    """Mark where staff kind, service, ratings or age bar from a postgraduate course."""
    people = reg["people"]
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    staff = np.append(posts["staff"].to_numpy(), -1)[post]
    served = clock.months - month_numbers(per_person(clock, people, "recruited"))[:, None]
    age = clock.months - month_numbers(per_person(clock, people, "birth_date"))[:, None]
    fails = {
        "scope": ~_covered(clock)[staff, np.arange(clock.count)],
        "service": served < in_force(clock, "sending", "service_months"),
    }
    if reg.has("ratings"):
        fails["ratings"] = good_years(reg, clock) < in_force(clock, "sending", "good_years")
    fails["age"] = age > in_force(clock, "sending", "max_age_months")
    return fails


def _covered(clock: Clock) -> np.ndarray:
    """Mark which staff kinds the decree covers in each month; a last row of its own for the unknown."""
    entries = reference.rules("sending", "staff_kinds")
    covered = np.array([[kind in entry.value for entry in entries] for kind in (*STAFF_KIND, None)])
    return covered[:, _entry_of(entries, clock.months)]


def good_years(reg: Registry, clock: Clock) -> np.ndarray:
    """Count the years in a row, just before each month's year, rated good or better (three at most)."""
    rows = reg["ratings"]
    rows = rows[rows["rating"].isin(GOOD)]
    years = clock.months // 12 + 1970
    first = years[0] - 3
    good = np.zeros((len(clock.people), years[-1] - first), dtype=bool)
    put(good, rows_of(clock, rows), rows["year"].to_numpy("int64") - first, True)
    one, two, three = (good[:, years - back - first] for back in (1, 2, 3))
    return one.astype("int8") + (one & two) + (one & two & three)


def _entry_of(entries: Sequence[reference.Rule], months: np.ndarray) -> np.ndarray:
    """Give, month by month, the place of the entry in force as the month begins."""
    started = month_numbers([entry.since for entry in entries])
    return np.maximum(np.searchsorted(started, months, side="left") - 1, 0)


def _lay_out(reg: Registry, months: Iterable) -> tuple[Clock, np.ndarray, pd.PeriodIndex]:
    periods = pd.PeriodIndex([pd.Period(month, "M") for month in months], freq="M")
    if not len(periods):
        raise CareersError("months: at least one is needed, such as 2021-09.")
    numbers = (periods.year * 12 + periods.month - 1 - 1970 * 12).to_numpy()
    clock = make_clock(reg, int(numbers.min()), int(numbers.max() - numbers.min() + 1))
    return clock, numbers - clock.first, periods


def _pick(fails: dict[str, np.ndarray], columns: np.ndarray) -> dict[str, np.ndarray]:
    return {rule: matrix[:, columns] for rule, matrix in fails.items()}


def _unchecked(reg: Registry, tables: Iterable[str]) -> tuple[Message, ...]:
    return tuple(
        Message("The rule on {name} was not checked: the table {name} is absent.", name=name)
        for name in tables
        if not reg.has(name)
    )
