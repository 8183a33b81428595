"""Sources as they come (folder of Parquet or CSV, workbook) -> raw tables with the contract's column names."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml

from analysis.errors import RegistryError
from analysis.registry.contract import TABLES
from analysis.registry.findings import show
from analysis.registry.sources.source import Source
from analysis.registry.sources.workbook import read_workbook
from analysis.words import Message


def read_source(path: Path) -> Source:
    """Read a folder of tables or a workbook; raises RegistryError where there is nothing to read."""
    called = path.name or path.resolve().name
    if not path.exists():
        raise RegistryError(
            "No registry at {called!r}: the path does not exist. Give a folder of tables or an .xlsx workbook; "
            "`analysis simulate --out DIR` makes a synthetic one.",
            called=called,
        )
    source = _read_folder(path) if path.is_dir() else read_workbook(path)
    source.tables = {name: _single_columns(name, rows, source) for name, rows in source.tables.items()}
    source.fingerprint = fingerprint(source_files(path))
    if not source.tables and not source.findings:
        raise RegistryError(
            "{called!r} holds none of the registry's tables ({tables}). Name each file or sheet after its table; "
            "data/README.md describes them.",
            called=called,
            tables=", ".join(TABLES),
        )
    return source


def fingerprint(files: list[Path]) -> str:
    """SHA-256 over names and bytes of the files, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.name):
        with file.open("rb") as stream:
            total.update(file.name.encode() + hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def source_files(path: Path) -> list[Path]:
    """List the files that make up a registry: those whose change must be noticed."""
    if path.is_file():
        return [path]
    names = [f"{table}{ending}" for table in TABLES for ending in (".parquet", ".csv")] + ["registry.yml"]
    return [path / name for name in names if (path / name).is_file()]


def _read_folder(folder: Path) -> Source:
    source = Source()
    for name in TABLES:
        files = [file for end in (".parquet", ".csv") if (file := folder / f"{name}{end}").is_file()]
        if not files:
            continue
        source.files[name] = files[0].name
        if len(files) > 1:
            what, fix = Message("two files for the same table"), Message("Remove the one that is out of date.")
            source.fault(name, "two_files", what, fix, file=", ".join(file.name for file in files))
        try:
            rows = _read_csv(files[0], name, source) if files[0].suffix == ".csv" else _read_parquet(files[0])
        except (OSError, ValueError, csv.Error, pa.ArrowException) as broken:  # UnicodeDecodeError is a ValueError
            _tell_broken(source, name, files[0], broken)
        else:
            if rows is not None:
                source.tables[name] = rows
    source.meta = _read_settings(folder / "registry.yml", source)
    return source


def _read_settings(file: Path, source: Source) -> dict[str, object]:
    loaded = None
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8-sig")) if file.is_file() else None
    except (yaml.YAMLError, ValueError) as broken:  # ValueError: no UTF-8, or a day that does not exist
        _tell_broken(source, "registry", file, broken)
    return loaded if isinstance(loaded, dict) else {}


def _tell_broken(source: Source, table: str, file: Path, broken: Exception) -> None:
    what = Message("the file cannot be read ({name})", name=type(broken).__name__)
    source.fault(table, "broken_file", what, Message("Export it again (CSV as UTF-8)."), file=file.name)


def _read_parquet(file: Path) -> pd.DataFrame:
    rows = pd.read_parquet(file)
    return rows.set_axis(pd.RangeIndex(1, len(rows) + 1), axis="index")


def _read_csv(file: Path, table: str, source: Source) -> pd.DataFrame | None:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = [name.strip() for name in next(reader, [])]
        lines, rows, uneven = [], [], []
        for row in reader:
            if any(row) and len(row) == len(header):
                lines.append(reader.line_num)
                rows.append(row)
            elif any(row):
                uneven.append(reader.line_num)
    if not header:
        what = Message("the file is empty")
        fix = Message("Export it again, the names of the columns in the first line.")
        source.fault(table, "empty_file", what, fix, file=file.name)
        return None
    if uneven:
        what = Message("rows do not have the header's {count} fields", count=len(header))
        fix = Message("Quote fields with commas; one header line first.")
        source.fault(table, "uneven_rows", what, fix, rows=uneven, file=file.name)
    frame = pd.DataFrame(rows, columns=header, index=lines, dtype="str")
    return frame.loc[:, [name != "" for name in header]]


def _single_columns(table: str, rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    twice = rows.columns.duplicated()
    if not twice.any():
        return rows
    what, fix = Message("the same column twice"), Message("Keep one of them.")
    source.fault(table, "column_twice", what, fix, file=source.files[table], seen=show(rows.columns[twice]))
    return rows.loc[:, ~twice]
