"""What all questions share: escaped cells, numbers in their own unit, the word for few, the data table of a figure."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import (
    CASES,
    attainment,
    cases_of,
    check_words,
    history,
    kept,
    people,
    planted,
    projection,
    ratios,
    said,
    shown,
    trial_rows,
)

from analysis.publishing.drawing import tables
from analysis.publishing.views.plot import VIEWS
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("tables"))
def test_words_are_of_one_language_and_whole(case):
    """The notes exist in both languages, and one sentence stands where there is none."""
    check_words(case)


def test_notes_are_said_once_and_release_no_row():
    """What travels with the numbers is said once; the view keeps no row, so none leaves for it."""
    assert said("notes", "en")["html"].count("<li>") == 2 and kept("notes")[1].empty


def test_every_view_is_shown_by_some_case():
    """A new view without rows that show it would be a view that nothing tests."""
    assert {case.view for case in CASES.values()} == set(VIEWS)


def test_cells_are_escaped_and_carry_their_heading():
    """A strange name in the data is text; on a phone each cell says what it is; a column of numbers is aligned."""
    html = tables.html_table("A | B <b>", [["<x>", "1"]])
    assert html == (
        '<table class="cards"><thead><tr><th scope="col">A</th><th scope="col" class="num">B &lt;b&gt;</th></tr></thead><tbody>'
        '<tr><th scope="row">&lt;x&gt;</th><td data-label="B &lt;b&gt;" class="num">1</td></tr></tbody></table>'
    )
    with pytest.raises(ValueError, match="zip"):
        tables.html_table("A | B", [["x", "1", "2"]])


@pytest.mark.parametrize(
    ("row", "vi", "en"),
    [
        (
            {"estimand": "risk_difference", "estimate": 0.03, "conf_low": -0.01, "conf_high": 0.05},
            "+3,0 điểm phần trăm (từ −1,0 đến +5,0)",
            "+3.0 percentage points (−1.0 to +5.0)",
        ),
        ({"estimand": "attainment", "estimate": 0.473}, "47,3%", "47.3%"),
        (
            {"estimand": "risk", "estimate": 0.1, "conf_low": 0.05, "conf_high": 0.2},
            "10,0% (từ 5,0% đến 20,0%)",
            "10.0% (5.0% to 20.0%)",
        ),
        (
            {"estimand": "heads", "estimate": 1200, "conf_low": 900, "conf_high": 1300},
            "1.200 (từ 900 đến 1.300)",
            "1,200 (900 to 1,300)",
        ),
        ({"estimand": "heads", "estimate": 1.29}, "1,3", "1.3"),
        (
            {"estimand": "hazard_ratio", "estimate": 1.3, "conf_low": 0.9, "conf_high": 1.8},
            "1,30 (từ 0,90 đến 1,80)",
            "1.30 (0.90 to 1.80)",
        ),
    ],
)
def test_a_number_is_written_in_its_own_unit(row, vi, en):
    """One form of each everywhere: percentages, percentage points, people, ratios, each with its interval."""
    one = shown([row]).iloc[0]
    for lang, words in (("vi", vi), ("en", en)):
        with speaking(lang):
            assert tables.written(one) == words


def test_hidden_and_not_computed_are_told_apart():
    """Each limit that hides a number has its own words, no other's; what could not be computed is not assessable, even where the gate hid its row."""
    row = shown([{"estimand": "risk"}]).iloc[0]
    with speaking("en"):
        assert tables.written(row) == "not assessable"
        words = {
            "few": "hidden (under 10 people)",
            "near": "hidden (too near an exact figure)",
            "unknown": "hidden (of an unknown number of people)",
            "derived": "hidden (would give other figures back)",
            "part": "hidden (told of the whole province only)",
            "sure": "hidden (so sure that it would tell of single people)",
        }
        assert {*words, "cover"} == set(tables.HIDDEN)
        for why, said in words.items():
            assert tables.written(pd.Series({**row, "suppressed": True, "why": why})) == said
        assert tables.written(pd.Series({**row, "suppressed": True, "computed": False})) == "not assessable"


