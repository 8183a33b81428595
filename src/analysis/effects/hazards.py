"""Hazards from start-stop rows: the Cox model, exact from counts at risk and events by covariate pattern and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EffectsError
from ..estimate import Estimate, blocked
from ..text import Text
from .frames import check_spells

TIES = ("efron", "breslow")
LEVEL = 0.95
Z = 1.959963984540054


@dataclass(frozen=True)
class Stratum:
    """Counts of one stratum: `at_risk` and `events` are patterns x event times, `tied` events a time."""

    design: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    tied: np.ndarray


def fit_hazards(
    frame: pd.DataFrame,
    *,
    covariates: Sequence[str],
    ties: str = "efron",
    strata: Sequence[str] = (),
) -> Estimate:
    """Fit a Cox model of the cause-specific hazard of event 1 on start-stop rows.

    `frame` has person_id, start, stop, event and the covariates, one row an interval (start, stop]; events other
    than 1 leave the risk set. Text, bool and categorical covariates are compared with their first level.
    Rows: one `hazard_ratio` a term, standard error on the log scale, Wald interval.
    Raises EffectsError for a frame or setting that breaks its contract; without events, or where a covariate is
    constant, collinear or separates the events, the result is blocked and names it.
    Source: Efron (1977), J. Am. Stat. Assoc. 72:557-565.
    """
    check_spells(frame, [*covariates, *strata])
    if ties not in TIES:
        raise EffectsError(
            en=f"ties is {ties!r}; allowed: {', '.join(TIES)}.", vi=f"ties là {ties!r}; được phép: {', '.join(TIES)}."
        )
    spec = {"model": "cox", "covariates": list(covariates), "ties": ties, "strata": list(strata)}
    terms, design = build_design(frame, covariates)
    rows = _rows(frame, terms, design, ties)
    trouble = find_trouble(frame, terms, design)
    if trouble:
        return blocked(rows, spec, *trouble)
    fit = newton(count_strata(frame, design, strata), len(terms), ties)
    if fit is None:
        return blocked(rows, spec, Text("The fit did not converge.", "Phép ước lượng không hội tụ."))
    beta, information, loglik, null = fit
    error = np.sqrt(np.diag(np.linalg.inv(information)))
    for row, coef, se in zip(rows, beta, error, strict=True):
        row |= {
            "estimate": np.exp(coef),
            "std_error": se,
            "conf_low": np.exp(coef - Z * se),
            "conf_high": np.exp(coef + Z * se),
        }
    fitted = pd.DataFrame({"term": terms, "coefficient": beta, "std_error": error})
    summary = pd.DataFrame(
        {"loglik": [loglik], "loglik_null": [null], "rows": [len(frame)], "people": [frame["person_id"].nunique()]}
    )
    return Estimate(table=rows, spec=spec, details={"coefficients": fitted, "fit": summary})


def build_design(frame: pd.DataFrame, covariates: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Code covariates as columns: numbers as they are, levels against the first; (terms, rows x terms)."""
    terms, columns = [], []
    for name in covariates:
        values = frame[name]
        if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
            terms.append(name)
            columns.append(values.to_numpy(dtype="float64"))
            continue
        levels = pd.Categorical(values).remove_unused_categories()
        for place, level in enumerate(levels.categories[1:], start=1):
            terms.append(f"{name}[{level}]")
            columns.append((levels.codes == place).astype("float64"))
    return terms, np.column_stack(columns) if columns else np.empty((len(frame), 0))


def _rows(frame: pd.DataFrame, terms: list[str], design: np.ndarray, ties: str) -> list[dict[str, Any]]:
    people, event = pd.factorize(frame["person_id"])[0], frame["event"].to_numpy() == 1
    base = {
        "method": f"cox_{ties}", "estimand": "hazard_ratio", "population": "at_risk", "outcome": "event_1",
        "se_scale": "log", "conf_level": LEVEL, "interval": "wald", "n": len(np.unique(people)),
    }  # fmt: skip
    rows = []
    for term, column in zip(terms, design.T, strict=True):
        exposed = column != 0
        rows.append(
            {
                **base,
                "term": term,
                "n_exposed": len(np.unique(people[exposed])),
                "n_event": int((event & exposed).sum()),
            }
        )
    return rows


def find_trouble(frame: pd.DataFrame, terms: list[str], design: np.ndarray) -> list[Text]:
    """Name what keeps a model from being fitted: no events, constant, collinear or separating columns."""
    event = frame["event"].to_numpy() == 1
    if not event.any():
        return [Text("There are no events.", "Không có sự kiện nào.")]
    trouble = []
    for term, column in zip(terms, design.T, strict=True):
        if np.ptp(column) == 0:
            trouble.append(Text(f"{term} is constant.", f"{term} không thay đổi."))
        elif len(np.unique(column)) == 2 and np.ptp(column[event]) == 0:
            trouble.append(Text(f"{term} separates those with the event from those without.",
                                f"{term} tách hẳn người có và không có sự kiện."))  # fmt: skip
    if not trouble and design.shape[1]:
        patterns = distinct_rows(design)[0]
        centred = patterns - patterns.mean(axis=0)
        scale = np.where(np.abs(centred).max(axis=0) > 0, np.abs(centred).max(axis=0), 1.0)
        diagonal = np.abs(np.diag(np.linalg.qr(centred / scale, mode="r")))
        dependent = [term for term, size in zip(terms, diagonal, strict=False) if size < 1e-9]
        trouble += [
            Text(f"{term} is a combination of other covariates.", f"{term} là tổ hợp của các biến khác.")
            for term in dependent
        ]
    return trouble


