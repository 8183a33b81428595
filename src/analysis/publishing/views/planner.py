"""What it would take: further enrolments, one joint plan, what other courses would bring, who is watched beside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.publishing.views.outlook import SOURCE, chance
from analysis.publishing.views.style import Style, ticks, write
from analysis.publishing.views.tables import (
    NOT_ASSESSABLE,
    Cells,
    Told,
    absent,
    by_target,
    counts,
    each_row_said,
    figure_view,
    html_list,
    only_value,
    paragraph,
    pick,
    table_view,
)
from analysis.publishing.views.view import Rows, each, each_target, text_view
from analysis.words import Message, label, number, percent, say

CERTAINTY = (0.5, 0.8, 0.9)
HUES = ("has", "gap", "gain", "loss")  # of the targets, in their order
READINGS = {"has_or_studying": Message("for the headline reading"), "has": Message("for a degree in hand")}
STATES = {"ahead": Message("still ahead"), "gone": Message("gone by")}
CLASSES = {
    "women": Message("are women"),
    "young": Message("are young"),
    "minority": Message("are of a minority"),
    "several": Message("serve two targets or more"),
}


def _of_extra(rows: Rows) -> Rows:
    """Keep the probabilities by further enrolments."""
    return pick(rows, term="met_with_extra").dropna(subset="estimate")


def _least(one: Rows) -> list[float]:
    """Give the fewest enrolments for each certainty; NaN where those eligible do not suffice."""
    return [one.loc[one["estimate"] >= mark, "n_exposed"].min() for mark in CERTAINTY]


def _extra(rows: Rows, style: Style) -> Figure:
    figure, axes = style.canvas(3.2)
    axes.hlines(CERTAINTY, 0, rows["n_exposed"].max(), color="rule", lw=1)
    for color, (name, one) in zip(HUES * len(rows), each_target(rows.sort_values("n_exposed")), strict=False):
        line = one.set_index("n_exposed")["estimate"]
        axes.plot(line, color=color)
        axes.plot(line[line.index.isin([*_least(one), line.index[-1]])], "o", ms=5, color=color)
        write(axes, name, (line.index[-1], line.iloc[-1]), (6, 0), color, va="center", weight="bold")
    axes.set(ylim=(0, 1), xlim=(0, max(rows["n_exposed"].max(), 1) * 1.12), yticks=[0, *CERTAINTY, 1])
    axes.set_xlabel(say("further enrolments"))
    ticks(axes.yaxis, percent)
    axes.locator_params(axis="x", nbins=6, integer=True)
    return figure


@figure_view(
    _extra,
    Message("What further enrolments would do"),
    Message(
        "Probability of reaching the need by the number of eligible members sent now; marks at 50%, 80% and 90%; "
        "a dash where those eligible do not suffice."
    ),
    SOURCE,
    keep=_of_extra,
)
def extra(rows: Rows) -> Told:
    """Say how many further enrolments each certainty asks."""
    least = {name: [number(heads) or "–" for heads in _least(one)] for name, one in each_target(rows)}
    asked = ", ".join(f"{name} {heads[1]}" for name, heads in least.items())
    parts = [
        f"{name}: " + ", ".join(f"{percent(mark, 0)}: {one}" for mark, one in zip(CERTAINTY, heads, strict=True))
        for name, heads in least.items()
    ]
    return Message("Further enrolments for four chances in five: {asked}", asked=asked), parts


@table_view(
    Message("What it would take"),
    Message("Target | Eligible | Expected gap"),
    Message(
        "Members sent now, beyond those who enrol anyway. Filling the expected gap gives about even odds at best. "
        "The eligible are counted and rounded."
    ),
    more=True,
)
def enrolments(rows: Rows, *, certainty: Sequence[float] = CERTAINTY) -> Cells:
    """Lay out the eligible, the expected gap, and the enrolments that each certainty asks."""
    rows = rows[rows["outcome"].ne("ALL")]
    cells = by_target(rows, "eligible", "expected_gap")
    for row, (_, one) in zip(cells, each_target(rows), strict=True):
        row += [_enough(one, f"extra[{level}]") for level in certainty]
    return [[say("For {level:percent.0}", level=level) for level in certainty], *cells]


def _enough(rows: Rows, term: str) -> str:
    row, stock = pick(rows, term=term), pick(rows, term="eligible")
    if row.empty or stock.empty:
        return NOT_ASSESSABLE.say()
    hidden = absent(stock.iloc[0]) if stock["suppressed"].iloc[0] else say("not by training alone")
    return number(row["estimate"].iloc[0]) or hidden


@text_view
def intakes(rows: Rows) -> str:
    """Say the last intake that still counts under each reading."""
    if rows.empty:
        return paragraph(say("No intake can be told from the registry."))
    return html_list(
        say(
            "Last intake that counts {words}: {intake}, {ahead}.",
            words=READINGS[row["reading"]],
            ahead=STATES[row["state"]],
            **row,
        )
        for row in each(rows)
    )


def _of_chances(rows: Rows) -> Rows:
    """Keep the probabilities of meeting that could be computed."""
    return pick(rows, term="met").dropna(subset="estimate")


def _by_scenario(rows: Rows) -> Rows:
    """Lay chances out: a row a scenario as given, a column a target."""
    met = pick(rows, term="met")
    return met.pivot_table("estimate", "run", "outcome", sort=False, dropna=False).sort_index(axis=1)


def _scenarios(rows: Rows, style: Style) -> Figure:
    runs = [*_by_scenario(rows).index]

    def draw(axes: Axes, one: Rows, name: str) -> None:
        axes.hlines(-np.arange(len(runs)), 0, 1, color="rule", lw=1)
        for row in each(one):
            at, side = (row["estimate"], -runs.index(row["run"])), -1 if row["estimate"] > 0.8 else 1
            axes.plot(*at, "o", color="naive" if row["run"] == "as_now" else "has")
            write(axes, percent(at[0], 0), at, (7 * side, 0), va="center", ha="left" if side > 0 else "right")
        style.rows(axes, [label(run, "scenarios") for run in runs], crowded=True)
        axes.set(xlim=(0, 1), xticks=[0, 0.5, 0.8, 1])
        ticks(axes.xaxis, percent)

    return style.panels(rows, 0.75 + 0.3 * len(runs), draw)


@figure_view(
    _scenarios,
    Message("What other courses would bring"),
    Message("Probability of reaching the need on the last day under each scenario, all else as now."),
    SOURCE,
    keep=_of_chances,
)
def scenarios(rows: Rows) -> Told:
    """Say the chance of each target under each scenario, and which course gains most."""
    wide, title = _by_scenario(rows), None
    if "as_now" in wide.index and len(wide) > 1:
        gain = (wide - wide.loc["as_now"]).drop("as_now").mean(axis=1)
        title = Message("Most would be gained by: {best:label.scenarios}", best=gain.idxmax())
    return title, each_row_said(wide, percent, 0, rows="scenarios")


@table_view(
    Message("Scenarios"),
    Message("Scenario"),
    Message("Probability of reaching the need on the last day, all scenarios from the same draws; all else as now."),
    more=True,
)
def chances(rows: Rows) -> Cells:
    """Lay out the chance of each target under each scenario."""
    shown = _by_scenario(rows).map(lambda value: NOT_ASSESSABLE.say() if pd.isna(value) else chance(value))
    return [[*shown], *([label(run, "scenarios"), *one] for run, one in shown.iterrows())]


@text_view
def plan(rows: Rows, *, certainty: Sequence[float] = CERTAINTY) -> str:
    """Say how many people the joint plan sends for each certainty, scored again by simulation, or that none exists."""
    lines = []
    for level in certainty:
        heads, met = only_value(rows, f"plan[{level}]"), only_value(rows, f"met_all[{level}]")
        said = say("{level:percent.0} for all: no plan within the limits reaches it.", level=level)
        if heads is not None and met is not None:
            said = say(
                "{level:percent.0} for all: {heads:number} people, and by simulation a chance of {chance}.",
                level=level,
                heads=heads,
                chance=chance(met),
            )
        lines.append(said)
    return html_list(lines)


@table_view(Message("Whom the joint plan sends"), Message("People who | Number"), people=("people",))
def classes(rows: Rows) -> Cells:
    """Lay out whom a plan sends, by target served and by mark: they overlap, single classes would be too few."""
    if rows.empty:
        return [[say("no plan"), "–"]]
    said = [
        CLASSES.get(code) or Message("serve {target}", target=code.removeprefix("serve_")) for code in rows["class"]
    ]
    return counts(pd.DataFrame({"class": said, "people": rows["people"]}))


@table_view(
    Message("Lecturers"),
    Message("Group | Members | Has | Has or is studying"),
    Message("Watched, not judged: this group has no target. Rounded."),
)
def lecturers(rows: Rows) -> Cells:
    """Lay out a group that is watched without a target."""
    rows = rows.assign(outcome=[label(name, "monitors") for name in rows["outcome"]])
    return by_target(rows, "members", "has", "has_or_studying")
