"""Who is open to appointment, and when each rose or left, by careers written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from build import build_registry, month

from analysis.equity.promotion import compare_promotion
from analysis.equity.rising import first_events, follow_rises, members
from analysis.errors import Blocked, EquityError

BORN = "1969-06-20"  # she reaches 57 years in June 2026, he 62 years in June 2031
PAIR = {
    "people": [{"person_id": "P1", "sex": "female", "birth_date": BORN}, {"person_id": "P2", "sex": "male", "birth_date": BORN}],
    "posts": [{"person_id": "P1"}, {"person_id": "P2"}],
}  # fmt: skip


def test_each_one_s_own_retirement_ends_the_time_at_risk():
    """Women may be appointed until June 2021, men of the same age throughout: neither counts beyond it."""
    rising = follow_rises(build_registry(PAIR), "2019-01-01")
    assert rising.open.sum(axis=1).tolist() == [30, 78]
    assert (rising.closes - rising.clock.first)[0] == 30 == month("2021-07")


def test_months_without_a_chance_make_no_rate_smaller():
    """Her rate is of her 30 months, not of the 78 in which she served."""
    risen = {"person_id": "P1", "started": "2020-03-10", "grade": 1, "decision": "first_appointment"}
    people = [*PAIR["people"], {"person_id": "P3", "sex": "female", "birth_date": BORN}]
    posts = [{"person_id": "P1", "ended": "2020-03-10"}, risen, *PAIR["posts"][1:], {"person_id": "P3"}]
    table = compare_promotion(build_registry({"people": people, "posts": posts}), window=36).table
    rate = table[table["estimand"].eq("rate") & table["population"].eq("sex[female]") & table["term"].eq("group")]
    assert rate["estimate"].tolist() == pytest.approx([1200 / (15 + 30)])


def test_the_first_event_is_the_one_that_counts():
    """A rise before an exit is a rise, one after it is none, and what came before the month is not looked at."""
    posts = [
        {"person_id": "P1", "ended": "2019-03-10"},
        {"person_id": "P1", "started": "2019-03-10", "grade": 1, "decision": "first_appointment"},
        {"person_id": "P2"},
    ]
    exits = [{"person_id": "P1", "exited": "2020-01-15", "reason": "resignation"},
             {"person_id": "P2", "exited": "2019-02-15", "reason": "death"}]  # fmt: skip
    rising = follow_rises(build_registry({**PAIR, "posts": posts, "exits": exits}), "2019-01-01")
    event, month = first_events(rising)
    assert event[0] == 1 < event[1] and month.tolist() == [3, 2]
    assert first_events(rising, 4)[0].tolist() == [4, 0]


def test_age_is_that_of_the_month():
    """Forty begins in the month of the birthday."""
    reg = build_registry({"people": [{"birth_date": "1980-06-15"}], "posts": [{}]})
    rising = follow_rises(reg, "2019-01-01")
    ages = [members(reg, rising, column)["age"].iloc[0] for column in (month("2020-05"), month("2020-06"))]
    assert ages == ["30-39", "40-49"]


def test_without_leavers_nothing_is_followed():
    """Who is gone would be missing among those who did not rise."""
    with pytest.raises(Blocked):
        follow_rises(build_registry(PAIR, leavers_included=False), "2019-01-01")
    with pytest.raises(EquityError):
        follow_rises(build_registry(PAIR), "2026-01-01")
    assert np.isfinite(follow_rises(build_registry(PAIR), "2025-05-01").event).all()
