"""A registry written as the workbook a department would send: Vietnamese sheets, headers and words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ..project import reference
from .contract import TABLES
from .intake import META_SHEET


def write_workbook(tables: Mapping[str, pd.DataFrame], meta: Mapping[str, object], path: Path) -> None:
    """Write one sheet a table; text stays text, so that no cell turns into a formula."""
    aliases = reference("headers.yml")
    with pd.ExcelWriter(path, engine="openpyxl", date_format="YYYY-MM-DD", datetime_format="YYYY-MM-DD") as writer:
        pairs = pd.DataFrame({"key": list(meta), "value": [str(value) for value in meta.values()]})
        pairs.to_excel(writer, sheet_name=aliases["sheets"][META_SHEET][0], index=False, header=False)
        for name, rows in tables.items():
            _in_words(name, rows).to_excel(writer, sheet_name=aliases["sheets"][name][0], index=False)
        for sheet in writer.sheets.values():
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cell.data_type = "s"


def header(table: str, column: str) -> str:
    """Give the Vietnamese header of a column: its first alias."""
    aliases = reference("headers.yml")["columns"]
    names = aliases.get(table, {}).get(column) or aliases["any"].get(column) or [column]
    return names[0]


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
