"""The pages that stand become the home pages of the site, in each language."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.errors import PublishingError
from analysis.publishing.pages.templates import render, say_value
from analysis.words import LANGUAGES, day, speaking

HOMES = {"vi": "index.html", "en": "en/index.html"}
MANY = 12
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One page in one language, as its card shows it.

    Where its run `failed`, the page of an earlier run may still stand: then it is `stale` and keeps its card, with a
    label. Without a page (`stands` false) only the failure is told. `answer` has html, status and status_word, or
    nothing.
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
    parameters: Mapping[str, Any] = field(default_factory=dict)

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

    @property
    def shown(self) -> bool:
        """Say whether there is a page to open."""
        return self.stands and (not self.failed or self.stale)


def build_home(entries: Iterable[Entry], lang: str, site: Mapping[str, Any]) -> str:
    """Render the home page of one language; `site` has `title` and `intro` by language."""
    entries = sorted((entry for entry in entries if entry.lang == lang), key=lambda entry: (entry.order, entry.slug))
    shown = [entry for entry in entries if entry.shown]
    dates = sorted({entry.as_of for entry in shown})
    groups: dict[str, list[Entry]] = {}
    for entry in shown:
        groups.setdefault(entry.group, []).append(entry)
    with speaking(lang):
        return render(
            "index.html.j2",
            site_title=site["title"][lang],
            intro=site["intro"][lang],
            other_href=link(HOMES["en" if lang == "vi" else "vi"], HOMES[lang]),
            groups=list(groups.items()),
            failures=[entry for entry in entries if entry.failed or not entry.shown],
            pages=shown,
            as_of=" – ".join(day(one) for one in dict.fromkeys([*dates[:1], *dates[-1:]])),
            settings=describe_settings(shown),
            many=MANY,
            synthetic=any(entry.synthetic for entry in entries),
            href=lambda entry: link(entry.path, HOMES[lang]),
        )


def describe_settings(entries: list[Entry]) -> list[str]:
    """What sets each page apart: the parameters that are not the same on all of them."""
    names = dict.fromkeys(name for entry in entries for name in entry.parameters)
    apart = [name for name in names if len({say_value(entry.parameters.get(name)) for entry in entries}) > 1]
    return [
        "; ".join(f"{name} = {say_value(entry.parameters[name])}" for name in apart if name in entry.parameters)
        for entry in entries
    ]


def link(place: str, home: str) -> str:
    """The way from one page of the site to another, both given from the site's root."""
    return posixpath.relpath(place, posixpath.dirname(home) or ".")
