"""Risks that all eligible people of some trials would have in each arm, and each person's influence on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.expand import People
from analysis.effects.trials.hazards import Hazard, chances, linear


@dataclass(frozen=True, eq=False)
class Population:
    """Whom risks are averaged over: for each of its rows `trial`, `pattern` and `weight` (person-trials), by trial."""

    trial: np.ndarray
    pattern: np.ndarray
    weight: np.ndarray

    @property
    def size(self) -> float:
        """Person-trials in it."""
        return float(self.weight.sum())


def choose_population(cells: Cells, trials: np.ndarray, arm: int | None = None) -> Population:
    """Take everyone eligible in some trials (flags), or those of one arm."""
    kept = trials[cells.trial] & (cells.arm == arm if arm is not None else True)
    key = cells.trial[kept] * len(cells.patterns) + cells.pattern[kept]
    used, code = np.unique(key, return_inverse=True)
    weight = np.bincount(code, cells.at_risk[kept, 0], minlength=len(used))
    trial, pattern = np.divmod(used, len(cells.patterns))
    return Population(trial, pattern, weight)


def curves_of(hazards: dict[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative incidence of the outcome, and staying just before each month, from hazards by row and month.

    The outcome comes first within a month: `hazards[2]` is that of an exit among those without it.
    """
    stay = np.cumprod((1 - hazards[1]) * (1 - hazards.get(2, 0.0)), axis=1)
    before = np.column_stack([np.ones(len(stay)), stay[:, :-1]])
    return np.cumsum(before * hazards[1], axis=1), before


def standardise(cells: Cells, fits: dict[int, Hazard], population: Population, upto: int) -> np.ndarray:
    """Mean cumulative incidence by month in each arm (2 x `upto`)."""
    total = np.zeros((2, upto))
    for begun, rows in _by_trial(cells, population):
        for arm in (0, 1):
            curve, _ = curves_of(_hazards(fits, population, rows, begun, arm, upto))
            total[arm] += population.weight[rows] @ curve
    return total / population.size


def _by_trial(cells: Cells, population: Population):
    edges = np.searchsorted(population.trial, np.arange(len(cells.months) + 1))
    for place, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        if b > a:
            yield int(cells.months[place]), slice(a, b)


def _hazards(fits: dict[int, Hazard], population: Population, rows: slice, begun: int, arm: int, upto: int) -> dict:
    found = {}
    for event, fit in fits.items():
        columns = _columns(fit, population, rows, begun, arm)
        found[event] = chances(linear(fit.terms, fit.theta, columns, begun)[:, :upto])
    return found


def _columns(fit: Hazard, population: Population, rows: slice, begun: int, arm: int) -> np.ndarray:
    size = rows.stop - rows.start
    return fit.terms.entry(np.full(size, begun), np.full(size, arm), population.pattern[rows])


def gradients(
    cells: Cells, fits: dict[int, Hazard], population: Population, horizons: Sequence[int]
) -> dict[int, np.ndarray]:
    """Derivatives of the risks with regard to each model's parameters: by event, (2 x horizons) x parameters."""
    upto = max(horizons)
    found = {event: np.zeros((2, len(horizons), fit.terms.size)) for event, fit in fits.items()}
    for begun, rows in _by_trial(cells, population):
        weight = population.weight[rows][:, None] / population.size
        for arm in (0, 1):
            p = _hazards(fits, population, rows, begun, arm, upto)
            curve, before = curves_of(p)
            columns = {event: _columns(fit, population, rows, begun, arm) for event, fit in fits.items()}
            for place, horizon in enumerate(horizons):
                seen = slice(0, horizon)
                later = curve[:, horizon - 1 : horizon] - curve[:, seen]
                for event, fit in fits.items():
                    slope = -later * p[event][:, seen]
                    if event == 1:
                        slope += before[:, seen] * (1 - p[1][:, seen]) * p[1][:, seen]
                    basis = fit.terms.months(begun)[seen]
                    found[event][arm, place] += fit.terms.gather(columns[event].T @ (weight * slope) @ basis)
    return {event: table.reshape(-1, table.shape[-1]) for event, table in found.items()}


def influences(
    cells: Cells,
    people: People,
    code: np.ndarray,
    fits: dict[int, Hazard],
    population: Population,
    horizons: Sequence[int],
    member: np.ndarray,
) -> np.ndarray:
    """Give each person-trial's influence on the risks (person-trials x (2 x horizons)).

    `code` is the entry of each person-trial in `cells`; `member` its weight in the population. Through the models: its
    scores times the inverse information times the gradients, from tables cumulated over follow-up. On its own: its
    risk less the mean, over the population's size.
    """
    upto, slopes = max(horizons), gradients(cells, fits, population, horizons)
    total = np.zeros((len(people), 2 * len(horizons)))
    length = np.minimum(people.length, cells.follow).astype("int64")
    edges = np.searchsorted(people.trial, np.arange(len(cells.months) + 1))
    for event, fit in fits.items():
        directions = slopes[event] @ fit.inverse
        for rows in cells.blocks():
            mine = slice(*edges[[cells.trial[rows.start], cells.trial[rows.start] + 1]])
            total[mine] += _through(cells, rows, fit, directions, people, mine, code[mine] - rows.start, length[mine])
    mean = standardise(cells, fits, population, upto)
    for begun, rows in _by_trial(cells, population):
        trial = int(population.trial[rows.start])
        mine = np.arange(*edges[[trial, trial + 1]])
        place = np.searchsorted(population.pattern[rows], people.pattern[mine])
        inside = np.flatnonzero(member[mine] > 0)
        for arm in (0, 1):
            curve, _ = curves_of(_hazards(fits, population, rows, begun, arm, upto))
            for k, horizon in enumerate(horizons):
                own = curve[place[inside], horizon - 1] - mean[arm, horizon - 1]
                total[mine[inside], arm * len(horizons) + k] += own * member[mine[inside]] / population.size
    return total


def _through(cells: Cells, rows: slice, fit: Hazard, directions: np.ndarray, people: People, mine: slice,
             entry: np.ndarray, length: np.ndarray) -> np.ndarray:  # fmt: skip
    """Influence of the person-trials of one trial through one model."""
    columns, begun = fit.terms.columns(cells, rows), int(cells.months[cells.trial[rows.start]])
    basis = fit.terms.months(begun)
    p = chances(columns @ fit.terms.matrix(fit.theta) @ basis.T)
    happened = people.event[mine] == fit.event
    happened &= people.length[mine] <= cells.follow
    followed = length - (people.event[mine] == 1) * (people.length[mine] <= cells.follow) if fit.event == 2 else length
    found = np.empty((len(entry), len(directions)))
    for k, direction in enumerate(directions):
        pull = columns @ fit.terms.matrix(direction) @ basis.T
        passed = np.column_stack([np.zeros(len(p)), np.cumsum(p * pull, axis=1)])
        found[:, k] = happened * pull[entry, length - 1] - passed[entry, followed]
    return found
