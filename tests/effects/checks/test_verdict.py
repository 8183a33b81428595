"""The verdict by its rule, the checks that should find nothing, and what may not be shown."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from made import world

from analysis import effects
from analysis.effects.checks.check import measure_arms
from analysis.effects.checks.placebo import draw_placebos, look_before
from analysis.effects.checks.verdict import Check, judge, verdict_words
from analysis.effects.trials.emulate import prepare
from analysis.effects.trials.itt import _disagreements
from analysis.effects.trials.methods import WEIGHTED
from analysis.effects.trials.question import Question
from analysis.errors import EffectsError
from analysis.reference import verdict_rule

ALL = [Check(name, True, 0.0, 0.0) for name in (*verdict_rule().selection, *verdict_rule().strength)]
SETTINGS = {"covariates": ["score"], "confounders": ["score"]}
SHORT = effects.Emulation(primary=24)


def but(name, passed):
    return [one._replace(passed=passed) if one.check == name else one for one in ALL]


def test_the_rule_gives_each_verdict():
    """All hold: supported; a failed check of selection is worse than a failed check of strength; unmade is not passed."""
    assert judge(ALL) == ("supported", [])
    for name in verdict_rule().selection:
        assert judge(but(name, False))[0] == "not_distinguishable"
        assert judge(but(name, None))[0] == "suggestive"
    for name in verdict_rule().strength:
        word, reasons = judge(but(name, False))
        assert word == "suggestive" and reasons[0].say("en") != reasons[0].say("vi")
    assert all(
        verdict_words(word).say("vi") for word in ("supported", "suggestive", "not_distinguishable", "not_assessable")
    )


@pytest.fixture(scope="module")
def checked():
    """A world without an effect, checked without the variants of the data that the rule needs."""
    return effects.check_effect(world(11, 2500), **SETTINGS, emulation=SHORT)


def test_a_control_that_could_not_be_made_has_an_empty_row(checked):
    """No trial has months before it here: no odds are printed, and the requirement is unmade."""
    odds = checked.pick(estimand="odds_ratio").table.iloc[0]
    made = checked.details["checks"].set_index("check")["passed"]["negative_outcome"]
    assert odds["run"] == "before" and np.isnan(odds["estimate"]) and made is None


def test_a_world_without_effect_is_never_supported(checked):
    """What the rule needs and was not given is said to be unmade, never passed."""
    assert checked.spec["verdict"] != "supported"
    checks = checked.details["checks"].set_index("check")["passed"]
    assert checks["negative_exposure"] is None and checks["lag"] is None


def test_rows_say_all_that_a_page_needs_of_the_verdict(checked):
    """Each check and the verdict are rows with the counts of the main one: a page reads them, never `details` or `spec`."""
    rows = pd.read_csv(io.StringIO(checked.table.to_csv(index=False)))
    assert effects.read_verdict(rows) == effects.read_verdict(checked) == checked.spec["verdict"]
    listed, made = effects.list_checks(rows), checked.details["checks"]
    assert listed["check"].tolist() == made["check"].tolist() and listed["passed"].tolist() == made["passed"].tolist()
    main = rows.query("run == 'main' and estimand == 'risk_difference'").iloc[0]
    copied = ["method", "population", "outcome", "time", "n", "n_exposed", "n_event"]
    for _, row in rows[rows["estimand"].isin(["check", "verdict"])].iterrows():
        assert row[copied].tolist() == main[copied].tolist() and row["run"] == row["estimand"]
    assert (rows["estimand"] == "check").sum() == len(ALL) and (rows["estimand"] == "verdict").sum() == 1


def test_the_main_ratio_is_that_of_the_emulation(checked):
    """The E-value is said of the ratio that `emulate_trials` gives, without a second emulation."""
    found = effects.emulate_trials(world(11, 2500), **SETTINGS, horizons=(24,), emulation=SHORT)
    names = ["estimate", "std_error", "conf_low", "conf_high", "n", "n_exposed", "n_event"]
    for estimand in ("risk_ratio", "risk_difference"):
        one = checked.pick(estimand=estimand, run="main").table[names]
        assert one.to_numpy() == pytest.approx(found.pick(estimand=estimand).table[names].to_numpy(), rel=1e-9)


def test_released_rows_withhold_as_the_result_itself(checked):
    """From rows alone the same numbers are withheld, for the same reasons."""
    found = effects.emulate_trials(world(2), covariates=["score"], horizons=(24,), emulation=SHORT)
    assert effects.withhold(found, checked.table) is found
    one, two = (effects.withhold(found, given, unless=()) for given in (checked, checked.table))
    assert one.status == two.status == "blocked" and one.notes == two.notes and len(one.notes) > 1
    nothing = effects.withhold(found, checked.table.iloc[:0])
    assert nothing.status == "blocked" and nothing.notes[0].say("en") == "Not assessable."


def test_nothing_to_assess_says_so_and_shows_no_number():
    """Where nobody starts there is a verdict and no check, and what it is asked of is withheld."""
    frame = world(1, 300)
    frame = frame[frame["trained"] == 0]
    found = effects.check_effect(frame, **SETTINGS, emulation=SHORT)
    assert found.spec["verdict"] == effects.read_verdict(found) == "not_assessable"
    assert found.table["estimate"].isna().all() and "check" not in set(found.table["estimand"])
    assert effects.list_checks(found)["passed"].isna().all()
    shown = effects.withhold(
        effects.emulate_trials(world(2), covariates=["score"], horizons=(24,), emulation=SHORT), found
    )
    assert shown.status == "blocked" and shown.table["estimate"].isna().all()


@pytest.fixture(scope="module")
def run():
    return prepare(world(3, 3000), Question(**SETTINGS), (24,), SHORT)


def test_a_result_without_a_verdict_of_its_own_says_why(checked):
    """Checks of another horizon are no checks of this one: withheld, with what to do, and not only `not assessable`."""
    found = effects.emulate_trials(world(2), covariates=["score"], horizons=(24,), emulation=SHORT)
    other = checked.table[checked.table["estimand"] != "verdict"]
    assert any("same settings" in note.say("en") for note in effects.withhold(found, other).notes)


def test_checks_need_more_than_the_months_too_early_to_tell():
    """At six months or fewer the check of early promotions would be the answer itself."""
    with pytest.raises(EffectsError, match="primary is 6 months; the checks need more"):
        effects.check_effect(world(2), **SETTINGS, emulation=effects.Emulation(primary=6))


def test_placebo_starters_differ_by_nothing(run):
    """Made-up starters give differences around zero, and one step is close to fitting anew."""
    placebo = draw_placebos(run, draws=200, seed=1)
    assert abs(placebo.draws.mean()) < 3 * placebo.draws.std() / np.sqrt(200) + 0.01
    assert 0 < placebo.p_value <= 1
    again = draw_placebos(run, draws=200, seed=1)
    assert np.array_equal(placebo.draws, again.draws)


def test_promotions_before_the_course_do_not_tell_the_arms_apart(run):
    """In a world where only the score matters, an earlier promotion says nothing of who starts."""
    odds, error = look_before(run, ["score"], months=6)
    assert abs(odds / error) < 3


def test_the_odds_before_know_that_a_person_is_in_many_trials():
    """Estimate and error are those of a logit with a row a person and trial, its rows of one person going together."""
    frame = world(3, 1500)
    run = prepare(frame, Question(), (24,), SHORT)
    trials, people, (part,) = run.trials, run.trials.people, run.fit.parts
    month, person = trials.months[people.trial], trials.ids[people.person]
    kept = part.trials[people.trial] & (month >= 6)
    risen = frame[frame["event"] == 1].groupby("person_id")["period"].apply(set).to_dict()
    before = [
        bool(risen.get(one, set()) & set(range(at - 6, at))) for one, at in zip(person[kept], month[kept], strict=True)
    ]
    design = pd.get_dummies(pd.Series(month[kept]), dtype=float).assign(before=np.array(before, dtype=float))
    fit = sm.GLM((people.arm[kept] == 1).astype(float), design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": people.person[kept], "use_correction": False}, tol=1e-12
    )
    odds, error = look_before(run, [], months=6)
    assert odds == pytest.approx(fit.params["before"], abs=1e-6) and error == pytest.approx(fit.bse["before"], rel=1e-5)


def test_promotions_before_say_nothing_where_no_starter_had_one():
    """An arm without any has no odds: the check is not made, and no other column's number stands for it."""
    frame = world(3, 3000)
    ever = frame.groupby("person_id")["trained"].transform("max") == 1
    frame.loc[ever & (frame["trained"] == 0), "event"] = 0
    assert np.isnan(look_before(prepare(frame, Question(**SETTINGS), (24,), SHORT), ["score"], months=6)).all()


