"""The members of all groups month by month: who is in which, what they hold, who left the service and who retires."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy import ndarray

from analysis.reference import Group, Target
from analysis.registry import Registry
from analysis.registry.retirement import retirement_dates
from analysis.targets.events import month, month_of
from analysis.targets.groups import HEADLINE, call_roster, counted, find_target, held_on, latest, state_on, states_over
from analysis.targets.outlook.ladder import Ladder, find_ladder

UNTRAINED, STUDYING, HAS, WAITING = range(4)  # waiting: completed, the degree not yet awarded
FEEDERS = Group(table="posts", column="staff_kind", values=("cadre", "civil_servant"))
LEAST_FEEDERS = LEAST_COURSES = 20


class Panel(NamedTuple):
    """Arrays over `people` ever in a group, and `days` in order.

    `member[group, person, day]`; `status[person, day]` (of members: 0 neither, 1 studying, 2 has a degree, 3 has
    completed and waits for it); months are counted from January 1970: `retires`, `born`, `exits` (first exit),
    `expected` (end of the course under way on the last day); `body[group, person]` numbers the unit of the seat or
    post held last; `size[group]` is the most members seen; `ladder` says who is next to rise out of a group; `drift`
    is as of `feeder_drift`, `season` as of `intake_season`, `late` and `wait` as of `course_times`.
    """

    targets: tuple[Target, ...]
    people: pd.Index
    days: pd.DatetimeIndex
    member: ndarray
    status: ndarray
    retires: ndarray
    born: ndarray
    exits: ndarray
    expected: ndarray
    body: ndarray
    size: ndarray
    ladder: Ladder = Ladder()
    drift: float = 0.0
    season: ndarray = np.ones(12)
    late: ndarray = np.zeros(1, dtype=int)
    wait: ndarray = np.arange(6)

    @property
    def months(self) -> ndarray:
        """Month numbers of the days."""
        return month_of(self.days)

    @property
    def present(self) -> ndarray:
        """Places of the people who are in a group on the last day."""
        return np.flatnonzero(self.member[:, :, -1].any(axis=0))

    @property
    def elected(self) -> ndarray:
        """Flag the groups of seats, whose size is fixed."""
        return np.array([target.elected for target in self.targets])

    def place(self, name: str) -> int:
        """Give the place of a target's group."""
        return [target.id for target in self.targets].index(name)

    def recent(self, months: int) -> Panel:
        """Keep the last months."""
        keep = slice(-(months + 1), None)
        return self._replace(
            days=self.days[keep],
            member=self.member[:, :, keep],
            status=self.status[:, keep],
            ladder=self.ladder.recent(keep),
        )


def watch_groups(reg: Registry, names: Sequence[str], days: pd.DatetimeIndex) -> Panel:
    """Lay out the members of targets' groups on each of `days`."""
    targets = tuple(map(find_target, names))
    rosters = [call_roster(reg, target.group) for target in targets]
    people = reduce(pd.Index.union, (roster.people for roster in rosters))
    member = np.zeros((len(targets), len(people), len(days)), dtype=bool)
    status = np.zeros(member.shape[1:], dtype=np.int8)
    body = np.zeros(member.shape[:2], dtype=np.int32)
    for group, roster in enumerate(rosters):
        rows, state = people.get_indexer(roster.people), states_over(roster, days)
        member[group, rows] = state["member"]
        of_group = np.select([state["has"], state["studying"], state["waiting"]], [HAS, STUDYING, WAITING], UNTRAINED)
        status[rows] = np.where(state["member"], of_group, status[rows])
        unit = latest(roster.group, "started", "unit_id")["unit_id"]
        body[group, people.get_indexer(unit.index)] = pd.factorize(unit, sort=True)[0] + 1
    known = reg["people"].set_index("person_id").reindex(people)
    courses = pd.concat([roster.courses for roster in rosters])
    expected = courses[held_on(courses, days[-1])].groupby("person_id")["expected_end"].max()
    return Panel(
        targets=targets,
        people=people,
        days=days,
        member=member,
        status=status,
        retires=month_of(retirement_dates(known["sex"], known["birth_date"])),
        born=month_of(known["birth_date"]),
        exits=month_of(reg["exits"].groupby("person_id")["exited"].min().reindex(people)),
        expected=month_of(expected.reindex(people)),
        body=body,
        size=member.sum(axis=1).max(axis=1),
        ladder=find_ladder(rosters, people, days, member, [not target.elected for target in targets]),
    )


def feeder_drift(reg: Registry, since: pd.Timestamp) -> float:
    """Change a month, since a day, of the log odds that a cadre or civil servant has or studies for a degree.

    Newcomers come from these people: the more of them are trained, the more newcomers count. 0 where too few to tell.
    """
    roster, months = call_roster(reg, FEEDERS), month(reg.as_of) - month(since)
    ends = [counted(state_on(roster, day), HEADLINE) for day in (since, reg.as_of)]
    if not months or min(counts.sum() for counts in ends) < LEAST_FEEDERS:
        return 0.0
    before, now = ((counts.sum() + 0.5) / ((~counts).sum() + 0.5) for counts in ends)
    return float(np.log(now / before) / months)


def course_starts(reg: Registry) -> pd.Series:
    """Give the days on which postgraduate courses began."""
    courses = reg["training"]
    return courses.loc[courses["kind"].eq("postgraduate"), "started"].dropna()


def intake_season(reg: Registry) -> ndarray:
    """Give each calendar month's (January first) factor on the rate of enrolment, mean 1: courses start in intakes.

    From the starts of the last three years; one start is added to each month, so that none is impossible.
    """
    starts = course_starts(reg)
    starts = starts[starts > reg.as_of - pd.DateOffset(years=3)]
    seen = np.bincount(month_of(starts) % 12, minlength=12) + 1
    return seen / seen.mean()


def course_times(reg: Registry) -> tuple[ndarray, ndarray]:
    """Months past the expected end, and months from completion to the degree, of completed postgraduate courses.

    As known to the registry; where fewer than `LEAST_COURSES` are known, a quarter are late by up to a year and a
    degree takes up to six months.
    """
    courses = reg["training"]
    courses = courses[courses["kind"].eq("postgraduate") & courses["outcome"].eq("completed")]
    timed = courses.dropna(subset=["ended", "expected_end"])
    late = np.clip(month_of(timed["ended"]) - month_of(timed["expected_end"]), 0, 24)
    degrees = reg["qualifications"].merge(courses[["person_id", "level", "ended"]], on=["person_id", "level"])
    wait = month_of(degrees["awarded"]) - month_of(degrees["ended"])
    wait = wait[(wait >= 0) & (wait <= 24)]
    return (
        np.sort(late) if len(late) >= LEAST_COURSES else np.array([0, 0, 0, 6, 0, 0, 0, 12]),
        np.sort(wait) if len(wait) >= LEAST_COURSES else np.arange(6),
    )
