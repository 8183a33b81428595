"""What is common to all people of a synthetic province: its settings, its units, and how its months differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.synthetic.parameters import Periods, Settings, month
from analysis.synthetic.places import Places, lay_out


@dataclass(frozen=True)
class World:
    """A province of `people` heads.

    `rates` are multipliers by name, month by month from the beginning; `sending` and `rising` multiply what happens to
    the staff of each unit.
    """

    people: int
    settings: Settings
    places: Places
    rates: dict[str, np.ndarray]
    sending: np.ndarray
    rising: np.ndarray

    def at(self, name: str, now: int) -> float:
        """Give the multiplier `name` in month `now`."""
        return float(self.rates[name][now - month(self.settings.begins)])


def create(people: int, settings: Settings, rng: np.random.Generator) -> World:
    """Lay out units, congresses, freezes, the project, the wave of 2025 and the yearly shocks."""
    s, first = settings, month(settings.begins)
    months = np.arange(first, month(s.extracted) + 1)
    rates = {"promotion": _over(months, s.promotion_months), "planning": _over(months, s.planning_months)}
    year = months // 12 - first // 12
    sd = np.array([s.shock_enrolment, s.shock_leaving, s.shock_dropping])[:, None]
    shocks = np.exp(sd * rng.standard_normal((3, year[-1] + 1)) - sd**2 / 2)[:, year]
    wave = (months >= month(s.wave_months[0])) & (months <= month(s.wave_months[1]))
    project = np.where(months >= month(s.project), s.nominated_project, 1.0)
    rates |= {"nomination": shocks[0] * project, "leaving": shocks[1], "dropping": shocks[2]}
    places = lay_out(people)
    sizes = np.array([s.unit_sending, s.unit_promotion])[:, None]
    units = np.exp(sizes * rng.standard_normal((2, len(places.top))) - sizes**2 / 2)[:, places.top].astype(np.float32)
    return World(people, settings, places, rates | {"wave": wave}, *units)


def _over(months: np.ndarray, periods: Periods) -> np.ndarray:
    size = np.ones(len(months))
    for start, stop, factor in periods:
        size[(months >= month(start)) & (months <= month(stop))] = factor
    return size
