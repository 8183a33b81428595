"""Who is sent: each group beside its reference at every stage, in people and in ratios, and where it falls behind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ratio_axis, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    each_once,
    figure_view,
    html_table,
    pick,
    row_of,
    table_view,
    told_of,
    written,
)
from analysis.publishing.drawing.view import Rows, answer_view, each
from analysis.words import Message, interval, label, number, percent, say, span

ASKED = ("sex[female]", "ethnicity[minority]", "ethnicity[khmer]", "ethnicity[hoa]", "ethnicity[other]",
         "sex[female]:ethnicity[minority]")  # fmt: skip
DRAWN = {"sex[female]": "has", "ethnicity[minority]": "target"}
VERSIONS = {"crude": "naive", "standardised": "studying", "decided": "has"}
LIKE = (0.8, 1.25)
MONTHS = ("allowed", "planned")  # stages that count months: nobody is short there


def named(code: str) -> str:
    """Give the word of a group, a stage or a term of these views."""
    return label(code, "equity")


def flag(value: float) -> str:
    """Say whether a rule flags a group."""
    return named("flagged" if value else "not_flagged")


def short_of(row: pd.Series) -> tuple[float, float, float]:
    """Give how many people more, with its interval, would have had to be chosen: from the protected ratio and count."""
    more, most, least = (row["n_event"] * (1 / row[name] - 1) for name in ("estimate", "conf_low", "conf_high"))
    return more, least, most


def _answer_of(rows: Rows, group: str) -> str:
    row = row_of(rows, estimand="risk_ratio", population=group, outcome="nominated", term="standardised")
    who = {"group": named(group), "others": named(f"reference[{group}]")}
    if row is not None and row["why"] == "cover":
        return say("{group}: not shown, since a smaller group would be told by it.", **who)
    if row is None or pd.isna(row["conf_low"]):
        return say("{group}: whether they are named as often as {others} cannot be told, too few were.", **who)
    told = {"ratio": number(row["estimate"], 2), "ends": interval(row)}
    if row["conf_low"] <= 1 <= row["conf_high"]:
        return say(
            "{group}: no difference from {others} in being named can be shown ({ratio} times as often, {ends}).",
            **who,
            **told,
        )
    more, least, most = short_of(row)
    if more < 0:
        return say(
            "{group}: named for a course more often than {others} in like posts ({ratio} times as often, {ends}).",
            **who,
            **told,
        )
    return say(
        "{group}: about {people:number} people fewer ({low:number} to {high:number}) were named for a course than at "
        "the rate of {others} in like posts ({ratio} times as often, {ends}).",
        people=more,
        low=least,
        high=most,
        **who,
        **told,
    )


def _stages_of(rows: Rows, group: str) -> str:
    found = pick(rows, estimand="verdict", population=group, suppressed=False).sort_values("estimate")["term"]
    stages = [term[6:-1] for term in found if term != "stage[none]"]
    if not stages:
        return say("No stage stands out when all are looked at together.")
    return say("They fall behind most clearly at: {stages}.", stages=", ".join(map(named, stages)))


@answer_view
def answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer how many people of each group fewer were named, and at which stage it falls behind."""
    groups = [group for group in ASKED if group in set(rows["population"])]
    if not groups:
        return [say("Who is sent cannot be told.")], "not_assessable"
    lines = [_answer_of(rows, group) + f" {_stages_of(rows, group)}" * (group in DRAWN) for group in groups]
    return [*lines, *each_once(notes)], "info"


def _ratios(rows: Rows) -> Rows:
    """Keep the ratios that are drawn: of the stages, planning and rating held alike."""
    return pick(rows, estimand="risk_ratio", term="decided", population=[*DRAWN])


def _pipeline(rows: Rows, style: Style) -> Figure:
    shown = rows.dropna(subset="conf_low")
    stages = [stage for stage in dict.fromkeys(rows["outcome"]) if stage in set(shown["outcome"])]
    figure, axes = style.canvas(1.1 + 0.55 * len(stages), 1.2 + 0.62 * len(stages))
    for shift, (group, color) in zip((0.14, -0.14), DRAWN.items(), strict=True):
        mine = shown[shown["population"] == group]
        at = np.array([shift - stages.index(stage) for stage in mine["outcome"]])
        axes.hlines(at, mine["conf_low"], mine["conf_high"], color=color)
        axes.plot(mine["estimate"], at, "o", color=color, label=named(group))
        for place, value in zip(at, mine["estimate"], strict=True):
            beside = axes.get_yaxis_transform()
            write(axes, number(value, 2), (1.02, place), (0, 0), color, xycoords=beside, va="center")
    style.rows(axes, [named(stage) for stage in stages])
    axes.axvline(1, color="muted", lw=1)
    low, high = min(shown["conf_low"].min(), 0.7) / 1.05, max(shown["conf_high"].max(), 1.4) * 1.05
    ratio_axis(axes, low, high, say("times as often as the reference (log axis)"), LIKE)
    style.key(figure)
    return figure


