"""Five registries made by other means: by hand, by a simulation, the same renamed and reordered, another, a workbook."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
from build import build_registry

from analysis import project, registry
from analysis.registry import Registry
from analysis.synthetic import make_registry

COURSE = {"mode": "full_time", "place": "home", "funder": "other_budget", "level": None}
UNITS = [
    {"unit_id": "U1", "level": "province"},
    {"unit_id": "U2", "level": "district", "parent_id": "U1"},
    {"unit_id": "U3", "level": "commune", "parent_id": "U2"},
]
PEOPLE = [{"person_id": f"P{k}"} for k in range(1, 6)]
POSTS = [
    {"person_id": "P1", "unit_id": "U1"},
    {"person_id": "P2", "unit_id": "U2", "grade": 1, "decision": "first_appointment"},
    {"person_id": "P3", "unit_id": "U3", "ended": "2024-05-01"},
    {"person_id": "P3", "unit_id": "U1", "started": "2024-05-01", "decision": "lateral"},
    {"person_id": "P4", "unit_id": "U1", "concurrent": True},
    {"person_id": "P5", "unit_id": "U2", "teaching": True},
]


def course(person: str, number: int, kind: str = "digital", started: str | None = "2024-03-01", **more) -> dict:
    """Write a course of three days, completed unless `more` says otherwise."""
    begun = {"started": started, "expected_end": "2024-03-04", "ended": "2024-03-04", "outcome": "completed"}
    return {**COURSE, "person_id": person, "course_id": f"C{number}", "kind": kind, **begun, **more}


def by_hand(**more: list) -> Registry:
    """Five people: one goes twice, one moves, one serves nowhere but beside, one drops out, one is only named."""
    rows = {
        "people": PEOPLE,
        "units": UNITS,
        "posts": POSTS,
        "training": [
            course("P1", 1, class_id="K1", cost=2_000_000),
            course("P1", 2, started="2024-06-01", expected_end="2024-06-03", ended="2024-06-03", class_id="K2"),
            course("P2", 3, class_id="K1"),
            course("P3", 4, started="2024-04-01", expected_end="2024-06-03", ended="2024-06-03", mode="online"),
            course("P4", 5, outcome="dropped", ended="2024-03-02"),
            course("P5", 6, "postgraduate", level="master", field="law", nominated="2024-02-01", ended=None, outcome=None,
                   funder="self"),
            course("P2", 7, "postgraduate", level="master", field="law", nominated="2024-02-01", started=None, ended=None,
                   outcome="not_started"),
        ],
        "training_plan": [
            {"year": 2024, "unit_id": "U1", "kind": "digital", "staff_level": "province", "seats": 1},
            {"year": 2024, "unit_id": "U2", "kind": "digital", "staff_level": "district", "seats": 4, "budget": 5_000_000},
            {"year": 2024, "unit_id": "U2", "kind": "postgraduate", "level": "master", "field": "law",
             "staff_level": "commune", "seats": 3},
            {"year": 2023, "unit_id": "U1", "kind": "digital", "staff_level": "province", "seats": 99},
        ],
        "needs": [{"year": 2024, "unit_id": "U1", "kind": "digital", "people": 7}],
        "establishments": [{"unit_id": "U2", "year": 2024, "posts": 3, "lecturers": 2, "seats": 0}],
        **more,
    }  # fmt: skip
    return build_registry(rows)


def disguise(reg: Registry, seed: int = 1) -> Registry:
    """Give the registry with other identifiers and its rows in another order."""
    rng = np.random.default_rng(seed)
    names = {}
    for column, prefix in (("person_id", "Z"), ("unit_id", "Y"), ("course_id", "X")):
        known = pd.unique(pd.concat([table[column] for table in reg.tables.values() if column in table]).dropna())
        names[column] = dict(zip(known, [f"{prefix}{k:07d}" for k in rng.permutation(len(known))], strict=True))
    names |= {one: names["unit_id"] for one in ("parent_id", "successor_id")}
    tables = {}
    for name, table in reg.tables.items():
        renamed = {one: table[one].map(names[one]).astype("str") for one in names if one in table}
        tables[name] = table.assign(**renamed).iloc[rng.permutation(len(table))].reset_index(drop=True)
    return dataclasses.replace(reg, tables=tables)


@functools.cache
def five() -> dict[str, Registry]:
    """Make the five, each once."""
    one = make_registry(1_500, 11)
    return {
        "by hand": by_hand(),
        "simulated": one,
        "disguised": disguise(one),
        "another seed": make_registry(1_200, 4),
        "workbook": registry.load(project.root() / "data/sample/ho_so.xlsx"),
    }
