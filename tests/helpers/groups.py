"""Target groups written by hand: who holds a seat or a post when, who has a degree, who studies."""

from __future__ import annotations

import dataclasses
from datetime import date

import pandas as pd
from build import build_registry

from analysis.registry.store import Registry

DAY = "2025-06-30"


def group(people: int | dict, *, absent=(), as_of: str = DAY, **rows) -> Registry:
    """Build a registry in which people P1, P2, ... hold a seat in the provincial committee, with more rows beside.

    `people` is a number of members, or {person: row of its seat}; rows of other tables may leave out what does not matter.
    """
    seats = {f"P{one}": {} for one in range(1, people + 1)} if isinstance(people, int) else people
    told = {row["person_id"] for table in rows.values() for row in table if "person_id" in row}
    everyone = dict.fromkeys([*seats, *sorted(told)]) or {"P1": None}
    rows = {
        "people": [{"person_id": one} for one in everyone],
        "seats": [{"person_id": one, "body": "province_committee", "started": "2020-10-14", **row} for one, row in seats.items()],
        **rows,
    }  # fmt: skip
    rows["seats"] += rows.pop("more_seats", [])
    made = build_registry(rows, as_of=as_of, absent=absent)
    return dataclasses.replace(made, meta={**made.meta, "covers_from": date(2015, 1, 1)})


def degree(person: str, awarded: str = "2018-06-01", *, verified: bool = True, level: str = "master") -> dict:
    return {"person_id": person, "awarded": awarded, "verified": verified, "level": level}


def course(person: str, started: str = "2024-09-01", expected_end: str = "2026-09-01", **row) -> dict:
    return {"person_id": person, "started": started, "expected_end": expected_end, **row}


def heads(estimate) -> dict[str, float]:
    rows = estimate.table[estimate.table["estimand"] == "heads"]
    return dict(zip(rows["term"], rows["estimate"], strict=True))


def shares(estimate) -> pd.Series:
    rows = estimate.table[estimate.table["estimand"] == "attainment"]
    return rows.set_index("term")["n_event"]
