"""How the sent are chosen: what either rule would flag, kinds of course, planning lists, and what was begun."""

from __future__ import annotations

import pandas as pd

from analysis.publishing.drawing.tables import Cells, html_list, only_value, pick, row_of, table_view, value_of, written
from analysis.publishing.drawing.view import NOT_ASSESSABLE, Rows, absent, each, text_view
from analysis.publishing.views.equity.access import ASKED, flag, named, rate_of
from analysis.words import Message, label, number, percent, say


@table_view(
    Message("Is it a gap that matters? Two keys, and the four-fifths rule alone"),
    Message("Group | Like with like | Chance that it is below 0.8 | Four-fifths rule alone | Both keys"),
    Message(
        "Both keys: a ratio below 0.8, a chance of at least 80% that it is, and two people short. The rule alone, "
        "applied to plain rates, cries in small groups without any gap."
    ),
)
def flags(rows: Rows) -> Cells:
    """Lay out which groups either rule would flag, in nominations."""
    cells = []
    for group in (group for group in ASKED if group in set(rows["population"])):
        mine = pick(rows, population=group, outcome="nominated")
        ratio, below = row_of(mine, term="standardised"), row_of(mine, term="below[0.8]")
        if ratio is not None and below is not None and pd.notna(ratio["estimate"]):
            signs = [value_of(mine, rule, flag) for rule in ("four_fifths", "two_keys")]
            cells.append([named(group), written(ratio), percent(below["estimate"], 0), *signs])
    return cells


@table_view(
    Message("Every kind of course: started, like with like"),
    Message("Kind of course"),
    Message("Starts per month in which no known rule bars it, times those of the reference in like posts."),
    more=True,
)
def kinds(rows: Rows) -> Cells:
    """Lay out the standardised ratio of starts by kind of course and group."""
    ratios = pick(rows, estimand="risk_ratio", term="standardised")
    groups = list(dict.fromkeys(ratios["population"]))
    body = [
        [label(kind, "training_kind"), *(written(row_of(ratios, population=group, outcome=kind)) for group in groups)]
        for kind in dict.fromkeys(ratios["outcome"])
    ]
    return [[f"{named(group)} / {named(f'reference[{group}]')}" for group in groups], *body]


@text_view
def inside(rows: Rows, *, start: str) -> str:
    """Say how many of the named were on a planning list, how many listed were named, and how even courses are."""
    texts = {
        "planned": Message("{share:percent.0} of those named were on a planning list then."),
        "barred": Message(
            "{share:percent.0} of those named were so in a month in which a known rule forbids it: they count in no "
            "rate."
        ),
        "named": Message("{share:percent.0} of those entering a list were named within 24 months."),
        "top_tenth": Message(
            "A tenth of those in service had {share:percent.0} of all days of courses since {start:day}."
        ),
        "none": Message("{share:percent.0} of those in service attended no course of any kind since {start:day}."),
    }
    told = {name: only_value(pick(rows, population="ALL"), name) for name in texts}
    said = [
        say(text.template, share=told[name], start=pd.Timestamp(start))
        for name, text in texts.items()
        if told[name] is not None
    ]
    return html_list(said or [NOT_ASSESSABLE.say()])


@table_view(Message("Named from the planning list, by year"), Message("Year | Share on a planning list | People named"))
def by_year(rows: Rows) -> Cells:
    """Lay out the share of the named that was on a list, year by year."""
    years = pick(rows, term="planned")
    years = years[years["population"] != "ALL"]
    return [[row["population"], rate_of(row), number(row["n"]) or absent(row)] for row in each(years)]


@table_view(Message("Named per 1,000 months in which the rules allow it"), Message("Of | Named"))
def places(rows: Rows) -> Cells:
    """Lay out how often people are named by kind of body and of staff."""
    return [[label(row["population"]), rate_of(row)] for row in each(pick(rows, term="named_a_1000_months"))]


@table_view(Message("What they began: mode, who pays, field"), Message("Courses begun"), more=True)
def courses(rows: Rows, *, group: str) -> Cells:
    """Lay out what the starts of a group were, beside those of its reference."""
    sides = (group, f"reference[{group}]")
    begun = pick(rows, population=[*sides], estimand="risk")
    body = []
    for term in dict.fromkeys(begun["term"]):
        listing, word = term.rstrip("]").split("[")
        body.append([label(word, listing), *(rate_of(row_of(begun, population=who, term=term)) for who in sides)])
    return [[named(who) for who in sides], *body]
