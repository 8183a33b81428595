"""The ladder that leads from one group of posts into the next: how far up its members stand, and since when.

Whom the rules let rise is known: only from the highest grade of the group, and only after so long in the post. A rate
over all members would let those rise who cannot, and too few of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy import ndarray

from analysis.reference import last_value
from analysis.targets.events import month_of
from analysis.targets.groups import Roster

RUNGS = 3  # the highest grade of the group, the next below it, all others
ABOVE = 0.98  # a few odd grades above do not make the highest one


class Ladder(NamedTuple):
    """`group` is the place of the group whose members rise into another (-1: none does). `rung[person, day]` counts
    grades below its highest (at most two), `since[person, day]` is the month in which the grade was reached, `wait` the
    months that it must be held.
    """

    group: int = -1
    wait: int = 0
    rung: ndarray = np.zeros((0, 0))
    since: ndarray = np.zeros((0, 0))

    def recent(self, days: slice) -> Ladder:
        """Keep some days."""
        return self._replace(rung=self.rung[:, days], since=self.since[:, days])

    def stratum(self, place: int, now: int) -> ndarray:
        """Number the rung and whether the wait is over in a month, for each person as of a day: 2 x rung + over."""
        return self.rung[:, place] * 2 + (now - self.since[:, place] >= self.wait)


def find_ladder(
    rosters: Sequence[Roster],
    people: pd.Index,
    days: pd.DatetimeIndex,
    member: ndarray,
    posts: Sequence[bool],
) -> Ladder:
    """Find the group of posts that most often loses members to another in the same month, and where they stand."""
    group = _feeder(member, np.flatnonzero(posts))
    if group < 0:
        return Ladder()
    rows = rosters[group].group
    rows = rows[~rows["concurrent"]]
    rows = rows.assign(place=people.get_indexer(pd.Index(rows["person_id"])))
    since = month_of(rows.groupby(["place", "grade"])["started"].transform("min"))
    rows = rows.assign(since=since).sort_values(["place", "grade"])
    grade, reached = (np.zeros((len(people), len(days)), dtype=np.int32) for _ in range(2))
    spans = (days.searchsorted(rows["started"]), days.searchsorted(rows["ended"]), rows["grade"], rows["since"])
    for place, first, stop, *held in zip(rows["place"], *spans, strict=True):
        grade[place, first:stop], reached[place, first:stop] = held
    top = int(np.quantile(grade[member[group]], ABOVE, method="lower"))
    rung = np.clip(top - grade, 0, RUNGS - 1).astype(np.int8)
    wait = last_value("appointment", "months_in_post", days[-1])
    return Ladder(group, wait, rung, reached)


def _feeder(member: ndarray, posts: ndarray) -> int:
    """Place of the group of posts out of which most passed into another group of posts; -1 where nobody did."""
    was, here = member[:, :, :-1], member[:, :, 1:]
    gone, come = was & ~here, here & ~was
    passed = {int(group): (gone[group] & come[posts[posts != group]].any(axis=0)).sum() for group in posts}
    most = max(passed, key=lambda group: passed[group], default=-1)
    return most if most >= 0 and passed[most] else -1
