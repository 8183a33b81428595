"""Units beside what is expected of them: said and drawn in both languages, and no unit named by chance."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, said


@pytest.mark.parametrize("case", cases_of("units"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("units", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_units_that_are_alike_have_no_name_on_the_page():
    """Protects: an order that chance has made, in words, table or figure."""
    for case in ("caterpillar alike", "funnel alike", "units answer alike"):
        text = " ".join(said(case, "vi").values())
        assert "Sở" not in text and "Huyện" not in text
    assert "cannot be ranked" in said("spreads alike", "en")["html"]


def test_people_come_first():
    """Protects: the answer begins with how many people a difference is."""
    lines = said("units answer apart", "en")["html"].split("<br>")
    assert "people" in lines[0] and "expected" in lines[0]
    assert any("Sending" in line for line in lines[1:])


def test_names_are_those_of_the_reader():
    """Protects: a Vietnamese page with English names of units, or the other way round."""
    assert "Soc Trang city" in said("caterpillar apart", "en")["alt"]
    assert "Thành phố Sóc Trăng" in said("caterpillar apart", "vi")["alt"]
