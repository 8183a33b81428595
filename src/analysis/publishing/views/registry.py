"""What the registry holds and whether it can carry the questions: tables, people, courses, findings."""

from __future__ import annotations

import functools

from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ticks, write
from analysis.publishing.drawing.tables import (
    Cells,
    counts,
    figure_view,
    hidden_by,
    html_list,
    html_table,
    paragraph,
    table_view,
)
from analysis.publishing.drawing.view import Rows, View, answer_view, each, text_view
from analysis.words import Message, label, number, say


def _bars(rows: Rows, style: Style, *, listing: str) -> Figure:
    people = rows["people"].fillna(0)
    figure, axes = style.canvas(0.5 + 0.36 * len(rows))
    axes.barh(-rows.index, people, height=0.62, color="muted")
    for place, value in enumerate(people):
        text = number(value) if value else hidden_by("cover")
        write(axes, text, (value, -place), (3, 0), va="center")
    style.rows(axes, [label(code, listing) for code in rows[listing]])
    axes.set(xlim=(0, max(people.max(), 1) * (1.5 if style.narrow else 1.25)), xlabel=say("people"))
    ticks(axes.xaxis, number)
    axes.locator_params(axis="x", nbins=3 if style.narrow else 6)
    return figure


def _people_by(listing: str, title: Message, columns: Message, caption: Message) -> View:
    """Make the view of people by the codes of one column, as bars."""

    def cells(rows: Rows) -> Cells:
        return counts(rows[[listing, "people"]], **{listing: listing})

    draw = functools.partial(_bars, listing=listing)
    made = figure_view(
        draw, title, caption, data=lambda rows: html_table(columns.say(), cells(rows)), people=("people",)
    )
    return made(lambda rows: (None, [": ".join(row) for row in cells(rows)]))


staff = _people_by(
    "staff_kind",
    Message("Who is in service, by kind of staff"),
    Message("Kind of staff | People"),
    Message("People in service by kind of staff, rounded. Source: registry."),
)
ethnicity = _people_by(
    "ethnicity",
    Message("Who is in service, by ethnicity"),
    Message("Ethnicity | People"),
    Message("People in service, rounded; groups too small are not shown. Source: registry."),
)


@table_view(Message("Records and people in each table"), Message("Table | Records | People"), people=("rows", "people"))
def tables(rows: Rows) -> Cells:
    """Lay out how many records and people each table holds."""
    return counts(rows, table="tables")


@table_view(Message("People who started a course, by kind"), Message("Kind of course | People"), people=("people",))
def courses(rows: Rows) -> Cells:
    """Lay out how many people started a course of each kind."""
    return counts(rows, kind="training_kind")


@table_view(
    Message("From the registry to the people at risk"),
    Message("Step | People | Left out"),
    people=("people", "removed"),
    flow=True,
)
def flow(rows: Rows) -> Cells:
    """Lay out who is followed and who is not, step by step."""
    inner = rows.index.isin(rows.index[1:-1])  # a step that leaves nobody out is none
    cells = counts(rows.loc[~inner | rows["removed"].ne(0), ["said", "people", "removed"]])
    return [[*row, left if left != "0" else "–"] for *row, left in cells]


@text_view
def findings(rows: Rows) -> str:
    """Lay out what the registry's check found, without rows of people."""
    lines = []
    for row in each(rows):
        lines.append(f"{label(row['table'], 'tables')}: {row['what']}. {row['fix']}".removeprefix(": "))
    return html_list(lines) if lines else paragraph(say("No errors and no warnings."))


@answer_view
def answer(rows: Rows, *, synthetic: bool) -> tuple[list[str], str]:
    """Answer whether the registry can carry the questions."""
    errors, told = int(rows["severity"].eq("error").sum()), "; ".join(dict.fromkeys(map(str, rows["what"])))
    text = say("The registry can carry the questions: no error and no warning.")
    if errors:
        text = say("The registry breaks {errors:number} rules of its contract.", errors=errors)
    elif told:
        text = say("The registry can carry the questions: no error; to be kept in mind: {told}.", told=told)
    return [text + say(" All people in it are invented.") * synthetic], "missed" if errors else "usable"
