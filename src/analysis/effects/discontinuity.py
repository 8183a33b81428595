"""The effect where a rule draws a line: the jump of an outcome at a cutoff, its checks, the ratio by a first stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, pdtrc

from analysis.careers.outcomes import events_of, rises_of
from analysis.careers.rules import in_force, sendable, staff_of
from analysis.careers.spells import check_asked
from analysis.careers.states import FAR, first_course, latest, main_posts, month_numbers, per_person
from analysis.effects.arms.matrix import check_columns, read_treatment
from analysis.effects.local import DISTINCT, Bandwidths, choose_bandwidths, noise, split, weigh_jump
from analysis.effects.rows import wald
from analysis.errors import Blocked, EffectsError
from analysis.estimate import Estimate, blocked
from analysis.registry.store import Registry
from analysis.words import Message

TINY = 1e-9
STRONG = 10.0  # least F of a first stage
ALPHA = 0.05
BINS = 5  # least number of people, or of bins of people, that a check looks at on either side
HEAPED = 1e-4  # chance of so many people at one value by luck


def build_age_frame(
    reg: Registry,
    *,
    outcome: str = "higher_post",
    within: int = 12,
    horizon: int = 36,
    starters: int = 5,
    start: str = "2019-01-01",
    end: str = "2024-12-31",
) -> pd.DataFrame:
    """Lay out people of `reg` about the age limit of a first postgraduate course, for `fit_discontinuity` at 0.5.

    One row a person: the first intake from `start` (a month with `starters` first starts, followed for `horizon` months
    by `end`) in which every dated rule but the age allows sending, of a kind of staff that has a limit then. Columns
    `person_id`, `running` (age in months less the limit: up to 0 may be sent), `started` (within `within` months,
    whoever pays: the limit bars nobody who does), `promoted` (`outcome` within `horizon` months), `female`, `grade` and
    `served` (months) as it begins. The jump is from those just allowed to those just barred, the ratio the effect of
    starting on those whom the limit keeps from it; both only if nothing else changes at that age.

    >>> effects.build_age_frame(reg)[["running", "started", "promoted"]].shape[1]
    3
    """
    clock = check_asked(reg, outcome, "postgraduate", start, end)
    posts, people = main_posts(reg, clock), reg["people"]
    post = latest(clock, posts)
    rises, begun = rises_of(reg, clock, posts, post, outcome), first_course(reg, clock, "postgraduate")
    fails = sendable(reg, pd.PeriodIndex.from_ordinals(clock.months, freq="M")).fails
    limit = in_force(clock, "sending", "max_age_months", FAR)[staff_of(posts, post), clock.columns]
    at = begun[(begun >= clock.first) & (begun < clock.first + clock.count)] - clock.first
    intake = (np.bincount(at, minlength=clock.count) >= starters) & (clock.columns + horizon <= clock.count)
    barred = np.logical_or.reduce([fails[rule] for rule in fails if rule != "age"])
    open_ = ~barred & (limit < FAR) & (post >= 0) & rises.room & (begun[:, None] >= clock.months) & intake
    rows, first = np.flatnonzero(open_.any(axis=1)), open_.argmax(axis=1)
    first = first[rows]
    month = clock.first + first
    rose = np.cumsum(events_of(reg, clock, rises) == 1, axis=1)
    before = np.where(first > 0, rose[rows, first - 1], 0)
    born, hired = (month_numbers(per_person(clock, people, name))[rows] for name in ("birth_date", "recruited"))
    return pd.DataFrame(
        {
            "person_id": clock.people[rows],
            "running": month - born - limit[rows, first],
            "started": (begun[rows] < month + within).astype("int64"),
            "promoted": (rose[rows, first + horizon - 1] > before).astype("int64"),
            "female": (per_person(clock, people, "sex").to_numpy()[rows] == "female").astype("int64"),
            "grade": posts["grade"].to_numpy()[post[rows, first]],
            "served": month - hired,
        }
    )


def fit_discontinuity(
    frame: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    treatment: str | None = None,
    covariates: Sequence[str] = (),
    people: int = 30,
) -> Estimate:
    """Estimate the jump of the mean of `outcome` as `running` reaches `cutoff` from below, one row a person of `frame`.

    Local lines, triangular kernel, bandwidth of least mean squared error. Rows, terms `jump` and, with `treatment`
    (0 and 1), `first_stage` and `ratio` (fuzzy): method `conventional`, and `robust` with its bias taken off, whose
    interval is the one to read. Rows `test`: `density` (of people about the cutoff), `placebo[below]` and
    `placebo[above]` (medians of either side), `covariate[NAME]` of `covariates` (numbers); a failed one, by Bonferroni,
    makes the status `warned`. `details["bandwidths"]`. Blocked: fewer than `people` a side within the bandwidth, too
    few different values, values that heap, a first stage with F under 10. Raises EffectsError for bad columns.
    Source: Calonico, Cattaneo and Titiunik (2014), Econometrica 82:2295-2326; density after McCrary (2008), J. Econom.
    142:698-714, on binned counts.

    >>> people = effects.build_age_frame(reg)
    >>> effects.fit_discontinuity(people, outcome="promoted", running="running", cutoff=0.5).status
    'ok'
    """
    named = [outcome, running, *([] if treatment is None else [treatment]), *covariates]
    check_columns(frame, named)
    words = [name for name in named if not pd.api.types.is_numeric_dtype(frame[name])]
    if words:
        raise EffectsError("{words}: these columns hold no numbers. Code them as numbers.", words=", ".join(words))
    if treatment is not None:
        read_treatment(frame, treatment)
    values = frame[named].to_numpy("float64")
    y, x, more = values[:, 0], values[:, 1] - cutoff, values[:, 2:]
    spec = {"outcome": outcome, "running": running, "cutoff": cutoff, "treatment": treatment or ""}
    kept = {"outcome": outcome, "population": "at_cutoff"}
    try:
        widths = _widths(x, y, people)
        table = _jumps(x, y, None if treatment is None else more[:, 0], widths)
    except Blocked as one:
        return blocked([{"estimand": "mean_difference", "term": "jump", **kept}], spec, *one.reasons)
    inside = np.abs(x) < widths.fit
    table = table.assign(n=inside.sum(), n_exposed=(inside & (x >= 0)).sum())
    tests = _tests(x, y, dict(zip(covariates, more[:, treatment is not None :].T, strict=True)))
    notes = _say(tests)
    sides = [len(side.x) for side in split(x)]
    return Estimate(
        table=pd.concat([table, pd.DataFrame(tests)], ignore_index=True).assign(**kept),
        spec=spec,
        notes=notes,
        status="warned" if notes else "ok",
        details={"bandwidths": pd.DataFrame([{**widths._asdict(), "below": sides[0], "above": sides[1]}])},
    )


def _widths(x: NDArray, y: NDArray, people: int, distinct: int = DISTINCT) -> Bandwidths:
    """Choose the bandwidths; raises Blocked where what lies within them cannot carry a jump."""
    sides = split(x)
    few = Message("Fewer than {people} people on a side of the cutoff: no jump can be told.", people=people)
    alike = Message("There are too few different values near the cutoff to fit a line and its bias.")
    if min(len(side.x) for side in sides) < people:
        raise Blocked(few)
    if min(len(np.unique(side.x)) for side in sides) < DISTINCT:
        raise Blocked(alike)
    if np.ptp(y) == 0:
        raise Blocked("The outcome has the same value everywhere: there is nothing to estimate.")
    widths = choose_bandwidths(x, y)
    if not np.all(np.isfinite(widths)):
        raise Blocked(alike)
    for side in sides:
        near = side.x[np.abs(side.x) < widths.fit]
        counts = np.unique(near, return_counts=True)[1]
        if len(near) < people:
            raise Blocked(few)
        if len(counts) < distinct:
            raise Blocked(alike)
        usual = np.median(counts)
        if counts.max() > 3 * usual and len(counts) * pdtrc(counts.max() - 1, usual) < HEAPED:
            raise Blocked("People heap at some values near the cutoff, as where dates are rounded.")
    return widths


def _jumps(x: NDArray, y: NDArray, treated: NDArray | None, widths: Bandwidths) -> pd.DataFrame:
    """Lay out the jumps of the outcome and of the treatment, and their ratio with the error of both."""
    columns = np.column_stack([y] if treated is None else [y, treated])
    weights, left = weigh_jump(x, widths), noise(x, columns, widths)
    rows = []
    for method, weight in (("conventional", weights.plain), ("robust", weights.corrected)):
        jumps = weight @ columns
        errors = np.sqrt((weight[:, None] ** 2 * left**2).sum(axis=0))
        found = {"jump": (jumps[0], errors[0])}
        if treated is not None:
            strength = (jumps[1] / max(errors[1], TINY)) ** 2
            if strength < STRONG:
                raise Blocked(
                    "The rule moves too few: at the cutoff the first stage has F = {strength:number.1}, less than "
                    "{least:number}; a ratio by it means nothing.",
                    strength=strength,
                    least=STRONG,
                )
            ratio = jumps[0] / jumps[1]
            spread = np.sqrt((weight**2 * (left[:, 0] - ratio * left[:, 1]) ** 2).sum()) / abs(jumps[1])
            found |= {"first_stage": (jumps[1], errors[1]), "ratio": (ratio, spread)}
        rows += [
            {"estimand": "mean_difference", "term": term, "method": method} | wald(value, error) | _z(value, error)
            for term, (value, error) in found.items()
        ]
    return pd.DataFrame(rows)


def _tests(x: NDArray, y: NDArray, covariates: dict[str, NDArray]) -> list[dict[str, Any]]:
    """Test what must not jump: people at the cutoff, the outcome at either side's median, covariates."""
    below, above = x < 0, x >= 0
    middles, counts = _count_bins(x)
    asked = {
        "density": (middles, counts, np.sqrt(counts)),  # a count varies as much as it is large
        "placebo[below]": (x[below] - np.median(x[below]), y[below]),
        "placebo[above]": (x[above] - np.median(x[above]), y[above]),
    } | {f"covariate[{name}]": (x, column) for name, column in covariates.items()}
    return [{"estimand": "test", "term": term, "method": "robust", **_test(*one)} for term, one in asked.items()]


