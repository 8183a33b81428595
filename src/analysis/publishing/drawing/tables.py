"""Rows -> words and tables that all questions share: labels, reader's numbers, the reason where one is hidden."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import NOTHING
from analysis.publishing.drawing.view import (
    HIDDEN,
    NOT_ASSESSABLE,
    Rows,
    View,
    Words,
    absent,
    each,
    each_target,
    hidden_by,
    text_view,
)
from analysis.reference import targets
from analysis.words import Message, day, interval, label, number, percent, points, say, signed, span

Cells = list[list[str]]
Told = tuple[Any, ...]
LONG = 100
REPEATED = 3  # more rows than that which nothing tells apart are told by their ends
NUMBER = re.compile(r"[~≈<>≤≥±+\-−–]?\s?[(\[]?\d(?:[\d\s.,%:;/()\[\]–−+±-]|từ|đến|to)*(?: [✓✗])?|[–—-]|")
HEADS = {
    "outcome": Message("Target"),
    "name": Message("Term"),
    "estimand": Message("Quantity"),
    "method": Message("Method"),
    "population": Message("Group"),
    "date": Message("Date"),
    "time": Message("Months"),
    "conf_level": Message("Interval"),
}
QUANTITIES = {
    "risk": Message("share"),
    "risk_difference": Message("difference"),
    "risk_ratio": Message("ratio"),
    "heads": Message("people"),
    "attainment": Message("share"),
    "probability": Message("chance"),
}
KEYS: dict[str, Callable[[Any], str]] = {
    "outcome": lambda code: label(code, "outcomes"),
    "estimand": lambda code: str(QUANTITIES.get(code, "")),
    "method": lambda code: "" if label(code, "methods") == code else label(code, "methods"),
    "population": lambda code: "" if label(code, "populations") == code else label(code, "populations"),
    "date": day,
    "time": number,
    "conf_level": lambda level: percent(level, 0),
}
PARTS = ("risk_difference", "points")  # written in percentage points
SHARES = ("attainment", "risk", "probability")


def html_table(columns: str, cells: Cells) -> str:
    """Lay out cells as an HTML table; `columns` are its headings with bars between them.

    The first column heads its rows; the other cells carry their heading for phones, and numbers are aligned. Rows of
    which nothing may be shown are named in a sentence beneath, where there are several.
    """
    names, hidden = escape(columns).split(" | "), {*map(hidden_by, HIDDEN), NOT_ASSESSABLE.say()}
    valued = [all(NUMBER.fullmatch(cell) or cell in hidden for cell in column) for column in zip(*cells, strict=True)]
    kinds = [' class="num"' if place and cells and valued[place] else "" for place in range(len(names))]
    cells, beneath = _without_hidden(cells, valued, hidden, columns.split(" | ")[0])
    if beneath and not cells:
        return beneath
    head = "".join(f'<th scope="col"{kind}>{name}</th>' for name, kind in zip(names, kinds, strict=True))
    body = ""
    for first, *others in cells:
        rest = zip(names[1:], kinds[1:], others, strict=True)
        shown = "".join(f'<td data-label="{name}"{kind}>{escape(cell)}</td>' for name, kind, cell in rest)
        body += f'<tr><th scope="row">{escape(first)}</th>{shown}</tr>'
    return f'<table class="cards"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>' + beneath


def _without_hidden(cells: Cells, valued: list[bool], hidden: set[str], first: str) -> tuple[Cells, str]:
    """Take out the rows whose every number is hidden, if there are several; give the others, and who they were."""
    of_reason: dict[str, list[str]] = {}
    kept = []
    for row in cells:
        words = [cell for place, cell in enumerate(row) if not (place and valued[place])]
        numbers = dict.fromkeys(cell for place, cell in enumerate(row) if place and valued[place] and cell)
        if numbers and set(numbers) <= hidden:
            of_reason.setdefault(", ".join(numbers), []).append(" · ".join(words))
        else:
            kept.append(row)
    if len(cells) - len(kept) < 2:
        return cells, ""
    named = f"{first} " * valued[0]  # rows that a number heads
    said = (f"{reason[0].upper()}{reason[1:]}: {named}{'; '.join(names)}." for reason, names in of_reason.items())
    return kept, "".join(map(paragraph, said))


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


def compared(rows: Rows) -> Rows:
    """Lay heads out a row a target: those of the last day beside those of the first, `then_...`."""
    wide = heads_of(rows)
    if wide.empty:
        return wide
    now, then = (wide[wide["date"] == day] for day in (wide["date"].max(), wide["date"].min()))
    both = now[now["members"] > 0].join(then.set_index("outcome").add_prefix("then_"), on="outcome")
    return both.reset_index(drop=True)


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


def written(row: pd.Series | None) -> str:
    """Write a row's number in its own unit, its interval behind it; or why there is none."""
    if row is None or pd.isna(row["estimate"]):
        return absent(row)
    text, ends = number(row["estimate"], 2), interval(row)
    if row["estimand"] in PARTS:
        text, ends = points(row["estimate"]), points_span(row)
    elif row["estimand"] in SHARES:
        text, ends = percent(row["estimate"]), span(percent(row["conf_low"]), percent(row["conf_high"]))
    elif row["estimand"] == "heads":
        text, ends = number(row["estimate"], int(row["estimate"] % 1 > 0)), interval(row, 0)
    return f"{text} ({ends})" if pd.notna(row["conf_low"]) else text


