"""Rows -> words and tables that all questions share: labels, reader's numbers, `few` where a count was hidden."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.views.style import NOTHING
from analysis.publishing.views.view import Rows, View, Words, each, each_target, text_view
from analysis.reference import targets
from analysis.words import Message, day, interval, label, number, percent, points, say, signed, span

Cells = list[list[str]]
Told = tuple[Any, ...]
FEW = Message("‹few›")
NOT_ASSESSABLE = Message("not assessable")
LONG = 100
NUMBER = re.compile(r"[~≈<>≤≥±+\-−–]?\s?[(\[]?\d(?:[\d\s.,%:;/()\[\]–−+±-]|đến|to)*|[–—-]|‹[^›]*›|")
PARTS = ("risk_difference", "points")  # written in percentage points
SHARES = ("attainment", "risk", "probability")


def html_table(columns: str, cells: Cells) -> str:
    """Lay out cells as an HTML table; `columns` are its headings with bars between them.

    The first column heads its rows; the other cells carry their heading for phones, and numbers are aligned.
    """
    names = escape(columns).split(" | ")
    kinds = [
        ' class="num"' if place and cells and all(NUMBER.fullmatch(cell) for cell in column) else ""
        for place, column in enumerate(zip(*cells, strict=True) if cells else names)
    ]
    head = "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in zip(names, kinds, strict=True))
    body = ""
    for first, *others in cells:
        rest = zip(names[1:], kinds[1:], others, strict=True)
        shown = "".join(f'<td data-label="{name}"{kind}>{escape(cell)}</td>' for name, kind, cell in rest)
        body += f'<tr><th scope="row">{escape(first)}</th>{shown}</tr>'
    return f'<table class="cards"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def table_view(
    title: Message, columns: Message, note: Message | str = "", *, more: bool = False, **kind: Any
) -> Callable[..., View]:
    """Make a function that gives cells, written already, a view; `columns` has bars between the headings.

    With `more` the first row of the cells has further headings, which depend on rows or choices.
    """

    def made(cells_of: Callable[..., Cells]) -> View:
        def words(rows: Rows, **choices: Any) -> Words:
            cells = cells_of(rows, **choices)
            names = [columns.say(), *(cells.pop(0) if more else ())]
            return {"title": title.say(), "html": html_table(" | ".join(names), cells), "note": str(note)}

        return View(role="table", say=words, **kind)

    return made


def figure_view(draw: Callable[..., Figure], title: Message, *caption: Message, **kind: Any) -> Callable[..., View]:
    """Make a function that tells a figure a view, together with what draws it.

    It gives a title, the parts of the text alternative, and what the caption says beyond `caption`. Where it gives no
    title `title` stands, and where it gives no parts nothing can be shown.
    """

    def made(told: Callable[..., Told]) -> View:
        def words(rows: Rows, **choices: Any) -> Words:
            better, parts, *more = told(rows, **choices)
            alt = "; ".join(parts) + "." if parts else NOTHING.say()
            beneath = filter(None, map(str, [*caption, *more]))
            return {"title": str(better if better and parts else title), "alt": alt, "caption": " ".join(beneath)}

        return View(role="figure", say=words, draw=draw, **kind)

    return made


def html_list(lines: Iterable[str], head: str = "") -> str:
    """Lay out sentences as a list, under a sentence of its own if one is given."""
    return paragraph(head) * bool(head) + "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def paragraph(text: str) -> str:
    """Lay out a sentence as a paragraph."""
    return f"<p>{escape(text)}</p>"


def pick(rows: Rows, **asked: Any) -> Rows:
    """Give the rows with a value, or one of several, in each of the columns named."""
    for column, value in asked.items():
        rows = rows[rows[column].isin([value] if pd.api.types.is_scalar(value) else [*value])]
    return rows


def heads_of(rows: Rows) -> Rows:
    """Lay `heads` rows out as one row a target and day, one column a term."""
    heads = pick(rows, estimand="heads").astype({"estimate": "float64"})
    wide = heads.pivot_table(index=["outcome", "date"], columns="term", values="estimate", dropna=False)
    return wide.reset_index()


def goal_of(target: str) -> float:
    """Give the share that a target asks for."""
    return targets()[target].share


def of_groups_told(rows: Rows, how: str, *by: str) -> Rows:
    """Give the rows of the groups by these columns of which `any` number, or `all`, may be shown."""
    return rows[rows["estimate"].notna().groupby([rows[name] for name in by]).transform(how)]


def name_of(row: pd.Series) -> str:
    """Name a row by its term, and by its run where that tells it from another."""
    run = label(row["run"], "scenarios" if row["method"] == "stock_flow" else "runs")
    if run and row["estimand"] == "risk_difference":
        return run
    return label(row["term"]) + (f" ({run})" if run else "")


def points_span(row: pd.Series) -> str:
    """Write the interval of a difference in percentage points, the unit left out."""
    return span(signed(100 * row["conf_low"], 1), signed(100 * row["conf_high"], 1))


def written(row: pd.Series) -> str:
    """Write a row's number in its own unit, its interval behind it; or why there is none."""
    if pd.isna(row["estimate"]):
        return absent(row)
    text, ends = number(row["estimate"], 2), interval(row)
    if row["estimand"] in PARTS:
        text, ends = points(row["estimate"]), points_span(row)
    elif row["estimand"] in SHARES:
        text, ends = percent(row["estimate"]), span(percent(row["conf_low"]), percent(row["conf_high"]))
    elif row["estimand"] == "heads":
        text, ends = number(row["estimate"], int(row["estimate"] % 1 > 0)), interval(row, 0)
    return f"{text} ({ends})" if pd.notna(row["conf_low"]) else text


