"""What of a target is the project's: three answers, in increasing claim, side by side and never added."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import COLUMNS, Estimate, tidy
from analysis.reference import Target, milestone
from analysis.registry import Registry
from analysis.results import Row, central, give
from analysis.targets.flows import label_moves, latest_course
from analysis.targets.groups import (
    HEADLINE,
    Day,
    Period,
    Roster,
    call_roster,
    counted,
    counted_on,
    day_of,
    find_target,
    first_day,
    state_on,
    states_on,
)
from analysis.words import Message

LEAST_ENROLMENTS = 5  # before the project and since: fewer cannot tell two rates apart
LEAST_MONTHS = 12
DRAWS, SEED = 4000, 20210910
RATIOS = ("risk_ratio", "hazard_ratio")
CARRIED = ("supported", "suggestive")  # verdicts with which an effect may move heads
TERMS = ("accounting", "counterfactual", "through_promotion")


def attribute(
    reg: Registry,
    *,
    target: str,
    on: Day | None = None,
    effect: Estimate | pd.DataFrame | None = None,
) -> Estimate:
    """Say how many heads of a `target` in `reg` are the project's `on` a day, by three definitions (`heads` rows).

    `accounting`: who counts and whose latest postgraduate course the project paid; no effect. `counterfactual`: of
    those who count by a course begun since the project, how many would not if members had enrolled at the rate before
    it (median and 90 percent interval of Gamma posteriors of both rates, each of whole years; assumes that nothing else
    changed the rate). `through_promotion`: newcomers promoted after the project's course who would not be there without
    the effect, n (1 - 1 / ratio) with the ratio (`risk_ratio` or `hazard_ratio`) of the latest time in `effect`: an
    estimate of `effects`, or the rows that another run released of one method. It moves no head where it was withheld:
    a blocked estimate, rows without numbers, or a row `verdict` whose `term` is neither supported nor suggestive. What
    cannot be identified is empty and its reason is in the notes.

    >>> targets.attribute(reg, target="T4").table["term"].tolist()
    ['accounting', 'counterfactual', 'through_promotion']
    """
    day, start, aim = day_of(reg, on), milestone("baseline"), find_target(target)
    roster = call_roster(reg, aim.group)
    spec = {"target": target, "on": day, "draws": DRAWS, "seed": SEED}
    base = {"method": "attribution", "estimand": "heads", "outcome": target, "date": day}
    try:
        counts = counted_on(roster, day, HEADLINE)
    except Blocked as stop:
        return give({**base, "n": 0}, [{"term": term} for term in TERMS], spec, stop.reasons, "blocked")
    courses = roster.courses[~roster.courses["outcome"].isin(["dropped", "suspended"])]
    latest = latest_course(courses, day).reindex(counts.index[counts])
    paid, since = int((latest["funder"] == "project_02").sum()), int((latest["started"] > start).sum())
    answers: tuple[Callable[[], Row], ...] = (
        lambda: {"estimate": paid, "n_event": paid, "interval": "none"},
        lambda: _counterfactual(reg, roster, (start, day), since),
        lambda: _through_promotion(reg, roster, aim, (start, day), effect),
    )
    rows, reasons = [], list[Message]()
    for term, answer in zip(TERMS, answers, strict=True):
        try:
            rows.append({"term": term, **answer()})
        except Blocked as stop:
            rows.append({"term": term})
            reasons += stop.reasons
    caution = Message(
        "Three definitions side by side: they overlap and are never added, and the accounting one is no effect."
    )
    return give({**base, "n": len(counts)}, rows, spec, [caution, *reasons], "warned" if reasons else "ok")


def count_enrolments(roster: Roster, first: pd.Timestamp, last: pd.Timestamp) -> tuple[int, int]:
    """Count courses begun by members who did not count, and their person-months, in the last whole years of a time.

    Courses begin in intakes, so that only whole years give a rate that may be set beside another.
    """
    begun, exposed, courses, ends = 0, 0, roster.courses, pd.date_range(first, last, freq="ME")
    months = list(pairwise(ends[(len(ends) - 1) % 12 :]))
    for (day, end), state in zip(months, states_on(roster, [day for day, _ in months]), strict=True):
        counts = counted(state, HEADLINE)
        free = counts.index[~counts]
        starts = courses.loc[(courses["started"] > day) & (courses["started"] <= end), "person_id"]
        begun += starts[starts.isin(free)].nunique()
        exposed += len(free)
    return begun, exposed


def _counterfactual(
    reg: Registry,
    roster: Roster,
    days: Period,
    since: int,
) -> Row:
    """Thin the enrolments since the project to the rate before it."""
    start, day = days
    first = max(first_day(reg), start - pd.DateOffset(months=37))  # 37 month ends, for 36 months between them
    before, after = (len(pd.date_range(*time, freq="ME")) - 1 for time in ((first, start), (start, day)))
    if min(before, after) < LEAST_MONTHS:
        raise Blocked(
            "Counterfactual not identifiable: {before} months seen before the project and {after} since, "
            "of {least} needed.",
            before=before,
            after=after,
            least=LEAST_MONTHS,
        )
    (n0, t0), (n1, t1) = count_enrolments(roster, first, start), count_enrolments(roster, start, day)
    if min(n0, n1) < LEAST_ENROLMENTS:
        raise Blocked(
            "Counterfactual not identifiable: fewer than {least} members enrolled before or since the project.",
            least=LEAST_ENROLMENTS,
        )
    rng = np.random.default_rng(SEED).spawn(1)[0]
    ratio = (rng.gamma(n0 + 0.5, size=DRAWS) / t0) / (rng.gamma(n1 + 0.5, size=DRAWS) / t1)
    kept = rng.binomial(since, np.minimum(ratio, 1.0))
    heads = np.where(ratio > 1, -rng.poisson(since * np.maximum(ratio - 1, 0)), since - kept)
    return {**central(heads, 0.9, "posterior"), "n_event": since}


def _through_promotion(
    reg: Registry, roster: Roster, aim: Target, days: Period, effect: Estimate | pd.DataFrame | None
) -> Row:
    """Switch the effect off for newcomers since the project who count and rose after its course.

    Blocked for seats, whose members are elected.
    """
    if aim.elected:
        raise Blocked(
            "Through promotion not identifiable: members of this group are elected, and no effect on election is "
            "estimated."
        )
    before, after = (counted(state_on(roster, day), HEADLINE) for day in days)
    moves, ratio = label_moves(reg, roster, (before, after), days, seats=False), _ratio(effect)
    people = int((moves["counts"] & (moves["kind"] == "promoted_after_project")).sum())
    heads = {name: people * (1 - 1 / ratio[name]) for name in ("estimate", "conf_low", "conf_high")}
    return {**heads, "conf_level": ratio["conf_level"], "n_event": people, "interval": "effect"}


def _ratio(effect: Estimate | pd.DataFrame | None) -> pd.Series:
    """Find the ratio of the latest time, with its interval; blocked where the effect is withheld or has none."""
    notes, given = (effect.notes, effect.table) if isinstance(effect, Estimate) else ((), pd.DataFrame(effect))
    rows = tidy(given.reindex(columns=list(COLUMNS)))
    ratios, verdict = rows[rows["estimand"].isin(RATIOS)], rows.loc[rows["estimand"] == "verdict", "term"]
    if not verdict.isin(CARRIED).all() or (len(ratios) and ratios["estimate"].isna().all()):
        said = [*(Message("{word:label.verdicts}.", word=word) for word in verdict), *notes]
        raise Blocked(
            "Through promotion not assessable, the effect of training on promotion being withheld. {reasons}",
            reasons=said or [Message("The rows of the effect have no numbers.")],
        )
    ratios = ratios[ratios["estimate"] > 0].sort_values("time", kind="stable")
    if ratios.empty:
        raise Blocked("Through promotion not assessable: no usable ratio of a training effect was given.")
    row = ratios.iloc[-1]
    if (ratios["time"] == row["time"]).sum() > 1:
        raise Blocked(
            "Through promotion not assessable: the effect given has several ratios at {months:number} months. Give "
            "the rows of one method and population.",
            months=row["time"],
        )
    if not (row["conf_low"] > 0 and row["conf_high"] > 0):
        raise Blocked("Through promotion not assessable: the effect given has no interval.")
    return row
