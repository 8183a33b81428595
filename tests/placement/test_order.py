"""Which came first, the course or the post; and degrees by field: by hand and against a walk."""

from __future__ import annotations

import pandas as pd
import pytest
from build import build_registry
from walk import FIVE, UP, made_by, rows_by_person, ym

from analysis import placement

POSTGRADUATE = ("master", "doctor", "specialist_1", "specialist_2")
RISE = [{"ended": "2022-03-01"}, {"started": "2022-03-01", "grade": 1, "decision": "first_appointment"}]


@pytest.mark.parametrize(
    ("course", "way"),
    [
        ({"started": "2022-02-28", "expected_end": "2024-02-28"}, "course_first"),
        ({"started": "2022-03-01", "expected_end": "2024-03-01"}, "within_year"),
        ({"started": "2023-03-01", "expected_end": "2025-03-01"}, "within_year"),
        ({"started": "2023-04-01", "expected_end": "2025-04-01"}, "later"),
        (None, "never"),
    ],
)
def test_each_order_by_hand(course, way):
    """Protects: the month before, the month itself, the twelve after it, and later."""
    reg = build_registry({"posts": RISE, "training": [course] if course else []})
    found = placement.order_of_training(reg).table.set_index("term")["estimate"]
    assert found["appointed"] == 1 and found[way] == 1


@pytest.mark.parametrize("name", FIVE)
def test_orders_are_those_of_walking_through_every_row(name):
    """Protects: appointed, and who began when, on registries made by five other means."""
    reg = made_by(name)
    found = (
        placement.order_of_training(reg, since="2019-01-01").table.set_index("term")["estimate"].astype(int).to_dict()
    )
    told = {"appointed": 0, "course_first": 0, "within_year": 0, "later": 0, "never": 0}
    training, degrees = rows_by_person(reg, "training"), rows_by_person(reg, "qualifications")
    for person, posts in rows_by_person(reg, "posts").items():
        best, grade, month = 0, 0, None
        for post in sorted(posts, key=lambda one: (one["started"], one["grade"], one["decision"])):
            if post["concurrent"]:
                continue
            bar, grade = best, grade if post["decision"] == "acting" else post["grade"]
            best = max(best, grade)
            if post["decision"] in UP and grade > bar and ym(post["started"]) >= 2019 * 12 + 1 and month is None:
                month = ym(post["started"])
        if month is None:
            continue
        begun = [ym(c["started"]) for c in training.get(person, []) if c["kind"] == "postgraduate" and c["started"]]
        begun += [ym(q["awarded"]) for q in degrees.get(person, []) if q["level"] in POSTGRADUATE]
        gap = min(begun, default=None)
        gap = None if gap is None else gap - month
        told["appointed"] += 1
        told["never" if gap is None else "course_first" if gap < 0 else "within_year" if gap <= 12 else "later"] += 1
    assert found == told


@pytest.mark.parametrize("name", ["small", "the sample workbook"])
def test_fields_are_those_of_walking_through_every_row(name):
    """Protects: who holds a degree of a field in service, then and today, and who began one."""
    reg = made_by(name)
    table = placement.count_fields(reg, since="2020-01-01").table
    found = {(row.population, row.term[6:-1]): int(row.estimate) for row in table.itertuples()}
    told: dict = {}
    posts, then = rows_by_person(reg, "posts"), pd.Timestamp("2020-01-01")

    def serves(person, day):
        return any(
            not p["concurrent"] and p["started"] <= day and not (p["ended"] and p["ended"] <= day)
            for p in posts.get(person, [])
        )

    for person, mine in rows_by_person(reg, "qualifications").items():
        for name, day in (("then", then), ("now", reg.as_of)):
            held = {q["field"] for q in mine if q["level"] in POSTGRADUATE and q["field"] and q["awarded"] <= day}
            for field in held if serves(person, day) else ():
                told[name, field] = told.get((name, field), 0) + 1
    for courses in rows_by_person(reg, "training").values():
        for field in {
            c["field"]
            for c in courses
            if c["kind"] == "postgraduate" and c["started"] and c["started"] >= then and c["field"]
        }:
            told["started", field] = told.get(("started", field), 0) + 1
    assert found == told


def test_nobody_appointed_and_no_field_are_blocked():
    """Protects: nothing to count is no 0."""
    reg = build_registry({"posts": [{}]})
    assert placement.order_of_training(reg).status == placement.count_fields(reg).status == "blocked"


@pytest.mark.parametrize(("day", "counted"), [("2021-09-09", False), ("2021-09-10", True), ("2021-09-20", True)])
def test_the_day_counts_within_its_month(day, counted):
    """Protects: appointments of the first month, in which only some days count."""
    posts = [{"ended": day}, {"started": day, "grade": 1, "decision": "first_appointment"}]
    estimate = placement.order_of_training(build_registry({"posts": posts}), since="2021-09-10")
    assert (estimate.status == "ok") == counted
