"""Checks that should find nothing: starts drawn at random, and promotions that came before the course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.effects.trials.columns import cross, lay_out_columns
from analysis.effects.trials.initiation import LEAST_IN_ARM
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import Part, model_entries
from analysis.effects.trials.specify import join_by
from analysis.survival.likelihoods import Point, maximise, solve


class Placebo(NamedTuple):
    """The difference of those who start from what the model says of them as controls, and of `draws` of placebo starters."""

    estimate: float
    draws: np.ndarray
    p_value: float


class Before(NamedTuple):
    """Log odds ratio of starting for those promoted in the months before, and its standard error."""

    estimate: float
    std_error: float
    promoted: int


def draw_placebos(run: Run, part: Part, horizon: int, *, draws: int = 200, seed: int = 0) -> Placebo:
    """Give starts to others at random, as likely as the model of starting says, and see what difference that makes.

    One step, no refit: a draw's difference is its starters' outcomes less their modelled risks as controls.
    """
    people, place = run.trials.people, part.horizons.index(horizon)
    rows = np.flatnonzero(part.trials[people.trial] & (part.starting.place[run.numbered[0]] >= 0))
    entry = run.numbered[0][rows]
    expected = model_entries(run.cells, run.fit, part)[entry, 0, place]
    left = ((people.event[rows] == 1) & (people.length[rows] <= horizon)) - expected
    mine = people.arm[rows] == 1
    odds = np.where(mine, 0.0, part.starting.share[part.starting.place[entry]])
    odds = odds / (1 - odds)
    rng = np.random.default_rng(seed)
    sums = np.zeros(draws)
    for trial in np.unique(people.trial[rows]):
        inside = np.flatnonzero((people.trial[rows] == trial) & ~mine)
        number = min(int((people.trial[rows] == trial)[mine].sum()), len(inside))
        keys = -rng.standard_exponential((draws, len(inside)), dtype="float32") / np.maximum(odds[inside], 1e-12)
        chosen = np.argpartition(-keys, number - 1, axis=1)[:, :number]
        sums += left[inside][chosen].sum(axis=1)
    found, drawn = float(left[mine].mean()), sums / mine.sum()
    beyond = (np.abs(drawn - drawn.mean()) >= abs(found - drawn.mean())).sum()
    return Placebo(found, drawn, float((beyond + 1) / (draws + 1)))


def look_before(run: Run, part: Part, covariates: Sequence[str], *, months: int = 24) -> Before | None:
    """Compare starters and others by whether they were promoted in the months before the trial, covariates alike.

    The covariates should leave out what counts the time since the last promotion. None where nobody was promoted.
    """
    trials, people = run.trials, run.trials.people
    rises = trials.rows[trials.rows["event"] == 1]
    key = np.sort(rises["person"].to_numpy("int64") << 20 | rises["stop"].to_numpy("int64"))
    begun = trials.months[people.trial].astype("int64")
    own = people.person.astype("int64") << 20
    first, past = (np.searchsorted(key, own | np.maximum(edge, 0), side="right") for edge in (begun - months, begun))
    before = past > first
    rows = np.flatnonzero(part.trials[people.trial] & (begun >= months))
    if not len(rows) or not before[rows].any() or before[rows].all() or not people.arm[rows].any():
        return None
    number = np.column_stack([np.bincount(people.pattern[rows], people.arm[rows] == arm, minlength=len(trials.patterns))
                              for arm in (0, 1)])  # fmt: skip
    joined = {
        name: into for name in covariates if (into := join_by(cross(trials.patterns, name), number, LEAST_IN_ARM))
    }
    columns = lay_out_columns(trials.patterns, covariates, joined)
    trial = (people.trial[rows][:, None] == np.unique(people.trial[rows])).astype("float64")
    x = np.column_stack([before[rows], trial, columns.table[people.pattern[rows]]])
    x = x[:, np.abs(x.T @ np.where(people.arm[rows] == 1, 1.0, 0.0)) > 0]
    best = _logit(x, people.arm[rows].astype("float64"))
    if best is None:
        return None
    beta, inverse = best
    return Before(float(beta[0]), float(np.sqrt(inverse[0, 0])), int((before[rows] & (people.arm[rows] == 1)).sum()))


def _logit(x: np.ndarray, y: np.ndarray):
    def evaluate(beta: np.ndarray) -> Point:
        eta = x @ beta
        p = 1 / (1 + np.exp(-eta))
        information = (x * (p * (1 - p))[:, None]).T @ x
        score = x.T @ (y - p)
        return Point(float(y @ eta - np.logaddexp(0, eta).sum()), score, information, solve(information, score))

    start = np.zeros(x.shape[1])
    best = maximise(evaluate, start, evaluate(start), x.shape[1])
    return None if best.runaway is not None else (best.theta, np.linalg.pinv(best.point.information))
