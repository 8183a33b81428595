"""The registry as it stood at the end of a day: nothing that came later can be seen."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.registry.contract import TABLES
from analysis.registry.keys import look_up

LATER = ("started", "ended", "party_joined", "valid_to")
FIRST = {"people": "recruited", "qualifications": "awarded", "exits": "exited", "units": "valid_from"}
NAMED_UNITS = ("parent_id", "successor_id")


def as_known(tables: Mapping[str, pd.DataFrame], day: pd.Timestamp, extracted: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Give the tables as known at the end of `day`, by the contract's "As known on a date".

    Rows whose own first date is later are dropped; later dates in the rows that stay are emptied, and with them
    their precision, the outcome and the successor. `expected_end` and birth dates stay; `verified` has no history.
    What has no date (an outcome, a course never begun, a successor) is known only in the extract itself. Rows about
    people not yet recruited are dropped, and units that are not there yet are not named.
    """
    seen = {name: rows[_seen(name, rows, day, extracted)] for name, rows in tables.items()}
    if day < extracted:
        seen = _known_only(seen)
    return {name: _empty_later(name, rows, day, extracted) for name, rows in seen.items()}


def _seen(name: str, rows: pd.DataFrame, day: pd.Timestamp, extracted: pd.Timestamp) -> pd.Series:
    if name == "ratings":
        return rows["year"] < day.year + (day.month == 12 and day.day == 31)
    if name in ("training_plan", "needs", "establishments"):
        return rows["year"] <= day.year
    if name == "training":
        return rows[["nominated", "started"]].min(axis="columns").fillna(extracted) <= day
    return ~(rows[FIRST.get(name, "started")] > day)


def _known_only(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    people, units = tables["people"]["person_id"], tables["units"]["unit_id"]
    known = {
        name: rows[look_up(rows["person_id"], people) >= 0] if "person_id" in rows and name != "people" else rows
        for name, rows in tables.items()
    }
    named = {name: tables["units"][name].where(look_up(tables["units"][name], units) >= 0) for name in NAMED_UNITS}
    return known | {"units": tables["units"].assign(**named)}


def _empty_later(name: str, rows: pd.DataFrame, day: pd.Timestamp, extracted: pd.Timestamp) -> pd.DataFrame:
    rows = rows.copy()
    if name == "training":
        over = rows["ended"].fillna(extracted) <= day
        rows["outcome"], rows["repaid"] = rows["outcome"].where(over), rows["repaid"].where(over)
    if name == "units":
        rows["successor_id"] = rows["successor_id"].where(rows["valid_to"].fillna(extracted) <= day)
    for column in LATER:
        if column in rows:
            rows[column] = rows[column].where(~(rows[column] > day))
    for column in TABLES[name].names("date"):
        if f"{column}_precision" in rows:
            rows[f"{column}_precision"] = rows[f"{column}_precision"].mask(rows[column].isna(), "day")
    return rows
