"""Weighting by the chance of starting, and its union with the outcome model, from counts of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import join_levels, lay_out_columns
from analysis.effects.trials.logit import Separated, climb, logit_likelihood, take_steps

LEAST_IN_ARM = 5


@dataclass(frozen=True, eq=False)
class Initiation:
    """The model of starting: `stratum` (trial and pattern) of each entry (-1: not in these trials), the model's columns
    (`table`) by stratum, and its parameters.
    """

    stratum: NDArray
    table: NDArray
    theta: NDArray

    def share(self, stratum: NDArray) -> NDArray:
        """Chance of starting in some strata."""
        return expit(self.table @ self.theta)[stratum]


def fit_initiation(cells: Cells, trials: NDArray, covariates: Sequence[str]) -> Initiation:
    """Fit the chance of starting in some trials (flags); raises Separated with the covariate's column that runs away.

    Trials in which nobody starts, or everybody, say nothing about the chance of it and are left out.
    """
    both = [np.bincount(cells.trial, cells.at_risk[:, 0] * (cells.arm == arm), minlength=len(trials)) for arm in (0, 1)]
    kept = np.flatnonzero((trials & (both[0] > 0) & (both[1] > 0))[cells.trial])
    wide = len(cells.patterns)
    used, code = np.unique(cells.trial[kept] * wide + cells.pattern[kept], return_inverse=True)
    stratum = np.full(len(cells.trial), -1)
    stratum[kept] = code
    trial, pattern = np.divmod(used, wide)
    number, starters = _tally(cells, stratum, len(used))
    sides = [np.bincount(pattern, one, minlength=wide) for one in (starters, number - starters)]
    joined = join_levels(cells.patterns, covariates, np.column_stack(sides), LEAST_IN_ARM)
    columns = lay_out_columns(cells.patterns, covariates, joined)
    begun = (trial[:, None] == np.unique(trial)).astype("float64")
    table, share = np.column_stack([begun, columns.table[pattern]]), begun.T @ starters / (begun.T @ number)
    theta = np.append(np.log(share / (1 - share)), np.zeros(len(columns.names)))
    try:
        best = climb(logit_likelihood(table, starters, number), theta, ["trial"] * len(share) + columns.names)
    except Separated as one:
        own = np.abs(one.theta[len(share) :])
        raise Separated(columns.names[int(np.argmax(own))] if len(own) else one.term, one.theta) from None
    return Initiation(stratum, table, best.theta)


def _tally(cells: Cells, stratum: NDArray, size: int) -> list[NDArray]:
    """Count, by stratum, those who could start and those who do."""
    return [
        np.bincount(stratum[some], cells.at_risk[some, 0], minlength=size)
        for some in (stratum >= 0, (stratum >= 0) & (cells.arm == 1))
    ]


def refit_initiation(one: Initiation, cells: Cells) -> Initiation:
    """Fit again on other counts over the same entries, some steps from where the fit stands."""
    number, starters = _tally(cells, one.stratum, len(one.table))
    return replace(one, theta=take_steps(logit_likelihood(one.table, starters, number), one.theta))


def weigh_entries(one: Initiation, cells: Cells, starters: bool = False) -> NDArray:
    """Weights of entries that make both arms like everyone eligible, or like those who start; 0 outside."""
    share = np.where(one.stratum >= 0, one.share(one.stratum), 0.5)
    own = np.where(cells.arm == 1, share, 1 - share)
    return np.where(one.stratum >= 0, (share if starters else 1.0) / own, 0.0)


def weighted_risks(cells: Cells, weight: NDArray, horizons: Sequence[int]) -> NDArray:
    """Cumulative incidences of the outcome in each arm from weighted counts (2 x horizons).

    Source: Aalen and Johansen (1978), Scand. J. Stat. 5:141-150, weighted.
    """
    found = []
    for arm in (0, 1):
        own = weight * (cells.arm == arm)
        at_risk, rises, exits = (own @ table for table in (cells.at_risk, cells.events[1], cells.events[2]))
        safe = np.where(at_risk > 0, at_risk, 1.0)
        before = np.append(1.0, np.cumprod(1 - (rises + exits) / safe)[:-1])
        found.append(np.cumsum(before * rises / safe)[np.asarray(horizons) - 1])
    return np.stack(found)


def joined_risks(cells: Cells, weight: NDArray, modelled: NDArray, horizons: Sequence[int], base: NDArray) -> NDArray:
    """Risks in each arm that hold if either the outcome model or the chance of starting is right (2 x horizons).

    `modelled` is the risk by entry, arm and horizon (E x 2 x horizons), of the entries with a weight; `base` the people
    by entry whom risks are averaged over. Nobody may be lost before a horizon.
    Source: Robins, Rotnitzky and Zhao (1994), J. Am. Stat. Assoc. 89:846-866, weights normalised.
    """
    number, inside = cells.at_risk[:, 0].astype("float64"), base * (weight > 0)
    happened = np.cumsum(cells.events[1], axis=1)[:, np.asarray(horizons) - 1]
    found = []
    for arm in (0, 1):
        own = weight * (cells.arm == arm)
        left = own @ (happened - number[:, None] * modelled[:, arm]) / (own @ number)
        found.append(inside @ modelled[:, arm] / inside.sum() + left)
    return np.stack(found)
