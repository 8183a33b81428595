"""Where the targets may stand: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import NOTED, cases_of, check_drawing, check_words, projection, said

from analysis.publishing.views.outlook import answer, chance, table
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("outlook"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("outlook", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_what_cannot_be_carried_forward_is_not_drawn():
    """A target without a projection is neither in the title nor in the text alternative."""
    words = said("fan", "en")
    assert "T4" in words["title"] and "188 to 236" in words["alt"] and "T3" not in words["alt"] + words["title"]


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "< 1%"), (0.01, "< 1%"), (0.5, "50%"), (0.994, "> 99%"), (1.0, "> 99%")]
)
def test_a_chance_is_never_none_and_never_certain(value, words):
    """Simulated chances end at 1% and 99%."""
    assert chance(value) == words


@pytest.mark.parametrize(("met", "status"), [(0.8, "on_track"), (0.4, "push"), (0.39, "unlikely")])
def test_the_status_is_that_of_the_unlikeliest(met, status):
    """The word follows the rule of the least chance among the targets."""
    rows = projection(("T2", "T4"))
    rows.loc[rows["term"].eq("met") & rows["outcome"].eq("T2"), "estimate"] = met
    with speaking("en"):
        assert answer.say(rows, **NOTED)["status"] == status


def test_only_reasons_of_refusal_stand_in_the_answer():
    """Of the notes that travel with the rows the answer takes those that say what is not assessable, each once."""
    html = said("outlook answer", "en")["html"]
    assert html.count("T1: not assessable") == 1 and "no members on the day" not in html


def test_a_record_is_said_beside_simple_rules():
    """Errors in heads of the model and of both rules, and how often the interval held."""
    assert "model 1.3, no change 2.6, straight line 1.9" in said("record", "en")["alt"]
    assert "T4: not better than no change by 10%" in said("skill", "en")["html"]
    assert "84%" in said("skill", "en")["html"] and "too short a history" in said("skill nobody", "en")["html"]


def test_a_settled_forecast_says_what_came_and_grades_nothing():
    """With the owner's rows of the last day the status is `known`, the title counts outcomes inside, no chance stands."""
    words = said("outlook answer came", "en")
    assert (
        words["status"] == "known"
        and "188 to 236 forecast, 110 came" in words["html"]
        and "%" not in words["html"].replace("80%", "")
    )
    assert "Outside it: T2, since members fell." in words["html"]
    title = said("fan came", "en")["title"]
    assert "30 June 2024" in title and "30 June 2025" in title and "1 of 2" in title


def test_an_outcome_outside_is_explained_by_size_only_where_size_explains_it():
    """110 of 150 is the share of 220 of 300, inside 188 to 236: the size; 110 of 290 is not. What came inside has no line."""
    html = said("reasons", "en")["html"]
    t2, t4 = html.split("<li>")[1:]
    assert "T2" in t2 and "220, within the interval" in t2 and "T4" in t4 and "114, still outside" in t4
    assert "not yet known" in said("reasons unknown", "en")["html"]


def test_the_data_of_the_fan_keep_their_keys():
    """Each row behind the fan has its target, its day and both intervals, once."""
    cells = said("fan", "en")["table_html"]
    assert cells.count("31 December 2024") == 1 and "50% interval" in cells and ">T4<" in cells


def test_the_table_gives_the_likely_heads_with_their_interval():
    """The median with its 80% interval, and what came beside it."""
    rows = projection()
    rows.loc[rows["term"].eq("need"), ["conf_low", "conf_high"]] = [200, 230]
    with speaking("en"):
        html = table.say(rows)["html"]
    assert ">212 (188 to 236)<" in html and ">215<" in html and ">97%<" in html and ">not yet known<" in html
    assert ">110<" in said("outlook table came", "en")["html"]
