"""What it would take: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("planner"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("planner", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_what_cannot_be_reached_is_a_dash():
    """Where those eligible do not suffice there is a dash in the figure's words, and a sentence in the table."""
    assert "T4: 50%: 6, 80%: 10, 90%: –" in said("extra", "en")["alt"]
    assert ">10<" in said("extra", "en")["table_html"]


def test_few_who_may_be_sent_give_no_number():
    """Where the eligible are too few to show, what only they could bring is not shown either."""
    html = said("extra few", "en")["table_html"]
    assert "hidden (under 10 people)" in html and ">10<" not in html
    words = said("extra few", "en")
    assert "80%: hidden (under 10 people)" in words["alt"] and "T1 hidden" in words["title"], "a dash is of who cannot"


def test_a_plan_says_heads_and_chance_or_that_there_is_none():
    """A certainty without a joint plan is said to have none."""
    html = said("plan", "en")["html"]
    assert "50% for all: 12 people sent, and by simulation a chance of 56%." in html
    assert "80% for all: no plan within the limits was found." in html
    assert "No joint plan was sought" in said("plan none sought", "en")["html"]
    assert "no plan" in said("classes none", "en")["html"]


def test_classes_too_small_are_few():
    """Whom a plan sends is counted by overlapping marks; small ones are hidden."""
    html = said("classes", "en")["html"]
    assert "serve T1" in html and "Hidden (protects a number under 10): are young" in html and ">2<" not in html


def test_intakes_are_said_by_reading():
    """The last intake that counts, and whether it is still ahead."""
    html = said("intakes", "en")["html"]
    assert "for a degree in hand: 09/2022, on 31 December 2023 gone by." in html and "05/2025" in html


def test_every_part_of_the_example_says_that_it_is_one():
    """Titles carry the word and the day; the sentence before them says that it did not happen, or that it is no decision."""
    for name in ("extra", "scenarios"):
        assert said(name, "en")["title"].startswith("Worked example, 31 December 2023")
    assert "Nothing below happened" in said("example", "en")["html"]
    assert "a calculation, not a decision" in said("example to come", "en")["html"]
    words = said("scenarios", "en")
    assert "no project" not in words["table_html"] + words["alt"] and ">62%<" in words["table_html"]


def test_a_cohort_is_told_in_people_and_never_as_progress():
    """Whom the owner counted is the whole; no percent, no target, no word of being on track; too few have no number."""
    words = said("cohort answer", "en")
    assert (
        words["status"] == "info"
        and "T4: 15 to 35 of 61 people" in words["html"]
        and "no target after it" in words["html"]
    )
    assert "%" not in words["html"].replace("80%", "")
    assert said("cohort answer nobody", "en")["status"] == "not_assessable"
    assert "15" in said("cohort", "en")["alt"] and "Not assessable" in said("cohort nobody", "en")["alt"]
