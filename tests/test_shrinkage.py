"""Ratios drawn towards all: by moments, by likelihood, and with intervals that hold what is true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.shrinkage import SHAPES, draw_ratios, fit_spread, posterior, shape_by_moments


def test_moments_shrink_wholly_where_nothing_differs():
    """Protects: no spread beyond chance, no one apart."""
    due = np.array([10.0, 10, 10])
    assert np.isinf(shape_by_moments(due, due, due))
    due = np.array([14.0, 14, 14])
    assert shape_by_moments(np.array([2.0, 10, 30]), due, due) < 10


def test_the_likelihood_is_that_of_the_negative_binomial():
    """Protects: the shape. No other on the grid, at its own centre, is more likely by scipy's own distribution."""
    seen, due = np.array([2.0, 9, 14, 30]), np.array([8.0, 10, 12, 14])
    fit = fit_spread(seen, due)

    def height(place: int) -> float:
        shape, mean = SHAPES[place, 0], fit.centres[place, 0] * due
        return stats.nbinom.logpmf(seen, shape, shape / (shape + mean)).sum()

    heights = np.array([height(place) for place in range(1, len(SHAPES), 7)])
    assert height(fit.best) >= heights.max() - 1e-6
    assert fit.low < fit.value < fit.high and fit.value == pytest.approx(SHAPES[fit.best, 0] ** -0.5)


def test_nothing_differs_where_all_are_as_expected():
    """Protects: zero is a spread that can be found."""
    due = np.full(20, 30.0)
    fit = fit_spread(due, due)
    assert fit.value == 0 and fit.low == 0 and fit.high < 0.2


def test_a_planted_spread_and_its_ratios_are_found():
    """Protects: in 60 draws of forty units the spread on average, and its units in 93 to 97 percent of intervals."""
    rng, found, held = np.random.default_rng(5), [], []
    for seed in range(60):
        due = rng.choice([6.0, 20, 90], 40)
        true = rng.gamma(16, 1 / 16, 40)
        seen = rng.poisson(true * due).astype(float)
        fit = fit_spread(seen, due)
        low, high = np.quantile(draw_ratios(seen, due, fit, 800, seed), [0.025, 0.975], axis=0)
        found.append(fit.value)
        held.append(((low <= true) & (true <= high)).mean())
    assert np.mean(found) == pytest.approx(0.25, rel=0.1) and 0.93 <= np.mean(held) <= 0.97


def test_a_small_unit_is_drawn_further():
    """Protects: twice as many as expected means little where one was expected."""
    mean, low, high = posterior(np.array([2.0, 200]), np.array([1.0, 100]), 16.0)
    assert mean == pytest.approx([18 / 17, 216 / 116]) and low[0] < 1 < high[0] and low[1] > 1.5
