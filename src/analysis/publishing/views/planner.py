"""What it would have taken, as an example: further enrolments, one plan, other courses; who is watched, who stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, over_time, ticks, write
from analysis.publishing.drawing.tables import (
    NOT_ASSESSABLE,
    Cells,
    Told,
    absent,
    by_target,
    counts,
    each_once,
    each_row_said,
    figure_view,
    html_list,
    html_table,
    only_value,
    paragraph,
    pick,
    table_view,
    value_of,
    written,
)
from analysis.publishing.drawing.view import Rows, answer_view, each, each_target, text_view
from analysis.publishing.views.outlook import SOURCE, chance
from analysis.reference import targets
from analysis.words import Message, label, number, percent, say

CERTAINTY = (0.5, 0.8, 0.9)
READINGS = {"has_or_studying": Message("for the headline reading"), "has": Message("for a degree in hand")}
STATES = {"ahead": Message("still ahead"), "gone": Message("gone by")}
CLASSES = {
    "women": Message("are women"),
    "young": Message("are young"),
    "minority": Message("are of a minority"),
    "several": Message("serve two targets or more"),
}


@text_view
def example(rows: Rows, *, made: str, by: str) -> str:
    """Say that what follows is reckoned as of a day, and whether it can still be done: not where the rows have come."""
    days = {"made": pd.Timestamp(made), "by": pd.Timestamp(by)}
    if pick(rows, date=days["by"]).empty:
        return paragraph(say("Reckoned as of {made:day} for {by:day}: a calculation, not a decision.", **days))
    return paragraph(
        say("A worked example: what could have been reckoned on {made:day} for {by:day}. That day has passed. Nothing "
            "below happened, and nothing below can still be done.", **days)
    )  # fmt: skip


def _of_extra(rows: Rows) -> Rows:
    """Keep the probabilities by further enrolments, how many each certainty asks, and of how many who may be sent."""
    told = pick(rows, term="met_with_extra").dropna(subset="estimate")["outcome"].unique()
    terms = ["met_with_extra", "eligible", "expected_gap", *(f"extra[{mark}]" for mark in CERTAINTY)]
    return pick(rows, outcome=told, term=terms)


def _least(one: Rows) -> dict[float, float]:
    """Give the fewest enrolments for each certainty; NaN where those eligible do not suffice."""
    asked = one.set_index("term")["estimate"]
    start = pick(one, term="met_with_extra", n_exposed=0)["estimate"].max()  # shown even where the eligible are few
    heads = {mark: asked.get(f"extra[{mark}]", np.nan) for mark in CERTAINTY}
    return {mark: 0 if np.isnan(least) and start >= mark else least for mark, least in heads.items()}


def _asked(one: Rows) -> dict[float, str]:
    """Write the fewest enrolments for each certainty: a dash where the eligible do not suffice, or why it is hidden."""
    hidden = {row["term"]: absent(row) for row in each(one) if row["suppressed"] and row["computed"]}
    said = {mark: hidden.get(f"extra[{mark}]") or hidden.get("eligible", "–") for mark in CERTAINTY}
    return {mark: number(heads) or said[mark] for mark, heads in _least(one).items()}


def _extra(rows: Rows, style: Style, *, made: str) -> Figure:
    def draw(axes: Axes, one: Rows, name: str) -> None:
        line = pick(one, term="met_with_extra").sort_values("n_exposed").set_index("n_exposed")["estimate"]
        axes.hlines(CERTAINTY, 0, line.index.max(), color="rule", lw=1)
        axes.plot(line, color="has")
        axes.plot(line[line.index.isin(_least(one).values())], "o", ms=5, color="has", clip_on=False)
        axes.set(ylim=(0, 1), xlim=(0, max(line.index.max(), 1)), yticks=[0, *CERTAINTY, 1])
        ticks(axes.yaxis, percent)
        axes.locator_params(axis="x", nbins=5, integer=True)
        axes.set_xlabel(say("further enrolments"))

    several = pick(rows, term="met_with_extra")["outcome"].value_counts().gt(1)
    return style.panels(pick(rows, outcome=several.index[several]), 2.2, draw) if several.any() else style.nothing()


def enrolments(rows: Rows) -> str:
    """Lay out who may be sent, the expected gap, and the enrolments that each certainty asks."""
    stock = ("eligible", "expected_gap")
    cells = [[name, *(value_of(one, term) for term in stock), *_asked(one).values()] for name, one in each_target(rows)]
    return html_table(say("Target | Eligible | Expected gap | For 50% | For 80% | For 90%"), cells)


@figure_view(
    _extra,
    Message("Worked example: what further enrolments would have done"),
    Message(
        "Probability of reaching the need by the number of eligible members sent on the day of the example; marks at "
        "50%, 80% and 90%; a dash where those eligible do not suffice."
    ),
    SOURCE,
    keep=_of_extra,
    data=enrolments,
)
def extra(rows: Rows, *, made: str) -> Told:
    """Say how many further enrolments each certainty would have asked."""
    asked = {name: _asked(one) for name, one in each_target(rows)}
    parts = [f"{name}: " + ", ".join(f"{percent(mark, 0)}: {one[mark]}" for mark in one) for name, one in asked.items()]
    said = {"made": pd.Timestamp(made), "asked": ", ".join(f"{name} {one[0.8]}" for name, one in asked.items())}
    return Message("Worked example, {made:day}: further enrolments for an 80% chance: {asked}", **said), parts


@text_view
def intakes(rows: Rows, *, made: str) -> str:
    """Say the last intake that still counted under each reading, as seen on the day of the example."""
    if rows.empty:
        return paragraph(say("No intake can be told from the registry."))
    return html_list(
        say(
            "Last intake that counts {words}: {intake}, on {made:day} {ahead}.",
            words=READINGS[row["reading"]],
            ahead=STATES[row["state"]],
            made=pd.Timestamp(made),
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


def _scenarios(rows: Rows, style: Style, *, made: str) -> Figure:
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


def chances(rows: Rows) -> str:
    """Lay out the chance of each target under each scenario."""
    shown = _by_scenario(rows).map(lambda value: NOT_ASSESSABLE.say() if pd.isna(value) else chance(value))
    cells = [[label(run, "scenarios"), *one] for run, one in shown.iterrows()]
    return html_table(" | ".join([say("Scenario"), *shown]), cells)


@figure_view(
    _scenarios,
    Message("Worked example: the chance under each scenario"),
    Message(
        "Probability of reaching the need on the last day under each scenario, all else as on the day of the example."
    ),
    SOURCE,
    keep=_of_chances,
    data=chances,
)
def scenarios(rows: Rows, *, made: str) -> Told:
    """Say the chance of each target under each scenario."""
    wide = _by_scenario(rows)
    title = Message("Worked example, {made:day}: the chance under each scenario", made=pd.Timestamp(made))
    return title, each_row_said(wide, percent, 0, rows="scenarios")


@text_view
def plan(rows: Rows, *, certainty: Sequence[float] = CERTAINTY) -> str:
    """Say how many people the joint plan sends for each certainty, scored by simulation, or that none was found."""
    if not rows["term"].str.startswith("plan[").any():
        return paragraph(say("No joint plan was sought, a target having no forecast."))
    lines = []
    for level in certainty:
        heads, met = only_value(rows, f"plan[{level}]"), only_value(rows, f"met_all[{level}]")
        said = say("{level:percent.0} for all: no plan within the limits was found.", level=level)
        if heads is not None and met is not None:
            said = say(
                "{level:percent.0} for all: {heads:number} people sent, and by simulation a chance of {chance}.",
                level=level,
                heads=heads,
                chance=chance(met),
            )
        lines.append(said)
    return html_list(lines)


@table_view(
    Message("Worked example: whom the joint plan would have sent"), Message("People who | Number"), people=("people",)
)
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
    Message("Group"),
    Message("Watched, not judged: this group has no target. Rounded."),
    more=True,
)
def lecturers(rows: Rows) -> Cells:
    """Lay out a group that is watched without a target."""
    rows = rows.assign(outcome=[label(name, "monitors") for name in rows["outcome"]])
    head = say("Members on {on:day} | Has | Has or is studying", on=rows["date"].max())
    return [head.split(" | "), *by_target(rows, "members", "has", "has_or_studying")]


def _of_cohort(rows: Rows) -> Rows:
    """Keep who holds a degree and serves, of the targets of which the last day may be shown."""
    held = pick(rows, term="holding")
    last = held[held["date"] == held["date"].max()].dropna(subset="estimate")["outcome"]
    return pick(held, outcome=last).dropna(subset="estimate")


def _cohort(rows: Rows, style: Style) -> Figure:
    def draw(axes: Axes, one: Rows, name: str) -> None:
        one = one.sort_values("date")
        axes.fill_between(one["date"], one["conf_low"], one["conf_high"], color="studying", alpha=0.35, lw=0)
        axes.plot(one["date"], one["estimate"], "o-", color="has", ms=4, clip_on=False)
        for side, row in zip(("left", "right"), each(one.iloc[[0, -1]]), strict=True):
            write(axes, number(row["estimate"]), (row["date"], row["estimate"]), (0, 7), ha=side, weight="bold")
        ends = one["date"].iloc[[0, len(one) // 2, -1]]
        over_time(axes, (ends.iloc[0], ends.iloc[-1]), ends, "%m/%Y")
        axes.set_ylim(0, one["conf_high"].max() * 1.25)
        axes.locator_params(axis="y", nbins=4, integer=True)
        ticks(axes.yaxis, number)

    return style.panels(rows, 2.2, draw)


@figure_view(
    _cohort,
    Message("Who holds a degree and is still in service"),
    Message(
        "People of the first day only, wherever they serve; nobody new is enrolled. Line: median; band: 80% interval. "
        "The line may rise at first, as students finish."
    ),
    SOURCE,
    keep=_of_cohort,
)
def cohort(rows: Rows) -> Told:
    """Say how many of the first day's people hold a degree and serve on the last."""
    last = rows[rows["date"] == rows["date"].max()]
    said = {"made": rows["date"].min(), "until": rows["date"].max()}
    title = Message("Who of those counted on {made:day} may hold a degree and serve on {until:day}", **said)
    return title, [say("{outcome}: {heads} on {date:day}", heads=written(one), **one) for one in each(last)]


