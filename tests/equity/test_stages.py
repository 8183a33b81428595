"""Who is at each stage and who goes on, against a counter that reads the tables row by row and shares no code."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from build import build_registry
from five_registries import five

from analysis import careers
from analysis.careers.states import make_clock
from analysis.equity.stages import STAGES, lay_out_access, tally_stage

FIRST = pd.Period("2016-01", "M").ordinal
RISES = ("first_appointment", "higher_appointment")


def month(day) -> int:
    return 10**6 if pd.isna(day) else pd.Period(day, "M").ordinal


def tallied(reg, stage: str, last: int) -> dict[str, tuple[int, int]]:
    one = lay_out_access(reg, make_clock(reg, FIRST, last - FIRST + 1), "postgraduate")
    cells = tally_stage(one, stage).groupby("sex", observed=True)[["time", "events"]].sum()
    return {str(sex): (int(row["time"]), int(row["events"])) for sex, row in cells.iterrows() if row["time"]}


def rises_of(reg) -> dict[str, list[tuple[int, bool]]]:
    """Months in which each person took a post: whether it is a higher one, or any move."""
    found: dict[str, list] = {}
    posts = reg["posts"]
    posts = posts[~posts["concurrent"]].sort_values(["person_id", "started", "grade", "decision", "title", "unit_id"])
    for person, rows in posts.groupby("person_id"):
        best = held = 0
        for row in rows.itertuples():
            held = held if row.decision == "acting" else int(row.grade)
            up = row.decision in RISES and held > best
            if up or row.decision in ("lateral", "rotation"):
                found.setdefault(str(person), []).append((month(row.started), up))
            best = max(best, held)
    return found


def last_month(reg) -> int:
    return pd.Period(reg.as_of, "M").ordinal - (not reg.as_of.is_month_end)


@functools.cache
def months_of(name: str) -> dict:
    """Person-months in service and open to sending of one registry, who was on a list in which, and posts taken."""
    reg = five()[name]
    months = pd.period_range(pd.Period(ordinal=FIRST, freq="M"), pd.Period(ordinal=last_month(reg), freq="M"))
    gates = careers.sendable(reg, months)
    plans: dict[str, list] = {}
    for row in reg["planning"].itertuples():
        plans.setdefault(row.person_id, []).append((month(row.started), month(row.ended)))

    first: dict[str, int] = {}
    for row in reg["training"].itertuples():
        if row.kind == "postgraduate" and not pd.isna(row.started):
            named = min(month(row.nominated), month(row.started))
            first[row.person_id] = min(named, first.get(row.person_id, named))

    def pairs(matrix):
        return [(gates.people[p], FIRST + k) for p, k in zip(*np.nonzero(matrix), strict=True)]

    sex = dict(zip(reg["people"]["person_id"], reg["people"]["sex"].astype("str"), strict=True))
    may = [(person, at) for person, at in pairs(gates.allowed) if at <= first.get(person, at)]
    return {"may": may, "serving": pairs(~gates.fails["in_service"]), "plans": plans,
            "took": rises_of(reg), "sex": sex}  # fmt: skip


def brute(name: str, stage: str) -> dict[str, tuple[int, int]]:
    reg, known, units = five()[name], months_of(name), []
    last, may = last_month(reg), set(known["may"])
    courses = [row for row in reg["training"].itertuples() if row.kind == "postgraduate"]
    named_in = {(row.person_id, month(row.nominated)) for row in courses}
    if stage == "allowed":
        units = [(person, (person, at) in may) for person, at in known["serving"]]
    elif stage == "planned":
        units = [(person, any(a < at <= b for a, b in known["plans"].get(person, ()))) for person, at in may]
    elif stage == "nominated":
        units = [(person, (person, at) in named_in) for person, at in may]
    for row in courses:
        named, begun, done = month(row.nominated), month(row.started), 10**6
        if row.outcome == "completed":
            done = month(row.ended)
        limit = month(row.expected_end) + 6
        if stage == "started" and FIRST <= named <= last - 12:
            units.append((row.person_id, begun <= named + 12))
        if stage == "completed" and FIRST <= begun <= last and limit <= last:
            units.append((row.person_id, done <= limit))
        if stage in ("placed", "risen") and FIRST <= done <= last - 24:
            later = [up for at, up in known["took"].get(row.person_id, ()) if done < at <= done + 24]
            units.append((row.person_id, any(later) if stage == "risen" else bool(later)))
    counted: dict[str, tuple[int, int]] = {}
    for person, event in units:
        time, events = counted.get(known["sex"][person], (0, 0))
        counted[known["sex"][person]] = (time + 1, events + bool(event))
    return counted


@pytest.mark.parametrize("name", list(five()))
@pytest.mark.parametrize("stage", STAGES)
def test_counts_are_those_of_a_counter_that_reads_rows(name, stage):
    """Five registries made by different means: nobody is lost between two stages, or counted at the wrong one."""
    reg = five()[name]
    assert tallied(reg, stage, last_month(reg)) == brute(name, stage)


def career(**course):
    """A man named in December 2017, with the course as told, seen to June 2025."""
    rows = {"nominated": "2017-12-05", "started": "2018-04-01", "expected_end": "2020-04-01", "ended": "2020-04-01"}
    made = {
        "people": [{"sex": "male", "birth_date": "1985-03-01"}],
        "posts": [{}],
        "ratings": [{"year": year, "rating": "good"} for year in range(2013, 2025)],
        "training": [{**rows, "outcome": "completed", **course}],
    }
    return build_registry(made, absent=("planning",))


LAST = pd.Period("2025-06", "M").ordinal


def test_a_course_completed_late_is_not_in_time():
    """Half a year past the expected end is in time, a month more is not."""
    assert tallied(career(ended="2020-10-31"), "completed", LAST) == {"male": (1, 1)}
    assert tallied(career(ended="2020-11-01"), "completed", LAST) == {"male": (1, 0)}


def test_a_nomination_still_open_is_not_a_refusal():
    """Who was named five months ago may still start, and counts for neither, whether begun by now or not."""
    assert (
        tallied(career(nominated="2025-01-10", started="2025-04-10", ended=None, outcome=None), "started", LAST) == {}
    )
    gone = {"started": None, "ended": None, "outcome": None}
    assert tallied(career(nominated="2025-01-10", **gone), "started", LAST) == {}
    assert tallied(career(nominated="2023-01-10", **gone), "started", LAST) == {"male": (1, 0)}
