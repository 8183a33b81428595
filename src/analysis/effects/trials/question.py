"""What is asked of trials, and whether a registry and the trials that it gives can answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.trials.expand import Trials
from analysis.errors import Blocked, EffectsError
from analysis.words import Message

LEAST_PEOPLE, LEAST_EVENTS, WINDOW = 20, 5, 12
OWN = ("person_id", "start", "stop", "event", "eligible")


@dataclass(frozen=True)
class Question:
    """What is started, what is adjusted for (`a:b` crosses two), and which of it also acts by arm."""

    treatment: str = "trained"
    covariates: Sequence[str] = ()
    confounders: Sequence[str] = ()

    @property
    def columns(self) -> list[str]:
        """Give the columns that hold what is adjusted for."""
        return split_terms(*self.covariates, *self.confounders)


def split_terms(*names: str) -> list[str]:
    """Give the columns of terms, those of a cross one by one."""
    return list(dict.fromkeys(part for name in names for part in name.split(":")))


def require(frame: Any, *names: str) -> None:
    """Raise Blocked with all that spells miss, and each of the terms `names` that an absent table would hold.

    A plain frame misses nothing that is known here. Raises EffectsError for a term that cannot be a covariate.
    """
    columns = getattr(frame, "frame", frame).columns
    if wrong := [name for name in dict.fromkeys(names) if name in OWN or (":" in name and name in columns)]:
        raise EffectsError(
            "covariates: {wrong} cannot be adjusted for: {own} say what happens, not what was known before, and a "
            "colon crosses two columns. Leave it out, or rename the column.",
            wrong=wrong,
            own=list(OWN),
        )
    if isinstance(frame, pd.DataFrame):
        return
    absent = getattr(frame, "spec", {}).get("left_out", {})
    missing = [
        *getattr(frame, "missing", ()),
        *(_no_table(name, absent[name]) for name in split_terms(*names) if name in absent),
    ]
    if missing:
        raise Blocked(*missing)


def _no_table(name: str, table: str) -> Message:
    return Message(
        "{name}: the registry has no table {table}, and the comparison needs to know it as a trial starts. "
        "Add the table.",
        name=name,
        table=table,
    )


def check_support(trials: Trials, horizons: Sequence[int], primary: int) -> tuple[list[int], list[Message]]:
    """Give the horizons with follow-up and enough people and events an arm in the months before; and why not others.

    Raises Blocked where there is none.
    """
    good, reasons = [], []
    for horizon in horizons:
        longest = max(horizon, primary) if trials.complete(max(horizon, primary)).any() else horizon
        flags = trials.complete(longest)
        if not flags.any():
            reasons.append(Message("{horizon} months: no trial can be followed so long.", horizon=horizon))
        elif short := [
            who
            for arm, who in ((1, Message("those who start")), (0, Message("those who do not start")))
            if not _enough(trials, flags, horizon, arm)
        ]:
            reasons += [
                Message(
                    "{horizon} months: {who} have too few people at risk or events in the last {window} months "
                    "(at least {people} people and {events} events are needed).",
                    horizon=horizon,
                    who=who,
                    window=min(WINDOW, horizon),
                    people=LEAST_PEOPLE,
                    events=LEAST_EVENTS,
                )
                for who in short
            ]
        else:
            good.append(horizon)
    if not good:
        raise Blocked(*reasons)
    return good, reasons


def _enough(trials: Trials, flags: np.ndarray, horizon: int, arm: int) -> bool:
    people = trials.people
    inside = flags[people.trial] & (people.arm == arm) & (people.length > max(horizon - WINDOW, 0))
    events = (inside & (people.event == 1) & (people.length <= horizon)).sum()
    return people.heads(inside) >= LEAST_PEOPLE and events >= LEAST_EVENTS
