"""Does starting a course lead to promotion: the trials' protocol, curves, risks, every way to compare, the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.effects.trials.report import PROTOCOL
from analysis.publishing.views.forest import diamond, differences, found, in_points, planted
from analysis.publishing.views.style import Style, write
from analysis.publishing.views.tables import (
    Cells,
    Told,
    absent,
    counts,
    each_once,
    figure_view,
    html_table,
    paragraph,
    pick,
    points_span,
    table_view,
    written,
)
from analysis.publishing.views.view import Rows, answer_view, text_view
from analysis.words import Message, number, percent, points, say

PARTS = {
    "eligibility": Message("Eligible"),
    "strategies": Message("Compared"),
    "assignment": Message("Assignment"),
    "time zero": Message("Time zero"),
    "outcome": Message("Outcome"),
    "estimand": Message("Estimand"),
    "analysis": Message("Analysis"),
}
VERDICTS = {
    "supported": Message("supported by every check set beforehand"),
    "suggestive": Message("suggestive only, since not every check holds"),
    "not_distinguishable": Message("not distinguishable from no effect, or from who is chosen"),
}


def _main(rows: Rows) -> Rows:
    """Give the rows of the main answer, by horizon."""
    return pick(rows, method="pooled_logistic", population="eligible", run="").sort_values("time")


def _at(rows: Rows, primary: int) -> pd.Series | None:
    """Give the main difference at a horizon, None where it is not shown."""
    gaps = found(_main(pick(rows, time=primary)), "risk_difference")
    return gaps.iloc[0] if len(gaps) else None


def verdict_of(rows: Rows) -> str:
    """Give the verdict among the rows; without one nothing can be assessed."""
    return next(iter(pick(rows, estimand="verdict")["term"]), "not_assessable")


def _arms(rows: Rows) -> list[Rows]:
    """Give the risks of those who do not start, and of those who do."""
    risks = found(_main(rows), "risk")
    return [risks[risks["term"].str.endswith(arm)] for arm in ("[0]", "[1]")]


def _ever(rows: Rows) -> Rows:
    return found(pick(rows, method="ever_trained"), "risk_difference").sort_values("time")


def _curves(rows: Rows, style: Style, *, primary: int = 36) -> Figure:
    rows = in_points(rows)
    figure, (top, low) = style.figure(5.0, 2, sharex=True, height_ratios=[1.5, 1])
    for arm, color, words in zip(
        _arms(rows), ("untrained", "trained"), (say("does not start"), say("starts now")), strict=True
    ):
        top.plot([0, *arm["time"]], [0, *arm["estimate"]], "o-", ms=3.5, color=color, label=words)
        top.vlines(arm["time"], arm["conf_low"], arm["conf_high"], color=color, lw=1.1, alpha=0.7)
    top.set(ylabel=say("% promoted"), ylim=(0, None))
    _strip(low, rows, primary)
    style.key(figure)
    for axes in (top, low):
        axes.grid(axis="y")
    low.set(
        ylabel=style.wrap(say("difference, percentage points"), crowded=True),
        xlabel=say("months since the intake"),
        xticks=range(0, int(_main(rows)["time"].max()) + 1, 12),
    )
    return figure


@figure_view(
    _curves,
    Message("Promotion with and without a start"),
    Message(
        "Share promoted before any exit, averaged over everyone eligible; bars and band: 95% intervals. Grey, "
        "dotted: ever-trained comparison, misleading."
    ),
)
def curves(rows: Rows, *, primary: int = 36) -> Told:
    """Say the share promoted in both arms, and the difference at the primary horizon and at the first."""
    shares = [*pd.concat(_arms(pick(rows, time=primary)))["estimate"]]
    last, gaps = _at(rows, primary), found(_main(rows), "risk_difference")
    if len(shares) < 2 or last is None:
        return None, []
    said = {"none": shares[0], "some": shares[1], "primary": primary, **last, "span": points_span(last)}
    title = say(
        "If everyone eligible started, {some:percent} would be promoted within {primary} months, against "
        "{none:percent} if nobody did",
        **said,
    )
    if gaps["estimate"].min() < 0 < last["estimate"]:
        title += say(": a dip while they study, then a rise")
    alt = say(
        "Cumulative promotion by months since the intake. At {primary} months {some:percent} if all started, "
        "{none:percent} if none did; difference {estimate:points} ({span}).",
        **said,
    )
    early = say("At {time:number} months the difference is {estimate:points}", **gaps.iloc[0])
    size = say("n ≈ {n:number} people, {n_exposed:number} of whom start.", **last)
    return title, [f"{alt} {early}"], diamond(rows), size


def _strip(axes: Axes, rows: Rows, primary: int) -> None:
    """Draw the difference under the curves, the misleading one and the planted one beside it."""
    gaps, naive, one = found(_main(rows), "risk_difference"), _ever(rows), _at(rows, primary)
    time, low, high, middle = (np.append(0, gaps[name]) for name in ("time", "conf_low", "conf_high", "estimate"))
    truth = planted(rows[rows["time"] <= time.max()])
    axes.axhline(0, color="muted", lw=1)
    axes.fill_between(time, low, high, color="trained", alpha=0.18, lw=0)
    axes.plot(time, middle, color="trained")
    axes.plot(naive["time"], naive["estimate"], "o:", ms=3, color="naive", label=say("ever trained"))
    axes.plot(truth["time"], truth["estimate"], "D", color="truth")
    if one is not None:
        at = primary, one["estimate"]
        write(axes, points(one["estimate"] / 100), at, (0, 9), "trained", ha="center", weight="bold")


@table_view(
    Message("Share promoted, if nobody and if everybody started"),
    Message("Months | Does not start | Starts | Difference | Ratio"),
    Message("95% intervals; people counted once a person."),
)
def risks(rows: Rows) -> Cells:
    """Lay out risks in both arms, difference and ratio by horizon."""
    cells = []
    for time, one in _main(pick(rows, estimand=["risk", "risk_difference", "risk_ratio"])).groupby("time"):
        gap, ratio = (one[one["estimand"] == name].iloc[0] for name in ("risk_difference", "risk_ratio"))
        arms = [percent(share) for arm in _arms(one) for share in arm["estimate"]]
        whole = len(arms) == 2 and pd.notna(gap["estimate"])
        cells.append([number(time), *([*arms, written(gap), written(ratio)] if whole else [absent(gap)] * 4)])
    return cells


@text_view
def reading(rows: Rows, *, primary: int = 36) -> str:
    """Say how far the misleading comparison lies from the proper one."""
    proper, naive = _at(rows, primary), _ever(pick(rows, time=primary))
    if proper is None or naive.empty:
        return paragraph(say("The comparison is not shown."))
    text = say(
        "Within {time:number} months the ever-trained comparison gives {naive:points}, the trials "
        "{estimate:points}: what lies between is who is chosen, and time that had to pass before a course.",
        naive=naive["estimate"].iloc[0],
        **proper,
    )
    return paragraph(text)


@answer_view
def answer(rows: Rows, *, primary: int = 36, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Answer whether starting raises the chance of a higher post, in one sentence with its number and verdict."""
    gap, verdict = _at(rows, primary), verdict_of(rows)
    if verdict == "not_assessable" or gap is None:
        text = say("Not assessable: the data cannot carry an answer. {why}", why=" ".join(each_once(notes)))
        return [text], "not_assessable"
    text = say(
        "Starting a course now changes the share promoted within {time:number} months by {estimate:points} "
        "({span}): {words}. Posts are few: the difference is relative to colleagues, no gain for all.",
        span=points_span(gap),
        words=VERDICTS[verdict],
        **gap,
    )
    return [text], verdict


@text_view
def protocol(rows: Rows) -> str:
    """Lay out the protocol of the trial that is emulated; needs no rows."""
    return html_table(say("Part | As emulated"), [[PARTS[part].say(), said.say()] for part, said in PROTOCOL])


@table_view(Message("Who is ever eligible"), Message("Step | People"), people=("people",), flow=True)
def flow(rows: Rows) -> Cells:
    """Lay out the steps of who is ever eligible."""
    return counts(rows[["said", "people"]])


methods = differences(Message("The difference by every way to compute it"))
