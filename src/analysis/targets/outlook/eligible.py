"""Whom a further enrolment could help: members who do not count and may be sent, and what each would add by a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.careers import sendable
from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.outlook.ahead import Outlook
from analysis.targets.outlook.panel import UNTRAINED
from analysis.targets.outlook.paths import Layout
from analysis.text import Text

MARKS = ("women", "young", "minority")


@dataclass(frozen=True, kw_only=True, eq=False)
class Eligible:
    """Members who may be sent now: `people` (unit, women, young, minority), `member[group, person]` and
    `adds[group, person, draw]`: would count on the last day if sent now and would not otherwise.
    """

    people: pd.DataFrame
    member: np.ndarray
    adds: np.ndarray
    notes: tuple[Text, ...]


def find_eligible(reg: Registry, ahead: Outlook, *, seed: int, beyond_age: bool = False) -> Eligible:
    """Find the members who may be sent now, by the dated rules, and follow them to the last day in every draw.

    A further enrolment adds a head where the person is still in the group, has not enrolled anyway and does not drop out.
    `beyond_age` takes those too whom only the age gate stops: they may study, but on their own account.
    """
    gates = sendable(reg, [f"{reg.as_of:%Y-%m}"])
    fails = [fails for rule, fails in gates.fails.items() if rule != "age" or not beyond_age]
    allowed = gates.people[~np.logical_or.reduce(fails)[:, 0]]
    panel, rows = ahead.panel, ahead.paths.people
    keep = (panel.status[rows, -1] == UNTRAINED) & panel.people[rows].isin(allowed)
    cells = ahead.paths.final[keep]
    drop, months = ahead.rates.monthly["drop"][0], min(len(ahead.days) - 1, 24)
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
    stays = rng.random(cells.shape, dtype=np.float32) >= 1 - (1 - drop) ** months
    useful = (Layout(len(panel.targets)).status(cells) == UNTRAINED) & stays
    adds = np.stack([useful & (cells >> group & 1).astype(bool) for group in range(len(panel.targets))])
    return Eligible(people=describe_people(reg, panel.people[rows[keep]]), member=panel.member[:, rows[keep], -1], adds=adds,
                    notes=gates.notes)  # fmt: skip


def describe_people(reg: Registry, ids: pd.Index) -> pd.DataFrame:
    """Say of people what floors and capacities ask: unit, women, young by the dated rule, ethnic minority."""
    known = reg["people"].set_index("person_id").reindex(ids)
    posts = reg["posts"]
    held = posts[~posts["concurrent"] & (posts["started"] <= reg.as_of) & ~(posts["ended"] <= reg.as_of)]
    unit = (
        held.sort_values(["started", "unit_id"])
        .drop_duplicates("person_id", keep="last")
        .set_index("person_id")["unit_id"]
    )
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
    rules = reference("rules.yml")["young"]["below_age_months"]
    in_force = [rule for rule in rules if pd.Timestamp(rule["from"]) <= day] or rules[:1]
    return born > day - pd.DateOffset(months=in_force[-1]["value"])
