"""Should the difference be believed: what each check found, balance, placebo dates, other specifications, who gains."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.effects.checks.sensitivity import e_value, smallest_detectable
from analysis.publishing.drawing.style import Style, band_of_likeness, stack, write
from analysis.publishing.drawing.tables import (
    Told,
    absent,
    each_once,
    each_row_said,
    figure_view,
    html_table,
    paragraph,
    pick,
    points_span,
    row_of,
    written,
)
from analysis.publishing.drawing.view import Rows, answer_view, each, text_view
from analysis.publishing.views.forest import differences, draw_differences, found, in_points
from analysis.publishing.views.trials import verdict_of
from analysis.reference import verdict_rule
from analysis.words import Message, label, number, points, say

APART = ("standardised_difference", "proportion_difference")
WHEN = {"unweighted": "naive", "weighted": "trained"}
MARKS = {"pooled_logistic": ("o", "trained"), "weighting": ("s", "studying"), "doubly_robust": ("^", "gain")}


def _made(rows: Rows) -> pd.Series:
    """Give 1, 0 or NaN a check; all empty where none could be made."""
    made = pick(rows, estimand="check").set_index("term")["estimate"]
    return made if len(made) else pd.Series(np.nan, index=[*verdict_rule().selection, *verdict_rule().strength])


SEEN = {
    "interval": "main",
    "early": "early",
    "lag": "lag",
    "negative_exposure": "unrelated",
    "negative_outcome": "before",
}


def _seen(rows: Rows, check: str) -> str:
    """Say what a check saw, with its interval; of the control that should do nothing also what it would have found."""
    row = row_of(rows, run=SEEN.get(check, ""), estimand=["risk_difference", "odds_ratio"])
    if row is None or pd.isna(row["estimate"]):
        return ""
    if check == "negative_outcome":
        return say("ratio of odds {ratio}", ratio=written(row))
    least = smallest_detectable(row["std_error"]) if check == "negative_exposure" else np.nan
    found_too = say("; {least:points} would be found with a power of 80%", least=least) if least > 0 else ""
    return written(row) + found_too


@text_view
def table(rows: Rows) -> str:
    """Lay out each requirement, whether it held, what was seen, and what it would break."""
    result = {1: say("held"), 0: say("did not hold")}
    kinds = {True: say("told apart from selection"), False: say("strength of the claim")}
    cells = [
        [
            label(name, "checks"),
            result.get(passed, say("could not be made")),
            _seen(rows, name),
            kinds[name in verdict_rule().selection],
        ]
        for name, passed in _made(rows).items()
    ]
    return html_table(say("Requirement | Result | What was seen | What it bears on"), cells)


@answer_view
def answer(rows: Rows, *, notes: Sequence[Message] = ()) -> tuple[list[str], str]:
    """Say the verdict, how many requirements held, and which did not."""
    made, verdict = _made(rows), verdict_of(rows)
    held = say("{held} of {count} requirements held.", held=int(made.eq(1).sum()), count=len(made))
    if verdict == "not_assessable":
        held = say("No requirement could be checked.")
    return [say("{verdict:label.verdicts}.", verdict=verdict), held, *each_once(notes)], verdict


def _of(rows: Rows, run: str) -> pd.Series:
    """Give the differences of a run."""
    return found(pick(rows, run=run), "risk_difference")["estimate"]


def _placebo(rows: Rows, style: Style) -> Figure:
    rows = in_points(rows)
    drawn, seen = _of(rows, "placebo"), _of(rows, "observed").iloc[0]
    figure, axes = style.canvas(2.5)
    places, height = stack(drawn, max(np.ptp(np.append(drawn, seen)) / (26 if style.narrow else 48), 1e-9))
    axes.plot(places, height, "o", ms=3.6, mew=0, color="untrained")
    axes.axvline(seen, color="trained")
    write(axes, say("real"), (seen, height.max()), (5, 0), "trained", weight="bold")
    axes.set(yticks=[], ylim=(-1, height.max() * 1.15 + 1), xlabel=say("difference, percentage points"))
    return figure


def _ranges(*listings: str) -> Callable[[Rows], str]:
    """Make what lays out, a line a name from these listings, how many values there are, lowest, middle and highest."""

    def cells(rows: Rows) -> str:
        shown = found(rows, "risk_difference")
        names = [" · ".join(label(row[one[:-1]], one) for one in listings) for row in each(shown)]
        ends = shown["estimate"].groupby(names, sort=False).agg(["size", "min", "median", "max"])
        body = [[name, number(size), *map(points, values)] for name, size, *values in ends.itertuples()]
        return html_table(say("What | How many | Lowest | Middle | Highest"), body)

    return cells


@figure_view(
    _placebo,
    Message("Placebo dates"),
    Message(
        "Starts given at random to people as likely to be sent: their promotions less what the model expects of "
        "controls, one dot a draw. This surplus of those who were sent is not the main difference, which is of "
        "everyone eligible. The test is two-sided: distances from the middle of the draws, to either side."
    ),
    data=_ranges("runs"),
)
def placebos(rows: Rows) -> Told:
    """Say how many made-up starters differ as much as the real ones, to either side and to theirs."""
    drawn, real = _of(rows, "placebo"), _of(rows, "observed")
    if drawn.empty or real.empty:
        return None, []
    seen, middle = real.iloc[0], drawn.mean()
    beyond = (drawn - middle).abs() >= abs(seen - middle)
    same = beyond & ((drawn > middle) == (seen > middle))
    said = {"beyond": int(beyond.sum()), "count": len(drawn), "same": int(same.sum())}
    alt = say(
        "Differences of made-up starters run from {low:points} to {high:points}; the real ones: {seen:points}",
        low=drawn.min(),
        high=drawn.max(),
        seen=seen,
    )
    title = Message(
        "{beyond} of {count} draws of made-up starters lie as far out as the real ones, {same} of them on their side",
        **said,
    )
    return title, [alt]


def _others(rows: Rows) -> Rows:
    return found(pick(rows, run="specification"), "risk_difference").sort_values("estimate", ignore_index=True)


def _specifications(rows: Rows, style: Style) -> Figure:
    rows = in_points(rows)
    shown = _others(rows)
    figure, axes = style.canvas(3.0)
    for method, (mark, color) in MARKS.items():
        own = shown.loc[shown["method"] == method, "estimate"]
        axes.plot(own, mark, ms=5, mew=0, color=color, label=label(method, "methods"))
    axes.axhline(0, color="muted", lw=1)
    for value in _of(rows, "main"):
        axes.axhline(value, color="trained", lw=1, ls="--")
    axes.set(xticks=[], ylabel=say("percentage points"))
    axes.grid(axis="y")
    style.key(figure)
    return figure


@figure_view(
    _specifications,
    Message("Other specifications"),
    Message("Every combination of method, population and covariates left out in turn, from the lowest to the highest."),
    data=_ranges("runs", "methods"),
)
def specifications(rows: Rows) -> Told:
    """Say where the other ways to compute the difference lie."""
    shown = _others(rows)["estimate"]
    said = {"above": int((shown > 0).sum()), "count": len(shown)}
    ends = {"low": shown.min(), "high": shown.max(), "middle": shown.median()}
    alt = [say("From {low:points} to {high:points}, median {middle:points}", **ends)] if len(shown) else []
    return Message("{above} of {count} ways to compute it give a difference above zero", **said), alt


def _of_balance(rows: Rows) -> Rows:
    """Keep the differences between the arms: one row a term and method."""
    return pick(rows, estimand=APART)


def _apart(rows: Rows) -> Rows:
    """Lay differences between the arms out by term, one column a method, the largest before weighting first."""
    wide = rows.pivot_table("estimate", "term", "method", sort=False).reindex(columns=[*WHEN])
    return wide.sort_values("unweighted", key=abs, ascending=False)


def _love(rows: Rows, style: Style) -> Figure:
    wide = _apart(rows)
    figure, axes = style.spread(wide, WHEN, "methods")
    near = verdict_rule().balance
    band_of_likeness(axes, near)
    far = max(wide.abs().max().max(), near) * 1.12
    axes.set(xlim=(-far, far), xlabel=say("standardised difference"))
    return figure


@figure_view(
    _love,
    Message("How far apart the arms are"),
    Message(
        "Standardised differences, trained less others; hollow grey before weighting, blue after. Band: what the "
        "requirement of balance allows."
    ),
    keep=_of_balance,
)
def love(rows: Rows) -> Told:
    """Say how far apart the arms are in each covariate, before weighting and after it."""
    wide = _apart(rows)
    largest = wide.abs().max()
    title = Message(
        "Weighting brings the largest difference between the arms from {unweighted:number.2} to {weighted:number.2}",
        **largest,
    )
    return title if largest.notna().all() else None, each_row_said(wide, number, 2, columns="methods")


@text_view
def hidden(rows: Rows, *, primary: int = 36) -> str:
    """Say by the E-value how strong an unmeasured cause would have to be to make the ratio seen."""
    rows = pick(rows, time=primary, method="pooled_logistic", population="eligible", run=["main", ""])
    rows = rows.sort_values("run", ascending=False)
    ratios, gaps = found(rows, "risk_ratio"), found(rows, "risk_difference")
    if ratios.empty or gaps.empty:
        return paragraph(say("Not shown."))
    ratio = ratios.iloc[0]
    strength = e_value(ratio["estimate"], ratio["conf_low"], ratio["conf_high"])
    text = say(
        "To make a ratio of {estimate:number.2} out of nothing, a hidden cause would have to be tied to starting and "
        "to promotion by ratios of {point:number.2} each; to move the interval to no effect, {limit:number.2}. "
        "Such a study finds differences of {least:points} with a power of 80%.",
        **ratio,
        **strength._asdict(),
        least=smallest_detectable(gaps["std_error"].iloc[0]),
    )
    return paragraph(text)


def _gain_table(rows: Rows) -> str:
    """Lay out the difference by group."""
    cells = []
    for row in each(pick(rows, estimand="risk_difference")):
        shown = [points(row["estimate"]), points_span(row)] if pd.notna(row["estimate"]) else [absent(row), ""]
        cells.append([label(row["term"]), *shown, number(row["n_exposed"])])
    return html_table(say("Group | Difference | 95% interval | Starters"), cells)


@figure_view(
    draw_differences,
    Message("Differences by group: a description, no finding of its own"),
    Message("Percentage points, with 95% intervals; with so many groups some intervals may leave 0 out by chance."),
    data=_gain_table,
)
def gains(rows: Rows, *, primary: int = 36) -> Told:
    """Say the differences by group, the groups that have none, and the tests of equal differences."""
    gaps = pick(rows, estimand="risk_difference", time=primary)
    shown, hidden = gaps.dropna(subset="estimate"), gaps[gaps["estimate"].isna()]
    tests = [
        f"{label(row['term'])}: p = {number(row['p_value'], 2)}"
        for row in each(pick(rows, estimand="test").dropna(subset="p_value"))
    ]
    less = say("No answer is shown for: {names}.", names=", ".join(map(label, hidden["term"])))
    equal = say("Tests of equal differences, by Holm: {tests}.", tests="; ".join(tests))
    parts = [f"{label(row['term'])}: {written(row)}" for row in each(shown)]
    return None, parts, less if len(hidden) else "", equal if tests else ""


variants = differences(Message("The difference under every variant of the data"))
