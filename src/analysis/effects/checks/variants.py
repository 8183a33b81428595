"""The main difference under other defensible choices: methods, covariates, populations and terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, fit_study, risks_by_method


def vary_specifications(run: Run, covariates: Sequence[str], confounders: Sequence[str], horizon: int) -> pd.DataFrame:
    """Estimate the difference with each covariate left out in turn, with and without terms by arm, by three methods.

    The hazard of exits is kept as in the main answer.
    One row a specification: `left_out` ("" for none), `by_arm`, `method`, `population`, `risk_difference`.
    Source: Simonsohn, Simmons and Nelson (2020), Nat. Hum. Behav. 4:1208-1214.
    """
    rows = []
    parts = [replace(part, starting=None) for part in run.fit.parts if horizon in part.horizons]
    for gone in ("", *covariates):
        kept = [name for name in covariates if name != gone]
        for by_arm in (True, False) if not gone else (True,):
            fit = fit_study(run.cells, parts, kept, confounders if by_arm else (), "spline",
                            run.fit.hazards.get(2))  # fmt: skip
            if isinstance(fit, list):
                continue
            place = parts[0].horizons.index(horizon)
            methods = (MODELLED, WEIGHTED, JOINED) if by_arm else (MODELLED,)
            found = risks_by_method(run.cells, fit, methods, ("eligible", "starters"))
            rows += [{"left_out": gone, "by_arm": by_arm, "method": method, "population": population,
                      "risk_difference": float(np.subtract(*risks[::-1, place]))}
                     for (method, population), risks in found.items()]  # fmt: skip
    return pd.DataFrame(rows)