def absent(row: pd.Series | None) -> str:
    """Say why a row shows no number: too few people, or nothing that could be computed."""
    hidden = row is not None and row["suppressed"] and row.get("computed", True)
    return (FEW if hidden else NOT_ASSESSABLE).say()


def value_of(rows: Rows, term: str, write: Callable[..., str] | None = None, *digits: int) -> str:
    """Write the one value of a term, in its own unit with its interval or as asked; or why there is none."""
    row = next(each(pick(rows, term=term)), None)
    if row is None or pd.isna(row["estimate"]):
        return absent(row)
    return write(row["estimate"], *digits) if write else written(row)


def by_target(rows: Rows, *terms: str | tuple) -> Cells:
    """Lay out one row a target, one column a term; a term may come with how `value_of` writes it."""
    asked = [(term,) if isinstance(term, str) else term for term in terms]
    return [[name, *(value_of(one, *column) for column in asked)] for name, one in each_target(rows)]


def only_value(rows: Rows, term: str) -> float | None:
    """Give the one value of a term, None where it is not shown."""
    return next(iter(pick(rows, term=term)["estimate"].dropna()), None)


def rows_html(rows: Rows) -> str:
    """Lay out any rows as the data table behind a figure; of a long history the last day of each year."""
    dated = rows["date"].notna().any()
    if len(rows) > LONG and dated:
        rows = rows[rows["date"] == rows.groupby(rows["date"].dt.year)["date"].transform("max")]
    timed, known = len(set(rows["time"].dropna())) > 1, targets()
    cells = []
    for row in each(rows):
        name = f"{row['outcome']} · " * (row["outcome"] in known) + name_of(row)
        when = [day(row["date"])] if dated else [number(row["time"])] if timed else []
        cells.append([name, *when, written(row)])
    head = say("Date | ") if dated else say("Months | ") if timed else ""
    return html_table(say("Term | {when}Estimate", when=head), cells)


def each_row_said(
    wide: Rows, write: Callable[..., str], digits: int, *, rows: str = "terms", columns: str = "terms"
) -> list[str]:
    """Say a table row by row: the row's name, then each number after its column's; names are codes of listings."""
    return [
        f"{label(name, rows)}: "
        + ", ".join(f"{label(column, columns)} {write(value, digits)}" for column, value in one.dropna().items())
        for name, one in wide.iterrows()
    ]


def counts(rows: Rows, **listings: str) -> Cells:
    """Write a frame of labels and counts: codes of the listed columns as words, hidden counts as `few`."""
    for column, listing in listings.items():
        rows = rows.assign(**{column: [label(code, listing) for code in rows[column]]})
    return [[_count(cell) for cell in row] for row in rows.itertuples(index=False)]


def _count(cell: object) -> str:
    return (number(cell) or FEW.say()) if isinstance(cell, int | float) else str(cell)


def _notes(rows: Rows, *, notes: Sequence[Message] = ()) -> str:
    """Say the sentences that must travel with the numbers, each once; a plain one where there is none."""
    return html_list(each_once(notes) or [say("Nothing stands in the way of the reading above.")])


def each_once(notes: Sequence[Message]) -> list[str]:
    """Say each of some sentences once."""
    return list(dict.fromkeys(note.say() for note in notes))


notes = replace(text_view(_notes), keep=lambda rows: rows.iloc[:0])
