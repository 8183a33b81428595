"""Plans count people who may be sent, in whole heads, and say when training alone cannot do it."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pandas as pd
import pytest
from groups import group
from scipy import stats

from analysis import registry, synthetic
from analysis.errors import Blocked, TargetsError
from analysis.estimate import Estimate
from analysis.targets.outlook.ahead import watch_past
from analysis.targets.outlook.allocation import Eligible, Limits, choose_classes, classify, is_young, plan_jointly
from analysis.targets.outlook.planning import (
    latest_intakes,
    list_intakes,
    met_by_extra,
    plan_classes,
    plan_enrolments,
)

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> registry.Registry:
    folder = synthetic.write(synthetic.simulate(2_000, 5), tmp_path_factory.mktemp("plan") / "data")
    return registry.load(folder, as_of="2023-12-31")


def crowd(people: int, draws: int = 400, seed: int = 3, women: float = 0.4) -> Eligible:
    """Eligible people of four overlapping groups."""
    rng = RNG(seed)
    member = rng.random((4, people)) < np.array([0.02, 0.15, 0.3, 0.8])[:, None]
    member[3] |= ~member.any(axis=0)
    frame = pd.DataFrame({"unit": rng.integers(0, 80, people).astype(str), "women": rng.random(people) < women,
                          "young": rng.random(people) < 0.6, "minority": rng.random(people) < 0.2})  # fmt: skip
    adds = member[:, :, None] & (rng.random((people, draws)) < 0.8)
    return Eligible(targets=["T1", "T2", "T3", "T4"], people=frame, member=member, adds=adds)


def test_filling_the_expected_gap_is_worse_than_a_coin_toss():
    """53 seats, 31 counted, 38 needed: five or six more give less than even odds, as each may leave or drop out."""
    rng = RNG(1)
    margin = np.round(rng.normal(33, 2.4, 4000)).astype(int) - 38
    curve = met_by_extra(margin, rng.random((20, 4000)) < 0.85, rng).mean(axis=1)
    assert len(curve) == 21 and curve[5] < 0.5 and curve[7] > curve[6] > curve[5] and (np.diff(curve) >= 0).all()
    exact = stats.binom.sf(-margin - 1, 6, 0.85).mean()
    assert curve[6] == pytest.approx(exact, abs=0.02)


def test_plan_of_a_province(known):
    """The rows of each target, a curve that rises, the last intake; the row order of the file is nothing."""
    estimate = plan_enrolments(known, deadline="2025-06-30", draws=300, certainty=(0.5, 0.9))
    rows = estimate.table.set_index(["outcome", "term"])["estimate"]
    curve = estimate.table.query("outcome == 'T4' and term == 'met_with_extra'")
    assert curve["n_exposed"].tolist() == list(range(len(curve))) and len(curve) <= rows["T4", "eligible"] + 1
    curve = curve["estimate"].to_numpy()
    assert (np.diff(curve) >= 0).all() and (curve[:-1] < 0.95).all()
    if rows["T4", "extra[0.5]"] > 0:
        assert curve[int(rows["T4", "extra[0.5]"])] >= 0.5 > curve[int(rows["T4", "extra[0.5]"]) - 1]
    assert list_intakes(estimate).set_index("reading").loc["has_or_studying", "intake"] == "04/2025"
    again = plan_enrolments(known, deadline="2025-06-30", draws=300, certainty=(0.5, 0.9))
    pd.testing.assert_frame_equal(again.table, estimate.table)
    older = plan_enrolments(known, deadline="2025-06-30", draws=300, certainty=(0.5,), beyond_age=True)
    stock = older.table.set_index(["outcome", "term"])["estimate"]
    assert stock["T2", "eligible"] > rows["T2", "eligible"]


def test_too_few_eligible_is_said_and_not_numbered():
    """Nobody may be sent: no number of enrolments, and the reason."""
    reg = group(10, posts=[{"person_id": f"P{one}"} for one in range(1, 11)], as_of="2023-12-31")
    estimate = plan_enrolments(reg, target="T1", draws=200)
    rows = estimate.table.set_index(["outcome", "term"])["estimate"]
    assert rows["T1", "eligible"] == 0 and np.isnan(rows["T1", "extra[0.9]"])
    assert any("training alone" in note.say("en") for note in estimate.notes)
    beyond = plan_enrolments(reg, target="T1", deadline="2030-12-31")
    assert beyond.status == "blocked" and beyond.table["estimate"].isna().all()


@pytest.mark.parametrize("asked", [{"deadline": "2020-01-01"}, {"certainty": (1.0,)}, {"target": "T9"}])
def test_impossible_plans_are_refused(asked):
    """A day that is past, certainty itself, an unknown target."""
    with pytest.raises(TargetsError):
        plan_enrolments(group(3, as_of="2023-12-31"), **asked)


def test_floors_capacity_and_budget_bind():
    """The least plan keeps every limit, and an impossible one is none."""
    eligible = crowd(300)
    classes = classify(eligible, by_unit=True)
    number = classes["class"].to_numpy()
    adds = np.stack([np.bincount(number, one.mean(axis=1)) / np.bincount(number) for one in eligible.adds])
    needed = np.array([1.0, 5.0, 10.0, 30.0])
    chosen = choose_classes(adds, needed, classes, Limits(per_unit=2, floors={"women": 0.5, "minority": 0.3}))
    first = classes.drop_duplicates("class").sort_values("class")
    assert (adds @ chosen >= needed - 1e-6).all() and (chosen <= np.bincount(number)).all()
    assert np.bincount(pd.factorize(first["unit"])[0], chosen).max() <= 2
    assert (chosen @ first["women"]) >= 0.5 * chosen.sum() and (chosen @ first["minority"]) >= 0.3 * chosen.sum()
    assert choose_classes(adds, needed, classes, Limits(capacity=5)) is None
    assert choose_classes(adds, needed, classes, Limits(budget=100.0, cost=50.0)) is None


def test_a_joint_plan_is_scored_by_simulation():
    """The plan meets all four at once with the certainty asked, in draws and not in expectation."""
    eligible = crowd(400)
    margin = np.round(RNG(5).normal([[-1], [-6], [-12], [-40]], 3, (4, 400))).astype(int)
    sent, after = plan_jointly(eligible, margin, 0.9, Limits(floors={"women": 0.3}), RNG(1))
    assert (after >= 0).all(axis=0).mean() >= 0.9
    assert sent["women"].mean() >= 0.3
    with pytest.raises(Blocked, match="No joint plan was found"):
        plan_jointly(eligible, margin - 500, 0.9, Limits(), RNG(1))
    nobody = crowd(1)._replace(people=eligible.people[:0], member=eligible.member[:, :0], adds=eligible.adds[:, :0])
    assert len(plan_jointly(nobody, margin + 500, 0.9, Limits(), RNG(1))[0]) == 0, (
        "a plan of nobody is one where all is met"
    )


def planned(**details) -> Estimate:
    row = pd.DataFrame([{"estimand": "heads", "term": "plan[0.8]", "estimate": 42}])
    return Estimate(table=row, spec={}, details=details)


def test_a_plan_is_counted_by_target_and_mark_never_by_name():
    """Counts overlap: who serves two targets is in both and among the several; only the certainty asked for is told."""
    table = pd.DataFrame({"T1": [True, False], "T4": [True, True], "women": [True, False], "young": [False, False],
                          "minority": [False, True], "people": [12, 30], "certainty": 0.8})  # fmt: skip
    found = plan_classes(planned(plan=table), 0.8)
    assert list(found.columns) == ["class", "people"] and found["people"].dtype == float
    assert dict(found.itertuples(index=False)) == {
        "serve_T1": 12, "serve_T4": 42, "women": 12, "young": 0, "minority": 30, "several": 12
    }  # fmt: skip
    for plan in (planned(plan=table), planned(plan=pd.DataFrame()), planned()):
        assert plan_classes(plan, 0.9).empty and list(plan_classes(plan, 0.9).columns) == ["class", "people"]


def test_intakes_are_words_without_numbers():
    """The months of the last intakes leave as text, so that a table of counts holds no number that is none."""
    reg = group(
        40,
        training=[{"person_id": f"P{one}", "started": f"2022-{4 if one % 2 else 10:02d}-05"} for one in range(1, 30)],
    )
    found = latest_intakes(reg, watch_past(reg), pd.Timestamp("2026-03-31"))
    assert found.to_numpy().tolist() == [["has_or_studying", "10/2025", "ahead"], ["has", "10/2023", "gone"]]
    assert list_intakes(planned(intakes=found)) is found
    for day, state in (("2025-04-29", "ahead"), ("2025-04-30", "gone")):  # the last day of the month is too late
        known = dataclasses.replace(reg, as_of=pd.Timestamp(day))
        assert latest_intakes(known, watch_past(known), pd.Timestamp("2025-05-31"))["state"][0] == state
    assert list_intakes(planned()).empty and list(list_intakes(planned()).columns) == list(found.columns)


@pytest.mark.long
def test_a_joint_plan_for_4000_takes_seconds():
    """4,000 eligible people, a capacity a unit, 4,000 draws: about ten seconds."""
    eligible = crowd(4_000, draws=4_000)
    margin = np.round(RNG(5).normal([[-3], [-20], [-60], [-150]], 5, (4, 4_000))).astype(int)
    begun = time.process_time()
    assert plan_jointly(eligible, margin, 0.9, Limits(per_unit=8, floors={"women": 0.3, "minority": 0.15}), RNG(1))
    assert time.process_time() - begun < 20


def test_young_follows_the_rule():
    """Below forty on the day, by rules.yml; unknown birth dates are not young."""
    born = pd.Series(pd.to_datetime(["1984-01-01", "1983-12-31", None]))
    assert is_young(born, pd.Timestamp("2023-12-31")).tolist() == [True, False, False]