def count_strata(frame: pd.DataFrame, design: np.ndarray, strata: Sequence[str]) -> list[Stratum]:
    """Fold rows into counts at risk and events by covariate pattern and distinct event time, a stratum at a time.

    Risk sets are open at the start: a row (start, stop] is at risk at t if start < t <= stop.
    """
    start, stop = frame["start"].to_numpy(dtype="float64"), frame["stop"].to_numpy(dtype="float64")
    event = frame["event"].to_numpy() == 1
    group = frame.groupby(list(strata), observed=True).ngroup().to_numpy() if len(strata) else np.zeros(len(frame), int)
    counted = []
    for one in np.unique(group[event]):
        rows = group == one
        patterns, code = distinct_rows(design[rows])
        times = np.unique(stop[rows & event])
        shape = (len(patterns), len(times) + 1)
        enter = np.searchsorted(times, start[rows], side="right")
        leave = np.searchsorted(times, stop[rows], side="right")
        change = _tally(code, enter, shape) - _tally(code, leave, shape)
        happened = event[rows]
        events = _tally(code[happened], np.searchsorted(times, stop[rows][happened]), shape)[:, :-1]
        counted.append(Stratum(patterns, np.cumsum(change, axis=1)[:, :-1].astype("float64"), events.astype("float64"),
                               events.sum(axis=0)))  # fmt: skip
    return counted


def distinct_rows(design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the distinct rows of a design and, for each row, which one it is; linear in the number of rows."""
    code = np.zeros(len(design), dtype="int64")
    for column in design.T:
        value, levels = pd.factorize(column)
        code = pd.factorize(code * len(levels) + value)[0]
    first = np.unique(code, return_index=True)[1]
    return design[first], code


def _tally(code: np.ndarray, place: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return np.bincount(code * shape[1] + place, minlength=shape[0] * shape[1]).reshape(shape)


def newton(strata: list[Stratum], terms: int, ties: str, tolerance: float = 1e-11):
    """Maximise the partial likelihood by Newton steps with halving: (beta, information, loglik, loglik at 0) or None."""
    beta = np.zeros(terms)
    loglik, score, information = likelihood(strata, beta, ties)
    null = loglik
    for _ in range(50):
        step = np.linalg.solve(information, score) if terms else np.zeros(0)
        for _ in range(30):
            tried = likelihood(strata, beta + step, ties)
            if np.isfinite(tried[0]) and tried[0] >= loglik - 1e-10 * abs(loglik):
                break
            step = step / 2
        else:
            return None
        beta, done = (
            beta + step,
            abs(tried[0] - loglik) <= tolerance * abs(loglik) and np.max(np.abs(step), initial=0) < 1e-9,
        )
        loglik, score, information = tried
        if np.max(np.abs(beta), initial=0) > 20 or not np.isfinite(information).all():
            return None
        if done:
            return beta, information, loglik, null
    return None


def likelihood(strata: list[Stratum], beta: np.ndarray, ties: str) -> tuple[float, np.ndarray, np.ndarray]:
    """Log partial likelihood, its gradient and information at `beta`, exact for tied times."""
    loglik, score, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for one in strata:
        part = _stratum_likelihood(one, beta, ties)
        loglik, score, information = loglik + part[0], score + part[1], information + part[2]
    return loglik, score, information


def _stratum_likelihood(one: Stratum, beta: np.ndarray, ties: str):
    eta = np.clip(one.design @ beta, -300, 300)
    risk = np.exp(eta)
    weighted = one.design * risk[:, None]
    s0, s1 = risk @ one.at_risk, weighted.T @ one.at_risk
    e0, e1 = risk @ one.events, weighted.T @ one.events
    time = np.repeat(np.arange(len(one.tied)), one.tied)
    rank = np.arange(len(time)) - np.repeat(np.cumsum(one.tied) - one.tied, one.tied)
    share = rank / one.tied[time] if ties == "efron" else np.zeros(len(time))
    left = s0[time] - share * e0[time]

    def over(values):
        return np.bincount(time, values, minlength=len(one.tied))

    a, b = over(1 / left), over(share / left)
    q0, q1, q2 = over(1 / left**2), over(share / left**2), over(share**2 / left**2)
    loglik = eta @ one.events.sum(axis=1) - np.log(left).sum()
    score = one.design.T @ one.events.sum(axis=1) - (s1 @ a - e1 @ b)
    cross = (s1 * q1) @ e1.T
    information = one.design.T @ (weighted * (one.at_risk @ a - one.events @ b)[:, None])
    information -= (s1 * q0) @ s1.T - cross - cross.T + (e1 * q2) @ e1.T
    return loglik, score, information
