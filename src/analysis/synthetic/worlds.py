"""Synthetic provinces in memory, and pairs of them that differ in one thing only."""

from __future__ import annotations

import dataclasses

import pandas as pd

from analysis.registry.contract import TABLES
from analysis.registry.sources.cells import type_table
from analysis.registry.store import Registry
from analysis.synthetic.parameters import DEFAULT, NO_EFFECT, Effect, Settings
from analysis.synthetic.province import simulate

# An intake large enough for a province of 6,000, and posts that come often enough to count.
STUDY = dataclasses.replace(
    DEFAULT, anticipation=0.0, intake=5.0, promotion=tuple(tuple(2.5 * one for one in row) for row in DEFAULT.promotion)
)
LEVEL_FIELD = dataclasses.replace(  # women and minorities are treated as everybody at every stage
    STUDY, planning_female=1.0, planning_minority=1.0, nominated_female=1.0, nominated_minority=1.0,
    promotion_female=1.0, promotion_minority=1.0,
)  # fmt: skip
GAP_AT_NOMINATION = dataclasses.replace(LEVEL_FIELD, nominated_female=0.6)
GAP_AT_COMPLETION = dataclasses.replace(LEVEL_FIELD, dropped_female=4.0)
UNITS_ALIKE = dataclasses.replace(STUDY, unit_sending=0.0, unit_promotion=0.0)
LARGE = Effect(full_time=0.9, in_service=1.0, first_year=3.6, second_year=3.2, later=2.6)


def make_registry(people: int, seed: int, settings: Settings = DEFAULT) -> Registry:
    """Simulate a province and keep it in memory as a registry, typed by the contract."""
    province = simulate(people, seed, settings=settings)
    tables = {name: type_table(TABLES[name], table)[0] for name, table in province.tables.items()}
    return Registry(tables=tables, meta=province.meta, as_of=pd.Timestamp(province.meta["extracted"]))


def fixed_posts() -> tuple[Registry, Registry]:
    """Play a province twice, promotions a month and band fixed: courses help much in the first, not in the second."""
    settings = dataclasses.replace(STUDY, fixed_vacancies=True)
    one, other = (
        make_registry(12_000, 5, dataclasses.replace(settings, effect=effect)) for effect in (LARGE, NO_EFFECT)
    )
    return one, other
