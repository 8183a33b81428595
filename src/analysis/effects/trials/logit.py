"""The one binomial fit of this room: a logit by Newton steps, from counts of those who might and those who did."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.survival.likelihoods import Maximum, Point, maximise, solve


class Separated(Exception):  # noqa: N818 - told by the caller in its own words
    """A model that separates yes from no: the `term` that ran away, and the parameters `theta` where it did."""

    def __init__(self, term: str, theta: NDArray):
        super().__init__(term)
        self.term, self.theta = term, theta


def binomial(eta: NDArray, happened: NDArray, number: NDArray) -> tuple[float, NDArray, NDArray]:
    """Give the log likelihood at log odds, what happened beyond what is expected, and the weight of each cell."""
    eta = np.minimum(eta, 700)
    odds = np.exp(eta)
    loglik = float(np.vdot(happened, eta) - np.vdot(number, np.log1p(odds)))
    p = odds / (1 + odds)
    expected = number * p
    return loglik, happened - expected, expected * (1 - p)


def chance(eta: NDArray) -> NDArray:
    """Give the chance at log odds, some times faster than scipy's, which takes numbers one by one."""
    odds = np.exp(np.minimum(eta, 700))
    return np.divide(odds, 1 + odds, out=odds)


def logit_likelihood(x: NDArray, happened: NDArray, number: NDArray) -> Callable[[NDArray], Point]:
    """Give log likelihood, score, information and Newton step of a logit as a function of its parameters."""

    def evaluate(theta: NDArray) -> Point:
        loglik, left, weight = binomial(x @ theta, happened, number)
        score, information = x.T @ left, (x * weight[:, None]).T @ x
        return Point(loglik, score, information, solve(information, score))

    return evaluate


def climb(evaluate: Callable[[NDArray], Point], theta: NDArray, names: Sequence[str]) -> Maximum:
    """Climb from `theta` to the maximum; raises Separated with the term that ran away."""
    best = maximise(evaluate, theta, evaluate(theta), len(theta))
    if best.runaway is not None or not np.isfinite(best.point.information).all():
        raise Separated(names[best.runaway or 0], best.theta)
    return best


def take_steps(evaluate: Callable[[NDArray], Point], theta: NDArray, steps: int = 2) -> NDArray:
    """Take some Newton steps from where another fit ended."""
    for _ in range(steps):
        theta = theta + evaluate(theta).step
    return theta
