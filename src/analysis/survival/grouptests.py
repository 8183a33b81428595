"""Tests that curves of groups are the same: log-rank of hazards, Gray's of cumulative incidences, in strata too.

Both take numbers at risk and events by group at common times: `at_risk` (groups x T) and `events` by code alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from analysis.survival.steps import after_tie


class GroupCounts(NamedTuple):
    """Numbers at risk and events by code (groups x T) of one stratum."""

    at_risk: np.ndarray
    events: Mapping[int, np.ndarray]


def log_rank(strata: Iterable[GroupCounts], code: int) -> dict[str, float]:
    """Test that groups have the same hazard of one event. Source: Mantel (1966), Cancer Chemother. Rep. 50:163-170."""
    score, variance = np.zeros(1), np.zeros((1, 1))
    for at_risk, events in strata:
        number = events[code]
        n, d = at_risk.sum(axis=0), number.sum(axis=0)
        share = at_risk / np.maximum(n, 1e-300)
        score = score + (number - share * d).sum(axis=1)
        spread = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1e-300), 0.0)
        variance = variance + np.diag(share @ spread) - (share * spread) @ share.T
    return _compare(score, variance)


def gray(strata: Iterable[GroupCounts], code: int) -> dict[str, float]:
    """Test that groups have the same cumulative incidence of an event. Source: Gray (1988), Ann. Stat. 16:1141-1154."""
    score, variance = np.zeros(1), np.zeros((1, 1))
    for at_risk, events in strata:
        others = sum((number for kind, number in events.items() if kind != code), np.zeros(at_risk.shape))
        part = _gray_stratum(at_risk, events[code], others)
        score, variance = score + part[0], variance + part[1]
    return _compare(score, variance)


def _compare(score: np.ndarray, variance: np.ndarray) -> dict[str, float]:
    """Give the chi-squared statistic of a score, one group left out, and its p value."""
    used = np.flatnonzero(np.diag(variance) > 0)[:-1]
    if not len(used):
        return {"statistic": np.nan, "p_value": np.nan}
    inverse = np.linalg.pinv(variance[np.ix_(used, used)], rcond=1e-10)
    statistic = float(score[used] @ inverse @ score[used])
    return {"statistic": statistic, "p_value": float(chdtrc(len(used), statistic))}


def _gray_stratum(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray):
    """Score and variance in the notation of Gray (1988): h = Y/S of a group, R = h(1 - F)."""
    groups, length = at_risk.shape
    stay, incidence, pooled = np.ones(groups), np.zeros(groups), 0.0
    score = np.zeros(groups)
    past, variance = np.zeros((groups, groups)), np.zeros((groups, groups))
    mixed, squares = np.zeros((groups, groups)), np.zeros(groups)
    for t in range(length):
        y, d1, d2 = at_risk[:, t], events[:, t], others[:, t]
        open_ = y > 0
        if not (d1 + d2).any():
            continue
        safe = np.where(open_, y, 1.0)
        after = np.where(open_, stay * (safe - d1 - d2) / safe, stay)
        after[after < 1e-14] = 0.0
        h = np.where(open_ & (stay > 0), y / np.where(stay > 0, stay, 1.0), 0.0)
        risk = h * (1 - incidence)
        n1, total = d1.sum(), h.sum()
        later = pooled + n1 / total
        move = np.diag(h) - np.outer(h, h) / total
        past += move * n1 / (total * (1 - pooled))
        score += np.where(open_, d1 - n1 * risk / risk.sum(), 0.0)
        left = np.where(after > 0, (1 - later) / np.where(after > 0, after, 1.0), 0.0)
        if n1 > 0:
            weight = np.where(open_, after_tie(n1, total * stay) * stay * n1 / (total * safe), 0.0)
            one = 1 - left
            part = move - past * one
            variance += (part * weight) @ part.T
            mixed += part * (one * weight)
            squares += one * one * weight
        hit = (after > 0) & (d2 > 0)
        weight = np.where(hit, after_tie(d2, safe) * (stay / safe) ** 2 * d2, 0.0)
        variance += (past * (left**2 * weight)) @ past.T
        mixed -= past * (left**2 * weight)
        squares += left**2 * weight
        incidence = incidence + np.where(open_, stay * d1 / safe, 0.0)
        stay, pooled = after, later
    cross = past @ mixed.T
    return score, variance + (past * squares) @ past.T + cross + cross.T
