"""The ledger closes to the last head, whatever happened between the two days."""

from __future__ import annotations

import pandas as pd
import pytest
from groups import course, degree, group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import TargetsError
from analysis.targets import bridge, measure_attainment

START, END = "2021-09-10", "2025-06-30"
PEOPLE = [f"P{one}" for one in range(1, 7)]
BODIES = ["province_committee", "province_standing", "district_committee"]
days = st.dates(pd.Timestamp("2019-01-01").date(), pd.Timestamp("2025-12-31").date()).map(str)


def ledger(reg, **asked):
    table = bridge(reg, **{"target": "T1", "start": START, "end": END, **asked}).table
    return {kind: dict(zip(rows["term"], rows["estimate"], strict=True)) for kind, rows in table.groupby("estimand")}


def committee(members: int, counted: int, *, stay: int, stay_counted: int):
    """A committee of 47 on 31/12/2024 of whom 29 count, and another on the last day, some of whom are the same."""
    gone, new = {"ended": "2025-03-01"}, {"started": "2025-03-01"}
    people = {f"P{one}": gone if one > stay else {} for one in range(1, 48)}
    people |= {f"N{one}": new for one in range(1, members - stay + 1)}
    has = [f"P{one}" for one in (*range(1, stay_counted + 1), *range(stay + 1, stay + 30 - stay_counted))]
    has += [f"N{one}" for one in range(1, counted - stay_counted + 1)]
    return group(people, qualifications=[degree(one) for one in has])


@st.composite
def spells(draw, row):
    """A row with a start and, mostly, an end after it."""
    start, end = sorted(draw(st.tuples(days, days)))
    return {**draw(row), "started": start, **({"ended": end} if start < end and draw(st.booleans()) else {})}


who = st.sampled_from(PEOPLE)
seats = spells(st.fixed_dictionaries({"person_id": who, "body": st.sampled_from(BODIES)}))
outcomes = st.sampled_from(["completed", "dropped", "suspended", None])
studies = spells(st.fixed_dictionaries({"person_id": who, "outcome": outcomes, "expected_end": days}))
degrees = st.builds(degree, who, days, verified=st.booleans())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seats=st.lists(seats, min_size=1, max_size=14),
    training=st.lists(studies, max_size=8),
    qualifications=st.lists(degrees, max_size=5),
    target=st.sampled_from(["T1", "T3"]),
    reading=st.sampled_from(["has_or_studying", "has", "has_and_studying", "has_or_on_schedule"]),
    between=st.tuples(days, days).map(sorted).filter(lambda two: two[0] < two[1] <= END),
)
def test_every_history_closes_exactly(seats, training, qualifications, target, reading, between):
    """People in several groups, returns, empty months and drop-outs leave no head and no point unexplained."""
    reg = group({}, more_seats=seats, training=training, qualifications=qualifications)
    asked = {"target": target, "reading": reading, "start": between[0], "end": between[1]}
    estimate = bridge(reg, **asked)
    ends = [measure_attainment(reg, target=target, reading=reading, on=day).table.iloc[0] for day in between]
    if estimate.status == "blocked":
        assert 0 in [end["n"] for end in ends] and estimate.notes
        return
    moved = ledger(reg, **asked)
    heads, points = moved["heads"], moved["points"]
    assert [heads.pop("opening"), closing := heads.pop("closing")] == [end["n_event"] for end in ends]
    assert ends[0]["n_event"] + sum(heads.values()) == closing
    assert all(one >= 0 for term, one in heads.items() if term.startswith(("enrolled", "entered", "freeze")))
    assert all(one <= 0 for term, one in heads.items() if term.startswith(("dropped", "left", "wave")))
    assert [points.pop("opening"), closing := points.pop("closing")] == pytest.approx(
        [end["estimate"] for end in ends], abs=1e-12
    )
    assert abs(ends[0]["estimate"] + sum(points.values()) - closing) <= 1e-12
    assert points.pop("size") == pytest.approx(ends[1]["n_event"] * (1 / ends[1]["n"] - 1 / ends[0]["n"]), abs=1e-12)
    assert points == pytest.approx({term: one / ends[0]["n"] for term, one in heads.items()}, abs=1e-12)
    people = estimate.details["people"]
    assert abs(people[["people", "size"]].sum().sum() - ends[1]["estimate"] + ends[0]["estimate"]) <= 1e-12


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(members=st.integers(1, 47), counted=st.floats(0, 1), stay=st.floats(0, 1), kept=st.floats(0, 1))
def test_a_group_that_shrinks_is_parted_into_people_and_size(members, counted, stay, kept):
    """However many go and come, people are at the size that was, and the rest is the size of the group."""
    stayed = round(stay * members)
    counted = round(counted * members)
    stay_counted = min(round(kept * min(stayed, 29)), counted)
    stay_counted = max(stay_counted, counted - (members - stayed), 29 - (47 - stayed), 0)
    counted = max(counted, stay_counted)
    if stay_counted > min(stayed, 29):
        return
    reg = committee(members, counted, stay=stayed, stay_counted=stay_counted)
    points = ledger(reg, start="2024-12-31")["points"]
    change = points.pop("closing") - points.pop("opening")
    assert points.pop("size") == pytest.approx(counted / members - counted / 47, abs=1e-12)
    assert sum(points.values()) == pytest.approx((counted - 29) / 47, abs=1e-12)
    assert change == pytest.approx(counted / members - 29 / 47, abs=1e-12)


