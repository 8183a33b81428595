"""Rows for the views of units and of dated events: units that differ, units alike, and few people."""

from __future__ import annotations

import functools

import pandas as pd

from analysis import variation
from analysis.estimate import Estimate, combine
from analysis.publishing.gate.disclosure import protect
from analysis.registry.store import Registry
from analysis.synthetic.worlds import STUDY, UNITS_ALIKE, make_registry

WORLDS = {"apart": (6000, STUDY), "alike": (6000, UNITS_ALIKE), "few": (300, STUDY)}


@functools.cache
def province(of: str) -> Registry:
    people, settings = WORLDS[of]
    return make_registry(people, 11, settings)


@functools.cache
def units(of: str, *measures: str) -> Estimate:
    return combine(*(variation.compare_units(province(of), measure=one) for one in measures or ("sending",)))


@functools.cache
def shocks(of: str) -> Estimate:
    return variation.assess_events(province(of))


def rows_of(*found: Estimate) -> pd.DataFrame:
    return pd.concat([protect(one) for one in found], ignore_index=True)


def cases() -> dict:
    """The view, rows and choices of each case."""
    made: dict = {}
    for of in WORLDS:
        made |= {
            f"caterpillar {of}": ("units.caterpillar", lambda of=of: rows_of(units(of))),
            f"funnel {of}": ("units.funnel", lambda of=of: rows_of(units(of))),
            f"spreads {of}": ("units.spreads", lambda of=of: rows_of(units(of, "sending", "promotion", "owed"))),
            f"units answer {of}": ("units.answer", lambda of=of: rows_of(shocks(of), units(of)), {}),
            f"shocks {of}": ("shocks.people", lambda of=of: rows_of(shocks(of))),
            f"placebos {of}": ("shocks.placebos", lambda of=of: rows_of(shocks(of))),
        }
    for event, name in (("project_02", "nominations"), ("suspension_2025", "appointments"), ("project_02", "starts")):
        chosen = {"population": event, "outcome": name}
        made[f"series {event} {name}"] = (
            "shocks.series", lambda chosen=chosen: rows_of(shocks("apart").pick(**chosen))
        )  # fmt: skip
    made["series few"] = (
        "shocks.series", lambda: rows_of(shocks("few").pick(population="project_02", outcome="nominations"))
    )  # fmt: skip
    return made
