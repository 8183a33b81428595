"""Gaps in promotion: how many people, at first sight and like with like, and what can be told of whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ratio_axis
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
    value_of,
    written,
)
from analysis.publishing.drawing.view import Rows, answer_view
from analysis.publishing.views.equity.access import flag, named
from analysis.words import Message, number, percent, say, signed

LACKING = ("gap", "lower")  # verdicts by which a group rises less often
WAYS = ("access", "planning")
LIKE, FIRST = "like_with_like", "selection"


def groups_by(rows: Rows, method: str) -> list[tuple[str, Rows]]:
    """Give the groups of a method's rows in their order, each with its rows."""
    return [(str(name), one) for name, one in pick(rows, method=method).groupby("population", sort=False)]


def _verdict(rows: Rows) -> str:
    """Give the verdict on a group; none where it may not be told."""
    told = pick(rows, estimand="verdict", suppressed=False)["term"]
    return str(next(iter(told), "hidden"))


def _people(name: str, rows: Rows, start: str) -> str:
    """Say how many people more would have risen at the reference's rate."""
    return say(
        "{group}: {short} people more would have risen since {start:day} at the rate of comparable {reference}, ratio "
        "{ratio}: {finding}.",
        group=named(name),
        short=value_of(rows, "people_short", number),
        reference=named(f"reference[{name}]"),
        ratio=value_of(rows, "standardised"),
        finding=_finding(rows),
        start=pd.Timestamp(start),
    )


def by_way(name: str, rows: Rows) -> str:
    """Say how much of a gap runs through access to courses and through planning, in points."""
    gap = row_of(rows, term="gap")
    parts = {word: value_of(rows, f"through_{word}", _in_points) for word in WAYS}
    return say(
        "{group}: of a gap of {gap} percentage points within {window:number} months among people in like states, "
        "{access} run through access to courses and {planning} through planning.",
        group=named(name),
        gap=told_of(gap, _in_points),
        window=36 if gap is None else gap["time"],
        **parts,
    )


def _in_points(share: float) -> str:
    return signed(100 * share, 2)


