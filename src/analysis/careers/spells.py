"""Start-stop spells: who is at risk of what, from when to when, in which state; and who is not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.careers.covariates import (
    FirstCourse,
    first_courses,
    lay_out_rows,
    left_out,
    state_codes,
)
from analysis.careers.flow import EVENTS, Followed, lay_out_flow, no_one_left, say_asides
from analysis.careers.outcomes import OUTCOMES, events_of, first_events, rises_of
from analysis.careers.states import (
    FAR,
    Clock,
    degree_months,
    first_course,
    in_service,
    latest,
    main_posts,
    make_clock,
    month_numbers,
)
from analysis.errors import CareersError, check_options
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.words import Message

LEAVERS = Message(
    "leavers_included: risks need the people who left; registry.yml says that leavers are not in the "
    "data. Ask for an extract with leavers and set leavers_included: true."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spells:
    """Intervals at risk, with nothing changing inside each.

    `frame`: `person_id`, `start`, `stop` (months since the first day of the month of `spec["start"]`; the interval
    is (start, stop], month m is (m, m+1]), `event` (place in `EVENTS`: 0 censored, 1 the outcome, 2.. the exits) and
    the covariates, categories with the reference first. `ever_trained` looks into the future: it is there to show the
    naive answer, never to estimate an effect. `flow`: `step`, `said` (a Message), `people` left, `removed`, and
    `count` (of what the row names). `spec` is what was asked (for trials also `left_out`: covariates without their
    table); `notes` are sentences that must travel with the numbers; `missing` says why nothing may be estimated from
    them.

    >>> spells.frame.shape[1], len(spells.flow), spells.spec["outcome"]
    (18, 5, 'higher_post')
    """

    frame: pd.DataFrame
    flow: pd.DataFrame
    spec: Mapping[str, Any]
    notes: tuple[Message, ...] = ()
    missing: tuple[Message, ...] = ()


def build_spells(
    reg: Registry,
    *,
    outcome: str = "higher_post",
    exposure: str = "postgraduate",
    start: str = "2019-01-01",
    end: str = "2024-12-31",
) -> Spells:
    """Turn a registry `reg` into start-stop spells at risk of `outcome`, training of kind `exposure` varying in time.

    What is dated in a month counts from the month's end, so that an event of that month comes before it. People enter
    at the first month from `start` begun in service, without such a course or degree before; they leave at the first
    event, or at the end of the month of the earlier of `end` and the registry's `as_of`. A promotion wins a tie with an
    exit.

    >>> careers.build_spells(reg, end="2022-12-31").frame["stop"].max().item()
    48
    """
    clock = check_asked(reg, outcome, exposure, start, end)
    posts = main_posts(reg, clock)
    post = latest(clock, posts)
    rises = rises_of(reg, clock, posts, post, outcome)
    inside = in_service(reg, clock)
    entry = inside.argmax(axis=1)
    events = events_of(reg, clock, rises)
    event, stop = first_events(events, entry)
    entered = np.arange(len(clock.people)), entry
    covered = (post[entered] >= 0) & (np.append(posts["ended"].to_numpy(), -FAR)[post[entered]] >= entry + clock.first)
    degree = degree_months(reg, clock, exposure)
    steps = {
        "in_service": inside.any(axis=1),
        "post_history": covered,
        "no_earlier_course": first_course(reg, clock, exposure) >= entry + clock.first,
        "no_earlier_degree": degree >= entry + clock.first,
        "below_top": rises.room[entered],
    }
    followed = Followed(np.logical_and.reduce(list(steps.values())), entry, stop, event)
    if not followed.keep.any():
        raise no_one_left(steps)
    first = first_courses(reg, clock, exposure, entry)
    asides = _asides(clock, followed, inside, first, degree)
    columns = np.arange(clock.count)
    at_risk = followed.keep[:, None] & (columns >= entry[:, None]) & (columns < stop[:, None])
    ever = {"ever_trained": np.broadcast_to((first.started < FAR)[:, None], clock.shape)}
    return Spells(
        frame=lay_out_rows(reg, clock, state_codes(reg, clock, first), at_risk, events, ever),
        flow=lay_out_flow(steps, followed, outcome, asides),
        spec=say_asked(reg, clock, outcome=outcome, exposure=exposure, start=start, end=end),
        notes=(*left_out(reg), *say_asides(asides, followed.keep)),
    )


def _asides(
    clock: Clock, followed: Followed, inside: np.ndarray, first: FirstCourse, degree: np.ndarray
) -> dict[str, np.ndarray]:
    """Flag what bears on the reading: returns after an exit, broken and further courses, degrees without a course."""
    again = inside & (np.arange(clock.count) >= followed.stop[:, None])
    stop = followed.stop + clock.first
    return {
        "later_return": again.any(axis=1) & (followed.event > 1),
        "study_stopped": (first.stopped + 1 < stop) & (first.stopped != first.completed),
        "later_course": first.second + 1 < stop,
        "degree_without_course": (degree + 1 < stop) & (first.started == FAR),
    }


def say_asked(reg: Registry, clock: Clock, **asked: Any) -> dict[str, Any]:
    """Keep what was asked, with the day the registry is seen on, the months followed and the events."""
    return {**asked, "as_of": str(reg.as_of.date()), "months": clock.count, "events": dict(enumerate(EVENTS))}


def check_asked(reg: Registry, outcome: str, exposure: str, start: str, end: str, *, leavers: bool = True) -> Clock:
    """Refuse what cannot be answered, and lay out the months from the start to the earlier of the end and `as_of`."""
    check_options(CareersError, outcome=(outcome, tuple(OUTCOMES)), exposure=(exposure, TRAINING_KIND))
    first, last = _read_day("start", start), _read_day("end", end)
    if first > last:
        raise CareersError(
            "start, end: follow-up must start before it ends; seen {start} to {end}. Give an earlier start.",
            start=start,
            end=end,
        )
    if reg.as_of < first:
        raise CareersError(
            "as_of: the registry is seen on {as_of:%Y-%m-%d}, before follow-up starts on {start}. Load it as of "
            "a later day, or start earlier.",
            as_of=reg.as_of,
            start=start,
        )
    if leavers and not reg.meta.get("leavers_included"):
        raise CareersError(LEAVERS)
    if outcome == "seat" and not reg.has("seats"):
        raise CareersError(
            "seats: the outcome seat needs the table seats; it is absent. Add it, or ask for higher_post."
        )
    first_month, last_month = month_numbers([first, min(last, reg.as_of)])
    return make_clock(reg, int(first_month), int(last_month - first_month + 1))


def _read_day(name: str, day: str) -> pd.Timestamp:
    try:
        return pd.to_datetime(day, format="ISO8601")
    except (ValueError, TypeError):
        raise CareersError(
            "{name}: {day!r} is not a day as YYYY-MM-DD. Write for example 2019-01-01.", name=name, day=day
        ) from None


def open_to_appointment(spells: Spells) -> pd.DataFrame:
    """Give the rows of `spells` in which the rules allow an appointment; all rows where the registry cannot tell.

    >>> len(careers.open_to_appointment(spells)) < len(spells.frame)
    True
    """
    frame = spells.frame
    return frame[frame["appointable"]].reset_index(drop=True) if "appointable" in frame else frame
