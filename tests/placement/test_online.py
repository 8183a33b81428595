"""Online courses beside the same in class: the planted gap comes back, and nothing is compared that is held one way only."""

from __future__ import annotations

import dataclasses

import pytest
from build import build_registry
from five_registries import course, five

from analysis import placement
from analysis.synthetic import Settings, make_registry
from analysis.synthetic.parameters import Paper


def gap(reg):
    return placement.compare_online(reg).pick(estimand="risk_difference").table.iloc[0]


@pytest.mark.parametrize("planted", [0.04, 0.0])
def test_the_planted_gap_comes_back(planted):
    """A small version of benchmarks/online.py: within three standard errors in each of three provinces of 3,000."""
    for seed in (1, 2, 3):
        row = gap(make_registry(3_000, seed, dataclasses.replace(Settings(), paper=Paper(online_gap=planted))))
        assert abs(row["estimate"] + planted) < 3 * row["std_error"]
        assert row["conf_low"] < row["estimate"] < row["conf_high"]


@pytest.mark.parametrize("name", ["simulated", "another seed", "workbook"])
def test_shares_equal_a_count_by_hand(name):
    """Online as it is, class weighted to the kinds and lengths of online, course by course."""
    reg = five()[name]
    cells: dict = {}
    for one in reg["training"].itertuples():
        if one.started != one.started or one.expected_end + placement.online.GRACE > reg.as_of:
            continue
        done = one.outcome == "completed" and one.ended <= one.expected_end + placement.online.GRACE
        key = (one.kind, (one.expected_end - one.started).days <= 7)
        cells.setdefault(key, {True: [], False: []})[one.mode == "online"].append(done)
    both = {key: ways for key, ways in cells.items() if ways[True] and ways[False]}
    size = sum(len(ways[True]) for ways in both.values())
    online = sum(sum(ways[True]) for ways in both.values()) / size
    weighted = sum(len(ways[True]) / size * sum(ways[False]) / len(ways[False]) for ways in both.values())
    told = placement.compare_online(reg).table.set_index("term")["estimate"]
    assert (told["online"], told["class"]) == pytest.approx((online, weighted))
    assert told["online_less_class"] == pytest.approx(online - weighted)


def test_what_is_held_one_way_only_is_not_compared():
    """Digital skills online and defence in class say nothing of either."""
    training = [course("P1", 1, mode="online"), course("P1", 2, "defence")]
    assert placement.compare_online(build_registry({"posts": [{}], "training": training})).status == "blocked"


def test_a_course_whose_time_is_not_over_does_not_count():
    """Within six months of the expected end it may still be completed."""
    late = {"started": "2025-02-01", "expected_end": "2025-02-04", "ended": None, "outcome": None}
    training = [course("P1", 1, mode="online"), course("P1", 2), course("P1", 3, mode="online", **late)]
    table = placement.compare_online(build_registry({"posts": [{}], "training": training})).table.set_index("term")
    assert table.loc["online", "n"] == 1 and table.loc["online", "estimate"] == 1.0


def often(times):
    """People who attend one kind of course online or in class so many times, and always end alike."""
    people, training = [], []
    for k in range(40):
        people.append({"person_id": f"P{k:02d}"})
        done = {"outcome": "completed"} if k % 4 else {"outcome": "dropped"}
        training += [
            course(f"P{k:02d}", 1000 * k + time, mode="online" if k % 2 else "in_service", **done)
            for time in range(times)
        ]
    return build_registry(
        {"people": people, "posts": [{"person_id": one["person_id"]} for one in people], "training": training}
    )


def test_who_attends_often_is_one_person():
    """Protects: errors and counts go by person: ten courses each tell no more than one, and no few pass for many."""
    once, ten = (placement.compare_online(often(times)).table.set_index("term") for times in (1, 10))
    assert once["n"].tolist() == ten["n"].tolist() == [20, 20, 40]
    assert ten.loc["online_less_class", "std_error"] == pytest.approx(once.loc["online_less_class", "std_error"])
    shares = once.loc[["online", "class"], "estimate"]
    binomial = (shares * (1 - shares) / 20).sum() ** 0.5
    assert once.loc["online_less_class", "std_error"] == pytest.approx(binomial)
