"""An executed notebook and its receipt become one self-contained page in one language."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup, escape

from analysis.errors import PublishingError
from analysis.publishing.gate.payload import MIME, check_payload
from analysis.publishing.pages.markup import clean, embed_csv, embed_svg, highlight_code, plain, slugify, split_markdown
from analysis.text import LANGUAGES, Text

TEMPLATES = Path(__file__).parent / "template"
SITE_TITLE = Text(
    en="Training and promotion of public employees",
    vi="Đào tạo và thăng tiến của cán bộ, công chức, viên chức",
)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
TOP_ROLES = ("answer", "facts", "lead")


EXPLORING = "explore"  # prose and code for those who work in the notebook; a page leaves them out


@dataclass(frozen=True)
class Part:
    """One thing of a notebook in reading order: `kind` is title, heading, prose, code or output."""

    kind: str
    value: Any
    method: bool = False


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; the opening has no heading."""

    title: str
    slug: str
    method: bool = False
    blocks: list[Part] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


def build_page(
    executed: Path,
    receipt: dict,
    *,
    lang: str,
    siblings: list[dict],
    site_title: str = "",
) -> str:
    """Render an executed notebook as one HTML page that needs nothing else.

    `siblings` are the links of the page: `{"href", "title"}` for another page, with `"here": True` for this one;
    `{"rel": "home", "href"}` and `{"rel": "other", "href"}` for the index and the same page in the other language.
    Where no link says otherwise, both are taken from the layout of the site.
    The heading is the receipt's `title`, by default the notebook's.
    """
    check_language(lang, receipt)
    slug = receipt["slug"]
    links = read_links(siblings, lang, slug)
    opening, *sections = arrange(read_parts(executed, set(receipt["released"]), lang))
    blocks = [block for section in (opening, *sections) for block in section.blocks]
    outputs = [block.value for block in blocks if block.kind == "output"]
    top = {role: [output for output in outputs if output["role"] == role] for role in TOP_ROLES}
    title = Markup(opening.title) if not receipt.get("title") else escape(receipt["title"])
    page = render(
        "page.html.j2",
        lang,
        slug=slug,
        title=title,
        plain_title=plain(title),
        description=describe(top["answer"], opening),
        site_title=site_title or SITE_TITLE.say(lang),
        index_href=links["home"],
        other_href=links["other"],
        siblings=links["pages"],
        top=top,
        opening=opening,
        groups=group_methods([section for section in sections if shown_blocks(section) or section.code]),
        receipt=receipt,
        synthetic=receipt.get("synthetic"),
    )
    refuse_local_paths(page, executed)
    return page


def read_links(siblings: list[dict], lang: str, slug: str) -> dict[str, Any]:
    """Sort the links of a page: home, the other language, the other pages."""
    named = {entry["rel"]: entry["href"] for entry in siblings if entry.get("rel") in ("home", "other")}
    other = f"../{'en' if lang == 'vi' else 'vi'}/{slug}.html"
    return {
        "home": named.get("home") or ("../index.html" if lang == "vi" else "index.html"),
        "other": named.get("other", "" if named else other),
        "pages": [
            entry
            for entry in siblings
            if entry.get("rel", "page") == "page" and not entry.get("here") and entry["href"] != f"{slug}.html"
        ],
    }


def check_language(lang: str, receipt: dict) -> None:
    """A page is in the language its notebook ran in: the numbers in its sentences are already spelt."""
    if lang not in LANGUAGES or receipt.get("lang", lang) != lang:
        raise PublishingError(
            en=f"{receipt.get('notebook')}: ran in '{receipt.get('lang')}', so no page in '{lang}' can be made of it.",
            vi=f"{receipt.get('notebook')}: chạy bằng '{receipt.get('lang')}' nên không dựng được trang '{lang}'.",
        )


def read_parts(executed: Path, released: set[str], lang: str) -> Iterator[Part]:
    """Walk a notebook: prose of one language, code, and of the outputs only those that were released."""
    notebook = nbformat.read(executed, as_version=4)
    names: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        where = Text(en=f"{executed.name}, cell {number}", vi=f"{executed.name}, ô {number}")
        tags = set(cell.metadata.get("tags", ()))
        if EXPLORING in tags:
            continue
        if cell.cell_type == "markdown":
            yield from read_prose(cell.source, tags, lang, where)
        elif cell.cell_type == "code":
            if cell.source.strip() and "injected-parameters" not in tags:
                yield Part("code", highlight_code(cell.source))
            for output in cell.outputs:
                yield from read_output(output, released, names, where)


def read_prose(source: str, tags: set[str], lang: str, where: Text) -> Iterator[Part]:
    """Markdown of one cell, if it is in the page's language."""
    if not tags & set(LANGUAGES):
        raise PublishingError(
            en=f"{where.en}: prose without a language; tag the cell 'vi' or 'en'.",
            vi=f"{where.vi}: đoạn văn chưa ghi ngôn ngữ; hãy gắn thẻ 'vi' hoặc 'en' cho ô này.",
        )
    if lang in tags:
        for level, html in split_markdown(source):
            yield Part(("prose", "title", "heading")[level], html, "method" in tags)


