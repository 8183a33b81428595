"""Checks that should find nothing: starts drawn at random, and promotions that came before the course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from analysis.effects.trials.columns import join_levels, lay_out_columns
from analysis.effects.trials.gformula import model_risks
from analysis.effects.trials.initiation import LEAST_IN_ARM
from analysis.effects.trials.itt import Run
from analysis.effects.trials.logit import Separated, climb, logit_likelihood


class Placebo(NamedTuple):
    """How those who start differ from what the model says of them as controls, and so placebo starters (`draws`)."""

    estimate: float
    draws: np.ndarray
    p_value: float


def draw_placebos(run: Run, *, draws: int, seed: int = 0) -> Placebo:
    """Give starts to others at random, as likely as the model of starting says, and see what difference that makes.

    One step, no refit: a draw's difference is its starters' outcomes less their modelled risks as controls.
    """
    people, (part,), (initiation,) = run.trials.people, run.fit.parts, run.fit.initiations
    stratum = initiation.stratum[run.code]
    rows = np.flatnonzero(part.trials[people.trial] & (stratum >= 0))
    expected = model_risks(run.cells, run.fit.hazards, part.people(run.cells), (part.follow,))[run.code[rows], 0, 0]
    left = ((people.event[rows] == 1) & (people.length[rows] <= part.follow)) - expected
    mine, trials = people.arm[rows] == 1, people.trial[rows]
    share = np.where(mine, 0.0, initiation.share(stratum[rows]))
    odds = share / (1 - share)
    rng = np.random.default_rng(seed)
    sums = np.zeros(draws)
    for trial in np.unique(trials):
        inside = np.flatnonzero((trials == trial) & ~mine)
        number = min(int(mine[trials == trial].sum()), len(inside))
        keys = -rng.standard_exponential((draws, len(inside)), dtype="float32") / np.maximum(odds[inside], 1e-12)
        chosen = np.argpartition(-keys, number - 1, axis=1)[:, :number]
        sums += left[inside][chosen].sum(axis=1)
    found, drawn = float(left[mine].mean()), sums / mine.sum()
    beyond = (np.abs(drawn - drawn.mean()) >= abs(found - drawn.mean())).sum()
    return Placebo(found, drawn, float((beyond + 1) / (draws + 1)))


def look_before(run: Run, covariates: Sequence[str], *, months: int = 24) -> tuple[float, float]:
    """Compare starters and others by whether they were promoted in the months before the trial, covariates alike.

    Gives the log odds ratio of starting and its standard error, scores summed by person; NaN where in an arm nobody, or
    everybody, was promoted. The covariates should leave out what counts the time since the last promotion.
    """
    trials, people, (part,) = run.trials, run.trials.people, run.fit.parts
    rises = trials.rows[trials.rows["event"] == 1]
    key = np.sort(rises["person"].to_numpy("int64") << 20 | rises["stop"].to_numpy("int64"))
    begun, own = trials.months[people.trial].astype("int64"), people.person.astype("int64") << 20
    first, past = (np.searchsorted(key, own | np.maximum(edge, 0), side="right") for edge in (begun - months, begun))
    rows = np.flatnonzero(part.trials[people.trial] & (begun >= months))
    before, arm, pattern = (past > first)[rows], people.arm[rows].astype("float64"), people.pattern[rows]
    sides = [before[arm == one] for one in (0, 1)]
    if not all(len(one) and one.any() and not one.all() for one in sides):  # such an arm has no odds
        return np.nan, np.nan
    number = [np.bincount(pattern, arm == one, minlength=len(trials.patterns)) for one in (0, 1)]
    joined = join_levels(trials.patterns, covariates, np.column_stack(number), LEAST_IN_ARM)
    columns = lay_out_columns(trials.patterns, covariates, joined)
    trial = people.trial[rows][:, None] == np.unique(people.trial[rows])
    x = np.column_stack([before, trial, columns.table[pattern]]).astype("float64")
    x = x[:, np.abs(x.T @ arm) > 0]
    try:
        best = climb(logit_likelihood(x, arm, np.ones(len(arm))), np.zeros(x.shape[1]), [""] * x.shape[1])
    except Separated:
        return np.nan, np.nan
    score = (arm - expit(x @ best.theta)) * (x @ np.linalg.pinv(best.point.information)[0])
    return float(best.theta[0]), float(np.linalg.norm(np.bincount(people.person[rows], score)))