def test_no_level_of_few_starters_is_told_in_the_balance():
    """From a difference and the level's size its starters could be reckoned: thin levels are joined to a neighbour."""
    frame = world(3, 3000)
    ever = frame.groupby("person_id")["trained"].transform("max") == 1
    some = frame.loc[frame["trained"] == 1, "person_id"].unique()[:3]
    kind = np.where(frame["person_id"].isin(some) | (frame["person_id"].gt(2900) & ~ever), "rare", "usual")
    frame = frame.assign(kind=pd.Categorical(kind, ["usual", "rare"]))
    asked = Question(covariates=["score", "kind"], confounders=["score"])
    assert measure_arms(prepare(frame, asked, (24,), SHORT))["term"].tolist() == ["score[high]"]


def test_a_subgroup_keeps_what_its_column_is_crossed_with():
    """Within a group its own column says nothing, and the cross's other part still confounds."""
    frame = world(4, 3000)
    frame["half"] = pd.Categorical(np.where(frame["person_id"] % 2, "odd", "even"))
    gains = [
        effects.compare_gains(frame, by=("half",), covariates=[one], confounders=[one], emulation=SHORT).table
        for one in ("half:score", "score")
    ]
    assert gains[0]["estimate"].tolist() == pytest.approx(gains[1]["estimate"].tolist(), abs=1e-6, nan_ok=True)


