"""Figures as SVG for a page: compact, colours left to the page's style sheet, letters written once a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from analysis.publishing.drawing.style import CSS_LIGHT, NOTHING, WIDTHS, Style, house_style, name_ticks
from analysis.publishing.drawing.view import Rows, View

NAMES = {colour: name for name, colour in CSS_LIGHT.items()}
COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
GLYPH = re.compile(r'<path id="(DejaVu[^"]+)"[^>]*/>')
LONG = re.compile(r"(\d+\.\d{2})\d+")
# what a drawing in a page does without; the style of all elements is inherited from the root instead
BARE = (
    (r"^.*?<svg ", '<svg style="stroke-linejoin: round; stroke-linecap: butt" '),
    (r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>| xmlns:xlink=\"[^\"]*\"", ""),
    (r"xlink:href", "href"),
    (r"\s*\n\s*", " "),
    (r"> <", "><"),
    (r"<defs/>|<defs></defs>", ""),
)


def picture(view: View, rows: Rows, style: Style, **choices: Any) -> Figure:
    """Draw a figure of rows in the language spoken; where its words say that nothing can be shown, that sentence."""
    with house_style():
        told = view.draw and view.say(rows, **choices)["alt"] != NOTHING.say()
        figure = view.draw(rows, style, **choices) if view.draw and told else style.nothing()
        name_ticks(figure)
    return figure


def render(view: View, rows: Rows, **choices: Any) -> dict[str, str]:
    """Draw a figure of protected rows as SVG, once a width: `wide` and `phone`."""
    return {width: to_svg(picture(view, rows, Style(width), **choices)) for width in WIDTHS}


def to_svg(figure: Figure) -> str:
    """Write a figure as SVG to stand in HTML: no style sheet, no date, colours as `var(--c-blue, #0072b2)`."""
    buffer = io.StringIO()
    with house_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    for pattern, better in BARE:
        text = re.sub(pattern, better, text, flags=re.DOTALL)
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", text)
    text = re.sub(r'(?<= d=")[^"]+', lambda found: LONG.sub(r"\1", found[0]), text)
    return COLOUR.sub(lambda found: f"var(--c-{NAMES[found[0]]}, {found[0]})", text).strip()


def hoist_glyphs(svgs: Sequence[str]) -> tuple[str, list[str]]:
    """Take the letters out of all drawings of a page: give one hidden SVG with each once, and the drawings without.

    Other names of parts are made those of their drawing, so that none occurs twice in the page.
    """
    glyphs: dict[str, str] = {}
    drawings = []
    for place, svg in enumerate(svgs):
        glyphs |= {found[1]: found[0] for found in GLYPH.finditer(svg)}
        bare = GLYPH.sub("", svg).replace("<defs></defs>", "")
        drawings.append(re.sub(r'( id="| href="#|url\(#)(?!DejaVu)', rf"\1d{place}-", bare))
    letters = "".join(glyphs[name] for name in sorted(glyphs))
    return f'<svg hidden="" aria-hidden="true" width="0" height="0"><defs>{letters}</defs></svg>', drawings
