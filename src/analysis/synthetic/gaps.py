"""The planted truth of a gap: the same people played forward as they are treated, and with a stage alike for all."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from analysis.synthetic.dynamics import DRAWS, send, settle
from analysis.synthetic.parameters import Settings, month
from analysis.synthetic.planted import rise_and_stay
from analysis.synthetic.population import State
from analysis.synthetic.timeline import Month, live
from analysis.synthetic.world import World, create

WITHOUT: dict[str, tuple[str, ...]] = {  # the stages at which the group is treated as everybody
    "as_is": (),
    "through_access": ("nominated",),
    "through_planning": ("planning",),
    "gap": ("nominated", "planning", "promotion", "dropped"),
}
STREAMS = 6  # as `province.simulate` spawns them, so that these are its very people


def planted_gap(
    settings: Settings, people: int, seed: int, *, begins: str, months: int, group: str = "female", plays: int = 10
) -> dict[str, float]:
    """Play those of a `group` (female, minority) who may be appointed in month `begins` for so many `months`.

    They are those of the province `simulate(people, seed, settings=settings)`. Returns the mean chance to rise `as_is`,
    what is missing against a world without the planted multipliers of nomination (`through_access`), of planning
    (`through_planning`) and of all stages (`gap`), as differences of chances, and `n`. Chances are added up, not drawn,
    and all worlds share the random numbers of `plays` plays, so that little Monte Carlo error is left.
    """
    seeds = np.random.SeedSequence(seed).spawn(STREAMS)
    world, first = create(people, settings, np.random.default_rng(seeds[2])), month(begins)
    lived = [this for this in live(world, seeds[:2]) if first <= this.now < first + months]
    state = lived[0].before
    ours = state.female if group == "female" else state.ethnicity > 0
    state = state.take(np.flatnonzero(ours & _may_rise(state, first)))
    worlds = {name: _without(world, group, stages) for name, stages in WITHOUT.items()}
    rng, size = np.random.default_rng(seeds[5]), len(state.born)
    risks = np.mean([_play(state, worlds, lived, rng) for _ in range(plays)], axis=0) / size
    gaps = {name: float(risks[0] - risk) for name, risk in zip(WITHOUT, risks, strict=True)}
    return gaps | {"as_is": float(risks[0]), "n": size}


def _without(world: World, group: str, stages: tuple[str, ...]) -> World:
    alike: dict[str, Any] = {f"{stage}_{group}": 1.0 for stage in stages}
    return dataclasses.replace(world, settings=dataclasses.replace(world.settings, **alike))


def _may_rise(state: State, now: int) -> np.ndarray:
    """Say whom no rule bars from a higher post, planned or not."""
    gates = state.active & (now - state.grade_since >= 24) & (state.retires - now >= 60)
    return gates & (state.barred_until <= now)


def _play(state: State, worlds: dict[str, World], lived: list[Month], rng: np.random.Generator) -> list[float]:
    """Add up the chances to rise in each of the worlds."""
    states, alive = dict.fromkeys(worlds, state), {name: np.ones(len(state.born)) for name in worlds}
    risks = dict.fromkeys(worlds, 0.0)
    for this in lived:
        u = rng.random((DRAWS, len(state.born)), dtype=np.float32)
        for name, world in worlds.items():
            now, _ = settle(states[name], this.now, world, u)
            states[name], _ = send(now, this.now, world, u)
            rises, stays = rise_and_stay(states[name], this.now, world, this.sizes)
            risks[name] += float((alive[name] * rises).sum())
            alive[name] *= stays
    return list(risks.values())
