"""How the targets moved: month by month, between two days, how fast, within units, and what of it is the project's."""

from __future__ import annotations

import functools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.publishing.views.attainment import SOURCE
from analysis.publishing.views.style import Style, line_of_need, over_time, ticks, write
from analysis.publishing.views.tables import (
    Cells,
    Told,
    by_target,
    figure_view,
    goal_of,
    html_list,
    of_groups_told,
    only_value,
    pick,
    table_view,
)
from analysis.publishing.views.view import Rows, each, each_target, text_view
from analysis.targets.pace import grade
from analysis.words import Message, label, number, percent, say, signed

BREAKS = ("2020-10-14", "2021-09-10")  # congress of the province; project 02-ĐA/TU
LINES = {"has_or_studying": ("studying", "bottom", Message("or studying")), "has": ("has", "top", Message("has"))}
ENDS = ("opening", "closing")


def _of_history(rows: Rows) -> Rows:
    """Keep the two lines of each target that has any value."""
    line = pick(rows, estimand="attainment", term=LINES)
    return of_groups_told(line, "any", "outcome")


def _of_bridge(rows: Rows) -> Rows:
    """Keep the flows in heads of the targets of which none is hidden, so that they add up."""
    heads = pick(rows, estimand="heads")
    whole = of_groups_told(heads, "all", "outcome")
    return whole[whole["estimate"].ne(0) | whole["term"].isin(ENDS)]  # what moved nobody is no bar


def _history(rows: Rows, style: Style) -> Figure:
    return style.panels(rows, 2.6, _one_history)


@figure_view(
    _history,
    Message("The course of the shares"),
    Message(
        "Share of members, month by month: who has or is studying, and who has the degree. Upright lines: "
        "congress of October 2020, project of September 2021."
    ),
    SOURCE,
    keep=_of_history,
)
def history(rows: Rows) -> Told:
    """Say from where to where each share moved, and on which side of its line it stands."""
    line = pick(rows, term="has_or_studying").dropna(subset="estimate").sort_values("date")
    ends = line.groupby("outcome").agg(
        first=("estimate", "first"), last=("estimate", "last"), since=("date", "first"), until=("date", "last")
    )
    ends = ends.assign(goal=[goal_of(name) for name in ends.index]).reset_index()
    rose, stands = ends["last"] >= ends["first"], ends["last"] >= ends["goal"]
    said = {"risen": int(rose.sum()), "count": len(ends), "reached": int(stands.sum())}
    title = Message("{risen} of {count} shares rose; {reached} stand at or above their line", **said)
    if len(ends) == 1:
        title = Message(
            "The share {moved} by {change:number.1} percentage points and {stands} the {goal:percent.0} line",
            moved=Message("rose") if rose[0] else Message("fell"),
            stands=Message("stands at or above") if stands[0] else Message("stays below"),
            change=100 * abs(ends["last"] - ends["first"])[0],
            goal=ends["goal"][0],
        )
    parts = [
        say(
            "{outcome}: from {first:percent} on {since:day} to {last:percent} on {until:day}, goal {goal:percent.0}",
            **one,
        )
        for one in each(ends)
    ]
    return title, parts


def _one_history(axes: Axes, rows: Rows, name: str) -> None:
    first, last, goal = rows["date"].min(), rows["date"].max(), goal_of(name)
    for term, (color, side, words) in LINES.items():
        line = pick(rows, term=term).dropna(subset="estimate").sort_values("date")
        for end in line["estimate"].tail(1):
            axes.plot(line["date"], line["estimate"], color=color, drawstyle="steps-post")
            axes.plot(last, end, "o", ms=5, color=color, clip_on=False)
            write(axes, f"{percent(end)}\n{words.say()}", (last, end), (7, 0), va=side, fontsize=8)
    line_of_need(axes, goal, first, say("target {goal:percent.0}", goal=goal))
    for when in map(pd.Timestamp, BREAKS):
        if first <= when <= last:
            axes.axvline(date2num(when), color="muted", lw=0.8, ls=(0, (1, 2)))
    low, *_, high = sorted([goal, *rows["estimate"].dropna()])
    axes.set_ylim(max(0, low - 0.08), min(1, high + 0.08))
    end = last + max(last - first, pd.Timedelta(days=30)) * 0.3
    over_time(axes, (first, end), pd.date_range(first, last, freq="2YS"), "%Y")
    ticks(axes.yaxis, percent)


