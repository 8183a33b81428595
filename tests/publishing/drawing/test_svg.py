"""Drawings for a page: the same each time, inert, coloured by variables, each letter once a page."""

from __future__ import annotations

import functools
import re

import pytest
from matplotlib.figure import Figure
from read_pages import pale_words, writings
from shown_rows import CASES, kept, said

from analysis.publishing.drawing.style import CSS_LIGHT, NOTHING, Style, house_style
from analysis.publishing.drawing.svg import hoist_glyphs, render, to_svg
from analysis.publishing.drawing.view import hidden_by
from analysis.publishing.views.plot import VIEWS
from analysis.words import speaking


@functools.cache
def nothing(lang):
    with speaking(lang), house_style():
        return to_svg(Style().nothing())


FIGURES = [name for name, case in CASES.items() if VIEWS[case.view].role == "figure"]


@functools.cache
def drawn(name, lang="vi"):
    view, rows, choices = kept(name)
    with speaking(lang):
        return render(view, rows, **choices)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_once_a_width(name):
    """Wide and phone, two different drawings, and nothing in them but shapes: no script, date or address."""
    images = drawn(name)
    assert set(images) == {"wide", "phone"} and images["wide"] != images["phone"]
    for svg in images.values():
        assert svg.startswith("<svg ") and svg.endswith("</svg>") and "nan" not in svg
        assert not re.search(r"<(style|script|foreignObject|metadata|image|a|text)\b|<!|<\?|xlink|\bon\w+=", svg)
        assert set(re.findall(r'href="(.)|url\((.)', svg)) <= {("#", ""), ("", "#")}
        assert re.findall(r"https?:[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("name", FIGURES)
def test_colours_are_left_to_the_page(name):
    """Every colour is a variable of the page with the light one behind it, so that one drawing serves both themes."""
    for svg in drawn(name).values():
        found = re.findall(r"var\(--c-(\w+), (#[0-9a-f]{6})\)", svg)
        assert found and all(CSS_LIGHT[part] == colour for part, colour in found)
        assert not re.search(r"#[0-9a-f]{6}\b(?!\))", re.sub(r'(href="|url\()#[^")]*', "", svg))


@pytest.mark.parametrize("name", ["bullets", "history one", "bridge", "ratios", "staff", "fan", "curves", "against"])
def test_equal_rows_give_equal_bytes(name):
    """A page that is built again is the same page, so that a change on the site is a change in the data."""
    view, rows, choices = kept(name)
    with speaking("vi"):
        assert render(view, rows.copy(), **choices) == drawn(name)


@pytest.mark.parametrize("name", FIGURES)
def test_words_say_what_is_drawn(name):
    """A figure's text alternative holds numbers; where it says that nothing can be shown, that is what is drawn."""
    for lang in ("vi", "en"):
        alt = said(name, lang)["alt"]
        empty = alt == NOTHING.say(lang)
        assert empty or re.search(r"\d|‹", alt)
        if drawn(name, lang)["wide"] == nothing(lang):
            assert empty or hidden_by("few").split(" (")[0] in alt or "ẩn (" in alt
        else:
            assert not empty, "the sentence alone"


@pytest.mark.parametrize("name", FIGURES)
def test_words_in_a_figure_can_be_read(name):
    """Each word is found again in the drawing, and stands out from what it stands on, in light and dark."""
    for lang in ("vi", "en"):
        for svg in drawn(name, lang).values():
            assert writings(svg) and pale_words(svg) == []


def test_pale_words_are_found():
    """A colour that only fills, and dark words on a dark bar, are reported with their contrast."""
    figure = Figure()
    axes = figure.subplots()
    axes.set_axis_off()
    axes.barh([0], [1], color="has")
    axes.text(0.5, 0, "trên thanh", color="ink")
    axes.text(0.5, 0.6, "nhạt", color="studying")
    axes.text(0.5, -0.6, "rõ", color="target")
    found = pale_words(to_svg(figure))
    assert list(dict.fromkeys(re.split(" light| dark", one)[0] for one in found)) == [
        "'trên thanh' ink",
        "'nhạt' studying",
    ]


def test_letters_stand_once_a_page():
    """All drawings of a page share one hidden set of letters, complete, and no other name occurs twice."""
    svgs = [svg for name in ("bullets", "ratios", "curves", "fan") for svg in drawn(name).values()]
    letters, drawings = hoist_glyphs([*svgs, svgs[0]])
    assert letters.startswith('<svg hidden="" aria-hidden="true" width="0" height="0"><defs><path id="DejaVu')
    page = letters + "".join(drawings)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', page)) <= set(names)
    assert sum(map(len, drawings)) < 0.7 * sum(map(len, [*svgs, svgs[0]]))
    assert all(
        '<path id="DejaVu' not in one and one.count("<use") == svg.count("<use")
        for one, svg in zip(drawings, svgs, strict=False)
    )


def test_a_drawing_speaks_the_language_spoken():
    """The same rows give the same shapes in both languages, with other letters."""
    vi, en = (drawn("bridge", lang)["wide"] for lang in ("vi", "en"))
    assert vi != en and vi.count("var(--c-gain") == en.count("var(--c-gain")
