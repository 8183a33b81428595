"""Hazard models written out row by row, as a textbook has them: slow, plain, and sharing no line with the engine."""

from __future__ import annotations

import numpy as np
import pandas as pd

COVARIATES = ["score", "sex"]
Answer = tuple[np.ndarray, np.ndarray] | None


def columns_of(frame: pd.DataFrame) -> np.ndarray:
    """Lay covariates out against their first level."""
    return pd.get_dummies(frame[COVARIATES], drop_first=True).to_numpy(dtype="float64")


def groups_of(frame: pd.DataFrame, strata: tuple[str, ...]) -> np.ndarray:
    """Number the stratum of each row."""
    return frame.groupby(list(strata)).ngroup().to_numpy() if strata else np.zeros(len(frame), dtype=int)


def sum_clusters(scores: np.ndarray, cluster: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """Sandwich: scores summed within clusters, between the bread."""
    meat = sum(np.outer(one, one) for one in (scores[cluster == who].sum(axis=0) for who in np.unique(cluster)))
    return np.sqrt(np.diag(bread @ meat @ bread))


def climb(theta: np.ndarray, parts, width: int) -> np.ndarray | None:
    """Newton with halving; None where coefficients run away."""
    for _ in range(300):
        value, score, information = parts(theta)
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            return None
        while np.abs(step).max() > 1e-12 and not parts(theta + step)[0] >= value - 1e-10:
            step = step / 2
        theta = theta + step
        if np.abs(theta[:width]).max() > 25:
            return None
        if np.abs(step).max() < 1e-9:
            return theta
    return None


def fit_periods(frame: pd.DataFrame, link: str, strata: tuple[str, ...], weight: np.ndarray, cluster) -> Answer:
    """Fit a logit or cloglog with an effect a time: a row a person and event time, a column a time.

    Times at which everybody at risk has the event have an effect without end and say nothing; they are left out.
    """
    plain, group = columns_of(frame), groups_of(frame, strata)
    rows, place, happened, number = [], [], [], 0
    for one in np.unique(group):
        mine = frame[group == one]
        for time in np.unique(mine.loc[mine["event"] == 1, "stop"]):
            open_ = mine[(mine["start"] < time) & (mine["stop"] >= time)]
            rises = (open_["stop"] == time) & (open_["event"] == 1)
            if not rises.all():
                rows += [*frame.index.get_indexer(open_.index)]
                place += [number] * len(open_)
                happened += [*rises]
                number += 1
    if not number:
        return None
    x, y, w, width = (
        np.column_stack([plain[rows], np.eye(number)[place]]),
        np.array(happened),
        weight[rows],
        plain.shape[1],
    )

    def each(theta):
        eta = x @ theta
        if link == "logit":
            p = 1 / (1 + np.exp(-eta))
            return np.where(y, np.log(p), np.log1p(-p)), y - p, p * (1 - p), p * (1 - p)
        mu = np.exp(eta)
        p, stay = -np.expm1(-mu), np.exp(-mu)
        seen = np.where(y, -mu * stay * ((1 - mu) * p - mu * stay) / p**2, mu)
        return np.where(y, np.log(p), -mu), np.where(y, mu * stay / p, -mu), seen, mu**2 * stay / p

    def parts(theta):
        value, slope, seen, _ = each(theta)
        return (w * value).sum(), x.T @ (w * slope), (x * (w * seen)[:, None]).T @ x

    share = np.array([np.average(y[x[:, width + k] == 1], weights=w[x[:, width + k] == 1]) for k in range(number)])
    begun = np.log(share / (1 - share)) if link == "logit" else np.log(-np.log1p(-share))
    with np.errstate(all="ignore"):
        theta = climb(np.append(np.zeros(width), begun), parts, width)
        if theta is None:
            return None
        _, slope, _, expected = each(theta)
    scores = x * (w * slope)[:, None]
    assert np.abs(scores.sum(axis=0)).max() < 1e-6
    error = sum_clusters(scores, np.asarray(cluster)[rows], np.linalg.inv((x * (w * expected)[:, None]).T @ x))
    return theta[:width], error[:width]


def fit_efron(frame: pd.DataFrame, strata: tuple[str, ...], weight: np.ndarray, cluster) -> Answer:
    """Fit a Cox model by Efron's likelihood, term by term, with score residuals row by row."""
    x, group = columns_of(frame), groups_of(frame, strata)
    start, stop, event = (frame[name].to_numpy() for name in ("start", "stop", "event"))
    times = [(one, time) for one in np.unique(group) for time in np.unique(stop[(group == one) & (event == 1)])]

    def parts(beta, residuals=None):
        value, score, information = 0.0, np.zeros(x.shape[1]), np.zeros((x.shape[1],) * 2)
        risk = weight * np.exp(x @ beta)
        for one, time in times:
            open_ = (group == one) & (start < time) & (stop >= time)
            rises = open_ & (stop == time) & (event == 1)
            tied = int(rises.sum())
            value += weight[rises] @ (x[rises] @ beta)
            for k in range(tied):
                own = risk * (open_ - k / tied * rises)
                total = own.sum()
                mean = own @ x / total
                share = weight[rises].sum() / tied
                value -= share * np.log(total)
                score += share * (np.average(x[rises], axis=0, weights=weight[rises]) - mean)
                information += share * ((x * own[:, None]).T @ x / total - np.outer(mean, mean))
                if residuals is not None:
                    residuals[rises] += weight[rises, None] * (x[rises] - mean) / tied
                    residuals -= share * (own / total)[:, None] * (x - mean)
        return value, score, information

    with np.errstate(all="ignore"):
        beta = climb(np.zeros(x.shape[1]), parts, x.shape[1])
    if beta is None:
        return None
    residuals = np.zeros(x.shape)
    information = parts(beta, residuals)[2]
    assert np.abs(residuals.sum(axis=0)).max() < 1e-6
    return beta, sum_clusters(residuals, np.asarray(cluster), np.linalg.inv(information))
