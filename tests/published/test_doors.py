"""Event studies and discontinuities against published answers (methods.md C15; rdrobust's own article)."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pandas as pd
import pytest
from published import beside, copied

from analysis import effects, registry, synthetic

GROUP_TIME = {
    2004: {2004: -0.0105, 2005: -0.0704, 2006: -0.1373, 2007: -0.1008},
    2006: {2004: 0.0065, 2005: -0.0028, 2006: -0.0046, 2007: -0.0412},
    2007: {2004: 0.0305, 2005: -0.0027, 2006: -0.0311, 2007: -0.0261},
}
EVENTS = [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008]
OVERALL = {"simple": (-0.03995, 0.0120), "dynamic": (-0.0772, 0.01996), "group": (-0.0310, 0.01245)}
PRINTED = 5e-5  # half of the last digit


def minimum_wages(controls):
    return effects.fit_event_study(
        beside("mpdta.csv"), outcome="lemp", unit="countyreal", period="year", first_treated="first.treat",
        controls=controls, before=1,
    )  # fmt: skip


def test_minimum_wages():
    """Callaway and Sant'Anna's counties: effects by group and time, their means, and the test of what came before."""
    estimate = minimum_wages("never_treated")
    cells = estimate.details["group_time"].set_index(["first", "period"])["effect"]
    for group, effects_of in GROUP_TIME.items():
        assert cells[group].to_dict() == pytest.approx(effects_of, abs=PRINTED)
    rows = estimate.table.set_index("term")
    assert rows.loc["event_time", "estimate"].tolist() == pytest.approx(EVENTS, abs=PRINTED)
    for name, (value, error) in OVERALL.items():
        assert rows.loc[f"overall[{name}]", "estimate"] == pytest.approx(value, abs=PRINTED)
        assert rows.loc[f"overall[{name}]", "std_error"] == pytest.approx(error, abs=1e-3)
    assert rows.loc["pre_trend[group_time]", "p_value"] == pytest.approx(0.16812, abs=PRINTED)
    by_group = [cells[group][cells[group].index >= group].mean() for group in GROUP_TIME]
    assert by_group == pytest.approx([-0.0797, -0.0229, -0.0261], abs=PRINTED)


def test_minimum_wages_by_other_ways():
    """Not-yet-treated controls, imputation and the plain two-way model, as R's did, did2s and fixest give them."""
    rows = minimum_wages("not_yet_treated").table.set_index(["method", "term"])["estimate"]
    assert rows[("callaway_santanna", "overall[simple]")] == pytest.approx(-0.03976, abs=PRINTED)
    assert rows[("imputation", "overall")] == pytest.approx(-0.04771, abs=PRINTED)
    assert rows[("two_way", "overall")] == pytest.approx(-0.03655, abs=PRINTED)


def jump(frame, outcome, running, cutoff):
    estimate = effects.fit_discontinuity(frame, outcome=outcome, running=running, cutoff=cutoff)
    return estimate.table.query("term == 'jump'").set_index("method"), estimate.details["bandwidths"].iloc[0]


def test_senate():
    """Incumbents of the Senate: jump, error, robust interval and windows, to all digits that rdrobust's article prints.

    Calonico, Cattaneo, Farrell and Titiunik (2017), Stata J. 17:372-404; data of Cattaneo, Frandsen and Titiunik (2015).
    """
    data = resources.files("rdrobust") / "data/rdrobust_RDsenate.csv"
    frame = pd.read_csv(str(data)).dropna(subset=["vote", "margin"])
    rows, widths = jump(frame, "vote", "margin", 0)
    assert rows.loc["conventional", ["estimate", "std_error"]].tolist() == pytest.approx([7.4141, 1.4587], abs=PRINTED)
    assert rows.loc["robust", ["conf_low", "conf_high"]].tolist() == pytest.approx([4.0937, 10.9193], abs=PRINTED)
    assert widths[["fit", "bias"]].tolist() == pytest.approx([17.754, 28.028], abs=5e-4)
    assert widths[["below", "above"]].tolist() == [595, 702]


def test_close_elections():
    """Close elections to the House, with ties: rdrobust 2.1.1 (run once), and the published 47.6 lies in the interval."""
    rows, widths = jump(copied("close_elections.csv"), "score", "demvoteshare", 0.5)
    plain = rows.loc["conventional", ["estimate", "std_error", "conf_low", "conf_high"]].tolist()
    assert plain == pytest.approx([46.491374, 1.240514, 44.060011, 48.922737], abs=1e-5)
    assert rows.loc["robust", ["conf_low", "conf_high"]].tolist() == pytest.approx([43.292898, 49.052362], abs=1e-5)
    assert widths[["fit", "bias"]].tolist() == pytest.approx([0.085599, 0.140606], abs=1e-6)
    assert rows.loc["robust", "conf_low"] < 47.6 < rows.loc["robust", "conf_high"]
    assert np.isfinite(rows["p_value"]).all()


def test_doors_of_a_province(tmp_path):
    """From a registry to an answer: the age limit moves too few to tell, degrees rise in units that sent people."""
    synthetic.write(synthetic.simulate(9_000, 5), tmp_path / "data")
    reg = registry.load(tmp_path / "data")
    frame = effects.build_age_frame(reg)
    assert frame["person_id"].is_unique
    barred = frame.groupby(frame["running"] > 0)["started"].mean()
    assert 0 < barred[True] < barred[False]  # who pays for the course goes at any age
    asked = {"outcome": "promoted", "running": "running", "cutoff": 0.5}
    fuzzy = effects.fit_discontinuity(frame, treatment="started", **asked)
    assert fuzzy.status == "blocked" and "first stage" in fuzzy.notes[0].say("en")
    assert effects.fit_discontinuity(frame, **asked).status != "blocked"
    panel = effects.build_unit_panel(reg, outcome="degree", leaders=2)
    study = effects.fit_event_study(
        panel, outcome="share", unit="unit_id", period="period", first_treated="first_treated", before=6
    )
    assert study.table.query("term == 'overall[simple]'")["conf_low"].item() > 0
