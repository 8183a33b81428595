"""Means of the arms had everyone been in each: by outcome model, by weighting, and by both; errors of all models at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.effects.arms.balance import effective_size, summarise_weights, weigh_arms
from analysis.effects.arms.matrix import build_matrix, check_columns, read_treatment
from analysis.effects.arms.propensity import LINKS, fit_binary
from analysis.errors import EffectsError
from analysis.estimate import Estimate

METHODS = ("ra", "ipw", "aipw", "ipwra")
LEVEL = 0.95


class Data(NamedTuple):
    """What the estimating equations see: outcome, arm, matrices of the outcome and the treatment model, and settings."""

    y: np.ndarray
    treated: np.ndarray
    x: np.ndarray
    z: np.ndarray
    method: str
    estimand: str
    link: str


def compare_arms(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    propensity: Sequence[str] | None = None,
    method: str = "aipw",
    estimand: str = "ate",
    link: str = "logit",
) -> Estimate:
    """Estimate mean outcomes had everyone (`ate`) or the treated (`att`) been in either arm, one row a person.

    `covariates` enter a line for the outcome in each arm, `propensity` (by default the same) the probability of
    treatment. `method`: `ra` outcome model alone, `ipw` normalised weights alone, `aipw` and `ipwra` both, right if
    either model is. Rows: `mean` an arm, `mean_difference`; standard errors from the estimating equations of all
    models together. `details`: `weights`. Raises EffectsError for bad columns, or a treatment model that separates.
    Source: Robins, Rotnitzky and Zhao (1994), JASA 89:846-866; Wooldridge (2010), Econometric Analysis, 21.3.
    """
    if method not in METHODS or estimand not in ("ate", "att"):
        raise EffectsError(en=f"method is {method!r}, estimand {estimand!r}; allowed: {', '.join(METHODS)}; ate, att.",
                           vi=f"method là {method!r}, estimand {estimand!r}; được phép: {', '.join(METHODS)}; ate, att.")  # fmt: skip
    check_columns(frame, [outcome])
    treated = read_treatment(frame, treatment)
    reasons = [*(covariates if propensity is None else propensity)]
    z = build_matrix(frame, reasons)
    fitted = fit_binary(z, treated, np.ones(len(frame)), treatment, link).fitted
    data = Data(frame[outcome].to_numpy(dtype="float64"), treated, build_matrix(frame, covariates).columns, z.columns,
                method, estimand, link)  # fmt: skip
    theta, covariance = solve_equations(data, fitted)
    weights = weigh_arms(fitted, treated, estimand)
    values, errors = _contrast(theta[-2:], covariance[-2:, -2:])
    half = norm.ppf(0.5 + LEVEL / 2) * errors
    table = pd.DataFrame({
        "method": method, "estimand": ["mean", "mean", "mean_difference"],
        "population": "everyone" if estimand == "ate" else "treated", "outcome": outcome,
        "term": [f"{treatment}[0]", f"{treatment}[1]", treatment], "estimate": values, "std_error": errors,
        "se_scale": "identity", "conf_low": values - half, "conf_high": values + half, "conf_level": LEVEL,
        "interval": "wald", "n": len(frame), "n_exposed": treated.sum(),
        "n_effective": effective_size(weights) if method != "ra" else np.nan,
    })  # fmt: skip
    spec = {"outcome": outcome, "treatment": treatment, "covariates": [*covariates], "propensity": reasons,
            "method": method, "estimand": estimand, "link": link}  # fmt: skip
    return Estimate(table=table, spec=spec, details={"weights": summarise_weights(weights, treated)})


def _contrast(means: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    turn = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])
    return turn @ means, np.sqrt(np.diag(turn @ covariance @ turn.T))


def _shares(data: Data, p: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Give who the means are of (everyone, or the treated), and the weights that make each arm like them."""
    of = np.ones(len(p)) if data.estimand == "ate" else data.treated.astype("float64")
    target = np.ones(len(p)) if data.estimand == "ate" else p
    return of, [~data.treated * target / (1 - p), data.treated * target / p]


def _equations(theta: np.ndarray, data: Data) -> np.ndarray:
    """Give each row's estimating functions: treatment model, outcome line of each arm, mean of each arm."""
    k, width = data.z.shape[1], data.x.shape[1]
    mean, slope = LINKS[data.link]
    eta = data.z @ theta[:k]
    p = mean(eta)
    of, weights = _shares(data, p)
    parts = [data.z * ((data.treated - p) * slope(eta) / (p * (1 - p)))[:, None]]
    means = []
    for arm in (0, 1):
        line = data.x @ theta[k + arm * width : k + (arm + 1) * width]
        left = data.y - line
        own = weights[arm] if data.method == "ipwra" else (data.treated == arm)
        parts.append(data.x * (own * left)[:, None])
        mu = theta[k + 2 * width + arm]
        if data.method == "ipw":
            means.append(weights[arm] * (data.y - mu))
        else:
            means.append(of * (line - mu) + (weights[arm] * left if data.method == "aipw" else 0.0))
    return np.column_stack([*parts, *means])


def solve_equations(data: Data, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve the stacked equations in turn and give all parameters with their sandwich covariance.

    Source: Stefanski and Boos (2002), Am. Stat. 56:29-38.
    """
    mean, _ = LINKS[data.link]
    inverse = {"logit": lambda p: np.log(p / (1 - p)), "probit": norm.ppf}[data.link]
    gamma = np.linalg.lstsq(data.z, inverse(fitted), rcond=None)[0]
    of, weights = _shares(data, mean(data.z @ gamma))
    lines, means = [], []
    for arm in (0, 1):
        own = weights[arm] if data.method == "ipwra" else (data.treated == arm).astype("float64")
        root = np.sqrt(own)
        beta = np.linalg.lstsq(data.x * root[:, None], data.y * root, rcond=None)[0]
        line = data.x @ beta
        lines.append(beta)
        if data.method == "ipw":
            means.append(weights[arm] @ data.y / weights[arm].sum())
        else:
            extra = weights[arm] @ (data.y - line) if data.method == "aipw" else 0.0
            means.append((of @ line + extra) / of.sum())
    theta = np.concatenate([gamma, *lines, means])
    return theta, _sandwich(lambda point: _equations(point, data), theta)


def _sandwich(equations: Callable[[np.ndarray], np.ndarray], theta: np.ndarray) -> np.ndarray:
    rows = equations(theta)
    steps = 1e-6 * np.maximum(np.abs(theta), 1.0)
    slopes = [
        (equations(theta + step) - equations(theta - step)).sum(axis=0) / (2 * step.sum()) for step in np.diag(steps)
    ]
    bread = np.linalg.inv(np.column_stack(slopes))
    return bread @ (rows.T @ rows) @ bread.T
