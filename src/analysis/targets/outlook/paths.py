"""What lies ahead of the groups in a simulation, and the paths that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.errors import TargetsError

MOST = 14  # groups whose bits fit a cell of 16 beside the status


class Congress(NamedTuple):
    """Seats of a group change hands in `month`: share by body normal with `mean` and `sd`; vacancies are then filled."""

    group: int
    month: int
    mean: float
    sd: float


class Busy(NamedTuple):
    """Months about a congress in which posts change hands more often: by a factor, and the sd of its log."""

    months: frozenset[int] = frozenset()
    factor: float = 1.0
    sd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to carry a panel's last day forward: `months` ahead, then `after` more without newcomers.

    `seats` marks the groups of a fixed size; `congresses` and `busy` months lie ahead; `shock_sd` is the half-normal
    scale of the log of a year's common shock; `course` the months of a course; `late` and `wait` are months past its end, and
    from there to the degree, to draw from.
    """

    months: int
    after: int
    seats: tuple[bool, ...]
    congresses: tuple[Congress, ...]
    shock_sd: float
    course: int
    late: np.ndarray
    wait: np.ndarray
    busy: Busy = Busy()


@dataclass(frozen=True, kw_only=True)
class Paths:
    """`members` and `counted` by month (0 = now), group and draw; `kept[group, draw]` members of the last month who stay
    and have a degree `after` months later; `final` the cell of each real person and draw in the last month.
    """

    members: np.ndarray
    counted: np.ndarray
    kept: np.ndarray
    final: np.ndarray
    people: np.ndarray


class Layout:
    """How a cell is packed: a bit a group, the status in the two bits above them; 0 is a person who is gone."""

    def __init__(self, groups: int):
        if not 1 <= groups <= MOST:
            raise TargetsError(
                en=f"A projection carries 1 to {MOST} groups at once; {groups} were asked for. Project fewer targets.",
                vi=f"Mỗi lần dự báo tính từ 1 đến {MOST} nhóm; đã yêu cầu {groups}. Hãy dự báo ít chỉ tiêu hơn.",
            )
        self.groups, self.members = groups, (1 << groups) - 1
        self.kind = np.uint8 if groups + 2 <= 8 else np.uint16

    def pack(self, groups: np.ndarray, status: np.ndarray) -> np.ndarray:
        """Join membership bits and status."""
        return (groups | status << self.groups).astype(self.kind)

    def status(self, cells: np.ndarray) -> np.ndarray:
        """Give the status."""
        return cells >> self.groups

    def counts(self, cells: np.ndarray) -> np.ndarray:
        """Say (0 or 1) whether cells study or have a degree."""
        return ((cells >> self.groups) + 1 >> 1) & 1
