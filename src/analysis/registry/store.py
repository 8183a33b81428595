"""The registry as an object, and the ways in and out: load, check, save."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis import project
from analysis.errors import RegistryError
from analysis.registry.checks import check_registry
from analysis.registry.contract import TABLES
from analysis.registry.findings import ERROR, WARNING, Finding, found, in_files, stop_on_errors
from analysis.registry.history import as_known
from analysis.registry.sources.cells import type_table
from analysis.registry.sources.folder import read_source
from analysis.registry.sources.source import Source
from analysis.registry.sources.workbook import write_workbook
from analysis.words import Message

META = {
    "name": (str, Message("name of the registry")),
    "extracted": (date, Message("day of the extract, YYYY-MM-DD")),
    "covers_from": (date, Message("first day covered, YYYY-MM-DD")),
    "leavers_included": (bool, Message("whether people who left are there: true or false")),
    "synthetic": (bool, Message("whether the people are invented: true or false")),
    "declaration": (str, Message("that the data hold nothing on the state-secret list")),
    "source": (str, Message("where the data come from")),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Registry:
    """Typed `tables` by the contract, as known at the end of the day `as_of`.

    `meta` holds the keys of registry.yml; `findings` the warnings that travel with every page;
    `fingerprint` is the SHA-256 of the source files; `absent` names the optional tables that were not given.

    >>> reg.as_of.date().isoformat(), len(reg["people"]), sorted(reg.absent)
    ('2025-06-30', 15878, [])
    """

    tables: Mapping[str, pd.DataFrame]
    meta: Mapping[str, Any]
    as_of: pd.Timestamp
    findings: tuple[Finding, ...] = ()
    fingerprint: str = ""
    absent: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def has(self, *names: str) -> bool:
        """Say whether all tables `names` were given.

        >>> reg.has("people", "posts")
        True
        """
        return all(name not in self.absent for name in names)


def load(path: str | Path, as_of: str | None = None) -> Registry:
    """Load a registry as it was known at the end of the day `as_of` (default: the day of the extract).

    `path` is a folder of Parquet or CSV files or an .xlsx workbook, looked for from the working folder, then from
    the project's root. Raises RegistryError that lists every fault at once.

    >>> registry.load(folder / "province", as_of="2023-12-31").as_of.date().isoformat()
    '2023-12-31'
    """
    tables, source, findings = _examine(path)
    stop_on_errors(findings)
    extracted = pd.Timestamp(source.meta["extracted"])
    day = _as_of_day(as_of, source.meta)
    return Registry(
        tables={name: rows.reset_index(drop=True) for name, rows in as_known(tables, day, extracted).items()},
        meta=source.meta,
        as_of=day,
        findings=tuple(findings),
        fingerprint=source.fingerprint,
        absent=source.absent,
    )


def check(path: str | Path) -> list[Finding]:
    """List every finding in the source at `path`; raises RegistryError only where there is nothing to read.

    >>> [finding.rule for finding in registry.check(folder / "province")]
    ['unverified']
    """
    return _examine(path)[2]


def _examine(path: str | Path) -> tuple[dict[str, pd.DataFrame], Source, list[Finding]]:
    if "://" in str(path):
        raise RegistryError(
            "A database URL cannot be read by this version. Export each table to a Parquet or CSV file."
        )
    source = read_source(project.find(path))
    broken = {one.table for one in source.findings if one.severity == ERROR}
    tables, faults = {}, []
    for name, table in TABLES.items():
        raw = source.tables.get(name, pd.DataFrame(columns=table.names()))
        tables[name], told = type_table(table, raw)
        faults += told
        if table.required and name not in (*source.tables, *broken):
            what = Message("the table is missing ({about})", about=table.about)
            fix = Message("Add {name}.parquet, {name}.csv or a sheet of that name.", name=name)
            faults.append(found(ERROR, name, "missing_table", what, fix))
        elif name in source.tables and table.required and raw.empty and name != "exits":
            what, fix = Message("the table has no rows"), Message("Export it again.")
            faults.append(found(ERROR, name, "empty_table", what, fix))
    findings = [*source.findings, *_check_meta(source), *in_files(faults, source.files)]
    if not any(finding.severity == ERROR for finding in findings):
        faults = check_registry(tables, pd.Timestamp(source.meta["extracted"]), source.absent)
        findings += in_files(faults, source.files)
    return tables, source, findings


def _read_key(kind: type, value: object) -> object:
    """Read a key of registry.yml as its kind, from YAML or from a cell; empty where it is none."""
    if kind is date:
        day = value.date() if isinstance(value, datetime) else value
        read = pd.to_datetime(str(day), format="%Y-%m-%d", errors="coerce")
        return "" if pd.isna(read) else read.date()
    text = "" if value is None else str(value).strip()
    return {"true": True, "false": False}.get(text.casefold(), "") if kind is bool else text


def _check_meta(source: Source) -> list[Finding]:
    findings = []
    for key, (kind, about) in META.items():
        source.meta[key] = _read_key(kind, source.meta.get(key))
        if source.meta[key] == "":
            what = Message("{key} is missing or wrong", key=key)
            fix = Message("Write {key}: {about}.", key=key, about=about)
            findings.append(found(ERROR, "registry", "bad_meta", what, fix, column=key, file="registry.yml"))
    if not findings and source.meta["covers_from"] > source.meta["extracted"]:
        what, fix = Message("covers_from is after extracted"), Message("Correct the dates.")
        findings.append(found(ERROR, "registry", "bad_meta", what, fix, column="covers_from"))
    if not findings and not source.meta["leavers_included"]:
        what = Message("people who left are not included: no hazard or promotion effect can be estimated")
        fix = Message("Ask for an export with leavers.")
        findings.append(found(WARNING, "registry", "no_leavers", what, fix, column="leavers_included"))
    return findings


def _as_of_day(as_of: str | None, meta: Mapping[str, Any]) -> pd.Timestamp:
    extracted, covers_from = pd.Timestamp(meta["extracted"]), pd.Timestamp(meta["covers_from"])
    day = extracted if as_of is None else pd.to_datetime(str(as_of), format="%Y-%m-%d", errors="coerce")
    if pd.isna(day) or not covers_from <= day <= extracted:
        raise RegistryError(
            "as_of {as_of!r} is not a day from {covers_from:%Y-%m-%d} to {extracted:%Y-%m-%d}, which the "
            "registry covers. Give a day in between as YYYY-MM-DD.",
            as_of=as_of,
            covers_from=covers_from,
            extracted=extracted,
        )
    return day


def save(registry: Registry, out: str | Path) -> Path:
    """Write `registry` to a new folder `out` of Parquet files, or a new .xlsx workbook with Vietnamese headers.

    What is saved is what the registry shows: its day of the extract is `as_of`, since nothing later is in it.
    Refuses to overwrite; writes beside the place and moves, so that a half-written registry is never seen.

    >>> registry.save(early, folder / "early").name
    'early'
    """
    out = Path(out)
    if out.exists():
        raise RegistryError("{name!r} exists already and is left alone. Give a new path.", name=out.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    meta = {**registry.meta, "extracted": registry.as_of.date()}
    present = {name: registry[name] for name in TABLES if name not in registry.absent}
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".save-") as work:
        place = Path(work) / f"new{out.suffix}"
        if out.suffix == ".xlsx":
            write_workbook(present, meta, place)
        else:
            place.mkdir()
            write_folder(present, meta, place)
        place.rename(out)
    return out


def write_folder(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, Any], folder: Path) -> None:
    """Write one Parquet file a table, and registry.yml."""
    for name, rows in tables.items():
        rows.to_parquet(folder / f"{name}.parquet", index=False)
    text = yaml.safe_dump(dict(meta), allow_unicode=True, sort_keys=False)
    (folder / "registry.yml").write_text(text, encoding="utf-8")
