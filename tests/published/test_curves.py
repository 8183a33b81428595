"""Curves, their intervals and tests against published answers (methods.md C2, C3, C6, C7, C18, C19)."""

from __future__ import annotations

import numpy as np
import pytest
from published import beside, copied, follow, risks, statistic

from analysis import effects


def test_gehan():
    """A textbook trial gives the printed survival, errors, medians and log-rank, so that no curve is off by a step."""
    gehan = beside("gehan.csv")
    got = effects.estimate_incidence(follow(gehan, gehan["time"], gehan["cens"]), by="treat", horizons=(6, 10, 23))
    rows = got.table.query("estimand == 'risk' and term == '6-MP'")
    assert [*(1 - rows["estimate"])] == pytest.approx([0.857, 0.753, 0.448], abs=5e-4)
    assert [*rows["std_error"]] == pytest.approx([0.0764, 0.0963, 0.1346], abs=5e-4)
    assert dict(got.details["medians"].set_index("term")["median"]) == {"6-MP": 23, "control": 8}
    assert statistic(got) == pytest.approx(16.79294, abs=1e-4)


def test_aml_and_lung():
    """Medians and their intervals are R's: nobody reports a median that other software would not."""
    aml = beside("aml.csv")
    got = effects.estimate_incidence(follow(aml, aml["time"], aml["status"]), by="x", horizons=None)
    assert [*got.details["medians"]["median"]] == [31, 23]
    assert statistic(got) == pytest.approx(3.4, abs=0.05)
    lung = beside("lung.csv")
    frame = follow(lung, lung["time"], lung["status"] - 1)
    all_ = effects.estimate_incidence(frame, horizons=(300,), interval="log")
    assert [*all_.details["medians"].loc[0, ["median", "conf_low", "conf_high"]]] == [310, 285, 363]
    assert all_.table.loc[0, ["n", "n_event"]].tolist() == [228, 165]
    assert effects.estimate_incidence(frame, horizons=(300,)).details["medians"].loc[0, "conf_low"] == 284
    assert statistic(effects.estimate_incidence(frame, by="sex", horizons=(300,))) == pytest.approx(10.3, abs=0.05)


def test_mgus2():
    """Where death competes, chances of the event are not overstated as by counting deaths as censored."""
    mgus = beside("mgus2.csv")
    frame = follow(mgus, np.where(mgus["pstat"] == 1, mgus["ptime"], mgus["futime"]),
                   np.where(mgus["pstat"] == 1, 1, 2 * mgus["death"]))  # fmt: skip
    assert frame["event"].value_counts().to_dict() == {0: 409, 1: 115, 2: 860}
    got = effects.estimate_incidence(frame, by="sex", horizons=(120, 240, 360), restricted_to=240)
    for outcome, wanted in (
        ("event_1", [0.0739, 0.1049, 0.1574, 0.0553, 0.0957, 0.1045]),
        ("event_2", [0.480, 0.695, 0.760, 0.575, 0.748, 0.799]),
    ):
        assert [*risks(got, outcome)] == pytest.approx(wanted, abs=5e-4)
    means = got.table.query("estimand == 'restricted_mean'")["estimate"] / 12
    assert [*means] == pytest.approx([9.85, 1.32, 8.82, 8.7, 1.1, 10.3], abs=0.05)


def test_melanoma():
    """Gray's test and the log-rank answer their own question; one taken for the other would change a finding."""
    melanoma = beside("melanoma.csv")
    frame = follow(melanoma, melanoma["time"], melanoma["status"].map({1: 1, 2: 0, 3: 2}))
    got = effects.estimate_incidence(frame, horizons=(5 * 365.25, 8 * 365.25))
    assert [*risks(got)] == pytest.approx([0.22354, 0.30962], abs=1e-4)
    assert [*risks(got, "event_2")] == pytest.approx([0.04420, 0.05811], abs=1e-4)
    assert got.table.loc[0, "std_error"] ** 2 == pytest.approx(0.0008713, abs=1e-7)
    by_sex = effects.estimate_incidence(frame, by="sex", horizons=(1826,))
    assert statistic(by_sex, "gray") == pytest.approx(5.8140, abs=1e-4)
    assert by_sex.table.query("method == 'gray'")["p_value"].iloc[0] == pytest.approx(0.0159, abs=1e-4)
    assert statistic(by_sex) == pytest.approx(6.47, abs=0.005)
    by_ulcer = effects.estimate_incidence(frame, by="ulcer", horizons=(1826,))
    assert statistic(by_ulcer, "gray") == pytest.approx(26.1207, abs=1e-4)
    stratified = effects.estimate_incidence(frame, by="sex", strata=["ulcer"], horizons=(1826,))
    assert statistic(stratified) == pytest.approx(3.31, abs=0.005)


def test_late_entry_agrees_with_statsmodels():
    """People who enter late are not counted as at risk before, which would make every chance too small."""
    from statsmodels.duration.survfunc import SurvfuncRight

    channing = beside("channing.csv").query("exit > entry")
    frame = follow(channing, channing["exit"], channing["cens"]).assign(start=channing["entry"])
    males = frame.query("sex == 'Male' and start >= 800")
    ours = effects.estimate_incidence(males, horizons=None).table.query("estimand == 'risk'").set_index("time")
    theirs = SurvfuncRight(males["stop"], males["event"], entry=males["start"])
    curve = dict(zip(theirs.surv_times, 1 - theirs.surv_prob, strict=True))
    assert [*ours["estimate"]] == pytest.approx([curve[time] for time in ours.index], abs=1e-12)


def test_job_retention_and_promotion():
    """Data of staff as this project's give the curves and tests that were printed for them."""
    jobs = copied("job_retention.csv").assign(happy=lambda d: d["sentiment"] >= 7)
    frame = follow(jobs, jobs["month"], jobs["left"])
    got = risks(effects.estimate_incidence(frame, by="gender", horizons=(12,)))
    assert (1 - got["M", 12], 1 - got["F", 12]) == pytest.approx((0.623, 0.603), abs=5e-4)
    assert statistic(effects.estimate_incidence(frame, by="happy", horizons=(12,))) == pytest.approx(32.6, abs=0.05)
    people = copied("promotion.csv")
    frame = follow(people, people["year"], people["promoted"])
    for name, wanted, precision in (("flexible", 4.82, 0.005), ("diverse", 50.2, 0.05), ("store", 1.17, 0.005)):
        got = effects.estimate_incidence(frame, by=name, horizons=(7,))
        assert statistic(got) == pytest.approx(wanted, abs=precision)
        if name == "flexible":
            assert 1 - risks(got)["0", 7] == pytest.approx(0.736, abs=5e-4)
