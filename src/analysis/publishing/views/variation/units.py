"""How units differ beyond chance: how far, and, only where a test allows it, which."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
    figure_view,
    html_table,
    pick,
    table_view,
    value_of,
)
from analysis.publishing.drawing.view import NOT_ASSESSABLE, Rows, answer_view, each
from analysis.publishing.views.variation.shocks import say_gap
from analysis.words import Message, label, language, number, percent, say, signed

RARE = 0.001
READINGS = {"differ": Message("units differ"), "unranked": Message("cannot be ranked")}
LIMITS = {1.96: "95%", 1.2816: "80%"}
TERMS = ["ratio", "observed", "expected", "crude", "lowest_fifth", "highest_fifth", "conf_low", "conf_high"]
READ = Message(
    "A ratio of 1 is what the unit's people lead one to expect; it is drawn towards 1 the more, the fewer they are. "
    "Units with too few people are not shown. A difference in rate, not a fault or a merit."
)


def _named(unit: str) -> str:
    """Give the name of a unit in the language spoken, of those that it has."""
    first, _, second = unit.partition(" / ")
    return second if second and language() == "en" else first


def _wide(rows: Rows) -> Rows:
    """Lay the units that may be shown out a row each, the lowest ratio first, with the sides on which 1 is left out."""
    told = rows[rows["population"].ne("ALL")]
    ends = pick(told, term="ratio").set_index("population")[["conf_low", "conf_high"]]
    wide = told.pivot_table("estimate", "population", "term").join(ends).reindex(columns=TERMS)
    wide = wide.dropna(subset=["ratio", "expected", "observed"]).sort_values("ratio")
    return wide.assign(side=(wide["conf_low"] > 1) * 1 - (wide["conf_high"] < 1) * 1)


def _caterpillar(rows: Rows, style: Style) -> Figure:
    wide = _wide(rows)
    figure, axes = style.canvas(1.0 + 0.24 * len(wide), 1.1 + 0.3 * len(wide))
    places = -np.arange(len(wide))
    for place in places[wide["side"] == 0]:
        axes.axhspan(place - 0.5, place + 0.5, color="rule", alpha=0.35, lw=0)
    axes.axvline(1, color="muted", lw=1)
    for apart, color, words in (
        (False, "muted", Message("within chance")),
        (True, "has", Message("beyond chance")),
    ):
        mine = (wide["side"] != 0).to_numpy() == apart
        if mine.any():
            axes.hlines(places[mine], wide["conf_low"][mine], wide["conf_high"][mine], color=color)
            axes.plot(wide["ratio"][mine], places[mine], "o", color=color, label=str(words))
    style.rows(axes, [_named(unit) for unit in wide.index])
    low, high = wide["conf_low"].min() - 0.1, wide["conf_high"].max() + 0.2
    axes.set(xlim=(low, high), xticks=np.arange(np.ceil(2 * low), 2 * high - 0.2) / 2, xlabel=say("times the expected"))
    style.key(figure)
    return figure


def _unit_cells(rows: Rows) -> str:
    cells = [
        [
            _named(str(unit)), number(row["observed"]), number(row["expected"]),
            signed(row["observed"] - row["expected"]), number(row["crude"], 2),
            f"{number(row['ratio'], 2)} ({number(row['conf_low'], 2)}–{number(row['conf_high'], 2)})",
            percent(row["lowest_fifth"], 0), percent(row["highest_fifth"], 0),
        ]
        for unit, row in _wide(rows).iterrows()
    ]  # fmt: skip
    names = say("Unit | Observed | Expected | More or fewer | Without its mix | Ratio | Lowest fifth | Highest fifth")
    return html_table(names, cells)


def _apart(wide: Rows) -> str:
    return say(
        "of {all:number} units shown {fewer:number} lie below and {more:number} above the expected, beyond chance",
        all=len(wide), fewer=(wide["side"] < 0).sum(), more=(wide["side"] > 0).sum(),
    )  # fmt: skip


@figure_view(
    _caterpillar,
    Message("Units beside what their people lead one to expect"),
    READ,
    Message("Shaded: cannot be told from the expected, and so not ranked. Lines: 95% intervals."),
    data=_unit_cells,
)
def caterpillar(rows: Rows) -> Told:
    """Say how many units lie below and above what is expected, beyond chance, and by how much each does."""
    wide = _wide(rows)
    if wide.empty:
        return None, []
    what = label(rows["outcome"].iloc[0], "variation")
    return f"{what}: {_apart(wide)}", [
        f"{_named(str(unit))}: {number(ratio, 2)}" for unit, ratio in wide["ratio"].items()
    ]


def _funnel(rows: Rows, style: Style) -> Figure:
    wide = _wide(rows)
    figure, axes = style.canvas(3.4, 3.4)
    due = np.linspace(max(4.0, wide["expected"].min() * 0.8), wide["expected"].max() * 1.1, 200)
    for z, line in zip(LIMITS, ("-", (0, (4, 3))), strict=True):
        for side in (-1, 1):
            name = say("{share} limits", share=LIMITS[z]) if side > 0 else None
            axes.plot(due, 1 + side * z / np.sqrt(due), color="muted", lw=1, ls=line, label=name)
    axes.axhline(1, color="rule", lw=1)
    axes.plot(wide["expected"], wide["observed"] / wide["expected"], "o", ms=5, color="has", label=say("a unit"))
    axes.set(xlabel=say("people expected"), ylabel=say("times the expected"), ylim=(0, None))
    style.key(figure)
    return figure


@figure_view(
    _funnel,
    Message("The smaller a unit, the wider the reach of chance"),
    Message(
        "Observed over expected, from rounded counts; between the lines lie 80 and 95 of 100 units that are alike."
    ),
    data=_unit_cells,
)
def funnel(rows: Rows) -> Told:
    """Say how many units lie beyond the outer limits."""
    wide = _wide(rows)
    if wide.empty:
        return None, []
    off = (wide["observed"] / wide["expected"] - 1).abs() * np.sqrt(wide["expected"])
    beyond = say("{out:number} of {all:number} units lie beyond the 95% limits", out=(off > 1.96).sum(), all=len(wide))
    return None, [beyond]


def _chance(p_value: float) -> str:
    return percent(p_value) if p_value >= RARE else f"< {percent(RARE)}"


def _reading(rows: Rows) -> str:
    """Say of a measure whether units differ beyond chance, by the estimator's own word."""
    told = pick(rows, estimand="verdict", suppressed=False)["term"]
    return next((say(READINGS[word].template) for word in told), NOT_ASSESSABLE.say())


