"""Monthly series of what happens to people: how many it could happen to in each month, and to how many it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.covariates import join_codes, standing_codes
from analysis.careers.rules import sendable
from analysis.careers.states import Clock, courses, in_service, month_numbers, rows_of
from analysis.registry import Registry
from analysis.variation.cells import lay_clock, mark, nominations, periods, promotions

LONG = ("postgraduate", "political_theory")  # all other courses are short
STATE = ("sector", "grade_band", "age_band", "planned", "rating", "party")
OWN_WISH = ("resignation", "early_retirement")
Marked = tuple[np.ndarray, np.ndarray]  # people by months: could it happen, and did it


class Series(NamedTuple):
    """Person-months at risk (`time`) and of them those in which it happened (`events`), by month number.

    `due` is how many it would have been had each state (`STATE`) one rate throughout: who is at risk changes over the
    years, since those whom it meets most often leave first. `inside` marks whose months they are.
    """

    months: np.ndarray
    time: np.ndarray
    events: np.ndarray
    due: np.ndarray
    inside: np.ndarray


def count_months(reg: Registry, name: str, start: str) -> Series:
    """Count one of `SERIES` in each whole month from `start` to the day of the registry."""
    clock = lay_clock(reg, start, int((reg.as_of + pd.Timedelta(days=1)).day == 1))
    inside, happened = SERIES[name](reg, clock)
    happened = inside & (happened > 0)
    codes = standing_codes(reg, clock)
    state = join_codes({one: codes[one] for one in STATE if one in codes})[inside]
    rate = np.bincount(state, happened[inside]) / np.maximum(np.bincount(state), 1)
    due = np.bincount(np.nonzero(inside)[1], rate[state], clock.count)
    return Series(clock.months, inside.sum(axis=0), happened.sum(axis=0), due, inside)


def _short_starts(reg: Registry, clock: Clock, **only: str) -> np.ndarray:
    rows = reg["training"]
    chosen = ~rows["kind"].isin(LONG) & rows["started"].notna()
    for column, value in only.items():
        chosen &= rows[column].eq(value)
    return mark(clock, rows_of(clock, rows[chosen]), month_numbers(rows.loc[chosen, "started"])) > 0


def _completions(reg: Registry, clock: Clock) -> Marked:
    taken = courses(reg, clock, "postgraduate")
    under_way = sendable(reg, periods(clock)).fails["course"]
    return under_way, mark(clock, taken["row"].to_numpy(), taken["completed"].to_numpy())


def _resignations(reg: Registry, clock: Clock) -> Marked:
    rows = reg["exits"][reg["exits"]["reason"].isin(OWN_WISH)]
    return in_service(reg, clock), mark(clock, rows_of(clock, rows), month_numbers(rows["exited"]))


SERIES: Mapping[str, Callable[[Registry, Clock], Marked]] = {
    "nominations": nominations,
    "starts": lambda reg, clock: (in_service(reg, clock), _short_starts(reg, clock)),
    "online": lambda reg, clock: (_short_starts(reg, clock), _short_starts(reg, clock, mode="online")),
    "completions": _completions,
    "appointments": promotions,
    "resignations": _resignations,
}
