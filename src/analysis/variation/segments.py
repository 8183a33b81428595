"""A series before and after a date: a log-linear trend with season, and a level and a slope that change there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import statsmodels.api as sm
from scipy import stats

from analysis.errors import Blocked
from analysis.variation.series import Series
from analysis.words import Message

LEAST = 8  # months with a chance of an event that are needed before, and after for a slope of its own
LAGS = 6  # of errors that hang together
ALIASED = Message("Not assessable: season, trend and what changed cannot be told apart in so few months.")


class Fit(NamedTuple):
    """Coefficients with their covariance and degrees of freedom; the design, its months, and where the change begins.

    The last columns of the design are the change: its level, and its slope if there is one. Counts vary `scatter` times
    as much as by chance alone, at least once.
    """

    found: np.ndarray
    spread: np.ndarray
    freedom: int
    design: np.ndarray
    changes: int
    after: np.ndarray
    scatter: float

    @property
    def p_value(self) -> float:
        """How often a level as far from none comes about by chance."""
        place = len(self.found) - self.changes
        return float(2 * stats.t.sf(abs(self.found[place]) / np.sqrt(self.spread[place, place]), self.freedom))


def in_season(series: Series) -> np.ndarray:
    """Mark the months of which one of the same name ever had an event."""
    season = series.months % 12
    return (np.bincount(season, series.events, 12) > 0)[season] & (series.due > 0)


def fit_change(series: Series, used: np.ndarray, since: int, steps: tuple[int, ...] = ()) -> Fit:
    """Fit the months `used` of a series with a change from month `since` on, and earlier levels from `steps` on.

    Quasi-Poisson; the offset is what was due to those at risk. Errors: the larger of those by Newey and West (corrected
    for the number of coefficients) and of the model's own, with a t distribution of as many degrees of freedom as there
    are calendar years beyond a level and a trend: what is common to a year makes its months one piece. Raises Blocked
    where season and trend cannot be told apart. Source: Bernal, Cummins and Gasparrini (2017), Int. J. Epidemiol.
    46:348-355; Newey and West (1987), Econometrica 55:703-708.
    """
    months, events, due = (values[used] for values in (series.months, series.events, series.due))
    after, season = months >= since, months % 12
    change = [after * 1.0]
    if after.sum() >= LEAST:
        change.append(after * (months - since) / 12)
    names = np.unique(season)
    levels = [(months >= step) * 1.0 for step in steps]
    design = np.column_stack([season[:, None] == names, (months - since) / 12, *levels, *change]).astype(float)
    size, width = design.shape
    if size <= width or np.linalg.matrix_rank(design) < width:
        raise Blocked(ALIASED)
    model = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(due))
    own = model.fit()
    kept = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS, "use_correction": True})
    scatter = max(1.0, own.pearson_chi2 / (size - width))
    spreads = own.cov_params() * scatter, kept.cov_params()
    place = width - len(change)
    spread = max(spreads, key=lambda one: one[place, place])
    freedom = max(len(np.unique(months // 12)) - 2, 1)
    return Fit(own.params, spread, freedom, design, len(change), after, scatter)


def expect(fit: Fit, due: np.ndarray, draws: int = 0, seed: int = 0) -> np.ndarray:
    """Give the events expected of those `due` in the months of the fit had nothing changed; or a row of them a draw."""
    design = fit.design.copy()
    design[:, -fit.changes :] = 0
    values = fit.found[None, :]
    if draws:
        rng = np.random.default_rng(seed)
        off = rng.multivariate_normal(np.zeros(len(fit.found)), fit.spread, draws, method="eigh")
        values = fit.found + off / np.sqrt(rng.chisquare(fit.freedom, (draws, 1)) / fit.freedom)
    return due * np.exp(values @ design.T)


def try_placebos(series: Series, used: np.ndarray, steps: tuple[int, ...] = ()) -> np.ndarray:
    """Give the p-value of a change at each date among the months `used`, all before the true one."""
    months = series.months[used]
    found = []
    for since in months[LEAST : len(months) - LEAST + 1]:
        try:
            found.append(fit_change(series, used, int(since), tuple(step for step in steps if step < since)).p_value)
        except Blocked:
            continue
    return np.array(found)
