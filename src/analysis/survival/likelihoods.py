"""Likelihoods of hazard models from counts: Cox (Efron, Breslow), and logit and cloglog with an effect a time.

None builds the table of (patterns x times) rows by columns: a linear predictor is a number a pattern plus one a time,
so gradient and information come from sums over times of patterns and over patterns of times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.survival.design import Design
from analysis.survival.risksets import Block, Cells, Stratum

CLOSE = 1e-7
FAR = 25.0


@dataclass(frozen=True)
class Point:
    """A likelihood at some parameters: the columns' `score` and `information`, times' effects taken out of both.

    `step` is the Newton step of all parameters: columns first, then effects of times, if any.
    """

    loglik: float
    score: np.ndarray
    information: np.ndarray
    step: np.ndarray


@dataclass(frozen=True)
class Maximum:
    """Where Newton steps ended: parameters, the likelihood there and at the start, or the column that ran away."""

    theta: np.ndarray
    point: Point
    start: Point
    steps: int
    runaway: int | None = None


def maximise(evaluate: Callable[[np.ndarray], Point], theta: np.ndarray, start: Point, columns: int) -> Maximum:
    """Climb from `start` by Newton steps, halved where they overshoot, until a step is too small to matter."""
    point = start
    for count in range(40):
        step = point.step
        if np.abs(step).max(initial=0) < CLOSE:
            return Maximum(theta + step, point, start, count)
        for _ in range(30):
            tried = evaluate(theta + step)
            if np.isfinite(tried.loglik) and tried.loglik >= point.loglik - 1e-9 * (1 + abs(point.loglik)):
                break
            step = step / 2
        theta, point = theta + step, tried
        size = np.abs(theta[:columns])
        if not np.isfinite(point.step).all() or size.max(initial=0) > FAR:
            return Maximum(theta, point, start, count, int(np.argmax(size)))
    return Maximum(theta, point, start, 40, int(np.argmax(np.abs(point.step[:columns]))) if columns else 0)


def solve(information: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Give the Newton step; not a number where the information is singular."""
    try:
        return np.linalg.solve(information, score)
    except np.linalg.LinAlgError:
        return np.full(len(score), np.nan)


class TieSums(NamedTuple):
    """Sums over the tied events of each time (T): of 1/L, c/L, 1/L^2, c/L^2, c^2/L^2 and log L, times mean weight.

    `L = S0 - c E0` is what is left of the risk set after a share `c` of the tied events (0 with Breslow).
    """

    a: np.ndarray
    b: np.ndarray
    q0: np.ndarray
    q1: np.ndarray
    q2: np.ndarray
    log: np.ndarray


def sum_ties(stratum: Stratum, s0: np.ndarray, e0: np.ndarray, ties: str, gain: np.ndarray | None = None) -> TieSums:
    """Sum over tied events at each time; `gain` multiplies the sums of a time."""
    tied, weight = stratum.tied, stratum.mean_weight if gain is None else stratum.mean_weight * gain
    if ties == "breslow" or tied.max() == 1:
        none, a = np.zeros(len(tied)), tied / s0
        return TieSums(a * weight, none, a / s0 * weight, none, none, tied * np.log(s0) * weight)
    ends = np.cumsum(tied)
    begins = ends - tied
    share = (np.arange(ends[-1]) - np.repeat(begins, tied)) / np.repeat(tied, tied)
    left = np.repeat(s0, tied) - share * np.repeat(e0, tied)
    inverse = 1 / left
    low = share * inverse

    def over(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, begins) * weight

    return TieSums(
        over(inverse), over(low), over(inverse * inverse), over(low * inverse), over(low * low), over(np.log(left))
    )


class CoxSums(NamedTuple):
    """Sums of one stratum at some coefficients: over those at risk (s) and those with events (e), T x (1 + columns)."""

    s: np.ndarray
    e: np.ndarray
    ties: TieSums


def sum_stratum(stratum: Stratum, parts: Sequence[tuple], ties: str, gain: np.ndarray | None = None) -> CoxSums:
    """Sum risks, and risks times columns, over the risk set and over the events of each time."""
    s = sum(block.total(risks) for block, _, risks in parts)
    e = sum(block.events.T @ risks for block, _, risks in parts)
    return CoxSums(s, e, sum_ties(stratum, s[:, 0], e[:, 0], ties, gain))


def risk_parts(stratum: Stratum, design: Design, beta: np.ndarray) -> list[tuple[Block, np.ndarray, np.ndarray]]:
    """Give each block with its columns and [risk, risk x columns]."""
    parts = []
    for block in stratum.blocks:
        x = design.block(block.rows)
        risk = np.exp(np.clip(x @ beta, -300, 300))
        risks = np.empty((len(x), x.shape[1] + 1))
        risks[:, 0] = risk
        np.multiply(x, risk[:, None], out=risks[:, 1:])
        parts.append((block, x, risks))
    return parts


def cox(strata: Sequence[Stratum], design: Design, ties: str, gains: Sequence[np.ndarray | None] | None = None):
    """Give the Cox log partial likelihood as a function of the coefficients; `gains` weigh the times of each stratum.

    Source: Efron (1977), J. Am. Stat. Assoc. 72:557-565.
    """
    columns = len(design.terms)
    each: Sequence[np.ndarray | None] = gains or [None] * len(strata)

    def evaluate(beta: np.ndarray) -> Point:
        loglik, score, information = 0.0, np.zeros(columns), np.zeros((columns, columns))
        for stratum, gain in zip(strata, each, strict=True):
            part = _cox_stratum(stratum, design, beta, ties, gain)
            loglik, score, information = loglik + part[0], score + part[1], information + part[2]
        return Point(loglik, score, information, solve(information, score))

    return evaluate


