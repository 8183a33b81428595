"""The synthetic province month after month, from its hidden beginning to the extract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from analysis.synthetic.chances import BANDS
from analysis.synthetic.dynamics import DRAWS, Events, step
from analysis.synthetic.parameters import Calendar, Settings, month
from analysis.synthetic.places import Places
from analysis.synthetic.population import TRAITS, State, found, hire


class Month(NamedTuple):
    """One month: the state before it (recruits in), the state after it, what happened, vacancy factors by band."""

    now: int
    before: State
    after: State
    events: list[Events]
    sizes: np.ndarray
    recruits: slice


def live(people: int, settings: Settings, calendar: Calendar, places: Places, seeds: list) -> Iterator[Month]:
    """Live from the beginning to the extract.

    The number of uniform numbers drawn a month depends on `people` alone, so that provinces of one seed and
    other parameters share them person by person.
    """
    capacity = int(people * 1.85) + 64
    traits = np.random.default_rng(seeds[0]).random((TRAITS, capacity), dtype=np.float32)
    rng = np.random.default_rng(seeds[1])
    state, used = found(people, capacity, settings, places, traits), people
    for now in range(month(settings.begins), month(settings.extracted) + 1):
        before, recruits = hire(state, used, now, people, settings, places, traits)
        used = recruits.stop
        u = rng.random((DRAWS, capacity), dtype=np.float32)
        state, events, sizes = step(before, now, settings, calendar, places, u, rng.random(BANDS))
        yield Month(now, before, state, events, sizes, recruits)
