"""How the targets moved: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("change"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("change", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_a_bridge_adds_up():
    """Opening, every flow that may be shown, what was merged, and closing stand in the words with their signs."""
    assert "T1 from 120 to 128: members who enrolled +31, other changes (merged) −23" in said("bridge one", "en")["alt"]
    assert "+8 people in all" in said("bridge one", "en")["title"]
    assert "+31" not in said("bridge", "en")["title"], "groups share people: heads of several are never added"


def test_a_share_is_said_with_its_way_to_the_line():
    """One target: how far it moved, in percentage points, and on which side of the line it stands."""
    assert said("history one", "vi")["title"] == "Tỷ lệ tăng 0,9 điểm phần trăm và còn dưới mức chỉ tiêu 30%"
    assert said("history one", "en")["title"].endswith("percentage points and stays below the 30% line")


def test_measures_that_disagree_are_flagged():
    """Linear pace and growth ratio in different grades are marked; what could not be formed is no number."""
    table = said("pace", "en")["html"]
    assert "⚑ disagree" in table and ">agree<" in table and "not assessable" in table


def test_hidden_and_not_assessable_are_told_apart():
    """Too few people is one thing, a question that cannot be answered another."""
    table = said("attribution", "en")["html"]
    assert "hidden (under 10 people)" in table and "not assessable" in table and "15 (5 to 25)" in table
    assert "T2: too few units to show." in said("units", "en")["html"]
