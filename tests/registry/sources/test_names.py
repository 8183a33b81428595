"""Names as departments write them lead to one thing each."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from analysis.project import reference
from analysis.registry.contract import CODES, TABLES
from analysis.registry.sources.names import match_columns, match_sheet, plain
from analysis.registry.sources.workbook import META_SHEET, header

HEADERS, LABELS = reference("headers.yml"), reference("labels.yml")


def spellings(alias: str) -> set[str]:
    words = plain(alias).split()
    return {" ".join(words), " ".join(sorted(words))}


def column_aliases(table: str) -> dict[str, list[str]]:
    lists = HEADERS["columns"]
    return {
        name: [name, *lists.get(table, {}).get(name, []), *lists["any"].get(name, [])] for name in TABLES[table].names()
    }


def collisions(aliases: dict[str, list[str]]) -> list[tuple[str, str, set[str]]]:
    keys = {name: set().union(*map(spellings, listed)) for name, listed in aliases.items()}
    return [(one, two, keys[one] & keys[two]) for one, two in itertools.combinations(keys, 2) if keys[one] & keys[two]]


@pytest.mark.parametrize("table", TABLES)
def test_no_header_means_two_columns_of_a_table(table):
    """Protects: a header is never read as a column that it does not mean."""
    assert collisions(column_aliases(table)) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_vietnamese_header_of_its_own(table):
    """Protects: a workbook that is written can be read again, column by column."""
    written = [header(table, name) for name in TABLES[table].names()]
    assert match_columns(table, written) == TABLES[table].names()
    assert not set(written) & set(TABLES[table].names())


def test_no_sheet_means_two_tables():
    """Protects: a sheet is read as one table."""
    assert collisions({name: [name, *names] for name, names in HEADERS["sheets"].items()}) == []
    assert set(HEADERS["sheets"]) == {*TABLES, META_SHEET}


@pytest.mark.parametrize("listing", CODES)
def test_every_code_has_labels_in_both_languages(listing):
    """Protects: pages and workbooks can name every code, and no label is empty or left over."""
    assert set(LABELS[listing]) == set(CODES[listing])
    for label in LABELS[listing].values():
        assert set(label) == {"vi", "en"} and all(str(word).strip() for word in label.values())


@pytest.mark.parametrize("listing", CODES)
def test_no_word_means_two_codes_of_a_list(listing):
    """Protects: a word in a cell is never read as another code."""
    extra = HEADERS["values"].get(listing, {})
    assert set(extra) <= set(CODES[listing])
    words = {code: [code, *LABELS[listing][code].values(), *extra.get(code, [])] for code in CODES[listing]}
    assert collisions(words) == []


def test_aliases_are_of_columns_and_tables_that_exist():
    """Protects: a mistyped name in headers.yml does not go unnoticed."""
    lists = HEADERS["columns"]
    assert set(lists) <= {"any", *TABLES}
    for table, names in lists.items():
        known = {name for one in TABLES.values() for name in one.names()} if table == "any" else TABLES[table].names()
        assert set(names) <= set(known), table
    assert set(HEADERS["values"]) <= set(CODES)


@pytest.mark.parametrize(
    "title", ["Cán bộ", "CÁN BỘ", "can bo", "  cán   bộ ", "Bộ cán", "people", unicodedata.normalize("NFD", "Cán bộ")]
)
def test_a_sheet_is_known_however_it_is_spelt(title):
    """Protects: case, diacritics, blanks, word order and composition of letters do not matter."""
    assert match_sheet(title) == "people"


@pytest.mark.parametrize(
    ("written", "column"),
    [("Ngày vào Đảng", "party_joined"), ("NGAY VAO DANG", "party_joined"), ("Ngày kết nạp Ðảng", "party_joined"),
     (unicodedata.normalize("NFD", "Ngày vào đảng"), "party_joined"), ("Đảng, ngày vào", "party_joined"),
     ("Birth_Date", "birth_date"), ("Ngày  sinh:", "birth_date"), ("Sinh ngày", "birth_date")],
)  # fmt: skip
def test_a_header_is_known_however_it_is_spelt(written, column):
    """Protects: Đ/đ in both codings, case, punctuation and word order of common variants."""
    assert match_columns("people", [written]) == [column]


def test_of_two_headers_for_a_column_the_closer_one_is_read():
    """Protects: a sheet that has both the unit's code and its name gives the code, wherever the columns stand."""
    assert match_columns("posts", ["Đơn vị", "Mã đơn vị"]) == ["Đơn vị", "unit_id"]
    assert match_columns("posts", ["Mã đơn vị", "Đơn vị"]) == ["unit_id", "Đơn vị"]
    assert match_columns("posts", ["Mã đơn vị", "mã đơn vị"]) == ["unit_id", "unit_id"]
    assert match_columns("people", ["Ngày sinh", "Ngày sinh_precision"]) == ["birth_date", "birth_date_precision"]
