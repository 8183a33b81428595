"""Results side by side: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("forest"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("forest", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_ratios_are_said_with_their_intervals():
    """The text alternative holds every shown ratio, the title sets the naive against the proper one."""
    assert "0–11 months after completion: 1.31 (0.92 to 1.83)" in said("ratios", "en")["alt"]
    assert "1,31 so với 1,80" in said("ratios", "vi")["title"]


def test_what_is_hidden_is_not_claimed():
    """Without the naive ratio the title compares nothing, and no hidden ratio is in the words."""
    words = said("ratios some hidden", "en")
    assert "answer" not in words["title"] and "1.80" not in words["alt"] and "24 months" not in words["alt"]


def test_the_planted_ratio_is_explained_where_it_is_drawn():
    """A diamond without its meaning would be a riddle, and one that is not there is not spoken of."""
    assert "Diamond" in said("ratios", "en")["caption"] and "Diamond" not in said("ratios some hidden", "en")["caption"]
