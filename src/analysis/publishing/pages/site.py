"""The pages that stand become the home pages of the site, in each language."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from analysis.errors import PublishingError
from analysis.publishing.pages.outputs import show_output
from analysis.publishing.pages.page import share_glyphs
from analysis.publishing.pages.templates import render
from analysis.words import LANGUAGES, speaking

HOMES = {"vi": "index.html", "en": "en/index.html"}
MANY, ROOM = 12, 360  # cards that still hold words; letters of a card
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One page in one language, as its card shows it.

    Where its run `failed`, or its inputs changed since (`stale`), the page of an earlier run may still stand: then it
    keeps its card, with a label. Without a page (`stands` false) only the failure is told. `answer` has html, status
    and status_word, or nothing.
    """

    slug: str
    lang: str
    title: str
    group: str
    order: int
    stands: bool
    as_of: str
    failed: bool = False
    stale: bool = False
    reason: str = ""
    synthetic: bool = False
    answer: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if not SLUG.fullmatch(self.slug) or self.lang not in LANGUAGES:
            raise PublishingError(
                "Page {slug!r}: its name or its language {lang!r} is none of the site's.",
                slug=self.slug,
                lang=self.lang,
            )

    @property
    def path(self) -> str:
        """Give the page's place on the site."""
        return f"{self.lang}/{self.slug}.html"


def build_home(
    entries: Iterable[Entry], lang: str, site: Mapping[str, Any], picture: Mapping[str, Any] | None = None
) -> str:
    """Render the home page of one language: the targets in one picture, the claim, then the ways on.

    `site` has `title` and `intro` by language and may name the page that answers the `claim` and the one whose figure
    is the `picture`: here an output as its owner released it, labelled as that page is.
    """
    entries = sorted((entry for entry in entries if entry.lang == lang), key=lambda entry: (entry.order, entry.slug))
    shown = [entry for entry in entries if entry.stands]
    claim = next((entry for entry in shown if entry.slug == site.get("claim") and entry.answer), None)
    groups: dict[str, list[Entry]] = {}
    for entry in shown:
        if entry is not claim:
            groups.setdefault(entry.group, []).append(entry)
    with speaking(lang):
        lead = show_output(picture) if picture else None
        glyphs = share_glyphs([lead] if lead else [])
        return render(
            "index.html.j2",
            site_title=site["title"][lang],
            intro=site["intro"][lang],
            other_href=link(HOMES["en" if lang == "vi" else "vi"], HOMES[lang]),
            lead=lead,
            owner=next((entry for entry in shown if entry.slug == site.get("picture")), None),
            glyphs=Markup(glyphs),
            claim=claim,
            told=shorten(claim.answer["html"]) if claim else "",
            groups=list(groups.items()),
            sentences=first_sentences([entry for entry in shown if entry is not claim]),
            failures=[entry for entry in entries if entry.failed or not entry.stands],
            as_of=max((entry.as_of for entry in shown), default=""),
            many=MANY,
            synthetic=any(entry.synthetic for entry in entries),
            href=lambda entry: link(entry.path, HOMES[lang]),
        )


def first_sentences(entries: Iterable[Entry]) -> dict[str, str]:
    """Give the first line of each page's answer that no card before it has said."""
    said: dict[str, str] = {}
    for entry in entries:
        lines = entry.answer.get("html", "").split("<br>")
        if lines[0].endswith(":"):  # says nothing without what follows
            lines = [f"{lines[0]} {'; '.join(lines[1:])}"]
        said[entry.slug] = next((line for line in map(shorten, lines) if line not in said.values()), "")
    return said


def shorten(line: str) -> str:
    """Give a long line to the end of its last sentence that a card has room for."""
    cut = line.rfind(". ", 0, ROOM) + 1
    return line[:cut] if len(line) > ROOM and cut else line


def link(place: str, home: str) -> str:
    """The way from one page of the site to another, both given from the site's root."""
    return posixpath.relpath(place, posixpath.dirname(home) or ".")
