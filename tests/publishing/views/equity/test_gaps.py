"""Gaps in promotion said and drawn: people first, the naive ratio beside the proper one, and of whom nothing is told."""

from __future__ import annotations

import re

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("gaps"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("gaps", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_the_answer_says_people_first_and_never_a_cause():
    """The first lines are numbers of people; the last says that a difference is no reason; nothing is called proved."""
    html = said("gaps.answer full", "en")["html"]
    assert re.match(r"Women: \d+ people more would have risen since .* at the rate of comparable men", html)
    assert "through access to courses" in html and "years of data needed" in html
    assert "do not say why" in html and not {"bias", "proved", "discriminat"} & {*html.lower().split()}


def test_without_leavers_the_answer_is_that_there_is_none():
    """Blocked, with its reason."""
    words = said("gaps.answer bare", "en")
    assert words["status"] == "not_assessable" and "leavers" in words["html"]


def test_a_hidden_part_is_not_told_by_the_others():
    """Other minorities are too few: the next smallest is hidden with them, since the whole is shown."""
    html = said("gaps.selection full", "en")["html"]
    row = html[html.index("Hoa people") :].split("</tr>")[0] if "Hoa people</th>" in html else "hidden"
    assert "hidden" in row
