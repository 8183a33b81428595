"""Comparisons of whole worlds, and the planted truth beside what is estimated."""

from __future__ import annotations

import pytest
from made import make_frame

from analysis import effects


def test_the_planted_truth_is_rows_like_any_other():
    """Differences of complete trials by horizon; a province without a planted truth gives no rows, not an error."""
    truth = {"risk_differences": {"12": {"risk_difference": 0.01}, "36": {"complete_36": {"risk_difference": 0.03}}}}
    table = effects.planted_differences(truth).table
    assert table[["time", "estimate"]].to_numpy().tolist() == [[12, 0.01], [36, 0.03]]
    assert set(table["method"]) == set(table["term"]) == {"planted"} and set(table["estimand"]) == {"risk_difference"}
    assert all(effects.planted_differences(one).table.empty for one in ({}, {"risk_differences": None}))


def test_a_world_is_compared_with_itself_as_equal(world_frame):
    """The same rows in both worlds: a ratio of one, people counted once a person and not once a world."""
    found = effects.compare_worlds(world_frame, world_frame)
    assert found.table["estimate"].item() == pytest.approx(1, abs=1e-9) and found.spec["cluster"] == "who"


@pytest.fixture(scope="module")
def world_frame():
    return make_frame(3).assign(event=lambda rows: rows["event"].clip(upper=1))
