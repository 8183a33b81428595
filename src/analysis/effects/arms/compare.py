"""Means of the arms had everyone been in each: by outcome model, weighting, and both; errors of all models at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.arms.balance import effective_size, summarise_weights, weigh_arms
from analysis.effects.arms.matrix import build_matrix, check_columns, read_treatment, standardise
from analysis.effects.arms.regression import Link, fit_binary, link_of
from analysis.effects.rows import wald
from analysis.errors import EffectsError, check_options
from analysis.estimate import Estimate

Method = Literal["ra", "ipw", "aipw", "ipwra"]
Mean = Literal["ate", "att"]


class Data(NamedTuple):
    """What the estimating equations see: outcome, arm, matrices of outcome and treatment model, and settings."""

    y: NDArray
    treated: NDArray
    x: NDArray
    z: NDArray
    method: Method
    estimand: Mean
    link: Link


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
    """Estimate mean outcomes had everyone (`ate`) or the treated (`att`) been in either arm, one row a person.

    `covariates` enter a line for the outcome in each arm, `propensity` (by default the same) the probability of
    treatment. `method`: `ra` outcome model alone, `ipw` normalised weights alone, `aipw` and `ipwra` both, right if
    either model is. Rows: `mean` an arm, `mean_difference`; standard errors from the estimating equations of all
    models together. `details`: `weights`. Raises EffectsError for bad columns, or a treatment model that separates.
    Source: Robins, Rotnitzky and Zhao (1994), JASA 89:846-866; Wooldridge (2010), Econometric Analysis, 21.3.
    """
    check_options(EffectsError, method=(method, Method), estimand=(estimand, Mean), link=(link, Link))
    check_columns(frame, [outcome])
    treated, reasons = read_treatment(frame, treatment), [*(covariates if propensity is None else propensity)]
    z = build_matrix(frame, reasons)
    fitted = fit_binary(z, treated, np.ones(len(frame)), treatment, link).fitted
    data = Data(
        frame[outcome].to_numpy(dtype="float64"),
        treated,
        standardise(build_matrix(frame, covariates)),
        standardise(z),
        method,
        estimand,
        link,
    )
    theta, covariance = solve_equations(data, fitted)
    weights, turn = weigh_arms(fitted, treated, estimand), np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])
    table = pd.DataFrame(
        {
            "method": method,
            "estimand": ["mean", "mean", "mean_difference"],
            "population": "everyone" if estimand == "ate" else "treated",
            "outcome": outcome,
            "term": [f"{treatment}[0]", f"{treatment}[1]", treatment],
            **wald(turn @ theta[-2:], np.sqrt(np.diag(turn @ covariance[-2:, -2:] @ turn.T))),
            "n": len(frame),
            "n_exposed": treated.sum(),
            "n_effective": effective_size(weights) if method != "ra" else np.nan,
        }
    )
    spec = {
        "outcome": outcome,
        "treatment": treatment,
        "covariates": [*covariates],
        "propensity": reasons,
        "method": method,
        "estimand": estimand,
        "link": link,
    }
    return Estimate(table=table, spec=spec, details={"weights": summarise_weights(weights, treated)})


def _shares(data: Data, p: NDArray) -> tuple[NDArray, list[NDArray]]:
    """Give who the means are of (everyone, or the treated), and the weights that make each arm like them."""
    of, target = (np.ones(len(p)),) * 2 if data.estimand == "ate" else (data.treated.astype("float64"), p)
    return of, [~data.treated * target / (1 - p), data.treated * target / p]


def _equations(theta: NDArray, data: Data) -> NDArray:
    """Give each row's estimating functions: treatment model, outcome line of each arm, mean of each arm."""
    k, width, link = data.z.shape[1], data.x.shape[1], link_of(data.link)
    eta = data.z @ theta[:k]
    p = link.inverse(eta)
    of, weights = _shares(data, p)
    parts, means = [data.z * ((data.treated - p) * link.inverse_deriv(eta) / (p * (1 - p)))[:, None]], []
    for arm in (0, 1):
        line = data.x @ theta[k + arm * width : k + (arm + 1) * width]
        left, mu = data.y - line, theta[k + 2 * width + arm]
        own = weights[arm] if data.method == "ipwra" else (data.treated == arm)
        parts.append(data.x * (own * left)[:, None])
        if data.method == "ipw":
            means.append(weights[arm] * (data.y - mu))
        else:
            means.append(of * (line - mu) + (weights[arm] * left if data.method == "aipw" else 0.0))
    return np.column_stack([*parts, *means])


def solve_equations(data: Data, fitted: NDArray) -> tuple[NDArray, NDArray]:
    """Solve the stacked equations in turn and give all parameters with their sandwich covariance.

    Source: Stefanski and Boos (2002), Am. Stat. 56:29-38.
    """
    gamma = np.linalg.lstsq(data.z, link_of(data.link)(fitted), rcond=None)[0]
    of, weights = _shares(data, fitted)
    lines, means = [], []
    for arm in (0, 1):
        own = weights[arm] if data.method == "ipwra" else (data.treated == arm).astype("float64")
        root = np.sqrt(own)
        lines.append(np.linalg.lstsq(data.x * root[:, None], data.y * root, rcond=None)[0])
        line = data.x @ lines[-1]
        if data.method == "ipw":
            means.append(weights[arm] @ data.y / weights[arm].sum())
        else:
            extra = weights[arm] @ (data.y - line) if data.method == "aipw" else 0.0
            means.append((of @ line + extra) / of.sum())
    theta = np.concatenate([gamma, *lines, means])
    return theta, _sandwich(lambda point: _equations(point, data), theta)


def _sandwich(equations: Callable[[NDArray], NDArray], theta: NDArray) -> NDArray:
    rows = equations(theta)
    steps = np.diag(1e-6 * np.maximum(np.abs(theta), 1.0))
    slopes = [(equations(theta + step) - equations(theta - step)).sum(axis=0) / (2 * step.sum()) for step in steps]
    bread = np.linalg.inv(np.column_stack(slopes))
    return bread @ (rows.T @ rows) @ bread.T
