"""Text as it comes -> columns of the contract's types; what does not parse becomes a finding."""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
import pandas as pd

from analysis.registry.contract import PRECISION, Column, Table
from analysis.registry.findings import ERROR, WARNING, Finding, found, found_in, show
from analysis.registry.keys import look_up
from analysis.words import Message

TRUE = {"true", "1", "1.0", "x", "có", "co", "yes", "✓"}
FALSE = {"false", "0", "0.0", "", "không", "khong", "no"}
SPREADSHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
LARGEST = 2**53
EARLIEST = pd.Timestamp("1800-01-01")


def type_table(table: Table, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Give `raw` the contract's columns and types.

    `raw` has the contract's column names, any dtypes, and an index of source row numbers; unknown columns are
    left out with a warning. Rows are never dropped. The index stays.
    """
    findings: list[Finding] = []
    clean: dict[str, pd.Series] = {}
    about = Message("how exactly the date is known")
    precise = [Column(f"{name}_precision", "code", True, about, PRECISION, "day") for name in table.names("date")]
    for column in (*table.columns, *(one for one in precise if one.name in raw)):
        must = column.filled and column.default is None
        given = column.name in raw
        values, bad = parse_column(column, raw[column.name]) if given else _absent(column, raw.index)
        clean[column.name] = values.fillna(column.default) if column.kind == "code" and column.default else values
        if bad.any():
            findings += _unparsed(table, column, raw[column.name], bad)
        if must and given:
            what, fix = (
                Message("the value is missing"),
                Message("Fill it in the source; unknown people cannot be analysed."),
            )
            findings += found_in(values.isna() & ~bad, table.name, "missing_value", what, fix, column=column.name)
        elif must:
            what, fix = Message("the column is missing"), Message("Add it: {about}.", about=column.about)
            findings.append(found(ERROR, table.name, "missing_column", what, fix, column=column.name))
    strange = [name for name in raw.columns if name not in clean]
    if strange:
        what = Message("columns that the contract does not know, left out")
        fix = Message("Rename or remove them; data/README.md lists the columns.")
        findings.append(found(WARNING, table.name, "unknown_column", what, fix, seen=show(strange, 8)))
    return pd.DataFrame(clean, index=raw.index), findings


def _absent(column: Column, index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Give a column that was not given: what empty cells become."""
    return _empty(column).take(np.zeros(len(index), dtype=int)).set_axis(index), pd.Series(False, index=index)


@functools.cache
def _empty(column: Column) -> pd.Series:
    return parse_column(column, pd.Series([pd.NA], dtype="object"))[0]


def parse_column(column: Column, raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Parse one column: (values, which rows did not parse)."""
    if column.kind == "date":
        return _dates(raw)
    if column.kind == "bool":
        return _flags(raw)
    if column.kind in ("int", "number"):
        return _numbers(column, raw)
    text = _as_text(raw)
    if column.kind == "text":
        bad = text.isin(SPREADSHEET_ERRORS)
        return text.where(~bad), bad
    places = look_up(text, pd.Series(column.codes, dtype="str"))
    values = pd.Series(pd.Categorical.from_codes(places, categories=column.codes), index=raw.index)
    return values, text.notna() & values.isna()


def _as_text(raw: pd.Series) -> pd.Series:
    """Give text with composed letters and no blanks around it; empty where nothing is left."""
    cells = raw.astype("object") if isinstance(raw.dtype, pd.CategoricalDtype) else raw
    text = cells.astype("str").str.strip()
    if not text.dropna().str.isascii().all():
        text = text.map({one: unicodedata.normalize("NFC", one) for one in text.dropna().unique()})
    return text.where(text != "")


def _dates(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(raw):
        day = (raw if raw.dt.tz is None else raw.dt.tz_localize(None)).astype("datetime64[ms]")
        bad = day.notna() & ((day != day.dt.normalize()) | (day < EARLIEST))
        return day.where(~bad), bad
    text = _as_text(raw)
    day = pd.to_datetime(text.str.removesuffix(" 00:00:00"), format="%Y-%m-%d", errors="coerce")
    day = day.astype("datetime64[ms]")
    day = day.where(~(day < EARLIEST))
    return day, text.notna() & day.isna()


def _flags(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_bool_dtype(raw):
        return raw.fillna(False).astype("bool"), pd.Series(False, index=raw.index)
    text = _as_text(raw).fillna("").str.casefold()
    return text.isin(TRUE), ~text.isin(TRUE | FALSE)


def _numbers(column: Column, raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    cells = raw if pd.api.types.is_numeric_dtype(raw) else _as_text(raw)
    number = pd.to_numeric(cells, errors="coerce").astype("float64")
    bad = cells.notna() & ~(np.isfinite(number) & number.between(0, LARGEST))
    if column.kind == "int":
        bad |= number.notna() & (number != number.round())
    if column.codes:
        bad |= number.notna() & ~number.isin(column.codes)
    number = number.where(~bad)
    return number.astype("Int64") if column.kind == "int" else number, bad


RULES = {
    "text": Message("an error of the spreadsheet, not a value"),
    "date": Message("not a date as YYYY-MM-DD"),
    "bool": Message("not a yes or no"),
    "int": Message("not an allowed whole number"),
    "number": Message("not a number of zero or more"),
    "code": Message("unknown code"),
}


def _unparsed(table: Table, column: Column, raw: pd.Series, bad: pd.Series) -> list[Finding]:
    allowed = ", ".join(map(str, column.codes))
    fix = Message("Allowed: {allowed}.", allowed=allowed) if allowed else Message("Correct it in the source.")
    values = _as_text(raw[bad]).dropna()
    if column.kind == "date":  # of a day that does not exist, the year may be left out
        values = values.str.replace(r"^\d{4}(-\d\d-\d\d)$", r"yyyy\1", regex=True)
    seen = "" if column.name == "birth_date" else show(values.unique())
    return found_in(bad, table.name, f"bad_{column.kind}", RULES[column.kind], fix, column=column.name, seen=seen)
