"""One joint plan for overlapping groups: how many of which class of people, by integer programming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.targets.outlook.eligible import MARKS, Eligible

TRIES = 60
SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a plan may not pass: `capacity` people in all, `per_unit` people a unit, `budget` in the unit of `cost` (of one
    enrolment), `floors` shares of the plan for women, young and minority cadres."""

    capacity: int | None = None
    per_unit: int | None = None
    budget: float | None = None
    cost: float = 1.0
    floors: Mapping[str, float] = None


def classify(eligible: Eligible, *, by_unit: bool) -> pd.DataFrame:
    """Put people into classes of the same groups and marks (and unit); index as `eligible.people`, column `class`."""
    people = eligible.people.reset_index(drop=True)
    groups = pd.DataFrame(eligible.member.T, columns=[f"group_{one}" for one in range(len(eligible.member))])
    keys = [*groups.columns, *MARKS, *(["unit"] if by_unit else [])]
    frame = pd.concat([groups, people], axis=1)
    return frame.assign(**{"class": frame.groupby(keys, sort=True).ngroup()})


def choose_classes(adds: np.ndarray, needed: np.ndarray, classes: pd.DataFrame, limits: Limits) -> np.ndarray | None:
    """Choose the fewest people a class so that each group is expected to gain what it needs; None where impossible.

    `adds[group, class]` is the expected heads that one person of a class adds to a group. Within the class people are
    alike, so that the binary programme over people is this one over whole numbers.
    """
    first = classes.drop_duplicates("class").sort_values("class")
    sizes = np.bincount(classes["class"])
    rows = [LinearConstraint(adds, lb=needed)]
    ones = np.ones((1, len(sizes)))
    if limits.capacity is not None:
        rows.append(LinearConstraint(ones, ub=limits.capacity))
    if limits.budget is not None:
        rows.append(LinearConstraint(ones * limits.cost, ub=limits.budget))
    if limits.per_unit is not None:
        units = pd.factorize(first["unit"])[0]
        rows.append(LinearConstraint((units == np.unique(units)[:, None]).astype(float), ub=limits.per_unit))
    for mark, share in (limits.floors or {}).items():
        rows.append(LinearConstraint(first[mark].to_numpy(float)[None] - share, lb=0))
    found = milp(np.ones(len(sizes)), integrality=np.ones(len(sizes)), bounds=Bounds(0, sizes), constraints=rows,
                 options={"time_limit": SECONDS, "mip_rel_gap": 0.01})  # fmt: skip
    return None if found.x is None else np.round(found.x).astype(int)


def plan_jointly(
    eligible: Eligible, margin: np.ndarray, certainty: float, limits: Limits, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray] | None:
    """Find the least plan that meets all groups at once with `certainty`, scored in the same draws; None where none does.

    `margin[group, draw]` are heads above the need without the plan. What each group must gain in expectation starts at
    its shortfall at that certainty and grows, group by group, until the simulated score is reached.
    """
    classes = classify(eligible, by_unit=limits.per_unit is not None)
    if classes.empty:
        return None
    number = classes["class"].to_numpy()
    sizes = np.bincount(number)
    adds = np.stack([np.bincount(number, one.mean(axis=1)) / sizes for one in eligible.adds])
    needed = np.maximum(np.quantile(-margin, certainty, axis=1), 0.0)
    order = rng.permutation(len(number))
    place = np.empty(len(number), dtype=int)
    for one in range(len(sizes)):
        members = order[number[order] == one]
        place[members] = np.arange(len(members))
    for _ in range(TRIES):
        chosen = choose_classes(adds, needed, classes, limits)
        if chosen is None:
            return None
        sent = place < chosen[number]
        after = margin + eligible.adds[:, sent].sum(axis=1)
        if (after >= 0).all(axis=0).mean() >= certainty:
            return classes[sent], after
        needed = needed + np.maximum((after < 0).mean(axis=1) - (1 - certainty) / len(margin), 0.02) * 4
    return None
