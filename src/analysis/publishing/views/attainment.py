"""Where each target stands on a day: heads against the need, every reading of the wording, the answer, its bounds."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.gate.disclosure import most
from analysis.publishing.views.style import Style, ticks, write
from analysis.publishing.views.tables import (
    Cells,
    Told,
    by_target,
    figure_view,
    goal_of,
    heads_of,
    html_list,
    of_groups_told,
    pick,
    table_view,
    written,
)
from analysis.publishing.views.view import Rows, answer_view, each, text_view
from analysis.targets.attainment import judge
from analysis.words import Message, day, label, number, percent, say

SHOWN = ("members", "has", "studying", "counted", "need", "short")
ORDER = ("not_assessable", "missed", "open", "pending", "met")  # the worst first
TAILS = {
    "not_assessable": Message("not assessable, the group has no members on that day"),
    "met": Message("reached"),
    "pending": Message("reached if degrees not yet verified hold"),
    "open": Message("{short:number} more needed"),
    "missed": Message("{short:number} people short"),
    "missed by one": Message("{short:number} person short"),
}
SOURCE = Message("Source: personnel registry, all members counted.")


def _of_bullets(rows: Rows) -> Rows:
    """Keep the heads that the bullets show, of the targets that have members."""
    heads = pick(rows, estimand="heads", term=SHOWN)
    return of_groups_told(heads, "all", "outcome", "date")


def _bullets(rows: Rows, style: Style) -> Figure:
    groups = heads_of(rows)
    shares, places = len(groups) > 1, -np.arange(len(groups))
    figure, axes = style.canvas(0.75 + 0.8 * len(groups), 0.75 + len(groups))
    # groups of very different size share an axis of percent
    drawn = groups[["members", "has", "studying", "need"]].div(groups["members"] if shares else 1, axis=0)
    axes.barh(places, drawn["members"], 0.46, color="rule")
    for term, left in (("has", 0), ("studying", drawn["has"])):
        axes.barh(places, drawn[term], 0.46, left, color=term, label=label(term))
    axes.vlines(drawn["need"], places - 0.33, places + 0.27, color="target", lw=3, label=label("need"))
    for place, row in enumerate(each(groups)):
        name = row["outcome"]
        if not style.narrow:
            name += " · " + textwrap.shorten(label(name, "targets"), 52, placeholder=" …")
        axes.text(0, 0.33 - place, name, va="bottom", fontsize=9.5, weight="bold")
        count = say("{counted:number} / {need:number} needed", **row)
        axes.text(drawn["members"][place], 0.33 - place, count, va="bottom", ha="right", color="muted")
    axes.set(ylim=(0.55 - len(groups), 0.85), xlim=(0, drawn["members"].max() * 1.004), yticks=[])
    axes.grid(axis="x")
    ticks(axes.xaxis, percent if shares else number)
    style.key(figure)
    return figure


@figure_view(_bullets, Message("The heads of the targets"), keep=_of_bullets)
def bullets(rows: Rows) -> Told:
    """Say of each target who has a degree or studies, against the need."""
    groups, title = heads_of(rows), None
    caption = Message("Bars are shares of each group's members; the upright mark is the number of people needed.")
    if len(groups) > 1:
        met = int(groups["short"].eq(0).sum())
        title = Message("{met} of {count} targets reach the heads they need", met=met, count=len(groups))
    elif len(groups):
        caption = Message("Bars count people; the upright mark is the number needed.")
        title = Message("{short:number} more people are needed", **groups.iloc[0])
        if not groups["short"].iloc[0]:
            title = Message("The group has the heads it needs")
    parts = [
        say(
            "{outcome}: {has:number} with a degree and {studying:number} studying of {members:number} members, "
            "{need:number} needed",
            **row,
        )
        for row in each(groups)
    ]
    return title, parts, caption, SOURCE


def _of_readings(rows: Rows) -> Rows:
    """Keep the shares; what is hidden is left out of the figure and named in its table."""
    return pick(rows, estimand="attainment")


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
    Message("Exact figures, not rounded. Studying: without a degree yet."),
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
    """Lay out every reading of every target with its share, against the goal."""
    return [
        [row["outcome"], label(row["term"]), written(row), percent(goal_of(row["outcome"]), 0)]
        for row in each(_of_readings(rows))
    ]


@table_view(
    Message("The definition grid"),
    Message("Target | Reading | Population"),
    Message("A check mark where the share reaches the line; figures that are not exact are rounded."),
    more=True,
)
def definitions(rows: Rows) -> Cells:
    """Lay out every reading and population on each day: share, and whether it reaches the line."""
    if len(set(rows["outcome"])) > 1:  # several targets on one page: each has its own page with the whole grid
        rows = pick(rows, population="ALL")
    rows = rows.assign(cell=[_reaches(row) for row in each(rows)])
    wide = rows.pivot_table("cell", ["outcome", "term", "population"], "date", aggfunc="first", sort=False)
    wide = wide.sort_index(axis=1)
    cells = [[name, label(term), label(part, "populations"), *row] for (name, term, part), row in wide.iterrows()]
    return [[day(when) for when in wide], *cells]


def _reaches(row: pd.Series) -> str:
    mark = "" if pd.isna(row["estimate"]) else " ✓" if row["estimate"] >= goal_of(row["outcome"]) - 1e-9 else " ✗"
    return written(row) + mark


def target_verdict(row: pd.Series, final: bool) -> str:
    """Judge from protected heads: unverified degrees may be as many as what is shown of them allows."""
    if not row["members"] > 0:
        return "not_assessable"
    return judge({**row, "unverified": most(row["unverified"], row["has"])}, final=final)


@answer_view
def answer(rows: Rows, *, final: bool) -> tuple[list[str], str]:
    """Answer where each target stands, from its official rows; the status is the worst of them."""
    groups = heads_of(rows)
    if groups.empty or not groups["members"].gt(0).any():
        return [say("The targets cannot be assessed: the groups have no members on that day.")], "not_assessable"
    verdicts = [target_verdict(row, final) for row in each(groups)]
    lines = [_one_target(row, verdict) for row, verdict in zip(each(groups), verdicts, strict=True)]
    if len(groups) > 1:
        head = Message(
            "On {when:day}, {reached} of {count} targets are reached under the headline reading.",
            when=groups["date"].iloc[0],
            reached=sum(verdict in ("met", "pending") for verdict in verdicts),
            count=len(groups),
        )
        lines.insert(0, head.say())
    worst = min(verdicts, key=ORDER.index)
    return lines, "push" if worst == "open" else worst


def _one_target(row: pd.Series, verdict: str) -> str:
    tail = TAILS["missed by one" if verdict == "missed" and row["short"] == 1 else verdict]
    said = {**row, "tail": Message(tail.template, **row), "goal": goal_of(row["outcome"])}
    if verdict == "not_assessable":
        return say("{outcome}: {tail}.", **said)
    return say(
        "{outcome}: {share:percent} ({counted:number}/{members:number}, of whom {studying:number} studying) "
        "against {goal:percent.0}: {tail}.",
        share=row["counted"] / row["members"],
        **said,
    )


@text_view
def bounds(rows: Rows) -> str:
    """Say how far unverified degrees move each target: the share with and without them."""
    lines, groups = [], heads_of(rows)
    for row in each(groups[groups["members"] > 0]):
        said = Message("{outcome}: too few unverified degrees to show their number.", **row)
        if pd.notna(row["unverified"]):
            said = Message(
                "{outcome}: from {low:percent} (no unverified degree holds) to {high:percent} (all hold); the "
                "number unverified is rounded.",
                low=(row["counted"] - row["unverified"]) / row["members"],
                high=row["counted"] / row["members"],
                **row,
            )
        lines.append(said.say())
    return html_list(lines, say("What unverified degrees could change:"))
