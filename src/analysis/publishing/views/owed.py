"""Who holds an office without what it asks for, who waits for a course, and what lecturers hold."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ticks, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    each_once,
    figure_view,
    html_list,
    html_table,
    only_value,
    paragraph,
    pick,
    table_view,
    value_of,
)
from analysis.publishing.drawing.view import Rows, answer_view, text_view
from analysis.publishing.views.needs import SOURCE, among, lay_cells, lay_wide, reasons_of, share
from analysis.words import Message, label, number, percent, say, span

STATES = {"held_verified": "has", "held": "studying", "unknown": "naive", "owed": "gap"}
HOLDINGS = ("master_up", "doctor", "theory[intermediate]", "theory[advanced]")


def _states(rows: Rows, style: Style) -> Figure:
    wide = lay_wide(rows, [*STATES], "population").fillna(0)
    figure, axes = style.canvas(1.0 + 0.42 * len(wide))
    left = pd.Series(0.0, index=wide.index)
    places = [-place for place in range(len(wide))]
    for state, color in STATES.items():
        axes.barh(places, wide[state], left=left, color=color, height=0.6, label=label(state))
        left += wide[state]
    for place, owed, end in zip(places, wide["owed"], left, strict=True):
        write(axes, number(owed) if owed else "", (end, place), (3, 0), "gap", va="center")
    style.rows(axes, [*wide.index])
    axes.set(xlim=(0, left.max() * 1.15), xlabel=say("people in these offices"))
    ticks(axes.xaxis, number)
    style.key(figure)
    return figure


@figure_view(
    _states,
    Message("Who holds an office without what it asks for"),
    Message(
        "By level of the office. Only appointments since the office asks for a level of political theory; the written "
        "number is of those who owe. Unknown is not owed: the file says neither. Groups under 10 are left out."
    ),
    SOURCE,
    keep=lambda rows: pick(among("office_level", "ALL")(rows), outcome="ALL"),
    data=lambda rows: html_table(
        say("Level of the office | Asked | Held and verified | Held | Unknown | Owed"),
        lay_cells(rows, "population", "asked", *STATES),
    ),
)
def owed(rows: Rows) -> Told:
    """Say who owes what the office asked for when they were appointed."""
    if lay_wide(rows, [*STATES], "population").empty:
        return None, []
    said = {term: value_of(pick(rows, population="ALL"), term, number) for term in ("asked", "owed", "unknown")}
    parts = [f"{row[0]}: {label('owed')} {row[-1]}" for row in lay_cells(rows, "population", *STATES)]
    return Message("Asked: {asked}; owing: {owed}; unknown: {unknown}", **said), parts


@table_view(
    Message("By requirement"),
    Message("Requirement | Asked | Held and verified | Held | Unknown | Owed | Months since appointment (median)"),
    keep=lambda rows: pick(rows, population="ALL"),
)
def requirements(rows: Rows) -> Cells:
    """Lay out each requirement: who was asked, who holds it, who owes it and for how long."""
    return lay_cells(
        pick(rows, term=["asked", *STATES, "owed_months"]), "outcome", "asked", *STATES, ("owed_months", number)
    )


@text_view
def appointed(rows: Rows, *, year: int, notes: Sequence[Message] = ()) -> str:
    """Say how many were appointed in the year while they owed what the office asked for."""
    whole = pick(rows, outcome="ALL", population="ALL")
    if whole["estimate"].isna().all():
        return html_list(
            each_once(notes) or [say("Not to be disclosed, or nothing that can be told from the registry.")]
        )
    said = {term: value_of(whole, term, number) for term in ("asked", "owed", "unknown")}
    return paragraph(
        say(
            "Appointments in {year} to an office that asked for a level: {asked}; made while it was owed: {owed}; "
            "unknown: {unknown}.",
            year=str(year),
            **said,
        )
    )


@table_view(
    Message("Planned for an office and without its level"),
    Message("Requirement | On the list | Owe it | Unknown | Completed it in 24 months | Months until all are trained"),
    Message(
        "Months at the pace of the last 24 months, if every seat went to the queue, by the rounded numbers: of those "
        "who owe it, and up to all who owe it or are unknown where these may be shown."
    ),
    keep=lambda rows: rows[rows["term"].ne("clears")],  # beside their heads exact months would give small counts back
)
def queue(rows: Rows) -> Cells:
    """Lay out the queue by requirement, and when it clears."""
    cells = lay_cells(rows, "outcome", "planned", "owed", "unknown", "trained")
    told = [one for name, one in rows.groupby("outcome", sort=False) if one["estimate"].notna().any() or name == "ALL"]
    return [[*row, _months(one)] for row, one in zip(cells, told, strict=True)]


def _months(one: Rows) -> str:
    owe, unknown, trained = (only_value(one, term) for term in ("owed", "unknown", "trained"))
    if owe is None or not trained:
        return value_of(one, "owed" if owe is None else "trained")
    ends = [number(24 * heads / trained, 1) for heads in (owe, owe + (unknown or 0))]
    return span(*ends) if unknown else ends[0]


def _holdings(rows: Rows, style: Style) -> Figure:
    wide = pick(rows, term=HOLDINGS).dropna(subset="estimate").set_index("term")
    figure, axes = style.canvas(0.8 + 0.42 * len(wide))
    axes.barh([-place for place in range(len(wide))], wide["estimate"] / wide["n"], color="has", height=0.6)
    style.rows(axes, [label(term) for term in wide.index])
    axes.set(xlim=(0, 1), xlabel=say("share of the lecturers"))
    ticks(axes.xaxis, percent)
    return figure


@figure_view(
    _holdings,
    Message("What lecturers hold"),
    Message("The highest level of theory on file. No target was found, so nothing is graded."),
    SOURCE,
    keep=lambda rows: pick(rows, term=HOLDINGS),
    data=lambda rows: html_table(say("What | People | Share"), _lecturers(rows)),
)
def holdings(rows: Rows) -> Told:
    """Say what share of the lecturers holds what."""
    return None, [": ".join(row[:2]) for row in _lecturers(rows.dropna(subset="estimate"))]


def _lecturers(rows: Rows) -> Cells:
    heads, cells = pick(rows, estimand="heads"), []
    for term, count, n in zip(heads["term"], heads["estimate"], heads["n"], strict=True):
        told = value_of(heads, term, number)
        part = "–" if term in ("lecturers", "assigned") else share(count / n) if pd.notna(count) else told
        cells.append([label(term), told, part])
    return cells


@table_view(
    Message("Lecturers: what they hold, attended, and what is known ahead"),
    Message("What | People or turns | Per lecturer"),
    Message(
        "Courses of three years back. Ahead: 24 months, by the expected end of courses and the known day of "
        "retirement; nothing is simulated, nobody new comes and nobody else leaves."
    ),
)
def lecturers(rows: Rows) -> Cells:
    """Lay out all that is counted of lecturers."""
    return _lecturers(rows)


@answer_view
def lecturers_answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer how many lecturers there are, of how many assigned, and how many hold a degree."""
    said = {term: value_of(rows, term, number) for term in ("lecturers", "assigned", "master_up")}
    if rows["estimate"].isna().all():
        return reasons_of(notes) or [say("Not to be disclosed.")], "not_assessable"
    text = say("Lecturers {lecturers}, posts assigned {assigned}, with a master or more {master_up}.", **said)
    return [text, say("No target for lecturers was found, so nothing is graded."), *reasons_of(notes)], "info"
