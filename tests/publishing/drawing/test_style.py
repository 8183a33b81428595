"""The house style: one colour a meaning in both themes, labels that fit, ticks as the language writes them."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import ALIKE, COLOURS, CSS_DARK, CSS_LIGHT, Style, name_ticks
from analysis.words import speaking


def test_no_two_colours_share_a_light_hex():
    """Light hexes are replaced by variables in the drawing's text: a shared one could not be two in the dark."""
    assert len(set(CSS_LIGHT.values())) == len(CSS_LIGHT) == len(CSS_DARK) == len(COLOURS)


@pytest.mark.parametrize("meaning", [*COLOURS, *ALIKE])
def test_a_colour_is_named_by_its_meaning(meaning):
    """Charts say what a colour stands for; what is alike has one colour."""
    assert to_hex(meaning) == CSS_LIGHT[ALIKE.get(meaning, meaning)]


@pytest.mark.parametrize(
    ("text", "narrow", "broken"),
    [
        ("short", True, "short"),
        ("members who enrolled", True, "members who\nenrolled"),
        ("members who enrolled", False, "members who enrolled"),
        ("members who enrolled on another budget", False, "members who enrolled\non another budget"),
        ("unbreakablelabelunbreakablelabel", True, "unbreakablelabelunbreakablelabel"),
    ],
)
def test_long_labels_are_broken_in_two(text, narrow, broken):
    """A label that is long for its place becomes two lines of about the same length."""
    assert Style("phone" if narrow else "wide").wrap(text) == broken


@pytest.mark.parametrize(("lang", "labels"), [("vi", ["−2,5", "0,0", "2,5"]), ("en", ["−2.5", "0.0", "2.5"])])
def test_ticks_are_written_in_the_reader_s_language(lang, labels):
    """A decimal comma in Vietnamese; whole numbers stay plain, since they may be years."""
    figure = Figure()
    axes = figure.subplots()
    axes.set_yticks([-2.5, 0, 2.5])
    axes.set_xticks([2020, 2024])
    with speaking(lang):
        name_ticks(figure)
        figure.canvas.draw()
        assert [one.get_text() for one in axes.get_yticklabels()] == labels
        assert [one.get_text() for one in axes.get_xticklabels()] == ["2020", "2024"]
