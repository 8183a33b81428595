"""Propensities, weights, balance and adjusted means against published answers (methods.md C9 to C14b)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels
from published import beside, coefficients, copied

from analysis import effects
from analysis.effects.cases import CASES

CATTANEO = Path(statsmodels.__file__).parent / "treatment/tests/results/cataneo2.csv"


@pytest.mark.parametrize(
    ("method", "effect", "error"),
    [("ra", -239.6392, 23.82), ("ipw", -230.6886, 25.82), ("aipw", -230.9892, 26.21), ("ipwra", -229.9671, 26.63)],
)
def test_birth_weight(method, effect, error):
    """Effects and the errors of both models together, as Stata's teffects prints them."""
    got = effects.arms.compare_arms(
        pd.read_csv(CATTANEO), outcome="bweight", treatment="mbsmoke_", method=method, link="probit",
        covariates=["prenatal1_", "mmarried_", "mage", "fbaby_"], propensity=["mmarried_", "mage", "mage2", "fbaby_", "medu"],
    ).table.set_index("estimand").loc["mean_difference"]  # fmt: skip
    assert got["estimate"] == pytest.approx(effect, abs=1e-3)
    assert got["std_error"] == pytest.approx(error, abs=0.01)


LALONDE = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]


def test_lalonde_balance():
    """Balance, weights and the weighted difference of MatchIt's lalonde data, as cobalt prints them (C10)."""
    frame = beside("lalonde_matchit.csv")
    model = effects.arms.fit_propensity(frame, "treat", LALONDE)
    frame = frame.assign(weight=effects.arms.weigh_arms(model.fitted, frame["treat"], "att"), distance=model.fitted)
    got = effects.arms.measure_balance(frame, "treat", [*LALONDE, "distance"], weights="weight", denominator="treated",
                                  proportions="raw")  # fmt: skip
    rows = got.table.set_index(["method", "estimand", "term"])["estimate"].sort_index()
    before, after = (rows[method, "standardised_difference"] for method in ("unweighted", "weighted"))
    assert [*before[["age", "educ", "re74", "re75", "distance"]]] == pytest.approx(
        [-0.309, 0.055, -0.721, -0.290, 1.794], abs=1e-3
    )
    raw = rows["unweighted", "proportion_difference"]
    assert [*raw[["race[black]", "married"]]] == pytest.approx([0.640, -0.324], abs=1e-3)
    assert [*after[["age", "educ", "re74"]]] == pytest.approx([0.119, -0.028, -0.002], abs=1e-3)
    assert rows["weighted", "variance_ratio", "age"] == pytest.approx(0.458, abs=1e-3)
    assert rows["weighted", "effective_size", "treat[0]"] == pytest.approx(99.82, abs=0.005)
    others = got.details["weights"].set_index("arm").loc["untreated"]
    assert [*others[["least", "most"]]] == pytest.approx([0.009, 3.743], abs=1e-3)
    line = effects.arms.fit_linear(frame, "re78", ["treat"], weights="weight").coefficients
    assert line["coefficient"].iloc[1] == pytest.approx(1214.07, abs=0.01)


def test_job_programme():
    """The experiment alone; comparison groups from surveys are no part of the data that may be shipped.

    The adjusted effect is that of least squares on all eight covariates.
    """
    frame = copied("nsw_dw.csv")
    plain = effects.arms.fit_linear(frame, "re78", ["treat"])
    row = plain.coefficients.iloc[1]
    assert row["coefficient"] == pytest.approx(1794.34, abs=0.005)
    assert row["std_error"] == pytest.approx(632.85, abs=0.005)
    assert row["robust_std_error"] * np.sqrt(len(frame) / plain.df) == pytest.approx(670.82, abs=0.005)
    names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    adjusted = effects.arms.fit_linear(frame, "re78", ["treat", *names]).coefficients["coefficient"].iloc[1]
    assert adjusted == pytest.approx(1676.34, abs=0.005)


@pytest.mark.parametrize("case", CASES)
def test_cases_that_are_shipped(case):
    """Every published answer that the validation page shows is met (C12, C18, C19)."""
    got = effects.reproduce(case)
    missed = got.details["comparison"].query("not within")
    assert missed.empty, missed.to_string()
    assert got.status == "ok" and len(got.table) == 2 * len(got.details["comparison"])


def test_treatment_of_hiv():
    """A marginal structural Cox model from weight models to clustered error (C13)."""
    frame = beside("haartdat.csv.gz").rename(columns={"patient": "person_id", "tstart": "start", "fuptime": "stop"})
    asked = {"numerator": ["sex", "age"], "denominator": ["sex", "age", "cd4.sqrt"]}
    start = effects.arms.weigh_histories(frame, happening="haartind", **asked)
    lost = effects.arms.weigh_histories(frame, happening="dropout", kind="censoring", **asked)
    assert [start.min(), np.median(start), start.mean(), start.max()] == pytest.approx(
        [0.2459, 0.9862, 1.0390, 7.1257], abs=5e-5
    )
    assert [lost.min(), lost.mean(), lost.max()] == pytest.approx([0.4572, 0.9988, 2.3348], abs=5e-5)
    weighted = effects.fit_hazards(frame.assign(weight=start * lost), covariates=["haartind"], weights="weight", cluster="person_id")  # fmt: skip
    got = coefficients(weighted).loc["haartind"]
    assert [*got[["coefficient", "std_error"]]] == pytest.approx([-0.936333, 0.452692], abs=1e-5)
    plain = coefficients(effects.fit_hazards(frame, covariates=["haartind"])).loc["haartind"]
    assert [*plain[["coefficient", "std_error"]]] == pytest.approx([-0.586168, 0.436833], abs=1e-5)


def test_weights_for_being_lost():
    """Numerator pooled, denominator by the treatment of the period before (C14b)."""
    frame = beside("data_censored.csv")
    frame["stays"] = 1 - frame["censored"]
    before = frame.groupby("id")["treatment"].shift(fill_value=0)
    top = effects.arms.fit_propensity(frame, "stays", ["x2"])
    assert [*top.coefficients["coefficient"]] == pytest.approx([2.4480907, -0.4486482], abs=1e-5)
    ratio = pd.Series(top.fitted)
    for state, people, wanted in (
        (0, 426, [1.8941961, -0.5898292, 0.8552603]),
        (1, 299, [2.8144337, -0.0371320, 0.8935142]),
    ):
        part = frame[before == state]
        bottom = effects.arms.fit_propensity(part, "stays", ["x2", "x1"])
        assert len(part) == people
        assert [*bottom.coefficients["coefficient"]] == pytest.approx(wanted, abs=1e-5)
        ratio[part.index] /= bottom.fitted
    assert [*ratio.iloc[[0, 1, -2, -1]]] == pytest.approx([0.9835463, 0.9429254, 0.9440988, 1.0092093], abs=1e-6)
