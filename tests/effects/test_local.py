"""Local polynomials: what they must give exactly, whatever the data."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.effects import local


def test_a_jump_between_curves_is_exact():
    """With its bias taken off a jump between two parabolas has no error; between lines neither has the plain one."""
    x = np.random.default_rng(0).uniform(-1, 1, 400)
    weights = local.weigh_jump(x, local.Bandwidths(0.5, 0.8))
    curve = np.where(x < 0, 1 - x + 3 * x**2, 2.5 + x - 2 * x**2)
    assert weights.corrected @ curve == pytest.approx(1.5)
    assert weights.plain @ curve != pytest.approx(1.5, abs=1e-3)
    assert weights.plain @ np.where(x < 0, 1 - x, 2.5 + 2 * x) == pytest.approx(1.5)


def test_neighbours_share_ties():
    """All people of one value are each other's neighbours, and people at equal distance come together."""
    x, y = np.array([0.0, 0, 0, 0, 1, 3, 3]), np.array([1.0, 2, 3, 6, 0, 4, 8])
    found = local.residuals(x, y)
    assert found[0] == pytest.approx(np.sqrt(3 / 4) * (1 - 11 / 3))
    assert found[4] == pytest.approx(np.sqrt(4 / 5) * (0 - 12 / 4))  # three nearest: the four at 0 come whole
    assert found[5] == pytest.approx(np.sqrt(6 / 7) * (4 - 20 / 6))


def test_noise_is_measured():
    """The spread about neighbours is that of the noise, not of the curve."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 4000)
    found = local.noise(x, 5 * x**3 + rng.normal(0, 2, 4000), local.Bandwidths(1.1, 1.1))
    assert np.mean(found**2) == pytest.approx(4, rel=0.06)


def test_scale_and_order_do_not_matter():
    """Months or years, sorted or not: the same window and the same jump."""
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, 900)
    y = np.sin(x) + (x >= 0) + rng.normal(0, 0.5, 900)
    one, order = local.choose_bandwidths(x, y), rng.permutation(900)
    other = local.choose_bandwidths(12 * x[order], y[order])
    assert other == pytest.approx([12 * width for width in one], rel=1e-6)
    assert local.weigh_jump(12 * x[order], other).corrected @ y[order] == pytest.approx(
        local.weigh_jump(x, one).corrected @ y
    )
