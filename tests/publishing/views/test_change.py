"""How the targets moved: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import shown_rows
from shown_rows import cases_of, check_drawing, check_words, said

from analysis.publishing.views.change import history
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("change"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("change", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_a_bridge_is_in_heads_and_in_points():
    """129 of 269 to 97 of 196: fewer who count, and a higher share by the size of the group alone."""
    words = said("bridge chain", "en")
    assert words["title"] == (
        "Since 31 December 2024: −11.9 percentage points by people, +13.4 percentage points by the size of the group"
    )
    assert "from 34.6% to 48.0%, +17.9 percentage points by people, −4.5 percentage points by the size" in words["alt"]
    assert "+31" not in said("bridge", "en")["title"], "groups share people: heads of several are never added"


def test_causes_add_up_to_the_change_of_their_period():
    """Each period has its own days, every flow that may be shown, what was merged, and the size of the group behind."""
    html = said("causes", "en")["html"]
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Cause 10 September 2021–31 December 2024 31 December 2024–30 June 2025" in text
    assert "members who enrolled at their own cost +28 (+11.4) –" in text
    assert "left service in the wave of departures – −40 (−14.9)" in text
    assert "other changes (merged) – +8 (+3.0)" in text and "freeze" not in text, "seven people are not shown"
    assert "size of the group +23 (−4.5) −73 (+13.4)" in text


def test_a_share_that_rises_while_heads_fall_is_said():
    """The sentence that protects who quotes the share; where both move alike it says so."""
    html = said("opposite", "vi")["html"]
    assert "từ 31/12/2024 đến 30/06/2025, số người được tính giảm từ 129 xuống 97 nhưng tỷ lệ tăng" in html
    assert "10/09/2021" not in html
    assert "the same way in every period" in said("opposite none", "en")["html"]


def test_a_share_is_said_with_its_days():
    """From where to where, on which days, and what was asked: the difference is left to who reads both numbers."""
    assert said("history one", "vi")["title"] == "Từ 26,0% ngày 31/01/2020 đến 26,9% ngày 30/06/2025; chỉ tiêu là 30%"


def test_measures_that_disagree_are_flagged():
    """Linear pace and growth ratio in different grades are marked; what could not be formed is no number."""
    table = said("pace", "en")["html"]
    assert "⚑ disagree" in table and ">agree<" in table and "not assessable" in table


def test_hidden_and_not_assessable_are_told_apart():
    """Too few people is one thing, a question that cannot be answered another."""
    table = said("attribution", "en")["html"]
    assert "hidden (under 10 people)" in table and "not assessable" in table and "15 (5 to 25)" in table
    html = said("units", "en")["html"]
    assert "T2: too few units to show." in html and "T3: not assessable." in html


def test_a_share_that_stayed_did_not_rise():
    """Equal at both ends is no rise, and the title counts none."""
    rows = pd.concat([shown_rows.attainment(["T1", "T2"]).assign(date=day) for day in ("2024-12-31", "2025-06-30")])
    with speaking("en"):
        assert history.say(rows.assign(date=pd.to_datetime(rows["date"])))["title"].startswith("0 of 2 shares rose")
