"""Whom a further enrolment could help, and one joint plan for overlapping groups, by integer programming."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy  # its solver is loaded where a plan is made
from numpy import ndarray

from analysis.careers import sendable
from analysis.errors import Blocked
from analysis.reference import last_value
from analysis.registry import Registry
from analysis.targets.groups import held_on, latest
from analysis.targets.outlook.ahead import Outlook
from analysis.targets.outlook.panel import UNTRAINED
from analysis.targets.outlook.paths import Layout
from analysis.words import Message

MARKS = ["women", "young", "minority"]
TRIES = 60
SECONDS = 5.0


class Eligible(NamedTuple):
    """Members who may be sent now: `people` (unit, women, young, minority), `member[group, person]` and
    `adds[group, person, draw]`: would count on the last day if sent now and would not otherwise.
    """

    targets: list[str]
    people: pd.DataFrame
    member: np.ndarray
    adds: np.ndarray
    notes: tuple[Message, ...] = ()

    def of(self, names: list[str]) -> Eligible:
        """Keep the groups of some targets."""
        places = [self.targets.index(name) for name in names]
        return self._replace(targets=names, member=self.member[places], adds=self.adds[places])


def find_eligible(reg: Registry, ahead: Outlook, *, seed: int, beyond_age: bool = False) -> Eligible:
    """Find the members who may be sent now, by the dated rules, and follow them to the last day in every draw.

    A further enrolment adds a head where the person is still in the group, has not enrolled anyway and stays on.
    `beyond_age` takes those too whom only the age gate stops: they may study, but on their own account.
    """
    gates = sendable(reg, [f"{reg.as_of:%Y-%m}"])
    fails = [fails for rule, fails in gates.fails.items() if rule != "age" or not beyond_age]
    allowed = gates.people[~np.logical_or.reduce(fails)[:, 0]]
    panel, rows = ahead.panel, ahead.panel.present
    keep = (panel.status[rows, -1] == UNTRAINED) & panel.people[rows].isin(allowed)
    rows, cells, layout = rows[keep], ahead.paths.final[keep], Layout(len(panel.targets))
    drop, months = ahead.rates.monthly["drop"][0], min(len(ahead.days) - 1, 24)
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
    stays = rng.random(cells.shape, dtype=np.float32) >= 1 - (1 - drop) ** months
    adds = layout.inside(cells).astype(bool) & (layout.status(cells) == UNTRAINED) & stays
    people = describe_people(reg, panel.people[rows])
    return Eligible(
        targets=[target.id for target in panel.targets],
        people=people,
        member=panel.member[:, rows, -1],
        adds=adds,
        notes=gates.notes,
    )


def describe_people(reg: Registry, ids: pd.Index) -> pd.DataFrame:
    """Say of people what floors and capacities ask: unit, women, young by the dated rule, ethnic minority."""
    known, posts = reg["people"].set_index("person_id").reindex(ids), reg["posts"]
    unit = latest(posts[~posts["concurrent"] & held_on(posts, reg.as_of)], "started", "unit_id")["unit_id"]
    return pd.DataFrame(
        {
            "unit": unit.reindex(ids).astype("object").fillna(""),
            "women": known["sex"].eq("female"),
            "young": is_young(known["birth_date"], reg.as_of),
            "minority": known["ethnicity"].notna() & known["ethnicity"].ne("kinh"),
        },
        index=ids,
    )


def is_young(born: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Say who is below the age that the rule in force on the day calls young (rules.yml)."""
    return born > day - pd.DateOffset(months=last_value("young", "below_age_months", day))


class Limits(NamedTuple):
    """What a plan may not pass.

    `capacity` people in all, `per_unit` people a unit, `budget` in the unit of `cost` (of one enrolment), `floors`
    shares of the plan for women, young and minority cadres.

    >>> targets.Limits(capacity=10, floors={"women": 0.3}).capacity
    10
    """

    capacity: int | None = None
    per_unit: int | None = None
    budget: float | None = None
    cost: float = 1.0
    floors: Mapping[str, float] = {}


def classify(eligible: Eligible, *, by_unit: bool) -> pd.DataFrame:
    """Put people into classes of the same groups and marks (and unit): a row a person, flags by target, `class`."""
    groups = pd.DataFrame(eligible.member.T, columns=eligible.targets)
    frame = pd.concat([groups, eligible.people.reset_index(drop=True)], axis=1)
    keys = [*eligible.targets, *MARKS, *["unit"] * by_unit]
    return frame.assign(**{"class": frame.groupby(keys, sort=True).ngroup()})


def choose_classes(adds: ndarray, needed: ndarray, classes: pd.DataFrame, limits: Limits) -> ndarray | None:
    """Choose the fewest people a class so that each group is expected to gain what it needs; None where impossible.

    `adds[group, class]` is the expected heads that one person of a class adds to a group. Within the class people are
    alike, so that the binary programme over people is this one over whole numbers.
    """
    first = classes.drop_duplicates("class").sort_values("class")
    sizes = np.bincount(classes["class"])
    ones = np.ones(len(sizes))
    ceilings = (
        (ones, limits.capacity),
        (limits.cost * ones, limits.budget),
        (pd.get_dummies(first["unit"]).to_numpy(float).T, limits.per_unit),
    )
    rows: list[tuple[ndarray, Any, Any]] = [(adds, needed, np.inf)]  # weights, least, most
    rows += [(weights, -np.inf, most) for weights, most in ceilings if most is not None]
    rows += [(first[mark].to_numpy(float) - share, 0, np.inf) for mark, share in limits.floors.items()]
    found = scipy.optimize.milp(
        ones,
        integrality=ones,
        bounds=scipy.optimize.Bounds(0, sizes),
        constraints=rows,
        options={"time_limit": SECONDS, "mip_rel_gap": 0.01},
    )
    return None if found.x is None else np.round(found.x).astype(int)


def plan_jointly(
    eligible: Eligible, margin: ndarray, certainty: float, limits: Limits, rng: np.random.Generator
) -> tuple[pd.DataFrame, ndarray]:
    """Find the least plan that meets all groups at once with `certainty`: who is sent, and the heads above the need.

    `margin[group, draw]` are heads above the need without the plan. What each group must gain in expectation starts at
    its shortfall at that certainty and grows, group by group, until the score simulated in the same draws is reached.
    Blocked where no such plan is found.
    """
    classes = classify(eligible, by_unit=limits.per_unit is not None)
    if (margin >= 0).all(axis=0).mean() >= certainty:
        return classes[:0], margin  # nobody need be sent
    number = classes["class"].to_numpy()
    sizes = np.bincount(number)
    adds = np.stack([np.bincount(number, one.mean(axis=1)) / sizes for one in eligible.adds])
    needed = np.maximum(np.quantile(-margin, certainty, axis=1), 0.0)
    turn = pd.Series(np.argsort(rng.permutation(len(number)))).groupby(number).rank().to_numpy()  # within the class
    for _ in range(TRIES if len(number) else 0):
        chosen = choose_classes(adds, needed, classes, limits)
        if chosen is None:
            break
        sent = turn <= chosen[number]
        after = margin + eligible.adds[:, sent].sum(axis=1)
        if (after >= 0).all(axis=0).mean() >= certainty:
            return classes[sent], after
        needed = needed + np.maximum((after < 0).mean(axis=1) - (1 - certainty) / len(margin), 0.02) * 4
    raise Blocked(
        "No joint plan was found that reaches {certainty:percent.0} for all of {names} under the limits given.",
        certainty=certainty,
        names=", ".join(eligible.targets),
    )
