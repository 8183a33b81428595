"""Schools compared: alike they are not ranked, unlike they are, and a case mix is no merit."""

from __future__ import annotations

import numpy as np
import pytest
from build import build_registry

from analysis import placement


def schools(late, size=200, modes=None):
    """Courses at schools of which a share is not finished in time; each school's share full time as given."""
    rng = np.random.default_rng(4)
    people, courses = [], []
    for school, share in enumerate(late):
        for _ in range(size):
            person = f"P{len(people):05d}"
            full = rng.random() < (modes[school][0] if modes else 0.5)
            chance = modes[school][1][int(full)] if modes else share
            slow = rng.random() < chance
            people.append({"person_id": person})
            courses.append({
                "person_id": person, "provider": f"S{school}", "mode": "full_time" if full else "in_service",
                "started": "2019-10-01", "expected_end": "2021-10-01", "outcome": "completed",
                "ended": "2022-09-01" if slow else "2021-10-01",
            })  # fmt: skip
    return build_registry(
        {"people": people, "posts": [{"person_id": p["person_id"]} for p in people], "training": courses}
    )


def test_schools_that_are_alike_cannot_be_ranked():
    """Protects: an order of schools that chance has made."""
    estimate = placement.compare_programmes(schools([0.2] * 5))
    assert any("cannot be ranked" in note.say("en") for note in estimate.notes)


def test_a_school_that_is_slow_is_found():
    """Protects: a difference that is there, shrunken but not away."""
    estimate = placement.compare_programmes(schools([0.1, 0.1, 0.1, 0.1, 0.4]))
    rows = estimate.pick(estimand="rate").table.set_index("population")
    assert not estimate.notes and rows["estimate"].idxmax() == "S4" and rows.loc["S4", "conf_low"] > 1
    assert rows.loc["S4", "estimate"] < 0.4 / 0.16 + 0.3


def test_whom_a_school_teaches_is_no_merit():
    """Protects: a school of people who take longer everywhere is expected to be slower."""
    full, beside = 0.05, 0.40
    estimate = placement.compare_programmes(
        schools([0] * 4, 400, modes=[(share, (beside, full)) for share in (0.9, 0.9, 0.1, 0.1)])
    )
    assert any("cannot be ranked" in note.say("en") for note in estimate.notes)


def test_who_left_the_service_is_nobodys_fault():
    """Protects: a course cut short by leaving is no course not finished in time."""
    reg = schools([0.2, 0.2], 30)
    one = reg["training"].index[0]
    reg["training"].loc[one, "outcome"] = np.nan
    left = build_registry({"exits": [{"person_id": "P00000", "exited": "2020-05-01", "reason": "resignation"}]})[
        "exits"
    ]
    reg.tables["exits"] = left
    assert placement.compare_programmes(reg).table["n"].iloc[0] == 29


@pytest.mark.parametrize("names", [[], ["S0"]])
def test_no_school_or_one_is_blocked(names):
    """Protects: a comparison with nobody."""
    assert (
        placement.compare_programmes(schools([0.2] * len(names)) if names else build_registry({"posts": [{}]})).status
        == "blocked"
    )


def alike_by_class(seed):
    """Four schools of the same kind, each of twelve classes of fifteen that finish late together or not."""
    rng, people, courses = np.random.default_rng(seed), [], []
    for name in range(48):
        slow = rng.random() < 0.3
        for _ in range(15):
            person = f"P{len(people):05d}"
            people.append({"person_id": person})
            courses.append({
                "person_id": person, "provider": f"S{name % 4}", "class_id": f"K{name}", "started": "2019-10-01",
                "expected_end": "2021-10-01", "outcome": "completed",
                "ended": "2022-09-01" if (rng.random() < (0.9 if slow else 0.05)) else "2021-10-01",
            })  # fmt: skip
    return {"people": people, "posts": [{"person_id": p["person_id"]} for p in people], "training": courses}


def test_a_class_that_is_late_together_is_no_bad_school():
    """Protects: errors by class. Without them schools that are alike are ranked in most draws, with them in few."""
    ranked = {"with": 0, "without": 0}
    for seed in range(12):
        rows = alike_by_class(seed)
        ranked["with"] += not placement.compare_programmes(build_registry(rows)).notes
        bare = [{name: value for name, value in one.items() if name != "class_id"} for one in rows["training"]]
        ranked["without"] += not placement.compare_programmes(build_registry({**rows, "training": bare})).notes
    assert ranked["with"] <= 2 and ranked["without"] >= 8
