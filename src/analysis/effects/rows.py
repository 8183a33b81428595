"""Columns that rows here share: what a row is, and an estimate with its interval."""

from __future__ import annotations

from typing import Any

from scipy.stats import norm

LEVEL = 0.95
WIDE = float(norm.ppf(0.5 + LEVEL / 2))


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
