"""Event studies: a planted effect is found, what cannot be carried is refused, and units are laid out by half-years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from build import build_registry

from analysis import effects
from analysis.effects import panels
from analysis.errors import EffectsError

COLUMNS = {"outcome": "y", "unit": "u", "period": "t", "first_treated": "g"}


def make_panel(seed=0, units=150, cohorts=(9, 12, 15), share=0.6, periods=18, effect=0.05, drift=0.0):
    """Units that begin at different times, with an effect that grows by `effect` a period from the first on."""
    rng = np.random.default_rng(seed)
    first = np.where(rng.random(units) < share, rng.choice(cohorts, units), 0)
    u, t = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    g = first[u]
    since = np.where((g > 0) & (t >= g), t - g + 1, 0)
    y = rng.normal(0, 0.3, units)[u] + rng.normal(0, 0.1, periods)[t] + rng.normal(0, 0.15, len(u))
    return pd.DataFrame({"u": u, "t": t, "g": g, "y": y + effect * since + drift * (g > 0) * t, "since": since})


def fit(frame, **more):
    return effects.fit_event_study(frame, **COLUMNS, **more)


@pytest.fixture(scope="module")
def planted():
    frame = make_panel()
    return frame, fit(frame)


def test_planted_effect_is_found(planted):
    """Every mean of the effect holds the truth it is a mean of, and the plain two-way model does not reach it."""
    frame, estimate = planted
    truth = {time: 0.05 * (time + 1) for time in range(9)}
    rows = estimate.table.query("term == 'event_time' and time >= 0")
    assert len(rows) == 9
    assert ((rows["estimate"] - rows["time"].map(truth)).abs() < 3 * rows["std_error"]).all()
    treated = frame[frame["since"] > 0]
    means = {
        "overall[simple]": 0.05 * treated["since"].mean(),
        "overall[group]": 0.05 * treated.groupby("u")["since"].mean().mean(),
        "overall[dynamic]": np.mean([truth[time] for time in rows["time"]]),
    }
    found = estimate.table.set_index(["method", "term"])
    for term, wanted in means.items():
        row = found.loc[("callaway_santanna", term)]
        assert row["conf_low"] <= wanted <= row["conf_high"]
    for method in ("sun_abraham", "imputation"):
        row = found.loc[(method, "overall")]
        assert row["conf_low"] <= means["overall[simple]"] <= row["conf_high"]
    plain = found.loc[("two_way", "overall")]
    assert plain["estimate"] < means["overall[simple]"] - 2 * found.loc[("imputation", "overall"), "std_error"]
    assert np.isnan(plain["conf_low"])
    assert estimate.status == "ok"


def test_weights_of_the_two_way_model_add_up(planted):
    """Who reads the plain model sees how much of it compares units with others treated before."""
    bacon = planted[1].details["bacon"]
    assert bacon["weight"].sum() == pytest.approx(1)
    assert {"treated_vs_never", "earlier_vs_later", "later_vs_earlier"} == set(bacon["comparison_type"])
    plain = planted[1].table.query("method == 'two_way'")["estimate"].item()
    assert (bacon["weight"] * bacon["estimate"]).sum() == pytest.approx(plain, abs=1e-6)


@pytest.mark.parametrize("controls", ["never_treated", "not_yet_treated"])
def test_covariance_is_that_of_the_library(controls):
    """The covariance computed here rests on the comparisons that the library makes: its diagonal is the library's."""
    frame = make_panel(1)
    cells = fit(frame, controls=controls).details["group_time"]
    panel = panels._read(frame, "y", "u", "t", "g")
    errors = np.sqrt(np.diag(panels._covariance(panel, cells, controls)))
    assert errors == pytest.approx(cells["se"].to_numpy(), rel=1e-6)


def test_drift_before_is_said():
    """Units on a path of their own are no proof of an effect, and the page says so."""
    estimate = fit(make_panel(2, effect=0.0, drift=0.05))
    assert estimate.status == "warned"
    assert "did not move as the others" in estimate.notes[0].say("en")
    assert estimate.table.query("term == 'pre_trend'")["p_value"].item() < 0.01


def test_null_leads_are_seldom_called_a_drift():
    """With few treated units a chi-square of eight leads would cry wolf in a third of worlds."""
    found = [fit(make_panel(seed, units=40, effect=0.0)) for seed in range(8)]
    assert sum(one.table.query("term == 'pre_trend'")["p_value"].item() < 0.05 for one in found) <= 2
    assert all("few units" in one.notes[0].say("en") for one in found[:1])


BLOCKED = {
    "short": (make_panel(cohorts=(3, 5)), {}, "fewer than 8 periods"),
    "nobody left": (make_panel(share=1.0, cohorts=(10,)), {}, "nothing to compare"),
    "no never treated": (make_panel(share=1.0), {"controls": "never_treated"}, "nothing to compare"),
    "same": (make_panel().assign(y=1.0), {}, "same value everywhere"),
    "few": (make_panel(units=14, seed=3), {}, "Fewer than 10 units"),
}


