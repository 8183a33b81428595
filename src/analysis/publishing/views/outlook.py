"""Where the targets may stand: fans with countable outcomes against the need, chances, and how past projections did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, line_of_need, over_time, stack, ticks, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    by_target,
    each_once,
    each_row_said,
    figure_view,
    html_list,
    html_table,
    only_value,
    paragraph,
    pick,
    row_of,
    table_view,
)
from analysis.publishing.drawing.view import Rows, answer_view, each, each_target, text_view
from analysis.reference import projection
from analysis.targets.groups import HEADLINE
from analysis.words import Message, day, interval, number, percent, say

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
    """Keep fan, need and outcomes of the targets that could be carried forward, and what came of them."""
    shown = pick(rows, estimand="heads", method="stock_flow", term=["counted", "need", "margin"])
    shown = shown.dropna(subset="estimate")  # months that are all but certain were emptied by the gate
    shown = shown[shown.groupby("outcome")["term"].transform("nunique") == 3]
    came = pick(rows, method="census", outcome=shown["outcome"].unique())
    return pd.concat([shown, pick(came, term=[HEADLINE, "need"])])


def _parts(one: Rows) -> tuple[Rows, Rows, float, np.ndarray]:
    """Split a target's rows: the wide and the narrow band by date, the need, and by how much each outcome passes it."""
    by = dict(iter(pick(one, method="stock_flow").sort_values("date").groupby("term")))
    wide, narrow = (pick(by["counted"], conf_level=level) for level in (0.8, 0.5))
    return wide, narrow, by["need"]["estimate"].iloc[0], by["margin"]["estimate"].to_numpy()


def compare(rows: Rows) -> Rows:
    """Hold what came on the last day against the 80% interval: a row a target of which the owner's rows say it.

    `alike` are the heads had the group kept its members of the first day, at the share that came.
    """
    fan = pick(rows, method="stock_flow", estimand="heads", term="counted", conf_level=0.8).dropna(subset="estimate")
    fan = fan.sort_values("date").groupby("outcome", as_index=False)
    last = fan.last()[["outcome", "date", "conf_low", "conf_high"]]
    told = pick(rows, method="census", estimand="attainment", term=HEADLINE, population="ALL")
    told = told.dropna(subset="n_event").drop_duplicates(["outcome", "date"])[["outcome", "date", "n", "n_event"]]
    was = told.rename(columns={"date": "made", "n": "before", "n_event": "counted"})
    need = pick(rows, method="census", estimand="heads", term="need", population="ALL")
    need = need.rename(columns={"estimate": "need"}).drop_duplicates(["outcome", "date"])[["outcome", "date", "need"]]
    first = fan.first()[["outcome", "date"]].rename(columns={"date": "made"})
    both = last.merge(told).merge(first).merge(was, on=["outcome", "made"]).merge(need)
    both["inside"] = both["n_event"].between(both["conf_low"], both["conf_high"])
    return both.assign(alike=(both["n_event"] / both["n"] * both["before"]).round())


def _fan(rows: Rows, style: Style) -> Figure:
    came = compare(rows).set_index("outcome")["n_event"]
    return style.panels(rows, 2.6, lambda axes, one, name: _one_fan(axes, one, came.get(name)))


def fan_data(rows: Rows) -> str:
    """Lay the fan out by target and date: the median and both intervals."""
    heads, cells = pick(rows, method="stock_flow", term="counted"), []
    for (name, when), one in heads.groupby(["outcome", "date"]):
        wide, narrow = (row_of(one, conf_level=level) for level in (0.8, 0.5))
        ends = ["" if row is None else interval(row, 0) for row in (narrow, wide)]
        cells.append([name, day(when), number(one["estimate"].iloc[0]), *ends])
    return html_table(say("Target | Date | Median | 50% interval | 80% interval"), cells)


