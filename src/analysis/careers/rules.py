"""Who may be sent to a course, and who may be appointed, in which month: dated rules from `rules.yml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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
    kept,
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
SENDING = ("service_months", "good_years", "max_age_months")


@dataclass(frozen=True, kw_only=True, eq=False)
class Gates:
    """Which rule fails for whom and when: `fails[rule]` is a boolean matrix of `people` by `months`.

    `unknown` marks where a person in service is of a kind of staff whom no known rule covers: not known is not
    forbidden. `notes` say that there are such people, and name the rules whose table is absent.
    """

    people: pd.Index
    months: pd.PeriodIndex
    fails: Mapping[str, np.ndarray]
    unknown: np.ndarray
    notes: tuple[Message, ...] = ()

    @property
    def allowed(self) -> np.ndarray:
        """Mark the person-months in which no rule fails."""
        return ~np.logical_or.reduce(list(self.fails.values()))


def sendable(reg: Registry, months: Iterable, *, kind: str = "postgraduate", line: str = "state") -> Gates:
    """Say who in `reg` may be sent to a course of `kind` in each of `months` (dates, periods or "2021-09").

    For a first postgraduate course: in service, in no discipline window (`line`: state or party), no postgraduate
    degree, on no such course, and what the rule in force asks of that kind of staff: years of service, two good years
    just before, an age (NĐ 101/2017, NĐ 171/2025). A start dated in a month does not bar that month. Where no rule is
    known nobody is barred by it, and `unknown` says so. For other kinds no dated rule was found: only service,
    discipline and a course under way count.

    >>> sorted(careers.sendable(reg, ["2021-09"]).fails)
    ['age', 'course', 'degree', 'discipline', 'in_service', 'ratings', 'service']
    """
    check_options(CareersError, kind=(kind, TRAINING_KIND))
    clock, columns, periods = _lay_out(reg, months)
    fails = dict(_sending_fails(reg, clock, kind, line))
    needed = ("ratings", "discipline") if kind == "postgraduate" else ("discipline",)
    return _gates(clock, periods, columns, fails, fails.pop("unknown"), _unchecked(reg, needed))


@kept
def _sending_fails(reg: Registry, clock: Clock, kind: str, line: str) -> dict[str, np.ndarray]:
    """Mark where each rule bars from a course of a kind, and as `unknown` where no rule is known."""
    fails, unknown = {"in_service": ~in_service(reg, clock)}, np.zeros(clock.shape, dtype=bool)
    if kind == "postgraduate":
        asked, unknown = _postgraduate_fails(reg, clock)
        fails |= asked
    if reg.has("discipline"):
        fails["discipline"] = disciplined(reg, clock, line)
    if kind == "postgraduate":
        fails["degree"] = degree_months(reg, clock)[:, None] < clock.months
    taken = courses(reg, clock, kind)
    fails["course"] = held(clock, *(taken[name].to_numpy() for name in ("row", "month", "stopped")))
    return {**fails, "unknown": unknown}


def appointable(reg: Registry, months: Iterable, *, line: str = "state") -> Gates:
    """Say who in `reg` may be appointed to a first or higher post in each of `months`.

    Rules: two years in the present or an equivalent post, a full term left before the person's own retirement, no
    discipline window (`line`: state or party), as the rule in force says for that kind of staff. Planning is kept
    apart, as a covariate (QĐ 80-QĐ/TW, NĐ 138/2020, HD 06-HD/BTCTW).

    >>> careers.appointable(reg, ["2021-09"]).allowed.shape
    (15878, 1)
    """
    clock, columns, periods = _lay_out(reg, months)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    fails = {"in_service": ~in_service(reg, clock)} | appointment_fails(reg, clock, posts, post, line)
    unknown = not_known(clock, "appointment", ("months_in_post", "term_months"))[staff_of(posts, post), clock.columns]
    return _gates(clock, periods, columns, fails, unknown, _unchecked(reg, ("discipline",)))


def appointment_fails(
    reg: Registry, clock: Clock, posts: pd.DataFrame, post: np.ndarray, line: str = "state"
) -> dict[str, np.ndarray]:
    """Mark where the gates of tenure, age and discipline fail; `post` is the matrix of each one's latest post row."""
    in_grade = np.append(posts["in_grade"].to_numpy(), FAR)
    staff = staff_of(posts, post)
    people = reg["people"].set_index("person_id").reindex(clock.people)
    retires = month_numbers(retirement_dates(people["sex"], people["birth_date"]))
    left = retires[:, None] - clock.months
    fails = {
        "tenure": clock.months - in_grade[post]
        < in_force(clock, "appointment", "months_in_post", 0)[staff, clock.columns],
        "age": left <= in_force(clock, "appointment", "term_months", -FAR)[staff, clock.columns],
    }
    if reg.has("discipline"):
        fails["discipline"] = disciplined(reg, clock, line)
    return fails


