"""What balance, weights and adjusted means must do whatever the data, and what they refuse by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis import effects
from analysis.effects.arms.matrix import build_matrix
from analysis.effects.arms.regression import fit_binary
from analysis.errors import EffectsError


def made(people=3000, seed=0):
    """People whose chance of training and outcome both rise with `x` and differ by `place`; training adds 2."""
    rng = np.random.default_rng(seed)
    x, place = rng.normal(size=people), rng.choice(["a", "b", "c"], people)
    p = 1 / (1 + np.exp(-(0.8 * x - 0.5 + 0.6 * (place == "b"))))
    trained = (rng.random(people) < p).astype(int)
    y = 2.0 * trained + 3 * x + (place == "c") + rng.normal(size=people)
    return pd.DataFrame({"x": x, "place": place, "trained": trained, "y": y, "p": p})


def test_propensity_is_the_logit_of_statsmodels():
    """Coefficients, errors of the model and robust ones are those of a plain logit without weights."""
    frame = made()
    got = effects.arms.fit_propensity(frame, "trained", ["x", "place"])
    design = sm.add_constant(pd.get_dummies(frame[["x", "place"]], drop_first=True, dtype=float))
    theirs = sm.Logit(frame["trained"], design).fit(disp=False, tol=1e-12)
    assert [*got.coefficients["coefficient"]] == pytest.approx([*theirs.params], abs=1e-7)
    assert [*got.coefficients["std_error"]] == pytest.approx([*theirs.bse], abs=1e-7)
    robust = sm.Logit(frame["trained"], design).fit(disp=False, tol=1e-12, cov_type="HC0").bse
    assert [*got.coefficients["robust_std_error"]] == pytest.approx([*robust], abs=1e-6)
    assert np.sqrt(np.diag(got.robust)) == pytest.approx(got.coefficients["robust_std_error"])


def test_rows_of_a_cluster_go_together_and_weights_multiply_their_scores():
    """The sandwich written out: inverse information around the summed weighted scores of each cluster."""
    frame = made(900).assign(w=lambda d: 0.5 + d.index % 3, unit=lambda d: d.index // 4)
    matrix, yes = build_matrix(frame, ["x", "place"]), frame["trained"].to_numpy() == 1
    got = fit_binary(matrix, yes, frame["w"].to_numpy(), "trained", cluster=frame["unit"].to_numpy())
    scores = matrix.mul(frame["w"] * (yes - got.fitted), axis="index")
    assert scores.sum().to_numpy() == pytest.approx(np.zeros(4), abs=1e-6)
    inverse = np.linalg.inv(matrix.T @ matrix.mul(frame["w"] * got.fitted * (1 - got.fitted), axis="index"))
    sums = scores.groupby(frame["unit"]).sum().to_numpy()
    assert got.robust == pytest.approx(inverse @ sums.T @ sums @ inverse, rel=1e-6)


def test_weights_are_counts_of_rows_to_the_coefficients():
    """A weight of two is two rows to coefficients and their errors by the model."""
    frame = made(500).assign(twice=lambda d: 1.0 + (d.index % 2))
    doubled = frame.loc[frame.index.repeat(frame["twice"].astype(int))]
    one = effects.arms.fit_propensity(frame, "trained", ["x"], weights="twice").coefficients
    two = effects.arms.fit_propensity(doubled, "trained", ["x"]).coefficients
    pd.testing.assert_frame_equal(one[["coefficient", "std_error"]], two[["coefficient", "std_error"]])


@pytest.mark.parametrize("estimand", ["ate", "att", "atc", "overlap"])
def test_weights_by_the_probability_make_arms_alike(estimand):
    """Each target's weights remove the imbalance that confounds, and cost people."""
    frame = made()
    model = effects.arms.fit_propensity(frame, "trained", ["x", "place"])
    frame["w"] = effects.arms.weigh_arms(model.fitted, frame["trained"], estimand)
    rows = effects.arms.measure_balance(frame, "trained", ["x", "place"], weights="w").table
    apart = rows[rows["estimand"] == "standardised_difference"].groupby("method")["estimate"]
    worst = apart.agg(lambda values: values.abs().max())
    assert worst["unweighted"] > 0.3 and worst["weighted"] < (1e-8 if estimand == "overlap" else 0.03)
    sizes = rows[rows["estimand"] == "effective_size"]
    assert (sizes["estimate"] <= sizes["n"] + 1e-9).all()


