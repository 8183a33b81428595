"""Spells for trials by hand-written careers: who is eligible when, who starts, and that rises do not end the rows."""

from __future__ import annotations

import pytest
from build import build_registry, month

from analysis import careers
from analysis.errors import CareersError

GOOD = [{"year": year, "rating": "good"} for year in range(2016, 2025)]
PEOPLE = [{"birth_date": "1990-06-15", "recruited": "2012-01-01"}]


def spells(training=(), posts=(), exits=(), **settings):
    rows = {
        "people": PEOPLE, "ratings": GOOD, "training": list(training), "exits": list(exits),
        "posts": [{"unit_id": "U1", "ended": posts[0]["started"] if posts else None}, *posts],
    }  # fmt: skip
    return careers.build_trial_spells(build_registry(rows), **settings).frame


def course(started="2021-04-10", ended=None, outcome=None, **more):
    return {"started": started, "expected_end": "2023-04-10", "ended": ended, "outcome": outcome, **more}


def at(frame, when):
    rows = frame[(frame["start"] <= month(when)) & (frame["stop"] > month(when))]
    assert len(rows) == 1
    return rows.iloc[0]


def test_eligible_until_the_month_of_the_start_and_never_after():
    """The start's own month is the last one in which a trial may be entered, as one who starts."""
    frame = spells([course()])
    assert bool(at(frame, "2021-03")["eligible"]) and at(frame, "2021-03")["trained"] == 0
    assert bool(at(frame, "2021-04")["eligible"]) and at(frame, "2021-04")["trained"] == 1
    assert not at(frame, "2021-05")["eligible"] and at(frame, "2021-05")["trained"] == 1


def test_who_drops_out_stays_a_starter_but_does_not_stay_on():
    """Trained counts from the start for good; staying on ends in the month of the drop-out, never by completing."""
    frame = spells([course(ended="2022-02-10", outcome="dropped")])
    assert at(frame, "2022-01")["stays_on"] == 1 and at(frame, "2022-02")["stays_on"] == 0
    assert at(frame, "2023-01")["trained"] == 1 and at(frame, "2021-03")["stays_on"] == 0
    done = spells([course(ended="2023-02-10", outcome="completed")])
    assert (done["stays_on"] == done["trained"]).all()


def test_a_rise_does_not_end_the_rows():
    """Follow-up of one trial ends at a rise; the person may enter later trials at the new grade."""
    frame = spells(posts=[{"unit_id": "U1", "started": "2020-06-01", "grade": 1, "decision": "first_appointment"}])
    assert frame.loc[frame["stop"] == month("2020-07"), "event"].item() == 1
    assert at(frame, "2022-01")["grade_band"] == "1-2" and bool(at(frame, "2022-01")["eligible"])


def test_rows_end_with_an_exit():
    """Nobody is followed after leaving the service."""
    frame = spells(exits=[{"exited": "2022-03-01", "reason": "resignation"}])
    assert frame["stop"].max() == month("2022-04")
    assert frame.loc[frame["stop"].idxmax(), "event"] == careers.EVENTS.index("resignation")


def test_an_older_degree_of_any_date_bars():
    """Who has the degree already starts no trial, however old it is."""
    rows = {
        "people": PEOPLE,
        "ratings": GOOD,
        "posts": [{}],
        "qualifications": [{"awarded": "2010-01-01", "verified": True}],
    }
    frame = careers.build_trial_spells(build_registry(rows)).frame
    assert not frame["eligible"].any()


def test_a_lag_counts_those_who_are_still_there():
    """With a lag the start counts some months on; a promotion in between leaves no arm at all."""
    late = spells([course()], lag=6)
    assert at(late, "2021-10")["trained"] == 1 and bool(at(late, "2021-10")["eligible"])
    assert not at(late, "2021-05")["eligible"] and at(late, "2021-05")["trained"] == 0
    risen = [{"unit_id": "U1", "started": "2021-06-01", "grade": 1, "decision": "first_appointment"}]
    frame = spells([course()], risen, lag=6)
    assert not frame[frame["trained"] == 1]["eligible"].any()


def test_a_promotion_in_the_month_of_the_start_can_be_booked_before_it():
    """The order within a month is chosen, not left to the data."""
    risen = [{"unit_id": "U1", "started": "2021-04-01", "grade": 1, "decision": "first_appointment"}]
    after, before = (spells([course()], risen, same_month=one) for one in ("after", "before"))
    assert bool(at(after, "2021-04")["eligible"])
    assert not at(before, "2021-04")["eligible"]


def test_only_some_courses_make_an_arm_and_others_end_time_as_a_control():
    """Courses outside the arm asked for are neither arm nor control."""
    frame = spells([course(mode="in_service")], only={"mode": ("full_time",)})
    assert not at(frame, "2021-04")["eligible"] and not at(frame, "2022-04")["eligible"]
    assert bool(at(frame, "2021-03")["eligible"])


def test_settings_that_are_not_allowed_are_named():
    """A mistyped setting is told with what is allowed."""
    with pytest.raises(CareersError, match="dated"):
        spells(dated="sometime")
    with pytest.raises(CareersError, match="lag"):
        spells(lag=-1)
    with pytest.raises(CareersError, match="only"):
        spells(only={"colour": ("red",)})


def test_a_registry_without_leavers_gives_no_rows_and_its_reason():
    """Nobody's risk can be told where those who left are not seen: no frame to be used by mistake."""
    found = careers.build_trial_spells(
        build_registry({"people": PEOPLE, "ratings": GOOD, "posts": [{}]}, leavers_included=False)
    )
    assert (
        found.frame.empty
        and "extract with leavers" in found.missing[0].say("en")
        and "người đã rời" in found.missing[0].say("vi")
    )


def test_covariates_without_their_table_are_named():
    """What an absent table would hold stands in the spec, so that a comparison can refuse it by name."""
    found = careers.build_trial_spells(
        build_registry({"people": PEOPLE, "posts": [{}]}, absent=("planning", "ratings"))
    )
    assert found.spec["left_out"] == {"planned": "planning", "rating": "ratings"}
    assert not {"planned", "rating"} & {*found.frame}
