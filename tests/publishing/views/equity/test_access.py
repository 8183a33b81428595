"""Who is sent, said and drawn in both languages: people first, and no number where too few are."""

from __future__ import annotations

import pytest
from sent_rows import rows_of
from shown_rows import cases_of, check_drawing, check_words, said

from analysis.publishing.views.equity.access import short_of


@pytest.mark.parametrize("case", cases_of("access"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("access", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_the_answer_says_people_first_and_the_stage():
    """How many people a gap is stands before its ratio; who cannot be told is named too."""
    text = said("access answer full", "en")["html"]
    women = text.split("<br>")[0]
    assert women.startswith("Women: ") and women.index("people") < women.index("times as often")
    assert "Other minorities: whether they are named as often as Kinh people cannot be told" in text


def test_people_short_rest_on_what_was_released():
    """From the rounded count and the ratio: more digits would give the exact count back."""
    rows = rows_of("compare_access")
    row = rows[rows["term"].eq("standardised") & rows["outcome"].eq("nominated") & rows["population"].eq("sex[female]")]
    more, least, most = short_of(row.iloc[0])
    assert row["n_event"].iloc[0] % 5 == 0
    assert least <= more <= most and more == pytest.approx(row["n_event"].iloc[0] * (1 / row["estimate"].iloc[0] - 1))


def test_without_rows_nothing_is_claimed():
    """No rows: not assessable, in a word."""
    assert said("access answer of nobody", "en")["status"] == "not_assessable"
