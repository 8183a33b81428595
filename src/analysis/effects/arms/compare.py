"""Means of the arms had everyone been in each: by outcome model, weighting, and both; errors of all models at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.arms.balance import effective_size, summarise_weights, weigh_arms
from analysis.effects.arms.matrix import build_matrix, check_columns, read_treatment, standardise
from analysis.effects.arms.regression import Link, fit_binary, link_of
from analysis.effects.rows import contrast_arms
from analysis.errors import EffectsError, check_options
from analysis.estimate import Estimate

Method = Literal["ra", "ipw", "aipw", "ipwra"]
Mean = Literal["ate", "att"]
NEWTON = 4  # the first model is fitted before, the others are linear


def compare_arms(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    propensity: Sequence[str] | None = None,
    method: Method = "aipw",
    estimand: Mean = "ate",
    link: Link = "logit",
) -> Estimate:
    """Estimate the mean of `outcome` had everyone (`estimand` `ate`) or the treated (`att`) been in either arm.

    `frame` has a row a person; `treatment` is 0 or 1. `covariates` enter a line for the outcome in each arm,
    `propensity` (by default the same) the probability of treatment (`link`: `logit` or `probit`). `method`: `ra`
    outcome model alone, `ipw` normalised weights alone, `aipw` and `ipwra` both, right if either model is. Rows: `mean`
    an arm, `mean_difference`; standard errors from the estimating equations of all models together. `details`:
    `weights`. Raises EffectsError for bad columns, or a treatment model that separates.
    Source: Robins, Rotnitzky and Zhao (1994), JASA 89:846-866; Wooldridge (2010), Econometric Analysis, 21.3.

    >>> done = arms.compare_arms(people, outcome="re78", treatment="treat", covariates=["age", "re75"])
    >>> done.table["term"].tolist(), done.table["estimate"].round(-2).tolist()
    (['treat[0]', 'treat[1]', 'treat'], [4600.0, 6300.0, 1700.0])
    """
    check_options(EffectsError, method=(method, Method), estimand=(estimand, Mean), link=(link, Link))
    check_columns(frame, [outcome])
    treated, reasons = read_treatment(frame, treatment), [*(covariates if propensity is None else propensity)]
    z = build_matrix(frame, reasons)
    fitted = fit_binary(z, treated, np.ones(len(frame)), treatment, link).fitted
    y, x, z = frame[outcome].to_numpy(dtype="float64"), standardise(build_matrix(frame, covariates)), standardise(z)
    family, ends = link_of(link), np.cumsum([z.shape[1], x.shape[1], x.shape[1]])

    def equations(theta: NDArray) -> NDArray:
        """Give each row's estimating functions: treatment model, outcome line of each arm, mean of each arm."""
        gamma, *lines, means = np.split(theta, ends)
        eta = z @ gamma
        p = family.inverse(eta)
        of, target = (np.ones(len(p)),) * 2 if estimand == "ate" else (treated, p)  # whom the means are of
        models, gaps = [z * ((treated - p) * family.inverse_deriv(eta) / (p * (1 - p)))[:, None]], []
        for arm, chance in ((0, 1 - p), (1, p)):
            line, inside = x @ lines[arm], treated == arm
            weight = inside * target / chance
            models.append(x * ((weight if method == "ipwra" else inside) * (y - line))[:, None])
            if method == "ipw":
                gaps.append(weight * (y - means[arm]))
            else:
                gaps.append(of * (line - means[arm]) + (weight * (y - line) if method == "aipw" else 0.0))
        return np.column_stack([*models, *gaps])

    begin = np.linalg.lstsq(z, family(fitted), rcond=None)[0]
    theta, covariance = solve_equations(equations, np.append(begin, np.zeros(2 * x.shape[1] + 2)))
    weights = weigh_arms(fitted, treated, estimand)
    table = contrast_arms(
        ("mean", "mean_difference"),
        treatment,
        theta[-2:],
        covariance[-2:, -2:],
        method=method,
        population="everyone" if estimand == "ate" else "treated",
        outcome=outcome,
        n=len(frame),
        n_exposed=treated.sum(),
        n_effective=effective_size(weights) if method != "ra" else np.nan,
    )
    asked = {"outcome": outcome, "treatment": treatment, "covariates": [*covariates], "propensity": reasons}
    spec = {**asked, "method": method, "estimand": estimand, "link": link}
    return Estimate(table=table, spec=spec, details={"weights": summarise_weights(weights, treated)})


def solve_equations(equations: Callable[[NDArray], NDArray], theta: NDArray) -> tuple[NDArray, NDArray]:
    """Solve stacked equations, all but the first linear, by Newton steps; give parameters and sandwich covariance.

    Source: Stefanski and Boos (2002), Am. Stat. 56:29-38.
    """
    for _ in range(NEWTON):
        rows, steps = equations(theta), np.diag(1e-6 * np.maximum(np.abs(theta), 1.0))
        slopes = [(equations(theta + step) - equations(theta - step)).sum(axis=0) / (2 * step.sum()) for step in steps]
        bread = np.linalg.inv(np.column_stack(slopes))
        theta = theta - bread @ rows.sum(axis=0)
    return theta, bread @ (rows.T @ rows) @ bread.T
