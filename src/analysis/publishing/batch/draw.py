"""What the last good runs left becomes pages and the index, in one language; no kernel starts, nothing is computed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4

from analysis.errors import AnalysisError, PublishingError
from analysis.publishing.batch.files import read_json, write_text
from analysis.publishing.batch.parameters import notebook_path
from analysis.publishing.gate.payload import MIME, RECEIPT, open_payload
from analysis.publishing.pages.exporter import PageExporter
from analysis.publishing.pages.page import Place
from analysis.publishing.pages.site import Entry, build_home


def draw_page(notebook: str, made: Path, target: Path, lang: str, place: dict[str, Any]) -> dict[str, str]:
    """Write the page of a run into `target` from its record and the notebook's words of today; gives the page's answer.

    Raises PublishingError where it cannot be drawn; the page that stands is left alone.
    """
    try:
        page, resources = PageExporter(lang=lang).from_notebook_node(lay_out(notebook, made), {"place": Place(**place)})
    except AnalysisError:
        raise
    except (
        Exception
    ) as error:  # whatever a view does with rows that it did not expect, the reader of a log learns the page
        raise PublishingError(
            "Page {page} ({lang}) could not be drawn: {kind}.", page=place["slug"], lang=lang, kind=type(error).__name__
        ) from error
    write_text(target, page)
    return resources["answer"]


def lay_out(notebook: str, made: Path) -> NotebookNode:
    """Put what a run released under the cells of the notebook as it reads today."""
    record = json.loads(made.read_text(encoding="utf-8"))
    node = v4.reads(notebook_path(notebook).read_text(encoding="utf-8"))
    outputs = record.pop("outputs")
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = [v4.new_output("display_data", data={MIME: one}) for one in outputs.get(cell["id"], ())]
    node.cells[-1].outputs.append(v4.new_output("display_data", data={RECEIPT: record}))
    return node


def draw_home(cards: list[dict[str, Any]], lang: str, site: Mapping[str, Any], target: Path, made: Path) -> None:
    """Write the home page of a language from what its cards say, and from the first figure of a run's record."""
    record = read_json(made)
    leads = [output for cell in record.get("outputs", {}).values() for output in cell if output.get("lead")]
    pictures = [open_payload(output, set(record["released"])) for output in leads[:1]]
    write_text(target, build_home([Entry(**card) for card in cards], lang, site, *pictures))