def _cox_stratum(stratum: Stratum, design: Design, beta: np.ndarray, ties: str, gain: np.ndarray | None):
    parts = risk_parts(stratum, design, beta)
    s, e, t = sum_stratum(stratum, parts, ties, gain)
    s1, e1 = s[:, 1:], e[:, 1:]
    loglik, score = -t.log.sum(), -(t.a @ s1 - t.b @ e1)
    cross = s1.T @ (t.q1[:, None] * e1)
    information = cross + cross.T - s1.T @ (t.q0[:, None] * s1) - e1.T @ (t.q2[:, None] * e1)
    for block, x, risks in parts:
        number = np.asarray(block.events.sum(axis=1)).ravel() if gain is None else block.events @ gain
        loglik += number @ (x @ beta)
        score += number @ x
        information += x.T @ (risks[:, 1:] * (block.spread(t.a) - block.events @ t.b)[:, None])
    return loglik, score, information


def _logit(eta: np.ndarray, at_risk: np.ndarray, events: np.ndarray):
    small = np.exp(-np.abs(eta))
    p = np.where(eta >= 0, 1.0, small) / (1 + small)
    mean = at_risk * p
    loglik = events @ eta - at_risk @ (np.maximum(eta, 0) + np.log1p(small))
    return float(loglik), events - mean, mean * (1 - p), p


def _complementary(eta: np.ndarray) -> tuple[np.ndarray, ...]:
    mu = np.exp(np.clip(eta, -700, 700))
    p = -np.expm1(-mu)
    return mu, p, np.where(p > 0, mu / np.maximum(p, 1e-300), 1.0)


def _cloglog(eta: np.ndarray, at_risk: np.ndarray, events: np.ndarray):
    mu, p, ratio = _complementary(eta)
    loglik = events @ np.log(np.maximum(p, 1e-300)) - (at_risk - events) @ mu
    return float(loglik), events * ratio - at_risk * mu, at_risk * mu * ratio * np.exp(-mu), p


def _cloglog_seen(eta: np.ndarray, at_risk: np.ndarray, events: np.ndarray):
    """Weigh cells by the slope of what was seen: scoring steps overshoot where events are few, and may never settle."""
    loglik, slope, _, p = _cloglog(eta, at_risk, events)
    mu, _, ratio = _complementary(eta)
    return loglik, slope, at_risk * mu - events * ratio * (1 - ratio * np.exp(-mu)), p


LINKS = {"logit": _logit, "cloglog": _cloglog}  # weights are expected information
SEEN = LINKS | {"cloglog": _cloglog_seen}  # and here observed, for the steps


def first_effects(strata: Sequence[Stratum], link: str) -> np.ndarray:
    """Give the effects of times where no covariate matters."""
    p = np.concatenate([one.tied * one.mean_weight / one.at_risk() for one in strata])
    return np.log(p / (1 - p)) if link == "logit" else np.log(-np.log1p(-p))


def discrete(strata: Sequence[Stratum], design: Design, link: str, links: Mapping[str, Callable] = LINKS):
    """Give the log likelihood of a discrete-time hazard as a function of coefficients and effects of times.

    The step takes the effects of times out by a Schur complement, as their information is diagonal.
    """
    columns = len(design.terms)

    def evaluate(theta: np.ndarray) -> Point:
        beta, effects = theta[:columns], theta[columns:]
        loglik, score, times_score = 0.0, np.zeros(columns), np.zeros(len(effects))
        inner, cross, diagonal = np.zeros((columns, columns)), np.zeros((columns, len(effects))), np.zeros(len(effects))
        for span, x, cells, part in weigh_all(strata, design, beta, effects, links[link]):
            loglik += part.loglik
            score += np.bincount(cells.row, part.slope, minlength=len(x)) @ x
            times_score[span] += np.bincount(cells.column, part.slope, minlength=len(part.diagonal))
            inner += x.T @ (x * np.bincount(cells.row, part.weight, minlength=len(x))[:, None])
            cross[:, span] += part.cross
            diagonal[span] += part.diagonal
        share = cross / diagonal
        score -= share @ times_score
        information = inner - share @ cross.T
        step = solve(information, score)
        return Point(loglik, score, information, np.append(step, times_score / diagonal - share.T @ step))

    return evaluate


class Weighed(NamedTuple):
    """A block at some parameters: log likelihood, its slope and weight a cell, weights by column and time, by time."""

    loglik: float
    slope: np.ndarray
    weight: np.ndarray
    cross: np.ndarray
    diagonal: np.ndarray


def weigh_all(
    strata: Sequence[Stratum], design: Design, beta: np.ndarray, effects: np.ndarray, link: Callable
) -> Iterator[tuple[slice, np.ndarray, Cells, Weighed]]:
    """Give, block by block, the place of its times among all, its columns, its cells and what these add."""
    first = 0
    for stratum in strata:
        width = len(stratum.times)
        span = slice(first, first + width)
        for block in stratum.blocks:
            x, cells = design.block(block.rows), block.cells()
            eta = (x @ beta)[cells.row] + effects[span][cells.column]
            loglik, slope, weight, _ = link(eta, cells.at_risk, cells.events)
            table = sparse.csr_array((weight, cells.column, cells.ends), shape=(len(x), width))
            diagonal = np.bincount(cells.column, weight, minlength=width)
            yield span, x, cells, Weighed(loglik, slope, weight, (table.T @ x).T, diagonal)
        first += width
