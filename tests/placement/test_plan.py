"""The plan beside what was done equals a count by hand, whoever made the registry; and says what is missing."""

from __future__ import annotations

from collections import Counter, defaultdict

import pandas as pd
import pytest
from five_registries import PEOPLE, POSTS, UNITS, by_hand, course, disguise, five
from hypothesis import given
from hypothesis import strategies as st

from analysis import placement
from analysis.words import speaking

YEARS = (2021, 2024)
every = pytest.mark.parametrize("name", list(five()))


def rows_of(table: pd.DataFrame) -> list[dict]:
    """Rows as plain dictionaries, with None where nothing stands."""
    table = table.astype("object")
    return table.where(table.notna(), None).to_dict("records")


def level_on(reg, person: str, day) -> str:
    """The level of the unit of the last main post begun by a day, by looking at every post."""
    best = None
    for post in posts_by_person(reg)[person]:
        if not post["concurrent"] and post["decision"] != "acting" and post["started"] <= day:
            key = (post["started"], post["grade"], post["unit_id"], post["title"])
            best = max(best, (*key, post["unit_id"])) if best else (*key, post["unit_id"])
    return (best[-1], units_of(reg)[best[-1]]["level"]) if best else (None, "unknown")


KEPT: dict = {}


def posts_by_person(reg):
    if id(reg) not in KEPT:
        by = defaultdict(list)
        for post in rows_of(reg["posts"]):
            by[post["person_id"]].append(post)
        KEPT[id(reg)] = (reg, by, {unit["unit_id"]: unit for unit in rows_of(reg["units"])})
    return KEPT[id(reg)][1]


def units_of(reg):
    posts_by_person(reg)
    return KEPT[id(reg)][2]


def count(reg, year: int) -> tuple[Counter, dict]:
    """Count turns, people, seats and money by cell and term, one course after the other."""
    numbers, people = Counter(), defaultdict(set)
    begun = []
    for one in rows_of(reg["training"]):
        done = one["outcome"] == "completed"
        steps = {
            "nominated": one["nominated"],
            "started": one["started"],
            "completed": one["ended"] if done else None,
            "finished": one["started"] if done else None,
        }
        for step, day in steps.items():
            if day is None or day.year != year:
                continue
            unit, level = level_on(reg, one["person_id"], day)
            cells = [("ALL", "ALL"), (one["kind"], "ALL"), ("ALL", f"staff_level[{level}]")]
            cells += [("ALL", f"funder[{one['funder']}]"), ("ALL", f"mode[{one['mode']}]")]
            cells += [(one["kind"], f"level[{one['level']}]")] if one["level"] else []
            cells += [(one["kind"], f"field[{one['field']}]")] if one["field"] else []
            for cell in cells:
                if step == "nominated" and cell[0] == "ALL":
                    continue
                numbers[*cell, f"{step}_turns"] += 1
                people[*cell, f"{step}_people"].add(one["person_id"])
                if step == "started" and one["cost"]:
                    numbers[*cell, "cost"] += one["cost"]
            if step == "started":
                begun.append((unit, one["kind"], one["level"], one["field"], level))
    for line, used in fill(reg, begun, year):
        cells = [("ALL", "ALL"), (line["kind"], "ALL")]
        cells += (
            [("ALL", f"staff_level[{line['staff_level'] or 'unknown'}]")] if named(reg, "staff_level", year) else []
        )
        cells += [(line["kind"], f"{key}[{line[key]}]") for key in ("level", "field") if line[key]]
        for cell in cells:
            numbers[*cell, "seats"] += line["seats"]
            numbers[*cell, "used"] += min(line["seats"], used)
            numbers[*cell, "empty"] += 0 if used else line["seats"]
            if line["budget"]:
                numbers[*cell, "budget"] += line["budget"]
    for need in rows_of(reg["needs"]):
        if need["year"] == year:
            cells = [("ALL", "ALL"), (need["kind"], "ALL")]
            for cell in [*cells, *((need["kind"], f"{key}[{need[key]}]") for key in ("level", "field") if need[key])]:
                numbers[*cell, "needs"] += need["people"]
    return numbers + Counter({key: len(who) for key, who in people.items()}), numbers


def named(reg, column: str, year: int) -> bool:
    return any(line[column] for line in rows_of(reg["training_plan"]) if line["year"] == year)


