"""A small clean registry written by hand, and the ways to write it down as a source that somebody might send."""

from __future__ import annotations

import copy
import csv
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pandas as pd
import yaml

from analysis.registry.checks import check_registry
from analysis.registry.contract import TABLES
from analysis.registry.findings import ERROR, Finding
from analysis.registry.sources.cells import type_table

ANNA, BINH, CHI = "0071001", "0071002", "0071003"
BIRTHS = {ANNA: "1980-05-01", BINH: "1975-03-10", CHI: "1978-11-23"}
EXTRACTED = pd.Timestamp("2025-06-30")
META = {
    "name": "Tỉnh thử", "extracted": "2025-06-30", "covers_from": "2015-01-01", "leavers_included": True,
    "synthetic": True, "declaration": "nobody exists", "source": "written by hand",
}  # fmt: skip
POST = {"unit_id": "U1", "title": "chuyên viên", "grade": "0", "staff_kind": "civil_servant", "concurrent": "false"}
COURSE = {"mode": "in_service", "place": "home", "funder": "project_02"}
Rows = dict[str, list[dict[str, str]]]

CLEAN: Rows = {
    "people": [
        {"person_id": ANNA, "sex": "female", "birth_date": BIRTHS[ANNA], "ethnicity": "khmer", "recruited": "2004-01-01"},
        {"person_id": BINH, "sex": "male", "birth_date": BIRTHS[BINH], "ethnicity": "kinh", "recruited": "2000-01-01",
         "party_joined": "2005-02-03"},
        {"person_id": CHI, "sex": "female", "birth_date": BIRTHS[CHI], "ethnicity": "hoa", "recruited": "2001-01-01"},
    ],
    "posts": [
        {**POST, "person_id": ANNA, "started": "2004-01-01", "ended": "2015-01-01", "decision": "recruitment"},
        {**POST, "person_id": ANNA, "started": "2015-01-01", "grade": "1", "decision": "first_appointment",
         "division_leader": "true", "field": "economics"},
        {**POST, "person_id": BINH, "started": "2000-01-01", "ended": "2023-01-01", "decision": "recruitment",
         "unit_id": "U2"},
        {**POST, "person_id": BINH, "started": "2023-01-01", "decision": "reorganisation", "unit_id": "U3"},
        {**POST, "person_id": BINH, "started": "2010-01-01", "ended": "2012-01-01", "decision": "lateral",
         "concurrent": "true", "unit_id": "U1"},
        {**POST, "person_id": CHI, "started": "2001-01-01", "ended": "2020-07-01", "decision": "recruitment"},
    ],
    "seats": [{"person_id": BINH, "unit_id": "U0", "body": "province_committee", "started": "2015-10-01"}],
    "training": [
        {**COURSE, "person_id": ANNA, "course_id": "C1", "kind": "postgraduate", "level": "master", "field": "economics",
         "nominated": "2016-06-01", "started": "2016-09-01", "expected_end": "2018-09-01", "ended": "2018-08-01",
         "outcome": "completed", "cost": "50000000"},
        {**COURSE, "person_id": ANNA, "course_id": "C2", "kind": "political_theory", "level": "advanced",
         "started": "2025-01-01", "expected_end": "2026-01-01"},
        {**COURSE, "person_id": BINH, "course_id": "C1", "kind": "postgraduate", "level": "master",
         "nominated": "2016-06-01", "outcome": "not_started"},
        {**COURSE, "person_id": BINH, "course_id": "C3", "kind": "digital", "nominated": "2025-05-01"},
    ],
    "qualifications": [
        {"person_id": ANNA, "level": "bachelor", "field": "law", "awarded": "2003-07-01", "verified": "true"},
        {"person_id": ANNA, "level": "master", "field": "economics", "awarded": "2018-09-15", "verified": "true"},
    ],
    "planning": [{"person_id": ANNA, "grade": "2", "started": "2017-01-01", "ended": "2022-01-01"}],
    "ratings": [
        {"person_id": ANNA, "year": "2019", "rating": "good"},
        {"person_id": BINH, "year": "2019", "rating": "excellent"},
    ],
    "discipline": [{"person_id": BINH, "started": "2012-01-01", "ended": "2013-01-01", "kind": "reprimand"}],
    "exits": [{"person_id": CHI, "exited": "2020-07-01", "reason": "resignation"}],
    "training_plan": [
        {"year": "2021", "unit_id": "U1", "kind": "postgraduate", "level": "master", "field": "economics", "seats": "3"}
    ],
    "needs": [
        {"year": "2021", "unit_id": "U1", "kind": "postgraduate", "level": "master", "field": "law", "people": "4",
         "source": "báo cáo"}
    ],
    "establishments": [{"unit_id": "U1", "year": "2021", "posts": "40", "lecturers": "0", "seats": "0"}],
    "units": [
        {"unit_id": "U0", "name_vi": "Tỉnh ủy", "level": "province", "kind": "party", "valid_from": "1990-01-01"},
        {"unit_id": "U1", "name_vi": "Sở A", "parent_id": "U0", "level": "province", "kind": "state"},
        {"unit_id": "U2", "name_vi": "Sở B", "parent_id": "U0", "level": "province", "kind": "state",
         "valid_from": "1990-01-01", "valid_to": "2023-01-01", "successor_id": "U3"},
        {"unit_id": "U3", "name_vi": "Sở C", "parent_id": "U0", "level": "province", "kind": "state",
         "valid_from": "2023-01-01"},
    ],
}  # fmt: skip


