"""Pace reproduces the worked figures, and refuses what cannot be formed."""

from __future__ import annotations

import pandas as pd
import pytest
from groups import DAY, course, degree, group

from analysis.project import reference
from analysis.targets.groups import heads_needed
from analysis.targets.pace import compare_pace, grade, measure_pace


@pytest.mark.parametrize(
    ("first", "now", "goal", "growth", "linear", "closed", "disagree"),
    [(0.06, 0.10, 0.30, 0.72, 0.40, 0.17, True), (0.40, 0.52, 0.70, 1.13, 0.96, 0.40, False)],
)
def test_worked_figures_of_pace(first, now, goal, growth, linear, closed, disagree):
    """From 2021.7 to 2023.5 toward 2026: a low start looks moderate by growth and is limited by pace."""
    pace = compare_pace(first, now, goal, elapsed=2023.5 - 2021.7, whole=2026 - 2021.7)
    assert (round(pace.growth, 2), round(pace.linear, 2), round(pace.gap_closed, 2)) == (growth, linear, closed)
    assert pace.disagree is disagree
    assert grade(pace.growth) == ("moderate" if disagree else "substantial")


@pytest.mark.parametrize(
    ("first", "elapsed", "nothing"), [(0.3, 1, True), (0.5, 1, True), (0.1, 0, True), (0.0, 1, False)]
)
def test_pace_is_not_formed_where_it_means_nothing(first, elapsed, nothing):
    """No pace from the goal or before time has passed; no growth from zero."""
    pace = compare_pace(first, 0.2, 0.3, elapsed=elapsed, whole=4)
    assert pace.growth is None and not pace.disagree
    assert (pace.linear is None) is nothing


def test_pace_of_a_group_in_people_a_month():
    """Three of ten more needed in six months is half a person a month."""
    reg = group(10, qualifications=[degree("P1")], training=[course("P2"), course("P3"), course("P4", "2022-09-01")])
    estimate = measure_pace(reg, target="T1", on=DAY, deadline="2025-12-31")
    rows = estimate.table.set_index("term")["estimate"]
    assert rows["moved"] == pytest.approx(0.3) and rows["to_move"] == pytest.approx(0.6)
    assert rows["needed_a_month"] == pytest.approx(3 / 6)
    assert rows["gained_a_month"] == pytest.approx(2 / 12)
    assert measure_pace(reg, target="T1", deadline=DAY).table.set_index("term")["estimate"].isna()["needed_a_month"]


def test_a_target_with_a_day_of_its_own_is_paced_to_that_day(monkeypatch):
    """Six heads by the end of 2030 are not asked by the end of 2025, and the pace is measured on that road."""
    monkeypatch.setitem(reference("targets.yml")["targets"]["T2"], "day", pd.Timestamp("2030-12-31").date())
    monkeypatch.delitem(reference("targets.yml")["targets"]["T2"], "ends")
    reg = group({}, posts=[{"person_id": f"P{one}", "standing_committee_managed": True} for one in range(1, 13)])
    estimate = measure_pace(reg, target="T2", on=DAY)
    assert estimate.spec["deadline"] == "2030-12-31"
    assert estimate.table.set_index("term")["estimate"]["needed_a_month"] == pytest.approx(6 / 66)


def test_pace_of_an_empty_group_is_blocked():
    """A group that did not exist at the start has no pace, and says why."""
    estimate = measure_pace(group({"P1": {"started": "2023-01-01"}}), target="T1")
    assert estimate.status == "blocked" and estimate.table["estimate"].isna().all() and estimate.notes
    assert measure_pace(group(3), target="T1", on="2021-09-10").status == "blocked"


@pytest.mark.parametrize(("counted", "members", "need"), [(36, 52, 37), (37, 53, 38)])
def test_rounding_for_publication_would_flip_the_verdict(counted, members, need):
    """36 of 52 misses 70 percent and 35 of 50 would reach it; 37 of 53 would fall to 35 of 55: judge true counts."""
    assert heads_needed(0.7, members) == need and counted < need
    rounded = 5 * round(counted / 5), 5 * round(members / 5)
    assert rounded == ((35, 50) if members == 52 else (35, 55))
    assert (rounded[0] >= heads_needed(0.7, rounded[1])) == (members == 52)
