"""Every rule of the contract finds the one row that breaks it, and nothing in a registry that keeps them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from clean_registry import ANNA, BINH, CHI, COURSE, POST, clean, faults

from analysis import registry

WARNINGS = {"unverified", "no_post", "no_end", "unknown_field"}
RETURN = {**POST, "person_id": CHI, "started": "2022-01-01", "decision": "recruitment"}


class Case(NamedTuple):
    """A way to spoil (or stretch) the clean registry, and each finding that it gives: rule, table, column, rows."""

    protects: str
    spoil: Callable
    expect: list[tuple[str, str, str, tuple[int, ...]]] = []  # noqa: RUF012


def put(table: str, row: int, **cells):
    """Change cells of the row (its number in the source, the first being 2)."""
    return lambda rows: rows[table][row - 2].update(cells)


def add(table: str, **cells):
    """Append a row."""
    return lambda rows: rows[table].append(cells)


def both(*changes):
    return lambda rows: [change(rows) for change in changes]


SPOILT = {
    # row by row
    "post_order": Case("A post ends after it starts.", put("posts", 6, ended="2010-01-01"), [
        ("started_before_ended", "posts", "ended", (6,))]),
    "seat_order": Case("A seat ends after it starts.", put("seats", 2, ended="2015-09-01"), [
        ("started_before_ended", "seats", "ended", (2,))]),
    "course_order": Case("A course ends after it starts.", put("training", 2, ended="2016-08-01"), [
        ("started_before_ended", "training", "ended", (2,))]),
    "expected_order": Case("A course is expected to end after it starts.", put("training", 3, expected_end="2024-12-01"), [
        ("started_before_expected_end", "training", "expected_end", (3,))]),
    "course_without_start": Case("A course without a start says why.", put("training", 5, nominated=None), [
        ("start_known", "training", "started", (5,))]),
    "completed_without_start": Case("A nomination explains a missing start only while it is open.",
        put("training", 5, outcome="completed", ended="2025-06-01"), [("start_known", "training", "started", (5,))]),
    "never_started": Case("A course marked not_started has no start.", put("training", 4, started="2016-09-01"), [
        ("never_started", "training", "started", (4,))]),
    "level_of_theory": Case("A level fits its kind of training.", put("training", 3, level="master"), [
        ("level_of_kind", "training", "level", (3,))]),
    "level_of_other": Case("Only postgraduate and political courses have a level.", put("training", 5, level="bachelor"), [
        ("level_of_kind", "training", "level", (5,))]),
    "level_in_plan": Case("A planned level fits its kind.", put("training_plan", 2, level="elementary"), [
        ("level_of_kind", "training_plan", "level", (2,))]),
    "planning_order": Case("A planning spell ends after it starts.", put("planning", 2, ended="2017-01-01"), [
        ("started_before_ended", "planning", "ended", (2,))]),
    "discipline_order": Case("A sanction ends after it starts.", put("discipline", 2, ended="2011-01-01"), [
        ("started_before_ended", "discipline", "ended", (2,))]),
    "unit_order": Case("A unit ends after it begins.", put("units", 3, valid_from="1995-01-01", valid_to="1990-01-01"), [
        ("valid_from_before_valid_to", "units", "valid_to", (3,)), ("unit_not_valid", "posts", "unit_id", (2, 3, 6, 7))]),
    # unique keys
    "same_person": Case("A person has one row.", lambda rows: rows["people"].append(dict(rows["people"][2])), [
        ("duplicate_key", "people", "person_id", (4, 5))]),
    "same_course": Case("A course is taken once by a person.", put("training", 3, course_id="C1"), [
        ("duplicate_key", "training", "person_id", (2, 3))]),
    "same_rating": Case("A year is rated once.", put("ratings", 3, person_id=ANNA), [
        ("duplicate_key", "ratings", "person_id", (2, 3))]),
    "same_unit": Case("A unit has one row.", put("units", 5, unit_id="U2"), [
        ("duplicate_key", "units", "unit_id", (4, 5)), ("unknown_unit_id", "posts", "unit_id", (5,)),
        ("unknown_successor_id", "units", "successor_id", (4,))]),
    "same_plan": Case("A planned group of seats has one row, empty cells counting as equal.",
        lambda rows: rows["training_plan"].extend([{"year": "2022", "kind": "digital", "seats": "1"}] * 2), [
        ("duplicate_key", "training_plan", "year", (3, 4))]),
    # known people and units
    "stranger": Case("Whoever has a rating is in people.", put("ratings", 2, person_id="0079999"), [
        ("unknown_person_id", "ratings", "person_id", (2,))]),
    "strange_unit": Case("The unit of a post is in units.", put("posts", 2, unit_id="U9"), [
        ("unknown_unit_id", "posts", "unit_id", (2,))]),
    "strange_seat": Case("The unit of a seat, where given, is in units.", put("seats", 2, unit_id="U9"), [
        ("unknown_unit_id", "seats", "unit_id", (2,))]),
    "strange_parent": Case("The unit above is in units.", put("units", 3, parent_id="U9"), [
        ("unknown_parent_id", "units", "parent_id", (3,))]),
    "strange_successor": Case("The unit that took over is in units.", put("units", 4, successor_id="U9"), [
        ("unknown_successor_id", "units", "successor_id", (4,))]),
    # nothing before birth + 16 years
    "child_recruited": Case("Nobody is recruited before sixteen.", put("people", 4, recruited="1994-11-22"), [
        ("before_adult", "people", "recruited", (4,))]),
    "child_degree": Case("Nobody has a degree before sixteen.", put("qualifications", 2, awarded="1990-01-01"), [
        ("before_adult", "qualifications", "awarded", (2,))]),
    "child_post": Case("Nobody holds a post before sixteen.", put("posts", 4, started="1985-01-01", unit_id="U3", decision="lateral"), [
        ("before_adult", "posts", "started", (4,)), ("unit_not_valid", "posts", "unit_id", (4,))]),
    "child_rated": Case("Nobody is rated before sixteen.", put("ratings", 2, year="1995"), [
        ("before_adult", "ratings", "year", (2,))]),
    # nothing after the extract
    "post_to_come": Case("No post begins after the extract.", put("posts", 3, started="2025-07-01"), [
        ("after_extract", "posts", "started", (3,))]),
    "end_to_come": Case("No post ends after the extract.", put("posts", 3, ended="2025-07-02"), [
        ("after_extract", "posts", "ended", (3,))]),
    "course_end_to_come": Case("The end of a course that is still expected is not its end.",
        put("training", 3, ended="2026-01-01"), [("after_extract", "training", "ended", (3,))]),
    "rating_to_come": Case("No year after the extract is rated.", put("ratings", 2, year="2026"), [
        ("after_extract", "ratings", "year", (2,))]),
    "exit_to_come": Case("Nobody has left after the extract.", both(put("exits", 2, exited="2026-01-01"),
        put("posts", 7, ended="2025-07-01")), [("after_extract", "exits", "exited", (2,))]),
    # nothing after an exit
    "post_after_exit": Case("A post after an exit begins with a recruitment.",
        lambda rows: rows["posts"].append({**RETURN, "decision": "lateral"}), [
        ("after_exit", "posts", "started", (8,))]),
    "post_past_exit": Case("A post ends with the exit.", put("posts", 7, ended="2020-08-01"), [
        ("after_exit", "posts", "ended", (7,))]),
    "open_after_exit": Case("No post stays open after the exit.", put("posts", 7, ended=None), [
        ("open_after_exit", "posts", "ended", (7,))]),
    "planned_after_exit": Case("Nobody stays on the planning list after the exit.",
        add("planning", person_id=CHI, grade="1", started="2015-01-01"), [("open_after_exit", "planning", "ended", (3,))]),
    "course_after_exit": Case("No course begins after an exit.",
        add("training", **COURSE, person_id=CHI, course_id="C1", kind="digital", started="2021-01-01"), [
        ("after_exit", "training", "started", (6,))]),
    "degree_after_exit": Case("No degree is awarded after an exit.",
        add("qualifications", person_id=CHI, level="bachelor", awarded="2020-07-01", verified="x"), [
        ("after_exit", "qualifications", "awarded", (4,))]),
    "rated_after_exit": Case("No year after the one of the exit is rated.", put("ratings", 2, person_id=CHI, year="2021"), [
        ("after_exit", "ratings", "year", (2,))]),
    "away_in_between": Case("Between an exit and a return nothing begins either.",
        both(add("posts", **RETURN), add("seats", person_id=CHI, body="commune_committee", started="2021-01-01")), [
        ("after_exit", "seats", "started", (3,))]),
    "post_across_absence": Case("A post does not go on across an absence.",
        both(put("posts", 7, ended=None), put("posts", 7, concurrent="true"), add("posts", **RETURN)), [
        ("open_after_exit", "posts", "ended", (7,))]),
    "left_twice": Case("Nobody leaves twice without a return.", add("exits", person_id=CHI, exited="2021-01-01", reason="death"), [
        ("after_exit", "exits", "exited", (3,))]),
    # one non-concurrent post at a time
    "two_posts": Case("At most one non-concurrent post is held.", put("posts", 2, ended="2015-01-02"), [
        ("two_posts", "posts", "started", (3,))]),
    "two_posts_open": Case("An open post is held for ever.", put("posts", 2, ended=None), [
        ("two_posts", "posts", "started", (3,))]),
    "hidden_overlap": Case("A short post inside a long one does not hide what follows within the long one.",
        both(put("posts", 2, ended="2020-01-01"), put("posts", 3, ended="2016-01-01"),
             add("posts", **{**POST, "person_id": ANNA, "started": "2017-01-01", "decision": "lateral"})), [
        ("two_posts", "posts", "started", (3, 8))]),
    # awards, planning, units
    "award_before_course": Case("A degree does not come before its course.", put("qualifications", 3, awarded="2016-08-31"), [
        ("award_before_course", "qualifications", "awarded", (3,))]),
    "planned_retired": Case("Nobody is planned after the age of retirement.",
        both(put("people", 3, birth_date="1958-03-10"), add("planning", person_id=BINH, grade="3", started="2019-01-01")), [
        ("planned_retired", "planning", "started", (3,))]),
    "own_parent": Case("A unit is not above itself.", put("units", 2, parent_id="U0"), [
        ("unit_cycle", "units", "parent_id", (2,))]),
    "long_cycle": Case("Units do not run in a circle.", put("units", 2, parent_id="U1"), [
        ("unit_cycle", "units", "parent_id", (2, 3))]),
    "unit_not_yet": Case("A post begins with or after its unit.", put("units", 3, valid_from="2004-01-02"), [
        ("unit_not_valid", "posts", "unit_id", (2, 7))]),
    "unit_no_more": Case("A post ends with its unit.", put("posts", 4, ended="2023-01-02"), [
        ("unit_not_valid", "posts", "unit_id", (4,)), ("two_posts", "posts", "started", (5,))]),
    "open_in_closed_unit": Case("No post stays open in a unit that is no more.",
        put("units", 3, valid_to="2024-01-01"), [("unit_not_valid", "posts", "unit_id", (3,))]),
    # warnings
    "unverified": Case("Degrees not verified are told.", put("qualifications", 3, verified="false"), [
        ("unverified", "qualifications", "verified", (3,))]),
    "no_post": Case("People without a post are told.", lambda rows: rows["posts"].pop(), [
        ("no_post", "people", "person_id", (4,))]),
    "no_end": Case("A finished course without an end is told.", put("training", 2, ended=None), [
        ("no_end", "training", "ended", (2,))]),
    "strange_field": Case("A field that fields.csv does not know is told.", put("qualifications", 2, field="astrology"), [
        ("unknown_field", "qualifications", "field", (2,))]),
}  # fmt: skip

KEPT = {
    "clean": Case("The clean registry is clean.", lambda rows: None),
    "returned": Case("A return by recruitment is no fault, and what follows it neither.",
        both(add("posts", **RETURN), add("seats", person_id=CHI, body="commune_committee", started="2023-01-01"),
             add("ratings", person_id=CHI, year="2023", rating="fair"))),
    "returned_and_left": Case("Somebody who returned may leave again.",
        both(add("posts", **RETURN, ended="2024-01-01"), add("exits", person_id=CHI, exited="2024-01-01", reason="death"))),
    "on_the_day": Case("A post may end on the day of the exit, and begin on the day the one before ends.",
        put("posts", 7, ended="2020-07-01")),
    "last_day": Case("A state may end with the day of the extract, which is written as the day after.",
        put("posts", 3, ended="2025-07-01")),
    "sixteen": Case("The 16th birthday is allowed.", put("people", 4, recruited="1994-11-23")),
    "rated_in_the_year_of_the_exit": Case("The year of the exit may be rated.", put("ratings", 2, person_id=CHI, year="2020")),
    "concurrent": Case("Concurrent posts may overlap.", put("posts", 6, ended=None)),
    "older_degree": Case("An older degree of the same level is no fault where one follows the course.",
        add("qualifications", person_id=ANNA, level="master", awarded="2010-01-01", verified="true")),
    "expected_in_the_future": Case("A course may be expected to end after the extract.", put("training", 3, expected_end="2030-01-01")),
    "unit_closing": Case("A unit may close with the day after the extract while posts are open in it.",
        put("units", 5, valid_to="2025-07-01")),
    "seat_without_unit": Case("The unit of a seat may be empty.", put("seats", 2, unit_id=None)),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILT.values(), ids=SPOILT)
def test_a_broken_rule_is_found_on_its_row_and_nothing_else_is(case):
    """One fault gives exactly its finding, on its row."""
    rows = clean()
    case.spoil(rows)
    found = faults(rows)
    assert sorted((one.rule, one.table, one.column, one.rows) for one in found) == sorted(case.expect), case.protects
    assert all(one.count == len(one.rows) for one in found)
    assert all((one.severity == "warning") == (one.rule in WARNINGS) for one in found), "only these do not stop"


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_what_the_contract_allows_is_not_found(case):
    """What is rare but right is not called wrong."""
    rows = clean()
    case.spoil(rows)
    assert [one.line().say("en") for one in faults(rows)] == [], case.protects


@pytest.mark.parametrize("table", ["posts", "training"])
def test_a_rule_is_found_again_without_the_optional_tables(table):
    """Protects: absent tables are left alone, the others are still checked."""
    rows = clean()
    rows[table][0]["person_id"] = "0079999"
    optional = ("seats", "planning", "ratings", "discipline", "training_plan")
    assert f"unknown_person_id {table}" in {f"{one.rule} {one.table}" for one in faults(rows, absent=optional)}


def test_a_registry_with_empty_optional_tables_and_no_exits_is_clean():
    """Protects: nobody having left, or no sanctions, is no fault and breaks no rule's arithmetic."""
    rows = clean()
    rows["posts"] = rows["posts"][:5]
    rows["people"] = rows["people"][:2]
    for name in ("exits", "seats", "planning", "ratings", "discipline", "training_plan"):
        rows[name] = []
    assert faults(rows) == []


def test_the_count_is_of_all_rows_and_few_are_listed():
    """Protects: a fault in thousands of rows stays one short line."""
    rows = clean()
    rows["ratings"] = [{"person_id": "0079999", "year": str(year), "rating": "good"} for year in range(2000, 2020)]
    (one,) = faults(rows)
    assert (one.count, len(one.rows)) == (20, 5)
    assert "20 rows: 2, 3, 4, 5, 6, …" in one.line().say("en") and "20 dòng" in one.line().say("vi")


def test_findings_for_a_page_say_nothing_of_people():
    """What a page lists of the findings is words alone: no rows, no counts, no values of the source."""
    rows = clean()
    rows["training"][0]["field"] = "unknown-9"
    rows["qualifications"][0]["verified"] = "false"
    listed = registry.list_findings(faults(rows))
    assert list(listed.columns) == ["severity", "table", "column", "what", "fix"] and len(listed)
    for lang in ("en", "vi"):
        said = " ".join(one.say(lang) for one in (*listed["what"], *listed["fix"]))
        assert "unknown-9" not in said and not re.search(r"\d", said)
    assert registry.list_findings([]).empty