def test_arms_swapped_turn_the_sign_and_equal_weights_change_nothing():
    """Balance does not depend on the order of rows, on equal weights, or on which arm is called treated but for its sign."""
    frame = made().assign(other=lambda d: 1 - d["trained"], w=2.0)
    one = effects.arms.measure_balance(frame, "trained", ["x", "place"], weights="w").table
    two = effects.arms.measure_balance(frame, "other", ["x", "place"]).table
    apart = one[one["estimand"] == "standardised_difference"]
    plain, weighted = (apart.loc[apart["method"] == name, "estimate"].to_numpy() for name in ("unweighted", "weighted"))
    assert plain == pytest.approx(weighted)
    assert plain == pytest.approx(-two.loc[two["estimand"] == "standardised_difference", "estimate"].to_numpy())
    shuffled = effects.arms.measure_balance(
        frame.sample(frac=1, random_state=1), "trained", ["x", "place"], weights="w"
    ).table
    pd.testing.assert_frame_equal(one, shuffled)


def test_stabilised_and_capped_weights():
    """Stabilised weights average one; a cap lowers the largest and raises what they are worth."""
    frame = made()
    stable = effects.arms.weigh_arms(frame["p"], frame["trained"], stabilised=True)
    assert stable.mean() == pytest.approx(1, abs=0.03)
    capped = effects.arms.weigh_arms(frame["p"], frame["trained"], cap=0.95)
    plain = effects.arms.weigh_arms(frame["p"], frame["trained"])
    assert capped.max() == pytest.approx(np.quantile(plain, 0.95)) and (capped <= plain).all()
    assert effects.arms.effective_size(capped) > effects.arms.effective_size(plain)
    assert effects.arms.effective_size(np.ones(40)) == 40 and effects.arms.effective_size(np.zeros(3)) == 0


@pytest.mark.parametrize("method", ["ra", "ipw", "aipw", "ipwra"])
@pytest.mark.parametrize("estimand", ["ate", "att"])
def test_planted_difference_is_found(method, estimand):
    """Every method finds the planted difference within its error where the naive one is far off."""
    frame = made(6000, seed=3)
    got = effects.arms.compare_arms(frame, outcome="y", treatment="trained", covariates=["x", "place"], method=method, estimand=estimand)  # fmt: skip
    row = got.table.set_index("estimand").loc["mean_difference"]
    assert abs(row["estimate"] - 2) < 3 * row["std_error"] < 0.3
    naive = frame.groupby("trained")["y"].mean().diff().iloc[-1]
    assert naive > 3


def test_one_right_model_is_enough():
    """The line for the outcome lacks what matters: weights repair it; the outcome model alone does not."""
    frame = made(6000, seed=4).assign(noise=lambda d: np.random.default_rng(1).normal(size=len(d)))
    asked = {"outcome": "y", "treatment": "trained", "covariates": ["noise"], "propensity": ["x", "place"]}
    found = {method: effects.arms.compare_arms(frame, **asked, method=method).table["estimate"].iloc[-1]
             for method in ("ra", "aipw", "ipwra")}  # fmt: skip
    assert (
        found["ra"] > 3 and found["aipw"] == pytest.approx(2, abs=0.3) and found["ipwra"] == pytest.approx(2, abs=0.3)
    )


