"""The templates of pages: everything escaped that is not markup already, words in the language that is spoken."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from analysis.publishing.drawing.style import CSS_DARK, CSS_LIGHT
from analysis.publishing.pages.markup import clean, embed_csv, plain
from analysis.words import LANGUAGES, day, language, say

TEMPLATES = Path(__file__).parent / "template"
NAMES = {"vi": "Tiếng Việt", "en": "English"}


@functools.cache
def environment() -> jinja2.Environment:
    """Give the templates."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    style = colours() + (TEMPLATES / "style.css").read_text(encoding="utf-8")
    made.globals.update(style=Markup(style), embed_csv=embed_csv, t=say, day=lambda value: day(value) if value else "–")
    made.filters.update(
        clean=lambda html: Markup(clean(html)), plain=plain, safe_code=Markup, say_value=say_value, named=name_tables
    )
    return made


def name_tables(html: str, title: str) -> Markup:
    """Give the tables of a fragment their exhibit's title as a caption that is heard, for it stands above already."""
    caption = str(Markup('<caption class="hidden">{}</caption>').format(title))
    return Markup(re.sub(r"<table[^>]*>", lambda table: table[0] + caption, html))


def colours() -> str:
    """Give the colours of drawings as the style sheet's variables, by tone; paper gets the light ones."""
    light, dark = (
        "".join(f"--c-{name}:{hex_};" for name, hex_ in palette.items()) for palette in (CSS_LIGHT, CSS_DARK)
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def render(name: str, **values: Any) -> str:
    """Fill a template: `t(words)` says them, `day(value)` writes a day."""
    lang = language()
    other = next(one for one in LANGUAGES if one != lang)
    return environment().get_template(name).render(lang=lang, other_lang=other, languages=NAMES, **values)


def say_value(value: Any) -> str:
    """A parameter as it is read; of a path of this machine only the last name."""
    if isinstance(value, str):
        return Path(value).name if value.startswith(("/", "~")) else value
    if isinstance(value, list | tuple):
        return ", ".join(say_value(item) for item in value) or "[]"
    return json.dumps(value, ensure_ascii=False)
