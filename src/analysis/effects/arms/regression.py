"""Regressions of arms by statsmodels, behind checks that name the column: the chance of treatment, and lines."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.arms.matrix import build_matrix, check_columns, read_treatment, read_weights
from analysis.errors import EffectsError, check_options

Link = Literal["logit", "probit"]
FAR = 15.0  # a coefficient of a standardised column beyond this has run away


def link_of(link: Link) -> Any:
    """Give a link of statsmodels: a function with its derivatives."""
    import statsmodels.api as sm  # more than a second that only these models need

    return getattr(sm.families.links, link.capitalize())()


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted line, or probability of a yes.

    `coefficients` has a row a term: `coefficient`, `std_error` (of the model) and `robust_std_error`; `robust` is the
    sandwich covariance (terms x terms), scores summed within clusters; `fitted` is the mean or probability a row; `df`
    are the residual degrees of freedom, `total` the weighted sum of squares of what the model leaves.
    """

    coefficients: pd.DataFrame
    robust: NDArray
    fitted: NDArray
    df: int
    total: float


def fit_propensity(
    frame: pd.DataFrame, treatment: str, covariates: Sequence[str], *, weights: str | None = None, link: Link = "logit"
) -> Regression:
    """Fit the probability of `treatment` (0 and 1, or bool) given `covariates`, by `link` (`logit` or `probit`).

    `frame` has one row a person or a person-period. Numbers are one column, levels are compared with their first;
    `weights` names a column of 0 or more. Raises EffectsError that names the column where it is constant, a copy of
    others, missing, or tells the arms apart (no probability can then be trusted, and none is given).
    Source: Rosenbaum and Rubin (1983), Biometrika 70:41-55.

    >>> arms.fit_propensity(people, "treat", ["age", "educ"]).fitted.round(2)[:3].tolist()
    [0.47, 0.38, 0.47]
    """
    treated = read_treatment(frame, treatment)
    check_options(EffectsError, link=(link, Link))
    return fit_binary(build_matrix(frame, covariates), treated, read_weights(frame, weights), treatment, link)


def fit_binary(
    matrix: pd.DataFrame,
    yes: NDArray,
    weights: NDArray,
    name: str,
    link: Link = "logit",
    cluster: NDArray | None = None,
) -> Regression:
    """Fit a yes or no, rows of one `cluster` together; raises EffectsError where a column tells yes from no."""
    import statsmodels.api as sm  # more than a second that only these models need

    if len(np.unique(yes[weights > 0])) < 2:
        raise EffectsError(
            "{name}: it is the same for all {count} rows; there is nothing to fit.", name=name, count=len(yes)
        )
    counted = matrix.iloc[:, 1:][weights > 0]
    one, other = (counted[yes[weights > 0] == arm] for arm in (True, False))
    lone = (counted.nunique() == 2) & ((one.min() == one.max()) | (other.min() == other.max()))
    apart = lone | ~((one.min() <= other.max()) & (other.min() <= one.max()))
    if apart.any():
        raise _separated(str(apart.idxmax()), name)
    family = sm.families.Binomial(link=link_of(link))
    groups = {"groups": np.arange(len(yes)) if cluster is None else cluster, "use_correction": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of separation: told below with the column
        model = sm.GLM(yes.astype("float64"), matrix, family=family, freq_weights=weights)
        fit = model.fit(tol=1e-12, cov_type="cluster", cov_kwds=groups)
    scale = np.where(matrix.columns.str.endswith("]"), 1.0, matrix.std())
    size = np.abs(fit.params * scale)[1:]
    if size.max() > FAR:
        raise _separated(size.idxmax(), name)
    return _tabulate(fit, fit.normalized_cov_params, yes, weights)


def _separated(term: str, name: str) -> EffectsError:
    return EffectsError(
        "{term} tells {name} = 1 from {name} = 0: in part of it everybody or nobody has it, and no "
        "probability can be fitted. Join its levels, leave it out, or restrict the comparison to where both "
        "are found.",
        term=term,
        name=name,
    )


def fit_linear(
    frame: pd.DataFrame, outcome: str, covariates: Sequence[str], *, weights: str | None = None
) -> Regression:
    """Fit the mean of `outcome` on `covariates` by least squares, `frame` one row a person, `weights` known.

    `std_error` takes equal spread; `robust_std_error` does not (HC0, without a correction for few rows). Raises
    EffectsError that names a column that is absent, incomplete, constant or a copy of others, and where there are no
    more rows than terms.
    Source: White (1980), Econometrica 48:817-838.

    >>> arms.fit_linear(people, "re78", ["treat"]).coefficients["coefficient"].round().tolist()
    [4555.0, 1794.0]
    """
    import statsmodels.api as sm  # more than a second that only these models need

    check_columns(frame, [outcome])
    weight = read_weights(frame, weights)
    frame, weight = frame[weight > 0], weight[weight > 0]
    matrix, y = build_matrix(frame, covariates), frame[outcome].to_numpy(dtype="float64")
    if len(frame) <= len(matrix.columns):
        raise EffectsError(
            "{outcome}: {count} rows for {terms} terms; nothing is left to measure error. Use fewer covariates.",
            outcome=outcome,
            count=len(frame),
            terms=len(matrix.columns),
        )
    fit = sm.WLS(y, matrix, weights=weight).fit(cov_type="HC0")
    return _tabulate(fit, fit.normalized_cov_params * fit.scale, y, weight)


def _tabulate(fit: Any, covariance: NDArray, y: NDArray, weight: NDArray) -> Regression:
    errors = {"std_error": np.sqrt(np.diag(covariance)), "robust_std_error": fit.bse}
    table = pd.DataFrame({"coefficient": fit.params, **errors}).rename_axis("term").reset_index()
    fitted = fit.fittedvalues.to_numpy()
    total = float(weight @ (y - fitted) ** 2)
    return Regression(table, fit.cov_params().to_numpy(), fitted, int(fit.df_resid), total)