@answer_view
def answer(rows: Rows, *, start: str, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer for whom the rate is lower, in people first, by which way, and for whom it cannot be told."""
    words = {name: (_verdict(one), one) for name, one in groups_by(rows, LIKE)}
    if not {word for word, _ in words.values()} - {"hidden"}:
        return [say("Whether the groups rise alike cannot be told."), *each_once(notes)[:1]], "not_assessable"
    lines = [_people(name, one, start) for name, (word, one) in words.items() if word in LACKING]
    lines += [by_way(name, one) for name, one in groups_by(rows, "channels") if one["conf_low"].notna().any()]
    for code, text in VERDICTS.items():
        chosen = [named(name) + _years(one) for name, (word, one) in words.items() if word == code]
        lines += [say(text.template, groups="; ".join(chosen))] * bool(chosen)
    lines.append(
        say("Groups overlap. These are differences in rate among people alike in post and age; they do not say why.")
    )
    return lines, "info"


VERDICTS = {
    "no_large_gap": Message("No gap as large as a fifth: {groups}."),
    "higher": Message("A higher rate than the reference: {groups}."),
    "cannot_tell": Message("Not enough rises to tell: {groups}."),
    "too_few": Message("Far too few rises to compare: {groups}."),
    "hidden": Message("Too few people to be shown: {groups}."),
}


def _shown(rows: Rows) -> list[tuple[str, pd.Series, pd.Series]]:
    """Give the groups with both ratios: the crude one and the one like with like."""
    pairs = [(name, row_of(one, term="crude"), row_of(one, term="standardised")) for name, one in groups_by(rows, LIKE)]
    return [(n, a, b) for n, a, b in pairs if a is not None and b is not None and pd.notna(b["conf_low"])]


def _ratio_bars(rows: Rows, style: Style) -> Figure:
    shown = _shown(rows)
    figure, axes = style.canvas(1.2 + 0.4 * len(shown), 1.5 + 0.56 * len(shown))
    axes.axvline(1, color="muted", lw=1)
    for place, (_, crude, like) in enumerate(shown):
        first = place == 0
        axes.plot([like["conf_low"], like["conf_high"]], [-place, -place], color="has")
        axes.plot(crude["estimate"], -place, "o", color="naive", mfc="plate", label=named("crude") if first else None)
        axes.plot(like["estimate"], -place, "o", color="has", label=named("standardised") if first else None)
    style.rows(axes, [named(name) for name, *_ in shown])
    ends = [row[end] for _, *both in shown for row in both for end in ("conf_low", "conf_high", "estimate")]
    low, high = min(*ends, 0.75) / 1.05, max(*ends, 1.3) * 1.05
    ratio_axis(axes, low, high, say("ratio of rates (log axis)"), (0.8, 1.25))
    style.key(figure)
    return figure


@figure_view(
    _ratio_bars,
    Message("Rates of rising beside those of the reference"),
    Message(
        "Rises per appointable time, group over reference, with 95% intervals. Hollow: crude. Solid: within the same "
        "sector, staff, grade, time in post and age. Shaded: 0.8 to 1.25. Groups with too few rises are left out."
    ),
    keep=lambda rows: pick(rows, method=LIKE, term=["crude", "standardised"]),
    data=lambda rows: html_table(
        say("Group | Crude | Like with like"),
        [[named(name), *(written(one) for one in both)] for name, *both in _shown(rows)],
    ),
)
def ratios(rows: Rows) -> Told:
    """Say both ratios of each group, and what like with like changes for the first."""
    shown = _shown(rows)
    if not shown:
        return None, []
    name, crude, like = shown[0]
    title = say(
        "{group}: {crude:number.2} of the rate of {reference} at first sight, {like:number.2} like with like",
        group=named(name),
        reference=named(f"reference[{name}]"),
        crude=crude["estimate"],
        like=like["estimate"],
    )
    return title, [
        say(
            "{group}: {crude:number.2} crude, {like} like with like",
            group=named(name),
            crude=a["estimate"],
            like=written(b),
        )
        for name, a, b in shown
    ]


@table_view(
    Message("At first sight: shares of those who could be appointed"),
    Message("Group | Rose | Reference rose | Ratio | People short | Four-fifths rule alone | False alarms of the rule"),
    Message(
        "People whom the rules left open at the beginning, and who rose since; nothing is adjusted, so that groups who "
        "serve elsewhere differ without any gap: the two keys are turned below, like with like. False alarms: how "
        "often the rule would flag groups of these sizes at equal chances."
    ),
    keep=lambda rows: pick(rows, method=FIRST),
)
def selection(rows: Rows) -> Cells:
    """Lay out the naive shares, and what each rule says of them."""
    asked = (("group", percent), ("reference", percent), ("ratio",), ("shortfall[1.0]", number), ("four_fifths", flag))
    return _by_group(rows, FIRST, *asked, ("false_alarm", percent, 0))


def _by_group(rows: Rows, method: str, *asked: tuple) -> Cells:
    """Lay out a row a group, a column a term with how `value_of` writes it."""
    return [[named(name), *(value_of(one, *column) for column in asked)] for name, one in groups_by(rows, method)]


def _years(rows: Rows) -> str:
    """Say how much data it would take, where nothing can be told."""
    row = row_of(rows, term="needed")
    if row is None or pd.isna(row["estimate"]):
        return ""
    return say(" (about {years:number} years of data needed)", years=np.ceil(row["estimate"] / 12))


def _finding(rows: Rows) -> str:
    return named(f"verdict[{_verdict(rows)}]") + _years(rows)


@table_view(
    Message("Like with like: rises per 100 appointable person-years"),
    Message(
        "Group | Rate | Reference | Ratio, crude | Like with like | With planning and rating | People short | What can "
        "be told"
    ),
    Message(
        "Only time in which the rules allow an appointment counts, by each one's own retirement. Planning and rating "
        "are decided by the service itself, so that the last ratio may hide part of a gap."
    ),
    keep=lambda rows: pick(rows, method=LIKE),
)
def rates(rows: Rows) -> Cells:
    """Lay out rates, ratios, people short and the verdict of each group."""
    plain = (("group", number, 2), ("reference", number, 2), ("crude", number, 2))
    asked = (*plain, ("standardised",), ("with_decided", number, 2), ("people_short", number))
    cells = _by_group(rows, LIKE, *asked)
    return [[*row, _finding(one)] for row, (_, one) in zip(cells, groups_by(rows, LIKE), strict=True)]