def _stage_table(rows: Rows) -> str:
    stages = dict.fromkeys(rows["outcome"])
    cells = [
        [named(stage), *(written(row_of(rows, population=group, outcome=stage)) for group in DRAWN)] for stage in stages
    ]
    return html_table(" | ".join([say("Stage"), *map(named, DRAWN)]), cells)


@figure_view(
    _pipeline,
    Message("From service to a higher post, stage by stage"),
    Message(
        "How often a group goes on, times its reference of the same kind of body, staff, grade, time in post, age, "
        "planning and rating; with 95% intervals. Women stand beside men, minorities beside Kinh. Each stage is of "
        "those who reached the one before. Shaded: 0.8 to 1.25."
    ),
    data=_stage_table,
    keep=_ratios,
)
def pipeline(rows: Rows) -> Told:
    """Say where the groups lie below their reference."""
    shown = rows.dropna(subset="conf_low")
    parts = [f"{named(row['outcome'])}, {named(row['population'])}: {written(row)}" for row in each(shown)]
    return None, parts


def _nominations(rows: Rows) -> Rows:
    return pick(rows, estimand="risk_ratio", outcome="nominated", population=ASKED)


def _versions(rows: Rows) -> Rows:
    wide = rows.pivot_table("estimate", "population", "term", dropna=False)
    return wide.reindex(index=[group for group in ASKED if group in wide.index], columns=[*VERSIONS]).dropna()


def _dots(rows: Rows, style: Style) -> Figure:
    wide = _versions(rows)
    figure, axes = style.canvas(1.2 + 0.4 * len(wide), 1.3 + 0.48 * len(wide))
    places = -np.arange(len(wide))
    axes.hlines(places, wide.min(axis=1), wide.max(axis=1), color="rule")
    for version, color in VERSIONS.items():
        inside = "plate" if color == "naive" else color
        axes.plot(wide[version], places, "o", color=color, mfc=inside, label=named(version))
    style.rows(axes, [named(group) for group in wide.index])
    axes.axvline(1, color="muted", lw=1)
    axes.set(xlabel=say("times as often as the reference"))
    style.key(figure)
    return figure


@figure_view(
    _dots,
    Message("Named for a course: the plain ratio, and like with like"),
    Message(
        "Hollow: rates as they are. Filled: against colleagues of the same kind of body, staff, grade, time in post "
        "and age; and also of the same planning and rating, which the system itself decides."
    ),
    data=lambda rows: html_table(
        " | ".join([say("Group"), *map(named, VERSIONS)]),
        [
            [named(group), *(written(row_of(rows, population=group, term=version)) for version in VERSIONS)]
            for group in dict.fromkeys(rows["population"])
        ],
    ),
    keep=_nominations,
)
def naive(rows: Rows) -> Told:
    """Set the crude ratio of nominations beside the standardised ones."""
    wide = _versions(rows)
    told = [", ".join(f"{named(one)} {number(row[one], 2)}" for one in VERSIONS) for row in each(wide)]
    return None, [f"{named(str(group))}: {text}" for group, text in zip(wide.index, told, strict=True)]


def rate_of(row: pd.Series | None) -> str:
    """Write a share as a percentage and a rate as a number, or why there is none."""
    share = row is not None and row["estimand"] == "risk"
    return told_of(row, percent) if share else told_of(row, number, 2)


@table_view(
    Message("Stage by stage, with rates and people"),
    Message("Stage"),
    Message(
        "Named: per 1,000 months in which the rules allow it; all others: shares of those at the stage. Like with "
        "like: same kind of body, staff, grade, time in post, age. People short: how many more would make it even; "
        "with a minus, how many fewer."
    ),
    more=True,
)
def stages(rows: Rows, *, group: str) -> Cells:
    """Lay out the stages of a group: its rate, that of the reference, the ratio, people short."""
    cells = [[named(group), named(f"reference[{group}]"), say("Like with like"), say("People short")]]
    for stage in dict.fromkeys(rows["outcome"]):
        mine = pick(rows, outcome=stage)
        ratio = row_of(mine, population=group, term="standardised")
        rates = [row_of(mine, population=who, term="at_stage") for who in (group, f"reference[{group}]")]
        if ratio is not None:
            cells.append([named(stage), *map(rate_of, rates), written(ratio), _people(ratio, stage)])
    return cells


def _people(row: pd.Series, stage: str) -> str:
    if stage in MONTHS or pd.isna(row["conf_low"]):
        return "–"
    people, low, high = short_of(row)
    return f"{number(people)} ({span(number(low), number(high))})"