def fill(reg, begun: list[tuple], year: int) -> list[tuple[dict, int]]:
    """Put each turn on the line nearest above its unit."""
    lines = [line for line in rows_of(reg["training_plan"]) if line["year"] == year]
    keys = ("kind", "level", "field", "staff_level")
    keys = [key for key in keys if any(line[key] for line in lines)]
    place = {
        (line["unit_id"], *(line[key] or ("unknown" if key == "staff_level" else None) for key in keys)): number
        for number, line in enumerate(lines)
    }
    used = [0] * len(lines)
    for unit, *values in begun:
        said = dict(zip(("kind", "level", "field", "staff_level"), values, strict=True))
        while unit is not None:
            number = place.get((unit, *(said[key] for key in keys)))
            if number is not None:
                used[number] += 1
                break
            unit = units_of(reg).get(unit, {}).get("parent_id")
    return list(zip(lines, used, strict=True))


def numbers_of(estimate) -> dict:
    rows = estimate.table[~estimate.table["term"].isin(["classes", "planned_classes", "turns_a_seat", "filled"])]
    rows = rows[~rows["population"].str.startswith("planned")].dropna(subset="estimate")
    keys = zip(rows["outcome"], rows["population"], rows["term"], strict=True)
    return {key: value for key, value in zip(keys, rows["estimate"], strict=True) if value}


@every
@pytest.mark.parametrize("year", YEARS)
def test_all_counts_equal_a_count_by_hand(name, year):
    """Turns, people, seats, seats taken by line, needs and money of every cell, on five registries made by other means."""
    reg = five()[name]
    expected, _ = count(reg, year)
    assert numbers_of(placement.compare_plan(reg, year=year)) == pytest.approx({k: v for k, v in expected.items() if v})


days = st.sampled_from([f"2024-{month:02d}-10" for month in range(1, 13)])