def read_output(output: dict, released: set[str], names: set[str], where: Text) -> Iterator[Part]:
    """The released payload of one output; an error stops the page, everything else is left out."""
    if output["output_type"] == "error":
        raise PublishingError(
            en=f"{where.en}: the cell failed; a failed run is never published.",
            vi=f"{where.vi}: ô này bị lỗi; lần chạy lỗi không bao giờ được công bố.",
        )
    if MIME in output.get("data", {}):
        payload = check_payload(output["data"][MIME], released, where)
        if payload["name"] in names:
            raise PublishingError(
                en=f"{where.en}: two outputs are named '{payload['name']}'.",
                vi=f"{where.vi}: có hai kết quả cùng tên '{payload['name']}'.",
            )
        names.add(payload["name"])
        yield Part("output", payload)


def arrange(parts: Iterator[Part]) -> list[Section]:
    """Parts -> the opening (with the page's title) and the sections."""
    parts = list(parts)
    titles = [part.value for part in parts if part.kind == "title"]
    if len(titles) != 1 or next(part.kind for part in parts if part.kind != "code") != "title":
        raise PublishingError(
            en=f"A page needs one '# Title', in its first prose cell; found {len(titles)}.",
            vi=f"Mỗi trang cần đúng một '# Tiêu đề', ở ô văn bản đầu tiên; tìm thấy {len(titles)}.",
        )
    taken = {part.value["name"] for part in parts if part.kind == "output"} | {"content", "provenance"}
    sections = [Section(titles[0], "")]
    for part in parts:
        if part.kind == "heading":
            sections.append(Section(part.value, slugify(plain(part.value), taken), part.method))
        elif part.kind == "code":
            sections[-1].code.append(part.value)
        elif part.kind != "title":
            sections[-1].blocks.append(part)
    return sections


def shown_blocks(section: Section) -> list[Part]:
    """What stays in its section: all but what moved to the top of the page."""
    return [block for block in section.blocks if block.kind != "output" or block.value["role"] not in TOP_ROLES]


def group_methods(sections: list[Section]) -> list[tuple[bool, list[Section]]]:
    """Neighbouring sections of method share one fold; every other section stands alone."""
    groups: list[tuple[bool, list[Section]]] = []
    for section in sections:
        if section.method and groups and groups[-1][0]:
            groups[-1][1].append(section)
        else:
            groups.append((section.method, [section]))
    return groups


def describe(answers: list[dict], opening: Section) -> str:
    """One or two sentences for search results: the answer, else the lead."""
    prose = [block.value for block in opening.blocks if block.kind == "prose"]
    words = plain(" ".join([*(answer["html"] for answer in answers), *prose]))
    return words if len(words) <= 200 else words[:200].rsplit(" ", 1)[0] + "…"


def picture(payload: dict) -> dict:
    """The drawings of a figure, by tone and width.

    A browser settles a `<source>` before it prints, so the tones are two pictures and the style shows one: paper
    always gets the light one.
    """
    drawn = {key: embed_svg(image, payload["name"]) for key, image in payload["images"].items() if image}
    return {
        tone: {"wide": drawn[f"wide_{tone}"], "phone": drawn.get(f"phone_{tone}")}
        for tone in ("light", "dark")
        if f"wide_{tone}" in drawn
    }


def say_date(value: str | date | None, lang: str) -> str:
    """A day as its readers write it: 30/06/2025, 30 June 2025."""
    if not value:
        return "–"
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    if lang == "vi":
        return f"{day:%d/%m/%Y}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def say_value(value: Any) -> str:
    """A parameter as it is read; of a path of this machine only the last name."""
    if isinstance(value, str):
        return Path(value).name if value.startswith(("/", "~")) else value
    if isinstance(value, list | tuple):
        return ", ".join(say_value(item) for item in value) or "[]"
    return json.dumps(value, ensure_ascii=False)


def refuse_local_paths(page: str, executed: Path) -> None:
    """A published page says nothing of the machine that made it."""
    places = {Path.home(), Path.cwd(), executed.resolve().parent, Path(sys.prefix)}
    for place in places:
        if len(place.parts) > 1 and re.search(rf"(?<![\w/.]){re.escape(str(place))}(?=[/\s'\"<&])", page):
            raise PublishingError(
                en=f"{executed.name}: the page would show a path of this machine ({place}).",
                vi=f"{executed.name}: trang sẽ để lộ đường dẫn của máy này ({place}).",
            )


@functools.cache
def environment() -> jinja2.Environment:
    """The templates, with everything escaped that is not markup already."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    made.globals.update(style=Markup(style), picture=picture, shown_blocks=shown_blocks, embed_csv=embed_csv)
    made.filters.update(clean=lambda html: Markup(clean(html)), plain=plain, safe_code=Markup, say_value=say_value)
    return made


def render(name: str, lang: str, **values: Any) -> str:
    """Fill a template that speaks one language: `t(en, vi)` is a word of it, `day(iso)` a date."""
    words = {
        "lang": lang,
        "t": lambda en, vi: Text(en, vi).say(lang),
        "day": lambda value: say_date(value, lang),
    }
    return environment().get_template(name).render(**words, **values)
