"""What a reader sees of a page: its words outside folds, the words in its drawings, and the colours of those."""

from __future__ import annotations

import functools
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from html import unescape
from unicodedata import normalize

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path as Outline

from analysis.publishing.drawing.style import CSS_DARK, CSS_LIGHT

DRAWING = re.compile(r"<svg style=.*?</svg>", re.DOTALL)
UNSEEN = re.compile(r"<(style|title|svg)\b.*?</\1>", re.DOTALL)
CODE = re.compile(r'<details class="code".*?</details>', re.DOTALL)
FOLD = re.compile(r"<details\b(?:(?!<details\b).)*?</details>", re.DOTALL)  # the innermost first
MACHINE = re.compile(
    r"\b[a-zA-Z]+\d*(?:_[a-z0-9+]+)+\b|\b\w+\[[^\]]+\]|\b[\w/-]+\.(?:yml|py|ipynb|parquet|csv|po|toml|md)\b|\b\w+=\w+"
)
GLYPH = re.compile(r"#(DejaVu[\w-]*)-([0-9a-f]+)$")
FILL = re.compile(r"fill: (?:var\(--c-(\w+)|(none))")
PLACE = re.compile(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)")
HREF = "{http://www.w3.org/1999/xlink}href"
LEAST = 4.5  # WCAG 2.2, 1.4.3


@dataclass(frozen=True)
class Writing:
    """Words in a drawing, the colour they are written in, and the fills under them with their strengths, lowest first."""

    words: str
    colour: str
    under: tuple[tuple[str, float], ...]


def words_of(page: str, folds: bool = False) -> str:
    """Give the words of a page that are text, those in folds too if asked."""
    text = UNSEEN.sub(" ", page)
    while not folds and (shorter := FOLD.sub(" ", text)) != text:
        text = shorter
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def drawings(page: str) -> list[str]:
    return DRAWING.findall(page)


def machine_words(page: str) -> list[str]:
    """List the words that only a machine needs: on the page outside its code, in what is read aloud, and in figures."""
    text = CODE.sub(" ", page)
    aloud = " ".join(re.findall(r'(?:aria-label|alt|content|data-label)="([^"]*)"', text[text.index("<body>") :]))
    drawn = " ".join(one.words for svg in drawings(page) for one in writings(svg))
    return sorted(set(MACHINE.findall(" ".join([words_of(text, folds=True), unescape(aloud), drawn]))))


def writings(svg: str) -> list[Writing]:
    """Read the words of a drawing in the order in which it is drawn."""
    found: list[Writing] = []
    shapes: list[tuple[Outline, str, float]] = []
    _walk(
        ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)),
        found,
        shapes,
    )
    return found


def _walk(element, found: list[Writing], shapes: list) -> None:
    for child in element:
        tag = child.tag.rpartition("}")[2]
        letters = "".join(_letter(use) for use in child.iter() if use.tag.endswith("}use"))
        if tag == "g" and letters and PLACE.search(child.get("transform", "")):
            place = [float(part) for part in PLACE.search(child.get("transform")).groups()]
            colour = FILL.search(child.get("style", ""))
            under = tuple(
                (name, alpha) for shape, name, alpha in shapes if shape.contains_point((place[0] + 2, place[1] - 3))
            )
            found.append(Writing(letters, colour[1] if colour else "black", under))
        elif tag in ("g", "svg"):
            _walk(child, found, shapes)
        elif tag == "path" and (fill := FILL.search(child.get("style", ""))) and fill[1]:
            shapes.append((_outline(child.get("d", "")), fill[1], _strength(child.get("style"))))


def _letter(use) -> str:
    glyph = GLYPH.search(use.get("href") or use.get(HREF) or "")
    return _letters(glyph[1]).get(int(glyph[2], 16), "") if glyph else ""


@functools.cache
def _letters(font: str) -> dict[int, str]:
    """The letter of each shape of a font, by its place in it, as matplotlib names shapes in a drawing."""
    weight = "bold" if "Bold" in font else "normal"
    shapes = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight))).get_charmap()
    return {shape: normalize("NFKC", chr(letter)) for letter, shape in shapes.items()}


def _outline(path: str) -> Outline:
    numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path)]
    return Outline(np.array(numbers[: len(numbers) // 2 * 2]).reshape(-1, 2) if len(numbers) > 5 else np.zeros((3, 2)))


def _strength(style: str) -> float:
    found = re.search(r"(?:fill-)?opacity: ([\d.]+)", style)
    return float(found[1]) if found else 1.0


def _channels(hex_: str) -> np.ndarray:
    return np.array([int(hex_[place : place + 2], 16) / 255 for place in (1, 3, 5)])


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """Give the contrast of two colours as WCAG counts it."""

    def light(colour: np.ndarray) -> float:
        return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def of_hexes(one: str, other: str) -> float:
    return contrast(_channels(one), _channels(other))


def pale_words(svg: str) -> list[str]:
    """List the words of a drawing that stand out too little from what they stand on, in light or dark."""
    pale = []
    for one in writings(svg):
        for tone, palette in (("light", CSS_LIGHT), ("dark", CSS_DARK)):
            ground = _channels(palette["plate"])
            for name, alpha in one.under:
                ground = alpha * _channels(palette[name]) + (1 - alpha) * ground
            ratio = contrast(_channels(palette[one.colour]), ground) if one.colour in palette else 0
            if ratio < LEAST:
                pale.append(f"{one.words!r} {one.colour} {tone} {ratio:.1f}")
    return pale
