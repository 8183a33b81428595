"""By which way a gap comes, said and drawn: curves, and parts in points, never in shares of the whole."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("paths"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("paths", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_no_part_is_a_share_of_the_gap():
    """Points only, with their intervals."""
    words = said("paths.bridge full", "en")
    assert "%" not in words["title"] and "through access to courses" in words["title"]
    assert "(" in words["alt"] and " to " in words["alt"]


def test_at_risk_numbers_stand_behind_the_curves():
    """How many could still rise, rounded, at each year."""
    html = said("paths.curves full", "en")["table_html"]
    assert "Still at risk" in html and "60" in html
