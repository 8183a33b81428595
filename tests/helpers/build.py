"""A registry from a few rows written by hand: what a row does not say gets a plain default."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from analysis.registry.contract import TABLES
from analysis.registry.findings import ERROR
from analysis.registry.sources.cells import type_table
from analysis.registry.store import Registry

DEFAULTS = {
    "people": {"sex": "female", "birth_date": "1988-06-15", "ethnicity": "kinh", "recruited": "2012-01-01"},
    "posts": {
        "unit_id": "U1", "started": "2012-01-01", "title": "chuyên viên", "grade": 0, "staff_kind": "civil_servant",
        "decision": "recruitment",
    },
    "seats": {"body": "commune_committee"},
    "training": {
        "course_id": "C1", "kind": "postgraduate", "level": "master", "mode": "full_time", "place": "home",
        "funder": "project_02",
    },
    "qualifications": {"level": "master"},
    "planning": {"grade": 1},
    "discipline": {"kind": "reprimand"},
    "units": {"unit_id": "U1", "name_vi": "Sở A", "level": "province", "kind": "state"},
}  # fmt: skip


def build_registry(rows: dict, *, as_of="2025-06-30", absent=(), leavers_included=True) -> Registry:
    """Type the rows by the contract; people and units may be left out where the defaults will do."""
    rows = {"people": [{}], "units": [{}], **rows}
    tables = {name: _type(name, rows[name]) if rows.get(name) else _empty(name) for name in TABLES}
    meta = {"leavers_included": leavers_included}
    return Registry(tables=tables, meta=meta, as_of=pd.Timestamp(as_of), absent=frozenset(absent))


@functools.cache
def _empty(name: str) -> pd.DataFrame:
    return _type(name, [])


def _type(name: str, rows: list[dict]) -> pd.DataFrame:
    table = TABLES[name]
    person = {"person_id": "P1"} if "person_id" in [column.name for column in table.columns] else {}
    filled = [{**person, **DEFAULTS.get(name, {}), **row} for row in rows]
    raw = pd.DataFrame(filled, columns=None if filled else [column.name for column in table.columns])
    clean, findings = type_table(table, raw)
    errors = [finding.line().say("en") for finding in findings if finding.severity == ERROR]
    assert not errors, errors
    return clean


def month(text: str, start: str = "2019-01") -> int:
    """Count the months from the start of follow-up to the first day of a month written 2020-04."""
    return (pd.Period(text, "M") - pd.Period(start, "M")).n


def read_table(text: str) -> pd.DataFrame:
    """Read a table drawn with spaces: a header, then one line a row."""
    header, *lines = (line.split() for line in text.strip().splitlines())
    return pd.DataFrame(lines, columns=header)


def show(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Join the intervals of each person between which none of `columns` changes, and write months as 2020-04."""
    shown = [name for name in columns if name not in ("start", "stop", "event")]
    states = frame[["person_id", *shown]].astype("str")
    new = (states != states.shift()).any(axis=1)
    joined = frame.groupby(np.cumsum(new), sort=False).agg(
        {"start": "first", "stop": "last", "event": "last", **dict.fromkeys(shown, "first")}
    )
    for name in ("start", "stop"):
        joined[name] = (pd.Period("2019-01", "M") + joined[name].to_numpy()).astype("str")
    return joined[columns].astype("str").reset_index(drop=True)