BAD = {
    "constant": (made(200).assign(k=1), ["x", "k"], "k: constant"),
    "copy": (made(200).assign(k=lambda d: 2 * d["x"] + 1), ["x", "k"], "k is a combination"),
    "level all trained": (made(200).assign(k=lambda d: np.where((d["trained"] == 1) & (d["x"] > 0.5), "in", "out")), ["k"], r"k\[out\] tells"),
    "bool tells": (made(200).assign(k=lambda d: (d["trained"] == 1) & (d["x"] > 0.5)), ["k"], "k tells"),
    "number tells": (made(200).assign(k=lambda d: d["trained"] * 5 + d["x"].clip(-2, 2)), ["k"], "k tells"),
    "two together": (made(200).assign(k=lambda d: d["x"] - 3 * d["trained"]), ["x", "k"], "tells trained = 1 from"),
    "missing": (made(200).assign(k=np.nan), ["k"], "k: 200 rows have no value"),
    "absent": (made(200), ["nothing"], r"lacks the columns \['nothing'\]"),
    "one arm": (made(200).assign(trained=1), ["x"], "trained: values seen are 1"),
    "three arms": (made(200).assign(trained=np.arange(200) % 3), ["x"], "trained: values seen"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_propensities_that_cannot_be_trusted_are_refused(case):
    """Separation, constants, copies, holes and arms that are none are refused with the column's name."""
    frame, covariates, words = BAD[case]
    with pytest.raises(EffectsError, match=words) as raised:
        effects.arms.fit_propensity(frame, "trained", covariates)
    assert raised.value.text.say("en") != raised.value.text.say("vi")


def test_an_outcome_that_all_share_is_refused_by_name():
    """Nobody rises, or only people of no weight do: there is no chance to fit, and no coefficient without end."""
    frame = made(200)
    matrix, risen = build_matrix(frame, ["x"]), np.arange(200) < 5
    for yes, weights in ((risen & False, np.ones(200)), (risen, np.where(risen, 0.0, 1.0))):
        with pytest.raises(EffectsError, match="risen: it is the same for all"):
            fit_binary(matrix, yes, weights, "risen")


def test_settings_that_are_refused():
    """A word that is not allowed, or a number out of range, is one clear error in every language."""
    frame = made(200)
    with pytest.raises(EffectsError, match="3 of 4 are not between 0 and 1"):
        effects.arms.weigh_arms([0.0, 1.0, np.nan, 0.5], [0, 1, 0, 1])
    for call in (
        lambda: effects.arms.weigh_arms(frame["p"], frame["trained"], "everyone"),
        lambda: effects.arms.measure_balance(frame, "trained", ["x"], denominator="all"),
        lambda: effects.arms.measure_balance(frame, "trained", ["x"], proportions="percent"),
        lambda: effects.arms.fit_propensity(frame, "trained", ["x"], link="cloglog"),
        lambda: effects.arms.compare_arms(frame, outcome="y", treatment="trained", covariates=["x"], method="tmle"),
        lambda: effects.arms.weigh_arms(frame["p"], frame["trained"], cap=99),
        lambda: effects.arms.fit_propensity(frame.assign(w=-1.0), "trained", ["x"], weights="w"),
        lambda: effects.arms.fit_linear(frame.iloc[:3], "y", ["x", "p"]),
        lambda: effects.reproduce("nothing"),
    ):
        with pytest.raises(EffectsError) as raised:
            call()
        assert raised.value.text.say("en") != raised.value.text.say("vi")


def test_a_covariate_without_spread_in_the_treated_is_said():
    """A difference that cannot be standardised is empty and said, never infinite."""
    frame = made(200).assign(k=lambda d: np.where(d["trained"] == 1, 5.0, d["x"]))
    got = effects.arms.measure_balance(frame, "trained", ["k"], denominator="treated")
    assert got.notes and "k:" in got.notes[0].say("en") and got.table["estimate"].isna().any()
