"""A view: one thing that a page shows, made of protected rows and of choices, in whatever language is spoken."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

import pandas as pd
from matplotlib.figure import Figure

from analysis.reference import disclosure
from analysis.words import Message, say

Rows: TypeAlias = pd.DataFrame
Words = dict[str, str]
NOT_ASSESSABLE = Message("not assessable")
HIDDEN = {  # by the limit that hides it
    "few": Message("hidden (under {least:number} people)"),
    "near": Message("hidden (too near an exact figure)"),
    "unknown": Message("hidden (of an unknown number of people)"),
    "derived": Message("hidden (would give other figures back)"),
    "part": Message("hidden (told of the whole province only)"),
    "sure": Message("hidden (so sure that it would tell of single people)"),
    "cover": Message("hidden (protects a number under {least:number})"),
}


def each(rows: Rows) -> Iterator[Any]:
    """Give the rows one by one."""
    return (row for _, row in rows.iterrows())


def each_target(rows: Rows) -> list[tuple[str, Rows]]:
    """Give the rows target by target, each with its name."""
    return [(str(name), one.reset_index(drop=True)) for name, one in rows.groupby("outcome")]


def absent(row: pd.Series | None) -> str:
    """Say why a row shows no number: the limit that hides it, or nothing that could be computed."""
    if row is None or not (row["suppressed"] and row.get("computed", True)):
        return NOT_ASSESSABLE.say()
    return hidden_by(row["why"])


def hidden_by(limit: str) -> str:
    """Say which limit hides a number."""
    return say(HIDDEN[limit].template, least=disclosure().min_cell)


def every_row(rows: Rows) -> Rows:
    """Keep all rows."""
    return rows


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What is shown of rows that the gate let through, and how; it is handed nothing else.

    `role` is answer, figure, table or text. `say(rows, **choices)` gives the words, HTML already: of a figure `title`,
    `caption`, `alt`; of a table `title`, `html`, `note`; of a text `html`; of an answer `html` and `status`.
    `draw(rows, style, **choices)` gives the figure of rows that have something to show (`svg.picture` sees to that),
    `data(rows)` the table behind it where its rows are laid out in another way than all others. `keep(rows)` gives the
    rows that are shown: no other leaves. With `noted` the notes of the estimates come too, as `notes=`.
    A view of counts names in `people` the columns that count people; its rows are a frame of such counts, and labels.
    """

    role: str
    say: Callable[..., Words]
    draw: Callable[..., Figure] | None = None
    data: Callable[[Rows], str] | None = None
    keep: Callable[[Rows], Rows] = every_row
    noted: bool = False
    people: tuple[str, ...] | None = None
    flow: bool = False


def text_view(html: Callable[..., str]) -> View:
    """Make a function that writes HTML a view; it gets the notes if it takes them."""
    return View(role="text", say=lambda rows, **choices: {"html": html(rows, **choices)}, noted=_takes_notes(html))


def answer_view(answer: Callable[..., tuple[list[str], str]]) -> View:
    """Make a function that gives sentences and a status word a page's answer; it gets the notes if it takes them."""

    def say(rows: Rows, **choices: Any) -> Words:
        lines, status = answer(rows, **choices)
        return {"html": "<br>".join(map(escape, lines)), "status": status}

    return View(role="answer", say=say, noted=_takes_notes(answer))


def _takes_notes(words: Callable) -> bool:
    return "notes" in inspect.signature(words).parameters
