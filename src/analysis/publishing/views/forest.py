"""Results side by side with their intervals: ratios on a log axis, differences; naive ones grey, hollow and dotted."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.publishing.drawing.style import Style, ratio_axis
from analysis.publishing.drawing.tables import Told, figure_view, name_of, pick, written
from analysis.publishing.drawing.view import Rows, View, each
from analysis.words import Message, label, number, say, signed

NAIVE = ("ever_trained", "landmark_12", "time_varying_cox", "unadjusted")
AFTER = ("training[0-11]", "training[12-23]", "training[24+]")
GROUPS = ("untrained", "trained", "gain", "loss", "truth", "target")  # colours of groups in their order
RATIOS = {
    "hazard_ratio": Message("hazard ratio (log axis)"),
    "odds_ratio": Message("odds ratio (log axis)"),
    "risk_ratio": Message("ratio of shares (log axis)"),
}


def planted(rows: Rows) -> Rows:
    """Give the rows of a truth planted in a synthetic province; none where nothing was planted."""
    return pick(rows, method="planted").dropna(subset="estimate")


def diamond(rows: Rows) -> str:
    """Say what the diamonds of a figure are, where there are any."""
    return "" if planted(rows).empty else say("Diamond: the truth planted in the synthetic province.")


def found(rows: Rows, estimand: str) -> Rows:
    """Give what was estimated of an estimand, numbers only, the planted truth left out."""
    kept = rows["estimand"].eq(estimand) & rows["method"].ne("planted") & rows["estimate"].notna()
    return rows[kept].reset_index(drop=True)


def in_points(rows: Rows) -> Rows:
    """Give rows of shares in percentage points, to draw them."""
    return rows.assign(**{name: 100 * rows[name] for name in ("estimate", "conf_low", "conf_high")})


def _naive(shown: Rows) -> pd.Series:
    return shown["method"].isin(NAIVE) | shown["term"].isin(NAIVE)


def beside_proper(rows: Rows) -> Rows:
    """Leave comparisons that mislead out where no proper one is shown beside them."""
    naive = _naive(rows)
    return rows if len(found(rows[~naive], "risk_difference")) else rows[~naive]


def _parts(shown: Rows) -> list[str]:
    return [f"{name_of(row)}: {written(row)}" for row in each(shown)]


def _side_by_side(shown: Rows, style: Style, digits: Callable[[float], str], nothing: float) -> tuple[Figure, Axes]:
    figure, axes = style.canvas(0.9 + 0.46 * len(shown), 0.9 + 0.58 * len(shown))
    axes.axvline(nothing, color="muted", lw=1)
    for place, row in enumerate(each(shown.assign(naive=_naive(shown)))):
        color, inside, line = ("naive", "plate", ":") if row["naive"] else ("trained", "trained", "-")
        value = row["estimate"]
        axes.plot([row["conf_low"], row["conf_high"]], [-place, -place], line, color=color)
        axes.plot(value, -place, "o", color=color, mfc=inside)
        beside = axes.get_yaxis_transform()  # at the edge, where a number hides nothing
        axes.text(1.02, -place, digits(value), transform=beside, color=color, va="center", weight="bold")
    style.rows(axes, [name_of(row) for row in each(shown)])
    axes.margins(x=0.12)
    return figure, axes


def _kind(rows: Rows) -> str:
    """Give the kind of ratio that rows hold."""
    return next((kind for kind in RATIOS if kind in set(rows["estimand"])), "hazard_ratio")


def _ratios(rows: Rows, style: Style) -> Figure:
    kind = _kind(rows)
    shown, truth = found(rows, kind), planted(rows).set_index("term")["estimate"]
    figure, axes = _side_by_side(shown, style, lambda value: number(value, 2), 1)
    axes.plot(truth.reindex(shown["term"]), -shown.index, "D", color="truth")
    low, high = min(shown["conf_low"].min(), 0.9) / 1.12, max(shown["conf_high"].max(), 1.1) * 1.12
    ratio_axis(axes, low, high, RATIOS[kind].say())
    return figure


@figure_view(
    _ratios,
    Message("Promotion rates of those in training, against those not trained"),
    Message(
        "Hazard ratios of promotion with 95% intervals, log axis; 1 = the same rate as comparable colleagues not "
        "trained. Grey and dotted: the naive comparison."
    ),
)
def ratios(rows: Rows) -> Told:
    """Say the hazard ratios, the naive one against the proper one."""
    shown, title = found(rows, _kind(rows)), None
    naive = _naive(shown)
    if naive.any() and not naive.all():
        proper = shown[~naive]
        title = Message(
            "Counting training from the day it happened changes the answer: {estimate:number.2} against "
            "{naive:number.2} ({term:label})",
            **pd.concat([pick(proper, term=AFTER), proper.iloc[-1:]]).iloc[0],
            naive=shown.loc[naive, "estimate"].iloc[0],
        )
    size = say("n ≈ {people:number} people.", people=shown["n"].max()) if len(shown) else ""
    return title, _parts(shown), diamond(rows), size


def _difference_words(rows: Rows, *, primary: int = 36) -> Told:
    shown = found(pick(rows, time=primary), "risk_difference")
    caption = say(
        "Difference in the share promoted within {primary} months, percentage points, with 95% intervals.",
        primary=primary,
    )
    if _naive(shown).all():
        return None, [], caption
    more = [say("Grey and dotted: comparisons that mislead.")] if _naive(shown).any() else []
    if shown["conf_low"].isna().any():
        more.append(say("Without a bar: no interval was computed."))
    if len(planted(rows)):
        more.append(say("Orange line: the planted truth of the main question, later starts allowed."))
    return None, _parts(shown), caption, *more


def draw_differences(rows: Rows, style: Style, *, primary: int = 36) -> Figure:
    """Draw the differences at the horizon one below the other, with their intervals."""
    rows = in_points(pick(rows, time=primary))
    figure, axes = _side_by_side(found(rows, "risk_difference"), style, lambda value: signed(value, 1), 0)
    for value in planted(rows)["estimate"]:
        axes.axvline(value, color="truth", lw=1.6, ls="--")
    axes.set_xlabel(say("percentage points"))
    return figure


def differences(title: Message) -> View:
    """Make the view that lays differences at the `primary` horizon side by side under a title."""
    return figure_view(
        draw_differences, title, keep=lambda rows: beside_proper(pick(rows, estimand="risk_difference"))
    )(_difference_words)


def _risks(rows: Rows, style: Style) -> Figure:
    shown = in_points(found(rows, "risk"))
    figure, axes = style.canvas(3.2)
    for (term, one), color in zip(shown.groupby("term", sort=False), itertools.cycle(GROUPS), strict=False):
        one = one.sort_values("time")
        axes.plot(one["time"], one["estimate"], "o-", ms=3, color=color, label=label(term))
        axes.fill_between(one["time"], one["conf_low"], one["conf_high"], color=color, alpha=0.15, lw=0)
    axes.set(ylabel=say("% with the event"), xlabel=say("time"), ylim=(0, None))
    axes.grid(axis="y")
    style.key(figure)
    return figure


@figure_view(
    _risks,
    Message("Share with the event by time"),
    Message(
        "Share of each group that has had the event by a time, with 95% intervals; exits compete where there are any."
    ),
    keep=lambda rows: pick(rows, estimand="risk", outcome="event_1"),
)
def risks(rows: Rows) -> Told:
    """Say the share of each group at the last time."""
    shown = found(rows, "risk")
    return None, _parts(shown[shown["time"] == shown["time"].max()])


def _of_means(rows: Rows) -> Rows:
    """Keep differences of means, each named by its term and its time."""
    shown = found(rows, "mean_difference")
    names = [f"{label(row['term'])} {number(row['time'])}".strip() for row in each(shown)]
    return shown.assign(term=names)


@figure_view(
    lambda rows, style: _side_by_side(found(rows, "mean_difference"), style, lambda value: signed(value, 3), 0)[0],
    Message("Differences of means"),
    Message("Differences of means with 95% intervals, in the unit of the outcome."),
    keep=_of_means,
)
def means(rows: Rows) -> Told:
    """Say each difference of means."""
    return None, _parts(found(rows, "mean_difference"))
