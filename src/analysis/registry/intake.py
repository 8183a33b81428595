"""Sources as they come (folder of Parquet or CSV, workbook) -> raw tables with the contract's column names."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import yaml

from ..errors import RegistryError
from ..text import Text
from .contract import TABLES
from .findings import ERROR, WARNING, Finding, found
from .names import match_columns, match_sheet, match_values

UNPACKED_LIMIT = 500 * 2**20
WIDEST = 200
META_SHEET = "registry"


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
    if not path.exists():
        raise RegistryError(
            en=f"No registry at {path.name!r}: the path does not exist. Give a folder of tables or an .xlsx workbook; "
            "`analysis simulate --out DIR` makes a synthetic one.",
            vi=f"Không có dữ liệu tại {path.name!r}: đường dẫn không tồn tại. Hãy chỉ thư mục bảng dữ liệu hoặc tệp "
            ".xlsx; `analysis simulate --out DIR` tạo dữ liệu mô phỏng.",
        )
    source = _read_folder(path) if path.is_dir() else _read_workbook(path)
    if not source.tables and not source.findings:
        raise RegistryError(
            en=f"{path.name!r} holds none of the registry's tables ({', '.join(TABLES)}). "
            "Name each file or sheet after its table; data/README.md describes them.",
            vi=f"{path.name!r} không có bảng nào của hợp đồng dữ liệu ({', '.join(TABLES)}). "
            "Đặt tên tệp hoặc trang tính theo bảng; xem data/README.md.",
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
    source = Source(fingerprint=fingerprint(source_files(folder)))
    for name in TABLES:
        file = next(
            (folder / f"{name}{end}" for end in (".parquet", ".csv") if (folder / f"{name}{end}").is_file()), None
        )
        if file is None:
            continue
        source.files[name] = file.name
        try:
            source.tables[name] = _read_parquet(file) if file.suffix == ".parquet" else _read_csv(file, name, source)
        except (OSError, ValueError, csv.Error) as broken:  # ArrowInvalid and UnicodeDecodeError are ValueErrors
            source.findings.append(_broken(name, file.name, broken))
    settings = folder / "registry.yml"
    if settings.is_file():
        try:
            loaded = yaml.safe_load(settings.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as broken:
            loaded = None
            source.findings.append(_broken("registry", settings.name, broken))
        source.meta = loaded if isinstance(loaded, dict) else {}
    return source


def _broken(table: str, file: str, broken: Exception) -> Finding:
    what = Text(f"the file cannot be read ({type(broken).__name__})", f"không đọc được tệp ({type(broken).__name__})")
    fix = Text("Export it again (CSV as UTF-8).", "Xuất lại tệp (CSV dạng UTF-8).")
    return found(ERROR, table, "broken_file", what, fix, file=file)


def _read_parquet(file: Path) -> pd.DataFrame:
    rows = pd.read_parquet(file)
    return rows.set_axis(pd.RangeIndex(1, len(rows) + 1), axis="index")


def _read_csv(file: Path, table: str, source: Source) -> pd.DataFrame:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = [name.strip() for name in next(reader, [])]
        lines, rows, uneven = [], [], []
        for row in reader:
            if len(row) == len(header):
                lines.append(reader.line_num)
                rows.append(row)
            elif row:
                uneven.append(reader.line_num)
    if uneven or not header:
        what = Text(f"rows do not have the header's {len(header)} fields", f"số ô khác {len(header)} cột của tiêu đề")
        fix = Text(
            "Quote fields with commas; one header line first.", "Đặt ngoặc kép cho ô có dấu phẩy; dòng đầu là tiêu đề."
        )
        source.findings.append(found(ERROR, table, "uneven_rows", what, fix, rows=uneven, file=file.name))
    return pd.DataFrame(rows, columns=header, index=lines, dtype="str")


def _read_workbook(path: Path) -> Source:
    source = Source(fingerprint=fingerprint([path]))
    _refuse_bad_workbook(path)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            table = match_sheet(sheet.title)
            if table == META_SHEET:
                source.meta = _read_meta(sheet)
            elif table is None:
                what = Text(
                    "a sheet that is no table of the registry, left out",
                    "trang tính không phải bảng dữ liệu, bị bỏ qua",
                )
                fix = Text("Rename it if it should be read.", "Đổi tên nếu cần đọc.")
                source.findings.append(
                    found(WARNING, "", "unknown_sheet", what, fix, file=path.name, seen=sheet.title[:40])
                )
            else:
                source.files[table] = f"{path.name}/{sheet.title}"
                source.tables[table] = _read_sheet(sheet, table)
    finally:
        book.close()
    return source


def _refuse_bad_workbook(path: Path) -> None:
    start = path.open("rb").read(8)
    if start[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(item.file_size for item in archive.infolist()) <= UNPACKED_LIMIT and archive.testzip() is None:
                    return
        except zipfile.BadZipFile:
            pass
    hint = Text("it is old .xls or has a password", "là .xls cũ hoặc có mật khẩu")
    if start != b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        hint = Text("it is damaged, too large or no workbook", "bị hỏng, quá lớn hoặc không phải bảng tính")
    raise RegistryError(
        en=f"{path.name!r} cannot be read as an .xlsx workbook: {hint.en}. Save it again as .xlsx without a password.",
        vi=f"Không đọc được {path.name!r} như tệp .xlsx: {hint.vi}. Hãy lưu lại dạng .xlsx không mật khẩu.",
    )


def _read_meta(sheet) -> dict[str, object]:
    pairs = {str(row[0]).strip(): row[1] for row in sheet.iter_rows(max_col=2, values_only=True) if row[0] is not None}
    return {key: value.date() if hasattr(value, "date") else value for key, value in pairs.items()}


def _read_sheet(sheet, table: str) -> pd.DataFrame:
    rows = sheet.iter_rows(max_col=WIDEST, values_only=True)
    header = [str(name).strip() if name is not None else "" for name in next(rows, ())]
    kept = [place for place, name in enumerate(header) if name]
    numbered = [(number, row) for number, row in enumerate(rows, start=2) if any(cell is not None for cell in row)]
    frame = pd.DataFrame(
        [[_cell(row[place]) if place < len(row) else None for place in kept] for _, row in numbered],
        columns=[header[place] for place in kept],
        index=[number for number, _ in numbered],
        dtype="object",
    )
    return match_values(table, match_columns(table, frame))


def _cell(value: object) -> object:
    """Give a cell as the text that the contract expects: dates ISO, whole numbers without a point."""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)
