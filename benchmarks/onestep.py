"""The doubly robust risks, cross-fitted: models made without a person correct themselves by what that person did."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.gformula import model_risks
from analysis.effects.trials.initiation import weigh_entries
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import Fit, Part, refit

FOLDS, CAP = 5, 20.0


def one_step(run: Run, folds: int = FOLDS, cap: float = CAP) -> tuple[NDArray, NDArray]:
    """Risks (2 x horizons in the order of the parts), and the influence of each person on them (2 * horizons x people).

    Models are fitted without one fold of people after the other (`folds` 1: with all) and applied to that fold. A
    weight is at most `cap` times that of the trial's mean chance of the arm. Nobody may be lost before a horizon.
    Source: Chernozhukov et al. (2018), Econom. J. 21:C1-C68; Robins, Rotnitzky and Zhao (1994), J. Am. Stat. Assoc.
    89:846-866, weights normalised.
    """
    people = run.trials.people
    fold = (pd.util.hash_array(run.trials.ids.astype("str").to_numpy(dtype=object)) // 128 % folds)[people.person]
    risks, influence = [], []
    fits = []
    for one in range(folds):
        gone = np.flatnonzero(fold == one)
        fits.append(run.fit if folds == 1 else refit(run.fit, run.cells.less(people.of(gone), run.code[gone])))
    for place, part in enumerate(run.fit.parts):
        found = _of_part(run, part, place, fold, fits, cap)
        risks.append(found[0])
        influence.append(found[1])
    size = sum(len(part.horizons) for part in run.fit.parts)
    return np.concatenate(risks, axis=1), np.concatenate(influence, axis=1).reshape(2 * size, -1)


def _of_part(run: Run, part: Part, place: int, fold: NDArray, fits: list[Fit], cap: float) -> tuple[NDArray, NDArray]:
    people, cells = run.trials.people, run.cells
    horizons = np.asarray(part.horizons)
    base = part.people(cells)
    inside = np.flatnonzero(part.trials[people.trial] & (run.fit.initiations[place].stratum[run.code] >= 0))
    arm, person = people.arm[inside], people.person[inside]
    modelled = np.empty((len(inside), 2, len(horizons)))
    weight = np.empty(len(inside))
    mean = _mean_weight(cells)
    for one, fit in enumerate(fits):
        mine = fold[inside] == one
        code = run.code[inside[mine]]
        modelled[mine] = model_risks(cells, fit.hazards, base, part.horizons)[code]
        weight[mine] = np.minimum(weigh_entries(fit.initiations[place], cells), cap * mean)[code]
    happened = (people.event[inside] == 1)[:, None] & (people.length[inside][:, None] <= horizons)
    risks, table = np.empty((2, len(horizons))), np.zeros((2, len(horizons), len(run.trials.ids)))
    for side in (0, 1):
        own = np.where(arm == side, weight, 0.0)
        left = happened - modelled[:, side]
        gap, total = own @ left / own.sum(), own.sum()
        risks[side] = modelled[:, side].mean(axis=0) + gap
        each = (modelled[:, side] - modelled[:, side].mean(axis=0)) / len(inside) + own[:, None] * (left - gap) / total
        for k in range(len(horizons)):
            table[side, k] = np.bincount(person, each[:, k], minlength=len(run.trials.ids))
    return risks, table


def _mean_weight(cells: Cells) -> NDArray:
    """One over the share of each entry's trial that is in its arm."""
    number = np.zeros((len(cells.months), 2))
    np.add.at(number, (cells.trial, cells.arm), cells.at_risk[:, 0])
    share = number / number.sum(axis=1, keepdims=True)
    return 1 / np.maximum(share[cells.trial, cells.arm], 1e-12)
