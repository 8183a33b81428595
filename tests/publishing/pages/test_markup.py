"""Markup is cut to an allow-list, and a drawing is inert or refused."""

from __future__ import annotations

import io

import pytest

from analysis.errors import PublishingError
from analysis.publishing.drawing.style import Style, house_style
from analysis.publishing.drawing.svg import to_svg
from analysis.publishing.pages.markup import check_svg, clean, link_pages, slugify, split_markdown
from analysis.words import speaking

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 5"><text x="1" y="4" fill="red">a</text></svg>'


@pytest.mark.parametrize(
    "bad",
    [
        "<svg", "<html/>", SVG.replace("<text", "<script>alert(1)</script><text"),
        SVG.replace("<text", '<a href="https://example.org"><text').replace("</text>", "</text></a>"),
        SVG.replace("<text", '<image href="https://example.org/x.png"/><text'),
        SVG.replace("<text", '<rect fill="url(https://example.org/x)"/><text'),
        SVG.replace("<text", "<style>@import 'x.css';</style><text"), SVG.replace("<text", '<text onload="alert(1)"'),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,
    ],
)  # fmt: skip
def test_refuses_a_drawing_that_is_not_inert(bad):
    """A drawing stands inside the page: what it could run or fetch, the page would."""
    with pytest.raises(PublishingError, match="curve"):
        check_svg(bad, "curve")


def test_a_drawing_of_matplotlib_passes_and_has_lost_its_metadata():
    """Our own drawings are inert, and say nothing of the program that made them."""
    with house_style():
        drawing, axes = Style().canvas(2.0)
        axes.plot([1, 2], clip_on=True, color="has")
    inside = check_svg(to_svg(drawing), "x")
    assert "<metadata" not in inside and "matplotlib.org" not in inside and "clip-path" in inside
    plain = io.StringIO()
    drawing.savefig(plain, format="svg")
    assert len(inside) < len(plain.getvalue())


def test_markup_is_cut_to_the_allow_list():
    """Prose may hold emphasis, lists, tables and links within the site, and no way out of it."""
    dirty = [
        '<p onclick="x()">a<script>alert(1)</script><img src="https://e.org/a.png">',
        '<img src="data:image/png;base64,AA==" alt="b"><a href="https://e.org">c</a>',
        '<a href="javascript:x()">d</a><a href="10-x.html#y">e</a>',
        '<h1>f</h1><iframe src="x"></iframe><span style="position:fixed">g</span></p>',
    ]
    safe = clean("".join(dirty))
    assert "data:image/png;base64,AA==" in safe and '<a href="10-x.html#y">e</a>' in safe and "<a>c</a>" in safe
    for bad in ("script", "onclick", "e.org", "javascript", "iframe", "style", "<h1", "alert"):
        assert bad not in safe


def test_anchors_are_words_without_marks():
    """A heading's anchor can be typed on any keyboard, and two headings have two."""
    taken = set()
    assert [slugify("Đào tạo ở đâu?", taken), slugify("Đào tạo ở đâu", taken)] == ["dao-tao-o-dau", "dao-tao-o-dau-2"]
    assert slugify("???", taken) == "section"


def test_links_to_pages_lead_there_whatever_else_they_carry():
    """A title on a link does not leave `page:` in the site; where no page stands there are words, and never none."""
    pages = {"effect": "The <effect>"}
    [(_, html)] = split_markdown(
        '[a](page:effect "why"), [](page:effect), [b](page:gone "x"), [](page:gone), [**c**](page:gone).'
    )
    with speaking("en"):
        led = link_pages(html, pages)
    assert 'href="effect.html"' in led and ">a</a>" in led and 'title="why"' in led and "page:" not in led
    assert '<a href="effect.html">The &lt;effect&gt;</a>' in led
    assert "b, a page that has not been made, <strong>c</strong>." in led and led.count("<a ") == 2