def _say(tests: list[dict[str, Any]]) -> tuple[Message, ...]:
    """Say which tests fail, at a level shared by all of them, and that some could not be made."""
    found = {one["term"]: one["p_value"] for one in tests}
    failed = [term for term, chance in found.items() if chance < ALPHA / len(tests)]
    notes = []
    if "density" in failed:
        notes.append(Message("The number of people jumps at the cutoff: they may be sorted by it."))
    if any(term.startswith("placebo") for term in failed):
        notes.append(Message("The outcome jumps where no rule draws a line: a jump at the cutoff tells little."))
    if names := [term[len("covariate[") : -1] for term in failed if term.startswith("covariate")]:
        notes.append(
            Message("People on the two sides of the cutoff differ beforehand: {names}.", names=", ".join(names))
        )
    if np.isnan([*found.values()]).any():
        notes.append(Message("Some checks of the cutoff could not be made."))
    return tuple(notes)


def _test(x: NDArray, y: NDArray, spread: NDArray | None = None) -> dict[str, float]:
    try:
        widths = _widths(x, y, BINS, BINS)
    except Blocked:
        return {"statistic": np.nan, "p_value": np.nan}
    weight, spread = weigh_jump(x, widths).corrected, noise(x, y, widths) if spread is None else spread
    return _z(weight @ y, np.sqrt(((weight * spread) ** 2).sum()))


def _z(value: float, error: float) -> dict[str, float]:
    statistic = value / error if error > 0 else np.nan
    return {"statistic": statistic, "p_value": chdtrc(1, statistic**2)}


def _count_bins(x: NDArray) -> tuple[NDArray, NDArray]:
    """Count people in bins that start at the cutoff: their middles, and heights; bins at the ends are left out.

    A bin is a whole number of the steps between values.
    """
    step, width = np.diff(np.unique(x)).min(), x.std() / np.sqrt(len(x))
    width = np.ceil(width / step - 1e-9) * step
    place = np.floor(x / width + 1e-9).astype("int64")
    counts = np.bincount(place - place.min())[1:-1].astype("float64")
    return (place.min() + 1.5 + np.arange(len(counts))) * width, counts
