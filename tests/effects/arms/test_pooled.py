"""Pooled hazards by period: what must hold, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published import follow

from analysis import effects
from analysis.effects.arms.pooled import SQUARED, TIME
from analysis.errors import EffectsError


def made(people=4000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=people)
    trained = (rng.random(people) < 1 / (1 + np.exp(-x))).astype(int)
    risk = np.minimum(0.02 * np.exp(0.5 * x), 0.5)
    when = rng.geometric(risk)
    return follow(pd.DataFrame({"x": x, "trained": trained}), np.minimum(when, 24), (when <= 24).astype(int))


def test_periods_keep_time_and_events():
    """Cutting into periods keeps everybody's time and events, and refuses times that are not whole."""
    frame = made(200)
    cut = effects.arms.expand_periods(frame)
    assert len(cut) == frame["stop"].sum() and (cut["stop"] - cut["start"] == 1).all()
    assert cut["event"].sum() == frame["event"].sum()
    assert (cut.groupby("person_id")["stop"].max().to_numpy() == frame["stop"].to_numpy()).all()
    with pytest.raises(EffectsError, match="not whole periods"):
        effects.arms.expand_periods(frame.assign(stop=frame["stop"] + 0.5))


def test_the_hazard_is_that_of_fit_hazards():
    """The pooled logit is that of `fit_hazards` on the same columns, clustered errors too."""
    cut = effects.arms.expand_periods(made(800)).assign(
        late=lambda d: d["stop"] ** 2,
        both=lambda d: d["trained"] * d["stop"],
        all=lambda d: d["trained"] * d["stop"] ** 2,
    )
    ours = effects.arms.estimate_survival(cut, exposure="trained", covariates=["x"], horizons=(12,)).details[
        "coefficients"
    ]
    theirs = effects.fit_hazards(
        cut, covariates=["trained", "stop", "late", "both", "all", "x"], model="logit", cluster="person_id"
    )
    b = theirs.details["coefficients"].set_index("term")["coefficient"]
    a = ours.set_index("term")
    assert a.loc["x", "coefficient"] == pytest.approx(b["x"], abs=1e-6)
    assert a.loc["x", "std_error"] == pytest.approx(
        theirs.details["coefficients"].set_index("term").loc["x", "std_error"], rel=1e-4
    )
    assert a.loc[SQUARED, "coefficient"] == pytest.approx(b["late"], abs=1e-6)
    assert a.loc["trained", "coefficient"] == pytest.approx(b["trained"] + b["both"] + b["all"], abs=1e-6)
    assert a.loc[f"trained:{TIME}", "coefficient"] == pytest.approx(b["both"] + 2 * b["all"], abs=1e-6)


def test_a_null_effect_under_confounding_is_found_null():
    """Weighting and standardisation find no effect where the crude comparison finds one."""
    frame = made(8000, seed=2)
    p = effects.arms.fit_propensity(frame, "trained", ["x"]).fitted
    cut = effects.arms.expand_periods(frame.assign(w=effects.arms.weigh_arms(p, frame["trained"], stabilised=True)))
    crude, weighted, standardised = (
        effects.arms.estimate_survival(cut, exposure="trained", horizons=(24,), **asked)
        .table.set_index("term")
        .loc["trained"]
        for asked in ({}, {"weights": "w"}, {"covariates": ["x"]})
    )
    assert crude["conf_low"] > 0
    for row in (weighted, standardised):
        assert abs(row["estimate"]) < 3 * row["std_error"] and abs(row["estimate"]) < crude["estimate"] / 3


def test_slopes_agree_with_resampling():
    """The delta interval is about as wide as estimates of fresh samples spread."""
    found = [effects.arms.estimate_survival(effects.arms.expand_periods(made(600, seed)), exposure="trained", horizons=(12,)).table.iloc[-1]
             for seed in range(40)]  # fmt: skip
    spread, error = np.std([one["estimate"] for one in found]), np.mean([one["std_error"] for one in found])
    assert 0.7 < error / spread < 1.4


def test_frames_that_are_refused():
    """Rows that are not periods, unknown events and horizons beyond the follow-up are refused."""
    cut = effects.arms.expand_periods(made(300))
    for frame, horizons in ((made(300), (12,)), (cut, (99,)), (cut.assign(event=cut["event"] * 2), (12,))):
        with pytest.raises(EffectsError, match="expand_periods"):
            effects.arms.estimate_survival(frame, exposure="trained", horizons=horizons)
