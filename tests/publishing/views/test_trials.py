"""The trials' answer: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import cases_of, check_drawing, check_words, planted, said, trial_rows, verdict

from analysis.publishing.drawing.style import NOTHING
from analysis.publishing.views.trials import answer, curves, methods, reading
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
        (
            "en",
            ("100 eligible people who start, about 10", "about 7 had", "+3.0 percentage points; +1.0", "Posts are few"),
        ),
        ("vi", ("100 người đủ điều kiện", "+3,0 điểm phần trăm", "Số chức vụ có hạn")),
    ):
        with speaking(lang):
            said_now = answer.say(rows, primary=36)
        assert said_now["status"] == word and all(one in said_now["html"] for one in words)


def test_a_change_of_places_is_bounded_by_people():
    """200 people at +3.0 points are 6 promotions, each of which may be a new post or a colleague's."""
    assert "+6 promotions" in said("places", "en")["html"] and "(+2 to +10)" in said("places", "en")["html"]
    assert "promotions are not counted" in said("places nothing", "en")["html"]


def test_what_cannot_be_assessed_prints_no_effect():
    """Without a number, or without a verdict among the rows, there is no answer but its reasons, each once."""
    words = said("trial answer nothing", "en")
    assert words["status"] == "not_assessable" and "points" not in words["html"]
    assert words["html"].count("T1: not assessable") == 1
    with speaking("en"):
        assert answer.say(trial_rows())["status"] == "not_assessable"


def test_the_verdict_comes_first():
    """What may be said stands before any number, and those sent are counted in people."""
    sent = trial_rows("").assign(population="starters")
    with speaking("en"):
        lines = answer.say(pd.concat([trial_rows(), sent, verdict("suggestive")]))["html"].split("<br>")
    assert lines[0] == "Suggestive." and lines[1].startswith("Estimated: of 100 ")
    assert lines[2].startswith(
        "Of the 200 or so who started in these trials, an estimated 20 reach a higher post, against 14"
    )


@pytest.mark.parametrize(
    ("early", "late", "words"),
    [
        ((-0.02, -0.01), (0.01, 0.05), ": a dip"),
        ((-0.02, 0.01), (0.01, 0.05), "if nobody did"),
        ((-0.02, -0.01), (-0.01, 0.05), "holds 0"),
    ],
)
def test_a_title_claims_a_dip_and_a_rise_only_of_intervals_that_leave_0_out(early, late, words):
    """A difference of either sign whose interval holds 0 is no dip and no rise."""
    rows = trial_rows("")
    for time, ends in ((12, early), (36, late)):
        rows.loc[(rows["estimand"] == "risk_difference") & (rows["time"] == time), ["conf_low", "conf_high"]] = ends
    with speaking("en"):
        title = curves.say(rows)["title"]
    assert words in title and ("dip" in title) == ("dip" in words)


def test_the_truth_is_said_where_it_was_planted_only():
    """The planted difference, how far the trials lie from it, and whether their interval holds it."""
    rows = trial_rows()
    with speaking("en"):
        assert "synthetic" not in reading.say(rows)["html"]
        html = reading.say(pd.concat([rows, planted()]))["html"]
    assert "+2.0 percentage points within 36" in html and "off by +1.0" in html
    assert html.count("the interval holds the truth") == 1 and html.count("the interval misses the truth") == 1


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
    """A row a horizon behind the figure: who does not start, who starts, difference and ratio, each told or hidden."""
    table = said("curves", "vi")["table_html"]
    assert "7,0%" in table and "10,0%" in table and "+3,0 điểm phần trăm (từ +1,0 đến +5,0)" in table
    rows = trial_rows("")
    rows.loc[(rows["time"] == 12) & (rows["term"] != "trained[0]"), ["estimate", "suppressed", "why"]] = [
        float("nan"),
        True,
        "few",
    ]
    with speaking("en"):
        body = curves.data(rows)
    assert "3.0% (" in body and body.count("hidden (under 10 people)") == 3


def test_no_misleading_number_stands_alone():
    """Where the main difference is hidden at the horizon, neither figure draws the ever-trained comparison."""
    rows = trial_rows("", "ever_trained")
    main = rows["run"].eq("") & rows["estimand"].eq("risk_difference")
    for hidden in (main, main & rows["time"].eq(36)):
        seen = rows.assign(estimate=rows["estimate"].mask(hidden))
        for view in (methods, curves):
            with speaking("en"):
                assert view.say(view.keep(seen), primary=36)["alt"] == NOTHING.say()
    alone = rows.assign(estimate=rows["estimate"].mask(main))
    assert "ever_trained" not in set(methods.keep(alone)["method"]) | set(curves.keep(alone)["method"])
