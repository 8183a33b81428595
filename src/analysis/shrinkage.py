"""Ratios of seen to expected counts, drawn towards what all are like: gamma-Poisson, by moments or by likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special, stats

LEVEL = 0.95
SPREADS = np.linspace(0.002, 1.5, 750)  # of true ratios: standard deviations tried
SHAPES = 1 / SPREADS[:, None] ** 2
ROUNDS = 40  # in which the centre settles


class Spread(NamedTuple):
    """How far true ratios lie apart: their standard deviation with its interval, and its best place in `SHAPES`.

    `centres` are the best means of true ratios of each shape, `chances` how probable each shape is.
    """

    value: float
    low: float
    high: float
    best: int
    centres: np.ndarray
    chances: np.ndarray


def shape_by_moments(seen: np.ndarray, due: np.ndarray, variance: np.ndarray) -> float:
    """Give the shape of the gamma distribution of true ratios around 1, by moments; infinite where all are alike."""
    spread = ((seen - due) ** 2 - variance).sum() / max((due**2).sum(), 1e-9)
    return np.inf if spread <= 0 else float(1 / spread)


def fit_spread(seen: np.ndarray, due: np.ndarray) -> Spread:
    """Fit the gamma distribution of true ratios by the likelihood of `seen` (negative binomial) given `due`.

    The spread is 1 / sqrt(shape), its interval by profile likelihood: 0 is its lower end where alike is not refused.
    """
    centre = np.ones_like(SHAPES)
    for _ in range(ROUNDS):
        centre = seen.sum() / ((seen + SHAPES) * due / (SHAPES + centre * due)).sum(axis=1, keepdims=True)
    mean = centre * due
    parts = special.gammaln(SHAPES + seen) - special.gammaln(SHAPES) - SHAPES * np.log1p(mean / SHAPES)
    height = (parts + special.xlogy(seen, mean / (SHAPES + mean))).sum(axis=1)
    best, chances = int(height.argmax()), np.exp(height - height.max())
    near = SPREADS[-2 * np.log(chances) <= stats.chi2.ppf(LEVEL, 1)]
    low, value = (0.0 if one == SPREADS[0] else float(one) for one in (near[0], SPREADS[best]))
    return Spread(value, low, float(near[-1]), best, centre, chances / chances.sum())


def draw_ratios(
    seen: np.ndarray, due: np.ndarray, fit: Spread, draws: int, seed: int, unsure: np.ndarray | float = 0.0
) -> np.ndarray:
    """Draw true ratios given what was seen, a row a draw.

    The spread and the centre of all are uncertain themselves and drawn as well, and so is what is `due` where the
    variance of its logarithm is given in `unsure`.
    """
    rng = np.random.default_rng(seed)
    place = rng.choice(len(SHAPES), draws, p=fit.chances)
    shape, mean = SHAPES[place], fit.centres[place] * due
    known = (mean * shape / (shape + mean)).sum(axis=1, keepdims=True)
    centre = fit.centres[place] * np.exp(rng.standard_normal((draws, 1)) / np.sqrt(known))
    off = np.exp(rng.standard_normal((draws, len(seen))) * np.sqrt(unsure))
    return rng.gamma(shape + seen, 1 / (shape / centre + due)) * off


def posterior(seen: np.ndarray, due: np.ndarray, shape: float, centre: float = 1.0) -> np.ndarray:
    """Give the mean of true ratios given what was seen, and beneath it the ends of their interval."""
    alpha, beta = shape + seen, shape / centre + due
    ends = stats.gamma.ppf(np.array([[(1 - LEVEL) / 2], [(1 + LEVEL) / 2]]), alpha, scale=1 / beta)
    return np.vstack([alpha / beta, ends])
