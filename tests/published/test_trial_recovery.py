"""The small version of benchmarks/trials.py and verdict.py: a planted effect comes back, and worlds that deceive do not pass."""

from __future__ import annotations

import importlib

import pytest

from analysis import careers, effects, synthetic
from analysis.synthetic.planted import planted_risk_differences

PROVINCES, PEOPLE = 8, 6000


@pytest.fixture(scope="module")
def bench():
    """The benchmarks as modules, so that what is tested is what is measured."""
    return importlib.import_module("trials"), importlib.import_module("verdict")


@pytest.mark.parametrize("world", ["planted", "null"])
def test_trials_recover_the_difference_and_ever_trained_does_not(bench, world):
    """Risk difference at 36 months, intention to treat: mean within two of its errors, intervals that hold the truth."""
    trials, _ = bench
    settings, _ = trials.WORLDS[world]
    truth = 0.0
    if world == "planted":
        truth = planted_risk_differences(settings, horizons=(36,), people=60_000)[36]["complete_36"]["risk_difference"]
    scores = trials.score_world(world, PROVINCES, people=PEOPLE, jobs=1)
    gaps = scores.query("estimand == 'risk_difference' and time == 36").set_index("method")
    model, naive = gaps.loc["pooled_logistic"], gaps.loc["ever_trained"]
    z = (model["estimate"] - truth) / model["std_error"]
    assert abs(z.mean()) < 2 / PROVINCES**0.5 and 0.4 < z.std() < 1.7
    assert (z.abs() < 1.96).sum() >= PROVINCES - 2
    if world == "planted":
        inside = (naive["conf_low"] <= truth) & (truth <= naive["conf_high"])
        assert inside.mean() <= 0.2
    else:
        assert naive["estimate"].mean() > 3 * model["estimate"].abs().mean(), "choice alone looks like an effect"


@pytest.mark.parametrize(("world", "provinces"), [("null", 3), ("anticipation", 3), ("power", 4)])
def test_the_verdict_in_worlds_that_deceive_and_in_one_with_an_effect(bench, world, provinces):
    """No support without an effect; where the effect is four standard errors, more often than not."""
    _, verdict = bench
    found = verdict.judge_world(world, provinces, people=PEOPLE, jobs=1)["verdict"]
    supported = (found == "supported").mean()
    assert supported >= 0.5 if world == "power" else supported == 0, found.tolist()


def test_with_fixed_posts_those_who_go_gain_and_all_together_do_not(bench):
    """What page 95 shows: trials see a gain relative to colleagues, and everyone rises no more often than without it."""
    trials, _ = bench
    worlds = [careers.build_trial_spells(world) for world in synthetic.fixed_posts()]
    found = effects.emulate_trials(
        worlds[0], covariates=trials.COVARIATES, confounders=trials.CONFOUNDERS, horizons=(36,)
    )
    relative = found.table.query("estimand == 'risk_ratio'").iloc[0]
    total = effects.compare_worlds(*worlds)
    assert relative["conf_low"] > 1.2
    assert total.table["conf_low"].item() < 1.0 < total.table["conf_high"].item() < 1.1
    assert total.spec["cluster"] == "who", "the same people live in both worlds"
