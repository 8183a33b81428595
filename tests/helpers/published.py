"""Published data sets as start-stop frames: those copied into the project, and those read beside it or skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TESTS = Path(__file__).parents[1]
BESIDE = TESTS.parents[1] / "shared" / "reference"


def copied(name: str) -> pd.DataFrame:
    return pd.read_csv(TESTS.parent / "data/published" / name)


def beside(name: str) -> pd.DataFrame:
    path = BESIDE / name
    if not path.exists():
        pytest.skip(f"{name} may not be copied into the project, and {BESIDE} is absent")
    return pd.read_csv(path)


def follow(frame: pd.DataFrame, stop, event) -> pd.DataFrame:
    """Follow each row's person from 0."""
    return frame.assign(person_id=np.arange(len(frame)), start=0, stop=stop, event=event)


def coefficients(estimate) -> pd.DataFrame:
    return estimate.details["coefficients"].set_index("term")


def risks(estimate, outcome="event_1") -> pd.Series:
    rows = estimate.table.query("estimand == 'risk' and outcome == @outcome")
    return rows.set_index(["term", "time"])["estimate"]


def statistic(estimate, method="log_rank", outcome="event_1") -> float:
    return estimate.table.query("method == @method and outcome == @outcome")["statistic"].item()
