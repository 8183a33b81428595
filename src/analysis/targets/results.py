"""How the room gives its results: rows that share what they are about, and who of several is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import Estimate, blocked, tidy
from analysis.words import Message

Row = dict[str, Any]


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
