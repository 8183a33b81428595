"""Where each target stands on a day: heads against the need, every reading, the answer, what it takes."""

from __future__ import annotations

import functools
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ticks, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    by_target,
    compared,
    figure_view,
    goal_of,
    heads_of,
    html_list,
    of_groups_told,
    pick,
    table_view,
    written,
)
from analysis.publishing.drawing.view import Rows, answer_view, each, text_view
from analysis.publishing.gate.disclosure import most
from analysis.reference import events, targets
from analysis.targets.attainment import judge
from analysis.targets.groups import HEADLINE, is_final
from analysis.words import Message, day, label, number, percent, say

SHOWN = ("members", "has", "studying", "unverified", "counted", "need", "short")
ORDER = ("not_assessable", "missed", "open", "shrunk_pending", "pending", "shrunk", "met")  # the worst first
REACHED = ORDER[3:]
TAILS = {
    "not_assessable": Message("not assessable, the group has no members on that day"),
    "met": Message("reached"),
    "pending": Message("reached on a condition: {condition}"),
    "shrunk": Message("met because the group shrank"),
    "shrunk_pending": Message("met because the group shrank, and on a condition: {condition}"),
    "open": Message("{short:number} more needed"),
    "missed": Message("{short:number} people short"),
    "missed by one": Message("{short:number} person short"),
}
SOURCE = Message("Source: personnel registry, all members counted.")
_of_readings = functools.partial(pick, estimand="attainment")


def _bullets(rows: Rows, style: Style) -> Figure:
    groups = compared(rows)
    shares, places = len(groups) > 1, -np.arange(len(groups))  # groups of very different size: an axis of percent
    figure, axes = style.canvas(0.75 + 0.95 * len(groups), 0.75 + 1.35 * len(groups))
    drawn = groups[["members", "has", "studying", "need"]].div(groups["members"] if shares else 1, axis=0)
    axes.barh(places, drawn["members"], 0.36, color="rule")
    for term, left in (("has", 0), ("studying", drawn["has"])):
        axes.barh(places, drawn[term], 0.36, left, color=term, label=label(term))
    axes.vlines(drawn["need"], places - 0.26, places + 0.22, color="target", lw=3, label=label("need"))
    for place, row in enumerate(each(groups)):
        name = textwrap.fill(f"{row.outcome} · {label(row.outcome, 'targets')}", 36 if style.narrow else 80)
        axes.text(0, 0.24 - place, name, va="bottom", fontsize=9, weight="bold")
        need = say("{counted:number} / {need:number} needed", **row)
        axes.text(drawn["members"][place], -0.24 - place, need, va="top", ha="right", color="muted")
    axes.set(ylim=(0.5 - len(groups), 0.8), xlim=(0, drawn["members"].max() * 1.004), yticks=[])
    axes.grid(axis="x")
    ticks(axes.xaxis, percent if shares else number)
    style.key(figure)
    return figure


@figure_view(_bullets, Message("The heads of the targets"), keep=functools.partial(pick, estimand="heads", term=SHOWN))
def bullets(rows: Rows) -> Told:
    """Say of each target who has a degree or studies, against the need."""
    groups, found, title = compared(rows), verdicts(rows), None
    caption = Message("A bar is a group's members; the upright mark is the number of people needed.")
    if len(found) > 1:
        title = Message("{reached} of {count} targets are reached{more}", **_tally(found.values()))
    elif len(groups):
        row = groups.iloc[0]
        tail = _tail(row, found[row["outcome"]])
        title = Message("{counted:number} people count, {need:number} are needed: {tail}", **row, tail=tail)
    parts = [
        say(
            "{outcome}: {has:number} with a degree and {studying:number} studying of {members:number} members, "
            "{need:number} needed",
            **row,
        )
        for row in each(groups)
    ]
    return title, parts, caption, SOURCE


def _shares(rows: Rows) -> Rows:
    return _of_readings(rows).dropna(subset="estimate").reset_index(drop=True)


def _reading_dots(rows: Rows, style: Style) -> Figure:
    shares = _shares(rows)
    groups = pd.factorize(shares["outcome"])[0]
    places = pd.Series(-shares.index - 0.7 * groups)
    figure, axes = style.canvas(0.9 + 0.3 * len(shares) + 0.2 * groups.max())
    axes.hlines(places, 0, shares["estimate"], color="rule", lw=1.2)
    for name, group in places.groupby(shares["outcome"]):
        axes.vlines(goal_of(name), group.min() - 0.45, group.max() + 0.45, color="target", lw=2.4)
        axes.text(0, group.max() + 0.55, name, weight="bold", fontsize=9, va="bottom")
    for place, row in zip(places, each(shares), strict=True):
        axes.plot(row.estimate, place, "o", color="has" if row.term == "has" else "studying")
        write(axes, percent(row.estimate), (row.estimate, place), (8, 0), va="center")
    style.rows(axes, [label(term) for term in shares["term"]], places)
    axes.set(xlim=(0, min(1.0, shares["estimate"].max() + 0.16)), ylim=(places.min() - 0.6, 1.1))
    ticks(axes.xaxis, percent)
    return figure


