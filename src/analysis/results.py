"""How rooms give their results: rows that share what they are about, and who of several is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import Estimate, blocked, tidy
from analysis.words import Message

Row = dict[str, Any]
WHOLE: Final = "inverted_cdf"
PARTS: Final = "parts"  # the outcome of rows of one group that add up: hidden ones must not be told by the others


def entry(estimand: str, term: str, estimate: Any = None, **more: Any) -> Row:
    """Write a row: of what kind, what of, how much, and what else stands in it."""
    return {"estimand": estimand, "term": term, "estimate": estimate, **more}


def central(drawn: np.ndarray, level: float, interval: str = "draws", method: Any = "linear") -> Row:
    """Give the median and the central interval of draws; `WHOLE` takes them among the draws, as heads are."""
    low, middle, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2], method=method)
    return {"estimate": middle, "conf_low": low, "conf_high": high, "conf_level": level, "interval": interval}


def give(
    base: Row,
    rows: Iterable[Row],
    spec: Mapping[str, Any],
    notes: Iterable[Message] = (),
    status: str = "ok",
    details: Mapping[str, pd.DataFrame] | None = None,
) -> Estimate:
    """Build a result of rows that have what is in `base`, and the whole province unless they say otherwise.

    Days of `spec`, one or a list, are written as YYYY-MM-DD.
    """
    rows = [{"population": "ALL", **base, **row} for row in rows]
    spec = {name: _written(value) for name, value in spec.items()}
    if status == "blocked":
        return blocked(rows, spec, *notes)
    return Estimate(table=tidy(rows), spec=spec, notes=tuple(notes), status=status, details=details or {})


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return [_written(one) for one in value]
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value


def refused(names: Iterable[str], check: Callable[[str], None]) -> dict[str, Message]:
    """Ask of each name whether it can be given, and keep the reasons of those that are blocked."""
    reasons = {}
    for name in names:
        try:
            check(name)
        except Blocked as stop:
            (reasons[name],) = stop.reasons
    return reasons