def staff_of(posts: pd.DataFrame, post: np.ndarray) -> np.ndarray:
    """Number each one's kind of staff by the matrix of latest post rows; the last number is of those who have none."""
    return np.append(posts["staff"].to_numpy(), -1)[post]


def in_force(clock: Clock, group: str, rule: str, free: int) -> np.ndarray:
    """Give the number that a rule asks, kinds of staff by months; `free` where it asks none or is not known.

    A last row is of those whose kind is not known. A rule holds in a month if it does on its first day.
    """
    return _by_staff(clock, group, rule, lambda entry: entry.value if entry.says == "rule" else free, free)


def not_known(clock: Clock, group: str, names: Iterable[str]) -> np.ndarray:
    """Mark the kinds of staff by months for whom any of some rules is not known."""
    tables = [_by_staff(clock, group, name, lambda entry: entry.says == "unknown", True) for name in names]
    return np.logical_or.reduce(tables)


def _by_staff(clock: Clock, group: str, rule: str, read: Callable[[reference.Rule], Any], last: Any) -> np.ndarray:
    table = np.full((len(STAFF_KIND) + 1, clock.count), last)
    for row, kind in enumerate(STAFF_KIND):
        entries = reference.rules(group, rule, kind)
        since = [month_numbers([entry.since])[0] + (entry.since.day > 1) for entry in entries]
        place = np.maximum(np.searchsorted(since, clock.months, side="right") - 1, 0)
        table[row] = np.array([read(entry) for entry in entries])[place]
    return table


def disciplined(reg: Registry, clock: Clock, line: str = "state") -> np.ndarray:
    """Mark the months in a discipline window: so long after the decision as the rule then in force says, or to its end.

    `line` is `state` or `party`; the registry does not say by which a sanction was given.
    """
    check_options(CareersError, line=(line, reference.discipline_lines()))
    entries = reference.rules("discipline", line)
    rows, windows = reg["discipline"], np.array([[entry.value[kind] for kind in SANCTION] for entry in entries])
    started, ended = month_numbers(rows["started"]), month_numbers(rows["ended"])
    sanction = rows["kind"].cat.set_categories(SANCTION).cat.codes.to_numpy()
    decided = np.searchsorted([entry.since for entry in entries], rows["started"], side="right") - 1
    until = started + windows[np.maximum(decided, 0), sanction]
    return held(clock, rows_of(clock, rows), started, np.where(ended < FAR, np.maximum(until, ended), until))


def _postgraduate_fails(reg: Registry, clock: Clock) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Mark where service, ratings or age bar from a postgraduate course, and where no rule on them is known."""
    people, posts = reg["people"], main_posts(reg, clock)
    staff = staff_of(posts, latest(clock, posts))

    def asked(rule: str, free: int) -> np.ndarray:
        return in_force(clock, "sending", rule, free)[staff, clock.columns]

    served = clock.months - month_numbers(per_person(clock, people, "recruited"))[:, None]
    age = clock.months - month_numbers(per_person(clock, people, "birth_date"))[:, None]
    fails = {"service": served < asked("service_months", -FAR)}
    if reg.has("ratings"):
        fails["ratings"] = good_years(reg, clock) < asked("good_years", 0)
    fails["age"] = age > asked("max_age_months", FAR)
    return fails, not_known(clock, "sending", SENDING)[staff, clock.columns]


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


def _lay_out(reg: Registry, months: Iterable) -> tuple[Clock, np.ndarray, pd.PeriodIndex]:
    periods = pd.PeriodIndex([pd.Period(month, "M") for month in months], freq="M")
    if not len(periods):
        raise CareersError("months: at least one is needed, such as 2021-09.")
    numbers = (periods.year * 12 + periods.month - 1 - 1970 * 12).to_numpy()
    clock = make_clock(reg, int(numbers.min()), int(numbers.max() - numbers.min() + 1))
    return clock, numbers - clock.first, periods


def _gates(clock, periods, columns, fails, unknown, notes) -> Gates:
    unknown = unknown & ~fails["in_service"]
    if unknown[:, columns].any():
        note = Message(  # without their number: notes cross the gate as they are
            "Some people are of a kind of staff whom no known rule covers in some months: nobody is barred by a rule "
            "that is not known."
        )
        notes = (*notes, note)
    chosen = {rule: matrix[:, columns] for rule, matrix in fails.items()}
    return Gates(people=clock.people, months=periods, fails=chosen, unknown=unknown[:, columns], notes=notes)


def _unchecked(reg: Registry, tables: Iterable[str]) -> tuple[Message, ...]:
    return tuple(
        Message("The rule on {name} was not checked: the table {name} is absent.", name=name)
        for name in tables
        if not reg.has(name)
    )
