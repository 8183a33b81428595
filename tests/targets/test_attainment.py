"""Who counts towards a target on a day, in whole heads, under every reading of the wording."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from groups import DAY, course, degree, group, heads, shares
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import TargetsError
from analysis.project import reference
from analysis.targets import (
    count_courses,
    grid_definitions,
    is_final,
    judge,
    measure_attainment,
    milestone,
    monitor_group,
    readings,
    target_ids,
)
from analysis.targets.groups import heads_needed


def measure(reg, **asked):
    return measure_attainment(reg, **{"target": "T1", "on": DAY, **asked})


def test_each_reading_counts_whom_it_names():
    """The four readings of one sentence differ in exactly the people that their words differ in."""
    reg = group(
        6,
        qualifications=[degree("P1"), degree("P2"), degree("P3", verified=False)],
        training=[
            course("P2"),
            course("P4"),
            course("P5", "2022-09-01", "2024-09-01"),  # ten months past the expected end
        ],
    )
    estimate = measure(reg)
    assert shares(estimate).to_dict() == {
        "has_or_studying": 5, "has": 3, "has_and_studying": 1, "has_or_on_schedule": 4
    }  # fmt: skip
    assert heads(estimate) == {
        "members": 6, "has": 3, "studying": 2, "unverified": 1, "counted": 5, "need": 5, "short": 0
    }  # fmt: skip
    assert estimate.table["estimate"].iloc[0] == pytest.approx(5 / 6)
    assert list(readings()) == list(shares(estimate).index)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"expected_end": "2024-06-30"}, True),  # twelve months over, the last day of the limit of rules.yml
        ({"expected_end": "2024-06-29"}, False),
        ({"outcome": "dropped", "ended": "2024-12-01"}, False),
        ({"outcome": "suspended", "ended": "2024-12-01"}, False),
        ({"outcome": "dropped"}, False),
        ({"outcome": "completed", "ended": DAY}, False),
        ({"outcome": "completed", "ended": "2025-07-01"}, True),
        ({"started": DAY}, True),
        ({"started": "2025-07-01"}, False),
        ({"kind": "political_theory", "level": "advanced"}, False),
    ],
    ids=["at_limit", "past_limit", "dropped", "suspended", "stopped_undated", "ended_on_day", "ends_after", "starts_on_day",
         "starts_after", "other_course"],
)  # fmt: skip
def test_studying_begins_and_ends_on_the_day(row, counts):
    """A student counts from the first day to the last but one, within the limit, and not after stopping."""
    reg = group(1, training=[course("P1", **{"started": "2022-09-01", "expected_end": "2026-09-01", **row})])
    assert heads(measure(reg))["studying"] == int(counts)


@pytest.mark.parametrize(
    ("row", "members"),
    [({"ended": DAY}, 0), ({"ended": "2025-07-01"}, 1), ({"started": DAY}, 1), ({"body": "commune_committee"}, 0)],
    ids=["ended_on_day", "ends_after", "started_on_day", "other_body"],
)
def test_a_seat_holds_until_the_day_it_ends(row, members):
    """Membership is closed at the start and open at the end, and a group is its own bodies only."""
    assert heads(measure(group({"P1": row, "P2": {}})))["members"] == members + 1


@pytest.mark.parametrize(("awarded", "has"), [(DAY, 1), ("2025-07-01", 0)])
def test_a_degree_counts_from_the_day_of_its_award(awarded, has):
    """A degree of tomorrow does not count today, and a bachelor's never does."""
    reg = group(2, qualifications=[degree("P1", awarded), degree("P2", level="bachelor")])
    assert heads(measure(reg))["has"] == has


def test_a_person_in_two_groups_counts_once_in_each():
    """Two seats of one person are one head in each group, and one group does not see the other's members."""
    more = [
        {"person_id": "P1", "body": "province_standing", "started": "2020-10-14"},
        {"person_id": "P1", "body": "district_committee", "started": "2020-08-01"},
        {"person_id": "P3", "body": "district_committee", "started": "2020-08-01"},
    ]
    reg = group(2, more_seats=more, qualifications=[degree("P1"), degree("P1", level="doctor")])
    for target, members in (("T1", 2), ("T3", 2)):
        assert heads(measure(reg, target=target)) | {"members": members, "has": 1} == heads(measure(reg, target=target))


def test_an_unverified_degree_matters_only_where_nothing_else_counts():
    """A second, verified degree or a course under way leaves no head in doubt."""
    reg = group(
        3,
        qualifications=[degree("P1", verified=False), degree("P1", level="doctor"), degree("P2", verified=False),
                        degree("P3", verified=False)],
        training=[course("P2")],
    )  # fmt: skip
    assert heads(measure(reg))["unverified"] == 1


