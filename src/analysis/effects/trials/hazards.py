"""Pooled logistic hazards of trials, fitted from counts by entry and month without laying out a row a month.

The linear predictor is (entry columns) x coefficients x (follow-up columns), so gradient and information come from
products of small tables; the rows-by-columns design is never built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import Terms
from analysis.effects.trials.logit import Separated, binomial, chance, climb
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
        table, basis = self.terms.matrix(self.theta), self.terms.basis[:upto]
        shift = np.append(0.0, table[0, basis.shape[1] :])[self.terms.calendar(begun)[:upto]]
        return chance(columns @ table[:, : basis.shape[1]] @ basis.T + shift)


def likelihood(cells: Cells, terms: Terms, event: int) -> Callable[[NDArray], Point]:
    """Give the log likelihood, score, information and Newton step as a function of the parameters.

    Entries of the same columns differ by the calendar alone, so cells are summed over them before columns multiply.
    """
    number, happened, basis, (entry, follow) = cells.open(event), cells.events[event], terms.basis, terms.pairs.T
    first, alike = terms.alike(cells)
    columns, wide, pieces = terms.columns(cells, first), basis.shape[1], list(cells.pieces())
    own, left, weight = columns[alike], np.empty(number.shape), np.empty(number.shape)
    gather = sparse.csr_array((np.ones(len(alike)), (alike, np.arange(len(alike)))), (len(first), len(alike)))
    bins, late = np.stack([terms.calendar(int(begun)) for begun in cells.months]), np.flatnonzero(follow >= wide)
    inside = sparse.csr_array(bins.ravel() == (follow[late] - wide + 1)[:, None], dtype="float64")

    def evaluate(theta: NDArray) -> Point:
        loglik, table = 0.0, terms.matrix(theta)
        shared, shift = columns @ table[:, :wide] @ basis.T, np.append(0.0, table[0, wide:])[bins]
        beyond, pulled = np.zeros(bins.shape), np.zeros((*bins.shape, columns.shape[1]))
        for trial, rows in pieces:
            part, left[rows], weight[rows] = binomial(shared[alike[rows]] + shift[trial], happened[rows], number[rows])
            loglik += part
            beyond[trial] += left[rows].sum(axis=0)
            pulled[trial] += weight[rows].T @ own[rows]
        score = (columns.T @ (gather @ left) @ basis)[entry, np.minimum(follow, wide - 1)]
        score[late] = inside @ beyond.ravel()
        information = _information(columns, gather @ weight, basis, terms.pairs)
        for one in range(wide):
            mine = np.flatnonzero(follow == one)
            by_bin = inside @ (pulled * basis[:, one, None]).reshape(bins.size, -1)
            information[np.ix_(late, mine)] = by_bin[:, entry[mine]]
            information[np.ix_(mine, late)] = by_bin[:, entry[mine]].T
        information[late, late] = inside @ pulled[:, :, 0].ravel()
        return Point(loglik, score, information, solve(information, score))

    return evaluate


def _information(columns: NDArray, weight: NDArray, basis: NDArray, pairs: NDArray) -> NDArray:
    """Sum weight x column x column over cells for the terms of `basis`, over months first; 0 for calendar bins."""
    (entry, follow), table = pairs.T, np.zeros((len(pairs), len(pairs)))
    for one in range(basis.shape[1]):
        mine = np.flatnonzero(follow == one)
        for two in range(one, basis.shape[1]):
            other, sums = np.flatnonzero(follow == two), weight @ (basis[:, one] * basis[:, two])
            block = (columns[:, entry[mine]] * sums[:, None]).T @ columns[:, entry[other]]
            table[np.ix_(mine, other)], table[np.ix_(other, mine)] = block, block.T
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
