"""What ends a person's follow-up: the outcome that is asked for, or a way out of the service."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.states import FAR, Clock, by_person, earliest, latest, month_numbers, rows_of
from analysis.registry.contract import EXIT
from analysis.registry.store import Registry
from analysis.words import Message

PROMOTIONS = ("first_appointment", "higher_appointment")
SEAT_ORDER = ("commune_committee", "district_committee", "district_standing", "province_committee", "province_standing")
OUTCOMES = {
    "higher_post": Message("a post of a higher grade than any before"),
    "first_post": Message("a first leadership post"),
    "seat": Message("a higher committee seat than any before"),
}
EXIT_WORDS = {
    "retirement": Message("retirement"),
    "early_retirement": Message("early retirement"),
    "resignation": Message("resignation"),
    "transfer_out": Message("transfer out of the province"),
    "death": Message("death"),
    "dismissal": Message("dismissal"),
}


class Rises(NamedTuple):
    """Every step up in the registry (`rows`, `months`), and who could still rise as each month begins (`room`)."""

    rows: np.ndarray
    months: np.ndarray
    room: np.ndarray


def rises_of(reg: Registry, clock: Clock, posts: pd.DataFrame, post: np.ndarray, outcome: str) -> Rises:
    """Find the steps up of one kind; `post` is the matrix of each person's latest row of `posts`."""
    if outcome == "seat":
        return _seat_rises(reg, clock)
    best = np.append(posts["best"].to_numpy(), 0)[post]
    up = posts["decision"].isin(PROMOTIONS) & (posts["grade"] > posts["bar"])
    if outcome == "first_post":
        return _rises(posts, up & (posts["bar"] == 0), best == 0)
    return _rises(posts, up, best < 8)


def _seat_rises(reg: Registry, clock: Clock) -> Rises:
    seats = reg["seats"]
    rank = seats["body"].cat.set_categories(SEAT_ORDER).cat.codes.astype("int64") + 1
    seats = by_person(clock, seats.assign(rank=rank), "started", "rank")
    seats = seats[seats["row"] >= 0].reset_index(drop=True)
    seats = seats.assign(month=month_numbers(seats["started"]), best=seats.groupby("row")["rank"].cummax())
    bar = seats.groupby("row")["best"].shift(fill_value=0)
    seat = latest(clock, seats)
    best = np.append(seats["best"].to_numpy(), 0)[seat]
    return _rises(seats, seats["rank"] > bar, best < len(SEAT_ORDER))


def _rises(table: pd.DataFrame, up: pd.Series, room: np.ndarray) -> Rises:
    return Rises(table.loc[up, "row"].to_numpy(), table.loc[up, "month"].to_numpy(), room)


def first_events(reg: Registry, clock: Clock, rises: Rises, entry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each person's first event from `entry` (column) on, and its time; a rise wins a tie with an exit.

    Events: 0 none by the end of the clock, 1 the outcome, 2.. the exits in the order of `EXIT`. Times: columns, an
    event in a month at its end.
    """
    rise = _first_from(clock, rises.rows, rises.months, np.ones(len(rises.rows), dtype="int64"), entry)
    exit_ = _first_from(clock, *exits_of(reg, clock), entry)
    month, event = np.divmod(np.minimum(rise, exit_), len(EXIT) + 2)
    stop = month + 1 - clock.first
    over = stop > clock.count
    return np.where(over, 0, event), np.where(over, clock.count, stop)


def exits_of(reg: Registry, clock: Clock) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the rows of the people who left, the month of each exit, and its code as an event."""
    exits = reg["exits"]
    reason = exits["reason"].cat.set_categories(EXIT).cat.codes.to_numpy("int64") + 2
    return rows_of(clock, exits), month_numbers(exits["exited"]), reason


def _first_from(clock: Clock, rows: np.ndarray, months: np.ndarray, event: np.ndarray, entry: np.ndarray) -> np.ndarray:
    """Give the earliest month * (kinds of event) + event of each person that is dated from `entry` on."""
    late = (rows >= 0) & (months - clock.first >= entry[rows])
    first = earliest(clock, rows[late], months[late] * (len(EXIT) + 2) + event[late])
    return np.where(first == FAR, FAR * (len(EXIT) + 2), first)
