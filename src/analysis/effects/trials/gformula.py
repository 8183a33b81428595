"""Risks that people of some trials would have in each arm, by the fitted hazards, and their influence on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells, split
from analysis.effects.trials.expand import People
from analysis.effects.trials.hazards import Hazard

Hazards = Mapping[int, Hazard]


def accumulate(chances: Mapping[int, NDArray]) -> tuple[NDArray, NDArray]:
    """Cumulative incidence of the outcome, and staying just before each month, from chances by row and month.

    The outcome comes first within a month: `chances[2]` is that of an exit among those without it.
    """
    stay = np.cumprod((1 - chances[1]) * (1 - chances.get(2, 0.0)), axis=1)
    before = np.column_stack([np.ones(len(stay)), stay[:, :-1]])
    return np.cumsum(before * chances[1], axis=1), before


def model_risks(cells: Cells, hazards: Hazards, weight: NDArray, horizons: Sequence[int]) -> NDArray:
    """Modelled risk of each entry in each arm by each horizon (E x 2 x horizons); 0 for entries without weight."""
    table, at = np.zeros((len(weight), 2, len(horizons))), np.asarray(horizons) - 1
    for trial, piece in cells.pieces():
        begun, rows = int(cells.months[trial]), piece.start + np.flatnonzero(weight[piece])
        for arm in (0, 1) if len(rows) else ():
            chances = {
                event: one.chances(one.terms.columns(cells, rows, arm), begun, max(horizons))
                for event, one in hazards.items()
            }
            table[rows, arm] = accumulate(chances)[0][:, at]
    return table


def average(modelled: NDArray, weight: NDArray) -> NDArray:
    """Average entries' risks over people of some weight by entry (2 x horizons)."""
    return np.tensordot(weight, modelled, axes=1) / weight.sum()


def gradients(cells: Cells, hazards: Hazards, weight: NDArray, horizons: Sequence[int]) -> dict[int, NDArray]:
    """Derivatives of average risks with regard to each model's parameters: by event, (2 x horizons) x parameters."""
    found = {event: np.zeros((2, len(horizons), one.terms.size)) for event, one in hazards.items()}
    for begun, rows in cells.blocks(weight):
        share = weight[rows][:, None] / weight.sum()
        for arm in (0, 1):
            columns = {event: one.terms.columns(cells, rows, arm) for event, one in hazards.items()}
            p = {event: one.chances(columns[event], begun, max(horizons)) for event, one in hazards.items()}
            curve, before = accumulate(p)
            for place, horizon in enumerate(horizons):
                seen = slice(0, horizon)
                later = curve[:, horizon - 1 : horizon] - curve[:, seen]
                for event, one in hazards.items():
                    slope = -later * p[event][:, seen]
                    if event == 1:
                        slope += before[:, seen] * (1 - p[1][:, seen]) * p[1][:, seen]
                    basis = one.terms.months(begun)[seen]
                    found[event][arm, place] += one.terms.gather(columns[event].T @ (share * slope) @ basis)
    return {event: table.reshape(-1, table.shape[-1]) for event, table in found.items()}


def influences(
    cells: Cells, people: People, code: NDArray, hazards: Hazards, member: NDArray, horizons: Sequence[int]
) -> NDArray:
    """Give each person-trial's influence on the average risks of the flagged ones (person-trials x (2 x horizons)).

    `code` is the entry of each person-trial in `cells`. Through the models: its scores times the inverse information
    times the gradients, from tables cumulated over follow-up. On its own: its risk less the mean, over
    the number flagged.
    """
    weight = np.bincount(code, member, minlength=len(cells.trial))
    modelled = model_risks(cells, hazards, weight, horizons)
    own = (modelled - average(modelled, weight))[code] * (member / weight.sum())[:, None, None]
    total = own.reshape(len(people), -1)
    slopes = gradients(cells, hazards, weight, horizons)
    mine = split(people.trial, len(cells.months))
    for event, one in hazards.items():
        directions = slopes[event] @ one.inverse
        for begun, rows in cells.blocks():
            some = mine[cells.trial[rows.start]]
            total[some] += _through(cells, rows, begun, one, directions, people.of(some), code[some] - rows.start)
    return total


def _through(
    cells: Cells, rows: slice, begun: int, one: Hazard, directions: NDArray, people: People, entry: NDArray
) -> NDArray:
    """Influence of the person-trials of one trial through one model."""
    columns, basis = one.terms.columns(cells, rows), one.terms.months(begun)
    p = one.chances(columns, begun)
    inside, length = people.length <= cells.follow, np.minimum(people.length, cells.follow).astype("int64")
    happened = (people.event == one.event) & inside
    followed = length - ((people.event == 1) & inside) if one.event == 2 else length
    found = np.empty((len(entry), len(directions)))
    for k, direction in enumerate(directions):
        pull = columns @ one.terms.matrix(direction) @ basis.T
        passed = np.column_stack([np.zeros(len(p)), np.cumsum(p * pull, axis=1)])
        found[:, k] = happened * pull[entry, length - 1] - passed[entry, followed]
    return found
