"""Rows of official figures of one target, and of the flows between two days, from what is true of a group."""

from __future__ import annotations

import pandas as pd

from analysis.estimate import Estimate
from analysis.targets.groups import heads_needed

DAY = pd.Timestamp("2025-06-30")
FLOWS = ("enrolled", "entered", "dropped", "left")


def census(members, has, studying, *, on_schedule=0, both=0, unverified=0, population="ALL", reading=None):
    """Rows as measure_attainment gives them, from what is true of a group."""
    counted = {
        "has_or_studying": has + studying,
        "has": has,
        "has_and_studying": both,
        "has_or_on_schedule": has + on_schedule,
    }
    total, need = counted[reading or "has_or_studying"], heads_needed(0.7, members)
    base = {
        "method": "census",
        "population": population,
        "outcome": "T1",
        "date": DAY,
        "interval": "none",
        "n": members,
    }
    rows = [{**base, "estimand": "attainment", "term": term, "estimate": heads / members, "n_event": heads}
            for term, heads in counted.items() if reading in (None, term)]  # fmt: skip
    heads = {"members": members, "has": has, "studying": studying, "unverified": unverified, "counted": total,
             "need": need, "short": max(need - total, 0)}  # fmt: skip
    rows += [{**base, "estimand": "heads", "term": term, "estimate": count} for term, count in heads.items()]
    return Estimate(table=rows, spec={"reading": reading})


def bridge(opening, stay, come, go, flows, *, reading="has_or_studying"):
    """Rows as bridge() gives them."""
    base = {"method": "ledger", "population": "ALL", "outcome": "T1", "date": DAY}
    moved = dict(zip(FLOWS, flows, strict=True))
    signed = {name: heads if name in ("enrolled", "entered") else -heads for name, heads in moved.items()}
    n = {"enrolled": stay, "entered": come, "dropped": stay, "left": go}
    ends = {"opening": (opening, stay + go), "closing": (opening + sum(signed.values()), stay + come)}
    heads = {
        "opening": ends["opening"],
        **{name: (signed[name], n[name]) for name in FLOWS},
        "closing": ends["closing"],
    }
    rows = [{**base, "estimand": "heads", "term": term, "estimate": one, "n": size, "n_event": abs(one)}
            for term, (one, size) in heads.items()]  # fmt: skip
    rows += [
        {**base, "estimand": "points", "term": term, "estimate": 0.123456}
        for term in ("opening", "status", "entry", "exit")
    ]
    return Estimate(table=rows, spec={"reading": reading})