def test_rows_of_which_nothing_may_be_shown_are_a_sentence():
    """Two such rows or more leave the table, named by their words and by what hides them; a single one stays."""
    with speaking("en"):
        few, near = tables.hidden_by("few"), tables.hidden_by("near")
        rows = [["T1", "has", few, "70%"], ["T2", "has", few, ""], ["T3", "late", near, ""], ["T4", "has", "5", "8"]]
        html = tables.html_table("Target | Reading | Share | Goal", rows)
        assert html.count("<tr>") == 3 and "T1" in html.split("<p>")[0], "the goal of T1 is a number that may be shown"
        assert html.endswith(
            "<p>Hidden (under 10 people): T2 · has.</p><p>Hidden (too near an exact figure): T3 · late.</p>"
        )
        assert tables.html_table("A | B", [["x", few], ["y", "3"]]).count("<tr>") == 3
        assert tables.html_table("A | B", [["x", few], ["y", few]]) == "<p>Hidden (under 10 people): x; y.</p>"
        assert "people): Month 6; 12." in tables.html_table("Month | B", [["6", few], ["12", few]])


def test_data_tables_keep_what_tells_rows_apart_and_draws_are_told_by_their_ends():
    """Level of the interval and quantity are columns where they differ; two hundred draws of one name are one row."""
    fan = shown(
        [{"estimand": "heads", "estimate": 9, "conf_low": 5, "conf_high": 12, "conf_level": c} for c in (0.5, 0.8)]
    )
    draws = shown([{"estimand": "risk_difference", "estimate": x / 100, "run": "placebo"} for x in range(-3, 4)])
    with speaking("en"):
        html = tables.rows_html(fan)
        assert ">50%</td>" in html and ">80%</td>" in html and ">Interval</th>" in html and ">Target</th>" not in html
        assert tables.rows_html(draws).count("<tr>") == 2
        assert "7 values, from −3.0 percentage points to +3.0 percentage points" in tables.rows_html(draws)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_any_rows_can_stand_behind_a_figure(lang):
    """Dated rows have their day, curves their months, and each row the name that tells it from the others."""
    with speaking(lang):
        assert ">T1</th>" in tables.rows_html(attainment()) and "<th" in tables.rows_html(trial_rows())
        assert ("hidden (under 10 people)" if lang == "en" else "ẩn (dưới 10 người)") in tables.rows_html(
            ratios(["training[24+]"])
        )
        assert ">T4</th>" in tables.rows_html(projection()) and "as_now" not in tables.rows_html(projection())
        assert "nan" not in tables.rows_html(pd.concat([trial_rows(), planted()]))
        assert tables.rows_html(trial_rows().iloc[:0]).endswith("<tbody></tbody></table>")


def test_a_long_history_is_one_day_a_year():
    """The data table of a history by month stays readable: the last day of each year."""
    rows = history()
    with speaking("en"):
        html = tables.rows_html(rows[rows["estimand"] == "attainment"])
    assert "31 December 2021" in html and "30 November 2021" not in html and "30 June 2025" in html


def test_counts_are_rounded_words_or_hidden():
    """Codes are words, counts have the reader's marks, and of a hidden one it is not said that it is small: one may be large and hide another."""
    with speaking("vi"):
        assert tables.counts(people(), staff_kind="staff_kind") == [
            ["Viên chức", "1.200"],
            ["Công chức", "ẩn (tránh lộ số dưới 10)"],
            ["Cán bộ", "ẩn (tránh lộ số dưới 10)"],
        ]


def test_each_line_of_a_long_history_keeps_its_own_last_day_of_a_year():
    """A line that ends before the others, or is told of other days, does not vanish from the table behind its figure."""
    rows = history(["T1", "T2"])
    early = rows["date"].le("2025-03-31") | rows["outcome"].eq("T1")
    with speaking("en"):
        html = tables.rows_html(rows[early & rows["estimand"].eq("attainment")])
    assert "31 March 2025" in html and "30 June 2025" in html and "28 February 2025" not in html


def test_many_values_of_one_name_are_those_that_are_shown():
    """Hidden values are no part of the count, nor of its ends, and are told with their reason."""
    draws = shown(
        [
            {"estimand": "risk_difference", "estimate": x, "run": "placebo"}
            for x in (-0.03, -0.02, 0.01, 0.02, None, None)
        ]
    )
    draws.loc[draws["estimate"].isna(), ["suppressed", "why"]] = [True, "few"]
    with speaking("en"):
        html = tables.rows_html(draws)
        assert "4 values, from −3.0 percentage points to +2.0 percentage points" in html
        assert html.count("hidden (under 10 people)") == 1
        nobody = tables.rows_html(draws[draws["suppressed"]].sample(8, replace=True, random_state=1))
    assert "values" not in nobody and "hidden (under 10 people)" in nobody
