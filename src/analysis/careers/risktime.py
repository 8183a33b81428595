"""Time at risk and events by person and state: what rates, and comparisons of like with like, are made of."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.careers.covariates import FIXED, LEVELS, standing_codes
from analysis.careers.states import Clock, month_numbers, per_person
from analysis.registry.store import Registry

AGES = ("<30", "30-39", "40-49", "50+")


def age_codes(months: np.ndarray) -> np.ndarray:
    """Give the place in `AGES` of ages in months."""
    return np.searchsorted([360, 480, 600], months, side="right")


def tally_risk(
    reg: Registry,
    clock: Clock,
    rows: np.ndarray,
    columns: np.ndarray,
    events: np.ndarray,
    more: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Add up person-months at risk (`rows`, `columns` of `clock`) and their `events`, a row a person and state.

    Columns: `person` (the matrix row), `sex`, `ethnicity`, `age` (`AGES`, as each month begins), the standing
    covariates that the registry can say, `more` (matrices of small whole numbers, as they are), `time` (person-months)
    and `events`.
    """
    born = month_numbers(per_person(clock, reg["people"], "birth_date"))
    age = age_codes(clock.months[columns] - born[rows])
    codes = {name: matrix[rows, columns] for name, matrix in standing_codes(reg, clock).items() if name != "age_band"}
    codes |= {"age": age} | {name: matrix[rows, columns] for name, matrix in (more or {}).items()}
    levels = {**LEVELS, "age": AGES}
    sizes = {name: len(levels.get(name, ())) or int(code.max(initial=0)) + 1 for name, code in codes.items()}
    key = np.asarray(rows, dtype="int64")
    for name, code in codes.items():
        key = key * sizes[name] + code
    place, cells = pd.factorize(key)
    table = {}
    for name, size in reversed(sizes.items()):
        cells, code = np.divmod(cells, size)
        table[name] = pd.Categorical.from_codes(code, [*levels[name]]) if name in levels else code
    people = {
        name: per_person(clock, reg["people"], name).cat.set_categories(words).array[cells]
        for name, words in FIXED.items()
    }
    sums = {"time": np.bincount(place), "events": np.bincount(place, np.asarray(events, dtype="float64"))}
    return pd.DataFrame({"person": cells} | people | dict(reversed(table.items())) | sums)
