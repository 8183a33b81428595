"""Those who were sent, counted on a day: against a walk through every person's rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from build import build_registry
from walk import FIVE, made_by, walk

from analysis import placement
from analysis.errors import PlacementError

SINCE = "2019-01-01"


def heads(estimate, population="ALL"):
    rows = estimate.pick(estimand="heads", population=population).table
    return rows.set_index("term")["estimate"].astype(int).to_dict()


@pytest.mark.parametrize("name", FIVE)
def test_counts_are_those_of_walking_through_every_row(name):
    """Protects: people, turns, states, rises, levels and key posts, on registries made by five other means."""
    reg = made_by(name)
    estimate, told = placement.count_sent(reg, since=SINCE), walk(reg, "postgraduate", date(2019, 1, 1))
    found = heads(estimate)
    assert found["started"] == len(told) and found["turns"] == sum(one["turns"] for one in told)
    for state in ("studying", "completed", "stopped", "moved", "higher", "key", "left"):
        assert found[state] == sum(one["state"] == state for one in told), state
    for name in ("completed", "moved", "higher", "key"):
        assert found[f"ever[{name}]"] == sum(one[name] is not None for one in told), name
    assert found["now[key]"] == sum(one["holds"] for one in told)
    assert heads(estimate, "risen")["grade_band[3+]"] == sum(one["grade"] >= 3 for one in told)


@pytest.mark.parametrize("name", FIVE)
def test_states_add_up_and_years_too(name):
    """Protects: everybody is in one state, and the years of the start make up the whole."""
    estimate = placement.count_sent(made_by(name), since=SINCE)
    found = heads(estimate)
    states = ("studying", "completed", "stopped", "moved", "higher", "key", "left")
    assert sum(found[state] for state in states) == found["started"]
    assert sum(heads(estimate, "course").values()) == found["started"]
    years = [one for one in estimate.table["population"].unique() if one.isdigit()]
    assert sum(heads(estimate, year)["started"] for year in years) == found["started"]


def test_waits_are_order_statistics_of_those_who_rose():
    """Protects: months to the higher post are those of people, not means between them."""
    reg = made_by("a world of many posts")
    waits = sorted(one["higher"] - one["start"] for one in walk(reg, "postgraduate", date(2019, 1, 1)) if one["higher"])
    rows = placement.count_sent(reg, since=SINCE).pick(estimand="months").table.set_index("term")["estimate"]
    expected = np.quantile(waits, [0.25, 0.5, 0.75], method="inverted_cdf")
    assert rows[["to_higher[lower]", "to_higher[median]", "to_higher[upper]"]].tolist() == expected.tolist()


COURSE = {"started": "2021-10-01", "expected_end": "2023-10-01", "nominated": "2021-06-01"}


def test_who_goes_twice_is_one_person_and_two_turns():
    """Protects: persons and turns differ where someone broke off and went again."""
    twice = [
        {**COURSE, "ended": "2022-02-01", "outcome": "dropped"},
        {**COURSE, "course_id": "C2", "started": "2022-10-01", "expected_end": "2024-10-01", "ended": "2024-10-01",
         "outcome": "completed"},
    ]  # fmt: skip
    found = heads(placement.count_sent(build_registry({"posts": [{}], "training": twice}), since="2021-09-10"))
    assert (found["started"], found["turns"], found["completed"], found["stopped"]) == (1, 2, 1, 0)


def test_without_offices_key_posts_are_left_out_and_said():
    """Protects: a registry without offices gets every other count, and no 0 of key posts."""
    estimate = placement.count_sent(build_registry({"posts": [{}], "training": [COURSE]}), since="2021-09-10")
    assert estimate.status == "warned" and not estimate.table["term"].str.contains("key").any()
    assert "office" in estimate.notes[0].say("en")


@pytest.mark.parametrize(
    ("rows", "more"),
    [({"posts": [{}]}, {}), ({"posts": [{}], "training": [COURSE]}, {"leavers_included": False})],
    ids=["nobody sent", "no leavers"],
)
def test_what_cannot_be_told_is_blocked_with_its_reason(rows, more):
    """Protects: no count where nobody was sent or leavers are missing."""
    for verb in (placement.count_sent, placement.follow_sent):
        estimate = verb(build_registry(rows, **more), since="2021-09-10")
        assert estimate.status == "blocked" and estimate.notes and estimate.table["estimate"].isna().all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"since": "10/9/2021"}, "since"), ({"exposure": "swimming"}, "exposure"), ({"since": "2030-01-01"}, "since")],
)
def test_a_wrong_day_or_kind_is_refused(asked, words):
    """Protects: a day written otherwise, a kind that is none, a day after the registry's."""
    with pytest.raises(PlacementError, match=words):
        placement.count_sent(build_registry({"posts": [{}], "training": [COURSE]}), **asked)
