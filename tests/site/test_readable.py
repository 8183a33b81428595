"""What readers meet on the drawn pages: words that people use, letters that stand out, and no more of them than they read."""

from __future__ import annotations

import re

import pytest
from read_pages import LEAST, drawings, machine_words, of_hexes, pale_words, words_of, writings

from analysis.publishing.pages.templates import TEMPLATES

MOST_WORDS = {"target": 900, "other": 1200}  # visible without opening a fold
SYLLABLES = 1.4  # a Vietnamese word is written as so many on average, and each stands alone
WRITTEN = ("ink", "soft", "link", "good", "effort", "poor", "open", "none")
STAND_ON = {"good": "good-wash", "effort": "effort-wash", "poor": "poor-wash", "open": "open-wash", "none": "none-wash"}
RINGS = 3.0  # WCAG 2.2, 1.4.11
EXACT = re.compile(r"official figures?|real people|số liệu chính thức|người thật", re.IGNORECASE)


@pytest.fixture(scope="module")
def pages(thin) -> dict[str, str]:
    site = thin.out / "site"
    return {str(page.relative_to(site)): page.read_text(encoding="utf-8") for page in sorted(site.rglob("*.html"))}


def test_no_word_of_a_machine_is_read(pages):
    """No code, column or file name on a page outside its fold of code: not in text, labels read aloud, or figures."""
    assert {page: found for page, text in pages.items() if (found := machine_words(text))} == {}


def test_words_in_figures_stand_out(pages):
    """Text in a figure has a contrast of 4.5 to what it stands on, in light and dark, where no checker of pages looks."""
    pale = {page: [word for svg in drawings(text) for word in pale_words(svg)] for page, text in pages.items()}
    assert {page: found for page, found in pale.items() if found} == {}


def test_drawings_are_read_at_all(pages):
    """The reader of drawings finds their words: labels of a bullet chart in the page's own language."""
    drawn = [one.words for svg in drawings(pages["vi/targets.html"]) for one in writings(svg)]
    assert any("đã có bằng" in word for word in drawn)


def test_nothing_invented_is_called_real_or_official(pages):
    """Figures of people who do not exist are exact, never official."""
    assert {
        page: found[0] for page, text in pages.items() if (found := EXACT.findall(words_of(text, folds=True)))
    } == {}


def test_pages_are_short(pages):
    """Who opens no fold reads a page in five minutes."""
    counted = {page: len(words_of(text).split()) for page, text in pages.items()}
    most = {page: MOST_WORDS["target" if "/target-" in page else "other"] for page in counted}
    most = {page: limit * (1 if page.startswith("en/") else SYLLABLES) for page, limit in most.items()}
    assert {page: count for page, count in counted.items() if count > most[page]} == {}


def palettes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet, in light and dark."""
    blocks = re.findall(r":root \{(.*?)\}", (TEMPLATES / "style.css").read_text(encoding="utf-8"), re.DOTALL)
    hexes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", block)) for block in blocks[:2]]
    long = [{name: "#" + (hex_[1:] * (2 if len(hex_) == 4 else 1)) for name, hex_ in one.items()} for one in hexes]
    return {"light": long[0], "dark": long[0] | long[1]}


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_what_is_focused_is_seen(tone):
    """The ring around a focused link has a contrast of 3 to everything a link stands on."""
    colours = palettes()[tone]
    grounds = [colours[name] for name in ("paper", "ground", *STAND_ON.values())]
    assert min(of_hexes(colours["focus"], ground) for ground in grounds) >= RINGS
    assert of_hexes(colours["on-band"], colours["band"]) >= RINGS


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_words_of_the_page_stand_out(tone):
    """The colours of words have a contrast of 4.5 to paper, and states to their wash."""
    colours = palettes()[tone]
    assert min(of_hexes(colours[name], colours["paper"]) for name in WRITTEN) >= LEAST
    assert min(of_hexes(colours[name], colours[wash]) for name, wash in STAND_ON.items()) >= LEAST
