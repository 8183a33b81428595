"""Survival of arms from one pooled hazard of period after period: weighted, or standardised over covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from analysis.effects.arms.balance import effective_size
from analysis.effects.arms.matrix import build_matrix, read_treatment, read_weights
from analysis.effects.arms.regression import fit_binary
from analysis.effects.rows import contrast_arms
from analysis.errors import EffectsError
from analysis.estimate import Estimate
from analysis.survival.frames import check_spells

TIME, SQUARED = "period", "period_squared"


def expand_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Cut rows (start, stop] in whole periods into rows of one period; the event stays in the last.

    `frame` has person_id, start, stop, event and whatever goes along. Raises EffectsError for a frame that breaks the
    contract of start-stop rows or whose times are not whole.

    >>> len(arms.expand_periods(frame)) == int((frame["stop"] - frame["start"]).sum())
    True
    """
    check_spells(frame, error=EffectsError)
    start, length = frame["start"].to_numpy(), (frame["stop"] - frame["start"]).to_numpy()
    if (length % 1 != 0).any() or (start % 1 != 0).any():
        raise EffectsError("start, stop: not whole periods. Give times in months (or other periods).")
    length = length.astype("int64")
    cut = frame.loc[frame.index.repeat(length)].reset_index(drop=True)
    since = np.arange(len(cut)) - np.repeat(np.cumsum(length) - length, length)
    last = since == np.repeat(length, length) - 1
    begin = np.repeat(start, length) + since
    return cut.assign(start=begin, stop=begin + 1, event=np.where(last, cut["event"], 0))


def estimate_survival(
    frame: pd.DataFrame,
    *,
    exposure: str,
    covariates: Sequence[str] = (),
    horizons: Sequence[int] = (12, 24, 36, 60),
    weights: str | None = None,
) -> Estimate:
    """Estimate the risk of event 1 in both arms of `exposure` (0 and 1), from one pooled logit hazard.

    `frame` has one row a person-period (`expand_periods`), event 0 or 1, exposure and covariates fixed from entry. The
    hazard has exposure, time and its square, both also with exposure, and `covariates`; risks are averaged over the
    covariates of all people at entry. `weights` (a column) makes arms alike instead; they are taken as known.
    Rows: `risk` an arm and each of the `horizons`, `risk_difference`; intervals by the delta method from a covariance
    clustered on person_id. `details`: `coefficients` (term, coefficient, std_error), time as the periods before the
    row.
    Raises EffectsError for a broken frame or a column that separates.
    Source: Hernán (2010), Epidemiology 21:13-15; Hernán and Robins (2020), Causal Inference: What If, chapter 17.

    >>> rows = frame.query("stop <= 12 and event < 2").assign(man=frame["sex"].eq("male") * 1)
    >>> arms.estimate_survival(arms.expand_periods(rows), exposure="man", horizons=[12]).table["term"].tolist()
    ['man[0]', 'man[1]', 'man']
    """
    people = check_spells(frame, [exposure, *covariates], weights=weights, error=EffectsError)
    _check_periods(frame, horizons)
    arm, weight = read_treatment(frame, exposure), read_weights(frame, weights)
    terms = [exposure, TIME, SQUARED, f"{exposure}:{TIME}", f"{exposure}:{SQUARED}"]
    columns = _time_columns(frame["start"].to_numpy(dtype="float64"), arm)
    matrix = build_matrix(frame.assign(**dict(zip(terms, columns, strict=True))), [*terms, *covariates])
    fit = fit_binary(matrix, frame["event"].to_numpy() == 1, weight, "event", cluster=people.code)
    first = matrix[~frame["person_id"].duplicated().to_numpy()].to_numpy()
    beta = fit.coefficients["coefficient"].to_numpy()
    risks, slopes = map(np.stack, zip(*(_risk_curve(first, beta, on, max(horizons)) for on in (0.0, 1.0)), strict=True))
    counts = frame.groupby(exposure).agg(n=("person_id", "nunique"), n_event=("event", "sum"))
    heads: dict[str, Any] = {
        "n": people.count,
        "n_exposed": [*counts["n"], counts["n"].iloc[1]],
        "n_event": [*counts["n_event"], counts["n_event"].sum()],
    }
    tables = []
    for time in horizons:
        covariance = slopes[:, time - 1] @ fit.robust @ slopes[:, time - 1].T
        kinds, values = ("risk", "risk_difference"), risks[:, time - 1]
        tables.append(contrast_arms(kinds, exposure, values, covariance, "delta", time=time, **heads))
    table = pd.concat(tables).assign(
        method="weighted_pooled_logit" if weights else "pooled_logit",
        outcome="event_1",
        population="at_entry",
        n_effective=effective_size(weight),
    )
    coefficients = fit.coefficients[["term", "coefficient"]].assign(std_error=fit.coefficients["robust_std_error"])
    spec = {"exposure": exposure, "covariates": [*covariates], "horizons": [*horizons], "weights": weights}
    return Estimate(table=table, spec=spec, details={"coefficients": coefficients})


def _time_columns(time: NDArray, arm: NDArray) -> list[NDArray]:
    return [arm * 1.0, time, time**2, arm * time, arm * time**2]


def _check_periods(frame: pd.DataFrame, horizons: Sequence[int]) -> None:
    strange = sorted(set(frame["event"].unique()) - {0, 1})
    last = frame["stop"].max()
    if (frame["stop"] - frame["start"] != 1).any() or strange or not all(1 <= one <= last for one in horizons):
        raise EffectsError(
            "start, stop, event: rows must be one period each, event 0 or 1 (seen besides: {strange}), horizons "
            "from 1 to {last:g}, the last followed. Cut rows with expand_periods.",
            strange=strange,
            last=last,
        )


def _risk_curve(first: NDArray, beta: NDArray, on: float, last: int) -> tuple[NDArray, NDArray]:
    """Give the mean risk by period with everyone in one arm, and its slopes in the coefficients (periods x terms)."""
    x = first.copy()
    staying, decline = np.ones(len(x)), np.zeros_like(x)
    risks, slopes = np.empty(last), np.empty((last, x.shape[1]))
    for period in range(last):
        x[:, 1:6] = [one.item() for one in _time_columns(np.array([float(period)]), np.array([on]))]
        hazard = expit(x @ beta)
        staying = staying * (1 - hazard)
        decline += x * hazard[:, None]
        risks[period] = 1 - staying.mean()
        slopes[period] = staying @ decline / len(x)
    return risks, slopes
