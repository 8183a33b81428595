"""The synthetic province month after month, from its hidden beginning to the extract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from analysis.synthetic.chances import BANDS
from analysis.synthetic.dynamics import DRAWS, Events, step
from analysis.synthetic.parameters import month
from analysis.synthetic.population import TRAITS, State, found, hire
from analysis.synthetic.world import World


class Month(NamedTuple):
    """One month: the state before it (recruits in), the state after it, what happened, vacancy factors by band."""

    now: int
    before: State
    after: State
    events: list[Events]
    sizes: np.ndarray
    recruits: slice


def live(world: World, seeds: list) -> Iterator[Month]:
    """Live from the beginning to the extract.

    The number of uniform numbers drawn a month depends on the people alone, so that provinces of one seed and
    other parameters share them person by person.
    """
    capacity = int(world.people * 1.85) + 64
    traits = np.random.default_rng(seeds[0]).random((TRAITS, capacity), dtype=np.float32)
    rng = np.random.default_rng(seeds[1])
    state, used = found(capacity, world, traits), world.people
    for now in range(month(world.settings.begins), month(world.settings.extracted) + 1):
        before, recruits = hire(state, used, now, world, traits)
        used = recruits.stop
        u = rng.random((DRAWS, capacity), dtype=np.float32)
        state, events, sizes = step(before, now, world, u, rng.random(BANDS))
        yield Month(now, before, state, events, sizes, recruits)
