"""How strong something unmeasured must be to explain an answer away: formulas on published definitions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from analysis.effects.arms.regression import fit_linear
from analysis.errors import EffectsError, check_options

__all__ = ["benchmark_bounds", "partial_r2", "robustness_value", "smallest_detectable"]

Kind = Literal["risk_ratio", "hazard_ratio", "odds_ratio"]


class EValue(NamedTuple):
    """E-values of an estimate and of the limit of its interval nearer to no effect (1 where the interval holds it)."""

    point: float
    limit: float


def e_value(
    ratio: float, low: float | None = None, high: float | None = None, *, kind: Kind = "risk_ratio", rare: bool = True
) -> EValue:
    """Give the risk ratio that an unmeasured cause would need with exposure and outcome to explain a `ratio` away.

    `low` and `high` bound its interval (limit NaN without them). `kind` is `risk_ratio`, `hazard_ratio` or
    `odds_ratio`; these two are taken as risk ratios where the outcome is `rare` (under 15%), else turned into them.
    Raises EffectsError for a ratio or limit that is not above 0, or limits the wrong way round.
    Source: VanderWeele and Ding (2017), Ann. Intern. Med. 167:268-274.

    >>> round(effects.e_value(1.5, 1.2, 1.9).point, 2)
    2.37
    """
    given = [one for one in (low, ratio, high) if one is not None]
    check_options(EffectsError, kind=(kind, Kind))
    if not all(one > 0 for one in given) or given != sorted(given):
        raise EffectsError("e_value: {given}; give a ratio above 0, between its limits.", given=given)
    near = low if ratio >= 1 else high
    crossed = near is not None and (near - 1) * (ratio - 1) <= 0
    limit = np.nan if near is None else 1.0 if crossed else _explain(near, kind, rare)
    return EValue(_explain(ratio, kind, rare), limit)


def _explain(ratio: float, kind: Kind, rare: bool) -> float:
    if not rare and kind == "odds_ratio":
        ratio = np.sqrt(ratio)
    if not rare and kind == "hazard_ratio":
        ratio = (1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio))
    ratio = max(ratio, 1 / ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1)))


def partial_r2(t: float, df: float) -> float:
    """Give the share of what is left of the outcome that a regressor explains, from its `t` and residual degrees `df`.

    >>> round(sensitivity.partial_r2(2, 100), 3)
    0.038
    """
    return float(t**2 / (t**2 + df))


def robustness_value(t: float, df: float, q: float = 1, alpha: float = 1) -> float:
    """Give the share of both treatment and outcome that a hidden cause must explain to lower an estimate by `q` of it.

    `alpha` below 1: to leave it no longer distinguishable at that level. From `t` and the residual degrees `df`.
    Source: Cinelli and Hazlett (2020), J. R. Stat. Soc. B 82:39-67, section 4.

    >>> round(sensitivity.robustness_value(4, 100), 2)
    0.33
    """
    strength = q * abs(t) / np.sqrt(df)
    critical = stdtrit(df - 1, 1 - alpha / 2) / np.sqrt(df - 1)
    left = strength - critical
    if left <= 0:
        return 0.0
    if strength * critical > 1:
        return float((strength**2 - critical**2) / (1 + strength**2))
    return float((np.sqrt(left**4 + 4 * left**2) - left**2) / 2)


def benchmark_bounds(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    benchmark: str,
    multiples: Sequence[float] = (1, 2, 3),
    counts: str | None = None,
) -> pd.DataFrame:
    """Give the treatment's coefficient if something hidden were k times as strong as an observed covariate.

    `frame` has one row a person, or one for people alike with their number in the column `counts`; the k are
    `multiples`. Least squares of `outcome` on `treatment` and `covariates`, which hold `benchmark` (numbers, or levels
    taken together). Columns: `benchmark`, `multiple` (0: as fitted),
    `r2_treatment`, `r2_outcome` (partial R2 of the hidden cause), `estimate`, `std_error`, `statistic`. Raises
    EffectsError for an unknown benchmark, or a multiple that would explain more of the treatment than there is.
    Source: Cinelli and Hazlett (2020), J. R. Stat. Soc. B 82:39-67, section 4.4.

    >>> asked = {"outcome": "re78", "treatment": "treat", "covariates": ["educ", "re75"], "benchmark": "educ"}
    >>> sensitivity.benchmark_bounds(people, **asked, multiples=[1])["estimate"].round(-1).tolist()
    [1650.0, 1550.0]
    """
    if benchmark not in covariates:
        raise EffectsError(
            "benchmark: {benchmark} is not among the covariates {covariates}.",
            benchmark=benchmark,
            covariates=[*covariates],
        )
    without = [name for name in covariates if name != benchmark]
    fit = partial(fit_linear, frame, weights=counts)
    whole = fit(outcome, [treatment, *covariates])
    value, error = map(float, whole.coefficients.set_index("term").loc[treatment, ["coefficient", "std_error"]])
    df = whole.df if counts is None else int(whole.df + frame[counts].sum() - (frame[counts] > 0).sum())
    error *= np.sqrt(whole.df / df)
    on_outcome = 1 - whole.total / fit(outcome, [treatment, *without]).total
    on_treatment = 1 - fit(treatment, covariates).total / fit(treatment, without).total
    rows = [(0.0, 0.0, 0.0, value, error)]
    for k in multiples:
        strengths = bound_strengths(k, on_treatment, on_outcome)
        rows.append((float(k), *strengths, *adjust_for_hidden(value, error, df, *strengths)))
    table = pd.DataFrame(rows, columns=["multiple", "r2_treatment", "r2_outcome", "estimate", "std_error"])
    return table.assign(benchmark=benchmark, statistic=table["estimate"] / table["std_error"])


def bound_strengths(k: float, on_treatment: float, on_outcome: float) -> tuple[float, float]:
    """Bound the partial R2 with treatment and outcome of a hidden cause k times as strong as one with these."""
    d = k * on_treatment / (1 - on_treatment)
    joint = k * on_treatment**2 / ((1 - k * on_treatment) * (1 - on_treatment)) if k * on_treatment < 1 else np.inf
    if d >= 1 or joint >= 1:
        raise EffectsError(
            "multiples: {k} times the benchmark would explain more of the treatment than there is. Use a smaller one.",
            k=k,
        )
    y = ((np.sqrt(k) + np.sqrt(joint)) / np.sqrt(1 - joint)) ** 2 * on_outcome / (1 - on_outcome)
    return float(d), float(min(y, 1.0))


def adjust_for_hidden(
    estimate: float, std_error: float, df: float, r2_treatment: float, r2_outcome: float
) -> tuple[float, float]:
    """Give estimate and standard error after a hidden cause with these partial R2 has moved them towards no effect."""
    bias = std_error * np.sqrt(df * r2_outcome * r2_treatment / (1 - r2_treatment))
    error = std_error * np.sqrt((1 - r2_outcome) / (1 - r2_treatment) * df / (df - 1))
    return float(estimate - np.sign(estimate) * bias), float(error)


def smallest_detectable(std_error: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """Give the effect that an analysis with the `std_error` finds with probability `power` at interval `level`.

    Source: Bloom (1995), Eval. Rev. 19:547-556.

    >>> round(sensitivity.smallest_detectable(1.0), 2)
    2.8
    """
    return float((ndtri(0.5 + level / 2) + ndtri(power)) * std_error)
