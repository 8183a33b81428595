"""What the registry holds and whether it can carry the questions: tables, people, courses, findings."""

from __future__ import annotations

import functools

import pandas as pd
from matplotlib.figure import Figure

from analysis.project import reference
from analysis.publishing.drawing.style import Style, ticks, write
from analysis.publishing.drawing.tables import (
    Cells,
    counts,
    figure_view,
    hidden_by,
    html_list,
    html_table,
    paragraph,
    pick,
    table_view,
)
from analysis.publishing.drawing.view import Rows, View, absent, answer_view, each, text_view
from analysis.registry.contract import TABLES
from analysis.registry.readiness import DOUBT
from analysis.words import Message, label, language, number, percent, say


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


@table_view(
    Message("Whom the rules let be sent and appointed"),
    Message("Rule | Lets through | Bars"),
    Message("People in service on the day of the page. A rule that is not known bars nobody."),
    people=("people", "barred"),
    flow=True,
)
def gates(rows: Rows) -> Cells:
    """Lay out how many people in service each rule lets be sent, and be appointed."""
    names = [f"{label(row['what'], 'rule_groups')}: {label(row['rule'], 'gates')}" for row in each(rows)]
    return [[name, *cells] for name, (_, _, *cells) in zip(names, counts(rows), strict=True)]


@text_view
def findings(rows: Rows) -> str:
    """Lay out what the registry's check found, without rows of people."""
    lines = []
    for row in each(rows):
        lines.append(f"{label(row['table'], 'tables')}: {row['what']}. {row['fix']}".removeprefix(": "))
    return html_list(lines) if lines else paragraph(say("No errors and no warnings."))


READY = {"yes": Message("yes"), "partly": Message("in part"), "no": Message("no")}
LEAVERS = Message("people who left")


@table_view(
    Message("Which questions these data can answer"),
    Message("Question | Can it be answered? | What is missing"),
    Message("In part: what is needed is filled in some rows, in fewer than nine of ten."),
    people=(),
)
def readiness(rows: Rows) -> Cells:
    """Lay out each question of the study, whether it can be answered, and what to collect next."""
    names = reference("questions.yml")
    return [
        [names[row["question"]]["name"][language()], READY[row["state"]].say(), _lacking(row["lacking"]) or "–"]
        for row in each(rows)
    ]


def _lacking(names: str) -> str:
    return "; ".join(LEAVERS.say() if name == "leavers" else column_words(name) for name in names.split())


def column_words(name: str) -> str:
    """Name a table, or a column with its table, in words."""
    table, _, column = name.partition(".")
    about = TABLES[table].column(column).about.say().partition(",")[0] if column else ""
    return label(table, "tables") + (f": {about.partition(';')[0]}" if column else "")


@table_view(
    Message("How full the columns are that questions need"),
    Message("Column | Rows with the value | Least full year | Fullest year | Blanks"),
    Message("By year of the rows' first date. Blanks that come and go with the years are not missing at random."),
)
def coverage(rows: Rows) -> Cells:
    """Lay out how full columns are, in all and by year, and whether blanks are spread evenly over the years."""
    cells = []
    for name, mine in pick(rows, estimand="rate").groupby("term", sort=False):
        whole = next(each(pick(mine, population="ALL")))
        years = mine[mine["population"].ne("ALL")].dropna(subset="estimate").sort_values("estimate")
        ends = [f"{percent(row['estimate'], 0)} ({row['population']})" for row in each(years.iloc[_ends(years)])]
        share = absent(whole) if pd.isna(whole["estimate"]) else percent(whole["estimate"], 0)
        tested = pick(rows, estimand="test", term=name)["p_value"].dropna()
        cells.append([column_words(str(name)), share, *(ends or ["–", "–"]), _evenness(tested)])
    return cells


@table_view(
    Message("How much the monthly series swing"),
    Message("Series | A month | Spread"),
    Message(
        "Spread: variance over mean of the months. About 1 comes by chance alone; far above it, one month tells little."
    ),
)
def volatility(rows: Rows) -> Cells:
    """Lay out each monthly series: events a month, and how much more than chance they swing."""
    names = [term.partition("[")[2].rstrip("]") for term in rows["term"] if term.startswith("a_month")]
    return [
        [label(name, "series"), *(_rate(rows, f"{what}[{name}]") for what in ("a_month", "spread"))] for name in names
    ]


def _rate(rows: Rows, term: str) -> str:
    row = next(each(pick(rows, term=term)))
    return absent(row) if pd.isna(row["estimate"]) else number(row["estimate"], 1)


def _ends(rows: Rows) -> list[int]:
    return [0, -1] if len(rows) else []


def _evenness(tested: pd.Series) -> str:
    if tested.empty:
        return "–"
    return say("uneven over the years") if tested.min() < DOUBT else say("no unevenness seen")


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
