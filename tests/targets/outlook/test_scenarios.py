"""Scenarios differ in the rate that they name, and only where it can be told."""

from __future__ import annotations

import pandas as pd
import pytest
from groups import degree, group

from analysis import synthetic
from analysis.errors import TargetsError
from analysis.targets.outlook.backtest import known_on
from analysis.targets.outlook.scenarios import SCENARIOS, compare_scenarios


@pytest.fixture(scope="module")
def estimate():
    reg = synthetic.make_registry(6_000, 1)
    return compare_scenarios(known_on(reg, pd.Timestamp("2023-06-30")), draws=200)


def test_scenarios_move_in_their_direction(estimate):
    """More enrolment raises the heads, none of the project lowers them, a congress widens the seats' interval."""
    rows = estimate.table.set_index(["run", "outcome", "term"])
    assert set(estimate.table["run"]) == set(SCENARIOS)
    counted = rows["estimate"].xs("counted", level="term")
    assert counted["required_pace", "T4"] > counted["as_now", "T4"] > counted["no_project", "T4"]
    assert counted["half_dropouts", "T4"] >= counted["as_now", "T4"] - 1
    width = (rows["conf_high"] - rows["conf_low"]).xs("counted", level="term")
    assert width["congress", "T3"] > width["as_now", "T3"]
    factors = estimate.details["factors"].set_index("scenario")["enrolment"]
    assert factors["required_pace"] > 1 > factors["no_project"] > 0


def test_scenarios_that_cannot_be_told_are_empty():
    """Nobody ever enrolled: the rate before the project is no number. Unknown names and past days are refused."""
    reg = group(12, qualifications=[degree("P1")], as_of="2023-12-31")
    found = compare_scenarios(reg, scenarios=("as_now", "no_project"), draws=100)
    rows = found.table.query("outcome == 'T1' and term == 'met'").set_index("run")["estimate"]
    assert 0 < rows["as_now"] < 1 and pd.isna(rows["no_project"])
    assert any("not identifiable" in note.say("en") for note in found.notes)
    assert compare_scenarios(reg, deadline="2031-12-31", draws=100).status == "blocked"
    for asked in ({"scenarios": ("best",)}, {"deadline": "2020-01-01"}):
        with pytest.raises(TargetsError):
            compare_scenarios(reg, **asked)
