"""Where the targets may stand: fans with countable outcomes against the need, chances, and how past projections did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.publishing.views.style import Style, line_of_need, over_time, stack, ticks
from analysis.publishing.views.tables import (
    Cells,
    Told,
    by_target,
    each_once,
    each_row_said,
    figure_view,
    html_list,
    only_value,
    paragraph,
    pick,
    table_view,
)
from analysis.publishing.views.view import Rows, answer_view, each, each_target, text_view
from analysis.words import Message, number, percent, say

RULES = {"error[model]": "has", "error[no_change]": "naive", "error[straight_line]": "truth"}
GRADES = (  # by rule: measures C.2 (10)
    (0.80, "on_track", Message("on track")),
    (0.40, "push", Message("needs a push")),
    (0.0, "unlikely", Message("unlikely")),
)
SOURCE = Message("Source: personnel registry, simulated forward.")


def chance(value: float) -> str:
    """Write a probability; never none and never certain."""
    sign = "< " if value <= 0.01 else "> " if value >= 0.99 else ""
    return sign + percent(min(max(value, 0.01), 0.99), 0)


def _grade(value: float) -> tuple[str, Message]:
    return next((status, words) for least, status, words in GRADES if value >= least)


def _of_fan(rows: Rows) -> Rows:
    """Keep fan, need and outcomes of the targets that could be carried forward."""
    shown = pick(rows, estimand="heads", term=["counted", "need", "margin"])
    shown = shown.dropna(subset="estimate")  # months that are all but certain were emptied by the gate
    return shown[shown.groupby("outcome")["term"].transform("nunique") == 3]


def _parts(one: Rows) -> tuple[Rows, Rows, float, np.ndarray]:
    """Split a target's rows: the wide and the narrow band by date, the need, and by how much each outcome passes it."""
    by = dict(iter(one.sort_values("date").groupby("term")))
    wide, narrow = (pick(by["counted"], conf_level=level) for level in (0.8, 0.5))
    return wide, narrow, by["need"]["estimate"].iloc[0], by["margin"]["estimate"].to_numpy()


def _fan(rows: Rows, style: Style) -> Figure:
    return style.panels(rows, 2.6, _one_fan)


@figure_view(
    _fan,
    Message("Where the targets may stand"),
    Message(
        "Bands hold half and four fifths of the simulated outcomes; dashes are the need; each dot is one of the "
        "equally likely outcomes, blue where the need is reached."
    ),
    SOURCE,
    keep=_of_fan,
)
def fan(rows: Rows) -> Told:
    """Say how many heads are likely, how many are needed, and how many outcomes reach that."""
    parts, reached, total = [], [], 0
    for name, one in each_target(rows):
        wide, _, need, margin = _parts(one)
        total = len(margin)
        reached.append(f"{name} {(margin >= 0).sum()}")
        parts.append(
            say(
                "{outcome}: {conf_low:number} to {conf_high:number} people likely on {date:day}, about "
                "{need:number} needed",
                need=need,
                **wide.iloc[-1],
            )
        )
    said = {"total": total, "reached": ", ".join(reached)}
    return Message("Of {total} equally likely outcomes so many reach the need: {reached}", **said), parts


def _one_fan(axes: Axes, one: Rows, name: str) -> None:
    wide, narrow, need, margin = _parts(one)
    first, last = wide["date"].min(), wide["date"].max()
    for band, strength in ((wide, 0.3), (narrow, 0.55)):
        axes.fill_between(band["date"], band["conf_low"], band["conf_high"], color="studying", alpha=strength, lw=0)
    axes.plot(wide["date"], wide["estimate"], color="has")
    line_of_need(axes, need, first, say("need {need:number}", need=need))
    _dots(axes, np.sort(margin), need, last, last - first)
    over_time(axes, (first, last + (last - first) * 0.42), [first, first + (last - first) / 2, last], "%m/%Y")
    axes.locator_params(axis="y", nbins=5, integer=True)
    ticks(axes.yaxis, number)


