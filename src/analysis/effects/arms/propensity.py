"""The probability of being treated: one regression of a yes or no, its scores, and what it says when an arm is told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from analysis.effects.arms.matrix import Matrix, build_matrix, check_columns, read_treatment
from analysis.errors import EffectsError
from analysis.survival.likelihoods import Point, maximise

LINKS: dict[str, tuple[Callable, Callable]] = {
    "logit": (expit, lambda eta: expit(eta) * expit(-eta)),
    "probit": (norm.cdf, norm.pdf),
}
CERTAIN = 1e-12


@dataclass(frozen=True, eq=False)
class Propensity:
    """A fitted probability of a yes.

    `coefficients` has a row a term: `coefficient`, `std_error` (of the model) and `robust_std_error`; `covariance`
    (terms x terms) is the model's; `fitted` is the probability a row; `scores` (rows x terms) are each row's part of
    the score, so that the robust covariance is `covariance @ (scores.T @ scores) @ covariance`.
    """

    coefficients: pd.DataFrame
    covariance: np.ndarray
    fitted: np.ndarray
    scores: np.ndarray

    def clustered(self, members: Sequence | np.ndarray) -> np.ndarray:
        """Give the covariance of the coefficients when rows with the same member go together."""
        code, who = pd.factorize(np.asarray(members))
        sums = np.zeros((len(who), self.scores.shape[1]))
        np.add.at(sums, code, self.scores)
        return self.covariance @ (sums.T @ sums) @ self.covariance


def fit_propensity(
    frame: pd.DataFrame,
    treatment: str,
    covariates: Sequence[str],
    *,
    weights: str | None = None,
    link: str = "logit",
) -> Propensity:
    """Fit the probability of `treatment` (0 and 1, or bool) given covariates, one row a person or a person-period.

    Numbers are one column, levels are compared with their first; `weights` names a column of 0 or more; `link` is
    `logit` or `probit`. Raises EffectsError that names the column where it is constant, a copy of others, missing,
    or tells the arms apart (no probability can then be trusted, and none is given).
    Source: Rosenbaum and Rubin (1983), Biometrika 70:41-55.
    """
    treated = read_treatment(frame, treatment)
    if link not in LINKS:
        raise EffectsError(en=f"link is {link!r}; allowed: {', '.join(LINKS)}.",
                           vi=f"link là {link!r}; được phép: {', '.join(LINKS)}.")  # fmt: skip
    return fit_binary(build_matrix(frame, covariates), treated, read_weights(frame, weights), treatment, link)


def read_weights(frame: pd.DataFrame, weights: str | None) -> np.ndarray:
    """Give a column of weights, ones where none is named; raises EffectsError for missing or negative ones."""
    if weights is None:
        return np.ones(len(frame))
    check_columns(frame, [weights])
    values = frame[weights].to_numpy(dtype="float64")
    if not (np.isfinite(values) & (values >= 0)).all() or not values.any():
        raise EffectsError(
            en=f"{weights}: {int((~(values >= 0)).sum())} weights are negative or no number, sum {values.sum():g}. "
            "Give weights of 0 or more.",
            vi=f"{weights}: {int((~(values >= 0)).sum())} trọng số âm hoặc không phải số, tổng {values.sum():g}. "
            "Trọng số phải từ 0 trở lên.",
        )
    return values


def fit_binary(matrix: Matrix, yes: np.ndarray, weights: np.ndarray, name: str, link: str = "logit") -> Propensity:
    """Fit a yes or no on a matrix by Fisher scoring; raises EffectsError where a column tells yes from no."""
    _refuse_lone_levels(matrix, yes, weights > 0, name)
    x, (mean, slope) = matrix.columns, LINKS[link]

    def parts(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        p = np.clip(mean(x @ theta), CERTAIN, 1 - CERTAIN)
        d = slope(x @ theta) / (p * (1 - p))
        return p, weights * d * (yes - p), weights * d * d * p * (1 - p)

    def evaluate(theta: np.ndarray) -> Point:
        p, residual, spread = parts(theta)
        loglik = weights @ np.log(np.where(yes, p, 1 - p))
        information, score = (x * spread[:, None]).T @ x, residual @ x
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            step = np.full(len(score), np.nan)
        return Point(float(loglik), score, information, step)

    start = np.zeros(x.shape[1])
    best = maximise(evaluate, start, evaluate(start), x.shape[1])
    if best.runaway is not None:
        raise _separated(matrix.terms[best.runaway], name)
    fitted, residual, _ = parts(best.theta)
    turn = matrix.to_given
    covariance = turn @ np.linalg.inv(best.point.information) @ turn.T
    scores = (x * residual[:, None]) @ np.linalg.inv(turn)
    robust = covariance @ (scores.T @ scores) @ covariance
    table = pd.DataFrame({"term": matrix.terms, "coefficient": turn @ best.theta,
                          "std_error": np.sqrt(np.diag(covariance)), "robust_std_error": np.sqrt(np.diag(robust))})  # fmt: skip
    return Propensity(table, covariance, fitted, scores)


def _refuse_lone_levels(matrix: Matrix, yes: np.ndarray, counted: np.ndarray, name: str) -> None:
    """Name a level, or a side of a number, in which everybody or nobody is treated."""
    for place, term in enumerate(matrix.terms[1:], start=1):
        column = matrix.columns[counted, place]
        one, other = column[yes[counted]], column[~yes[counted]]
        lone = len(np.unique(column)) == 2 and (np.ptp(one) == 0 or np.ptp(other) == 0)
        if lone or one.min() > other.max() or one.max() < other.min():
            raise _separated(term, name)


def _separated(term: str, name: str) -> EffectsError:
    return EffectsError(
        en=f"{term} tells {name} = 1 from {name} = 0: in part of it everybody or nobody has it, and no probability can "
        "be fitted. Join its levels, leave it out, or restrict the comparison to where both are found.",
        vi=f"{term} tách hẳn {name} = 1 khỏi {name} = 0: có phần mà ai cũng có hoặc không ai có, nên không ước lượng được "
        "xác suất. Hãy gộp mức, bỏ biến, hoặc chỉ so sánh nơi có cả hai.",
    )
