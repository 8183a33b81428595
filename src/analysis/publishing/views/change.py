"""How the targets moved: month by month, between two days, how fast, within units, and what of it is the project's."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, line_of_need, over_time, ticks, write
from analysis.publishing.drawing.tables import (
    NOT_ASSESSABLE,
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
from analysis.publishing.drawing.view import Rows, each, each_target, text_view
from analysis.publishing.views.attainment import SOURCE
from analysis.reference import events, targets
from analysis.targets.pace import grade
from analysis.words import Message, day, label, number, percent, say, signed

MARKS = {"project_02": Message("project"), "freeze_2024": Message("freeze"), "exit_wave_2025": Message("departures")}
LINES = {"has_or_studying": ("studying", "bottom", Message("or studying")), "has": ("has", "top", Message("has"))}
ENDS = ("opening", "closing")


def _of_history(rows: Rows) -> Rows:
    """Keep the two lines of each target that has any value."""
    line = pick(rows, estimand="attainment", term=LINES)
    return of_groups_told(line, "any", "outcome")


def _of_bridge(rows: Rows) -> Rows:
    """Keep the flows in heads of the periods that have any; what moved nobody is no flow."""
    heads = pick(rows, estimand="heads").dropna(subset="estimate")
    return heads[heads["estimate"].ne(0) | heads["term"].isin(ENDS)]


def _periods(rows: Rows) -> Rows:
    """Lay bridges out a row a target and period: people who count and members on both days, and the split in points."""
    columns = {"outcome": "outcome", "date": "date", "estimate": "counted", "n": "members"}
    then, now = (pick(rows, term=end)[[*columns]].reset_index(drop=True).rename(columns=columns) for end in ENDS)
    both = now.join(then.drop(columns="outcome").add_prefix("then_"))
    before, after = both["then_counted"] / both["then_members"], both["counted"] / both["members"]
    people = (both["counted"] - both["then_counted"]) / both["then_members"]
    return both.assign(then_share=before, share=after, people=people, size=after - before - people)


def _history(rows: Rows, style: Style) -> Figure:
    return style.panels(rows, 2.6, _one_history)


@figure_view(
    _history,
    Message("The course of the shares"),
    Message(
        "Share of members, month by month. Upright lines: the group's congress, the project, the first days of the "
        "freeze of appointments and of the wave of departures."
    ),
    SOURCE,
    keep=_of_history,
)
def history(rows: Rows) -> Told:
    """Say from where to where each share moved, on which days."""
    line = pick(rows, term="has_or_studying").dropna(subset="estimate").sort_values("date")
    ends = line.groupby("outcome").agg(
        first=("estimate", "first"), last=("estimate", "last"), since=("date", "first"), until=("date", "last")
    )
    ends = ends.assign(goal=[goal_of(name) for name in ends.index]).reset_index()
    said = {"risen": int(ends["last"].gt(ends["first"]).sum()), "count": len(ends), "since": line["date"].min()}
    title = Message("{risen} of {count} shares rose since {since:day}", **said)
    if len(ends) == 1:
        title = Message(
            "From {first:percent} on {since:day} to {last:percent} on {until:day}; the target is {goal:percent.0}",
            **ends.iloc[0],
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
    low, *_, high = sorted([goal, *rows["estimate"].dropna()])
    axes.set_ylim(max(0, low - 0.08 - (high - low) / 2), min(1, high + 0.08))
    marks = MARKS | {targets()[name].congress: Message("congress")}
    for event in events():
        if event.id in marks and first <= event.first <= last:
            axes.axvline(date2num(event.first), color="muted", lw=0.8, ls=(0, (1, 2)))
            how: Any = {"ha": "left" if event.kind == "exits" else "right", "va": "bottom", "rotation": 90}
            place = (date2num(event.first), 0.02)
            axes.text(*place, marks[event.id].say(), transform=axes.get_xaxis_transform(), color="muted", **how)
    end = last + max(last - first, pd.Timedelta(days=30)) * 0.3
    over_time(axes, (first, end), pd.date_range(first, last, freq="2YS"), "%Y")
    ticks(axes.yaxis, percent)


def _bridge(rows: Rows, style: Style) -> Figure:
    periods = _periods(rows)
    draw = functools.partial(_one_bridge, style=style, crowded=len(set(periods["outcome"])) > 1)
    return style.panels(periods, 0.7 + 0.96 * periods["outcome"].value_counts().max(), draw)


@figure_view(
    _bridge,
    Message("What moved the shares: people, and the size of the groups"),
    Message(
        "People: who came to count less who no longer does, over the members of the first day. Members: the rest, by "
        "fewer or more members, by which nobody is trained. Rounded to one decimal."
    ),
    SOURCE,
    keep=_of_bridge,
)
def bridge(rows: Rows) -> Told:
    """Say of each period how much of the change of a share is people and how much is the size of the group."""
    periods, title = _periods(rows), None
    if len(set(periods["outcome"])) == 1:
        title = Message(
            "Since {then_date:day}: {people:points} by people, {size:points} by the size of the group",
            **periods.iloc[-1],
        )
    parts = [
        say(
            "{outcome}, {then_date:day} to {date:day}: from {then_share:percent} to {share:percent}, {people:points} "
            "by people, {size:points} by the size of the group",
            **row,
        )
        for row in each(periods)
    ]
    return title, parts


def _one_bridge(axes: Axes, periods: Rows, name: str, *, style: Style, crowded: bool) -> None:
    first = periods.iloc[0]
    names, place = [day(first["then_date"])], 0
    dots = [(first["then_share"], place, first["then_counted"], first["then_members"])]
    for row in each(periods):
        start, middle, members = row["then_share"], row["then_share"] + row["people"], row["members"]
        names += [
            say("people {change:signed}", change=row["counted"] - row["then_counted"]),
            say("members {change:signed}", change=members - row["then_members"]),
            day(row["date"]),
        ]
        for move, left, colour in ((row["people"], start, None), (row["size"], middle, "naive")):
            place -= 1
            axes.barh(place, move, 0.6, left, color=colour or ("gain" if move >= 0 else "loss"))
            write(axes, signed(100 * move, 1), (max(left, left + move), place), (4, 0), va="center", weight="bold")
        place -= 1
        dots.append((row["share"], place, row["counted"], members))
    axes.plot([dot[0] for dot in dots], [dot[1] for dot in dots], "o", color="has")
    for share, at, counted, members in dots:
        text = f"{percent(share)} ({number(counted)}/{number(members)})"
        write(axes, text, (share, at), (7, 0), va="center")
    style.rows(axes, names, crowded=crowded)
    low, high = axes.get_xlim()
    axes.set_xlim(low - (high - low) * 0.05, high + (high - low) * 0.6)
    axes.locator_params(axis="x", nbins=4)
    ticks(axes.xaxis, percent)


@table_view(
    Message("Who moved it"),
    Message("Cause"),
    Message(
        "People who count, and in brackets percentage points: people over the members of the first day; of the size of "
        "the group, members. Flows of too few people to show are merged, and a congress, a merger, a freeze or a wave "
        "of departures with them. Accounting, not an effect."
    ),
    keep=_of_bridge,
    more=True,
)
def causes(rows: Rows) -> Cells:
    """Lay out what moved a share, a row a cause and a column a period, in heads and in points."""
    periods = _periods(rows)
    spans = [f"{day(row['then_date'])}–{day(row['date'])}" for row in each(periods)]
    flows = rows.assign(at=rows["term"].eq("opening").cumsum() - 1)
    told: dict[str, dict[str, str]] = {}
    for row in each(flows[~flows["term"].isin(ENDS)]):
        points = 100 * row["estimate"] / periods["then_members"][row["at"]]
        told.setdefault(label(row["term"]), {})[spans[row["at"]]] = f"{signed(row['estimate'])} ({signed(points, 1)})"
    size = [f"{signed(row['members'] - row['then_members'])} ({signed(100 * row['size'], 1)})" for row in each(periods)]
    told[say("size of the group")] = dict(zip(spans, size, strict=True))
    return [spans, *([cause, *(cells.get(span, "–") for span in spans)] for cause, cells in told.items())]


def _opposite(rows: Rows) -> str:
    """Say in which periods people who count and the share moved in opposite ways."""
    lines = list(filter(None, map(apart, each(_periods(rows)))))
    return html_list(lines or [say("People who count and the share moved the same way in every period.")])


opposite = replace(text_view(_opposite), keep=_of_bridge)


def apart(row: pd.Series) -> str:
    """Say that heads and share moved in opposite ways between two days; nothing where they did not."""
    heads = row["counted"] - row["then_counted"]
    share = row["counted"] / row["members"] - row["then_counted"] / row["then_members"]
    if not heads * share < 0:
        return ""
    fell = Message(
        "from {then_date:day} to {date:day} people who count fell from {then_counted:number} to {counted:number}, yet "
        "the share rose, as the group went from {then_members:number} to {members:number} members",
        **row,
    )
    rose = Message(
        "from {then_date:day} to {date:day} people who count rose from {then_counted:number} to {counted:number}, yet "
        "the share fell, as the group went from {then_members:number} to {members:number} members",
        **row,
    )
    return say("{outcome}: {moved}.", outcome=row["outcome"], moved=fell if heads < 0 else rose)


@table_view(
    Message("Pace since the project, three ways"),
    Message("Target | Linear pace | Way gone | Growth ratio | Methods"),
    Message(
        "From the day of the project to the deadline, or to the end of the group if that is earlier; one is exactly on "
        "course. The growth ratio is that of other trackers, beside for comparison: it flatters a low start."
    ),
)
def pace(rows: Rows) -> Cells:
    """Lay out the three measures of pace and where they disagree."""
    cells = by_target(rows, "linear", ("gap_closed", percent, 0), "growth")
    for row, (_, one) in zip(cells, each_target(rows), strict=True):
        grades = [grade(value) for value in pick(one, term=["linear", "growth"])["estimate"].dropna()]
        flag = say("agree") if len(set(grades)) == 1 else say("⚑ disagree")
        row.append(flag if len(grades) == 2 else "–")
    return cells


@text_view
def units(rows: Rows) -> str:
    """Say how much of each share's change came within units and how much by their mix."""
    lines = []
    for name, one in each_target(rows):
        said = {"name": name, "within": only_value(one, "within"), "between": only_value(one, "between")}
        if not one["computed"].all():
            lines.append(say("{outcome}: {tail}.", outcome=name, tail=NOT_ASSESSABLE))
        elif None in said.values():
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