@figure_view(
    _reading_dots,
    Message("The readings of the wording"),
    Message(
        "Each point is one reading of the wording; the upright mark is the target. Readings other than the two "
        "exact ones are rounded, and left out where they differ from those by few people."
    ),
    SOURCE,
    keep=_of_readings,
)
def readings(rows: Rows) -> Told:
    """Say how far the readings of the wording lie apart."""
    shares = _shares(rows)
    said = {"spread": 100 * shares.groupby("outcome")["estimate"].agg(np.ptp).max()}
    title = Message("The reading of one sentence moves a target by up to {spread:number} percentage points", **said)
    return title, [f"{row['outcome']}, {label(row['term'])}: {percent(row['estimate'])}" for row in each(shares)]


@table_view(
    Message("Heads of each target"),
    Message("Target | Members | Has | Studying | Need | Short"),
    Message("Counted person by person and not rounded. Studying: without a degree yet."),
)
def heads(rows: Rows) -> Cells:
    """Lay out the heads of each target: members, has, studying, need, short."""
    return by_target(pick(rows, estimand="heads"), "members", "has", "studying", "need", "short")


@table_view(
    Message("Every reading of the wording"),
    Message("Target | Reading | Share | Goal"),
    Message("Readings that are not exact figures are computed from rounded heads."),
)
def readings_table(rows: Rows) -> Cells:
    """Lay out every reading of every target with its share, against the goal; of the seats assigned where known."""
    cells = [
        [row["outcome"], label(row["term"]), written(row), percent(goal_of(row["outcome"]), 0)]
        for row in each(_of_readings(rows))
    ]
    for name, seats in ((name, target.seats) for name, target in targets().items() if target.seats):
        counted = pick(rows, outcome=name, estimand="heads", term="counted")["estimate"]
        words = say("has or is studying, of the {seats:number} seats assigned", seats=seats)
        cells += [[name, words, percent(one / seats), percent(goal_of(name), 0)] for one in counted.dropna()]
    return cells


@table_view(
    Message("The definition grid"),
    Message("Target | Reading | Population"),
    Message(
        "A check mark where the share reaches the line, in brackets where it does so only if degrees not yet verified "
        "hold; figures that are not exact are rounded."
    ),
    more=True,
)
def definitions(rows: Rows) -> Cells:
    """Lay out every reading and population on each day: share, and whether it reaches the line."""
    known = pick(rows, estimand="heads").pivot_table("estimate", ["outcome", "date", "run"], "term", dropna=False)
    doubt = {cell: most(row["unverified"], row["has"]) for cell, row in known.iterrows()}
    rows = pick(rows, estimand="attainment")
    if len(set(rows["outcome"])) > 1:  # several targets on one page: each has its own page with the whole grid
        rows = pick(rows, population="ALL")
    rows = rows.assign(cell=[_reaches(row, doubt) for row in each(rows)])
    wide = rows.pivot_table("cell", ["outcome", "term", "population"], "date", aggfunc="first", sort=False)
    wide = wide.sort_index(axis=1)
    cells = [[name, label(term), label(part, "populations"), *row] for (name, term, part), row in wide.iterrows()]
    return [[day(when) for when in wide], *cells]


def _reaches(row: pd.Series, doubts: dict) -> str:
    """Write a share with its mark; `doubts` are heads whose degrees may not hold, at most those of `has`."""
    doubt = doubts.get((row["outcome"], row["date"], "" if row["term"] == HEADLINE else "has"), 0)
    over = row["estimate"] - goal_of(row["outcome"]) + 1e-9
    mark = " ✗" if over < 0 else " (✓)" if over < doubt / row["n"] else " ✓"
    return written(row) + ("" if pd.isna(over) else mark)


def target_verdict(row: pd.Series, final: bool | None = None) -> str:
    """Judge from protected heads, for good (`final`) by default from the target's own day on; of unverified degrees
    there may be as many as what is shown of them allows."""
    if not row["members"] > 0:
        return "not_assessable"
    heads = {**row, "unverified": most(row["unverified"], row["has"])}
    final = is_final(row["date"], row["outcome"]) if final is None else final
    return judge(heads, final=final, earlier={term: row.get(f"then_{term}", 0) for term in ("counted", "need")})


