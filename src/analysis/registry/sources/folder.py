"""Sources as they come (folder of Parquet or CSV, workbook) -> raw tables with the contract's column names."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml

from analysis.errors import RegistryError
from analysis.registry.contract import TABLES
from analysis.registry.findings import ERROR, Finding, found, show
from analysis.registry.sources.workbook import read_workbook
from analysis.text import Text


@dataclass
class Source:
    """What was read: raw tables (index = row numbers of the source), registry.yml's content, faults, fingerprint."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    meta: dict[str, object] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""


def read_source(path: Path) -> Source:
    """Read a folder of tables or a workbook; raises RegistryError where there is nothing to read."""
    called = path.name or path.resolve().name
    if not path.exists():
        raise RegistryError(
            en=f"No registry at {called!r}: the path does not exist. Give a folder of tables or an .xlsx workbook; "
            "`analysis simulate --out DIR` makes a synthetic one.",
            vi=f"Không có dữ liệu tại {called!r}: đường dẫn không tồn tại. Hãy chỉ thư mục bảng dữ liệu hoặc tệp "
            ".xlsx; `analysis simulate --out DIR` tạo dữ liệu mô phỏng.",
        )
    source = _read_folder(path) if path.is_dir() else _read_book(path)
    if not source.tables and not source.findings:
        raise RegistryError(
            en=f"{called!r} holds none of the registry's tables ({', '.join(TABLES)}). "
            "Name each file or sheet after its table; data/README.md describes them.",
            vi=f"{called!r} không có bảng nào của hợp đồng dữ liệu ({', '.join(TABLES)}). "
            "Đặt tên tệp hoặc trang tính theo bảng; xem data/README.md.",
        )
    return source


def _read_book(path: Path) -> Source:
    source = Source(fingerprint=fingerprint([path]))
    tables, source.files, source.meta, source.findings = read_workbook(path)
    source.tables = {name: _single_columns(name, rows, source) for name, rows in tables.items()}
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
    source = Source(fingerprint=fingerprint(source_files(folder)))
    for name in TABLES:
        files = [folder / f"{name}{end}" for end in (".parquet", ".csv") if (folder / f"{name}{end}").is_file()]
        if not files:
            continue
        file = files[0]
        source.files[name] = file.name
        if len(files) > 1:
            source.findings.append(_two_files(name, files))
        try:
            rows = _read_parquet(file) if file.suffix == ".parquet" else _read_csv(file, name, source)
        except (OSError, ValueError, csv.Error, pa.ArrowException) as broken:  # UnicodeDecodeError is a ValueError
            source.findings.append(_broken(name, file.name, broken))
            continue
        if rows is not None:
            source.tables[name] = _single_columns(name, rows, source)
    source.meta = _read_settings(folder / "registry.yml", source)
    return source


def _read_settings(file: Path, source: Source) -> dict[str, object]:
    if not file.is_file():
        return {}
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, ValueError) as broken:  # ValueError: no UTF-8, or a day that does not exist
        source.findings.append(_broken("registry", file.name, broken))
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _two_files(table: str, files: list[Path]) -> Finding:
    what = Text("two files for the same table", "hai tệp cho cùng một bảng")
    fix = Text("Remove the one that is out of date.", "Bỏ tệp đã cũ.")
    return found(ERROR, table, "two_files", what, fix, file=", ".join(file.name for file in files))


def _broken(table: str, file: str, broken: Exception) -> Finding:
    what = Text(f"the file cannot be read ({type(broken).__name__})", f"không đọc được tệp ({type(broken).__name__})")
    fix = Text("Export it again (CSV as UTF-8).", "Xuất lại tệp (CSV dạng UTF-8).")
    return found(ERROR, table, "broken_file", what, fix, file=file)


def _read_parquet(file: Path) -> pd.DataFrame:
    rows = pd.read_parquet(file)
    return rows.set_axis(pd.RangeIndex(1, len(rows) + 1), axis="index")


def _read_csv(file: Path, table: str, source: Source) -> pd.DataFrame | None:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = [name.strip() for name in next(reader, [])]
        lines, rows, uneven = [], [], []
        for row in reader:
            if not any(row):
                continue
            if len(row) == len(header):
                lines.append(reader.line_num)
                rows.append(row)
            else:
                uneven.append(reader.line_num)
    if not header:
        what = Text("the file is empty", "tệp trống")
        fix = Text("Export it again, the names of the columns in the first line.", "Xuất lại, dòng đầu là tên cột.")
        source.findings.append(found(ERROR, table, "empty_file", what, fix, file=file.name))
        return None
    if uneven:
        what = Text(f"rows do not have the header's {len(header)} fields", f"số ô khác {len(header)} cột của tiêu đề")
        fix = Text(
            "Quote fields with commas; one header line first.", "Đặt ngoặc kép cho ô có dấu phẩy; dòng đầu là tiêu đề."
        )
        source.findings.append(found(ERROR, table, "uneven_rows", what, fix, rows=uneven, file=file.name))
    frame = pd.DataFrame(rows, columns=header, index=lines, dtype="str")
    return frame.loc[:, [name != "" for name in header]]


def _single_columns(table: str, rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    twice = rows.columns.duplicated()
    if not twice.any():
        return rows
    what = Text("the same column twice", "cột bị lặp lại")
    fix = Text("Keep one of them.", "Chỉ giữ một cột.")
    names = show(rows.columns[twice])
    source.findings.append(found(ERROR, table, "column_twice", what, fix, file=source.files[table], seen=names))
    return rows.loc[:, ~twice]
