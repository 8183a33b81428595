"""Where the trained serve, what they owe and what it cost: key posts, fields, service, sums, schools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.project import reference
from analysis.publishing.drawing.heads import SOURCE, groups_of, named, write_heads
from analysis.publishing.drawing.style import Style, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    each_once,
    figure_view,
    hidden_by,
    html_list,
    html_table,
    only_value,
    paragraph,
    pick,
    points_span,
    table_view,
)
from analysis.publishing.drawing.view import NOT_ASSESSABLE, Rows, View, absent, each, text_view
from analysis.words import Message, label, number, say, signed

MILLION = 1e6
TRAINED = {"before": "has", "after": "studying", "studying": "gain", "never": "rule"}
LEVELS = tuple(f"unit_level[{level}]" for level in ("province", "district", "commune"))


def _key_rows(rows: Rows) -> Rows:
    return pick(rows, estimand="heads", population=["ALL", *LEVELS])


def _key_bars(rows: Rows, style: Style) -> Figure:
    groups = groups_of(rows, "ALL", *LEVELS)
    wide = rows.pivot_table("estimate", "population", "term", dropna=False).reindex(
        index=groups, columns=["holders", *TRAINED]
    )
    figure, axes = style.canvas(1.0 + 0.42 * len(groups), 1.3 + 0.46 * len(groups))
    share = 100 * wide[[*TRAINED]].div(wide["holders"], axis=0).fillna(0)
    left = np.zeros(len(groups))
    for term, color in TRAINED.items():
        axes.barh(-np.arange(len(groups)), share[term], 0.6, left, color=color, label=named(term))
        left = left + share[term].to_numpy()
    for place, size in enumerate(wide["holders"]):
        write(axes, number(size), (100, -place), (4, 0), va="center")
    style.rows(axes, [label(group, "placement") for group in groups])
    axes.set(xlim=(0, 112), xticks=(0, 25, 50, 75, 100), xlabel=say("% of the holders; their number on the right"))
    style.key(figure)
    return figure


def _key_cells(rows: Rows, groups: Sequence[str]) -> Cells:
    terms = ("holders", *TRAINED)
    return [[label(group, "placement"), *write_heads(rows, group, *terms)] for group in groups]


@figure_view(
    _key_bars,
    Message("Who holds the key posts, and was trained"),
    Message(
        "Holders on the day of the page, by level. A stock, no effect: who was meant for a post may have been sent for "
        "it. Key posts as listed in the reference data, which is assumed. Blank: too few to be shown."
    ),
    data=lambda rows: html_table(
        " | ".join([say("Level"), *map(named, ("holders", *TRAINED))]),
        _key_cells(rows, groups_of(rows, "ALL", *LEVELS)),
    ),
    keep=_key_rows,
)
def key_posts(rows: Rows) -> Told:
    """Say how many hold key posts, and how many of them were trained before taking office or since."""
    whole = pick(rows, population="ALL")
    holders, before = only_value(whole, "holders"), only_value(whole, "before")
    if holders is None or before is None:
        return None, []
    title = say(
        "{before:number} of {holders:number} holders of key posts were trained before taking office",
        before=before,
        holders=holders,
    )
    words, parts = [named(term) for term in ("holders", *TRAINED)], []
    for name, *cells in _key_cells(rows, groups_of(rows, "ALL", *LEVELS)):
        told = ", ".join(f"{word} {cell}" for word, cell in zip(words, cells, strict=True))
        parts.append(f"{name}: {told}")
    return title, parts


def _offices(rows: Rows) -> Rows:
    offices = pick(rows, population=[*reference("offices.yml")])
    return offices[offices["estimate"].notna().groupby(offices["population"]).transform("any")]


@table_view(Message("Key posts by office"), Message("Office"), SOURCE, more=True, keep=_offices)
def by_office(rows: Rows) -> Cells:
    """Lay out the key offices with enough holders."""
    terms = ("holders", "before", "never")
    cells = [
        [label(office, "office"), *write_heads(rows, office, *terms)]
        for office in groups_of(rows, *reference("offices.yml"))
    ]
    return [[*map(named, terms)], *cells]


@text_view
def match(rows: Rows, *, notes: Sequence[Message] = ()) -> str:
    """Say how often posts fit what was studied, against what chance gives."""
    shares = pick(rows, estimand="risk").set_index("term")["estimate"]
    gap = next(each(pick(rows, estimand="risk_difference").dropna(subset="estimate")), None)
    if gap is None:
        return html_list(each_once(notes) or [NOT_ASSESSABLE.say()])
    text = say(
        "{months:number} months after completion {done:percent.0} of {n:number} hold a post in the field they "
        "studied; of colleagues alike without a course {others:percent.0} would by chance: a difference of {gap} "
        "percentage points ({span}).",
        months=gap["time"],
        done=shares["completed"],
        others=shares["colleagues"],
        n=gap["n"],
        gap=signed(100 * gap["estimate"], 0),
        span=points_span(gap),
    )
    held = gap["conf_low"] <= 0 <= gap["conf_high"]
    return paragraph(text + say(" No more than chance can be shown.") * held) + html_list(each_once(notes))


def _field_cells(rows: Rows) -> Cells:
    short = reference("fields.csv")
    groups = dict.fromkeys(rows["term"])
    wide = {term: pick(rows, term=term) for term in groups if term.startswith("field[")}
    cells = []
    for term, mine in wide.items():
        code = term[6:-1]
        known = short.get(code, {}).get("shortage") == "true"
        name = label(code, "field") + say(" (short)") * known
        cells.append([name, *(write_heads(mine, group, term)[0] for group in ("then", "now", "started"))])
    return cells


@table_view(
    Message("Postgraduate degrees by field, and who began one"),
    Message("Field | At the beginning | Today | Began since"),
    Message("People in service with a degree in the field. Which fields are short is assumed: no source was found."),
)
def fields(rows: Rows) -> Cells:
    """Lay out degrees by field on two days, and starts."""
    return _field_cells(rows)


def _counted_list(title: Message, *terms: str) -> View:
    """Make the view of some heads as a table of two columns."""

    @table_view(title, Message("Of these | People"), SOURCE)
    def made(rows: Rows) -> Cells:
        told = pick(rows, estimand="heads")
        return [[named(term), *write_heads(told, "ALL", term)] for term in terms if term in set(told["term"])]

    return made


order = _counted_list(
    Message("When those appointed to a higher post began their course"),
    "appointed",
    "course_first",
    "within_year",
    "later",
    "never",
)
service = _counted_list(
    Message("The service owed after a course"), "bound", "served", "serving", "broke", "wave", "other"
)


@text_view
def sums(rows: Rows, *, notes: Sequence[Message] = ()) -> str:
    """Say which sums are owed by those who broke their commitment, and what they paid back."""
    lines = [f"{named(term)}: {_money(pick(rows, estimand='amount', term=term))}" for term in ("owed", "repaid")]
    return html_list([*lines, *each_once(notes)])


def _money(rows: Rows) -> str:
    row = next(each(rows), None)
    if row is None or pd.isna(row["estimate"]):
        return absent(row)
    text = say(
        "{amount} million VND", amount=number(row["estimate"] / MILLION, 1 if row["estimate"] < 100 * MILLION else 0)
    )
    if pd.notna(row["conf_low"]):
        ends = {end: number(row[f"conf_{end}"] / MILLION) for end in ("low", "high")}
        text += say(" ({low} to {high})", **ends)
    return text


@table_view(Message("What a course costs"), Message("Cost | VND"), SOURCE)
def costs(rows: Rows) -> Cells:
    """Lay out what a start, a completion, a head that counts and a further promotion cost."""
    cells = []
    for row in each(pick(rows, estimand="amount")):
        name = named(row["term"])
        if row["population"] != "ALL":
            name = f"{name}, {label(row['population'])}"
        undefined = row["term"] == "per_promotion" and pd.isna(row["estimate"]) and pd.notna(row["n"])
        cells.append([name, say("not defined") if undefined else _money(rows.loc[[row.name]])])
    return cells


@text_view
def schools(rows: Rows, *, notes: Sequence[Message] = ()) -> str:
    """Rank the schools by those not in time, or say that they cannot be ranked."""
    test = next(each(pick(rows, estimand="test").dropna(subset="p_value")), None)
    ratios = pick(rows, estimand="rate").dropna(subset="conf_low").sort_values("estimate")
    if test is None or each_once(notes) or ratios.empty:
        return paragraph(" ".join(each_once(notes)) or hidden_by("few"))
    lines = [
        say("{name}: {ratio} times as many not in time as expected ({low} to {high})", name=row["population"],
            ratio=number(row["estimate"], 2), low=number(row["conf_low"], 2), high=number(row["conf_high"], 2))
        for row in each(ratios)
    ]  # fmt: skip
    return html_list(lines)
