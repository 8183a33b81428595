"""Columns that rows here share: what a row is, and an estimate with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

LEVEL = 0.95
WIDE = float(ndtri(0.5 + LEVEL / 2))
BOTH = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])  # who is not treated, who is, and their difference


def label_row(
    estimand: str, term: str, time: Any, method: str, population: str = "eligible", **more: Any
) -> dict[str, Any]:
    """Give the columns that say what a row of the outcome is, and `more`."""
    return {
        "estimand": estimand,
        "term": term,
        "time": time,
        "method": method,
        "population": population,
        "outcome": "event_1",
    } | more


def wald(value: Any, error: Any, interval: str = "wald", wide: float = WIDE) -> dict[str, Any]:
    """Give the columns of an estimate (or of many) and its interval: `wide` standard errors to either side."""
    return {
        "estimate": value,
        "std_error": error,
        "se_scale": "identity",
        "conf_low": value - wide * error,
        "conf_high": value + wide * error,
        "conf_level": LEVEL,
        "interval": interval,
    }


def contrast_arms(
    kinds: tuple[str, str],
    treatment: str,
    values: NDArray,
    covariance: NDArray,
    interval: str = "wald",
    wide: float = WIDE,
    **more: Any,
) -> pd.DataFrame:
    """Lay out what is estimated in each arm (2, and its covariance) and the difference: `kinds` are their estimands."""
    error = np.sqrt(np.maximum(np.diag(BOTH @ covariance @ BOTH.T), 0))
    labels = {
        "estimand": [kinds[0], *kinds],
        "term": [f"{treatment}[0]", f"{treatment}[1]", treatment],
    }
    return pd.DataFrame({**labels, **wald(BOTH @ values, error, interval, wide), **more})