def test_posts_carry_groups_too():
    """T2 and T4 are read from columns of posts, true or false, not from seats."""
    posts = [{"person_id": "P1", "standing_committee_managed": True}, {"person_id": "P2", "division_leader": True}]
    reg = group({}, posts=posts)
    assert [heads(measure(reg, target=name))["members"] for name in ("T2", "T4")] == [1, 1]
    assert measure(reg, target="T1").status == "blocked"


@pytest.mark.parametrize(("share", "size", "need"), [(0.7, 10, 7), (0.3, 10, 3), (0.7, 0, 0), (0.5, 3, 2), (0.4, 5, 2)])
def test_need_is_not_tipped_by_floating_point(share, size, need):
    """0.7 * 10 is 7.000000000000001 in some orders of arithmetic: nobody more is needed for that."""
    assert heads_needed(share, size) == need


@given(percent=st.integers(0, 100), size=st.integers(0, 2_000_000))
def test_need_is_the_least_whole_number_that_reaches_the_share(percent, size):
    """Heads needed agree with exact fractions for every share and size of group."""
    exact = Fraction(percent, 100) * size
    assert heads_needed(percent / 100, size) == -(-exact.numerator // exact.denominator)


def test_a_group_without_members_is_blocked_with_its_reason():
    """An empty group is not 0 per cent: it has no number, a reason in both languages, and its rows stay."""
    estimate = measure(group({"P1": {"ended": "2024-01-01"}}))
    assert estimate.status == "blocked" and len(estimate.table) == 11
    assert estimate.table["estimate"].isna().all()
    assert "no members" in estimate.notes[0].say("en") and "không có thành viên" in estimate.notes[0].say("vi")


def test_a_day_without_members_among_others_only_warns():
    """One empty month in a history does not take away the other months."""
    estimate = measure(group({"P1": {"started": "2021-01-01"}}), on=["2020-12-31", "2021-01-01"])
    assert estimate.status == "warned"
    assert estimate.table.groupby("date")["estimate"].apply(lambda one: one.notna().any()).to_list() == [False, True]


def test_a_missing_table_is_said():
    """A registry without seats says so beside the empty result."""
    estimate = measure(group({}, absent=("seats",)))
    assert any("seats was not given" in note.say("en") for note in estimate.notes)


@pytest.mark.parametrize("day", ["2025-07-01", "2014-12-31", "30/06/2025", "2025-02-30"])
def test_a_day_that_the_registry_cannot_see_is_refused(day):
    """Nothing later than as_of is used, nothing earlier than what the registry covers, and no day is guessed."""
    with pytest.raises(TargetsError) as refused:
        measure(group(1), on=day)
    assert "2025-06-30" in refused.value.text.say("en") and "2025-06-30" in refused.value.text.say("vi")


@pytest.mark.parametrize("asked", [{"target": "T9"}, {"reading": "studying"}])
def test_an_unknown_target_or_reading_is_refused_with_the_known_ones(asked):
    """A misspelt name never gives the numbers of another."""
    with pytest.raises(TargetsError) as refused:
        measure(group(1), **asked)
    assert ("T1, T2, T3, T4" if "target" in asked else "has_or_studying") in refused.value.text.say("en")


def test_one_reading_gives_its_own_heads():
    """Asked for one reading, counted and short are of that reading and no other row is there."""
    reg = group(4, qualifications=[degree("P1")], training=[course("P2")])
    estimate = measure(reg, reading="has")
    assert shares(estimate).to_dict() == {"has": 1}
    assert heads(estimate)["counted"] == 1 and heads(estimate)["short"] == 2


def test_order_of_rows_does_not_matter():
    """The same people in another order give the same table, to the last bit."""
    rows = {
        "qualifications": [degree("P1"), degree("P3", verified=False)],
        "training": [course("P2"), course("P3"), course("P4", "2022-09-01", "2025-01-01")],
    }
    names = [f"P{one}" for one in range(1, 6)]
    one = measure(group({name: {} for name in names}, **rows), on=["2021-01-31", DAY])
    turned = {table: row[::-1] for table, row in rows.items()}
    two = measure(group({name: {} for name in names[::-1]}, **turned), on=["2021-01-31", DAY])
    pd.testing.assert_frame_equal(one.table, two.table)


@pytest.mark.parametrize(
    ("counted", "unverified", "final", "word"),
    [(5, 0, True, "met"), (7, 2, True, "met"), (5, 1, True, "pending"), (4, 0, True, "missed"), (4, 0, False, "open"),
     (4, 4, False, "open")],
)  # fmt: skip
def test_the_status_word_follows_the_rule(counted, unverified, final, word):
    """Met needs verified degrees, pending says what it hangs on, missed is only said after the last day."""
    found = {"members": 10, "need": 5, "counted": counted, "unverified": unverified}
    assert judge(found, final=final) == word


def test_no_members_is_not_assessable():
    """An empty group is never met, although it needs nobody."""
    assert judge({"members": 0, "need": 0, "counted": 0, "unverified": 0}, final=True) == "not_assessable"
    assert judge({}, final=True) == "not_assessable"


def test_the_last_comparable_day_is_final():
    """The province ends with June 2025, so that day already judges for good."""
    last = milestone("last_comparable")
    assert is_final(last) and not is_final(last - pd.Timedelta(days=1))
    assert target_ids() == ("T1", "T2", "T3", "T4")


def test_a_target_with_a_day_of_its_own_is_final_from_that_day_on(monkeypatch):
    """A target entered for 2028 is not missed in 2025: only those without a day follow the last comparable one."""
    monkeypatch.setitem(reference("targets.yml")["targets"]["T2"], "day", pd.Timestamp("2028-12-31").date())
    assert is_final(DAY, "T1") and not is_final(DAY, "T2") and is_final("2028-12-31", "T2")


def test_a_reading_that_the_data_cannot_carry_is_not_assessable():
    """Without any expected end nobody can be called on schedule: that reading is empty with its reason, the others stand."""
    reg = group(4, qualifications=[degree("P1")], training=[course("P2", expected_end=None)])
    estimate = measure_attainment(reg, target="T1")
    rows = estimate.table[estimate.table["estimand"] == "attainment"].set_index("term")
    assert np.isnan(rows.loc["has_or_on_schedule", "estimate"]) and np.isnan(rows.loc["has_or_on_schedule", "n_event"])
    assert rows.loc["has_or_studying", "estimate"] == 0.5 and estimate.status == "warned"
    assert "not assessable" in estimate.notes[0].say("en")
    assert measure_attainment(reg, target="T1", reading="has_or_on_schedule").status == "blocked"
    grid = grid_definitions(reg, target="T1", days=["2025-06-30"])
    assert grid.table.loc[grid.table["term"] == "has_or_on_schedule", "estimate"].isna().all()
    assert grid.status == "warned"


@pytest.mark.parametrize(
    ("counted", "unverified", "earlier", "word"),
    [(30, 0, (29, 33), "shrunk"), (30, 3, (29, 33), "shrunk_pending"), (33, 0, (29, 33), "met"), (33, 5, (29, 33), "pending"),
     (29, 0, (29, 33), "missed"), (30, 0, (27, 28), "met"), (30, 0, (math.nan, math.nan), "met"),
     (30, 0, (33, 33), "met"), (30, 3, (34, 34), "pending")],
)  # fmt: skip
def test_a_need_reached_by_size_alone_has_a_word_of_its_own(counted, unverified, earlier, word):
    """30 of 42 reach 70 percent; 29 of 47 did not in December, and 33 were needed: fewer members reached it, not heads.

    Where the need was reached in December already, fewer members reached nothing."""
    heads, before = (
        {"members": 42, "need": 30, "counted": counted, "unverified": unverified},
        dict(zip(("counted", "need"), earlier, strict=True)),
    )
    assert judge(heads, final=True, earlier=before) == word


def test_no_verified_degree_is_never_met():
    """Where the file says of no degree that it was verified, the need is reached only subject to it."""
    reg = group(4, qualifications=[degree(f"P{one}", verified=False) for one in (1, 2, 3)])
    found = measure_attainment(reg, target="T1")
    assert judge(heads(found), final=True) == "pending"
    assert any("not assessable beyond the two bounds" in note.say("en") for note in found.notes)


def test_lecturers_are_watched_without_a_verdict():
    """Two lecturers, one with a degree: half, and no need."""
    posts = [{"person_id": one, "teaching": one != "P3"} for one in ("P1", "P2", "P3")]
    rows = monitor_group(group({}, posts=posts, qualifications=[degree("P1")])).table.set_index("term")
    assert rows.loc["has", "estimate"] == 0.5 and "need" not in rows.index
    assert monitor_group(group(2), on=["2024-01-31", "2025-01-31"]).status == "blocked"
    with pytest.raises(TargetsError):
        monitor_group(group(2), monitor="drivers")


@pytest.mark.parametrize(
    ("counted", "final", "word"),
    [(128, True, "pending"), (119, True, "missed"), (119, False, "open"), (150, True, "met")],
)
def test_worked_figure_of_unverified_records(counted, final, word):
    """128 of 270 checked of 300 at 50 percent: need 150, 42.7 to 52.7 for sure, so met only if what is unverified holds."""
    people = [f"P{one}" for one in range(1, 301)]
    sure, open_ = people[:counted], people[counted : counted + 30]
    rows = [degree(one) for one in sure] + [degree(one, verified=False) for one in open_]
    posts = [{"person_id": one, "standing_committee_managed": True} for one in people]
    found = heads(measure(group({}, posts=posts, qualifications=rows), target="T2"))
    assert found["need"] == 150 and found["unverified"] == 30
    if counted == 128:
        bounds = [(found["counted"] - found["unverified"]) / 300, found["counted"] / 300]
        assert bounds == pytest.approx([0.427, 0.527], abs=0.0005)
    assert judge(found, final=final) == word


def test_the_grid_sets_every_definition_beside_the_others():
    """Seven of ten with those who study, three with a degree; one is lent out; in May one fewer studied."""
    studying = [course(f"P{one}") for one in (2, 4, 5, 6)] + [course("P7", "2025-06-10")]
    lent = [{"person_id": "P10", "decision": "secondment"}]
    held = [degree("P1"), degree("P2", verified=False), degree("P3", verified=False)]
    reg = group(10, qualifications=held, training=studying, posts=lent)
    found = grid_definitions(reg, target="T1", days=["2025-06-30"])
    rows = found.table.set_index(["term", "population"])
    assert rows.loc[("has_or_studying", "not_seconded"), ["n", "estimate"]].tolist() == [9, 7 / 9]
    assert rows.loc[("has_or_studying", "quarter_average"), "estimate"] == (6 + 6 + 7) / 30
    sure = found.table[found.table["estimand"] == "heads"].set_index(["run", "term"])["estimate"]
    assert sure["", "has"] == sure["has", "has"] == 3 and sure["", "unverified"] == 1, "what is not sure of a cell"
    assert sure["has", "unverified"] == 2, "who studies too is sure to count, and not to hold a degree"
    assert found.status == "ok" and not found.notes, "how many cells reach the line is told of shown cells only"


def test_heads_in_doubt_are_those_of_the_reading():
    """By degrees held alone, an unverified one is in doubt whether or not its holder studies for another."""
    reg = group(2, qualifications=[degree("P1", verified=False), degree("P2")], training=[course("P1")])
    doubt = {one: heads(measure(reg, reading=one))["unverified"] for one in readings()}
    assert doubt == {"has_or_studying": 0, "has": 1, "has_and_studying": 1, "has_or_on_schedule": 0}


def test_a_course_given_up_tells_no_end():
    """Who gave up a course that was to end later is counted by the end of the one under way."""
    first = course("P1", "2021-09-01", "2029-09-01", outcome="dropped", ended="2022-01-01")
    reg = group(1, training=[first, course("P1", "2023-09-01", "2025-09-01")])
    assert heads(count_courses(reg, target="T1", on=DAY)) == {"ends[overdue]": 0, "ends[12]": 1, "ends[later]": 0}


def test_courses_are_counted_by_when_they_end():
    """One is past its end, one ends within the year, one later, one says nothing; a degree or a drop-out is no student here."""
    reg = group(
        6,
        qualifications=[degree("P6")],
        training=[
            course("P1", "2022-09-01", "2024-12-31"), course("P2", "2023-09-01", "2026-06-30"), course("P3", "2023-09-01", "2026-07-01"),
            course("P4", expected_end=None), course("P5", "2022-09-01", outcome="dropped", ended="2023-01-01"), course("P6"),
        ],
    )  # fmt: skip
    assert heads(count_courses(reg, target="T1", on=DAY)) == {"ends[overdue]": 1, "ends[12]": 1, "ends[later]": 2}


def test_a_plain_verdict_has_no_warning_and_nobody_is_blocked():
    """All with a degree and studying: every cell agrees. Nobody: not assessable."""
    reg = group(2, qualifications=[degree("P1"), degree("P2")], training=[course("P1"), course("P2")])
    assert grid_definitions(reg, target="T1", days=["2025-06-30"]).status == "ok"
    empty = grid_definitions(group({}), target="T1", days=["2025-06-30"])
    assert empty.status == "blocked" and empty.table["estimate"].isna().all()
    assert isinstance(empty.table, pd.DataFrame)
