"""Pooled logistic hazards of trials, fitted from counts by entry and month without laying out a row a month.

The linear predictor is (entry columns) x coefficients x (follow-up columns), so gradient and information come from
products of small tables; the rows-by-columns design is never built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import Terms
from analysis.effects.trials.logit import Separated, binomial, climb
from analysis.survival.likelihoods import Point, solve

MOST_DROPPED = 6


@dataclass(frozen=True, eq=False)
class Hazard:
    """A fitted hazard of one event: its `terms`, parameters, and the inverse information."""

    terms: Terms
    event: int
    theta: NDArray
    inverse: NDArray

    def chances(self, columns: NDArray, begun: int, upto: int | None = None) -> NDArray:
        """Chance of the event by entry and month of follow-up, of entries of the trial that began in a month."""
        return expit(columns @ self.terms.matrix(self.theta) @ self.terms.months(begun)[:upto].T)


def likelihood(cells: Cells, terms: Terms, event: int) -> Callable[[NDArray], Point]:
    """Give the log likelihood, score, information and Newton step as a function of the parameters."""
    laid = [
        (terms.columns(cells, rows), terms.months(begun), cells.open(event, rows), cells.events[event][rows])
        for begun, rows in cells.blocks()
    ]

    def evaluate(theta: NDArray) -> Point:
        loglik, score, information = 0.0, np.zeros(terms.size), np.zeros((terms.size, terms.size))
        table = terms.matrix(theta)
        for columns, basis, number, happened in laid:
            part, left, weight = binomial(columns @ table @ basis.T, happened, number)
            loglik += part
            score += terms.gather(columns.T @ left @ basis)
            information += _information(columns, weight, basis, terms.pairs)
        return Point(loglik, score, information, solve(information, score))

    return evaluate


def _information(columns: NDArray, weight: NDArray, basis: NDArray, pairs: NDArray) -> NDArray:
    """Sum weight x column x column over cells, over entries first wherever one side is the constant or arm."""
    entry, follow = pairs.T
    both = basis[:, :, None] * basis[:, None, :]
    plain, armed = (
        np.tensordot((columns * side).T @ weight, both, axes=(1, 0))[entry[None, :], follow[:, None], follow[None, :]]
        for side in (1.0, columns[:, 1:2])
    )
    table = np.where(entry[:, None] == 1, armed, plain)
    own, few = np.flatnonzero(entry > 1), np.flatnonzero(entry <= 1)
    table[np.ix_(own, few)] = table[np.ix_(few, own)].T
    for one in np.unique(follow[own]):
        for two in np.unique(follow[own]):
            left, right = own[follow[own] == one], own[follow[own] == two]
            sums = weight @ (basis[:, one] * basis[:, two])
            table[np.ix_(left, right)] = (columns[:, entry[left]] * sums[:, None]).T @ columns[:, entry[right]]
    return table


def fit_hazard(cells: Cells, terms: Terms, event: int, most: int = MOST_DROPPED) -> tuple[Hazard, list[str]]:
    """Fit a hazard; covariates' terms that run away are left out one after the other, and named.

    Raises Separated with the term where that of the arm runs away, or more than `most` do.
    """
    dropped: list[str] = []
    while True:
        share = cells.events[event].sum() / max(cells.open(event).sum(), 1)
        theta = np.append(np.log(share / (1 - share)), np.zeros(terms.size - 1))
        try:
            best = climb(likelihood(cells, terms, event), theta, terms.names)
        except Separated as one:
            if len(dropped) == most or one.term.split(":follow_up")[0] in ("constant", "arm"):
                raise
            dropped.append(one.term)
            terms = terms.without(one.term)
        else:
            return Hazard(terms, event, best.theta, np.linalg.inv(best.point.information)), dropped
