"""What is owed, who waits, what lecturers hold: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, kept

from analysis.publishing.drawing.style import NOTHING
from analysis.publishing.drawing.svg import render
from analysis.publishing.views.owed import STATES


@pytest.mark.parametrize("case", cases_of("owed"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("owed", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_where_only_the_asked_may_be_shown_nothing_is_drawn():
    """A small province in which every state is hidden and their sum is not: the figure says so, and does not break."""
    view, rows, choices = kept(next(iter(cases_of("owed", "figure"))))
    states = rows["term"].isin([*STATES])
    hidden = rows.assign(
        estimate=rows["estimate"].mask(states), suppressed=states, why=states.map({True: "few", False: ""})
    )
    assert view.say(hidden, **choices)["alt"] == NOTHING.say() and render(view, hidden, **choices)["wide"]
