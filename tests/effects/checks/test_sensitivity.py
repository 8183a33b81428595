"""Sensitivity formulas against published numbers (methods.md C16, C17) and by what they mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published import beside
from scipy.stats import norm

from analysis import effects
from analysis.effects.checks.sensitivity import adjust_for_hidden
from analysis.errors import EffectsError


@pytest.mark.parametrize(
    ("ratio", "low", "high", "point", "limit"),
    [(3.9, 1.8, 8.7, 7.26, 3.0), (10.73, 8.02, 14.36, 20.95, 15.52), (0.80, 0.71, 0.91, 1.81, 1.43), (0.8, 0.6, 1.1, 1.81, 1)],
)  # fmt: skip
def test_e_values(ratio, low, high, point, limit):
    """E-values of published ratios and of the limit nearer to no effect (VanderWeele and Ding)."""
    assert effects.e_value(ratio, low, high) == pytest.approx((point, limit), abs=0.005)


def test_e_values_of_other_ratios():
    """Odds and hazard ratios of a common outcome are turned into risk ratios first, alike on both sides of one."""
    assert effects.e_value(2.25, kind="odds_ratio", rare=False).point == pytest.approx(effects.e_value(1.5).point)
    common = effects.e_value(2.0, kind="hazard_ratio", rare=False).point
    assert 1 < common < effects.e_value(2.0).point and np.isnan(effects.e_value(2.0).limit)
    assert effects.e_value(0.5, kind="hazard_ratio", rare=False).point == pytest.approx(common)


@pytest.mark.parametrize("asked", [(-1.0,), (2.0, 3.0, 4.0), (2.0, 2.5, 1.5), (2.0, 0.0, 4.0)])
def test_ratios_outside_their_limits_are_refused(asked):
    """A ratio outside its interval or below 0, or of an unknown kind, is a clear error and no number."""
    with pytest.raises(EffectsError, match="between its limits"):
        effects.e_value(*asked)
    with pytest.raises(EffectsError, match="difference"):
        effects.e_value(2.0, kind="difference")


DARFUR = ["female", "village", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur"]


def test_darfur():
    """Robustness value and benchmark bounds of the Darfur survey, as sensemakr prints them."""
    frame = beside("darfur.csv")
    line = effects.arms.fit_linear(frame, "peacefactor", ["directlyharmed", *DARFUR])
    row = line.coefficients.set_index("term").loc["directlyharmed"]
    t = row["coefficient"] / row["std_error"]
    assert line.df == 783
    assert [row["coefficient"], row["std_error"], t] == pytest.approx([0.09732, 0.02326, 4.18445], abs=5e-5)
    assert effects.sensitivity.partial_r2(t, line.df) == pytest.approx(0.02187, abs=5e-5)
    assert effects.sensitivity.robustness_value(t, line.df) == pytest.approx(0.13878, abs=5e-5)
    assert effects.sensitivity.robustness_value(t, line.df, alpha=0.05) == pytest.approx(0.07626, abs=5e-5)
    asked = {"outcome": "peacefactor", "treatment": "directlyharmed", "covariates": DARFUR}
    bounds = effects.sensitivity.benchmark_bounds(frame, **asked, benchmark="female").set_index("multiple")
    assert [*bounds.loc[1, ["estimate", "std_error", "statistic"]]] == pytest.approx([0.0752, 0.0219, 3.4389], abs=5e-5)
    assert bounds.loc[3, "estimate"] == pytest.approx(0.0304, abs=5e-5)
    with pytest.raises(EffectsError, match="not among the covariates"):
        effects.sensitivity.benchmark_bounds(frame, **asked, benchmark="wealth")
    with pytest.raises(EffectsError, match="more of the treatment than there is"):
        effects.sensitivity.benchmark_bounds(frame, **asked, benchmark="female", multiples=(200,))


def test_people_alike_may_stand_in_one_row():
    """Rows with their number give what a row a person gives: bounds, standard errors and degrees of freedom."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"a": rng.integers(0, 3, 400), "b": rng.integers(0, 2, 400), "t": rng.integers(0, 2, 400)})
    frame = frame.assign(y=frame["t"] + frame["a"] + rng.integers(0, 2, 400) > 2).astype("float64")
    alike = frame.groupby([*frame]).size().rename("heads").reset_index()
    asked = {"outcome": "y", "treatment": "t", "covariates": ["a", "b"], "benchmark": "a"}
    one, other = (
        effects.sensitivity.benchmark_bounds(rows, **asked, counts=counts)
        for rows, counts in ((frame, None), (alike, "heads"))
    )
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)


@pytest.mark.parametrize("t", [0.5, 2.5, 6.0, -6.0])
def test_a_hidden_cause_as_strong_as_the_robustness_value_leaves_nothing(t):
    """The robustness value is what it is said to be: that much of both removes the estimate."""
    value = effects.sensitivity.robustness_value(t, 500)
    assert adjust_for_hidden(t, 1.0, 500, value, value)[0] == pytest.approx(0, abs=1e-9)
    assert effects.sensitivity.robustness_value(t, 500, alpha=0.05) < value
    assert (
        effects.sensitivity.robustness_value(0.5, 500, alpha=0.05),
        effects.sensitivity.robustness_value(1e6, 3, alpha=0.05) < 1,
    ) == (
        0,
        True,
    )


def test_smallest_detectable_has_its_power():
    """Of repeated studies with this error, the stated share finds an effect of this size."""
    least = effects.sensitivity.smallest_detectable(0.01, power=0.9)
    assert norm.sf(norm.ppf(0.975) - least / 0.01) == pytest.approx(0.9)
    assert effects.sensitivity.smallest_detectable(1.0) == pytest.approx(2.80, abs=0.005)
