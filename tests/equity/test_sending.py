"""From the planning list or past it, to which courses, and how evenly: counts by hand."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from build import build_registry

from analysis import careers, equity
from analysis.synthetic.worlds import make_registry

RATED = [{"year": year, "rating": "good"} for year in range(2013, 2025)]


@pytest.fixture(scope="module")
def hand():
    """Four men: two on a list, one of them named; one named past the list; one with nothing but a short course."""
    people = [{"person_id": f"P{k}", "sex": "male", "birth_date": "1990-03-01"} for k in range(4)]
    course = {"level": "master", "outcome": "completed"}
    return build_registry({
        "people": people,
        "posts": [{"person_id": f"P{k}"} for k in range(4)],
        "ratings": [{"person_id": f"P{k}", **row} for k in range(4) for row in RATED],
        "planning": [{"person_id": f"P{k}", "started": "2019-02-01"} for k in range(2)],
        "training": [
            {"person_id": "P0", "course_id": "A", "nominated": "2019-12-05", "started": "2020-04-01",
             "expected_end": "2022-04-01", "ended": "2022-04-01", **course},
            {"person_id": "P2", "course_id": "B", "nominated": "2020-06-05", "started": "2020-10-01",
             "expected_end": "2022-10-01", "ended": "2022-10-01", "mode": "in_service", **course},
            {"person_id": "P3", "course_id": "C", "kind": "digital", "level": None, "started": "2021-03-01",
             "expected_end": "2021-03-04", "ended": "2021-03-04", "outcome": "completed"},
        ],
    })  # fmt: skip


def test_listed_and_named_are_counted_as_the_rows_say(hand):
    """One of two named was on a list; one of two on a list was named within two years; half the starts in service."""
    rows = equity.describe_sending(hand, groups=[]).table.set_index(["population", "term"])["estimate"]
    assert rows["ALL", "planned"] == 0.5 and rows["ALL", "named"] == 0.5
    assert rows["2019", "planned"] == 1 and rows["2020", "planned"] == 0


def test_the_spread_counts_days_of_all_courses(hand):
    """Three of four have a course; nobody is left out for having a short one."""
    rows = equity.describe_sending(hand, groups=[]).table.set_index("term")
    assert rows.loc["none", "estimate"] == 0.25
    assert rows.loc["none", "n"] == 4 and rows.loc["none", "n_event"] == 3


def test_modes_of_a_group_add_up():
    """Every course on file has a mode: the shares of a group are one together, where nobody went twice."""
    found = equity.describe_sending(make_registry(3000, 5), groups=["sex[female]"])
    modes = found.table[found.table["term"].str.startswith("mode[") & found.table["population"].eq("sex[female]")]
    assert modes["estimate"].sum() == pytest.approx(1, abs=0.02)


def test_without_planning_the_rest_is_told():
    """The rest does not need the table, and the note says what is missing."""
    reg = make_registry(400, 5)
    bare = dataclasses.replace(reg, absent=frozenset({*reg.absent, "planning"}))
    found = equity.describe_sending(bare)
    assert "planned" not in set(found.table["term"]) and "top_tenth" in set(found.table["term"])
    assert "planning" in found.notes[0].template


@pytest.mark.parametrize("kind", ["postgraduate", "political_theory", "digital"])
def test_every_kind_counts_the_courses_that_began(kind):
    """Row by row: months named (begun where no nomination is on file) in which nothing known forbids the course."""
    reg = make_registry(3000, 5)
    gates = careers.sendable(reg, pd.period_range("2019-01", "2025-06", freq="M"), kind=kind)
    place = {person: row for row, person in enumerate(gates.people)}
    sex = dict(zip(reg["people"]["person_id"], reg["people"]["sex"], strict=True))
    named, first = [], {}
    for row in reg["training"].itertuples():
        if row.kind == kind and not pd.isna(row.started):
            month = min(day.to_period("M") for day in (row.nominated, row.started) if not pd.isna(day))
            named.append((row.person_id, month))
            first[row.person_id] = min(month, first.get(row.person_id, month))
    counted = {
        person
        for person, month in named
        if month >= pd.Period("2019-01", "M") and sex[person] == "female"
        and gates.allowed[place[person], (month - pd.Period("2019-01", "M")).n]
        and (kind != "postgraduate" or month == first[person])
    }  # fmt: skip
    found = equity.compare_kinds(reg, groups=["sex[female]"]).pick(outcome=kind, term="standardised").table
    assert found["n_event"].tolist() == [len(counted)] and len(counted) > 20


def test_named_against_a_rule_counts_in_no_rate_and_is_told(hand):
    """A man of 45, a civil servant, named past the age limit: in the share of the barred, and at no stage of naming."""
    tables = {**hand.tables}
    old = tables["people"]["person_id"].eq("P2")
    tables["people"] = tables["people"].assign(
        birth_date=tables["people"]["birth_date"].mask(old, pd.Timestamp("1975-01-01"))
    )
    rows = equity.describe_sending(dataclasses.replace(hand, tables=tables), groups=[]).table.set_index("term")
    assert rows.loc["barred", "estimate"] == 0.5


def test_groups_by_age_are_those_at_the_start():
    """The young and the others beside each other, without a gap in what a group can be asked for."""
    found = equity.describe_sending(make_registry(1500, 5), groups=["age[under_40]"]).table
    begun = found[found["population"].str.contains("age")]
    assert set(begun["population"]) == {"age[under_40]", "reference[age[under_40]]"}
