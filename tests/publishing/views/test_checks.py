"""Whether the difference is to be believed: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said, shown

from analysis.publishing.views.checks import placebos
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("checks"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("checks", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_each_check_says_whether_it_held():
    """One that held, one that did not and one that could not be made are three things; all unmade where no row is."""
    html = said("checks", "en")["html"]
    assert ">held<" in html and ">did not hold<" in html and ">could not be made<" in html
    assert said("checks unmade", "en")["html"].count("could not be made") == 10


def test_the_verdict_comes_with_its_reasons():
    """The verdict, how many requirements held, and each reason once; nothing is counted where none could be made."""
    words = said("checks answer", "en")
    assert words["status"] == "suggestive" and words["html"].startswith("Suggestive.<br>2 of 4 requirements held.")
    assert words["html"].count("T1: not assessable") == 1
    nothing = said("checks answer nothing", "en")
    assert nothing["status"] == "not_assessable" and "No requirement could be checked." in nothing["html"]


def test_a_hidden_cause_is_sized_by_the_main_ratio():
    """The E-value of the ratio at the primary horizon, and 1 for an interval that holds no effect."""
    html = said("hidden cause", "en")["html"]
    assert "a ratio of 1.43" in html and "ratios of 2.21 each" in html and "no effect, 1.00." in html


def test_draws_are_counted_against_the_real_starters():
    """How many made-up starters differ as much as the real ones, and how many ways give a difference above zero."""
    assert said("placebos", "en")["title"].startswith("0 of 40 draws")
    assert "made-up starters</th>" in said("placebos", "en")["table_html"]
    assert said("specifications", "en")["title"].startswith("19 of 23 ways")
    assert "+3.8 percentage points" in said("specifications", "en")["alt"]


def test_balance_names_the_largest_difference():
    """Before and after weighting; without weighting there is no claim that it helped."""
    assert said("love", "en")["title"].endswith("from 0.66 to 0.06")
    assert "Weighting" not in said("love before", "en")["title"]


def test_a_small_group_has_no_difference():
    """A group with too few promotions is named and has no number."""
    words = said("gains", "en")
    html = words["table_html"]
    assert "+2.0 percentage points" in html and "hidden (under 10 people)" in html and "+5.0" not in html + words["alt"]
    assert "p = 0.04" in words["caption"] and "No answer is shown for: " in words["caption"]
    assert "description" in words["title"]


def test_draws_beyond_are_counted_from_their_middle_to_both_sides():
    """As the requirement counts them: five of ten lie as far out, two of them where the real ones are."""
    gap = {"estimand": "risk_difference", "method": "placebo", "term": "trained", "time": 36}
    values = [-0.04, -0.04, -0.03, 0, 0, 0.01, 0.01, 0.02, 0.03, 0.04]
    rows = [{**gap, "run": "placebo", "estimate": value} for value in values]
    with speaking("en"):
        title = placebos.say(shown([*rows, {**gap, "run": "observed", "estimate": 0.03}]))["title"]
    assert title.startswith("5 of 10 draws") and "2 of them" in title