@figure_view(
    _fan,
    Message("Where the targets may stand"),
    Message(
        "Bands: half and four fifths of the simulated outcomes; line: median; dashes: need then forecast; dots: "
        "equally likely outcomes, blue where they reach that need; diamond: what came."
    ),
    SOURCE,
    keep=_of_fan,
    data=fan_data,
)
def fan(rows: Rows) -> Told:
    """Say how many heads were likely and, where that is known, how many came."""
    parts, reached, total, came = [], [], 0, compare(rows)
    for name, one in each_target(rows):
        wide, _, need, margin = _parts(one)
        total = len(margin)
        reached.append(f"{name} {(margin >= 0).sum()}")
        said = {"need": need, "made": wide["date"].min(), **wide.iloc[-1]}
        parts.append(
            say(
                "{outcome}: on {made:day} {conf_low:number} to {conf_high:number} people were likely for {date:day}, "
                "about {need:number} needed",
                **said,
            )
        )
    if len(came):
        return _outcome(came), [*parts, *(say("{outcome}: {n_event:number} came", **one) for one in each(came))]
    said = {"total": total, "reached": ", ".join(reached), "made": rows["date"].min()}
    return Message("Forecast of {made:day}: of {total} equally likely outcomes so many reach the need: {reached}",
                   **said), parts  # fmt: skip


def _one_fan(axes: Axes, one: Rows, came: float | None) -> None:
    wide, narrow, need, margin = _parts(one)
    first, last = wide["date"].min(), wide["date"].max()
    for band, strength in ((wide, 0.3), (narrow, 0.45)):
        axes.fill_between(band["date"], band["conf_low"], band["conf_high"], color="studying", alpha=strength, lw=0)
    axes.plot(wide["date"], wide["estimate"], color="ink", lw=1.4)
    line_of_need(axes, need, first, say("need {need:number}", need=need))
    level = _dots(axes, np.sort(margin), need, last, last - first)
    if came is not None:
        axes.plot([last], [came], "D", color="ink", mec="plate", ms=8, mew=1, clip_on=False, zorder=5)
        under = (last, min(came, wide["conf_low"].iloc[-1]))  # below the fan, which it must not hide
        write(axes, say("came: {came:number}", came=came), under, (-8, -3), ha="right", va="top", weight="bold")
    over_time(axes, (first, last + (last - first) * 0.42), [first, first + (last - first) / 2, last], "%m/%Y")
    axes.spines["bottom"].set_bounds(*date2num([first, last]))
    ends = [*wide["conf_low"], *wide["conf_high"], *level, need, *([] if came is None else [came])]
    room = max(np.ptp(ends) * 0.12, 1.0)
    axes.set_ylim(min(ends) - 1.6 * room, max(ends) + room)
    axes.locator_params(axis="y", nbins=5, integer=True)
    ticks(axes.yaxis, number)


def _dots(axes: Axes, margin: np.ndarray, need: float, last: pd.Timestamp, span: pd.Timedelta) -> pd.Series:
    """Stack the outcomes beside the last day, equal heads side by side; give where they stand."""
    level, side = stack(pd.Series(need + margin), max(np.ptp(margin) / 10, 1.0))
    step = min(0.045, 0.35 / max(side.max(), 1))  # nearly all outcomes may be equal: they stand within the panel
    for reached, color in ((margin >= 0, "has"), (margin < 0, "naive")):
        places = last + span * (0.05 + step * side[reached])
        axes.plot(places, level[reached], "o", ms=4.2, mew=0, color=color, clip_on=False, in_layout=False)
    return level


@answer_view
def answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer what was forecast and what came; while that is not known, the chance of each, graded by the least."""
    said = each_once([note for note in notes if "no forecast" in note.template or "not assessable" in note.template])
    met, whole = (pick(rows.dropna(subset="estimate"), term=term) for term in ("met", "met_all"))
    lines, status, came = [say("The targets cannot be assessed for that day.")], "not_assessable", compare(rows)
    if len(met):
        made = pick(rows, method="stock_flow")["date"].min()
        when = {"made": made, "when": met["date"].iloc[0]}
        status, _ = _grade(met["estimate"].min())
        lines = [say("Chance, as of {made:day}, of reaching the need by {when:day}:", **when)]
        lines += [f"{row['outcome']}: {chance(row['estimate'])} ({_grade(row['estimate'])[1]})" for row in each(met)]
        lines += [say("All of them at once: {chance}.", chance=chance(value)) for value in whole["estimate"]]
        if len(came):
            status, lines = "known", [_outcome(came).say()]
            lines += [say("{outcome}: {conf_low:number} to {conf_high:number} forecast, {n_event:number} came", **one)
                      for one in each(came)]  # fmt: skip
            outside = came[~came["inside"]]
            if len(outside) and (_explained(outside) & (outside["n"] < outside["before"])).all():
                lines.append(say("Outside it: {names}, since members fell.", names=", ".join(outside["outcome"])))
    return [*lines, *said], status


def _explained(came: Rows) -> Any:
    """Say where the outcome had lain within the interval but for the change of the group's size."""
    return (came["conf_low"] <= came["alike"]) & (came["alike"] <= came["conf_high"])


