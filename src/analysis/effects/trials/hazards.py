"""Pooled logistic hazards of trials, fitted from counts by entry and month without laying out a row a month.

The linear predictor is (entry columns) x coefficients x (follow-up columns), so gradient and information come from
products of small tables; the rows-by-columns design is never built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import Terms
from analysis.survival.likelihoods import Maximum, Point, maximise, solve

MOST_DROPPED = 6


@dataclass(frozen=True, eq=False)
class Hazard:
    """A fitted hazard of one event: its `terms`, parameters, and the inverse information."""

    terms: Terms
    event: int
    theta: np.ndarray
    inverse: np.ndarray
    maximum: Maximum


def chances(eta: np.ndarray) -> np.ndarray:
    """Turn log odds into probabilities."""
    return expit(eta)


def linear(terms: Terms, theta: np.ndarray, columns: np.ndarray, begun: int) -> np.ndarray:
    """Log odds by entry and month of follow-up of one trial."""
    return columns @ terms.matrix(theta) @ terms.months(begun).T


def likelihood(cells: Cells, terms: Terms, event: int) -> Callable[[np.ndarray], Point]:
    """Give the log likelihood, score, information and Newton step as a function of the parameters."""
    places, laid = terms.places(), []
    for rows in cells.blocks():
        begun = int(cells.months[cells.trial[rows.start]])
        laid.append(
            (terms.columns(cells, rows), terms.months(begun), cells.open(event, rows), cells.events[event][rows])
        )

    def evaluate(theta: np.ndarray) -> Point:
        loglik, score, information = 0.0, np.zeros(terms.size), np.zeros((terms.size, terms.size))
        table = terms.matrix(theta)
        for columns, basis, number, happened in laid:
            eta = np.minimum(columns @ table @ basis.T, 700)
            odds = np.exp(eta)
            loglik += float(np.vdot(happened, eta) - np.vdot(number, np.log1p(odds)))
            p = odds / (1 + odds)
            expected = number * p
            score += terms.gather(columns.T @ (happened - expected) @ basis)
            expected *= 1 - p
            information += _information(columns, expected, basis, places)
        return Point(loglik, score, information, solve(information, score))

    return evaluate


def _information(columns: np.ndarray, weight: np.ndarray, basis: np.ndarray, places: tuple) -> np.ndarray:
    """Sum weight x column x column over cells, from sums over entries first wherever one side is the constant or arm."""
    entry, follow = places
    pair = basis[:, :, None] * basis[:, None, :]
    plain = np.tensordot(columns.T @ weight, pair, axes=(1, 0))
    armed = np.tensordot((columns * columns[:, 1:2]).T @ weight, pair, axes=(1, 0))
    table = plain[entry[None, :], follow[:, None], follow[None, :]]
    table = np.where(entry[:, None] == 1, armed[entry[None, :], follow[:, None], follow[None, :]], table)
    own = np.flatnonzero(entry > 1)
    few = np.flatnonzero(entry <= 1)
    table[np.ix_(own, few)] = table[np.ix_(few, own)].T
    if len(own):
        used = np.unique(follow[own])
        for one in used:
            for two in used:
                left, right = own[follow[own] == one], own[follow[own] == two]
                sums = weight @ (basis[:, one] * basis[:, two])
                table[np.ix_(left, right)] = (columns[:, entry[left]] * sums[:, None]).T @ columns[:, entry[right]]
    return table


def fit_hazard(cells: Cells, terms: Terms, event: int) -> Hazard | str:
    """Fit a hazard by Newton steps, or name the term that ran away."""
    theta = first_guess(cells, terms, event)
    evaluate = likelihood(cells, terms, event)
    best = maximise(evaluate, theta, evaluate(theta), terms.size)
    if best.runaway is not None or not np.isfinite(best.point.information).all():
        return terms.names[best.runaway or 0]
    return Hazard(terms, event, best.theta, np.linalg.inv(best.point.information), best)


def fit_carried(cells: Cells, terms: Terms, event: int) -> tuple[Hazard | str, list[str]]:
    """Fit a hazard, leaving out covariates' terms that run away one after the other; name those, or what is left."""
    dropped: list[str] = []
    while True:
        found = fit_hazard(cells, terms, event)
        if isinstance(found, Hazard) or len(dropped) == MOST_DROPPED or not _covariate(found):
            return found, dropped
        dropped.append(found)
        terms = terms.without(found)


def _covariate(term: str) -> bool:
    return term.split(":follow_up")[0] not in ("constant", "arm")


def first_guess(cells: Cells, terms: Terms, event: int) -> np.ndarray:
    """Give parameters at which only the constant matters."""
    theta = np.zeros(terms.size)
    share = cells.events[event].sum() / max(cells.open(event).sum(), 1)
    theta[0] = np.log(share / (1 - share))
    return theta


def step_from(cells: Cells, hazard: Hazard, steps: int = 2) -> np.ndarray:
    """Take some Newton steps on other counts from where a hazard was fitted."""
    theta, evaluate = hazard.theta, likelihood(cells, hazard.terms, hazard.event)
    for _ in range(steps):
        theta = theta + evaluate(theta).step
    return theta
