"""A released payload becomes what a page shows: its view says and draws its rows, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.errors import PublishingError, check_options
from analysis.publishing.drawing.style import NOTHING
from analysis.publishing.drawing.svg import render
from analysis.publishing.drawing.tables import rows_html
from analysis.publishing.gate.payload import STATUSES, unpack_rows
from analysis.publishing.pages.markup import check_svg
from analysis.publishing.views.plot import find_view
from analysis.words import Message, day, label, number, say, span, unpack

LISTINGS = {"training": "training_kind", "level": "course_level", "outcome": "outcomes", "reading": "terms"}


def show_output(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Say and draw one payload."""
    view, rows = find_view(payload["view"]), unpack_rows(payload["rows"])
    notes = {"notes": unpack(payload["notes"])} if view.noted else {}
    words = view.say(rows, **notes, **payload["choices"])
    shown = {"name": payload["name"], "role": "lead" if payload["lead"] else view.role, **words}
    if view.role == "answer":
        check_options(PublishingError, **{payload["view"]: (words["status"], STATUSES)})
        shown["status_word"] = label(words["status"], "statuses")
    if view.role in ("figure", "table") and len(rows):
        shown["csv"] = say_cells(rows).to_csv(index=False)
    if view.draw is not None:
        told = words["alt"] != NOTHING.say()
        drawn = render(view, rows, **payload["choices"]) if told else {}
        shown["images"] = {width: check_svg(image, payload["name"]) for width, image in drawn.items()}
        shown["table_html"] = (view.data or rows_html)(rows)
    return shown


def say_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows with their messages said."""
    return rows.map(lambda cell: cell.say() if isinstance(cell, Message) else cell)


def show_facts(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Say the strip of facts: each under its label."""
    items = [
        {"label": label(name, "facts"), "value": say_fact(name, unpack(value))} for name, value in payload["items"]
    ]
    return {"name": payload["name"], "role": "facts", "items": items}


def say_fact(name: str, value: Any) -> str:
    """Write one fact: a day, a span of days, yes or no, a number, or a code of its listing."""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, list):
        return span(*(say_fact(name, one) for one in value))
    if isinstance(value, pd.Timestamp):
        return day(value)
    return number(value) if isinstance(value, int | float) else label(value, LISTINGS.get(name, name))
