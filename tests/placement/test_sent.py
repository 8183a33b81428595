"""When those who were sent started, finished, moved, rose, took a key post and left: careers written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from build import build_registry

from analysis.careers.states import FAR
from analysis.placement.sent import STATES, find_sent, states_of

SINCE = "2021-09-10"
DONE = {"started": "2021-10-01", "expected_end": "2023-10-01", "ended": "2023-10-01", "outcome": "completed"}
FIRST = {"ended": "2024-03-01"}
RISE = {"started": "2024-03-01", "grade": 1, "decision": "first_appointment"}
CHAIR = {"grade": 2, "office": "committee_chair_commune"}
PEOPLE = {  # posts, courses, exits, state on 30 June 2025
    "rises after completion": ([FIRST, RISE], [DONE], None, "higher"),
    "rises in the month of the start: not after it": (
        [{"ended": "2021-10-01"}, {**RISE, "started": "2021-10-15"}], [DONE], None, "completed"),
    "breaks off": ([{}], [{**DONE, "ended": "2022-06-01", "outcome": "dropped"}], None, "stopped"),
    "puts off": ([{}], [{**DONE, "ended": "2022-06-01", "outcome": "suspended"}], None, "stopped"),
    "overdue by more than a year": (
        [{}], [{**DONE, "started": "2021-10-01", "ended": None, "outcome": None}], None, "stopped"),
    "studies": ([{}], [{**DONE, "expected_end": "2025-10-01", "ended": None, "outcome": None}], None, "studying"),
    "is rotated after completion": (
        [FIRST, {"started": "2024-03-01", "decision": "rotation", "unit_id": "U1"}], [DONE], None, "moved"),
    "is rotated while studying: no placement after it": (
        [{"ended": "2022-03-01"}, {"started": "2022-03-01", "decision": "rotation"}], [DONE], None, "completed"),
    "takes a key post": ([FIRST, {**RISE, **CHAIR}], [DONE], None, "key"),
    "acts in a key post: holds none": ([FIRST, {**RISE, **CHAIR, "decision": "acting"}], [DONE], None, "completed"),
    "held a key post before": (
        [{"ended": "2020-01-01"}, {"started": "2020-01-01", "decision": "first_appointment", "ended": "2024-03-01", **CHAIR},
         {"started": "2024-03-01", "decision": "lateral", **CHAIR, "unit_id": "U1"}], [DONE], None, "moved"),
    "leaves after rising": ([FIRST, {**RISE, "ended": "2025-02-01"}], [DONE], "2025-02-01", "left"),
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_each_career_ends_in_its_state(name):
    """Protects: what counts as what, one career a rule."""
    posts, courses, exited, state = PEOPLE[name]
    exits = [{"exited": exited, "reason": "resignation"}] if exited else []
    reg = build_registry({"posts": posts, "training": courses, "exits": exits})
    sent = find_sent(reg, "postgraduate", SINCE)
    found = states_of(sent, np.full((1, 1), sent.last))[0, 0]
    assert STATES[found] == state


def test_a_start_before_the_day_is_none_and_a_later_one_is():
    """Protects: the cohort begins on its day, month by month."""
    reg = build_registry({"posts": [{}], "training": [{**DONE, "started": "2021-08-31"}, {**DONE, "course_id": "C2"}]})
    assert find_sent(reg, "postgraduate", SINCE).people["start"].tolist() == [(2021 - 1970) * 12 + 9]


def test_who_never_rises_has_no_month():
    """Protects: what did not happen is no month."""
    sent = find_sent(build_registry({"posts": [{}], "training": [DONE]}), "postgraduate", SINCE)
    assert sent.people[["moved", "higher", "key", "left"]].eq(FAR).all(axis=None) and sent.people["grade"].eq(0).all()


def test_a_month_that_is_not_over_is_not_known_whole():
    """Protects: seen in the middle of a month, follow-up ends with the month before."""
    reg = build_registry({"posts": [{}], "training": [DONE]}, as_of="2025-06-15")
    assert find_sent(reg, "postgraduate", SINCE).last == (2025 - 1970) * 12 + 4
