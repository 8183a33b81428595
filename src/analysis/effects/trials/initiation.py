"""Weighting by the chance of starting, and its union with the outcome model, from counts of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import cross, lay_out_columns
from analysis.effects.trials.specify import join_by
from analysis.survival.likelihoods import Point, maximise, solve

LEAST_IN_ARM = 5


@dataclass(frozen=True, eq=False)
class Starting:
    """The chance of starting of everyone eligible: `share` by stratum (trial and pattern), and the model behind it.

    `trial`, `pattern`, `number` and `starters` by stratum; `place` the stratum of each entry (-1: not in these trials);
    `beta` of `names`; `table` the columns by stratum.
    """

    trial: np.ndarray
    pattern: np.ndarray
    number: np.ndarray
    starters: np.ndarray
    place: np.ndarray
    share: np.ndarray
    beta: np.ndarray
    names: tuple[str, ...]
    table: np.ndarray


def lay_out_starting(cells: Cells, trials: np.ndarray, covariates: Sequence[str]) -> Starting:
    """Lay out who could start in some trials (flags), by trial and pattern, with the columns of the model.

    Trials in which nobody starts, or everybody, say nothing about the chance of it and are left out.
    """
    both = [np.bincount(cells.trial, cells.at_risk[:, 0] * (cells.arm == arm), minlength=len(trials)) for arm in (0, 1)]
    trials = trials & (both[0] > 0) & (both[1] > 0)
    kept = np.flatnonzero(trials[cells.trial])
    key = cells.trial[kept] * len(cells.patterns) + cells.pattern[kept]
    used, code = np.unique(key, return_inverse=True)
    place = np.full(len(cells.trial), -1)
    place[kept] = code
    trial, pattern = np.divmod(used, len(cells.patterns))
    number, starters = _tally(cells, place, len(used))
    sides = [np.bincount(pattern, one, minlength=len(cells.patterns)) for one in (starters, number - starters)]
    joined = {
        name: into
        for name in covariates
        if (into := join_by(cross(cells.patterns, name), np.column_stack(sides), LEAST_IN_ARM))
    }
    columns = lay_out_columns(cells.patterns, covariates, joined)
    begun = trial[:, None] == np.unique(trial)
    table = np.column_stack([begun.astype("float64"), columns.table[pattern]])
    names = (*(f"trial {cells.months[one]}" for one in np.unique(trial)), *columns.names)
    return Starting(trial, pattern, number, starters, place, np.zeros(0), np.zeros(table.shape[1]), names, table)


def _tally(cells: Cells, place: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    inside = place >= 0
    number = np.bincount(place[inside], cells.at_risk[inside, 0], minlength=size)
    mine = inside & (cells.arm == 1)
    return number, np.bincount(place[mine], cells.at_risk[mine, 0], minlength=size)


def fit_starting(one: Starting) -> Starting | str:
    """Fit the chance of starting, or name the column that runs away."""
    beta = np.zeros(len(one.names))
    trials = np.array([k for k, name in enumerate(one.names) if name.startswith("trial ")])
    share = one.table[:, trials].T @ one.starters / (one.table[:, trials].T @ one.number)
    beta[trials] = np.log(share / (1 - share))
    best = maximise(lambda at: _likelihood(one, at), beta, _likelihood(one, beta), len(beta))
    if best.runaway is not None:
        own = np.array([not name.startswith("trial ") for name in one.names])
        return one.names[int(np.argmax(np.abs(best.theta) * own)) if own.any() else best.runaway]
    return _at(one, best.theta)


def step_starting(one: Starting, steps: int = 2) -> Starting:
    """Take some Newton steps from where a fit stands, on the numbers that it now has."""
    beta = one.beta
    for _ in range(steps):
        beta = beta + _likelihood(one, beta).step
    return _at(one, beta)


def _likelihood(one: Starting, beta: np.ndarray) -> Point:
    eta = one.table @ beta
    p = 1 / (1 + np.exp(-eta))
    loglik = one.starters @ eta - one.number @ np.logaddexp(0, eta)
    score = one.table.T @ (one.starters - one.number * p)
    information = (one.table * (one.number * p * (1 - p))[:, None]).T @ one.table
    return Point(float(loglik), score, information, solve(information, score))


def _at(one: Starting, beta: np.ndarray) -> Starting:
    return replace(one, beta=beta, share=1 / (1 + np.exp(-one.table @ beta)))


def recount(one: Starting, cells: Cells) -> Starting:
    """Give the same model with the numbers of other counts over the same entries."""
    number, starters = _tally(cells, one.place, len(one.number))
    return replace(one, number=number, starters=starters)


def weigh_entries(one: Starting, cells: Cells, population: int | None = None) -> np.ndarray:
    """Weights of entries that make both arms like everyone eligible, or (1) like those who start; 0 outside."""
    share = np.where(one.place >= 0, one.share[one.place], 0.5)
    own = np.where(cells.arm == 1, share, 1 - share)
    target = share if population == 1 else 1.0
    return np.where(one.place >= 0, target / own, 0.0)


def weighted_risks(cells: Cells, weight: np.ndarray, horizons: Sequence[int]) -> np.ndarray:
    """Cumulative incidences of the outcome in each arm from weighted counts (2 x horizons).

    Source: Aalen and Johansen (1978), Scand. J. Stat. 5:141-150, weighted.
    """
    found = np.zeros((2, len(horizons)))
    for arm in (0, 1):
        own = weight * (cells.arm == arm)
        at_risk, rises, exits = (own @ table for table in (cells.at_risk, cells.events[1], cells.events[2]))
        safe = np.where(at_risk > 0, at_risk, 1.0)
        staying = np.cumprod(1 - (rises + exits) / safe)
        before = np.append(1.0, staying[:-1])
        found[arm] = np.cumsum(before * rises / safe)[np.asarray(horizons) - 1]
    return found


def joined_risks(
    cells: Cells, weight: np.ndarray, modelled: np.ndarray, horizons: Sequence[int], population: int | None = None
) -> np.ndarray:
    """Risks in each arm that hold if either the outcome model or the chance of starting is right (2 x horizons).

    `modelled` is the risk by entry, arm and horizon (E x 2 x horizons), of the entries with a weight. Nobody may be lost
    before a horizon. Source: Robins, Rotnitzky and Zhao (1994), J. Am. Stat. Assoc. 89:846-866, weights normalised.
    """
    number = cells.at_risk[:, 0].astype("float64")
    inside = weight > 0
    base = number * inside * (1.0 if population is None else cells.arm == population)
    happened = np.cumsum(cells.events[1], axis=1)[:, np.asarray(horizons) - 1]
    found = np.zeros((2, len(horizons)))
    for arm in (0, 1):
        own = weight * (cells.arm == arm)
        mean = base @ modelled[:, arm] / base.sum()
        left = own @ (happened - number[:, None] * modelled[:, arm]) / (own @ number)
        found[arm] = mean + left
    return found


def losses(cells: Cells, trials: np.ndarray, horizon: int) -> float:
    """Count person-trials that end before a horizon with no event, in trials that could be followed that long."""
    rows = trials[cells.trial]
    ended = cells.at_risk[rows, 0].sum() - sum(cells.events[code][rows, :horizon].sum() for code in (1, 2))
    at_end = cells.at_risk[rows, horizon - 1] - sum(cells.events[code][rows, horizon - 1] for code in (1, 2))
    return float(ended - at_end.sum())


def share_table(one: Starting, bins: int = 20) -> pd.DataFrame:
    """Person-trials of each arm by their chance of starting, for a look at overlap."""
    edges = np.linspace(0, max(one.share.max(), 1e-9), bins + 1)
    place = np.clip(np.searchsorted(edges, one.share, side="right") - 1, 0, bins - 1)
    controls = one.number - one.starters
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "starters": np.bincount(place, one.starters, minlength=bins),
                         "controls": np.bincount(place, controls, minlength=bins)})  # fmt: skip


def effective_sizes(cells: Cells, weight: np.ndarray) -> pd.DataFrame:
    """Person-trials by arm, and how many unweighted ones their weights are worth (Kish)."""
    number = cells.at_risk[:, 0].astype("float64")
    rows = []
    for arm in (0, 1):
        own = number * (cells.arm == arm) * (weight > 0)
        total = own @ weight
        rows.append({"arm": arm, "person_trials": own.sum(), "effective": total**2 / (own @ weight**2),
                     "largest": weight[own > 0].max(), "smallest": weight[own > 0].min()})  # fmt: skip
    return pd.DataFrame(rows)