def _outcome(came: Rows) -> Message:
    """Say how many outcomes the forecast held."""
    return Message(
        "The forecast of {made:day} for {date:day} has its outcome: {inside} of {count} lie within the 80% interval",
        **{**came.iloc[0], "inside": int(came["inside"].sum()), "count": len(came)},
    )


@text_view
def reasons(rows: Rows) -> str:
    """Say of each outcome outside the interval whether the group's size alone explains it, from the owner's rows."""
    came = compare(rows)
    outside = [_why(one) for one in each(came[~came["inside"].astype(bool)])]
    return html_list(outside) if outside else paragraph(str(_outcome(came)) if len(came) else say("not yet known"))


def _why(one: Any) -> str:
    """Say how members moved, and where the outcome had lain without that."""
    verdict = Message("still outside, so the size alone does not explain it")
    if _explained(one):
        verdict = Message("within the interval: the change of size is enough to explain it")
    return say(
        "{outcome}: members went from {before:number} to {n:number} by {date:day}, those who count from "
        "{counted:number} to {n_event:number}. With the members of {made:day} the share that came would give "
        "{alike:number}, {verdict}.",
        verdict=verdict,
        **one,
    )


@table_view(
    Message("What was forecast and what came"),
    Message("Target"),
    Message(
        "Median and 80% interval. The chance is that of reaching the need, as it was seen on the day of the forecast."
    ),
    more=True,
)
def table(rows: Rows) -> Cells:
    """Lay out each target's forecast and outcome, with the days in the headings."""
    ahead = rows[rows["method"].eq("stock_flow") & rows["conf_level"].ne(0.5) & rows["outcome"].ne("ALL")]
    last = ahead[ahead["date"] == ahead.groupby("outcome")["date"].transform("max")]
    came, ends = compare(rows).set_index("outcome"), {"made": ahead["date"].min(), "when": ahead["date"].max()}
    heads = say(
        "Forecast of {made:day} | Came on {when:day} | Need forecast | Need that came | Chance as of {made:day}", **ends
    )
    cells = by_target(last, "counted", ("need", number), ("met", chance))
    for row in cells:
        name, counted, need, met = row
        known = [number(came[column].get(name)) or say("not yet known") for column in ("n_event", "need")]
        row[1:] = [counted, known[0], need, known[1], met]
    return [heads.split(" | "), *cells]


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
    said["until"] = rows["date"].max()
    title = Message(
        "Up to {until:day}, in {better} of {count} groups past projections came closer than no change", **said
    )
    return title, each_row_said(wide, number, 1)


@text_view
def skill(rows: Rows) -> str:
    """Say how past projections did, beside no change and a straight line."""
    held, worse = only_value(pick(rows, outcome="ALL"), "coverage"), pick(rows, term="skill[no_change]")["outcome"]
    if held is None or _by_rule(rows).empty:
        return paragraph(say("Past projections cannot be assessed: too short a history."))
    said = {"until": rows["date"].max(), "held": held}
    text = say("Up to {until:day} the 80% interval held the outcome in {held:percent.0} of cases.", **said)
    if len(worse):
        text += say(" {names}: not better than no change by {margin:percent.0}; such a forecast is no guide there.",
                    names=", ".join(worse), margin=projection().margin)  # fmt: skip
    return paragraph(text)