def test_the_committee_that_shrank_from_47_to_42():
    """29 of 47 to 30 of 42: one head more is 2.1 points, and 7.6 are the five members fewer."""
    reg = committee(42, 30, stay=40, stay_counted=29)
    assert [len(reg["seats"]), measure_attainment(reg, target="T1").table["n"].iloc[0]] == [49, 42]
    points = ledger(reg, start="2024-12-31")["points"]
    size = points.pop("size")
    people = sum(one for term, one in points.items() if term not in ("opening", "closing"))
    assert (round(100 * people, 1), round(100 * size, 1)) == (2.1, 7.6)
    assert (points["opening"], points["closing"]) == (29 / 47, 30 / 42)


def test_each_flow_is_who_it_says():
    """One person of each kind lands in one flow each: who enrolled, came in, lost it, left, and who came back."""
    reg = group(
        {
            "P1": {},  # enrols
            "P2": {"started": "2023-01-01"},  # comes with a degree
            "P3": {},  # drops out
            "P4": {"ended": "2024-01-01"},  # leaves with a degree
            "P5": {"ended": "2022-01-01"},  # returns, qualified on both days
            "P6": {"started": "2023-01-01"},  # comes without
        },
        more_seats=[{"person_id": "P5", "body": "province_committee", "started": "2023-01-01"}],
        qualifications=[degree("P2"), degree("P4"), degree("P5")],
        training=[course("P1"), course("P3", "2020-09-01", "2023-09-01", outcome="dropped", ended="2022-01-01")],
    )
    assert ledger(reg)["heads"] == {
        "opening": 3, "enrolled[project_02]": 1, "entered[elected]": 1, "dropped": -1, "left[unrecorded]": -1, "closing": 3
    }  # fmt: skip


@pytest.mark.parametrize("asked", [{"start": END, "end": START}, {"start": END, "end": END}, {"end": "2025-07-01"}])
def test_a_bridge_that_ends_before_it_starts_is_refused(asked):
    """Swapped, equal or unseen days never give a bridge with turned signs."""
    with pytest.raises(TargetsError):
        ledger(group(1), **asked)


def test_an_empty_end_blocks_the_bridge():
    """A group that did not exist on one of the days has no bridge, and says why."""
    estimate = bridge(group({"P1": {"started": "2022-01-01"}}), target="T1", start=START, end=END)
    assert estimate.status == "blocked" and estimate.table["estimate"].isna().all()
    assert "no members" in estimate.notes[0].say("en")
