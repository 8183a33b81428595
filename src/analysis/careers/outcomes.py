"""What ends a person's follow-up: the outcome that is asked for, or a way out of the service."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.states import Clock, by_person, latest, month_numbers, put, rows_of
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


def events_of(reg: Registry, clock: Clock, rises: Rises) -> np.ndarray:
    """Give the event of each person-month: 0 none, 1 the outcome, 2.. the exits in the order of `EXIT`.

    Of several in a month the first of these stays, so that a rise wins a tie with an exit.
    """
    exits = reg["exits"]
    reason = exits["reason"].cat.set_categories(EXIT).cat.codes.to_numpy("int8") + 2
    order = np.argsort(-reason)
    event = np.zeros(clock.shape, dtype="int8")
    put(event, rows_of(clock, exits)[order], month_numbers(exits["exited"])[order] - clock.first, reason[order])
    put(event, rises.rows, rises.months - clock.first, True)
    return event


def first_events(event: np.ndarray, entry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each person's first event from `entry` (column) on, 0 for none, and the column at whose start it is over."""
    later = (event > 0) & (np.arange(event.shape[1]) >= entry[:, None])
    happens, column = later.any(axis=1), later.argmax(axis=1)
    found = event[np.arange(len(event)), column]
    return np.where(happens, found, 0), np.where(happens, column + 1, event.shape[1])