@table_view(
    Message("How far units differ, chance taken out"),
    Message("Measure | Spread of true ratios | So far apart by chance | Reading"),
    Message("Spread: standard deviation of the units' true ratios to the expected, with its 95% interval; 0 is alike."),
    keep=lambda rows: pick(rows, term=["spread", "alike", *READINGS]),
)
def spreads(rows: Rows) -> Cells:
    """Lay out by measure how far units differ, and whether they may be ranked."""
    cells = []
    for measure in dict.fromkeys(rows["outcome"]):
        mine = pick(rows, outcome=measure)
        chance = pick(mine, term="alike")["p_value"].dropna().map(_chance)
        told = next(iter(chance), NOT_ASSESSABLE.say())
        cells.append([label(measure, "variation"), value_of(mine, "spread"), told, _reading(mine)])
    return cells


@answer_view
def answer(rows: Rows) -> tuple[list[str], str]:
    """Say in people what each dated event came with, then how far units differ, then that some cannot be told."""
    gaps = pick(rows, method="shock", term="difference").dropna(subset="estimate").sort_values("date")
    lines = [f"{say_gap(row)}." for row in each(gaps[gaps["conf_low"] * gaps["conf_high"] > 0])]
    for measure in dict.fromkeys(pick(rows, method="units")["outcome"]):
        mine = pick(rows, method="units", outcome=measure)
        words, wide = _reading(mine), _wide(mine)
        lines.append(f"{label(measure, 'variation')}: {words if wide.empty else _apart(wide)}.")
    if rows["term"].isin(["not_separable", "not_assessable"]).any():
        lines.append(say("What came with some events cannot be told; the reasons stand below."))
    return lines, "info"
