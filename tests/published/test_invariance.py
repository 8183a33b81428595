"""What must not change an estimate does not, and what must, does so as it should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import make_frame, same_counts
from published import coefficients

from analysis import careers, effects

COVARIATES = ["trained", "score", "sex"]
frames = st.integers(0, 10_000).map(lambda seed: make_frame(seed, people=60))
few = settings(max_examples=10, deadline=None, derandomize=True)


def fit(frame, **asked):
    return coefficients(effects.fit_hazards(frame, covariates=COVARIATES, **asked))


def same(one, two, precision=1e-8):
    pd.testing.assert_frame_equal(one, two, atol=precision, rtol=precision)


def split(frame, at):
    """Cut every row that lives through a time in two."""
    through = (frame["start"] < at) & (frame["stop"] > at)
    early = frame[through].assign(stop=at, event=0)
    return pd.concat([frame[~through], early, frame[through].assign(start=at)], ignore_index=True)


@few
@given(frames, st.integers(1, 11), st.sampled_from(["cox", "logit", "cloglog"]))
def test_splitting_a_spell_changes_nothing(frame, at, model):
    """How finely the records cut a person's time is no finding: results do not depend on it."""
    for cluster in (None, "person_id"):
        same(fit(frame, model=model, cluster=cluster), fit(split(frame, at), model=model, cluster=cluster))
    one, two = (effects.estimate_incidence(part, by="sex") for part in (frame, split(frame, at)))
    pd.testing.assert_frame_equal(one.table, two.table)


@few
@given(frames, st.integers(0, 99))
def test_shuffling_rows_changes_nothing(frame, seed):
    """Results do not depend on the order in which a department exported its rows."""
    shuffled = frame.sample(frac=1, random_state=seed)
    for asked in ({}, {"cluster": "person_id", "weights": "weight"}, {"model": "logit", "strata": ["region"]}):
        same(fit(frame, **asked), fit(shuffled, **asked))
    one, two = (effects.estimate_incidence(part, by=["sex", "region"]) for part in (frame, shuffled))
    pd.testing.assert_frame_equal(one.table, two.table)


@few
@given(frames, st.sampled_from(["cox", "logit", "cloglog"]))
def test_doubling_weights_keeps_estimates_and_clustered_errors(frame, model):
    """Weights that are all twice as large make nobody surer of a result."""
    ties = "breslow"
    one = fit(frame, model=model, ties=ties, weights="weight", cluster="person_id")
    two = fit(frame.assign(weight=2 * frame["weight"]), model=model, ties=ties, weights="weight", cluster="person_id")
    same(one[["coefficient", "std_error"]], two[["coefficient", "std_error"]])
    same(one[["model_std_error"]], two[["model_std_error"]] * np.sqrt(2))


@few
@given(frames)
def test_weights_of_one_are_no_weights(frame):
    """Who weights everybody alike gets the unweighted answer, not another method's."""
    for model in ("cox", "logit"):
        same(fit(frame, model=model), fit(frame.assign(weight=1.0), weights="weight", model=model))


@few
@given(frames)
def test_weights_of_two_are_twins_with_breslow_ties(frame):
    """A weight means so many people, as a reader of the tables takes it."""
    twins = pd.concat([frame, frame.assign(person_id=frame["person_id"] + 1000)], ignore_index=True)
    for asked in ({"ties": "breslow"}, {"model": "logit"}):
        same(fit(frame.assign(weight=2.0), weights="weight", **asked), fit(twins, **asked))


@few
@given(frames, st.integers(0, 99))
def test_counts_of_parts_add_up_and_fit_alike(frame, seed):
    """A province read in parts to save memory gives the answer of the whole."""
    part = np.random.default_rng(seed).integers(0, 3, 60)[frame["person_id"]]
    by = (*COVARIATES, "region")
    whole = careers.count_spells(frame, by)
    parts = [careers.count_spells(frame[part == one], by) for one in range(3) if (part == one).any()]
    total = sum(parts[1:], start=parts[0])
    assert same_counts(total, whole) and (total.at_risk() == whole.at_risk()).all()
    pd.testing.assert_frame_equal(total.people_by.sort_values(["column", "level"], ignore_index=True),
                                  whole.people_by.sort_values(["column", "level"], ignore_index=True))  # fmt: skip
    for asked in ({}, {"model": "cloglog"}, {"strata": ["region"]}):
        same(fit(total, **asked), fit(frame, **asked))
    pd.testing.assert_frame_equal(effects.estimate_incidence(total, by="sex").table,
                                  effects.estimate_incidence(frame, by="sex").table)  # fmt: skip


