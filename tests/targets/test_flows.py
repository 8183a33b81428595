"""Flows by kind close to the last head and point on any history, and name what each person did."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from groups import course, degree, group
from histories import days, histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import TargetsError
from analysis.targets.ledger import bridge, kitagawa, split_units

START, END = "2021-09-10", "2025-06-30"
READINGS = ["has_or_studying", "has", "has_and_studying", "has_or_on_schedule"]
chains = st.lists(days.filter(lambda day: day <= END), min_size=2, max_size=4, unique=True).map(sorted)


def parts(estimate, estimand="heads"):
    rows = estimate.table[estimate.table["estimand"] == estimand]
    return dict(zip(rows["term"], rows["estimate"], strict=True))


def check_closes(reg, target, chain, reading):
    """The periods of a chain close one by one, and so does the whole of it."""
    for start, end in [*pairwise(chain), (chain[0], chain[-1])]:
        estimate = bridge(reg, target=target, start=start, end=end, reading=reading)
        if estimate.status == "blocked":
            assert estimate.notes and estimate.table["estimate"].isna().all()
            continue
        for estimand in ("heads", "points"):
            moved = parts(estimate, estimand)
            closing = moved.pop("closing")
            assert abs(sum(moved.values()) - closing) <= 1e-12
        rows = parts(split_units(reg, target=target, start=start, end=end, reading=reading), "points")
        assert abs(rows["opening"] + rows["within"] + rows["between"] - rows["closing"]) <= 1e-12
        assert rows["closing"] == pytest.approx(parts(estimate, "points")["closing"], abs=1e-12)


QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
ANY = {"reg": histories(), "target": st.sampled_from(["T1", "T2", "T3", "T4"]), "chain": chains,
       "reading": st.sampled_from(READINGS)}  # fmt: skip


@settings(max_examples=100, **QUIET)
@given(**ANY)
def test_every_chain_closes_exactly(reg, target, chain, reading):
    """Whatever happened, flows by kind, over periods and over units, leave nothing unexplained."""
    check_closes(reg, target, chain, reading)


@pytest.mark.long
@settings(max_examples=1000, **QUIET)
@given(**ANY)
def test_a_thousand_chains_close_exactly(reg, target, chain, reading):
    """The same on a thousand histories."""
    check_closes(reg, target, chain, reading)


def test_each_kind_is_who_it_says():
    """Seats: funders, elections, reasons of leaving; the row order of no table matters."""
    rows = {
        "people": {
            "P1": {}, "P2": {}, "P3": {"started": "2023-01-01"}, "P4": {"ended": "2024-01-01"},
            "P5": {"ended": "2024-01-01"}, "P6": {"ended": "2024-01-01"}, "P7": {},
        },
        "posts": [{"person_id": "P5"}],
        "qualifications": [degree(one) for one in ("P3", "P4", "P5", "P6")] + [degree("P7", "2024-01-01")],
        "training": [course("P1"), course("P2", funder="self")],
        "exits": [{"person_id": "P4", "exited": "2024-01-01", "reason": "retirement"}],
    }  # fmt: skip
    reg = group(**rows)
    found = parts(bridge(reg, target="T1", start=START, end=END))
    assert found == {
        "opening": 3, "enrolled[project_02]": 1, "enrolled[self]": 1, "enrolled[unrecorded]": 1, "entered[elected]": 1,
        "left[end_of_term]": -1, "left[retirement]": -1, "left[unrecorded]": -1, "closing": 4,
    }  # fmt: skip
    turned = {name: dict(reversed(table.items())) if name == "people" else table[::-1] for name, table in rows.items()}
    assert parts(bridge(group(**turned), target="T1", start=START, end=END)) == found


def post(person, started, decision="higher_appointment", **row):
    return {"person_id": person, "started": started, "decision": decision, "division_leader": True, "grade": 2, **row}


def test_entrants_to_posts_are_told_apart():
    """Promoted after the project's course, promoted otherwise, hired, moved, and who moved out."""
    done = course("P1", "2020-01-01", "2022-01-01", ended="2022-01-01", outcome="completed")
    reg = group(
        {},
        posts=[
            post("P1", "2023-01-01"), post("P2", "2023-01-01"), post("P3", "2023-01-01", "recruitment"),
            post("P4", "2023-01-01", "lateral"), post("P5", "2020-01-01", ended="2023-01-01"),
            post("P5", "2023-01-01", division_leader=False), post("P6", "2020-01-01"),
        ],
        training=[done],
        qualifications=[degree(one) for one in ("P1", "P2", "P3", "P4", "P5", "P6")],
    )  # fmt: skip
    assert parts(bridge(reg, target="T4", start=START, end=END)) == {
        "opening": 2, "entered[hired]": 1, "entered[moved_in]": 1, "entered[promoted]": 1,
        "entered[promoted_after_project]": 1, "left[moved]": -1, "closing": 5,
    }  # fmt: skip


