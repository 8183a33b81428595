"""The trials' answer: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import cases_of, check_drawing, check_words, said, trial_rows, verdict

from analysis.publishing.views.trials import answer, curves
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("trials"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("trials", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


@pytest.mark.parametrize("word", ["supported", "suggestive", "not_distinguishable"])
def test_the_answer_says_number_interval_and_that_posts_are_few(word):
    """Whatever the verdict: the difference, its interval, and that one's gain may be another's wait."""
    rows = pd.concat([trial_rows(), verdict(word)])
    for lang, words in (
        ("en", ("+3.0 percentage points (+1.0 to +5.0)", "Posts are few")),
        ("vi", ("+3,0 điểm phần trăm", "Số chức vụ có hạn")),
    ):
        with speaking(lang):
            said_now = answer.say(rows, primary=36)
        assert said_now["status"] == word and all(one in said_now["html"] for one in words)


def test_what_cannot_be_assessed_prints_no_effect():
    """Without a number, or without a verdict among the rows, there is no answer but its reasons, each once."""
    words = said("trial answer nothing", "en")
    assert words["status"] == "not_assessable" and "points" not in words["html"]
    assert words["html"].count("T1: not assessable") == 1
    with speaking("en"):
        assert answer.say(trial_rows())["status"] == "not_assessable"


def test_another_horizon_is_another_number():
    """The primary horizon is a choice: words and rows follow it."""
    with speaking("en"):
        assert "within 12 months" in curves.say(trial_rows(), primary=12)["title"]
        assert "10.0%" not in curves.say(trial_rows(), primary=12)["title"]


def test_a_planted_truth_is_named_only_where_there_is_one():
    """The diamond and the orange line are explained where they are drawn, and the truth is no row of the results."""
    assert "Diamond" in said("curves", "en")["caption"] and "Diamond" not in said("curves unplanted", "en")["caption"]
    assert "Orange line" in said("methods", "en")["caption"] and "planted" not in said("methods", "en")["alt"]


def test_risks_of_both_arms_stand_beside_their_difference():
    """A row a horizon: who does not start, who starts, difference and ratio; nothing where nothing was computed."""
    table = said("risks", "vi")["html"]
    assert "7,0%" in table and "10,0%" in table and "+3,0 điểm phần trăm (từ +1,0 đến +5,0)" in table
    assert "not assessable" in said("risks nothing", "en")["html"] and "%" not in said("risks nothing", "en")["html"]
