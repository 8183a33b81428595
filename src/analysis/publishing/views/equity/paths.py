"""By which way a gap in promotion comes: shares who rose by months, and what access and planning would close."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, write
from analysis.publishing.drawing.tables import Told, figure_view, html_table, pick, row_of, told_of
from analysis.publishing.drawing.view import Rows, absent, each
from analysis.publishing.views.equity.gaps import by_way, groups_by, named
from analysis.words import Message, number, percent, say, signed, span

PARTS = {"gap": "has", "through_access": "studying", "through_planning": "gain", "rest": "muted"}
CHANCES = ("as_is", "all_equal", "access_equal", "planning_equal")


def _curve_lines(rows: Rows, style: Style) -> Figure:
    figure, axes = style.canvas(3.2)
    for (term, name), color in zip(_sides(rows).items(), ("has", "muted"), strict=True):
        line = pick(rows, term=term, estimand="risk").dropna(subset="estimate")
        axes.plot([0, *line["time"]], [0, *(100 * line["estimate"])], "o-", ms=3.5, color=color, label=name)
    last = int(rows["time"].max())
    axes.set(xlim=(0, last + 0.5), ylim=(0, None), xticks=range(0, last + 1, 12))
    axes.set(xlabel=say("months since the beginning"), ylabel=say("% who rose"))
    axes.grid(axis="y")
    style.key(figure)
    return figure


def _sides(rows: Rows) -> dict[str, str]:
    """Name the group of the rows and its reference."""
    name = rows["population"].iloc[0]
    return {"group": named(name), "reference": named(f"reference[{name}]")}


def _curve_table(rows: Rows) -> str:
    cells = [
        [
            number(time),
            *(told_of(row_of(at, term=term), percent) for term in ("group", "reference")),
            _points(row_of(at, term="gap"), 1),
            *(told_of(row_of(at, term=f"at_risk[{term}]"), number) for term in ("group", "reference")),
        ]
        for time, at in rows.groupby("time")
    ]
    return html_table(
        say("Months | Rose | Reference rose | Difference, points | Still at risk | Reference still at risk"), cells
    )


@figure_view(
    _curve_lines,
    Message("Who rose, by months"),
    Message(
        "Share who rose to a higher post before any exit, of those whom the rules leave open for all these months by "
        "their own retirement. Nothing is adjusted for sector, grade or age."
    ),
    data=_curve_table,
    keep=lambda rows: pick(rows, method="cumulative"),
)
def curves(rows: Rows) -> Told:
    """Say both shares at the last month that may be shown; the rows are of one group."""
    gaps = pick(rows, term="gap").dropna(subset="estimate")
    if gaps.empty:
        return None, []
    at = pick(rows, time=gaps["time"].max())
    words = {term: f"{name} {told_of(row_of(at, term=term), percent)}" for term, name in _sides(rows).items()}
    title = say("Risen within {months:number} months: {group}; {reference}", months=gaps["time"].max(), **words)
    return title, [say("Difference {gap} percentage points", gap=_points(row_of(at, term="gap"), 1))]


def _split(rows: Rows) -> list[tuple[str, Rows]]:
    groups = groups_by(rows, "channels")
    return [(name, one) for name, one in groups if pick(one, term=[*PARTS])["conf_low"].notna().any()]


def _bridge_dots(rows: Rows, style: Style) -> Figure:
    shown = [(name, row) for name, one in _split(rows) for row in each(pick(one, term=[*PARTS]))]
    figure, axes = style.canvas(0.9 + 0.34 * len(shown), 1.1 + 0.5 * len(shown))
    axes.axvline(0, color="muted", lw=1)
    for place, (_, row) in enumerate(shown):
        color = PARTS[row["term"]]
        axes.plot([100 * row["conf_low"], 100 * row["conf_high"]], [-place, -place], color=color)
        axes.plot(100 * row["estimate"], -place, "o", color=color)
        write(axes, signed(100 * row["estimate"], 2), (100 * row["conf_high"], -place), (5, 0), va="center")
    style.rows(axes, [f"{named(name)}: {named(row['term'])}" for name, row in shown], crowded=True)
    axes.margins(x=0.2)
    axes.set(xlabel=say("percentage points"))
    return figure


def _bridge_table(rows: Rows) -> str:
    cells = [
        [named(name), *(told_of(row_of(one, term=term), percent, 2) for term in CHANCES),
         *(_points(row_of(one, term=term)) for term in PARTS)]
        for name, one in groups_by(rows, "channels")
    ]  # fmt: skip
    return html_table(" | ".join([say("Group"), *map(named, (*CHANCES, *PARTS))]), cells)


def _points(row: pd.Series | None, digits: int = 2) -> str:
    """Write a difference of shares in points with its interval; or why there is none."""
    if row is None or pd.isna(row["estimate"]):
        return absent(row)
    value, low, high = (signed(100 * row[name], digits) for name in ("estimate", "conf_low", "conf_high"))
    return f"{value} ({span(low, high)})" if pd.notna(row["conf_low"]) else value


@figure_view(
    _bridge_dots,
    Message("By which way a gap comes"),
    Message(
        "Difference in the chance to rise within the window, against people in the same states with the reference's "
        "chances; 95% intervals. Minus: the group rises less often. Supposes no unmeasured cause of both course and "
        "promotion."
    ),
    data=_bridge_table,
    keep=lambda rows: pick(rows, method="channels"),
)
def bridge(rows: Rows) -> Told:
    """Say what would close with the reference's access to courses, and with its planning; never as a share."""
    shown = _split(rows)
    if not shown:
        return None, []
    parts = [
        say(
            "{group}: {gap} points in all; through access to courses {access}; through planning {planning}",
            group=named(name),
            gap=_points(row_of(one, term="gap")),
            access=_points(row_of(one, term="through_access")),
            planning=_points(row_of(one, term="through_planning")),
        )
        for name, one in shown
    ]
    return by_way(*shown[0]).rstrip("."), parts
