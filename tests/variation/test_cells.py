"""Whom each measure counts, and in which unit: against counts made one by one."""

from __future__ import annotations

import functools

import pandas as pd
import pytest
from build import build_registry

from analysis import careers
from analysis.errors import VariationError
from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import make_registry
from analysis.variation.cells import MEASURES, find_tops, lay_clock

UNITS = [
    {"unit_id": "P", "level": "province"},
    {"unit_id": "A", "parent_id": "P"}, {"unit_id": "B", "parent_id": "P"},
    {"unit_id": "A1", "parent_id": "A"}, {"unit_id": "A11", "parent_id": "A1"},
    {"unit_id": "OLD", "parent_id": "A", "valid_to": "2024-09-01", "successor_id": "NEW"},
    {"unit_id": "NEW", "parent_id": "B"},
]  # fmt: skip


@functools.cache
def province():
    return make_registry(1500, 4, DEFAULT)


@pytest.mark.parametrize(("day", "old"), [("2025-06-30", "B"), ("2024-06-30", "A")])
def test_a_unit_counts_as_the_one_right_below_the_province(day, old):
    """Protects: parts go up, a merged unit goes with what took over, though not before it did."""
    tops = find_tops(build_registry({"units": UNITS}, as_of=day))
    assert tops.to_dict() == {"P": "P", "A": "A", "B": "B", "A1": "A", "A11": "A", "OLD": old, "NEW": "B"}


def unit_before(reg, person: str, month: pd.Period) -> str | None:
    """The unit right below the province of the last own post begun before a month, one person at a time."""
    rows = reg["posts"]
    rows = rows[(rows["person_id"] == person) & ~rows["concurrent"] & (rows["started"] < month.start_time)]
    if rows.empty:
        return None
    unit = rows.sort_values(["started", "grade", "decision", "title", "unit_id"])["unit_id"].iloc[-1]
    above = reg["units"].set_index("unit_id")[["parent_id", "successor_id", "valid_to"]]
    while True:
        row = above.loc[unit]
        if pd.notna(row["successor_id"]) and row["valid_to"] <= reg.as_of:
            unit = row["successor_id"]
        elif pd.notna(row["parent_id"]) and pd.notna(above.loc[row["parent_id"], "parent_id"]):
            unit = row["parent_id"]
        else:
            return unit


def test_nominations_by_unit_are_those_counted_one_by_one():
    """Protects: every nomination of a month in which the rules allow it stands in the unit where the person served."""
    reg = province()
    cells, _ = MEASURES["sending"](reg, lay_clock(reg, "2018-01-01"))
    months = pd.period_range("2018-01", "2025-06", freq="M")
    gates = careers.sendable(reg, months)
    allowed = pd.DataFrame(gates.allowed, index=gates.people, columns=months)
    rows = reg["training"]
    rows = rows[rows["kind"].eq("postgraduate")]
    begun = rows[rows["started"].notna()]
    over = begun[["nominated", "started"]].min(axis=1).groupby(begun["person_id"]).min().dt.to_period("M")
    counted: dict = {}
    for person, day in rows.loc[rows["nominated"] >= "2018-01-01", ["person_id", "nominated"]].itertuples(index=False):
        month = day.to_period("M")
        if allowed.loc[person, month] and not month > over.get(person, month):
            unit = unit_before(reg, person, month)
            counted[unit] = counted.get(unit, 0) + 1
    found = cells.groupby("unit")["events"].sum()
    assert found[found > 0].to_dict() == counted and sum(counted.values()) > 50


def test_rises_by_unit_are_those_of_the_unit_before():
    """Protects: a promotion counts for the unit that lets somebody rise, not for the one that receives."""
    risen = {"unit_id": "B", "started": "2022-03-01", "grade": 1, "decision": "first_appointment"}
    reg = build_registry({"posts": [{"unit_id": "A1", "ended": "2022-03-01"}, risen], "units": UNITS})
    cells, _ = MEASURES["promotion"](reg, lay_clock(reg, "2020-01-01"))
    assert cells.groupby("unit")["events"].sum()[lambda events: events > 0].to_dict() == {"A": 1}


@pytest.mark.parametrize(("as_of", "months"), [("2024-05-15", 4), ("2024-05-31", 5)])
def test_a_month_that_is_not_over_counts_for_nobody(as_of, months):
    """Protects: time at risk in a month whose events are not all known yet."""
    reg = build_registry({"posts": [{"unit_id": "A1"}], "units": UNITS}, as_of=as_of)
    cells, _ = MEASURES["promotion"](reg, lay_clock(reg, "2024-01-01"))
    assert cells["time"].sum() == months


def test_courses_not_in_time_are_those_past_their_limit():
    """Protects: late, dropped and still open count; who left before the limit without a result does not."""
    course = {"started": "2019-10-01", "expected_end": "2021-10-01", "outcome": "completed", "ended": "2021-10-01"}
    names = [f"P{k}" for k in range(5)]
    more = [{}, {"ended": "2022-09-01"}, {"outcome": "dropped", "ended": "2020-01-01"},
            {"outcome": None, "ended": None}, {"outcome": None, "ended": None}]  # fmt: skip
    reg = build_registry({
        "people": [{"person_id": name} for name in names],
        "posts": [{"person_id": name, "unit_id": "A1"} for name in names],
        "training": [{"person_id": name, **course, **one} for name, one in zip(names, more, strict=True)],
        "exits": [{"person_id": "P4", "exited": "2020-05-01", "reason": "resignation"}],
        "units": UNITS,
    })  # fmt: skip
    cells, _ = MEASURES["not_in_time"](reg, lay_clock(reg, "2017-01-01"))
    assert cells.groupby("unit")[["time", "events"]].sum().loc["A"].tolist() == [4, 3]


def test_degrees_are_those_of_leaders_in_service_on_the_day():
    """Protects: whoever leads and holds a degree by the day, and nobody else."""
    posts = [{"person_id": "P1", "grade": 1, "unit_id": "A"}, {"person_id": "P2", "grade": 2, "unit_id": "A"},
             {"person_id": "P3", "unit_id": "A"}]  # fmt: skip
    reg = build_registry({
        "people": [{"person_id": f"P{k}"} for k in (1, 2, 3)], "posts": posts, "units": UNITS,
        "qualifications": [{"person_id": one, "awarded": "2025-06-20"} for one in ("P1", "P3")],
    })  # fmt: skip
    cells, _ = MEASURES["with_degree"](reg, lay_clock(reg, "2024-01-01"))
    assert cells[["time", "events"]].sum().tolist() == [2, 1]


@pytest.mark.parametrize("start", ["2026-01-01", "luck", "2025-06-01"])
def test_a_start_that_leaves_no_months_is_refused(start):
    """Protects: a message instead of an empty matrix."""
    with pytest.raises(VariationError, match="2017-01-01"):
        lay_clock(province(), start)
