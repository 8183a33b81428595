"""What became of those who were sent: states over months, rises, key posts, fields, service owed, costs, schools."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.heads import SOURCE, groups_of, named, write_heads
from analysis.publishing.drawing.style import Style
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
    row_of,
    table_view,
)
from analysis.publishing.drawing.view import NOT_ASSESSABLE, Rows, absent, answer_view, text_view
from analysis.publishing.views.trials import found, verdict_of
from analysis.words import Message, label, number, percent, say, span

COLOURS = {"higher": "gain", "completed": "has", "studying": "studying", "stopped": "naive", "left": "loss"}


@answer_view
def answer(rows: Rows, *, since: str, horizon: int = 36, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer what became of those who were sent, in people, and what the comparison with colleagues says."""
    told = pick(rows, method="count", population="ALL")
    value = functools.partial(only_value, told)
    if value("started") is None:
        return [say("What became of those who were sent cannot be told."), *each_once(notes)[:1]], "not_assessable"
    counts = {"started": write_heads(told, "ALL", "started")[0], "higher": write_heads(told, "ALL", "ever[higher]")[0]}
    parts = ("completed", "studying", "stopped", "left")
    counts |= dict(zip(parts, write_heads(rows, "course", *(f"course[{part}]" for part in parts)), strict=True))
    lines = [
        say(
            "Of {started} people who began a course from {since:day} on, {completed} have completed it, {studying} "
            "study still, {stopped} stopped, and {left} left the service before a result.",
            since=pd.Timestamp(since),
            **counts,
        ),
        say("{higher} of them were appointed to a higher post", **counts) + _half(value("to_higher[median]")),
        _beside(rows, horizon),
    ]
    return lines, "info"


def _half(months: float | None) -> str:
    return "." if months is None else say(", half of these within {months:number} months of the start.", months=months)


def _beside(rows: Rows, horizon: int) -> str:
    """Say what the comparison of like people found: shares of both arms, and the verdict."""
    risks = found(pick(rows, method="pooled_logistic", population="eligible", run="", time=horizon), "risk")
    verdict = label(verdict_of(rows), "verdicts")
    if len(risks) < 2:
        return say("Whether the course brought it is another question: {verdict}.", verdict=verdict)
    none, some = risks.sort_values("term")["estimate"]
    return say(
        "Whether the course brought it is another question. Of 100 who start, an estimated {some} rise within "
        "{horizon} months; of 100 colleagues alike who do not start, {none}. Verdict: {verdict}.",
        some=number(100 * some, 1),
        none=number(100 * none, 1),
        horizon=number(horizon),
        verdict=verdict,
    )


def _occupied(rows: Rows) -> Rows:
    return pick(rows, method="aalen_johansen", term=[*COLOURS])


def _wide(rows: Rows) -> Rows:
    wide = _occupied(rows).pivot_table("estimate", "time", "term", dropna=False).reindex(columns=[*COLOURS])
    return wide[wide.notna().any(axis=1)]


def _lines(rows: Rows, style: Style) -> Figure:
    wide = _wide(rows)
    figure, axes = style.canvas(3.6, 3.8)
    for term, color in COLOURS.items():
        line = wide[term].dropna()
        line = pd.concat([pd.Series({0: 1.0} if term == "studying" else {}, dtype="float64"), line])
        axes.plot(line.index, 100 * line, "o-", ms=3.5, color=color, label=label(f"{term}[short]", "placement"))
    last = int(wide.index.max())
    axes.set(ylim=(-2, 102), xlim=(0, last + 0.5), xticks=range(0, last + 1, 12))
    axes.set(xlabel=say("months since the start"), ylabel=say("% of those who started"))
    axes.grid(axis="y")
    style.key(figure)
    return figure


def _states_table(rows: Rows) -> str:
    """Lay out the states by months since the start."""
    cells = [
        [number(time), *(_share(one, term) for term in COLOURS)]
        for time, one in _occupied(rows).groupby("time")
        if time % 6 == 0
    ]
    return html_table(" | ".join([say("Months"), *map(named, COLOURS)]), cells)


def _share(rows: Rows, term: str) -> str:
    row = row_of(rows, term=term)
    return absent(row) if row is None or pd.isna(row["estimate"]) else percent(row["estimate"], 0)


@figure_view(
    _lines,
    Message("Where they are, month after month"),
    Message(
        "Share of all who started, by months since the start; who is followed for a shorter time counts for that time. "
        "A higher post counts before completion. Shares of too few people are not drawn."
    ),
    data=_states_table,
    keep=_occupied,
)
def states(rows: Rows) -> Told:
    """Say where those who started are at the last horizon that may be shown."""
    wide = _wide(rows)
    if wide.empty:
        return None, []
    last = (wide if (told := wide.dropna(thresh=2)).empty else told).index.max()
    parts = [f"{named(term)} {percent(value, 0)}" for term, value in wide.loc[last].dropna().items()]
    title = None
    if pd.notna(wide.loc[last, "higher"]):
        title = say(
            "{months:number} months after the start {share:percent.0} have been appointed to a higher post and serve",
            months=last,
            share=wide.loc[last, "higher"],
        )
    return title, [say("After {months:number} months: {parts}", months=last, parts=", ".join(parts))]


@text_view
def naive(rows: Rows, *, horizon: int = 36) -> str:
    """Set the share among those who completed beside that of all who started."""
    told = pick(rows, method="count", population="ALL")
    done, rose = only_value(told, "ever[completed]"), only_value(told, "ever[higher]")
    row = row_of(_occupied(rows), term="higher", time=horizon)
    if done is None or rose is None or row is None or pd.isna(row["estimate"]):
        return paragraph(NOT_ASSESSABLE.say())
    return paragraph(
        say(
            "People appointed divided by people who completed give {naive:percent.0}. Of all who started, "
            "{share:percent.1} have been appointed to a higher post and serve {horizon:number} months later ({span}).",
            naive=rose / done,
            horizon=horizon,
            share=row["estimate"],
            span=span(percent(row["conf_low"]), percent(row["conf_high"])),
        )
    )


RISES = ("ever[higher]", "ever[key]", "now[key]")
BANDS = ("grade_band[1-2]", "grade_band[3+]")
YEARS = ("started", "studying", "completed", "stopped", "higher", "left")


@table_view(Message("Those who started, by year of the start"), Message("Year of the start"), SOURCE, more=True)
def by_year(rows: Rows) -> Cells:
    """Lay out those who started by year, with their state on the day."""
    years = [group for group in groups_of(rows) if group.isdigit()]
    return [[named(term) for term in YEARS], *([year, *write_heads(rows, year, *YEARS)] for year in years)]


@text_view
def rises(rows: Rows) -> str:
    """Say how many rose, to which level, after how long, and who took a key post."""
    told = pick(rows, method="count", population="ALL")
    terms = [one for one in RISES if one in set(told["term"])]
    lines = [f"{named(term)}: {cell}" for term, cell in zip(terms, write_heads(told, "ALL", *terms), strict=True)]
    bands = [f"{named(band)}: {cell}" for band, cell in zip(BANDS, write_heads(rows, "risen", *BANDS), strict=True)]
    lines[1:1] = bands
    waits = [only_value(told, f"to_higher[{one}]") for one in ("lower", "median", "upper")]
    if None not in waits:
        low, middle, high = (number(one or 0) for one in waits)
        lines.append(
            say(
                "Months from the start to the higher post: a quarter within {low}, half within {middle}, three "
                "quarters within {high}.",
                low=low,
                middle=middle,
                high=high,
            )
        )
    return html_list(lines)
