"""Weighted least squares with a variance that holds for unequal spread and for rows that go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.arms.matrix import build_matrix, check_columns
from analysis.effects.arms.propensity import read_weights
from analysis.errors import EffectsError


@dataclass(frozen=True, eq=False)
class Line:
    """A fitted line: `coefficients` (term, coefficient, std_error, robust_std_error), residual degrees of freedom `df`.

    `residuals` a row; `total` their weighted sum of squares; `robust` the sandwich covariance (terms x terms).
    """

    coefficients: pd.DataFrame
    df: int
    residuals: np.ndarray
    total: float
    robust: np.ndarray


def fit_linear(
    frame: pd.DataFrame, outcome: str, covariates: Sequence[str], *, weights: str | None = None, cluster: str | None = None
) -> Line:  # fmt: skip
    """Fit the mean of `outcome` on covariates by least squares, one row a person, weights known.

    `std_error` takes equal spread; `robust_std_error` does not (HC0, without a correction for few rows), scores
    summed within `cluster` where given. Raises EffectsError that names a column that is absent, incomplete, constant
    or a copy of others, and where there are no more rows than terms.
    Source: White (1980), Econometrica 48:817-838.
    """
    check_columns(frame, [outcome, *([cluster] if cluster else [])])
    matrix, weight = build_matrix(frame, covariates), read_weights(frame, weights)
    x, y = matrix.columns, frame[outcome].to_numpy(dtype="float64")
    df = int((weight > 0).sum()) - x.shape[1]
    if df < 1:
        raise EffectsError(
            en=f"{outcome}: {len(y)} rows for {x.shape[1]} terms; nothing is left to measure error. Use fewer covariates.",
            vi=f"{outcome}: {len(y)} dòng cho {x.shape[1]} hệ số; không còn gì để đo sai số. Hãy bớt biến.",
        )
    bread = np.linalg.inv((x * weight[:, None]).T @ x)
    theta = bread @ (x.T @ (weight * y))
    residuals = y - x @ theta
    total = float(weight @ residuals**2)
    scores = x * (weight * residuals)[:, None]
    if cluster is not None:
        scores = pd.DataFrame(scores).groupby(pd.factorize(frame[cluster])[0]).sum().to_numpy()
    turn = matrix.to_given
    plain, robust = (turn @ one @ turn.T for one in (bread * total / df, bread @ (scores.T @ scores) @ bread))
    table = pd.DataFrame({"term": matrix.terms, "coefficient": turn @ theta, "std_error": np.sqrt(np.diag(plain)),
                          "robust_std_error": np.sqrt(np.diag(robust))})  # fmt: skip
    return Line(table, df, residuals, total, robust)
