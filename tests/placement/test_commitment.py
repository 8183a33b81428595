"""The service owed after a course: hand-made cases with their sums, and a hand count of whole registries."""

from __future__ import annotations

import pandas as pd
import pytest
from build import build_registry
from walk import FIVE, made_by, rows_by_person

from analysis import placement
from analysis.placement.commitment import list_bound

SENT = {"started": "2019-10-01", "expected_end": "2021-10-01", "ended": "2021-10-01", "outcome": "completed",
        "cost": 60_000_000}  # fmt: skip
CASES = {  # course, exit, way, sum owed
    "serves still": (SENT, None, "serving", 0),
    "served it all": (
        {**SENT, "started": "2015-10-01", "ended": "2017-10-01"},
        ("2024-01-01", "resignation"),
        "served",
        0,
    ),
    "resigns half way": (SENT, ("2023-10-01", "resignation"), "broke", 60_000_000 * (1 - 730 / 1462)),
    "paper says sooner": ({**SENT, "commitment_until": "2023-01-01"}, ("2023-10-01", "resignation"), "served", 0),
    "dies": (SENT, ("2023-10-01", "death"), "other", 0),
    "goes in the departures of 2025": (SENT, ("2025-03-15", "early_retirement"), "wave", 0),
    "resigns in them": (SENT, ("2025-03-15", "resignation"), "wave", 0),
    "retires early before them": (SENT, ("2023-03-15", "early_retirement"), "other", 0),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_goes_its_way(name):
    """Protects: who is bound until when, what breaks it, and the share of the cost that is owed."""
    course, left, way, owed = CASES[name]
    posts = [{"ended": left[0]}] if left else [{}]
    exits = [{"exited": left[0], "reason": left[1]}] if left else []
    table = placement.follow_commitments(build_registry({"posts": posts, "training": [course], "exits": exits})).table
    found = table.set_index("term")["estimate"]
    assert found["bound"] == 1 and found[way] == 1
    if owed:
        assert found["owed"] == pytest.approx(owed, rel=1e-9)


def test_from_july_2025_civil_servants_owe_three_times_the_study():
    """Protects: the rule of the day of the start decides, not today's."""
    late = {**SENT, "started": "2025-07-15", "ended": "2026-07-15", "expected_end": "2026-07-15"}
    for start, times in ((late, 3), (SENT, 2)):
        reg = build_registry({"posts": [{}], "training": [start]}, as_of="2026-12-31")
        bound = list_bound(reg, "postgraduate")
        length = pd.Timestamp(start["ended"]) - pd.Timestamp(start["started"])
        assert (bound["until"].iloc[0] - pd.Timestamp(start["ended"])) / length == times


def test_who_paid_alone_owes_nothing():
    """Protects: only who was sent is bound."""
    reg = build_registry({"posts": [{}], "training": [{**SENT, "funder": "self"}]})
    assert placement.follow_commitments(reg).status == "blocked"


@pytest.mark.parametrize("name", FIVE)
def test_counts_are_those_of_walking_through_every_row(name):
    """Protects: bound, and each way out, on registries made by five other means."""
    reg = made_by(name)
    found = placement.follow_commitments(reg).table.set_index("term")["estimate"]
    exits, told = rows_by_person(reg, "exits"), {"served": 0, "serving": 0, "broke": 0, "wave": 0, "other": 0}
    for person, courses in rows_by_person(reg, "training").items():
        done = [
            c for c in courses if c["kind"] == "postgraduate" and c["outcome"] == "completed" and c["funder"] != "self"
        ]
        if not done:
            continue
        owed = [c["commitment_until"] or c["ended"] + 2 * (c["ended"] - c["started"]) for c in done]
        until, course = max(zip(owed, done, strict=True), key=lambda pair: pair[0])
        later = [one for one in exits.get(person, []) if one["exited"] >= course["ended"]]
        gone = min(later, key=lambda one: one["exited"], default={"exited": None})
        if gone["exited"] is None or gone["exited"] >= until:
            told["serving" if until > reg.as_of else "served"] += 1
        elif gone["reason"] in ("resignation", "early_retirement") and gone["exited"] >= pd.Timestamp("2025-01-01"):
            told["wave"] += 1
        else:
            told["broke" if gone["reason"] == "resignation" else "other"] += 1
    assert found["bound"] == sum(told.values())
    assert found[list(told)].astype(int).to_dict() == told


def test_an_exit_before_the_course_and_a_sum_that_is_not_on_file_count_for_nothing():
    """Protects: a return before the course is no breach, and what nobody paid back is no 0."""
    away = {"exits": [{"exited": "2017-03-01", "reason": "resignation"}], "training": [SENT],
            "posts": [{"ended": "2017-03-01"}, {"started": "2018-01-01"}]}  # fmt: skip
    assert placement.follow_commitments(build_registry(away)).table.set_index("term")["estimate"]["serving"] == 1
    broke = {"training": [SENT], "posts": [{"ended": "2023-10-01"}],
             "exits": [{"exited": "2023-10-01", "reason": "resignation"}]}  # fmt: skip
    table = placement.follow_commitments(build_registry(broke)).table.set_index("term")
    assert pd.isna(table.loc["repaid", "estimate"]) and table.loc["repaid", "n"] == 0 and table.loc["owed", "n"] == 1


def test_without_leavers_it_is_blocked():
    """Protects: survivors told as those who served."""
    reg = build_registry({"posts": [{}], "training": [SENT]}, leavers_included=False)
    assert placement.follow_commitments(reg).status == "blocked"
