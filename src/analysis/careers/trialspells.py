"""Start-stop spells for trials: who may be sent in which month, who starts, and every event, repeated rises included.

Within a month the state comes first, then a start, then the event: the row of month m is (m, m + 1], holds the state
as the month begins, and counts as treated from the very month of the start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from analysis.careers.covariates import (
    NEEDS,
    lay_out_rows,
    left_out,
    standing_codes,
)
from analysis.careers.outcomes import events_of, rises_of
from analysis.careers.rules import sendable
from analysis.careers.spells import LEAVERS, Spells, check_asked, say_asked
from analysis.careers.states import (
    Clock,
    degree_months,
    first_course,
    in_service,
    latest,
    main_posts,
)
from analysis.errors import CareersError, check_options
from analysis.registry.contract import COURSE_LEVEL, FUNDER, MODE, PLACE
from analysis.registry.store import Registry
from analysis.words import Message

ONLY = {"level": COURSE_LEVEL, "mode": MODE, "place": PLACE, "funder": FUNDER}
Dated = Literal["start", "completion"]
SameMonth = Literal["after", "before"]
WORDS = {
    "in_service": Message("in service with a post"),
    "rules": Message("in a month in which the dated rules allow sending"),
    "no_degree": Message("with no such qualification of any date"),
    "no_course": Message("with no such course started before"),
    "room": Message("in which the outcome can still be reached"),
}


def build_trial_spells(
    reg: Registry,
    *,
    outcome: str = "higher_post",
    exposure: str = "postgraduate",
    only: Mapping[str, Sequence[str]] | None = None,
    dated: Dated = "start",
    lag: int = 0,
    same_month: SameMonth = "after",
    start: str = "2019-01-01",
    end: str = "2024-12-31",
) -> Spells:
    """Turn a registry `reg` into start-stop spells of `outcome` and courses `exposure` for `effects.emulate_trials`.

    Columns: `person_id`, `start`, `stop` (months; month m is (m, m + 1]), `event` (0, 1 the outcome, 2.. exits; rows go
    on after a rise), `eligible` (as the month begins: the dated rules allow sending, no such course or qualification
    before, room to rise), `trained` (started by that month; with `only`, say {"level": ("master",)}, other courses
    start no arm and end their takers' time as controls), `stays_on` (the same until the month of a drop-out), and
    covariates as the month begins. `dated`: a course counts from its start, or from its completion `lag` months on, by
    those still there. `same_month`: a promotion in the month of a start comes `after` it, or `before` it, so that there
    is no start in that month. `flow`: who is ever eligible, step by step: `people`, and person-months as `count`.
    Months run from `start` to `end`. A registry without leavers gives no rows and says why in `missing`; settings that
    are not allowed raise CareersError.

    >>> careers.build_trial_spells(reg, only={"level": ("master",)}).frame.columns[:6].tolist()
    ['person_id', 'start', 'stop', 'event', 'eligible', 'trained']
    """
    clock = check_asked(reg, outcome, exposure, start, end, leavers=False)
    missing = () if reg.meta.get("leavers_included") else (LEAVERS,)
    _check_words(dated, same_month, only or {}, lag)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    rises = rises_of(reg, clock, posts, post, outcome)
    event, inside = events_of(reg, clock, rises), in_service(reg, clock) & (post >= 0)
    moment = "month" if dated == "start" else "completed"
    begun = first_course(reg, clock, exposure, moment=moment)
    chosen = begun == first_course(reg, clock, exposure, only, moment)
    gates = sendable(reg, pd.PeriodIndex.from_ordinals(clock.months, freq="M"), kind=exposure)
    steps = _eligible_steps(reg, clock, exposure, gates.fails, dated, begun, rises.room)
    first, notes = str(gates.months[0]), (*left_out(reg), *gates.notes)
    del gates  # a matrix a rule
    steps["in_service"] &= inside
    eligible = np.logical_and.reduce(list(steps.values()))
    since = _count_from(clock, begun, chosen, eligible, inside, event, lag, same_month)
    codes = standing_codes(reg, clock)
    until = first_course(reg, clock, exposure, only, "dropped")
    trained = clock.months >= since[:, None]
    flags = {
        "eligible": eligible,
        "trained": trained.astype("int8"),
        "stays_on": (trained & (clock.months < np.maximum(until, since + 1)[:, None])).astype("int8"),
    }
    frame = lay_out_rows(reg, clock, codes, inside, event, flags)
    return Spells(
        frame=frame.iloc[:0] if missing else frame,
        flow=_flow(steps),
        spec=say_asked(
            reg,
            clock,
            outcome=outcome,
            exposure=exposure,
            only={name: [*words] for name, words in (only or {}).items()},
            dated=dated,
            lag=lag,
            same_month=same_month,
            start=start,
            end=end,
            first=first,
            left_out={name: table for name, table in NEEDS.items() if not reg.has(table)},
        ),
        notes=notes,
        missing=missing,
    )


def _check_words(dated: str, same_month: str, only: Mapping[str, Sequence[str]], lag: int) -> None:
    check_options(CareersError, dated=(dated, Dated), same_month=(same_month, SameMonth))
    for name, words in only.items():
        check_options(CareersError, only=(name, ONLY))
        for word in words:
            check_options(CareersError, **{f"only[{name!r}]": (word, ONLY[name])})
    if not isinstance(lag, (int, np.integer)) or not 0 <= lag <= 60:
        raise CareersError("lag: {lag!r} is no whole number of months from 0 to 60.", lag=lag)


def _eligible_steps(
    reg: Registry,
    clock: Clock,
    kind: str,
    gates: Mapping[str, np.ndarray],
    dated: str,
    begun: np.ndarray,
    room: np.ndarray,
) -> dict[str, np.ndarray]:
    """Mark, step by step, the person-months in which a trial may start."""
    rules = {*gates} - {"in_service", "degree"} if dated == "start" else {*gates} & {"discipline"}
    barred = np.logical_or.reduce([gates[name] for name in rules], axis=0) if rules else np.zeros(clock.shape, bool)
    return {
        "in_service": ~gates["in_service"],
        "rules": ~barred,
        "no_degree": degree_months(reg, clock, kind)[:, None] >= clock.months,
        "no_course": begun[:, None] >= clock.months,
        "room": room,
    }


def _count_from(clock: Clock, begun, chosen, eligible, inside, event, lag: int, same_month: str) -> np.ndarray:
    """Give the month from which each person counts as treated, and settle in `eligible` who starts a trial's arm.

    A start that is not of the asked kind, from no eligible month, or not lived through for `lag` months makes no arm:
    that person is in no trial of that month, and in none later.
    """
    at = begun - clock.first
    seen = np.flatnonzero((at >= 0) & (at < clock.count))
    good = chosen[seen] & eligible[seen, at[seen]] & (at[seen] + lag < clock.count)
    if same_month == "before":
        good &= event[seen, at[seen]] != 1
    eligible[seen, at[seen]] = False
    seen = seen[good]
    if lag:
        happened = np.column_stack([np.zeros(len(event), dtype="int64"), np.cumsum(event > 0, axis=1)])
        still = happened[seen, at[seen] + lag] == happened[seen, at[seen]]
        seen = seen[still & inside[seen, at[seen] + lag]]
    eligible[seen, at[seen] + lag] = True
    since = begun.copy()
    since[seen] += lag
    return since


def _flow(steps: dict[str, np.ndarray]) -> pd.DataFrame:
    left, rows = np.ones(next(iter(steps.values())).shape, dtype=bool), []
    for step, stays in steps.items():
        left = left & stays
        rows.append((step, WORDS[step], left.any(axis=1).sum(), left.sum()))
    table = pd.DataFrame(rows, columns=["step", "said", "people", "count"])
    table.insert(3, "removed", (-table["count"].diff()).fillna(0).astype("int64"))
    return table