@few
@given(frames, st.floats(-50, 50), st.floats(0.01, 400))
def test_another_clock_changes_only_times(frame, shift, scale):
    """Days for months, or another month zero, change no ratio and no chance."""
    moved = frame.assign(start=frame["start"] * scale + shift, stop=frame["stop"] * scale + shift)
    for asked in ({"cluster": "unit"}, {"model": "logit"}, {"weights": "weight", "strata": ["region"]}):
        same(fit(frame, **asked), fit(moved, **asked))
    slower = frame.assign(start=frame["start"] * scale, stop=frame["stop"] * scale)
    one = effects.estimate_incidence(frame, by="sex", horizons=(6, 12), restricted_to=9).table
    two = effects.estimate_incidence(slower, by="sex", horizons=(6 * scale, 12 * scale), restricted_to=9 * scale).table
    means = one["estimand"] == "restricted_mean"
    columns = ["estimate", "std_error", "conf_low", "conf_high", "statistic"]
    same(one.loc[~means, columns], two.loc[~means, columns])
    same(one.loc[means, ["estimate", "std_error"]] * scale, two.loc[means, ["estimate", "std_error"]])


@few
@given(frames, st.sampled_from(["cox", "logit", "cloglog"]))
def test_incidences_and_staying_sum_to_one(frame, model):
    """Chances of all that can happen to a person add up to one: no figure shows more than everybody."""
    rows = effects.estimate_incidence(frame, by="sex", horizons=range(1, 12)).table
    sums = rows[rows["estimand"].isin(["risk", "probability"])].groupby(["term", "time"])["estimate"].sum(min_count=1)
    assert [*sums.dropna()] == pytest.approx([1.0] * sums.notna().sum(), abs=1e-12)
    means = rows[rows["estimand"] == "restricted_mean"].groupby("term")
    assert [*means["estimate"].sum()] == pytest.approx([*means["time"].first()], abs=1e-9)
    made = effects.standardise_incidence(frame, exposure="sex", covariates=["score"], horizons=(3, 6, 11), model=model,
                                         draws=0).table  # fmt: skip
    sums = made[made["estimand"].isin(["risk", "probability"])].groupby(["term", "time"])["estimate"].sum()
    assert [*sums] == pytest.approx([1.0] * len(sums), abs=1e-12)


@few
@given(frames)
def test_frames_are_left_as_they_were(frame):
    """An analysis never alters the frame that the next one in a notebook uses."""
    before = frame.copy(deep=True)
    fit(frame, weights="weight", cluster="unit", strata=["region"])
    effects.estimate_incidence(frame, by=["sex", "region"])
    effects.check_proportionality(frame, covariates=COVARIATES)
    effects.standardise_incidence(frame, exposure="sex", covariates=["score"], horizons=(6,), draws=2)
    careers.count_spells(frame, COVARIATES, weights="weight")
    pd.testing.assert_frame_equal(frame, before)


def test_without_competing_events_aalen_johansen_is_kaplan_meier():
    """Two methods that must agree without competing events do not tell two stories."""
    frame = make_frame(5).assign(event=lambda d: d["event"].eq(1).astype(int))
    rows = effects.estimate_incidence(frame, horizons=(3, 6, 9)).table
    assert [*rows.query("estimand == 'risk'")["estimate"]] == pytest.approx(
        [*(1 - rows.query("estimand == 'probability'")["estimate"])]
    )


def test_standardised_risks_without_covariates_are_those_of_the_arms():
    """With one binary exposure fixed in time and strata by it, the assembled risk is Aalen-Johansen's up to ties."""
    frame = make_frame(3, people=4000, months=40)
    frame["arm"] = frame["sex"].astype("str")
    made = effects.standardise_incidence(
        frame.drop(columns="sex"), exposure="arm", horizons=(30,), model="cloglog", draws=0
    )
    crude = effects.estimate_incidence(frame, by="arm", horizons=(30,))
    made, crude = (one.table.query("estimand == 'risk'")["estimate"].to_numpy() for one in (made, crude))
    assert np.sort(made) == pytest.approx(np.sort(crude), abs=0.02)


def test_days_and_numbers_that_do_not_reduce_are_exact():
    """Distinct rows and event times in blocks give what one full table gives."""
    from analysis.survival import risksets

    rng = np.random.default_rng(0)
    start, length = rng.uniform(0, 1000, 3000), rng.exponential(400, 3000)
    frame = pd.DataFrame({"person_id": range(3000), "start": start, "stop": start + length, "x": rng.normal(size=3000),
                          "z": rng.normal(size=3000), "event": rng.integers(0, 2, 3000)})  # fmt: skip
    blocks, full = risksets.BLOCK, risksets.FULL
    whole = coefficients(effects.fit_hazards(frame, covariates=["x", "z"], cluster="person_id"))
    try:
        risksets.BLOCK, risksets.FULL = 1 << 14, 1
        parts = coefficients(effects.fit_hazards(frame, covariates=["x", "z"], cluster="person_id"))
    finally:
        risksets.BLOCK, risksets.FULL = blocks, full
    same(whole, parts, 1e-9)
