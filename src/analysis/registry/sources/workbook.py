"""The workbook a department sends: Vietnamese or canonical sheets, headers and words; read and written."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import RegistryError
from analysis.project import reference
from analysis.registry.contract import TABLES
from analysis.registry.findings import WARNING, found, show
from analysis.registry.sources.names import headers, match_columns, match_sheet, match_values
from analysis.registry.sources.source import Source
from analysis.words import Message

UNPACKED_LIMIT = 500 * 2**20
WIDEST = 200
META_SHEET = "registry"
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(path: Path) -> Source:
    """Read the sheets that are tables of the registry, and the one that stands for registry.yml.

    Row numbers are those of the sheet. Raises RegistryError where the file is no readable workbook.
    """
    start = path.open("rb").read(8)
    if start[:4] != b"PK\x03\x04" or not _is_sound(path):
        raise _unreadable(path, start)
    import openpyxl  # a third of a second that only workbooks need

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return _read_sheets(book, path.name)
        finally:
            book.close()
    except Exception:  # a damaged workbook may break openpyxl and its XML reader anywhere; the cause may hold values
        raise _unreadable(path, start) from None


def _is_sound(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
            return size <= UNPACKED_LIMIT and archive.testzip() is None
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return False


def _unreadable(path: Path, start: bytes) -> RegistryError:
    damaged, locked = Message("it is damaged, too large or no workbook"), Message("it is old .xls or has a password")
    return RegistryError(
        "{name!r} cannot be read as an .xlsx workbook: {hint}. Save it again as .xlsx without a password.",
        name=path.name,
        hint=locked if start == OLD_OR_LOCKED else damaged,
    )


def _read_sheets(book: Any, file: str) -> Source:
    source = Source()
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some programs write a wrong extent, which would hide rows
        table = match_sheet(sheet.title)
        if table == META_SHEET:
            source.meta = _read_meta(sheet)
        elif table is None:
            what = Message("a sheet that is no table of the registry, left out")
            fix = Message("Rename it if it should be read.")
            source.findings.append(found(WARNING, "", "unknown_sheet", what, fix, file=file, seen=show([sheet.title])))
        elif table in source.tables:
            what, fix = Message("a second sheet for the same table"), Message("Put all rows into one sheet.")
            source.fault(table, "second_sheet", what, fix, file=f"{file}/{sheet.title}")
        else:
            source.files[table] = f"{file}/{sheet.title}"
            source.tables[table] = _read_sheet(sheet, table)
    return source


def _read_meta(sheet) -> dict[str, object]:
    pairs = {str(row[0]).strip(): row[1] for row in sheet.iter_rows(max_col=2, values_only=True) if len(row) == 2}
    return {key: value.date() if hasattr(value, "date") else value for key, value in pairs.items() if key != "None"}


def _read_sheet(sheet, table: str) -> pd.DataFrame:
    first = next(sheet.iter_rows(max_row=1, max_col=WIDEST, values_only=True), ())
    header = [str(name).strip() if name is not None else "" for name in first]
    kept = [place for place, name in enumerate(header) if name]
    rows = sheet.iter_rows(min_row=2, max_col=max(kept, default=0) + 1, values_only=True)
    filled = {number: row for number, row in enumerate(rows, start=2) if any(cell is not None for cell in row)}
    frame = pd.DataFrame(
        [[_cell(row[place]) if place < len(row) else None for place in kept] for row in filled.values()],
        columns=match_columns(table, [header[place] for place in kept]),
        index=list(filled),
        dtype="object",
    )
    return match_values(table, frame)


def _cell(value: object) -> object:
    """Give a cell as the text that the contract expects: dates ISO, whole numbers without a point."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def write_workbook(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, object], path: Path) -> None:
    """Write one sheet a table; text stays text, so that no cell turns into a formula; same tables, same bytes."""
    aliases = reference("headers.yml")
    with pd.ExcelWriter(path, engine="openpyxl", date_format="YYYY-MM-DD", datetime_format="YYYY-MM-DD") as writer:
        pairs = pd.DataFrame({"key": list(meta), "value": [str(value) for value in meta.values()]})
        pairs.to_excel(writer, sheet_name=aliases["sheets"][META_SHEET][0], index=False, header=False)
        for name, rows in tables.items():
            _in_words(name, rows).to_excel(writer, sheet_name=aliases["sheets"][name][0], index=False)
        for sheet in writer.sheets.values():
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type in ("f", "e"):
                        cell.data_type = "s"
    _forget_the_clock(path)


def _forget_the_clock(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", data)
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def header(table: str, column: str) -> str:
    """Give the Vietnamese header of a column: its first alias."""
    return [*headers(table, column), column][0]


def _in_words(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    words = pd.DataFrame(index=rows.index)
    for name in rows.columns:
        base = name.removesuffix("_precision")
        column = TABLES[table].column(base)
        cells = rows[name]
        if column.listing and base == name:
            labels = {code: label["vi"] for code, label in reference("labels.yml")[column.listing].items()}
            cells = cells.astype("object").map(labels, na_action="ignore")
        elif column.kind == "bool":
            cells = cells.map({True: "x", False: None})
        elif isinstance(cells.dtype, pd.CategoricalDtype):
            cells = cells.astype("object")
        words[header(table, base) + ("_precision" if base != name else "")] = cells
    return words