@given(
    courses=st.lists(
        st.tuples(
            st.sampled_from(["P1", "P2", "P3", "P4", "P5"]),
            st.sampled_from(["digital", "defence", "state_management"]),
            days,
            st.sampled_from(["online", "full_time"]),
            st.sampled_from(["completed", "dropped"]),
        ),
        max_size=12,
    ),
    seats=st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_counts_of_any_small_registry_equal_a_count_by_hand(courses, seats):
    """Random courses and seats: no cell differs, and turns never fall below people."""
    training = [
        course(who, number, kind, day, expected_end="2024-12-30", ended="2024-12-31", mode=mode, outcome=outcome)
        for number, (who, kind, day, mode, outcome) in enumerate(courses)
    ]
    plan = [
        {"year": 2024, "unit_id": unit, "kind": "digital", "staff_level": level, "seats": count}
        for unit, level, count in zip(("U1", "U2", "U2"), ("province", "district", "commune"), seats, strict=True)
    ]
    reg = by_hand(training=training, training_plan=plan)
    estimate = placement.compare_plan(reg, year=2024)
    assert numbers_of(estimate) == pytest.approx({k: v for k, v in count(reg, 2024)[0].items() if v})
    wide = estimate.table.pivot_table("estimate", ["outcome", "population"], "term")
    assert (wide["started_turns"] >= wide["started_people"]).all()


def test_turns_and_people_differ_where_someone_went_twice():
    """One person at two courses is two turns; a seat beyond a line's own does not fill another's."""
    whole = placement.compare_plan(by_hand(), year=2024).pick(outcome="digital", population="ALL")
    told = whole.table.set_index("term")["estimate"]
    assert (told["started_turns"], told["started_people"]) == (5, 4)
    assert (told["finished_turns"], told["finished_people"], told["completed_people"]) == (4, 3, 3)
    assert (told["seats"], told["used"]) == (5, 2), "two of P1 on one seat of the province, P2 on one of four"
    assert told["turns_a_seat"] == 1.0 and told["filled"] == pytest.approx(0.4)


def test_a_planned_line_that_nobody_began_appears():
    """Three seats of a master for communes that nobody used are seen as seats, in the rows and in the lines."""
    estimate = placement.compare_plan(by_hand(), year=2024)
    told = estimate.pick(outcome="postgraduate", population="ALL").table.set_index("term")["estimate"]
    assert (told["seats"], told["empty"], told["started_turns"], told["nominated_people"]) == (3, 3, 1, 2)
    lines = estimate.details["lines"].set_index("staff_level")
    assert lines.loc["commune", "turns"] == 0 and set(lines.index) == {"province", "district", "commune"}


def test_turns_of_parts_sum_to_the_total():
    """Kinds, levels of staff, funders and modes each sum to all turns; the plan's kinds to all seats."""
    table = placement.compare_plan(five()["simulated"], year=2024).table
    terms = table[table["term"].isin(["started_turns", "finished_turns", "completed_turns", "seats"])]
    for term, rows in terms.groupby("term"):
        total = rows.loc[rows["outcome"].eq("ALL") & rows["population"].eq("ALL"), "estimate"].item()
        kinds = rows.loc[rows["outcome"].ne("ALL") & rows["population"].eq("ALL"), "estimate"].sum()
        groups = rows[rows["outcome"].eq("ALL") & rows["population"].ne("ALL")]
        by = groups.groupby(groups["population"].str.split("[").str[0])["estimate"].sum()
        assert kinds == total and by["staff_level"] == total
        assert term == "seats" or (by["funder"], by["mode"], by["planned"]) == (total, total, total)


@every
def test_the_form_adds_up_on_its_rows(name):
    """Form 10: 3 = 4 + 6 + 8 (and those whose level no post says), 9 = 10 + 11, leaders among all; counted by hand too."""
    reg = five()[name]
    for year in YEARS:
        rows = placement.count_trained(reg, year=year).table
        wide = rows.pivot_table("estimate", "outcome", ["term", "population"])
        if wide.empty:
            continue
        levels = [f"staff_level[{one}]" for one in ("province", "district", "commune", "unknown")]
        for term in ("trained", "leaders"):
            assert (wide[term]["ALL"] == wide[term][levels].sum(axis=1)).all()
        assert (wide["leaders"]["ALL"] <= wide["trained"]["ALL"]).all()
        if "classes" in wide:
            opened = wide["classes"].dropna(how="all")
            assert (opened["ALL"] == opened[["opened[province]", "opened[district]"]].sum(axis=1)).all()
        people = defaultdict(set)
        for one in rows_of(reg["training"]):
            if one["outcome"] == "completed" and one["ended"] and one["ended"].year == year:
                people[one["kind"] + (f"[{one['level']}]" if one["level"] else "")].add(one["person_id"])
        assert wide["trained"]["ALL"].to_dict() == {programme: len(who) for programme, who in people.items()}


def test_inside_and_outside_the_planning_list():
    """On the list on the first day of the course, or not; the day on which a listing ends is outside it."""
    listed = [
        {"person_id": "P1", "started": "2020-01-01", "ended": "2024-06-01"},
        {"person_id": "P2", "started": "2024-03-01"},
        {"person_id": "P3", "started": "2024-05-01"},
    ]
    rows = placement.compare_plan(by_hand(planning=listed), year=2024).pick(term="started_turns").table
    told = rows.set_index("population")["estimate"]
    assert (told["planned[True]"], told["planned[False]"]) == (2, 4)


def test_what_is_missing_is_said_and_never_zero():
    """Without plan, needs, planning, classes and costs the rows stand, empty, each with its reason."""
    training = [course("P1", 1)]
    bare = by_hand(training=training, training_plan=[], needs=[])
    bare = type(bare)(**{**vars(bare), "absent": frozenset({"training_plan", "needs", "planning"})})
    estimate = placement.compare_plan(bare, year=2024)
    told = estimate.table.set_index(["outcome", "population", "term"])["estimate"]
    for term in ("seats", "used", "needs", "budget", "cost", "classes", "turns_a_seat", "filled", "nominated_turns"):
        assert pd.isna(told["ALL", "ALL", term]), term
    assert told["ALL", "ALL", "started_turns"] == 1 and estimate.status == "warned"
    with speaking("en"):
        notes = " ".join(note.say() for note in estimate.notes)
    assert all(word in notes for word in ("training plan", "needs", "planning list", "class", "cost"))
    assert not any("planned[" in one for one in estimate.table["population"])


def test_a_year_under_way_says_so():
    """Half a year is not held against a whole year's plan without a word."""
    reg = five()["simulated"]
    with speaking("en"):
        notes = [note.say() for note in placement.compare_plan(reg, year=2025).notes]
    assert notes == ["The year 2025 is counted up to 30 June 2025 only."]


def test_order_and_names_change_nothing():
    """The same registry with other identifiers and its rows in another order gives the same rows."""
    reg = by_hand()
    one, other = (placement.compare_plan(each, year=2024).table for each in (reg, disguise(reg, 5)))
    key = ["outcome", "population", "term"]
    pd.testing.assert_frame_equal(one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True))
    assert len(PEOPLE) == 5 and len(POSTS) == 6 and len(UNITS) == 3
