"""What was needed, planned and done in a year: counts beside each other, and why one is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ticks
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
from analysis.words import Message, label, number, percent, say, signed, span

LISTS = {"level": "course_level", "staff_level": "unit_level", "office_level": "unit_level",
         "political_theory": "award_level", "postgraduate": "course_level"}  # fmt: skip
RATES = {"turns_a_seat": "naive", "filled": "has"}
SOURCE = Message("Source: personnel registry; counts rounded, those under 10 hidden.")


def named(code: str) -> str:
    """Give the words of a cell: a kind, or what stands in brackets behind a column or kind."""
    group, _, value = code.rstrip("]").partition("[")
    if not value:
        return say("all") if group == "ALL" else label(group, "training_kind")
    name = label(value, LISTS.get(group, group)) if group != "planned" else label(code)
    return (
        f"{label(group, 'training_kind')}: {name[0].lower()}{name[1:]}"
        if label(group, "training_kind") != group
        else name
    )


def millions(amount: float) -> str:
    """Write a sum in million VND."""
    return number(amount / 1e6)


def share(value: float) -> str:
    """Write a rate as a whole percentage."""
    return percent(value, 0)


def lay_cells(rows: Rows, by: str, *terms: str | tuple) -> Cells:
    """Lay out one row a cell of a column, one column a term, with how it is written."""
    asked = [(term, number) if isinstance(term, str) else term for term in terms]
    return [
        [named(str(name)), *(value_of(one, *column) for column in asked)]
        for name, one in rows.groupby(by, sort=False)
        if one["estimate"].notna().any() or name == "ALL"
    ]


def _kinds(rows: Rows) -> Rows:
    return pick(rows, population="ALL")


def among(*groups: str) -> Callable[[Rows], Rows]:
    """Give what keeps the rows of cells of some columns."""
    return lambda rows: rows[rows["population"].str.split("[").str[0].isin(groups)]


def lay_wide(rows: Rows, terms: Sequence[str], by: str) -> Rows:
    """Lay rows out a row a cell with some number, named, a column a term, in the order of the rows."""
    shown = pick(rows, term=[*terms])
    wide = shown.pivot_table("estimate", by, "term", sort=False).reindex(columns=[*terms])
    return wide.dropna(how="all").rename(index=named)


def _rates(rows: Rows, style: Style) -> Figure:
    wide = lay_wide(rows, [*RATES], "outcome")
    figure, axes = style.spread(wide, RATES)
    axes.set(xlim=(0, max(1.05, wide.max().max() * 1.05)), xlabel=say("share of the seats planned"))
    ticks(axes.xaxis, percent)
    return figure


@figure_view(
    _rates,
    Message("How much of the plan was used"),
    Message(
        "Hollow: turns begun over seats, whoever sat where. Solid: seats of each planned line that were taken, at most "
        "its own."
    ),
    SOURCE,
    keep=lambda rows: pick(_kinds(rows), term=RATES),
    data=lambda rows: html_table(
        say("Kind of course | Turns over seats | Seats taken by line"),
        lay_cells(rows, "outcome", ("turns_a_seat", share), ("filled", share)),
    ),
)
def rates(rows: Rows) -> Told:
    """Say how much of the plan was used, by the raw count and line by line."""
    whole = pick(rows, outcome="ALL")
    raw, lines = (only_value(whole, term) for term in RATES)
    parts = [f"{row[0]}: {span(*row[1:])}" for row in lay_cells(rows, "outcome", *((term, share) for term in RATES))]
    if raw is None or lines is None:
        return None, []
    return Message(
        "{raw:percent.0} of the seats by the raw count, {lines:percent.0} line by line", raw=raw, lines=lines
    ), parts


@table_view(
    Message("Needed, planned, done"),
    Message(
        "Kind of course | Needed | Seats | Turns begun | People who began | Of them completed | Completed in the year"
    ),
    Message(
        "Turns are courses begun: who began two is two turns and one person. The last column counts whenever begun."
    ),
    keep=_kinds,
)
def plan(rows: Rows) -> Cells:
    """Lay out needs, seats, and turns and people by kind of course."""
    return lay_cells(
        rows, "outcome", "needs", "seats", "started_turns", "started_people", "finished_people", "completed_people"
    )


@table_view(
    Message("Classes and money"),
    Message(
        "Kind of course | Classes planned | Classes begun | Planned (million VND) | Cost of what began (million VND)"
    ),
    Message("A course without a cost on file is not in the sum."),
    keep=_kinds,
)
def money(rows: Rows) -> Cells:
    """Lay out classes and sums by kind of course."""
    return lay_cells(rows, "outcome", "planned_classes", "classes", ("budget", millions), ("cost", millions))


@table_view(
    Message("By level of the course, and by field"),
    Message("Level or field | Needed | Seats | Nominated | Turns begun | Seats taken by line"),
    Message("A nomination is counted where its day is on file."),
    keep=among("level", "field"),
)
def levels(rows: Rows) -> Cells:
    """Lay out levels and fields: what was needed, planned, nominated and begun."""
    level = rows["population"].str.startswith("level")
    names = rows["population"].mask(level, rows["outcome"] + rows["population"].str.removeprefix("level"))
    rows = rows.assign(population=names)
    terms = ("needs", "seats", "nominated_people", "started_turns", ("filled", share))
    return [row for part in (rows[level], rows[~level]) for row in lay_cells(part, "population", *terms)]


@table_view(
    Message("By level of staff"),
    Message("Level | Seats | Turns begun | People who began | Of them completed | Seats taken by line"),
    keep=among("staff_level"),
)
def staff(rows: Rows) -> Cells:
    """Lay out seats, turns and people by the level of staff."""
    return lay_cells(
        rows, "population", "seats", "started_turns", "started_people", "finished_people", ("filled", share)
    )


@table_view(
    Message("Who paid, how it was taught, and who was on a planning list"),
    Message("Group | Turns begun | People who began | Of them completed | Completed in the year | Cost (million VND)"),
    Message("The plan does not say who pays or how it is taught, so there are no seats to hold these against."),
    keep=among("funder", "mode", "planned"),
)
def groups(rows: Rows) -> Cells:
    """Lay out turns and people by funder, mode, and on a planning list or not."""
    terms = ("started_turns", "started_people", "finished_people", "completed_people", ("cost", millions))
    return lay_cells(rows, "population", *terms)


@text_view
def empty(rows: Rows) -> str:
    """Say how many seats stood on lines that nobody began, and of which kinds."""
    told = pick(_kinds(rows), term="empty")
    whole, kinds = pick(told, outcome="ALL"), told[told["outcome"].ne("ALL") & told["estimate"].notna()]
    lines = [f"{named(kind)}: {number(seats)}" for kind, seats in zip(kinds["outcome"], kinds["estimate"], strict=True)]
    return html_list(
        lines, say("Seats on planned lines that nobody began: {seats}.", seats=value_of(whole, "empty", number))
    )


NOTE = Message("In the registry the parts add up; here each number is rounded alone, and sums may be off by a few.")


@table_view(
    Message("Completed in the year, as form 10 lays it out: people"),
    Message("Programme | In all (3) | Province (4) | Leaders (5) | District (6) | Leaders (7) | Commune (8)"),
    NOTE,
)
def form(rows: Rows) -> Cells:
    """Lay out people by programme and level: 3 = 4 + 6 + 8."""
    province, district, commune = (f"staff_level[{level}]" for level in ("province", "district", "commune"))
    both = [(level, term) for level in (province, district) for term in ("trained", "leaders")]
    return _by_place(rows, ("ALL", "trained"), *both, (commune, "trained"))


@table_view(
    Message("Completed in the year, as form 10 lays it out: classes"),
    Message("Programme | Classes (9) | Opened by the province (10) | Opened by a district (11)"),
    NOTE,
)
def classes(rows: Rows) -> Cells:
    """Lay out classes by programme: 9 = 10 + 11."""
    return _by_place(rows, *((place, "classes") for place in ("ALL", "opened[province]", "opened[district]")))


def _by_place(rows: Rows, *asked: tuple[str, str]) -> Cells:
    return [
        [named(str(name)), *(value_of(pick(one, population=place), term, number) for place, term in asked)]
        for name, one in rows.groupby("outcome", sort=False)
    ]


@text_view
def online(rows: Rows) -> str:
    """Say how many completed online and in class, and the difference with its interval."""
    by = rows.set_index("term")
    if by["estimate"].isna().any():
        return paragraph(say("Online against class: not to be disclosed, or not assessable."))
    gap = 100 * by.loc["online_less_class", ["estimate", "conf_low", "conf_high"]].astype("float64")
    said = {"online": by.loc["online", "estimate"], "there": by.loc["class", "estimate"], "gap": signed(gap.iloc[0], 1)}
    return paragraph(
        say(
            "Completed in time: {online:percent.0} online, {there:percent.0} in class of the same kinds and lengths; "
            "difference {gap} percentage points ({low} to {high}).",
            low=signed(gap.iloc[1], 1),
            high=signed(gap.iloc[2], 1),
            **said,
        )
    )


def reasons_of(notes: Sequence[Message]) -> list[str]:
    """Say what is not assessable, each once."""
    return each_once([note for note in notes if "assessable" in note.template])


@answer_view
def answer(rows: Rows, *, year: int, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer what was done of the plan of the year, and who owes what the office asks for."""
    whole = pick(rows, outcome="ALL", population="ALL")
    terms = ("seats", "started_turns", "started_people", "finished_people", "asked", "owed")
    said = {term: value_of(whole, term, number) for term in terms}
    lines = [
        say(
            "{year}: seats planned {seats}, turns begun {started_turns}, people who began {started_people}, of them "
            "completed so far {finished_people}.",
            year=str(year),
            **said,
        ),
        say("Offices that asked for a level of theory: holders {asked}, owing it by the file {owed}.", **said),
    ]
    known = whole["estimate"].notna().any()
    return [*lines, *reasons_of(notes)], "info" if known else "not_assessable"
