"""How the sent are chosen, said in both languages, whatever is hidden or absent."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_words, said


@pytest.mark.parametrize("case", cases_of("sending"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


def test_both_rules_stand_side_by_side():
    """Which groups the four-fifths rule alone would flag, and which the two keys do."""
    text = said("sending flags full", "en")
    assert "Four-fifths rule alone" in text["html"] and "not flagged" in text["html"]


def test_without_planning_the_list_says_the_rest():
    """The spread of courses does not need planning lists."""
    text = said("sending inside bare", "en")["html"]
    assert "planning list" not in text and "days of courses" in text
