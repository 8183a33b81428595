"""The members of all groups month by month: who is in which, what they hold, who left the service and who retires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.registry import Registry
from analysis.registry.retirement import retirement_dates
from analysis.targets.groups import Roster, call_group, call_roster, counted, is_elected, state_on
from analysis.targets.outlook.ladder import Ladder, find_ladder

UNTRAINED, STUDYING, HAS, WAITING = range(4)  # waiting: completed, the degree not yet awarded
WAIT = pd.DateOffset(months=12)
FAR = 30_000
FEEDERS = {"table": "posts", "column": "staff_kind", "values": ["cadre", "civil_servant"]}
LEAST_FEEDERS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """Arrays over `people` ever in a group, and `days` in order.

    `member[group, person, day]`; `status[person, day]` (of members: 0 neither, 1 studying, 2
    has a degree, 3 has completed and waits for it); months are
    counted from January 1970: `retires`, `born`, `exits` (first exit), `expected` (end of the course under way on
    the last day); `body[group, person]` numbers the unit of the seat or post held last; `ladder` says who is next to
    rise out of a group; `drift` is as of `feeder_drift`, `season` as of `intake_season`.
    """

    targets: tuple[str, ...]
    people: pd.Index
    days: pd.DatetimeIndex
    member: np.ndarray
    status: np.ndarray
    retires: np.ndarray
    born: np.ndarray
    exits: np.ndarray
    expected: np.ndarray
    body: np.ndarray
    ladder: Ladder = Ladder()
    drift: float = 0.0
    season: np.ndarray = field(default_factory=lambda: np.ones(12))

    @property
    def months(self) -> np.ndarray:
        """Month numbers of the days."""
        return month_of(self.days)


def month_of(dates) -> np.ndarray:
    """Count the months from January 1970 to each date; `FAR` where empty."""
    months = np.asarray(pd.Series(dates).array, dtype="datetime64[M]")
    return np.where(np.isnat(months), FAR, months.astype("int64")).astype(np.int32)


def watch_groups(reg: Registry, targets: Sequence[str], days: pd.DatetimeIndex) -> Panel:
    """Lay out the members of the groups on each of `days`."""
    rosters = [call_roster(reg, name) for name in targets]
    people = rosters[0].people
    for roster in rosters[1:]:
        people = people.union(roster.people)
    member = np.zeros((len(targets), len(people), len(days)), dtype=bool)
    status = np.zeros((len(people), len(days)), dtype=np.int8)
    body = np.zeros((len(targets), len(people)), dtype=np.int32)
    for group, roster in enumerate(rosters):
        for place, day in enumerate(days):
            state = state_on(roster, day)
            rows = people.get_indexer(state.index)
            member[group, rows, place] = True
            waits = np.where(state.index.isin(_waiting(roster, day)), WAITING, UNTRAINED)
            status[rows, place] = np.where(state["has"], HAS, np.where(state["studying"], STUDYING, waits))
        held = roster.group.sort_values(["started", "unit_id"]).drop_duplicates("person_id", keep="last")
        body[group, people.get_indexer(held["person_id"])] = pd.factorize(held["unit_id"], sort=True)[0] + 1
    posts = [not is_elected(name) for name in targets]
    known = reg["people"].set_index("person_id").reindex(people)
    exits = reg["exits"].groupby("person_id")["exited"].min().reindex(people)
    return Panel(
        targets=tuple(targets),
        people=people,
        days=days,
        member=member,
        status=status,
        retires=month_of(retirement_dates(known["sex"], known["birth_date"])),
        born=month_of(known["birth_date"]),
        exits=month_of(exits),
        expected=_expected_ends(rosters, people, days[-1]),
        body=body,
        ladder=find_ladder(rosters, people, days, member, posts),
    )


def feeder_drift(reg: Registry, since: pd.Timestamp) -> float:
    """Change a month, since a day, of the log odds that a cadre or civil servant has or studies for a degree.

    Newcomers come from these people: the more of them are trained, the more newcomers count. 0 where too few to tell.
    """
    roster = call_group(reg, FEEDERS)
    months = int(month_of([reg.as_of])[0] - month_of([since])[0])
    odds = []
    for day in (since, reg.as_of):
        counts = counted(state_on(roster, day), "has_or_studying")
        odds.append((counts.sum() + 0.5) / ((~counts).sum() + 0.5))
        if counts.sum() < LEAST_FEEDERS:
            return 0.0
    return float(np.log(odds[1] / odds[0]) / months) if months else 0.0


def intake_season(reg: Registry) -> np.ndarray:
    """Give each calendar month's (January first) factor on the rate of enrolment, mean 1: courses start in intakes.

    From the starts of the last three years; one start is added to each month, so that none is impossible.
    """
    courses = reg["training"]
    starts = courses.loc[courses["kind"].eq("postgraduate") & courses["started"].notna(), "started"]
    starts = month_of(starts[starts > reg.as_of - pd.DateOffset(years=3)])
    seen = np.bincount(starts % 12, minlength=12) + 1
    return seen / seen.mean()


def _waiting(roster: Roster, day: pd.Timestamp) -> pd.Series:
    done = roster.courses[roster.courses["outcome"] == "completed"]
    return done.loc[(done["ended"] <= day) & (done["ended"] > day - WAIT), "person_id"]


def course_times(reg: Registry, *, least: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Months past the expected end, and months from completion to the degree, of completed postgraduate courses.

    As known to the registry; where fewer than `least` are known, a quarter are late by up to a year and a degree
    takes up to six months.
    """
    courses = reg["training"]
    courses = courses[courses["kind"].eq("postgraduate") & courses["outcome"].eq("completed")]
    late = month_of(courses["ended"]) - month_of(courses["expected_end"])
    late = np.clip(late[courses[["ended", "expected_end"]].notna().all(axis=1)], 0, 24)
    degrees = reg["qualifications"].merge(courses[["person_id", "level", "ended"]], on=["person_id", "level"])
    wait = month_of(degrees["awarded"]) - month_of(degrees["ended"])
    wait = wait[(wait >= 0) & (wait <= 24)]
    return (
        np.sort(late) if len(late) >= least else np.array([0, 0, 0, 6, 0, 0, 0, 12]),
        np.sort(wait) if len(wait) >= least else np.arange(6),
    )


def _expected_ends(rosters, people: pd.Index, day: pd.Timestamp) -> np.ndarray:
    courses = pd.concat([roster.courses for roster in rosters])
    now = courses[(courses["started"] <= day) & ~(courses["ended"] <= day)]
    return month_of(now.groupby("person_id")["expected_end"].max().reindex(people))