def clean() -> Rows:
    """Give a copy of the clean registry, to be spoilt."""
    return copy.deepcopy(CLEAN)


def frames(rows: Rows) -> dict[str, pd.DataFrame]:
    """Give the rows as raw text under the contract's columns (and precisions), numbered as lines of a CSV file."""
    tables = {}
    for name, listed in rows.items():
        extra = sorted({key for row in listed for key in row} - set(TABLES[name].names()))
        frame = pd.DataFrame(listed, columns=[*TABLES[name].names(), *extra], dtype="str")
        tables[name] = frame.set_axis(range(2, len(frame) + 2), axis="index")
    return tables


_TYPED: dict[str, pd.DataFrame] = {}


def typed(rows: Rows) -> dict[str, pd.DataFrame]:
    """Give the rows typed by the contract; they have to parse. A table typed before is not typed again."""
    tables = {}
    for name in TABLES:
        key = f"{name} {rows.get(name)}"
        if key not in _TYPED:
            empty = pd.DataFrame(columns=TABLES[name].names(), dtype="str")
            raw = frames({name: rows[name]})[name] if rows.get(name) else empty
            _TYPED[key], found = type_table(TABLES[name], raw)
            assert not [finding for finding in found if finding.severity == ERROR], [
                one.line().say("en") for one in found
            ]
        tables[name] = _TYPED[key]
    return tables


def faults(rows: Rows, absent=()) -> list[Finding]:
    """List what the contract's rules find in the rows."""
    return check_registry(typed(rows), EXTRACTED, frozenset(absent))


def write_meta(folder: Path, **changes) -> None:
    text = yaml.safe_dump({**META, **changes}, allow_unicode=True, sort_keys=False)
    (folder / "registry.yml").write_text(text, encoding="utf-8")


def write_csv(folder: Path, rows: Rows | None = None, **meta) -> Path:
    """Write the canonical folder with CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames(rows or CLEAN).items():
        frame.to_csv(folder / f"{name}.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    write_meta(folder, **meta)
    return folder


def write_parquet(folder: Path, rows: Rows | None = None, **meta) -> Path:
    """Write the canonical folder with Parquet files, typed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in typed(rows or CLEAN).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    write_meta(folder, **meta)
    return folder


def write_book(path: Path, rows: Rows | None = None, *, sheets: Mapping[str, str] | None = None,
               headers: Mapping[str, Mapping[str, str]] | None = None, meta: Mapping | None = None) -> Path:  # fmt: skip
    """Write a workbook; `sheets` and `headers` rename tables and columns (canonical where they do not)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    card = book.create_sheet("registry")
    for pair in {**META, **(meta or {})}.items():
        card.append(pair)
    for name, frame in frames(rows or CLEAN).items():
        sheet = book.create_sheet((sheets or {}).get(name, name))
        sheet.append([(headers or {}).get(name, {}).get(column, column) for column in frame.columns])
        for row in frame.astype("object").itertuples(index=False):
            sheet.append([None if pd.isna(cell) else cell for cell in row])
    book.save(path)
    return path


def told(findings: list[Finding]) -> set[tuple[str, str, str]]:
    """Give each finding as (rule, table, column)."""
    return {(finding.rule, finding.table, finding.column) for finding in findings}
