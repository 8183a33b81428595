"""Pages and cards made by hand: real views of made rows, released as a gate would, without a run."""

from __future__ import annotations

import functools

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from shown_rows import attainment

from analysis.publishing.gate.payload import MIME, RECEIPT, pack_rows, seal
from analysis.publishing.pages import prose
from analysis.publishing.pages.exporter import PageExporter
from analysis.publishing.pages.page import Place
from analysis.publishing.pages.site import Entry
from analysis.publishing.views.plot import find_view
from analysis.words import Message, pack

NOTE = Message("{share:percent.0} of postgraduate degrees are not verified", share=0.12)
SITE = {"title": {"vi": "Đào tạo", "en": "Training"}, "intro": {"vi": "Lời mở.", "en": "An opening."}}
HERE = {"home": "../index.html", "other": "../en/40-t1.html", "slug": "40-t1", "site_title": "Đào tạo"}
PROSE = {
    "p1": ("# Is it met?\n\nThe question and the estimand.", "# Đã đạt chưa?\n\nCâu hỏi và đại lượng."),
    "p2": ("## Trained\n\nSome *prose*.", "## Được đào tạo\n\nĐoạn *văn*."),
    "p3": ("## Assumptions\n\nOne.", "## Giả định\n\nMột."),
    "p4": ("## Checks\n\nTwo.", "## Phép thử\n\nHai."),
    "p5": ("## Trained\n\nAgain.", "## Được đào tạo\n\nLại nữa."),
    "p6": ("- Not everything can be said.", "- Không nói được mọi điều."),
}


@functools.cache
def rows():
    return attainment()


def payload(view: str, name: str, *, lead: bool = False, notes=(), frame=None, **choices) -> dict:
    """What the gate would release of made rows."""
    shown = find_view(view)
    kept = shown.keep(rows()) if frame is None else frame
    return seal({"role": shown.role, "name": name, "view": view, "lead": lead, "choices": choices, "rows": pack_rows(kept),
                 "notes": pack(list(notes))})  # fmt: skip


def facts(**items) -> dict:
    return seal({"role": "facts", "name": "facts", "items": [[name, pack(value)] for name, value in items.items()]})


@functools.cache
def outputs() -> tuple[dict, ...]:
    return (
        payload("attainment.readings", "readings"), payload("attainment.heads", "heads"),
        payload("tables.notes", "reading", notes=[NOTE]), payload("attainment.bullets", "where", lead=True),
        payload("attainment.answer", "answer", final=True), facts(reading="has_or_studying", n=1234),
    )  # fmt: skip


def make_record(shown, **changes) -> dict:
    base = {
        "notebook": "40_made", "parameters": {"horizons": [24, 36], "draft": True, "unit_id": "ALL", "folder": "/elsewhere/here/synthetic"},
        "as_of": "2025-06-30", "synthetic": True, "source_name": "Hồ sơ mô phỏng", "data_hash": "9f2c41d0aa" * 6,
        "commit": "0a1b2c3d4e5f60718293", "dirty": False, "versions": {"pandas": "3.0.5"}, "key": "k",
        "started": "2025-07-02", "seconds": 3.2, "released": [one["digest"] for one in shown],
        "rule": pack(Message("{name}: missing", name="x")), "notes": pack([NOTE]),
    }  # fmt: skip
    return {**base, **changes}


def text(cell: str, *tags: str):
    return new_markdown_cell(PROSE[cell][0], id=cell, metadata={"tags": list(tags)} if tags else {})


def make_cells(shown=None, record=None) -> list:
    shown = outputs() if shown is None else shown
    noise = [
        new_output("stream", text="Nguyễn Văn A"),
        new_output("display_data", data={"text/html": "<b>raw table</b>", "image/png": "AAAA"}),
    ]
    released = [new_output("display_data", data={MIME: one, "text/plain": "a repr"}) for one in shown]
    end = new_output("display_data", data={RECEIPT: make_record(shown) if record is None else record})
    return [
        text("p1"), new_code_cell('data = "x"  # str', metadata={"tags": ["parameters"]}),
        new_code_cell('data = "/srv/secret"', metadata={"tags": ["injected-parameters"]}),
        new_markdown_cell("For those who explore.", metadata={"tags": ["explore"]}, id="p0"),
        text("p2"), new_code_cell("show(rows)", outputs=[*noise, *released]), text("p3", "method"), text("p4", "method"), text("p5"),
        text("p6", "limits"), new_code_cell("page.close()", outputs=[end]),
    ]  # fmt: skip


def translate_made(root) -> None:
    """Write the Vietnamese words of the made notebook into the project at `root`."""
    cells = [
        ("p0", "For those who explore.", "Cho người khám phá."),
        *((cell, *words) for cell, words in PROSE.items()),
    ]
    prose.write_prose(root / "locale/vi/40_made.md", cells)


def make_node(cells=None) -> NotebookNode:
    return new_notebook(cells=make_cells() if cells is None else cells)


def make_page(lang="vi", cells=None, shown=None, place=None, **record) -> str:
    """Export the made notebook in a language; `record` changes what the gate wrote at its end."""
    shown = outputs() if shown is None else shown
    cells = make_cells(shown, make_record(shown, **record)) if cells is None else cells
    return PageExporter(lang=lang).from_notebook_node(make_node(cells), {"place": Place(**{**HERE, **(place or {})})})[
        0
    ]


def entry(slug="40-t1", lang="vi", **changes) -> Entry:
    base = {
        "slug": slug, "lang": lang, "title": f"Chỉ tiêu {slug}", "stands": True, "group": "Các chỉ tiêu", "order": 1,
        "answer": {"html": "Đạt <strong>47,3%</strong>", "status": "push", "status_word": "Khó đạt"},
        "as_of": "2025-06-30", "synthetic": True,
    }  # fmt: skip
    return Entry(**{**base, **changes})
