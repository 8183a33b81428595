"""The contract itself: its tables hang together, and every column refuses what is not of its type."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from clean_registry import ANNA, BIRTHS, CLEAN, clean, frames, told

from analysis.registry.contract import CODES, REQUIRED, TABLES
from analysis.registry.sources.cells import parse_column, type_table

COLUMNS = [(name, column) for name, table in TABLES.items() for column in table.columns]
NAMED = [f"{name}.{column.name}" for name, column in COLUMNS]
FILLED = [(name, column) for name, column in COLUMNS if column.filled and column.default is None]
DTYPES = {
    "text": "str",
    "date": "datetime64[ms]",
    "bool": "bool",
    "int": "Int64",
    "number": "float64",
    "code": "category",
}


def raw_with(name, **cells):
    rows = clean()
    rows[name][0].update(cells)
    return frames({name: rows[name]})[name]


def test_the_tables_are_those_of_the_contract():
    """Protects: six tables are required, and the others may be left out."""
    assert len(TABLES) == 13
    assert set(REQUIRED) == {"people", "posts", "training", "qualifications", "exits", "units"}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_hangs_together(name):
    """Protects: keys are columns, names are unique, code lists are those of CODES, and all is said in both languages."""
    table = TABLES[name]
    assert set(table.key) <= set(table.names()) and len(set(table.names())) == len(table.names())
    for column in table.columns:
        assert column.kind in DTYPES
        assert (column.kind == "code") == bool(column.listing)
        assert not column.listing or column.codes == CODES[column.listing]
    for about in (table.about, *(column.about for column in table.columns)):
        assert about.say("en").strip() and about.say("vi").strip() and about.say("en") != about.say("vi")


@pytest.mark.parametrize("name", TABLES)
def test_clean_rows_get_the_contracts_types_and_no_finding(name):
    """Protects: what keeps the contract is not complained about, and the index stays that of the source."""
    raw = frames(CLEAN)[name]
    rows, findings = type_table(TABLES[name], raw)
    assert findings == []
    assert rows.index.equals(raw.index)
    assert {column.name: str(rows[column.name].dtype) for column in TABLES[name].columns} == {
        column.name: DTYPES[column.kind] for column in TABLES[name].columns
    }


@pytest.mark.parametrize(("name", "column"), FILLED, ids=[f"{name}.{column.name}" for name, column in FILLED])
def test_an_empty_cell_or_a_missing_column_is_found_where_it_may_not_be_empty(name, column):
    """Protects: unknown is never read as a value, and the finding says which row and column."""
    rows, findings = type_table(TABLES[name], raw_with(name, **{column.name: "  "}))
    assert [(one.rule, one.column, one.rows) for one in findings] == [("missing_value", column.name, (2,))]
    assert rows[column.name].isna().tolist()[0]
    _, findings = type_table(TABLES[name], frames(CLEAN)[name].drop(columns=column.name))
    assert told(findings) == {("missing_column", name, column.name)}


@pytest.mark.parametrize(("name", "column"), COLUMNS, ids=NAMED)
def test_a_column_that_may_be_empty_may_be_absent(name, column):
    """Protects: an absent optional column is the same as an empty one."""
    if (name, column) in FILLED:
        return
    raw = frames(CLEAN)[name]
    absent, findings = type_table(TABLES[name], raw.drop(columns=column.name))
    empty, none = type_table(TABLES[name], raw.assign(**{column.name: pd.NA}))
    assert findings == none == []
    pd.testing.assert_frame_equal(absent, empty)


@pytest.mark.parametrize("text", ["nobody", "FEMALE!", "0"])
@pytest.mark.parametrize(("name", "column"), [pair for pair in COLUMNS if pair[1].codes],
                         ids=[f"{name}.{column.name}" for name, column in COLUMNS if column.codes])  # fmt: skip
def test_an_unknown_code_is_found_and_the_allowed_are_listed(name, column, text):
    """Protects: no code outside the lists gets through, and the message says what is allowed."""
    text = "99" if column.kind == "int" else text
    _, findings = type_table(TABLES[name], raw_with(name, **{column.name: text}))
    (one,) = findings
    assert (one.rule, one.column, one.rows) == (f"bad_{column.kind}", column.name, (2,))
    assert all(str(code) in one.fix.say("en") and str(code) in one.fix.say("vi") for code in column.codes)
    assert repr(text) in one.seen


VALUES = {
    "date": (
        {"2020-02-29": "2020-02-29", " 2020-01-05 ": "2020-01-05", "2020-01-05 00:00:00": "2020-01-05"},
        ["05/01/2020", "31/02/2021", "2021-02-31", "2020", "03/2015", "2020-13-01", "44197", "nay", "0000-00-00",
         "1200-01-01", "2020-01-05 10:30:00", "tháng 5/2015", "20-01-05"],
    ),
    "bool": (
        {"true": True, "False": False, "x": True, "X": True, "": False, "Có": True, "Co\u0301": True, "không": False,
         "1": True, "0": False},
        ["maybe", "2", "có thể", "-"],
    ),
    "int": ({"0": 0, "8": 8, "3.0": 3, " 5 ": 5}, ["9", "-1", "1.5", "inf", "nan", "1e300", "ba", "1,0"]),
    "number": ({"0": 0.0, "1500000": 1.5e6, "2.5": 2.5}, ["-1", "inf", "1.000.000", "1,5", "nhiều"]),
}  # fmt: skip
SAMPLE = {
    "date": ("posts", "ended"),
    "bool": ("posts", "teaching"),
    "int": ("posts", "grade"),
    "number": ("training", "cost"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_of_a_type_parse_or_are_refused_alone(kind):
    """Protects: a wrong value is refused without taking the right ones of its column with it, nor being guessed at."""
    name, column = SAMPLE[kind]
    column = TABLES[name].column(column)
    good, wrong = VALUES[kind]
    values, bad = parse_column(column, pd.Series([*good, *wrong]))
    assert bad.tolist() == [False] * len(good) + [True] * len(wrong)
    read = values[: len(good)].tolist()
    assert read == [pd.Timestamp(value) if kind == "date" else value for value in good.values()]
    assert kind == "bool" or values[len(good) :].isna().all()


def test_typed_columns_are_taken_as_they_are_or_refused():
    """Protects: Parquet types that are not text: nullable flags, zoned times, times of day, infinite numbers."""
    flag, day = TABLES["posts"].column("teaching"), TABLES["posts"].column("started")
    assert parse_column(flag, pd.Series([True, None], dtype="boolean"))[0].tolist() == [True, False]
    zoned = pd.Series(pd.to_datetime(["2020-01-05 00:00", "2020-01-05 17:00"]).tz_localize("Asia/Ho_Chi_Minh"))
    values, bad = parse_column(day, zoned)
    assert bad.tolist() == [False, True] and values[0] == pd.Timestamp("2020-01-05")
    _, bad = parse_column(TABLES["posts"].column("grade"), pd.Series([1.0, np.inf, 0.5]))
    assert bad.tolist() == [False, True, True]


def test_identifiers_stay_opaque_text():
    """Protects: leading zeros, words that look like missing values, and letters composed in two ways."""
    column = TABLES["people"].column("person_id")
    values, bad = parse_column(column, pd.Series(["00117", "None", "NA", "nan", "null", "A\u0302n", " Ân "]))
    assert values.tolist() == ["00117", "None", "NA", "nan", "null", "Ân", "Ân"]
    assert not bad.any()


def test_an_error_of_the_spreadsheet_is_no_text():
    """Protects: #N/A and its like do not become an identifier or a title."""
    _, findings = type_table(TABLES["posts"], raw_with("posts", title="#REF!"))
    assert told(findings) == {("bad_text", "posts", "title")}


