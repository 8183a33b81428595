"""Text as it comes -> columns of the contract's types; what does not parse becomes a finding."""

from __future__ import annotations

import pandas as pd

from ..text import Text
from .contract import PRECISION, Column, Table
from .findings import ERROR, WARNING, Finding, found

TRUE = {"true", "1", "1.0", "x", "có", "co", "yes", "✓"}
FALSE = {"false", "0", "0.0", "", "không", "khong", "no"}


def type_table(table: Table, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Give `raw` the contract's columns and types.

    `raw` has the contract's column names, any dtypes, and an index of source row numbers; unknown columns are
    left out with a warning. Rows are never dropped. The index stays.
    """
    findings: list[Finding] = []
    clean = pd.DataFrame(index=raw.index)
    for column in table.columns:
        if column.name not in raw:
            findings += _missing_column(table, column)
            clean[column.name] = _empty(column, raw.index)
            continue
        values, bad = parse_column(column, raw[column.name])
        clean[column.name] = values
        findings += _unparsed(table, column, raw[column.name], bad)
        if column.filled and column.default is None:
            empty = values.isna() & ~bad
            findings += _unfilled(table, column, empty)
    precisions = [f"{name}_precision" for name in table.names("date") if f"{name}_precision" in raw]
    for name in precisions:
        text = _as_text(raw[name]).fillna("day")
        findings += _unparsed(
            table, Column(name, "code", True, Text("", ""), PRECISION), raw[name], ~text.isin(PRECISION)
        )
        clean[name] = pd.Categorical(text.where(text.isin(PRECISION), "day"), categories=PRECISION)
    strange = [name for name in raw.columns if name not in clean.columns]
    if strange:
        findings.append(
            found(
                WARNING, table.name, "unknown_column",
                Text("columns that the contract does not know, left out", "cột không có trong hợp đồng dữ liệu, bị bỏ qua"),
                Text("Rename or remove them; data/README.md lists the columns.", "Đổi tên hoặc bỏ; xem data/README.md."),
                seen=", ".join(map(str, strange[:8])),
            )
        )  # fmt: skip
    return clean, findings


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
        return text, pd.Series(False, index=raw.index)
    text = text.astype("object")
    bad = text.notna() & ~text.isin(column.codes)
    return pd.Series(pd.Categorical(text.where(~bad), categories=column.codes), index=raw.index), bad


def _as_text(raw: pd.Series) -> pd.Series:
    text = raw.astype("str") if not isinstance(raw.dtype, pd.CategoricalDtype) else raw.astype("object").astype("str")
    text = text.str.strip()
    return text.where(raw.notna() & (text != ""))


def _dates(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(raw):
        return raw.astype("datetime64[ms]"), pd.Series(False, index=raw.index)
    text = _as_text(raw)
    day = pd.to_datetime(text.str.removesuffix(" 00:00:00"), format="%Y-%m-%d", errors="coerce")
    return day.astype("datetime64[ms]"), text.notna() & day.isna()


def _flags(raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_bool_dtype(raw):
        return raw.astype("bool"), pd.Series(False, index=raw.index)
    text = _as_text(raw).fillna("").str.casefold()
    return text.isin(TRUE), ~text.isin(TRUE | FALSE)


def _numbers(column: Column, raw: pd.Series) -> tuple[pd.Series, pd.Series]:
    number = pd.to_numeric(raw if pd.api.types.is_numeric_dtype(raw) else _as_text(raw), errors="coerce").astype(
        "float64"
    )
    bad = number.isna() & _as_text(raw).notna()
    if column.kind == "number":
        return number, bad | (number < 0)
    bad |= number.notna() & (number != number.round())
    if column.codes:
        bad |= number.notna() & ~number.isin(column.codes)
    return number.where(~bad).astype("Int64"), bad


def _empty(column: Column, index: pd.Index) -> pd.Series:
    if column.kind == "bool":
        return pd.Series(bool(column.default), index=index)
    blank = pd.Series(pd.NA, index=index, dtype="object")
    return parse_column(column, blank)[0]


def _missing_column(table: Table, column: Column) -> list[Finding]:
    if not column.filled or column.default is not None:
        return []
    what = Text("the column is missing", "thiếu cột")
    fix = Text(f"Add it: {column.about.en}.", f"Thêm cột: {column.about.vi}.")
    return [found(ERROR, table.name, "missing_column", what, fix, column=column.name)]


def _unfilled(table: Table, column: Column, empty: pd.Series) -> list[Finding]:
    if not empty.any():
        return []
    what = Text("the value is missing", "thiếu giá trị")
    fix = Text(
        "Fill it in the source; unknown people cannot be analysed.", "Điền ở nguồn; thiếu thì không phân tích được."
    )
    return [found(ERROR, table.name, "missing_value", what, fix, column=column.name, rows=empty.index[empty])]


def _unparsed(table: Table, column: Column, raw: pd.Series, bad: pd.Series) -> list[Finding]:
    if not bad.any():
        return []
    rules = {
        "date": Text("not a date as YYYY-MM-DD", "không phải ngày dạng YYYY-MM-DD"),
        "bool": Text("not a yes or no", "không phải có hoặc không"),
        "int": Text("not an allowed whole number", "không phải số nguyên được phép"),
        "number": Text("not a number of zero or more", "không phải số không âm"),
        "code": Text("unknown code", "mã không có trong danh mục"),
    }
    allowed = ", ".join(map(str, column.codes)) if column.codes else ""
    fix = Text(f"Allowed: {allowed}." if allowed else "Correct it in the source.",
               f"Được phép: {allowed}." if allowed else "Sửa ở nguồn.")  # fmt: skip
    seen = "" if column.name == "birth_date" else ", ".join(repr(str(value)[:30]) for value in raw[bad].unique()[:4])
    return [
        found(
            ERROR,
            table.name,
            f"bad_{column.kind}",
            rules[column.kind],
            fix,
            column=column.name,
            rows=bad.index[bad],
            seen=seen,
        )
    ]
