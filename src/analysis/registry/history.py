"""The registry as it stood at the end of a day: nothing that came later can be seen."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

LATER = ("started", "ended", "party_joined", "valid_to")
FIRST = {"people": "recruited", "qualifications": "awarded", "exits": "exited", "units": "valid_from"}


def as_known(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp, extracted: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Give the tables as known at the end of `day`, by the contract's "As known on a date".

    Rows whose own first date is later are dropped; later dates in the rows that stay are emptied, and with them
    the outcome and the successor. `expected_end` and birth dates stay; `verified` has no history.
    An outcome without a date is known only in the extract itself.
    """
    return {name: _empty_later(name, rows[_seen(name, rows, day)], day, extracted) for name, rows in tables.items()}


def _seen(name: str, rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    if name == "ratings":
        return rows["year"] < day.year + (day.month == 12 and day.day == 31)
    if name == "training_plan":
        return rows["year"] <= day.year
    first = (
        rows[["nominated", "started"]].min(axis="columns") if name == "training" else rows[FIRST.get(name, "started")]
    )
    return first.isna() | (first <= day)


def _empty_later(name: str, rows: pd.DataFrame, day: pd.Timestamp, extracted: pd.Timestamp) -> pd.DataFrame:
    rows = rows.copy()
    if name == "training":
        dated = rows["ended"].notna()
        unknown = (dated & (rows["ended"] > day)) | (~dated & (day < extracted))
        rows["outcome"] = rows["outcome"].where(~unknown)
    if name == "units":
        rows["successor_id"] = rows["successor_id"].where(~(rows["valid_to"] > day))
    for column in LATER:
        if column in rows:
            rows[column] = rows[column].where(~(rows[column] > day))
    return rows
