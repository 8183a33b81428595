"""Single checks of a fitted emulation, each with what was seen and what was allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.effects.trials.columns import lay_out_columns
from analysis.effects.trials.initiation import weigh_entries
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, Part, risks_by_method


class Check(NamedTuple):
    """One check: whether it held (None: it could not be made), what was seen, and what was allowed."""

    check: str
    passed: bool | None
    value: float
    limit: float


def check_methods(run: Run, main: dict, horizon: int, apart: float) -> Check:
    """Largest distance of the other methods' differences from the main one, in its standard errors."""
    found = risks_by_method(run.cells, run.fit, (MODELLED, WEIGHTED, JOINED))
    place = run.horizons.index(horizon)
    gaps = [(risks[1, place] - risks[0, place] - main["estimate"]) / main["std_error"] for risks in found.values()]
    largest = float(np.abs(gaps).max())
    return Check("methods", largest <= apart, largest, apart)


def measure_arms(run: Run, part: Part, covariates: Sequence[str]) -> pd.DataFrame:
    """Standardised differences of the arms by column, unweighted and weighted (by the spread of everyone eligible)."""
    columns = lay_out_columns(run.cells.patterns, covariates)
    number = run.cells.at_risk[:, 0].astype("float64") * (part.starting.place >= 0)
    values = columns.table[run.cells.pattern]
    mean = number @ values / number.sum()
    spread = np.sqrt(number @ (values - mean) ** 2 / number.sum())
    table = pd.DataFrame({"term": columns.names, "covariate": columns.owner, "spread": spread})
    for name, weight in (("unweighted", np.ones(len(number))), ("weighted", weigh_entries(part.starting, run.cells))):
        means = [
            (number * weight * (run.cells.arm == arm)) @ values / (number * weight * (run.cells.arm == arm)).sum()
            for arm in (0, 1)
        ]
        table[name] = (means[1] - means[0]) / np.where(spread > 0, spread, 1.0)
    return table[table.pop("spread") > 0]


def check_balance(run: Run, part: Part, covariates: Sequence[str], most: float) -> Check:
    """Largest standardised difference after weighting."""
    largest = float(measure_arms(run, part, covariates)["weighted"].abs().max())
    return Check("balance", largest <= most, largest, most)