@pytest.mark.parametrize("case", BLOCKED)
def test_what_cannot_be_carried_is_blocked(case):
    """No number stands where units are too few, seen too shortly before, or without comparison."""
    frame, asked, reason = BLOCKED[case]
    estimate = fit(frame, **asked)
    assert estimate.status == "blocked"
    assert reason in estimate.notes[0].say("en") != estimate.notes[0].say("vi")


def test_event_times_of_few_units_are_left_out():
    """An effect carried by fewer than ten units is one of those units."""
    times = fit(make_panel(4, units=60, cohorts=(9, 9, 9, 9, 12, 17))).table.query("term == 'event_time'")["time"]
    assert times.max() < 9 and times.min() > -17


@pytest.mark.parametrize("spoil", [
    lambda frame: pd.concat([frame, frame.head(1)]), lambda frame: frame.assign(g=np.where(frame["t"] == 3, 0, frame["g"])),
    lambda frame: frame.drop(columns="y"), lambda frame: frame.assign(y=frame["y"].where(frame["t"] > 0)),
])  # fmt: skip
def test_bad_frames(spoil):
    """A unit twice in a period, a start that changes, holes: named, never fitted."""
    with pytest.raises(EffectsError):
        fit(spoil(make_panel()))
    with pytest.raises(EffectsError, match="controls"):
        fit(make_panel(), controls="all")


def test_units_that_all_begin():
    """Those not yet treated are compared with where nobody is never treated; the library's Sun-Abraham cannot."""
    estimate = fit(make_panel(share=1.0))
    truth = 0.05 * np.array([1, 2, 3])
    rows = estimate.table.query("term == 'event_time' and 0 <= time < 3")
    assert ((rows["estimate"] - truth).abs() < 3 * rows["std_error"]).all()
    assert estimate.status == "ok" and "sun_abraham" not in set(estimate.table["method"])


def test_periods_may_have_gaps():
    """A half-year that is not there for anybody is no reason to compare others than the library does."""
    frame = make_panel(5).query("t != 4")
    estimate = fit(frame, before=6)
    cells, panel = estimate.details["group_time"], panels._read(frame, "y", "u", "t", "g")
    errors = np.sqrt(np.diag(panels._covariance(panel, cells, "not_yet_treated")))
    assert errors == pytest.approx(cells["se"].to_numpy(), rel=1e-6)


def test_units_with_gaps_are_left_out():
    """A unit not seen throughout changes who is compared from one period to the next."""
    frame = make_panel()
    estimate = fit(frame.drop(frame.index[5]))
    assert estimate.table["n"].iloc[0] == 149
    assert "not seen in every period" in estimate.notes[0].say("en")


def leader(person, unit, **more):
    return {"person_id": person, "unit_id": unit, "grade": 1, "decision": "first_appointment", **more}


def test_units_by_half_years():
    """Shares are of those who lead as the half-year begins; the start is that of the second person sent."""
    people = [f"{unit}{place}" for unit in "ABC" for place in range(3 if unit != "C" else 2)]
    posts = [leader(one, one[0]) for one in people if one != "B0"]
    posts += [
        leader("B0", "B", ended="2018-05-10"),
        leader("B0", "B", started="2018-05-10", grade=2, decision="higher_appointment"),
        *({"person_id": one, "unit_id": "A"} for one in ("S1", "S2")),
    ]
    sent = [("S1", "2016-09-01"), ("S2", "2017-03-01"), ("A0", "2018-09-01")]
    reg = build_registry(
        {
            "people": [{"person_id": one} for one in (*people, "S1", "S2")],
            "units": [{"unit_id": one} for one in "ABC"],
            "posts": posts,
            "training": [{"person_id": one, "course_id": one, "started": day, "expected_end": "2019-12-01"} for one, day in sent],
            "qualifications": [{"person_id": "A1", "awarded": "2017-08-01"}],
        }
    )  # fmt: skip
    asked = {"start": "2016-01-01", "end": "2018-12-31"}
    panel = effects.build_unit_panel(reg, **asked).set_index(["unit_id", "period"])
    assert set(panel.index) == {(unit, period) for unit in "AB" for period in range(92, 98)}
    assert panel["first_treated"].groupby("unit_id").unique().map(list).to_dict() == {"A": [94], "B": [0]}
    assert panel["share"][panel["share"] > 0].to_dict() == {("B", 96): pytest.approx(1 / 3)}
    assert (panel["leaders"] == 3).all()
    degrees = effects.build_unit_panel(reg, outcome="degree", **asked).set_index(["unit_id", "period"])["share"]
    assert degrees["A"].tolist() == pytest.approx([0, 0, 0, 1 / 3, 1 / 3, 1 / 3])
    one = effects.build_unit_panel(reg, sent=1, leaders=2, **asked).groupby("unit_id")["first_treated"].first()
    assert one.to_dict() == {"A": 93, "B": 0, "C": 0}
