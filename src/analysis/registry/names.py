"""Names as departments write them -> names of the contract, through the aliases of headers.yml and labels.yml."""

from __future__ import annotations

import functools
import re
import unicodedata

import pandas as pd

from ..project import reference
from .contract import CODES, TABLES


def plain(name: str) -> str:
    """Fold case, diacritics, Đ/đ, punctuation and blanks, so that two spellings of one name are equal."""
    folded = unicodedata.normalize("NFD", name.casefold().replace("đ", "d").replace("ð", "d"))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def _keys(alias: str) -> set[str]:
    words = plain(alias)
    return {words, " ".join(sorted(words.split()))}


@functools.cache
def _sheets() -> dict[str, str]:
    aliases = reference("headers.yml")["sheets"]
    return {key: table for table, names in aliases.items() for name in (table, *names) for key in _keys(name)}


@functools.cache
def _columns(table: str) -> dict[str, str]:
    aliases = reference("headers.yml")["columns"]
    known = TABLES[table].names()
    lists = {name: [*aliases.get("any", {}).get(name, []), *aliases.get(table, {}).get(name, [])] for name in known}
    return {key: name for name in known for alias in (name, *lists[name]) for key in _keys(alias)}


@functools.cache
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
    return next(
        (_sheets()[key] for key in (plain(title), " ".join(sorted(plain(title).split()))) if key in _sheets()), None
    )


def match_columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of a sheet to the contract's; unknown headers stay as they are."""
    known, names = _columns(table), {}
    for header in frame.columns:
        suffix = "_precision" if header.endswith("_precision") else ""
        base = header.removesuffix(suffix) if suffix else header
        keys = (plain(base), " ".join(sorted(plain(base).split())))
        name = next((known[key] for key in keys if key in known), None)
        if name is not None and name + suffix not in names.values():
            names[header] = name + suffix
    return frame.rename(columns=names)


def match_values(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Replace labels by codes in the code columns; unknown values stay, to be found by the parser."""
    frame = frame.copy()
    for column in TABLES[table].columns:
        if column.listing and column.name in frame:
            known = _values(column.listing)
            cells = frame[column.name]
            codes = {cell: known.get(plain(cell), cell) for cell in cells.dropna().unique()}
            frame[column.name] = cells.map(codes, na_action="ignore")
    return frame