def test_precision_columns_are_read_and_checked():
    """Protects: day, month and year are kept, empty means day, and anything else is found."""
    raw = frames(CLEAN)["posts"].assign(started_precision=["month", None, "year", "day", "", "day"])
    rows, findings = type_table(TABLES["posts"], raw)
    assert findings == [] and rows["started_precision"].tolist() == ["month", "day", "year", "day", "day", "day"]
    _, findings = type_table(TABLES["posts"], raw.assign(started_precision="quarter"))
    assert told(findings) == {("bad_code", "posts", "started_precision")}


def test_findings_never_show_who_somebody_is():
    """Protects: shifted columns put identifiers, names and birth dates into other columns; the finding shows a shape."""
    cells = {
        "sex": ANNA,
        "ethnicity": "Nguyễn Thị Hoa",
        "recruited": "01/05/1980",
        "birth_date": "1/5/80",
        "party_joined": BIRTHS[ANNA] + "x",
    }
    _, findings = type_table(TABLES["people"], raw_with("people", **cells))
    assert len(findings) == 5
    said = " ".join(one.line().say(lang) for one in findings for lang in ("en", "vi"))
    for secret in (*cells.values(), "Nguyễn", "1980"):
        assert secret not in said
    assert "'99/99/9999'" in said and "'Aaaaaa Aaa Aaa'" in said
    raw = pd.DataFrame({"person_id": ["1"], ANNA: ["x"], "Trần Văn An": ["y"], "Ghi chú": [""]})
    seen = next(one.seen for one in type_table(TABLES["people"], raw)[1] if one.rule == "unknown_column")
    assert seen == "'9999999', 'Aaaa Aaa Aa', 'Ghi chú'"


def test_many_different_wrong_values_are_shown_by_shape():
    """Protects: a column of given names where codes belong is not listed."""
    raw = pd.DataFrame({"sex": ["Hoa", "Lan", "Mai", "Cúc", "Đào", "Huệ", "Sen", "Trúc", "Liên", "Hồng", "Hạnh"]})
    seen = [one.seen for one in type_table(TABLES["people"], raw)[1] if one.rule == "bad_code"]
    assert seen == ["'Aaa', 'Aaaa'"]