def _bridge_title(rows: Rows) -> Message | None:
    """Say what moved most: in heads for one group; groups share people, so heads of several are never added."""
    flows = rows[~rows["term"].isin(ENDS)].set_index(["outcome", "term"])["estimate"]
    if flows.empty:
        return None
    largest = flows.abs().groupby("outcome").idxmax()
    often = largest.str[1].mode()[0]
    if len(largest) > 1:
        said = {"times": int(largest.str[1].eq(often).sum()), "count": len(largest), "often": often}
        return Message("In {times} of {count} groups the largest flow is: {often:label}", **said)
    said = {"change": flows.sum(), "often": often, "top": flows[largest.iloc[0]]}
    if len(flows) == 1:
        return Message("{change:signed} people in all, made of flows too small to show apart", **said)
    return Message("{change:signed} people in all; the largest flow: {often:label} ({top:signed} people)", **said)


def _bridge(rows: Rows, style: Style) -> Figure:
    bars = rows.groupby("outcome").size()
    draw = functools.partial(_one_bridge, style=style, crowded=len(bars) > 1)
    return style.panels(rows, 0.7 + 0.36 * bars.max(), draw)


@figure_view(
    _bridge,
    Message("What moved the targets"),
    Message(
        "People who count under the headline reading; flows of fewer people than may be shown are merged. A "
        "person may be in several groups."
    ),
    SOURCE,
    keep=_of_bridge,
)
def bridge(rows: Rows) -> Told:
    """Say what moved each group between two days, flow by flow."""
    parts = []
    for name, one in each_target(rows):
        steps = ", ".join(f"{label(row['term'])} {signed(row['estimate'])}" for row in each(one.iloc[1:-1]))
        begin, *_, end = one["estimate"]
        parts.append(
            say("{name} from {begin:number} to {end:number}: {steps}", name=name, begin=begin, end=end, steps=steps)
        )
    return _bridge_title(rows), parts


def _one_bridge(axes: Axes, heads: Rows, name: str, *, style: Style, crowded: bool) -> None:
    whole, value = heads["term"].isin(ENDS), heads["estimate"]
    level = value.where(whole, value[0] + value.mask(whole, 0).cumsum())
    start = (level - value).mask(whole, 0)
    places, right = -heads.index, level.where(level > start, start)
    colours = ["has" if end else "gain" if gain else "loss" for end, gain in zip(whole, value >= 0, strict=True)]
    axes.barh(places, value, 0.6, start, color=colours)
    axes.vlines(level[:-1], places[:-1] - 0.7, places[:-1] - 0.3, color="muted", lw=0.8)
    for at, place, one, end in zip(right, places, value, whole, strict=True):
        write(axes, number(one) if end else signed(one), (at, place), (4, 0), va="center", weight="bold")
    style.rows(axes, [label(term) for term in heads["term"]], crowded=crowded)
    axes.set(xlim=(0, right.max() * 1.22), xlabel=say("people"))
    axes.locator_params(axis="x", nbins=4, integer=True)
    ticks(axes.xaxis, number)


@table_view(
    Message("Pace since the project, three ways"),
    Message("Target | Linear pace | Way gone | Growth ratio | Methods | Net heads a month"),
    Message(
        "One is exactly on course. The growth ratio is that of other trackers, beside for comparison: it flatters "
        "a low start. Net heads a month: over the last twelve months."
    ),
)
def pace(rows: Rows) -> Cells:
    """Lay out the three measures of pace and where they disagree."""
    cells = by_target(rows, "linear", ("gap_closed", percent, 0), "growth", ("gained_a_month", number, 1))
    for row, (_, one) in zip(cells, each_target(rows), strict=True):
        grades = [grade(value) for value in pick(one, term=["linear", "growth"])["estimate"].dropna()]
        flag = say("agree") if len(set(grades)) == 1 else say("⚑ disagree")
        row.insert(4, flag if len(grades) == 2 else "–")
    return cells


@text_view
def units(rows: Rows) -> str:
    """Say how much of each share's change came within units and how much by their mix."""
    lines = []
    for name, one in each_target(rows):
        said = {"name": name, "within": only_value(one, "within"), "between": only_value(one, "between")}
        if None in said.values():
            lines.append(say("{name}: too few units to show.", **said))
        else:
            lines.append(say("{name}: {within:points} within units, {between:points} by their mix.", **said))
    return html_list(lines)


@table_view(
    Message("What is the project's: three answers"),
    Message("Target | By accounting | Against the rate before the project | Through promotion"),
    Message(
        "Heads, rounded, with 90% intervals (through promotion: 95%). Three definitions that overlap and are "
        "never added; the accounting one is no effect. Why an answer is not assessable stands below."
    ),
)
def attribution(rows: Rows) -> Cells:
    """Lay the three answers side by side, each with its interval."""
    return by_target(rows, "accounting", "counterfactual", "through_promotion")