def test_a_congress_is_a_bar_of_its_own():
    """Who is elected on the day of the congress stands apart from who is elected between."""
    reg = group(
        {"P1": {"started": "2020-01-01", "ended": "2020-10-14"}, "P2": {}, "P3": {}, "P4": {"started": "2021-01-01"}},
        qualifications=[degree(one) for one in ("P1", "P2", "P3", "P4")],
    )
    estimate = bridge(reg, target="T1", start="2020-06-01", end=END)
    assert parts(estimate) == {"opening": 1, "entered[elected]": 1, "congress": 1, "closing": 3}
    window = estimate.details["people"].query("term == 'congress'")
    assert window.groupby("flow")["heads"].sum().to_dict() == {"entered": 2, "left": -1}


def test_a_freeze_and_a_wave_of_departures_are_terms_of_their_own():
    """Who comes while appointments are held, and who leaves service in the wave, stand apart; who only moves does not."""
    gone = [{"person_id": "P2", "exited": "2025-02-01", "reason": "early_retirement"},
            {"person_id": "P4", "exited": "2024-11-01", "reason": "early_retirement"}]  # fmt: skip
    reg = group(
        {},
        posts=[
            post("P1", "2025-01-15"), post("P2", "2020-01-01", ended="2025-02-01"), post("P3", "2020-01-01", ended="2025-02-01"),
            post("P3", "2025-02-01", division_leader=False), post("P4", "2020-01-01", ended="2024-11-01"), post("P5", "2024-10-01"),
            post("P6", "2020-01-01"),
        ],
        qualifications=[degree(f"P{one}") for one in range(1, 7)],
        exits=gone,
    )  # fmt: skip
    estimate = bridge(reg, target="T4", start=START, end=END)
    assert parts(estimate) == {
        "opening": 4, "entered[promoted]": 1, "left[early_retirement]": -1, "left[moved]": -1, "freeze": 1, "wave": -1, "closing": 3,
    }  # fmt: skip
    days = estimate.table.set_index("term")["date"].dt.strftime("%Y-%m-%d")
    assert days["opening"].eq(START).all() and days.drop("opening").eq(END).all(), "an opening bears its own day"


def test_a_wave_holds_only_who_retires_early_or_resigns():
    """Age, death and dismissal go on in the months of a wave, and are told as what they are."""
    reasons = ("retirement", "death", "dismissal", "resignation", "early_retirement")
    exits = [
        {"person_id": f"P{one}", "exited": "2025-02-01", "reason": why} for one, why in enumerate(reasons, start=1)
    ]
    people = {f"P{one}": {"ended": "2025-02-01"} if one < 6 else {} for one in range(1, 7)}
    reg = group(people, exits=exits, qualifications=[degree(one) for one in people])
    found = parts(bridge(reg, target="T1", start="2024-12-31", end=END))
    assert found == {
        "opening": 6, "left[retirement]": -1, "left[death]": -1, "left[dismissal]": -1, "wave": -2, "closing": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("ended", "exited"), [("2024-12-20", "2025-01-10"), ("2025-01-10", "2024-12-20")])
def test_a_reason_of_leaving_is_known_across_a_cut(ended, exited):
    """A seat given up before the first day of a window and an exit within it, or the other way, are one leaving."""
    gone = [{"person_id": "P1", "exited": exited, "reason": "transfer_out"}]
    reg = group({"P1": {"ended": ended}, "P2": {}}, exits=gone, qualifications=[degree("P1"), degree("P2")])
    assert parts(bridge(reg, target="T1", start=START, end=END)) == {
        "opening": 2,
        "left[transfer_out]": -1,
        "closing": 1,
    }


def test_units_by_hand():
    """Half of the members moved from a unit at 0 to one at 1: all of it is weight; then a rise within."""
    frame = {"members": [2, 2], "counted": [0, 2]}
    before, after = (pd.DataFrame(one, index=["U1", "U2"]) for one in (frame, {"members": [1, 3], "counted": [0, 3]}))
    found = kitagawa(before, after)
    assert found["within"].sum() == 0 and found["between"].sum() == pytest.approx(0.25)
    assert split_units(group({}), target="T1", start=START, end=END).status == "blocked"
    with pytest.raises(TargetsError):
        split_units(group(2), target="T1", start=END, end=START)