def test_small_groups_are_refused_and_the_others_told():
    """A group too small for its own trials has an empty row and is named; the others have numbers."""
    frame = world(4, 3000)
    frame["where"] = np.where(frame["person_id"] < 40, "small", "large")
    found = effects.compare_gains(frame, by=("where",), **SETTINGS, emulation=SHORT)
    rows = found.table.set_index("term")["estimate"]
    assert np.isnan(rows["where[small]"]) and np.isfinite(rows["where[large]"])
    assert any("small" in note.say("en") for note in found.notes)


def test_simple_comparisons_stand_on_the_same_scale():
    """Misleading comparisons are differences of risks too, with the people who count as exposed."""
    frame = world(7, 2000)
    for found in (
        effects.compare_ever_trained(frame, horizons=(12, 24)),
        effects.compare_landmark(frame, horizons=(12,)),
    ):
        assert (found.table["estimand"] == "risk_difference").all()
        assert (found.table["n_exposed"] < found.table["n"]).all()


def test_every_method_is_laid_out_at_one_horizon():
    """Each method and population is a run; those without an interval of their own have points only."""
    found = effects.emulate_trials(world(8, 2000), covariates=["score"], horizons=(12, 24), emulation=SHORT)
    table = effects.compare_methods(found).table
    assert set(table["run"]) == {
        f"{method}{who}" for method in ("pooled_logistic", "weighting", "doubly_robust") for who in ("", "_starters")
    }
    assert (table["time"] == 24).all() and table["estimate"].notna().all()
    assert table.loc[table["conf_low"].notna(), "run"].tolist() == ["pooled_logistic"]


def test_methods_agree_by_one_limit_on_the_page_and_in_the_checks():
    """What the notes call far apart is what the requirement calls so: at its limit still agreed, beyond it not."""
    run = SimpleNamespace(horizons=(12, 36))
    risks, covariance = np.array([[0.02, 0.05], [0.02, 0.08]]), np.eye(4) * 0.01**2 / 2  # a difference errs by 0.01
    for more, far in ((verdict_rule().apart - 0.01, 0), (verdict_rule().apart + 0.01, 1)):
        other = risks + np.array([[0, 0], [0, more * 0.01]])
        notes = _disagreements(run, {(WEIGHTED, "eligible"): other}, risks, covariance)
        assert len(notes) == far and all("at 36 months" in note.say("en") for note in notes)
