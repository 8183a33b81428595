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
    assert "not by training alone" in said("enrolments", "en")["html"]
    assert "For 80%" in said("enrolments few", "en")["html"] and "For 50%" not in said("enrolments few", "en")["html"]


def test_few_who_may_be_sent_give_no_number():
    """Where the eligible are too few to show, what only they could bring is not shown either."""
    html = said("enrolments few", "en")["html"]
    assert "hidden (under 10 people)" in html and ">10<" not in html


def test_a_plan_says_heads_and_chance_or_that_there_is_none():
    """A certainty without a joint plan is said to have none."""
    html = said("plan", "en")["html"]
    assert "50% for all: 12 people, and by simulation a chance of 56%." in html
    assert "80% for all: no plan within the limits reaches it." in html
    assert "no plan" in said("classes none", "en")["html"]


def test_classes_too_small_are_few():
    """Whom a plan sends is counted by overlapping marks; small ones are hidden."""
    html = said("classes", "en")["html"]
    assert "serve T1" in html and "Hidden (under 10 people): are young" in html and ">2<" not in html


def test_intakes_are_said_by_reading():
    """The last intake that counts, and whether it is still ahead."""
    html = said("intakes", "en")["html"]
    assert "for a degree in hand: 09/2022, gone by." in html and "05/2025, still ahead." in html


def test_the_best_scenario_is_named():
    """The title names the course that gains most over the present one; the table keeps what could not be had."""
    assert said("scenarios", "en")["title"] == "Most would be gained by: half the drop-outs"
    assert "not assessable" in said("chances", "en")["html"] and "no project" not in said("scenarios", "en")["alt"]
