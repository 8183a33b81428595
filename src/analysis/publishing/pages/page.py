"""A notebook with released outputs becomes one self-contained page, in the language that is spoken."""

from __future__ import annotations

import itertools
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from nbformat import NotebookNode

from analysis.errors import PublishingError
from analysis.publishing.drawing.svg import hoist_glyphs
from analysis.publishing.gate.payload import MIME, RECEIPT, open_payload
from analysis.publishing.pages.markup import highlight_code, link_pages, mark_names, plain, slugify, split_markdown
from analysis.publishing.pages.outputs import show_facts, show_output
from analysis.publishing.pages.templates import render
from analysis.words import say, unpack

TOP_ROLES = ("answer", "facts", "lead")


@dataclass(frozen=True)
class Part:
    """One thing of a notebook in reading order: `kind` is title, heading, prose, limits, code or output."""

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


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page stands.

    Its slug and title, the site's title, and links to home, to the other language and to other pages.
    """

    slug: str = "page"
    title: str = ""
    site_title: str = ""
    home: str = ""
    other: str = ""
    siblings: tuple[dict[str, str], ...] = ()


def build_page(node: NotebookNode, place: Place) -> tuple[str, dict[str, str]]:
    """Render a notebook whose outputs the gate released as one HTML page that needs nothing else; gives its answer too.

    Raises PublishingError for a notebook without the gate's record, or with an output that is not in it.
    """
    record = find_record(node)
    opening, *sections = arrange(read_parts(node, set(record["released"])))
    outputs = [block.value for section in (opening, *sections) for block in section.blocks if block.kind == "output"]
    glyphs = share_glyphs(outputs)
    top = {role: [output for output in outputs if output["role"] == role] for role in TOP_ROLES}
    title = escape(place.title) if place.title else Markup(opening.title)
    page = render(
        "page.html.j2",
        slug=place.slug,
        title=title,
        plain_title=plain(title),
        description=describe(top["answer"], opening),
        site_title=place.site_title or say("Training and promotion of public employees"),
        index_href=place.home,
        other_href=place.other,
        siblings=place.siblings,
        top=top,
        opening=opening,
        glyphs=Markup(glyphs),
        receipt=record,
        rule=str(unpack(record["rule"])),
        notes=[str(note) for note in unpack(record["notes"])],
        synthetic=record["synthetic"],
        groups=group_methods([section for section in sections if shown_blocks(section)]),
        sections=[opening, *sections],
        shown_blocks=shown_blocks,
    )
    titles = {entry["href"].removesuffix(".html"): entry["title"] for entry in place.siblings}
    page = mark_names(link_pages(page, titles))
    refuse_local_paths(page)
    answers = [{key: one[key] for key in ("html", "status", "status_word")} for one in top["answer"]]
    return page, answers[0] if answers else {}


def find_record(node: NotebookNode) -> dict[str, Any]:
    """Find what the gate wrote at its close; a notebook that never came so far gives no page."""
    for cell in reversed(node.cells):
        for output in cell.get("outputs", ()):
            if RECEIPT in output.get("data", {}):
                return output["data"][RECEIPT]
    raise PublishingError("This notebook has no record of release. Run it to its last step, page.close().")


def read_parts(node: NotebookNode, released: set[str]) -> Iterator[Part]:
    """Walk a notebook: prose, code, and of the outputs only those that were released."""
    names: set[str] = set()
    for cell in node.cells:
        tags = set(cell.metadata.get("tags", ()))
        if cell.cell_type == "markdown":
            for level, html in split_markdown(cell.source):
                kind = ("limits" if "limits" in tags else "prose", "title", "heading")[level]
                yield Part(kind, html, "method" in tags)
        elif cell.cell_type == "code":
            if cell.source.strip() and "injected-parameters" not in tags:
                yield Part("code", highlight_code(cell.source))
            yield from read_outputs(cell, released, names)


def read_outputs(cell: NotebookNode, released: set[str], names: set[str]) -> Iterator[Part]:
    """The released outputs of a cell as they are shown; an error stops the page, everything else is left out."""
    for output in cell.outputs:
        if output["output_type"] == "error":
            raise PublishingError("Cell {cell} failed; a failed run is never published.", cell=cell.get("id", ""))
        if MIME not in output.get("data", {}):
            continue
        payload = open_payload(output["data"][MIME], released)
        if payload["name"] in names:
            raise PublishingError(
                "Cell {cell}: two outputs are named {name!r}.", cell=cell.get("id", ""), name=payload["name"]
            )
        names.add(payload["name"])
        yield Part("output", show_facts(payload) if payload["role"] == "facts" else show_output(payload))


def arrange(read: Iterable[Part]) -> list[Section]:
    """Parts -> the opening (with the page's title) and the sections."""
    parts = list(read)
    titles = [part.value for part in parts if part.kind == "title"]
    if len(titles) != 1 or next(part.kind for part in parts if part.kind != "code") != "title":
        raise PublishingError("A page needs one '# Title', in its first prose cell; found {count}.", count=len(titles))
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
    for method, some in itertools.groupby(sections, lambda section: section.method):
        ones = [*some]
        groups += [(True, ones)] if method else [(False, [one]) for one in ones]
    return groups


def share_glyphs(outputs: list[dict]) -> str:
    """Put the letters of all drawings of a page in one place, and name what is left apart; gives that place."""
    drawn = [(output, width) for output in outputs for width in output.get("images", {})]
    glyphs, drawings = hoist_glyphs([output["images"][width] for output, width in drawn])
    for (output, width), drawing in zip(drawn, drawings, strict=True):
        output["images"][width] = Markup(drawing)
    return glyphs


def describe(answers: list[dict], opening: Section) -> str:
    """One or two sentences for search results: the answer, else the lead."""
    prose = [block.value for block in opening.blocks if block.kind == "prose"]
    words = plain(" ".join([*(answer["html"] for answer in answers), *prose]))
    return textwrap.shorten(words, 200, placeholder="…", break_on_hyphens=False)


def refuse_local_paths(page: str) -> None:
    """A published page says nothing of the machine that made it."""
    for place in {Path.home(), Path.cwd(), Path(sys.prefix)}:
        if len(place.parts) > 1 and re.search(rf"(?<![\w/.]){re.escape(str(place))}(?=[/\s'\"<&])", page):
            raise PublishingError("The page would show a path of this machine ({place}).", place=str(place))
