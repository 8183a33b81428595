"""Rows against frozen rows: the same labels in the same order, the same numbers to nine digits."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

RELEASED = Path(__file__).parent / "released"


def differences(rows: pd.DataFrame, frozen: pd.DataFrame) -> list[str]:
    """Say where rows differ from the frozen ones; machines differ in the last digits of a sum, so numbers are close, not equal."""
    if list(rows.columns) != list(frozen.columns) or len(rows) != len(frozen):
        return [f"{len(rows)} rows of {list(rows.columns)}, frozen {len(frozen)} of {list(frozen.columns)}"]
    found = []
    for name in frozen.columns:
        one, other = rows[name], frozen[name]
        if pd.api.types.is_float_dtype(other):
            same = np.isclose(one.astype("float64"), other, rtol=1e-9, atol=1e-12, equal_nan=True)
        else:
            same = (one.astype("str").fillna("") == other.astype("str").fillna("")).to_numpy()
        found += [f"{name}, row {row}: {one[row]!r}, frozen {other[row]!r}" for row in np.flatnonzero(~same)]
    return found


def reread(rows: pd.DataFrame) -> pd.DataFrame:
    """Write rows as CSV and read them again, as the frozen ones were."""
    return pd.read_csv(io.StringIO(rows.to_csv(index=False)))
