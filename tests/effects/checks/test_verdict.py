"""The verdict by its rule, the checks that should find nothing, and what may not be shown."""

from __future__ import annotations

import numpy as np
import pytest
from made import world

from analysis import effects
from analysis.effects.checks.placebo import draw_placebos, look_before
from analysis.effects.checks.single import Check
from analysis.effects.checks.verdict import judge, rule, verdict_words
from analysis.effects.trials.emulate import prepare

ALL = [Check(name, True, 0.0, 0.0) for name in (*rule()["selection"], *rule()["strength"])]
SETTINGS = {"covariates": ["score"], "confounders": ["score"]}
SHORT = effects.Emulation(primary=24)


def but(name, passed):
    return [one._replace(passed=passed) if one.check == name else one for one in ALL]


def test_the_rule_gives_each_verdict():
    """All hold: supported; a failed check of selection is worse than a failed check of strength; unmade is not passed."""
    assert judge(ALL) == ("supported", [])
    for name in rule()["selection"]:
        assert judge(but(name, False))[0] == "not_distinguishable"
        assert judge(but(name, None))[0] == "suggestive"
    for name in rule()["strength"]:
        word, reasons = judge(but(name, False))
        assert word == "suggestive" and reasons[0].en != reasons[0].vi
    assert all(verdict_words(word).vi for word in ("supported", "suggestive", "not_distinguishable", "not_assessable"))


def test_a_world_without_effect_is_never_supported():
    found = effects.check_effect(world(11, 2500), **SETTINGS, emulation=SHORT)
    assert found.spec["verdict"] != "supported"
    checks = found.details["checks"].set_index("check")["passed"]
    assert checks["negative_exposure"] is None and checks["lag"] is None


def test_nothing_to_assess_says_so_and_shows_no_number():
    frame = world(1, 300)
    frame = frame[frame["trained"] == 0]
    found = effects.check_effect(frame, **SETTINGS, emulation=SHORT)
    assert found.spec["verdict"] == "not_assessable" and found.table["estimate"].isna().all()
    shown = effects.withhold(
        effects.emulate_trials(world(2), covariates=["score"], horizons=(24,), emulation=SHORT), found
    )
    assert shown.status == "blocked" and shown.table["estimate"].isna().all()


@pytest.fixture(scope="module")
def run():
    return prepare(world(3, 3000), treatment="trained", eligible="eligible", covariates=["score"], confounders=["score"],
                   horizons=(24,), emulation=SHORT)  # fmt: skip


def test_placebo_starters_differ_by_nothing(run):
    """Made-up starters give differences around zero, and one step is close to fitting anew."""
    placebo = draw_placebos(run, run.fit.parts[0], 24, draws=200, seed=1)
    assert abs(placebo.draws.mean()) < 3 * placebo.draws.std() / np.sqrt(200) + 0.01
    assert 0 < placebo.p_value <= 1
    again = draw_placebos(run, run.fit.parts[0], 24, draws=200, seed=1)
    assert np.array_equal(placebo.draws, again.draws)


def test_promotions_before_the_course_do_not_tell_the_arms_apart(run):
    before = look_before(run, run.fit.parts[0], ["score"], months=6)
    assert abs(before.estimate) < 3 * before.std_error


def test_small_groups_are_refused_and_the_others_told():
    frame = world(4, 3000)
    frame["where"] = np.where(frame["person_id"] < 40, "small", "large")
    found = effects.compare_gains(frame, by=("where",), **SETTINGS, emulation=SHORT)
    rows = found.table.set_index("term")["estimate"]
    assert np.isnan(rows["where[small]"]) and np.isfinite(rows["where[large]"])
    assert any("small" in note.en for note in found.notes)


def test_simple_comparisons_stand_on_the_same_scale():
    frame = world(7, 2000)
    for found in (
        effects.compare_ever_trained(frame, horizons=(12, 24)),
        effects.compare_landmark(frame, horizons=(12,)),
    ):
        assert (found.table["estimand"] == "risk_difference").all()
        assert (found.table["n_exposed"] < found.table["n"]).all()


def test_beside_lies_every_method_at_one_horizon():
    found = effects.emulate_trials(world(8, 2000), covariates=["score"], horizons=(12, 24), emulation=SHORT)
    beside = effects.lay_beside(found)
    assert set(beside.table["run"]) == {
        f"{method}{who}" for method in ("pooled_logistic", "weighting", "doubly_robust") for who in ("", "_starters")
    }
    assert (beside.table["time"] == 24).all()