def value_of(rows: Rows, term: str, write: Callable[..., str] | None = None, *digits: int) -> str:
    """Write the one value of a term, in its own unit with its interval or as asked; or why there is none."""
    row = row_of(rows, term=term)
    return told_of(row, write, *digits) if write else written(row)


def row_of(rows: Rows, **asked: Any) -> pd.Series | None:
    """Give the first row with a value, or one of several, in each of the columns named; none where there is none."""
    return next(each(pick(rows, **asked)), None)


def told_of(row: pd.Series | None, write: Callable[..., str], *digits: int) -> str:
    """Write a row's number as asked, or why there is none."""
    return absent(row) if row is None or pd.isna(row["estimate"]) else write(row["estimate"], *digits)


def by_target(rows: Rows, *terms: str | tuple) -> Cells:
    """Lay out one row a target, one column a term; a term may come with how `value_of` writes it."""
    asked = [(term,) if isinstance(term, str) else term for term in terms]
    return [[name, *(value_of(one, *column) for column in asked)] for name, one in each_target(rows)]


def only_value(rows: Rows, term: str) -> float | None:
    """Give the one value of a term, None where it is not shown."""
    return next(iter(pick(rows, term=term)["estimate"].dropna()), None)


def rows_html(rows: Rows) -> str:
    """Lay out any rows as the data table behind a figure, with each column that tells rows apart.

    Of a long history the last day of each year of each line stands; of many draws of one name, how many are shown and
    their ends.
    """
    rows = rows[~rows["estimand"].isin(["check", "verdict"])]
    names = pd.DataFrame({column: rows[column].map(write) for column, write in KEYS.items()}, dtype="object")
    names.insert(1, "name", [name_of(row) for row in each(rows)])
    if len(rows) > LONG and rows["date"].notna().any():
        line = [names[column] for column in names if column != "date"]
        rows = rows[rows["date"] == rows.groupby([*line, rows["date"].dt.year])["date"].transform("max")]
        names = names.loc[rows.index]
    names = names.loc[:, [column == "name" or len(names[column].unique()) > 1 for column in names]]
    cells = []
    for key, one in rows.groupby([names[column].to_numpy() for column in names], sort=False, dropna=False):
        told = one["estimate"].notna()
        values = [written(row) for row in each(one[told])]
        if len(values) > REPEATED:
            low, high = (written(pick(one, estimate=one["estimate"].agg(end)).iloc[0]) for end in ("min", "max"))
            values = [say("{count:number} values, from {low} to {high}", count=len(values), low=low, high=high)]
        cells += [[*key, value] for value in [*values, *dict.fromkeys(map(absent, each(one[~told])))]]
    return html_table(" | ".join([*(HEADS[column].say() for column in names), say("Estimate")]), cells)


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
    """Write a frame of labels and counts: codes of the listed columns as words, hidden counts with their reason."""
    for column, listing in listings.items():
        rows = rows.assign(**{column: [label(code, listing) for code in rows[column]]})
    return [[_count(cell) for cell in row] for row in rows.itertuples(index=False)]


def _count(cell: object) -> str:
    return (number(cell) or hidden_by("cover")) if isinstance(cell, int | float) else str(cell)


def _notes(rows: Rows, *, notes: Sequence[Message] = ()) -> str:
    """Say the sentences that must travel with the numbers, each once; a plain one where there is none."""
    return html_list(each_once(notes) or [say("Nothing stands in the way of the reading above.")])


def each_once(notes: Sequence[Message]) -> list[str]:
    """Say each of some sentences once."""
    return list(dict.fromkeys(note.say() for note in notes))


notes = replace(text_view(_notes), keep=lambda rows: rows.iloc[:0])
