"""Variance of hazard models that holds when rows of one cluster go together: a second pass over the spells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survival.counts import Counts
from analysis.survival.design import Design
from analysis.survival.frames import numbers
from analysis.survival.likelihoods import LINKS, risk_parts, sum_stratum, weigh_cells
from analysis.survival.patterns import code_column, number_patterns
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


def find_spans(frame: pd.DataFrame, counts: Counts, strata: Sequence[str], laid: Sequence[Stratum], *, event: int,
               weights: str | None, pooled: bool) -> Spans:  # fmt: skip
    """Place the rows of a frame among the event times of their strata."""
    pattern = number_patterns({name: code_column(frame[name]) for name in counts.patterns}, len(frame))[1]
    stratum = stratum_of(counts, strata)[pattern]
    start, stop = (numbers(frame[name]) for name in ("start", "stop"))
    weight = np.ones(len(frame)) if weights is None else numbers(frame[weights]).astype("float64")
    happened = numbers(frame["event"]) == event
    if pooled:
        known = np.array([one.place for one in laid])
        enter = np.searchsorted(known, stratum)
        return Spans(pattern, enter, enter + np.isin(stratum, known), happened, weight)
    wide = len(counts.times) + 2
    keys = np.concatenate([one.place * wide + np.searchsorted(counts.times, one.times, "right") for one in laid])
    enter = np.searchsorted(keys, stratum * wide + np.searchsorted(counts.times, start, "right"), "right")
    leave = np.searchsorted(keys, stratum * wide + np.searchsorted(counts.times, stop, "right"), "right")
    return Spans(pattern, enter, leave, happened, weight)


def cox_scores(laid: Sequence[Stratum], design: Design, beta: np.ndarray, ties: str) -> Callable:
    """Give the function of rows to their score residuals of a Cox model, exact for tied times.

    Source: Therneau and Grambsch (2000), Modeling Survival Data, 7.2.
    """
    sums = [(stratum, sum_stratum(stratum, risk_parts(stratum, design, beta), ties)) for stratum in laid]
    a, b, mean, drift, early = ([] for _ in range(5))
    for stratum, one in sums:
        s1, e1, t = one.s[:, 1:], one.e[:, 1:], one.ties
        weight = (stratum.tied * stratum.mean_weight)[:, None]
        a.append(t.a)
        b.append(t.b)
        mean.append((s1 * t.a[:, None] - e1 * t.b[:, None]) / np.where(weight > 0, weight, 1.0))
        drift.append(s1 * t.q0[:, None] - e1 * t.q1[:, None])
        early.append(s1 * t.q1[:, None] - e1 * t.q2[:, None])
    a, b, mean, drift, early = (np.concatenate(parts) for parts in (a, b, mean, drift, early))
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


def discrete_scores(laid: Sequence[Stratum], design: Design, theta: np.ndarray, link: str) -> Callable:
    """Give the function of rows to their scores of a discrete-time hazard, the effects of times taken out."""
    columns = len(design.terms)
    beta, effects = theta[:columns], theta[columns:]
    cross, diagonal = np.zeros((columns, len(effects))), np.zeros(len(effects))
    place = 0
    for stratum in laid:
        span = slice(place, place + len(stratum.times))
        for _, _, part in weigh_cells(stratum, design, beta, effects[span], link):
            cross[:, span] += part.cross
            diagonal[span] += part.diagonal
        place = span.stop
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


def sum_of_squares(scores: Callable, spans: Spans, cluster: np.ndarray, width: int) -> np.ndarray:
    """Sum over clusters the outer product of their summed scores, a block of rows at a time."""
    meat, carried, last = 0.0, None, None
    for rows in _blocks(cluster, max(BLOCK // width, 1)):
        u, member = scores(spans, rows), cluster[rows]
        begins = np.flatnonzero(np.append(True, member[1:] != member[:-1]))
        sums = np.add.reduceat(u, begins, axis=0)
        if carried is not None and last == member[0]:
            sums[0] += carried
        elif carried is not None:
            meat = meat + np.outer(carried, carried)
        meat = meat + sums[:-1].T @ sums[:-1]
        carried, last = sums[-1], member[-1]
    return meat + np.outer(carried, carried)


def _blocks(cluster: np.ndarray, size: int) -> Iterator[np.ndarray | slice]:
    order = None if (cluster[1:] >= cluster[:-1]).all() else np.argsort(cluster, kind="stable")
    for first in range(0, len(cluster), size):
        piece = slice(first, first + size)
        yield piece if order is None else order[piece]