def verdicts(rows: Rows, final: bool | None = None) -> dict[str, str]:
    """Judge each target on the last day of its rows, those without members too: what a title and an answer count."""
    judged = {row["outcome"]: target_verdict(row, final) for row in each(compared(rows))}
    return dict.fromkeys(heads_of(rows)["outcome"], "not_assessable") | judged


@answer_view
def answer(rows: Rows, *, final: bool | None = None) -> tuple[list[str], str]:
    """Answer where each target stands, from its official rows; the status is the worst of them."""
    found, groups = verdicts(rows, final), compared(rows)
    if groups.empty:
        return [say("The targets cannot be assessed: the groups have no members on that day.")], "not_assessable"
    told = {row["outcome"]: _one_target(row, found[row["outcome"]]) for row in each(groups)}
    lines = [told.get(name) or say("{outcome}: {tail}.", outcome=name, tail=TAILS[found[name]]) for name in found]
    if len(found) > 1:
        whole = {"when": groups["date"].iloc[0], **_tally(found.values())}
        head = say("On {when:day}, {reached} of {count} targets are reached under the headline reading{more}.", **whole)
        lines.insert(0, head)
    worst = min(found.values(), key=ORDER.index)
    return lines, "push" if worst == "open" else worst


def _tally(words: Iterable[str]) -> dict[str, Any]:
    """Count who is reached for good, and apart from them who is on a condition or by a smaller group."""
    found = Counter(words)
    more = [f"; {label(one, 'statuses').lower()}: {found[one]}" for one in REACHED[:-1] if found[one]]
    return {"reached": found["met"], "count": found.total(), "more": "".join(more)}


def _tail(row: pd.Series, verdict: str) -> Message:
    spare, doubt = row["counted"] - row["need"], row["unverified"]
    condition = Message("every degree not yet verified must hold")
    if spare > 0:
        condition = Message("no more than {spare:number} of the degrees not yet verified may fail", spare=spare)
    if 0 < spare < doubt < row["has"]:  # how many there are may be shown
        about = {"least": doubt - spare, "doubt": doubt}
        condition = Message("about {least:number} of some {doubt:number} degrees not yet verified must hold", **about)
    tail = TAILS["missed by one" if verdict == "missed" and row["short"] == 1 else verdict]
    return Message(tail.template, **row, condition=condition)


def _one_target(row: pd.Series, verdict: str) -> str:
    share, goal, tail = row["counted"] / row["members"], goal_of(row["outcome"]), _tail(row, verdict)
    stands = Message(
        "{outcome}: {share:percent} ({counted:number}/{members:number}, of whom {studying:number} studying) "
        "against {goal:percent.0}: {tail}.",
        **{**row, "share": share, "goal": goal, "tail": tail},
    )
    lines = [stands.say()]
    if verdict.startswith("shrunk"):
        lines.append(
            say("With the {then_members:number} members of {then_date:day}, {then_need:number} would be needed.", **row)
        )
    if verdict in REACHED and row["has"] < row["need"]:
        lines.append(say("On degrees held alone ({has:number}) it is not reached.", **row))
    return " ".join(lines)


def _of_steps(rows: Rows) -> Rows:
    """Keep when courses end only where all parts may be shown, since the whole is, exactly."""
    ends = rows["term"].str.startswith("ends[")
    return pd.concat([rows[~ends], of_groups_told(rows[ends], "all", "outcome")])


def _steps(rows: Rows) -> str:
    """Say how people come into each group, what it would take to reach the need, and when the courses counted end."""
    lines = []
    for row in each(compared(pick(rows, term=SHOWN))):
        target = targets()[row["outcome"]]
        held = [event.first for event in events() if event.id == target.congress and event.first <= row["date"]]
        way = Message("Members hold posts: the group changes with every appointment, move and departure.")
        if target.elected:
            way = Message("Members are elected: the group changes mostly at elections.")
        if held:
            way = Message("Members are elected: most change at a congress, last from {held:day}.", held=held[-1])
        said = {**row, "free": row["members"] - row["counted"], "missing": row["need"] - row["has"]}
        enrol = Message(
            "{short:number} of the {free:number} members who neither hold a degree nor study would have to enrol.",
            **said,
        )
        finish = Message(
            "To be reached on degrees held, {missing:number} more are needed; {studying:number} members are studying.",
            **said,
        )
        lines += [way, *[enrol] * (row["short"] > 0), *[finish] * (said["missing"] > 0)]
    ends = rows[rows["term"].str.startswith("ends[")]
    told = "; ".join(f"{label(row['term'])}: {number(row['estimate'])}" for row in each(ends))
    some = Message("Courses of those who study, in rounded numbers: {told}.", told=told)
    few = Message("Too few members study in one part or another to show when their courses end.")
    lines.append(some if told else few)
    return html_list(line.say() for line in lines)


steps = replace(text_view(_steps), keep=_of_steps)
