"""Variance of hazard models that holds when rows of one cluster go together: a second pass over the spells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survival.counts import Counts
from analysis.survival.fit import Fitted, HazardModel, Ties
from analysis.survival.frames import numbers
from analysis.survival.likelihoods import LINKS, risk_parts, sum_stratum, weigh_all
from analysis.survival.patterns import patterns_of
from analysis.survival.risksets import BLOCK, Stratum, stratum_of


@dataclass(frozen=True)
class Spans:
    """Where each row stands: its `pattern`, and the event times of its stratum it lives through, `enter` to `leave`.

    Times of all strata are in one list; `event` marks rows that end in the event (at `leave` - 1).
    """

    pattern: np.ndarray
    enter: np.ndarray
    leave: np.ndarray
    event: np.ndarray
    weight: np.ndarray


Scores = Callable[[Spans, np.ndarray | slice], np.ndarray]


def sandwich(
    frame: pd.DataFrame, counts: Counts, model: HazardModel, fitted: Fitted, weights: str | None, cluster: np.ndarray
) -> np.ndarray:
    """Give the sandwich variance of the coefficients, scores summed within clusters (a number a row of the frame)."""
    spans = find_spans(frame, counts, model, fitted.laid, weights)
    width = 4 * len(fitted.beta)
    if model.form == "cox":
        scores = cox_scores(fitted, model.ties)
    else:
        scores, width = discrete_scores(fitted, model.form), width + 6 * len(fitted.maximum.theta)
    meat = sum_of_squares(scores, spans, cluster, width)
    bread = fitted.covariance * fitted.design.scale
    return bread @ meat @ bread.T


def find_spans(
    frame: pd.DataFrame, counts: Counts, model: HazardModel, laid: Sequence[Stratum], weights: str | None
) -> Spans:
    """Place the rows of a frame among the event times of their strata."""
    pattern = patterns_of(frame, counts.patterns)
    stratum = stratum_of(counts, model.strata)[pattern]
    start, stop = (numbers(frame[name]) for name in ("start", "stop"))
    weight = np.ones(len(frame)) if weights is None else numbers(frame[weights]).astype("float64")
    happened = numbers(frame["event"]) == model.event
    if model.pooled:
        known = np.array([one.place for one in laid])
        enter = np.searchsorted(known, stratum)
        return Spans(pattern, enter, enter + np.isin(stratum, known), happened, weight)
    wide = len(counts.times) + 2

    def key(place: np.ndarray | int, times: np.ndarray) -> np.ndarray:
        return place * wide + np.searchsorted(counts.times, times, "right")

    keys = np.concatenate([key(one.place, one.times) for one in laid])
    end = key(stratum, stop)
    enter, leave = (np.searchsorted(keys, edge, "right") for edge in (key(stratum, start), end))
    laid_out = (leave > enter) & (keys[leave - 1] == end)  # not where everybody at risk has the event: no such time
    return Spans(pattern, enter, leave, happened & laid_out, weight)


def cox_scores(fitted: Fitted, ties: Ties) -> Scores:
    """Give the function of rows to their score residuals of a Cox model, exact for tied times.

    Source: Therneau and Grambsch (2000), Modeling Survival Data, 7.2.
    """
    design, beta = fitted.design, fitted.maximum.theta

    def parts(stratum: Stratum) -> tuple[np.ndarray, ...]:
        s, e, t = sum_stratum(stratum, risk_parts(stratum, design, beta), ties)
        weight = (stratum.tied * stratum.mean_weight)[:, None]

        def less(of_risk: np.ndarray, of_events: np.ndarray) -> np.ndarray:
            return s[:, 1:] * of_risk[:, None] - e[:, 1:] * of_events[:, None]

        return t.a, t.b, less(t.a, t.b) / np.where(weight > 0, weight, 1.0), less(t.q0, t.q1), less(t.q1, t.q2)

    a, b, mean, drift, early = (np.concatenate(one) for one in zip(*map(parts, fitted.laid), strict=True))
    total, total_drift = np.append(0.0, np.cumsum(a)), np.vstack([np.zeros(drift.shape[1]), np.cumsum(drift, axis=0)])

    def scores(spans: Spans, rows: np.ndarray | slice) -> np.ndarray:
        enter, leave = spans.enter[rows], spans.leave[rows]
        x = design.block(spans.pattern[rows])
        risk = np.exp(np.clip(x @ beta, -300, 300))[:, None]
        u = -risk * (x * (total[leave] - total[enter])[:, None] - (total_drift[leave] - total_drift[enter]))
        own = np.flatnonzero(spans.event[rows])
        at = leave[own] - 1
        u[own] += x[own] - mean[at] + risk[own] * (x[own] * b[at, None] - early[at])
        return u * spans.weight[rows, None]

    return scores


def discrete_scores(fitted: Fitted, link: str) -> Scores:
    """Give the function of rows to their scores of a discrete-time hazard, the effects of times taken out."""
    design, columns = fitted.design, len(fitted.beta)
    beta, effects = fitted.maximum.theta[:columns], fitted.maximum.theta[columns:]
    cross, diagonal = np.zeros((columns, len(effects))), np.zeros(len(effects))
    for span, _, _, part in weigh_all(fitted.laid, design, beta, effects, LINKS[link]):
        cross[:, span] += part.cross
        diagonal[span] += part.diagonal
    mean = (cross / diagonal).T

    def scores(spans: Spans, rows: np.ndarray | slice) -> np.ndarray:
        x = design.block(spans.pattern[rows])
        at = np.arange(len(effects))
        row, column = np.nonzero((at >= spans.enter[rows, None]) & (at < spans.leave[rows, None]))
        happened = spans.event[rows][row] & (column == spans.leave[rows][row] - 1)
        eta = (x @ beta)[row] + effects[column]
        slope = LINKS[link](eta, np.ones(len(row)), happened.astype("float64"))[1]
        inside = sparse.csr_array((slope, (row, column)), shape=(len(x), len(effects)))
        return (x * np.bincount(row, slope, minlength=len(x))[:, None] - inside @ mean) * spans.weight[rows, None]

    return scores


def sum_of_squares(scores: Scores, spans: Spans, cluster: np.ndarray, width: int) -> np.ndarray:
    """Sum over clusters the outer product of their summed scores, a block of rows at a time."""
    meat, carried, last = np.zeros((1, 1)), np.zeros(1), -1
    for rows in _blocks(cluster, max(BLOCK // width, 1)):
        u, member = scores(spans, rows), cluster[rows]
        begins = np.flatnonzero(np.append(True, member[1:] != member[:-1]))
        sums = np.add.reduceat(u, begins, axis=0)
        if last == member[0]:
            sums[0] += carried
        else:
            meat = meat + np.outer(carried, carried)
        meat = meat + sums[:-1].T @ sums[:-1]
        carried, last = sums[-1], member[-1]
    return meat + np.outer(carried, carried)


def _blocks(cluster: np.ndarray, size: int) -> Iterator[np.ndarray | slice]:
    order = None if (cluster[1:] >= cluster[:-1]).all() else np.argsort(cluster, kind="stable")
    for first in range(0, len(cluster), size):
        piece = slice(first, first + size)
        yield piece if order is None else order[piece]
