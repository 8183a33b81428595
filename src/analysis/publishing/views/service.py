"""What is owed after a course and what it cost: order of course and post, service, sums, costs, schools."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.publishing.drawing.heads import SOURCE, named, write_heads
from analysis.publishing.drawing.tables import (
    Cells,
    each_once,
    hidden_by,
    html_list,
    paragraph,
    pick,
    table_view,
)
from analysis.publishing.drawing.view import Rows, View, absent, each, text_view
from analysis.words import Message, label, number, say

MILLION = 1e6


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
    "before",
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
        undefined = row["term"] == "per_promotion" and pd.isna(row["estimate"]) and not row["suppressed"]
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
