"""What a course costs: sums by hand, against a walk, and no cost of what is not shown."""

from __future__ import annotations

import pandas as pd
import pytest
from build import build_registry
from walk import FIVE, made_by, rows_by_person

from analysis import placement

BEGUN = {"started": "2021-10-01", "expected_end": "2023-10-01", "cost": 60_000_000}
DONE = {**BEGUN, "ended": "2023-05-01", "outcome": "completed"}


def priced(rows, **more):
    people = [{"person_id": f"P{k}"} for k in range(9)]
    posts = [{"person_id": f"P{k}", "division_leader": k == 0} for k in range(9)]
    return placement.price_training(build_registry({"people": people, "posts": posts, **rows}), **more)


def gap(low, high, estimate=0.02):
    """The answer, behind a naive difference that is clearly above 0."""
    main = {
        "estimand": "risk_difference",
        "time": 36,
        "conf_level": 0.95,
        "term": "trained",
        "population": "eligible",
        "run": "",
    }
    naive = {**main, "method": "ever_trained", "estimate": 0.2, "conf_low": 0.15, "conf_high": 0.25}
    answer = {**main, "method": "pooled_logistic", "estimate": estimate, "conf_low": low, "conf_high": high}
    return pd.DataFrame([naive, answer])


def test_sums_by_hand():
    """Protects: who is in which sum: starts, completions, drop-outs paid for too, heads that count, costs not on file."""
    rows = {
        "training": [
            {**DONE, "person_id": "P0"},
            {**DONE, "person_id": "P1", "mode": "in_service", "cost": 30_000_000},
            {**BEGUN, "person_id": "P2", "ended": "2022-05-01", "outcome": "dropped"},
            {**BEGUN, "person_id": "P3"},
            {**DONE, "person_id": "P4", "cost": None},
        ],
        "qualifications": [{"person_id": "P0", "awarded": "2023-06-01"}],
    }
    table = priced(rows).table.set_index(["term", "population"])["estimate"]
    assert table["per_start", "ALL"] == 52_500_000
    assert table["per_completion", "ALL"] == 75_000_000  # two of three with a result, three paid for
    assert table["per_completion", "mode[full_time]"] == 120_000_000
    assert table["per_completion", "mode[in_service]"] == 30_000_000
    assert table["per_head", "ALL"] == 150_000_000


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.01, 0.03, True), (-0.01, 0.05, False), (-0.05, -0.01, False), (0.0, 0.05, False)]
)
def test_a_further_promotion_has_a_cost_only_where_the_interval_is_above_0(low, high, told):
    """Protects: no sum divided by an effect that is not shown, and the interval turned around where it is."""
    estimate = priced({"training": [{**DONE, "person_id": "P0"}]}, effect=gap(low, high))
    row = estimate.pick(term="per_promotion").table.iloc[0]
    if told:
        assert row[["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx([3e9, 2e9, 6e9])
    else:
        assert pd.isna(row["estimate"]) and any("not defined" in note.say("en") for note in estimate.notes)


@pytest.mark.parametrize("name", FIVE)
def test_sums_are_those_of_walking_through_every_row(name):
    """Protects: what a start and a completion costs, on registries made by five other means."""
    reg = made_by(name)
    table = placement.price_training(reg, since="2019-01-01").table.set_index(["term", "population"])["estimate"]
    paid = [
        c for courses in rows_by_person(reg, "training").values() for c in courses
        if c["kind"] == "postgraduate" and c["started"] and c["started"] >= pd.Timestamp("2019-01-01") and c["cost"]
    ]  # fmt: skip
    over = [c for c in paid if c["outcome"]]
    assert table["per_start", "ALL"] == pytest.approx(sum(c["cost"] for c in paid) / len(paid))
    done = sum(c["outcome"] == "completed" for c in over)
    assert table["per_completion", "ALL"] == pytest.approx(sum(c["cost"] for c in over) / done)


def test_without_costs_it_is_blocked_with_its_reason():
    """Protects: a cost that is not on file is not 0."""
    estimate = priced({"training": [{**DONE, "person_id": "P0", "cost": None}]})
    assert estimate.status == "blocked" and "cost" in estimate.notes[0].say("en")
