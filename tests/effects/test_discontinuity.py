"""The jump at a cutoff: a planted one is found, sorting and weak rules are seen, and the age limit is laid out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from build import build_registry

from analysis import effects
from analysis.errors import EffectsError


def make_people(seed=0, people=3000, months=True, moved=0.4, effect=0.2):
    """People about an age limit: those beyond it start less often; starting raises the chance of the outcome."""
    rng = np.random.default_rng(seed)
    x = rng.normal(-5, 60, people)
    x = np.floor(x) if months else x
    t = rng.random(people) < np.where(x > (0.5 if months else 0), 0.45 - moved, 0.45)
    y = rng.random(people) < 0.25 + 0.0005 * x + effect * t
    return pd.DataFrame({"x": x, "t": t, "y": y, "c": rng.normal(size=people)}).astype("float64")


def fit(frame, cutoff=0.5, treatment="t", **more):
    return effects.fit_discontinuity(frame, outcome="y", running="x", cutoff=cutoff, treatment=treatment, **more)


@pytest.mark.parametrize("months", [True, False])
def test_planted_jump_is_covered(months):
    """Robust intervals of the jump, the first stage and the ratio hold the truth about as often as they say."""
    truth = {"jump": -0.08, "first_stage": -0.4, "ratio": 0.2}
    hits = []
    for seed in range(30):
        rows = (
            fit(make_people(seed, 2000, months=months), 0.5 if months else 0.0)
            .table.query("method == 'robust'")
            .set_index("term")
        )
        hits.append(
            [rows.loc[term, "conf_low"] <= value <= rows.loc[term, "conf_high"] for term, value in truth.items()]
        )
    assert (
        np.sum(hits, axis=0) >= 25
    ).all()  # of thirty, a 95 percent interval misses more than five in one of a hundred


def test_rows_and_checks():
    """Both ways and every check stand in the one schema, with the people of the window."""
    estimate = fit(make_people(), covariates=["c"])
    jumps, tests = (estimate.table.query(f"estimand == '{kind}'") for kind in ("mean_difference", "test"))
    assert jumps[["term", "method"]].apply(tuple, axis=1).tolist() == [
        (term, method) for method in ("conventional", "robust") for term in ("jump", "first_stage", "ratio")
    ]
    assert tests["term"].tolist() == ["density", "placebo[below]", "placebo[above]", "covariate[c]"]
    assert tests["p_value"].between(0, 1).all()
    assert (jumps["n"] > jumps["n_exposed"]).all() and (jumps["n"] <= 3000).all()
    assert estimate.status == "ok" and estimate.notes == ()


def test_checks_seldom_fail_where_all_is_well():
    """At a level shared by its checks a sound rule is warned of in about one world in twenty."""
    assert sum(fit(make_people(seed), covariates=["c"]).status == "warned" for seed in range(40, 70)) <= 4


def test_sorting_is_seen():
    """People who moved their age below the limit show as a jump of their number, and what tells them apart as well."""
    frame = make_people(3)
    moved = (frame["x"] > 0.5) & (frame["x"] < 15) & (np.random.default_rng(0).random(len(frame)) < 0.6)
    sorted_ = frame.assign(x=frame["x"].where(~moved, 1 - frame["x"]), c=frame["c"] + 3 * moved)
    estimate = fit(sorted_, treatment=None, covariates=["c"])
    said = " ".join(note.say("en") for note in estimate.notes)
    assert estimate.status == "warned"
    assert "number of people jumps" in said and "differ beforehand: c." in said


BLOCKED = {
    "few": (make_people(people=45), "Fewer than 30 people"),
    "one side": (make_people().query("x < 5"), "too few different values"),
    "weak": (make_people(moved=0.03), "first stage has F ="),
    "years": (make_people().assign(x=lambda frame: frame["x"] // 12 * 12), "too few different values"),
    "rounded": (make_people().assign(x=lambda frame: frame["x"].where(frame.index % 2 == 0, frame["x"] // 12 * 12)), "heap"),
    "same": (make_people().assign(y=1.0), "same value everywhere"),
}  # fmt: skip


@pytest.mark.parametrize("case", BLOCKED)
def test_what_cannot_be_carried_is_blocked(case):
    """No number stands on few people, rounded ages, a rule that moves nobody, or an outcome that all have."""
    frame, reason = BLOCKED[case]
    estimate = fit(frame)
    assert estimate.status == "blocked"
    assert reason in estimate.notes[0].say("en")
    assert estimate.notes[0].say("en") != estimate.notes[0].say("vi")


def test_bad_frames():
    """Holes and words are named, not fitted."""
    with pytest.raises(EffectsError, match="y: 1 rows"):
        fit(make_people().assign(y=lambda frame: frame["y"].where(frame.index > 0)))
    with pytest.raises(EffectsError, match="c: these columns"):
        fit(make_people().assign(c="a"), covariates=["c"])
    with pytest.raises(EffectsError, match="t: values seen"):
        fit(make_people().assign(t=lambda frame: 2 * frame["t"]))


def test_a_rule_without_exceptions_is_no_weak_one():
    """Where all obey, the ratio is the jump itself."""
    frame = make_people().assign(t=lambda frame: (frame["x"] > 0.5).astype("float64"))
    rows = fit(frame).table.query("method == 'robust'").set_index("term")
    assert rows.loc["first_stage", "estimate"] == pytest.approx(1)
    assert rows.loc["ratio", ["estimate", "std_error"]].tolist() == pytest.approx(
        rows.loc["jump", ["estimate", "std_error"]].tolist()
    )


def test_the_age_limit():
    """The first intake at which all but the age allows sending; whom no limit binds is not there."""
    born = {"A": "1980-10-15", "B": "1980-09-15", "C": "1980-08-15", "D": "1980-09-15", "E": "1979-01-15"}
    hired = {"E": "2018-06-01"}  # three years of service are asked: not at the first intake
    reg = build_registry(
        {
            "people": [
                {"person_id": one, "birth_date": day, "recruited": hired.get(one, "2012-01-01")} for one, day in born.items()
            ],
            "posts": [
                *(
                    {"person_id": one, "started": hired.get(one, "2012-01-01"),
                     "staff_kind": "public_employee" if one == "D" else "civil_servant"} for one in "ABCDE"
                ),
                {"person_id": "A", "started": "2023-08-10", "grade": 1, "decision": "first_appointment"},
                {"person_id": "C", "started": "2023-10-10", "grade": 1, "decision": "first_appointment"},
            ],
            "training": [
                {"person_id": "A", "course_id": "1", "started": "2020-09-10", "expected_end": "2022-09-10"},
                {"person_id": "D", "course_id": "2", "started": "2021-09-10", "expected_end": "2023-09-10"},
            ],
        },
        absent=("ratings",),
    )  # fmt: skip
    frame = effects.build_age_frame(reg, starters=1).set_index("person_id")
    assert frame["running"].to_dict() == {"A": -1, "B": 0, "C": 1, "E": 2021 * 12 + 8 - (1979 * 12 + 0) - 480}
    assert frame["started"].to_dict() == {"A": 1, "B": 0, "C": 0, "E": 0}
    assert frame["promoted"].to_dict() == {"A": 1, "B": 0, "C": 0, "E": 0}  # C after 36 months
    assert frame["served"].loc["E"] == 39
    assert effects.build_age_frame(reg, starters=2).empty
