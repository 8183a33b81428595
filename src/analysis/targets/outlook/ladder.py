"""The ladder that leads from one group of posts into the next: how far up its members stand, and since when.

Whom the rules let rise is known: only from the highest grade of the group, and only after so long in the post. A rate
over all members would let those rise who cannot, and too few of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.project import reference
from analysis.targets.groups import Roster

RUNGS = 3  # the highest grade of the group, the next below it, all others
ABOVE = 0.98  # a few odd grades above do not make the highest one


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """`group` is the place of the group whose members rise into another (-1: none does). `rung[person, day]` counts
    grades below its highest (at most two), `since[person, day]` is the month in which the grade was reached, `wait` the
    months that it must be held.
    """

    group: int = -1
    wait: int = 0
    rung: np.ndarray = None
    since: np.ndarray = None

    def last(self, days: int) -> Ladder:
        """Keep the last days."""
        return self if self.group < 0 else replace(self, rung=self.rung[:, -days:], since=self.since[:, -days:])

    def stratum(self, place: int, now: int) -> np.ndarray:
        """Number the rung and whether the wait is over in a month, for each person as of a day: 2 x rung + over."""
        return self.rung[:, place] * 2 + (now - self.since[:, place] >= self.wait)


def find_ladder(
    rosters: Sequence[Roster],
    people: pd.Index,
    days: pd.DatetimeIndex,
    member: np.ndarray,
    posts: Sequence[bool],
) -> Ladder:
    """Find the group of posts that most often loses members to another in the same month, and where its members stand."""
    group = _feeder(member, np.flatnonzero(posts))
    if group < 0:
        return Ladder()
    rows = rosters[group].group
    rows = rows[~rows["concurrent"]]
    rows = rows.assign(place=people.get_indexer(rows["person_id"]))
    first = rows.groupby(["place", "grade"])["started"].transform("min")
    rows = rows.assign(since=np.asarray(first, dtype="datetime64[M]").astype("int64")).sort_values(["place", "grade"])
    grade, since = (np.zeros((len(people), len(days)), dtype=np.int32) for _ in range(2))
    for at, day in enumerate(days):
        held = rows[(rows["started"] <= day) & ~(rows["ended"] <= day)]
        grade[held["place"], at], since[held["place"], at] = held["grade"], held["since"]
    inside = member[group]
    top = int(np.quantile(grade[inside], ABOVE, method="lower"))
    rung = np.clip(top - grade, 0, RUNGS - 1).astype(np.int8)
    return Ladder(group=group, wait=months_in_post(days[-1]), rung=rung, since=since)


def _feeder(member: np.ndarray, posts: np.ndarray) -> int:
    """Place of the group of posts out of which most passed into another group of posts; -1 where nobody did."""
    passed = {}
    for group in posts:
        others = [other for other in posts if other != group]
        out = member[group, :, :-1] & ~member[group, :, 1:]
        into = (member[others][:, :, 1:] & ~member[others][:, :, :-1]).any(axis=0) if others else np.zeros_like(out)
        passed[int(group)] = int((out & into).sum())
    most = max(passed, key=passed.get, default=-1)
    return most if most >= 0 and passed[most] else -1


def months_in_post(day: pd.Timestamp) -> int:
    """Months that a post must be held before a higher one, by the rule in force on the day (rules.yml)."""
    rules = reference("rules.yml")["appointment"]["months_in_post"]
    return ([rule for rule in rules if pd.Timestamp(rule["from"]) <= day] or rules[:1])[-1]["value"]
