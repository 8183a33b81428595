"""Does starting a course lead to promotion: the trials' protocol, curves, risks, every way to compare, the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.effects.checks.variants import adjust_for
from analysis.effects.protocol import describe_protocol
from analysis.effects.trials.question import split_terms
from analysis.publishing.drawing.style import Style, write
from analysis.publishing.drawing.tables import (
    Cells,
    Told,
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
from analysis.publishing.drawing.view import Rows, answer_view, each, text_view
from analysis.publishing.views.forest import beside_proper, diamond, differences, found, in_points, planted
from analysis.words import Message, label, number, say, signed

COMPARED = ("pooled_logistic", "ever_trained")
EVERYONE = ("eligible", "first_eligible")


def _main(rows: Rows, population: str = "eligible") -> Rows:
    """Give the rows of the main answer, by horizon."""
    return pick(rows, method="pooled_logistic", population=population, run="").sort_values("time")


def _at(rows: Rows, primary: int, population: str = "eligible") -> dict[str, Any]:
    """Give the main difference at a horizon with the shares of both arms, nothing where one of them is not shown."""
    one = _main(pick(rows, time=primary), population)
    gaps, shares = found(one, "risk_difference"), found(one, "risk").sort_values("term")["estimate"].tolist()
    if gaps.empty or len(shares) < 2:
        return {}
    gap = gaps.iloc[0]
    return {**gap, "none": shares[0], "some": shares[1], "span": points_span(gap)}


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
        near, later = arm[arm["time"] <= primary], arm[arm["time"] >= primary]
        top.plot([0, *near["time"]], [0, *near["estimate"]], "o-", ms=3.5, color=color, label=words)
        top.plot(later["time"], later["estimate"], "o--", ms=3.5, mfc="none", color=color)
        top.vlines(arm["time"], arm["conf_low"], arm["conf_high"], color=color, lw=1.1, alpha=0.7)
    top.set(ylabel=say("% promoted"), ylim=(0, None))
    _strip(low, rows, primary)
    style.key(figure)
    for axes in (top, low):
        axes.grid(axis="y")
        axes.axvline(primary, color="muted", lw=1, ls=(0, (2, 3)), zorder=0)
    low.set(
        ylabel=style.wrap(say("difference, percentage points"), crowded=True),
        xlabel=say("months since the intake"),
        xticks=range(0, int(_main(rows)["time"].max()) + 1, 12),
    )
    return figure


def _risks(rows: Rows) -> str:
    """Lay out risks in both arms, difference and ratio by horizon."""
    cells = [
        [number(time), *(written(row) for row in each(one.sort_values(["estimand", "term"])))]
        for time, one in _main(pick(rows, estimand=["risk", "risk_difference", "risk_ratio"])).groupby("time")
        if len(one) == 4
    ]
    return html_table(say("Months | Does not start | Starts | Difference | Ratio"), cells)


@figure_view(
    _curves,
    Message("Promotion with and without a start"),
    Message(
        "Share promoted before any exit, averaged over everyone eligible; bars and band: 95% intervals. Upright "
        "line: the horizon of the answer; beyond it, dashed: of the trials that can be followed longer. Thin lines: "
        "limits that hold at all horizons together. Grey, dotted: ever-trained comparison, misleading."
    ),
    data=_risks,
    keep=beside_proper,
)
def curves(rows: Rows, *, primary: int = 36) -> Told:
    """Say the share promoted in both arms; a dip, a rise, or a difference only where the interval leaves 0 out."""
    last, gaps = _at(rows, primary), found(_main(rows), "risk_difference")
    if not last:
        return None, []
    title = say(
        "Estimated share promoted within {time:number} months: {some:percent} if everyone eligible started, "
        "{none:percent} if nobody did",
        **last,
    )
    if last["conf_low"] <= 0 <= last["conf_high"]:
        title += say("; the interval of the difference holds 0")
    elif gaps.loc[gaps["time"] < primary, "conf_high"].min() < 0 < last["conf_low"]:
        title += say(": a dip while they study, then a rise")
    alt = say(
        "Cumulative promotion by months since the intake. At {time:number} months {some:percent} if all started, "
        "{none:percent} if none did; difference {estimate:points} ({span}).",
        **last,
    )
    early = say("At {time:number} months the difference is {estimate:points}", **gaps.iloc[0])
    size = say("n ≈ {n:number} people, {n_exposed:number} of whom start.", **last)
    return title, [f"{alt} {early}"], diamond(rows), size


def _strip(axes: Axes, rows: Rows, primary: int) -> None:
    """Draw the difference under the curves, the misleading one and the planted one beside it."""
    gaps, naive = found(_main(rows), "risk_difference"), _ever(rows)
    time, low, high, middle = (np.append(0, gaps[name]) for name in ("time", "conf_low", "conf_high", "estimate"))
    truth, together = planted(rows[rows["time"] <= time.max()]), pick(rows, run="band").sort_values("time")
    axes.axhline(0, color="muted", lw=1)
    axes.fill_between(time, low, high, color="trained", alpha=0.18, lw=0)
    axes.plot(time, middle, color="trained")
    for end in ("conf_low", "conf_high"):
        axes.plot([0, *together["time"]], [0, *together[end]], color="trained", lw=0.7, ls=":")
    axes.plot(naive["time"], naive["estimate"], "o:", ms=3, color="naive", label=say("ever trained"))
    axes.plot(truth["time"], truth["estimate"], "D", color="truth")
    for row in each(pick(gaps, time=primary)):  # under all that is drawn there, so that it hides nothing
        least = min([row["conf_low"], *pick(truth, time=primary)["estimate"]])
        write(axes, signed(row["estimate"], 1), (primary, least), (0, -15), "trained", ha="center", weight="bold")
    axes.margins(y=0.22)


def against_truth(rows: Rows, *, primary: int = 36) -> list[str]:
    """Say the planted truth, how far the trials and the misleading comparison lie from it, and whether they hold it."""
    rows = pick(rows, time=primary)
    truth, shown = planted(rows)["estimate"].tolist(), found(rows, "risk_difference")
    if not truth:
        return []
    lines = [
        say(
            "This province is synthetic and its truth is known, since it was planted: {truth:points} within "
            "{primary} months.",
            truth=truth[0],
            primary=primary,
        )
    ]
    for name in COMPARED:
        for row in each(pick(shown, method=name, population=EVERYONE, run=["", name])[:1]):
            holds = row["conf_low"] <= truth[0] <= row["conf_high"]
            more = {"run": name, "off": row["estimate"] - truth[0], "span": points_span(row)}
            verdict = say("the interval holds the truth") if holds else say("the interval misses the truth")
            lines.append(
                say(
                    "Compared by “{run:label.runs}”: {estimate:points} ({span}), off by {off:points}; {verdict}.",
                    **{**row, **more, "verdict": verdict},
                )
            )
    return lines


@text_view
def reading(rows: Rows, *, primary: int = 36) -> str:
    """Say how far the misleading comparison lies from the proper one, and both from the truth where it was planted."""
    proper, naive = _at(rows, primary), _ever(pick(rows, time=primary))
    if not proper or naive.empty:
        return paragraph(say("The comparison is not shown."))
    text = say(
        "Within {time:number} months the ever-trained comparison gives {naive:points}, the trials "
        "{estimate:points}: what lies between is who is chosen, and time that had to pass before a course.",
        naive=naive["estimate"].iloc[0],
        **proper,
    )
    return paragraph(" ".join([text, *against_truth(rows, primary=primary)]))


@text_view
def places(rows: Rows, *, primary: int = 36) -> str:
    """Bound how much of the difference is a change of places: none if promotions add posts, all if posts are fixed."""
    sent = _at(rows, primary, "starters")
    if not sent or pd.isna(sent["n_exposed"]):
        return paragraph(
            say("The difference is not estimated for those who started alone, so promotions are not counted.")
        )
    heads = {name: signed(sent["n_exposed"] * sent[name]) for name in ("estimate", "conf_low", "conf_high")}
    text = say(
        "The {n_exposed:number} or so who started are estimated to have {estimate} promotions within {time:number} "
        "months that they would not have had ({conf_low} to {conf_high}). If each was a new post, colleagues lost none "
        "and the whole service gained as many; if posts are fixed, colleagues lost as many and the service gained "
        "none. The trials cannot tell where between the two the truth lies.",
        **sent | heads,
    )
    return paragraph(text)


@answer_view
def answer(
    rows: Rows, *, primary: int = 36, outcome: str = "higher_post", notes: Sequence[Message] = ()
) -> tuple[list[str], str]:
    """Answer whether starting raises the chance of a higher post: the verdict, then people of 100 and of those sent."""
    gap, verdict = _at(rows, primary), verdict_of(rows)
    if verdict == "not_assessable" or not gap:
        text = say("Not assessable: the data cannot carry an answer. {why}", why=" ".join(each_once(notes)))
        return [text], "not_assessable"
    lines = [
        say("{verdict:label.verdicts}.", verdict=verdict),
        say(
            "Estimated: of 100 eligible people who start, about {some:number} reach {outcome:label.outcomes} within "
            "{time:number} months, against about {none:number} had they not started ({estimate:points}; {span}).",
            **gap | _heads(gap, 100) | {"outcome": outcome},
        ),
    ]
    sent = _at(rows, primary, "starters")
    if sent and pd.notna(sent["n_exposed"]):
        lines.append(
            say(
                "Of the {n_exposed:number} or so who started in these trials, an estimated {some:number} reach "
                "{outcome:label.outcomes}, against {none:number} had they not started ({estimate:points}; {span}).",
                **sent | _heads(sent, sent["n_exposed"]) | {"outcome": outcome},
            )
        )
    return [*lines, say("Posts are few: the difference is relative to colleagues, no gain for all.")], verdict


def _heads(gap: dict[str, Any], among: float) -> dict[str, float]:
    """Turn the shares of both arms into whole people among so many."""
    return {arm: round(among * gap[arm]) for arm in ("none", "some")}


@text_view
def protocol(rows: Rows, *, among: str = "sendable", **asked: Any) -> str:
    """Lay out the parts of the trial that one would run beside how it is emulated, and among whom; needs no rows."""
    cells = [[*map(str, said)] for said in describe_protocol(**asked)]
    who = label(among, "among")
    return html_table(say("Part | The trial one would run | As emulated"), [[say("Among"), who, who], *cells])


@text_view
def confounders(rows: Rows, *, exposure: str = "postgraduate", level: str = "") -> str:
    """Say each covariate that is adjusted for, as a trial starts, and why; needs no rows."""
    names = split_terms(*adjust_for(exposure, level)["covariates"])
    return html_table(say("Adjusted for | Why"), [[label(name), label(name, "reasons")] for name in names])


@table_view(Message("Who is ever eligible"), Message("Step | People"), people=("people",), flow=True)
def flow(rows: Rows) -> Cells:
    """Lay out the steps of who is ever eligible."""
    return counts(rows[["said", "people"]])


@table_view(
    Message("Who is compared"),
    Message("As a trial starts | Those who start | Those who do not"),
    Message(
        "People, each once an arm, as their first trial in it starts; who does not start at first may start later and "
        "is in both. Thin levels are joined."
    ),
    people=("starters", "others"),
)
def baseline(rows: Rows) -> Cells:
    """Lay out the people of both arms by level of each covariate."""
    return counts(rows[["said", "starters", "others"]])


@table_view(
    Message("What became of both arms"),
    Message("Arm | People | Promoted | Left first | Lost"),
    Message("People, each once an arm; one may be followed in many trials, and end otherwise in each."),
    people=("people", "risen", "left", "lost"),
    flow=True,
)
def followed(rows: Rows) -> Cells:
    """Lay out the people of both arms and how their follow-up ends."""
    return counts(rows[["said", "people", "risen", "left", "lost"]])


methods = differences(Message("The difference by every way to compute it"))
