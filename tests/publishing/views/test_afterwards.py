"""What became of those who were sent: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("afterwards"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("afterwards", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_the_answer_sets_the_comparison_beside_the_people():
    """People first; what like colleagues do without a course, and the verdict, never left out where they are known."""
    html = said("after answer", "en")["html"]
    assert "6.7" in html and "5.3" in html and "Suggestive" in html
    assert "Not assessable" in said("after answer alone", "en")["html"]


def test_the_tempting_share_is_named_before_the_proper_one():
    """Appointments by completions first, then all who started."""
    text = said("naive share", "en")["html"]
    assert text.index("who completed give") < text.index("Of all who started")


def test_without_offices_nothing_is_said_of_key_posts():
    """No line of key posts where no office is on file."""
    assert "key post" in said("rises", "en")["html"] and "key post" not in said("rises without offices", "en")["html"]
