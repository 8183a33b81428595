"""Posts of the field studied: hand-made people, the interval, and provinces with and without a planted match."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from build import build_registry
from scipy import stats

from analysis import placement
from analysis.placement.fieldmatch import score_interval
from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import make_registry

DONE = {"started": "2019-10-01", "expected_end": "2021-10-01", "ended": "2021-10-01", "outcome": "completed"}


def by_hand(matches=10, completers=25, like=20, others=100):
    """Completers of law, some in posts of law, and colleagues of whom some hold posts of law."""
    people, posts, courses = [], [], []
    for k in range(completers + others):
        person, law = f"P{k:03d}", k < matches or completers <= k < completers + like
        people.append({"person_id": person})
        posts.append({"person_id": person, "field": "law" if law else "health"})
        courses += [{**DONE, "person_id": person, "field": "law"}] if k < completers else []
    return {"people": people, "posts": posts, "training": courses}


def test_the_excess_over_colleagues_by_hand():
    """Protects: whose share, of whom, against which chance."""
    table = placement.match_fields(build_registry(by_hand())).table.set_index("term")
    assert table.loc["completed", ["estimate", "n", "n_event"]].tolist() == [0.4, 25, 10]
    assert table.loc["colleagues", "estimate"] == pytest.approx(0.2)
    assert table.loc["excess", "estimate"] == pytest.approx(0.2)
    assert table.loc["excess", "conf_low"] < 0.2 < table.loc["excess", "conf_high"]


def test_who_left_or_has_no_field_is_not_in_it():
    """Protects: only those still in service, in a post whose field is on file, are compared."""
    rows = by_hand(completers=30)
    rows["posts"][0] = {**rows["posts"][0], "ended": "2022-01-01"}
    rows["exits"] = [{"person_id": "P000", "exited": "2022-01-01", "reason": "death"}]
    rows["posts"][1] = {"person_id": "P001"}
    assert placement.match_fields(build_registry(rows)).table["n"].iloc[0] == 28


def test_with_equal_chances_the_interval_is_wilsons():
    """Protects: the score interval, against the one of a plain share."""
    low, high = score_interval(12, np.full(40, 0.2))
    ends = stats.binomtest(12, 40).proportion_ci(method="wilson")
    assert (low + 0.2, high + 0.2) == pytest.approx((ends.low, ends.high), abs=1e-6)


@pytest.mark.parametrize("matches", [0, 40])
def test_none_or_all_keep_an_interval_within_bounds(matches):
    """Protects: shares below 0 or above 1."""
    low, high = score_interval(matches, np.full(40, 0.2))
    assert -0.2 <= low <= matches / 40 - 0.2 + 1e-9 and matches / 40 - 0.2 - 1e-9 <= high <= 0.8


@pytest.mark.parametrize("planted", [0.0, 0.5])
def test_a_planted_match_is_found_and_none_is_not(planted):
    """Protects: the share planted on paper (0, or half) within the interval in at least 3 of 4 provinces."""
    settings = dataclasses.replace(DEFAULT, intake=3.0, paper=dataclasses.replace(DEFAULT.paper, field_match=planted))
    held = 0
    for seed in range(4):
        row = placement.match_fields(make_registry(2000, seed, settings)).table.set_index("term").loc["excess"]
        held += row["conf_low"] <= planted * 8 / 9 <= row["conf_high"]
    assert held >= 3


@pytest.mark.parametrize("strip", ["posts", "training"])
def test_without_fields_it_is_blocked_with_its_reason(strip):
    """Protects: no field on file is no match of 0."""
    rows = by_hand()
    rows[strip] = [{name: value for name, value in row.items() if name != "field"} for row in rows[strip]]
    estimate = placement.match_fields(build_registry(rows))
    assert estimate.status == "blocked" and "field" in estimate.notes[0].say("en")


def test_too_few_completers_are_not_told():
    """Protects: a share of a handful."""
    assert placement.match_fields(build_registry(by_hand(completers=19))).status == "blocked"
