"""What was planted and what a right comparison does not say: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import cases_of, check_drawing, check_words, planted, published, said, trial_rows

from analysis.publishing.views.validation import answer
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("validation"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("validation", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_ratios_of_fixed_posts_come_with_their_intervals():
    """Who starts rises more, everyone together does not; a hidden ratio is few."""
    assert "1.73 (0.90 to 2.20)" in said("fixed posts", "en")["html"]
    assert (
        "hidden (under 10 people)" in said("fixed posts hidden", "en")["html"]
        and "1.01" not in said("fixed posts hidden", "en")["html"]
    )


def test_methods_stand_beside_the_planted_truth():
    """The title is the page's own, and the line of the truth is explained."""
    assert "planted truth" in said("recovered", "en")["title"] and "Orange line" in said("recovered", "en")["caption"]


def test_the_truth_comes_first_and_decides():
    """Truth, how far the trials and the naive comparison lie from it, what it means; then the numbers in print."""
    words = said("validated", "en")
    lines = words["html"].split("<br>")
    assert words["status"] == "met" and "+2.0 percentage points" in lines[0] and lines[3].startswith("What it means")
    assert "the interval holds" in lines[1] and "the interval misses" in lines[2] and "come out again" in lines[4]
    assert said("validated unplanted", "en")["html"].count("<br>") == 0


def test_an_interval_that_misses_the_truth_is_a_miss():
    """Every published number may come out again: the page still says that its trials missed."""
    rows = pd.concat(
        [trial_rows("").replace({"run": {"": "pooled_logistic"}}), planted(value=0.2), published("promotion")]
    )
    with speaking("en"):
        assert answer.say(rows)["status"] == "missed"
        assert answer.say(rows[rows["method"] != "planted"])["status"] == "met"