@answer_view
def cohort_answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Say how many of those who counted may still be there with a degree; no target, no share, no word of progress."""
    shown = _of_cohort(rows)
    said = each_once([note for note in notes if "not assessable" in note.template])
    if shown.empty:
        return [say("Not to be disclosed, or nothing that can be told from the registry."), *said], "not_assessable"
    held, until = pick(rows, term="holding"), shown["date"].max()
    made, last = held["date"].min(), held[held["date"] == until]
    owner = pick(rows, method="census", term="counted", date=made).drop_duplicates("outcome")
    followed = last["outcome"].map(owner.set_index("outcome")["estimate"]).fillna(last["n"])
    lines = [say("Of those who counted on {made:day}, in service with a degree on {until:day}, by 80% interval:",
                 made=made, until=until)]  # fmt: skip
    for one in each(last.assign(n=followed)):
        told = say("{outcome}: {conf_low:number} to {conf_high:number} of {n:number} people", **one)
        lines.append(told if pd.notna(one["estimate"]) else f"{one['outcome']}: {absent(one)}")
    over = {targets()[name].ends for name in shown["outcome"]} - {pd.Timestamp.max}
    lines += [say("The groups end on {ends:day}: there is no target after it.", ends=one) for one in over]
    return [*lines, *said], "info"
