"""Paperwork of the synthetic registry: identifiers, days, texts, and who is in the file at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.registry.contract import TABLES
from analysis.synthetic.dynamics import RETIREMENT
from analysis.synthetic.population import NEVER, State
from analysis.synthetic.world import World

EMPTY = np.datetime64("NaT", "ms")
Log = dict[str, pd.DataFrame]  # the events of all months, with the month of each


def text(codes: np.ndarray, labels: Sequence[str]) -> pd.Series:
    """Turn codes into text, -1 into empty."""
    return pd.Series(pd.array(list(labels), dtype="str").take(np.asarray(codes), allow_fill=True))


def date(months: np.ndarray | int, day: np.ndarray | int = 1) -> np.ndarray:
    """Turn months into dates on that day, `NEVER` into empty."""
    months = np.asarray(months).astype(np.int64)
    known = months < NEVER
    first = np.where(known, months, 0).astype("datetime64[M]").astype("datetime64[ms]")
    return np.where(known, first + (np.asarray(day) - 1).astype("timedelta64[D]"), EMPTY)


class Clerk:
    """Knows who is in the registry, when each left, and gives out identifiers, plausible days and tables."""

    def __init__(self, state: State, log: Log, used: int, world: World, seeds: list[np.random.SeedSequence]):
        self.rng, self.later = map(np.random.default_rng, seeds)  # `later`: for columns that came to the contract later
        self.settings, self.places, self.state = world.settings, world.places, state
        exits = log["exit"]
        self.left = np.full(len(state.born), NEVER, dtype=np.int64)
        self.left[exits["person"]] = exits["month"]
        day = self.rng.integers(21, 29, len(exits))
        self.exited = np.full(len(state.born), EMPTY)
        self.exited[exits["person"]] = date(exits["month"], np.where(exits["reason"] == RETIREMENT, 1, day))
        self.covers = np.datetime64(self.settings.covers_from, "ms")
        self.known = (np.arange(len(state.born)) < used) & ~(self.exited <= self.covers)
        self.number = np.cumsum(self.known) - 1
        self.ids = [f"S{k:07d}" for k in range(1, int(self.known.sum()) + 1)]

    def table(self, name: str, **columns) -> pd.DataFrame:
        """Lay out a table: places in the list of codes that the contract gives a column become its words."""
        codes = {column.name: column.codes for column in TABLES[name].columns if column.listing}
        coded = {key: text(columns[key], codes[key]) for key in codes if isinstance(columns.get(key), np.ndarray)}
        return pd.DataFrame(columns | coded)

    def person(self, who: np.ndarray) -> pd.Series:
        """Give identifiers."""
        return text(self.number[who], self.ids)

    def unit(self, where: np.ndarray) -> pd.Series:
        """Give identifiers of units."""
        return text(where, self.places.frame["unit_id"])

    def days(self, count: int) -> np.ndarray:
        """Draw days of a month on which papers are signed."""
        return self.rng.choice(np.array([1, 5, 10, 12, 15, 18, 20]), count)

    def until(self, who: np.ndarray, ended: np.ndarray) -> np.ndarray:
        """End a state at the exit where that comes first."""
        return np.fmin(self.exited[who], ended)

    def keep(self, events: pd.DataFrame) -> pd.DataFrame:
        """Keep the events of people in the registry."""
        return events[self.known[events["person"]]].reset_index(drop=True)