def _dots(axes: Axes, margin: np.ndarray, need: float, last: pd.Timestamp, span: pd.Timedelta) -> None:
    """Stack the outcomes beside the last day: equal heads side by side."""
    level, side = stack(pd.Series(need + margin), max(np.ptp(margin) / 10, 1.0))
    step = min(0.045, 0.35 / max(side.max(), 1))  # nearly all outcomes may be equal: they stand within the panel
    for reached, color in ((margin >= 0, "has"), (margin < 0, "gap")):
        places = last + span * (0.05 + step * side[reached])
        axes.plot(places, level[reached], "o", ms=4.2, mew=0, color=color, clip_on=False, in_layout=False)


@answer_view
def answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer whether the targets will be met: the chance of each and of all; the status is that of the unlikeliest."""
    said = each_once([note for note in notes if "not assessable" in note.template])
    shown = rows[rows["estimate"].notna()]
    met, whole = (pick(shown, term=term) for term in ("met", "met_all"))
    lines, status = [say("The targets cannot be assessed for that day.")], "not_assessable"
    if len(met):
        status, _ = _grade(met["estimate"].min())
        lines = [say("Chance of reaching the need by {when:day}:", when=met["date"].iloc[0])]
        lines += [f"{row['outcome']}: {chance(row['estimate'])} ({_grade(row['estimate'])[1]})" for row in each(met)]
        lines += [
            say(
                "All of them at once: {chance}, no more than any alone since the same people serve several groups.",
                chance=chance(value),
            )
            for value in whole["estimate"]
        ]
    return [*lines, *said], status


@table_view(
    Message("Where each target may stand"),
    Message("Target | Likely heads | Need | Chance of meeting | Published | Still held 24 months on"),
    Message(
        "Median and 80% interval. Published: the model's median where its record beats no change by the margin, "
        "else today's number. Still held: share of the members on the last day who are there with a degree two "
        "years later."
    ),
)
def table(rows: Rows) -> Cells:
    """Lay out each target's likely heads, need, chance and what lasts; not assessable where it is."""
    final = rows[rows["conf_level"].ne(0.5) & rows["outcome"].ne("ALL")]
    last = final[final["date"] == final.groupby("outcome")["date"].transform("max")]
    ahead = ("need", number), ("met", chance), ("published", number), ("durable", percent, 0)
    return by_target(last, "counted", *ahead)


def _errors(rows: Rows) -> Rows:
    """Keep the errors in heads that could be computed."""
    return pick(rows, term=RULES).dropna(subset="estimate")


def _by_rule(rows: Rows) -> Rows:
    """Lay errors out: a row a target, a column a rule."""
    return rows.pivot_table("estimate", "outcome", "term").reindex(columns=[*RULES]).dropna()


def _record(rows: Rows, style: Style) -> Figure:
    wide = _by_rule(rows)
    figure, axes = style.spread(wide, RULES)
    axes.set(xlim=(0, wide.max().max() * 1.1 + 0.5), xlabel=say("people off, on average"))
    return figure


@figure_view(
    _record,
    Message("How past projections did"),
    Message(
        "Mean error in heads of projections a year ahead, made anew from each earlier December as it was known "
        "then; few Decembers, so it proves little."
    ),
    SOURCE,
    keep=_errors,
)
def record(rows: Rows) -> Told:
    """Say how far off past projections were, beside simple rules."""
    wide = _by_rule(rows)
    said = {"better": int((wide["error[model]"] < wide["error[no_change]"]).sum()), "count": len(wide)}
    title = Message("In {better} of {count} groups past projections came closer than no change", **said)
    return title, each_row_said(wide, number, 1)


@text_view
def skill(rows: Rows) -> str:
    """Say how past projections did, beside no change and a straight line."""
    held = only_value(pick(rows, outcome="ALL"), "coverage")
    wide = _by_rule(rows).set_axis(["model", "still", "line"], axis=1).reset_index()
    if held is None or wide.empty:
        return paragraph(say("Past projections cannot be assessed: too short a history. No change is published."))
    lines = [
        say(
            "{outcome}: off by {model:number.1} people on average, no change by {still:number.1}, a straight line "
            "by {line:number.1}.",
            **one,
        )
        for one in each(wide)
    ]
    head = say("In past projections the 80% interval held the outcome in {held:percent.0} of cases.", held=held)
    return html_list(lines, head)
