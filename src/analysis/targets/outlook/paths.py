"""What lies ahead of the groups in a simulation, and the paths that come of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import ndarray

from analysis.errors import TargetsError

CELL = np.uint16
MOST = 14  # groups whose bits fit a cell beside the status


class Congress(NamedTuple):
    """Seats of a group change hands in `month`: share by body normal (`mean`, `sd`); vacancies are then filled."""

    group: int
    month: int
    mean: float
    sd: float


class Busy(NamedTuple):
    """Months about a congress in which posts change hands more often: by a factor, and the sd of its log."""

    months: frozenset[int] = frozenset()
    factor: float = 1.0
    sd: float = 0.0


class Plan(NamedTuple):
    """How to carry a panel's last day forward, `months` ahead.

    `congresses` and `busy` months lie ahead; `shock_sd` is the half-normal scale of the log of a year's common shock;
    `course` the months of a course; `age` the months since the middle of the history of the rates; after each of
    `marks` months those who have a degree are counted.
    """

    months: int
    shock_sd: float
    course: int
    age: float = 0.0
    congresses: tuple[Congress, ...] = ()
    busy: Busy = Busy()
    marks: tuple[int, ...] = ()


class Paths(NamedTuple):
    """`members` and `counted` by month (0 = now), group and draw; `held[mark, group, draw]` members with a degree
    at the plan's marks; `final` the cell of each real person and draw in the last month.
    """

    members: ndarray
    counted: ndarray
    held: ndarray
    final: ndarray


class Layout:
    """How a cell is packed: a bit a group, the status in the two bits above them; 0 is a person who is gone."""

    def __init__(self, groups: int):
        if not 1 <= groups <= MOST:
            raise TargetsError(
                "A projection carries 1 to {most} groups at once; {groups} were asked for. Project fewer targets.",
                most=MOST,
                groups=groups,
            )
        self.groups, self.mask = groups, (1 << groups) - 1

    def pack(self, groups: ndarray, status: ndarray) -> ndarray:
        """Join membership bits and status."""
        return (groups | status << self.groups).astype(CELL)

    def status(self, cells: ndarray) -> ndarray:
        """Give the status."""
        return cells >> self.groups

    def inside(self, cells: ndarray) -> ndarray:
        """Say (0 or 1) of each group whether cells are in it; a first axis of groups."""
        return np.stack([cells >> group & 1 for group in range(self.groups)])

    def heads(self, cells: ndarray) -> ndarray:
        """Say (0 or 1) of each group whether cells are in it, and whether they count there: study or have a degree."""
        inside = self.inside(cells)
        return np.stack([inside, inside & (self.status(cells) + 1 >> 1)])
