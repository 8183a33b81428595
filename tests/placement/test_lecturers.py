"""Lecturers are counted as by hand, nothing is graded, and what is missing is said."""

from __future__ import annotations

import pandas as pd
import pytest
from build import build_registry
from five_registries import five

from analysis import placement
from analysis.registry.retirement import retirement_dates
from analysis.synthetic import make_registry
from analysis.words import speaking

HIGHER = {"master", "doctor", "specialist_1", "specialist_2"}


@pytest.mark.parametrize("name", list(five()))
def test_counts_equal_a_count_by_hand(name):
    """Heads, degrees, theory, courses of three years and what is fixed ahead, person by person."""
    reg = five()[name]
    who = set()
    for post in reg["posts"].itertuples():
        ended = not pd.isna(post.ended) and post.ended <= reg.as_of
        if post.teaching and not post.concurrent and not ended and post.started <= reg.as_of:
            who.add(post.person_id)
    estimate = placement.describe_lecturers(reg)
    if not who:
        assert estimate.status == "blocked"
        return
    told = estimate.table.set_index("term")["estimate"]
    degrees = [row for row in reg["qualifications"].itertuples() if row.person_id in who]
    assert told["lecturers"] == len(who)
    assert told["master_up"] == len({row.person_id for row in degrees if row.level in HIGHER})
    assert told["doctor"] == len({row.person_id for row in degrees if row.level == "doctor"})
    best = {}
    for row in degrees:
        if row.kind == "political_theory":
            best.setdefault(row.person_id, set()).add(row.level)
    assert told["theory[advanced]"] == sum("advanced" in levels for levels in best.values())
    assert told["theory[intermediate]"] == sum(
        "intermediate" in levels and "advanced" not in levels for levels in best.values()
    )
    since, end = reg.as_of - pd.DateOffset(years=3), reg.as_of + pd.DateOffset(months=24)
    turns = [one for one in reg["training"].itertuples() if one.person_id in who and since < one.started <= reg.as_of]
    brief = [one for one in turns if one.kind not in ("postgraduate", "political_theory", "study_tour")]
    assert (told["short_turns"], told["short_people"]) == (len(brief), len({one.person_id for one in brief}))
    assert told["tour_turns"] == sum(one.kind == "study_tour" for one in turns)
    assert told["abroad_people"] == len({one.person_id for one in turns if one.place == "abroad"})
    open_ = [one for one in reg["training"].itertuples() if one.person_id in who and one.kind == "postgraduate"]
    soon = {one.person_id for one in open_
            if pd.notna(one.started) and pd.isna(one.outcome) and reg.as_of <= one.expected_end <= end}  # fmt: skip
    assert told["graduating"] == len(soon)
    people = reg["people"][reg["people"]["person_id"].isin(who)]
    assert told["retiring"] == sum(day <= end for day in retirement_dates(people["sex"], people["birth_date"]))
    year = reg["establishments"]["year"].max()
    assert told["assigned"] == sum(row.lecturers for row in reg["establishments"].itertuples() if row.year == year)
    assert told["lecturers_a_post"] == pytest.approx(told["lecturers"] / told["assigned"])


def test_the_default_province_is_near_what_was_published():
    """Published: 25 and 26 in 100 lecturers with a postgraduate degree; larger provinces come near it."""
    told = placement.describe_lecturers(make_registry(12_000, 7)).table.set_index("term")["estimate"]
    assert 0.2 < told["master_up"] / told["lecturers"] < 0.32


def test_without_an_establishment_the_ratio_is_empty_and_says_why():
    """No posts assigned on file is not zero posts assigned."""
    estimate = placement.describe_lecturers(build_registry({"posts": [{"teaching": True}]}, absent=("establishments",)))
    told = estimate.table.set_index("term")["estimate"]
    with speaking("en"):
        assert "no establishments" in estimate.notes[0].say()
    assert told["lecturers"] == 1 and pd.isna(told["assigned"]) and pd.isna(told["lecturers_a_post"])


def test_without_lecturers_nothing_is_told():
    """A registry that marks no lecturer gets a reason, not a zero."""
    assert placement.describe_lecturers(build_registry({"posts": [{}]})).status == "blocked"
