"""What dated events came with: people more or fewer than expected, the series, and dates on which nothing was."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, over_time, write
from analysis.publishing.drawing.tables import Cells, Told, figure_view, html_table, pick, table_view, value_of
from analysis.publishing.drawing.view import Rows, each
from analysis.words import Message, day, label, number, percent, say

WHY = {"not_separable": Message("not separable"), "not_assessable": Message("not assessable")}
NOTE = Message("Expected: the trend and season before, carried on for those at risk. 36 months, or to the next event.")
THOUSAND, FEWEST = 1000, 4  # person-months of a rate; quarters of a picture


def _pairs(rows: Rows) -> Iterator[tuple[list[str], Rows]]:
    """Give each event and series with its names and rows."""
    told = pick(rows, method="shock")
    for (event, series, since), mine in told.groupby(["population", "outcome", "date"], sort=False):
        name = say("{event:label.shocks} ({since:day})", event=event, since=since)
        yield [name, label(series, "variation")], mine


@table_view(
    Message("What dated events came with, in people"),
    Message("Event | What | Observed | Expected | More or fewer | At once, times the trend | Plain before and after"),
    NOTE,
)
def people(rows: Rows) -> Cells:
    """Lay out by event and series how many people there were, how many were expected, and the change at once."""
    cells = []
    for names, mine in _pairs(rows):
        why = next((words.say() for term, words in WHY.items() if (mine["term"] == term).any()), "")
        terms = ("observed", "expected", "difference", "level", "crude")
        told = ["–", "–", why, "–", "–"] if why else [value_of(mine, term) for term in terms]
        cells.append([*names, *told])
    return cells


def say_gap(row: pd.Series) -> str:
    """Say how many people more or fewer than expected there were, with the interval."""
    words = Message("{what}, from {since:day}: {gap:number} people more than expected ({low:number} to {high:number})")
    if row["estimate"] < 0:
        words = Message(
            "{what}, from {since:day}: {gap:number} people fewer than expected ({low:number} to {high:number})"
        )
    low, high = sorted([row["conf_low"], row["conf_high"]], key=abs)
    if low * high < 0:
        words = Message(
            "{what}, from {since:day}: no more than chance apart from the expected ({low:signed} to {high:signed})"
        )
        low, high = row["conf_low"], row["conf_high"]
    else:
        low, high = abs(low), abs(high)
    what = label(row["outcome"], "variation")
    return say(words.template, what=what, since=row["date"], gap=abs(row["estimate"]), low=low, high=high)


@table_view(
    Message("Dates on which nothing happened"),
    Message("Event | What | Dates at which a change is found all the same"),
    Message("Every date before the event is tried as if it were one; chance alone finds about 5 of 100."),
    keep=lambda rows: pick(rows, term="placebo"),
)
def placebos(rows: Rows) -> Cells:
    """Lay out how often a date without an event seems to be one."""
    return [[*names, value_of(mine, "placebo", percent, 0)] for names, mine in _pairs(rows)]


def _wide(rows: Rows) -> Rows:
    """Lay one series out a row a quarter, per 1,000 person-months."""
    told = pick(rows, method="series").pivot_table("estimate", "date", "term").reindex(columns=["observed", "expected"])
    return THOUSAND * told.dropna()


def _since(rows: Rows) -> pd.Timestamp:
    return pick(rows, method="shock")["date"].max()


def _lines(rows: Rows, style: Style) -> Figure:
    wide, since = _wide(rows), _since(rows)
    figure, axes = style.canvas(3.2, 3.4)
    axes.plot(wide.index, wide["expected"], color="muted", lw=1.4, ls=(0, (4, 3)), label=say("expected"))
    axes.plot(wide.index, wide["observed"], "o", ms=5, color="has", label=say("observed"))
    axes.axvline(since, color="target", lw=1)
    edge, top = pd.Timedelta(days=90), wide.to_numpy().max()
    first, last = wide.index.min() - edge, wide.index.max() + edge
    over_time(axes, (first, last), pd.date_range(first, last, freq="2YS"), "%Y")
    axes.set(ylim=(0, 1.2 * top), ylabel=say("per 1,000 person-months"))
    write(axes, day(since), (since, 1.12 * top), (-4, 0), "target", ha="right")
    style.key(figure)
    return figure


def _quarters(rows: Rows) -> str:
    cells = [
        [day(when), number(one["observed"], 2), number(one["expected"], 2)] for when, one in _wide(rows).iterrows()
    ]
    return html_table(say("Quarter that begins | Observed | Expected"), cells)


@figure_view(
    _lines,
    Message("What happened by quarter, and what was expected"),
    Message(
        "Dots: observed by quarter. Dashed: the trend and season before the event, carried on as if nothing had "
        "changed. Months in which it never happens, months left out and too small counts are not drawn."
    ),
    data=_quarters,
)
def series(rows: Rows) -> Told:
    """Say what was observed and expected of one series in the quarters from one event on."""
    wide, told = _wide(rows), pick(rows, method="shock")
    if len(wide) < FEWEST:
        return None, []
    title = next((say_gap(row) for row in each(pick(told, term="difference").dropna(subset="estimate"))), None)
    parts = [
        say("{when:day}: {seen:number.2} observed, {due:number.2} expected", when=when, seen=seen, due=due)
        for when, seen, due in wide[wide.index >= _since(rows).to_period("Q").start_time].itertuples()
    ]
    return title, parts or [str(told["date"].max().year)]
