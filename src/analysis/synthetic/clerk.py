"""Paperwork of the synthetic registry: identifiers, days, texts, and who is in the file at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic.dynamics import RETIREMENT, Log
from analysis.synthetic.parameters import Settings
from analysis.synthetic.population import NEVER, State


def text(codes: np.ndarray, labels: list[str] | tuple[str, ...]) -> pd.Series:
    """Turn codes into text, -1 into empty."""
    return pd.Series(pd.array(list(labels), dtype="str").take(np.asarray(codes), allow_fill=True))


EMPTY = np.datetime64("NaT", "ms")


def date(months: np.ndarray, day: np.ndarray | int = 1) -> np.ndarray:
    """Turn months into dates on that day, `NEVER` into empty."""
    months = np.asarray(months).astype(np.int64)
    known = months < NEVER
    days = np.where(known, months, 0).astype("datetime64[M]").astype("datetime64[D]") + (np.asarray(day) - 1).astype(
        "timedelta64[D]"
    )
    return np.where(known, days.astype("datetime64[ms]"), EMPTY)


class Clerk:
    """Knows who is in the registry, when each left, and gives out identifiers and plausible days."""

    def __init__(self, state: State, log: Log, used: int, settings: Settings, seed: np.random.SeedSequence):
        self.rng = np.random.default_rng(seed)
        self.settings = settings
        exits = log["exit"]
        self.left = np.full(len(state.born), NEVER, dtype=np.int64)
        self.left[exits["person"]] = exits["month"]
        day = self.rng.integers(21, 29, len(exits["person"]))
        self.exited = np.full(len(state.born), EMPTY, dtype="datetime64[ms]")
        self.exited[exits["person"]] = date(exits["month"], np.where(exits["reason"] == RETIREMENT, 1, day))
        covers = np.datetime64(settings.covers_from, "D").astype("datetime64[ms]")
        there = np.arange(len(state.born)) < used
        self.known = there & ~(self.exited <= covers)
        self.number = np.cumsum(self.known) - 1
        count = int(self.known.sum())
        self.ids = pd.array([f"S{k:07d}" for k in range(1, count + 1)], dtype="str")
        self.covers = covers

    def person(self, who: np.ndarray) -> pd.Series:
        """Give identifiers."""
        return pd.Series(self.ids.take(self.number[who]))

    def days(self, count: int) -> np.ndarray:
        """Draw days of a month on which papers are signed."""
        return self.rng.choice(np.array([1, 5, 10, 12, 15, 18, 20]), count)

    def until(self, who: np.ndarray, ended: np.ndarray) -> np.ndarray:
        """End a state at the exit where that comes first."""
        left = self.exited[who]
        return np.where(np.isnat(ended) | (left < ended), left, ended)

    def keep(self, log: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Keep the events of people in the registry."""
        mask = self.known[log["person"]]
        return {name: value[mask] for name, value in log.items()}
