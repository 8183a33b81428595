"""Survival of arms from one pooled hazard of period after period: weighted, or standardised over people's covariates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from analysis.effects.arms.balance import effective_size
from analysis.effects.arms.matrix import build_matrix, read_treatment
from analysis.effects.arms.propensity import fit_binary, read_weights
from analysis.errors import EffectsError
from analysis.estimate import Estimate
from analysis.survival.frames import check_spells

LEVEL = 0.95
TIME, SQUARED = "period", "period_squared"


def expand_periods(frame: pd.DataFrame) -> pd.DataFrame:
    """Cut rows (start, stop] in whole periods into rows of one period; the event stays in the last.

    `frame` has person_id, start, stop, event and whatever goes along. Raises EffectsError for a frame that breaks the
    contract of start-stop rows or whose times are not whole.
    """
    check_spells(frame, error=EffectsError)
    start, length = frame["start"].to_numpy(), (frame["stop"] - frame["start"]).to_numpy()
    if (length % 1 != 0).any() or (start % 1 != 0).any():
        raise EffectsError(en="start, stop: not whole periods. Give times in months (or other periods).",
                           vi="start, stop: không phải kỳ trọn. Hãy ghi thời gian theo tháng (hoặc kỳ khác).")  # fmt: skip
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
    """Estimate the risk of event 1 by each horizon in both arms of `exposure` (0 and 1), from one pooled logit hazard.

    `frame` has one row a person-period (`expand_periods`), event 0 or 1, exposure and covariates fixed from entry. The
    hazard has exposure, time and its square, both also with exposure, and `covariates`; risks are averaged over the
    covariates of all people at entry. `weights` (a column) makes arms alike instead; they are taken as known.
    Rows: `risk` an arm and horizon, `risk_difference`; intervals by the delta method from a covariance clustered on
    person_id. `details`: `coefficients` (term, coefficient, std_error), time as the periods before the row.
    Raises EffectsError for a broken frame or a column that separates.
    Source: Hernán (2010), Epidemiology 21:13-15; Hernán and Robins (2020), Causal Inference: What If, chapter 17.
    """
    people = check_spells(frame, [exposure, *covariates], weights=weights, error=EffectsError)
    _check_periods(frame, horizons)
    arm = read_treatment(frame, exposure)
    built = _with_time(frame, exposure, frame["start"].to_numpy(dtype="float64"), arm)
    matrix = build_matrix(built, [*_terms(exposure), *covariates])
    fit = fit_binary(matrix, frame["event"].to_numpy() == 1, read_weights(frame, weights), "event")
    covariance = fit.clustered(people.code)
    first = matrix.given[~frame["person_id"].duplicated().to_numpy()]
    found = [_risk_curve(first, fit.coefficients["coefficient"].to_numpy(), on, max(horizons)) for on in (0.0, 1.0)]
    counts = frame.groupby(exposure).agg(n=("person_id", "nunique"), n_event=("event", "sum"))
    rows = []
    for time in horizons:
        risks, slopes = zip(*((curve[time - 1], slope[time - 1]) for curve, slope in found), strict=True)
        rows += [_row("risk", f"{exposure}[{on}]", time, risks[on], slopes[on], covariance)
                 | {"n": people.count, "n_exposed": counts.loc[on, "n"], "n_event": counts.loc[on, "n_event"]}
                 for on in (0, 1)]  # fmt: skip
        rows.append(_row("risk_difference", exposure, time, risks[1] - risks[0], slopes[1] - slopes[0], covariance)
                    | {"n": people.count, "n_exposed": counts.loc[1, "n"], "n_event": counts["n_event"].sum()})  # fmt: skip
    table = pd.DataFrame(rows).assign(method="weighted_pooled_logit" if weights else "pooled_logit", outcome="event_1",
                                      population="at_entry", n_effective=effective_size(read_weights(frame, weights)))  # fmt: skip
    coefficients = fit.coefficients.assign(std_error=np.sqrt(np.diag(covariance)))
    spec = {"exposure": exposure, "covariates": [*covariates], "horizons": [*horizons], "weights": weights}
    return Estimate(
        table=table, spec=spec, details={"coefficients": coefficients[["term", "coefficient", "std_error"]]}
    )


def _terms(exposure: str) -> list[str]:
    return [exposure, TIME, SQUARED, f"{exposure}:{TIME}", f"{exposure}:{SQUARED}"]


def _with_time(frame: pd.DataFrame, exposure: str, time: np.ndarray, arm: np.ndarray) -> pd.DataFrame:
    return frame.assign(**dict(zip(_terms(exposure), _time_columns(time, arm), strict=True)))


def _time_columns(time: np.ndarray, arm: np.ndarray) -> list[np.ndarray]:
    return [arm * 1.0, time, time**2, arm * time, arm * time**2]


def _check_periods(frame: pd.DataFrame, horizons: Sequence[int]) -> None:
    strange = sorted(set(frame["event"].unique()) - {0, 1})
    last = frame["stop"].max()
    if (frame["stop"] - frame["start"] != 1).any() or strange or not all(1 <= one <= last for one in horizons):
        raise EffectsError(
            en=f"start, stop, event: rows must be one period each, event 0 or 1 (seen besides: {strange}), horizons from "
            f"1 to {last:g}, the last followed. Cut rows with expand_periods.",
            vi=f"start, stop, event: mỗi dòng phải là một kỳ, event là 0 hoặc 1 (còn thấy: {strange}), mốc từ 1 đến "
            f"{last:g}, kỳ cuối được theo dõi. Hãy cắt dòng bằng expand_periods.",
        )


def _risk_curve(first: np.ndarray, beta: np.ndarray, on: float, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean risk by each period with everyone in one arm, and its slope in the coefficients (periods x terms)."""
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


def _row(estimand: str, term: str, time: int, value: float, slope: np.ndarray, covariance: np.ndarray) -> dict:
    error = float(np.sqrt(slope @ covariance @ slope))
    low, high = value + np.array([-1, 1]) * norm.ppf(0.5 + LEVEL / 2) * error
    return {"estimand": estimand, "term": term, "time": time, "estimate": value, "std_error": error,
            "se_scale": "identity", "conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "delta"}  # fmt: skip
