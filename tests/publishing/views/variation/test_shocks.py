"""What dated events came with: said and drawn in both languages, with what cannot be told."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("shocks"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("shocks", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_what_cannot_be_told_is_said_in_its_place():
    """Protects: a number where another event stands too near."""
    assert "not separable" in said("shocks apart", "en")["html"]
    assert said("series project_02 starts", "en")["alt"].startswith("Not assessable")
