"""Seats in party committees of the synthetic province: congresses, and vacancies filled between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from analysis.synthetic.parameters import DISTRICT_AND_UP, SERVICE, month
from analysis.synthetic.places import Places
from analysis.synthetic.population import State
from analysis.synthetic.world import World

PROVINCE, DISTRICT = 0, 1
CONGRESSES = {  # found: 14/10/2020; assumed: the others
    month("2015-06"): DISTRICT,
    month("2015-10"): PROVINCE,
    month("2020-07"): DISTRICT,
    month("2020-10"): PROVINCE,
}


class Entry(NamedTuple):
    """People who took their seats in one body (`which` 0 = the province's, k = district k) in month `now`."""

    which: int
    standing: bool
    now: int
    congress: bool
    who: np.ndarray


@dataclass
class Committees:
    """Who sits where, by (which, standing), and the minutes."""

    sitting: dict[tuple[int, bool], np.ndarray]
    minutes: list[Entry] = field(default_factory=list)


def convene(places: Places) -> Committees:
    """Make empty committees: the province's, then one a district."""
    count = 2 + int(places.district.max())
    return Committees({(which, inner): np.zeros(0, np.int64) for which in range(count) for inner in (False, True)})


def hold(committees: Committees, state: State, now: int, world: World, rng) -> None:
    """Hold this month's congresses, and fill some of the vacancies that exits have made."""
    settings, level = world.settings, CONGRESSES.get(now)
    spread = settings.congress_turnover_sd * rng.standard_normal(len(committees.sitting) // 2)
    turnover = np.clip(settings.congress_turnover + spread, 0, 0.95)
    for (which, standing), seats in committees.sitting.items():
        congress = level == min(which, 1)
        stays = seats[state.active[seats]]
        if congress:
            stays = stays[rng.random(len(stays)) >= turnover[which]]
        if standing:
            stays = stays[np.isin(stays, committees.sitting[which, False])]
        free = max(_size(which, standing, world) - len(stays), 0)
        opened = free if congress else rng.binomial(free, settings.seat_fill) if len(seats) else 0
        new = stays[:0]
        if opened:
            pool = committees.sitting[which, False] if standing else _candidates(state, which, world.places)
            elsewhere = [] if standing else _seated_elsewhere(committees, which)
            pool = np.setdiff1d(pool, np.concatenate([stays, *elsewhere]))
            new = _elect(pool, opened, state, now, settings.seat_degree[min(which, 1)], rng)
        entered = np.concatenate([stays, new]) if congress else new
        if congress or opened:
            committees.minutes.append(Entry(which, standing, now, congress, entered))
        committees.sitting[which, standing] = np.concatenate([stays, new])


def _seated_elsewhere(committees: Committees, which: int) -> list[np.ndarray]:
    """Who sits in another committee of the same level: nobody sits in two districts'."""
    same = [
        (one, seats) for (one, inner), seats in committees.sitting.items() if not inner and min(one, 1) == min(which, 1)
    ]
    return [seats for one, seats in same if one != which]


def _size(which: int, standing: bool, world: World) -> int:
    seats = world.settings.seats[2 * min(which, 1) + standing]
    return max(5, round(seats * min(1.0, world.people / 12_000)))


def _candidates(state: State, which: int, places: Places) -> np.ndarray:
    if which == PROVINCE:
        return np.flatnonzero(state.active & (state.grade >= 4) & (state.sector == DISTRICT_AND_UP))
    leads = np.flatnonzero(state.active & (state.grade >= 1) & (state.sector < SERVICE))
    return leads[places.district[state.unit[leads]] == which - 1]


def _elect(pool: np.ndarray, seats: int, state: State, now: int, degree: float, rng) -> np.ndarray:
    clocks = rng.exponential(size=len(pool))
    has = (state.completed[pool] <= now) | (state.mode[pool] > 0)
    weight = 3.0 ** state.grade[pool].astype(float) * np.where(has, degree, 1.0)
    weight *= np.where(state.retires[pool] - now < 30, 0.05, 1.0)
    return np.sort(pool[np.argsort(clocks / weight)[:seats]])
