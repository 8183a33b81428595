"""Where the trained serve, what they owe and what it cost: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("placed"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("placed", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_a_promotion_has_no_cost_where_no_effect_is_shown():
    """Not defined is said in words; a number only where the interval lies above 0."""
    assert "not defined" in said("costs not defined", "en")["html"]
    assert "not defined" not in said("costs", "en")["html"]


def test_schools_are_ranked_only_where_a_test_allows():
    """Alike: one sentence and no school; else each school with its interval."""
    alike, ranked = (said(f"schools {one}", "en")["html"] for one in ("alike", "ranked"))
    assert "cannot be ranked" in alike and "S0" not in alike
    assert ranked.index("S0") < ranked.index("S1")


@pytest.mark.parametrize("case", ["match unknown", "schools unknown", "sums unknown"])
def test_what_is_not_on_file_is_said(case):
    """A registry without the columns: each part says what it lacks, and shows no number."""
    text = said(case, "en")["html"]
    assert "assess" in text or "cannot be compared" in text
