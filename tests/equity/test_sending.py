"""From the planning list or past it, to which courses, and how evenly: counts by hand."""

from __future__ import annotations

import dataclasses

import pytest
from build import build_registry

from analysis import equity
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


def test_kinds_are_compared_by_their_own_starts(hand):
    """A digital course is no postgraduate one: the starts of a kind are its own."""
    found = equity.compare_kinds(hand, groups=["sex[female]"]).table
    begun = found[found["term"].eq("standardised")].set_index("outcome")
    assert begun["n"].eq(0).all(), "no woman is there to be compared"
    men = equity.compare_kinds(make_registry(3000, 5), groups=["sex[female]"]).table
    men = men[men["term"].eq("standardised")].set_index("outcome")["n_event"]
    women = make_registry(3000, 5)
    of = women["training"].merge(women["people"][["person_id", "sex"]], on="person_id")
    of = of[of["sex"].eq("female") & of["started"].ge("2019-01-01") & of["kind"].eq("digital")]
    assert 0 < men["digital"] <= of["person_id"].nunique()
