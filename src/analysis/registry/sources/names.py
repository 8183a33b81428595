"""Names as departments write them -> names of the contract, through the aliases of headers.yml and labels.yml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.project import reference
from analysis.registry.contract import CODES, TABLES


def plain(name: str) -> str:
    """Fold case, diacritics, Đ/đ, punctuation and blanks, so that two spellings of one name are equal."""
    folded = unicodedata.normalize("NFD", name.casefold().replace("đ", "d").replace("ð", "d"))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def _keys(alias: str) -> tuple[str, str]:
    words = plain(alias)
    return words, " ".join(sorted(words.split()))


def _find(name: str, known: Mapping[str, Any]) -> Any:
    words, ordered = _keys(name)
    return known.get(words) or known.get(ordered)


def _sheets() -> dict[str, str]:
    aliases = reference("headers.yml")["sheets"]
    return {key: table for table, names in aliases.items() for name in (table, *names) for key in _keys(name)}


def headers(table: str, column: str) -> list[str]:
    """List the headers of a column as departments write them, the one that a workbook is written with first."""
    aliases = reference("headers.yml")["columns"]
    return [*aliases.get(table, {}).get(column, []), *aliases["any"].get(column, [])]


def _columns(table: str) -> dict[str, tuple[str, int]]:
    """Map every spelling of a header to its column and the alias's rank, 0 = the contract's own name."""
    known: dict[str, tuple[str, int]] = {}
    for name in TABLES[table].names():
        for rank, alias in enumerate([name, *headers(table, name)]):
            for key in _keys(alias):
                known.setdefault(key, (name, rank))
    return known


def _values(listing: str) -> dict[str, str]:
    labels = reference("labels.yml")[listing]
    extra = reference("headers.yml")["values"].get(listing, {})
    return {
        key: code
        for code in CODES[listing]
        for alias in (code, labels[code]["vi"], labels[code]["en"], *extra.get(code, []))
        for key in _keys(alias)
    }


def match_sheet(title: str) -> str | None:
    """Give the table that a sheet's title names, or None."""
    return _find(title, _sheets())


def match_columns(table: str, headers: list[str]) -> list[str]:
    """Give the contract's names for the headers of a sheet; unknown headers stay as they are.

    Where several headers name one column, the alias that is listed first wins and the others stay as they are; the
    same header twice gives the same name twice.
    """
    known = _columns(table)
    matched = []
    for header in headers:
        suffix = "_precision" if header.endswith("_precision") else ""
        name, rank = _find(header.removesuffix("_precision"), known) or ("", -1)
        matched.append((name + suffix if name else "", rank))
    best = {name: min(rank for other, rank in matched if other == name) for name, _ in matched}
    return [
        name if name and best[name] == rank else header for header, (name, rank) in zip(headers, matched, strict=True)
    ]


def match_values(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Replace labels by codes in the code columns; unknown values stay, to be found by the parser."""
    frame = frame.copy()
    for column in TABLES[table].columns:
        if column.listing and column.name in frame:
            known = _values(column.listing)
            cells = frame[column.name]
            if isinstance(cells, pd.DataFrame):  # the same header twice, to be found by the intake
                continue
            codes = {cell: known.get(plain(cell), cell) for cell in cells.dropna().unique()}
            frame[column.name] = cells.map(codes, na_action="ignore")
    return frame
