"""Sources as people really send them: each is read for what it is, or refused in words that say what to do."""

from __future__ import annotations

import datetime
import unicodedata
import zipfile

import openpyxl
import pandas as pd
import pytest
from clean_registry import (
    ANNA,
    BINH,
    BIRTHS,
    CHI,
    CLEAN,
    clean,
    frames,
    told,
    write_book,
    write_csv,
    write_meta,
    write_parquet,
)

from analysis import registry
from analysis.errors import RegistryError
from analysis.registry.contract import REQUIRED, TABLES
from analysis.registry.sources.workbook import header

SECRETS = (ANNA, BINH, CHI, *BIRTHS.values(), "01/05/1980")
PEOPLE = frames(CLEAN)["people"].to_csv(index=False)
LINES = PEOPLE.splitlines()


def findings_of(path, allowed=()):
    """Check a source: findings in both languages, none of which shows a person or where the files are."""
    findings = registry.check(path)
    for one in findings:
        for lang in ("en", "vi"):
            line = one.line().say(lang)
            assert not [secret for secret in SECRETS if secret in line], line
            assert "/" not in one.file or one.file.split("/")[0] in (path.name, one.file), line
            assert str(path.parent) not in line
            assert one.what.say(lang) and one.fix.say(lang)
    return findings


def refused(path):
    """Load a source that cannot be read at all: one sentence in each language, without the path."""
    with pytest.raises(RegistryError) as error:
        registry.check(path)
    for words in map(error.value.text.say, ("en", "vi")):
        assert path.name in words and str(path.parent) not in words
        assert not [secret for secret in SECRETS if secret in words]
    assert error.value.text.say("en") != error.value.text.say("vi")
    return error.value.text.say("en")


def people_csv(tmp_path, text: str | bytes):
    folder = write_csv(tmp_path / "data")
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    (folder / "people.csv").write_bytes(data)
    return folder


# Nothing to read


def test_a_missing_path_is_refused(tmp_path):
    """Protects: a mistyped path says that it does not exist and what may be given."""
    assert "does not exist" in refused(tmp_path / "nowhere")


def test_a_folder_without_tables_is_refused(tmp_path):
    """Protects: an empty folder says which tables are looked for."""
    (tmp_path / "empty").mkdir()
    words = refused(tmp_path / "empty")
    assert all(name in words for name in TABLES)


def test_the_working_folder_has_a_name_in_messages(tmp_path, monkeypatch):
    """Protects: "." is named in messages by its folder."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(RegistryError, match="'empty'"):
        registry.check(".")


# Folders of CSV files

CSV = {  # name: (what people.csv holds, findings expected)
    "empty file": (b"", {("empty_file", "people", "")}),
    "blank lines": ("\n\n", {("empty_file", "people", "")}),
    "header only": (LINES[0] + "\n", {("empty_table", "people", "")}),
    "utf-16": (PEOPLE.encode("utf-16"), {("broken_file", "people", "")}),
    "windows-1258": (PEOPLE.replace("khmer", "Đảng").encode("utf-16-le"), {("broken_file", "people", "")}),
    "unclosed quote": (PEOPLE.replace("khmer", '"khmer'), {("broken_file", "people", "")}),
    "extra field in the first row": (PEOPLE.replace("khmer", "khmer,x"), {("uneven_rows", "people", "")}),
    "extra field in a later row": (PEOPLE.replace("hoa", "hoa,x"), {("uneven_rows", "people", "")}),
    "short row": (PEOPLE.replace(",hoa", ""), {("uneven_rows", "people", "")}),
    "missing column": (PEOPLE.replace("ethnicity", "folk"), {("missing_column", "people", "ethnicity"), ("unknown_column", "people", "")}),
    "unknown code": (PEOPLE.replace("khmer", "Hmông"), {("bad_code", "people", "ethnicity")}),
    "wrong case": (PEOPLE.replace("female", "Female"), {("bad_code", "people", "sex")}),
    "day first": (PEOPLE.replace("2004-01-01", "15/03/2020"), {("bad_date", "people", "recruited")}),
    "birth day first": (PEOPLE.replace(BIRTHS[ANNA], "01/05/1980"), {("bad_date", "people", "birth_date")}),
    "no such day": (PEOPLE.replace("2004-01-01", "2004-02-31"), {("bad_date", "people", "recruited")}),
    "year only": (PEOPLE.replace("2004-01-01", "2004"), {("bad_date", "people", "recruited")}),
    "empty cell": (PEOPLE.replace("khmer", " "), {("missing_value", "people", "ethnicity")}),
    "semicolons": (PEOPLE.replace(",", ";"), {("missing_column", "people", name) for name in TABLES["people"].names() if name != "party_joined"} | {("unknown_column", "people", "")}),
    "no header": ("\n".join(LINES[1:]), {("missing_column", "people", name) for name in TABLES["people"].names() if name != "party_joined"} | {("unknown_column", "people", "")}),
    "column twice": (PEOPLE.replace("party_joined", "ethnicity"), {("column_twice", "people", "")}),
    "extra column": ("\n".join([LINES[0] + ",phone", *(line + ",0912345678" for line in LINES[1:])]), {("unknown_column", "people", "")}),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_a_bad_csv_file_is_found_out(tmp_path, name):
    """Protects: exactly the fault is told, whatever else is in the folder, and no value that says who somebody is."""
    text, expected = CSV[name]
    found = findings_of(people_csv(tmp_path, text))
    assert told(found) == expected
    assert all(one.file == "people.csv" for one in found)


@pytest.mark.parametrize(("text", "lines"), [("khmer", (2,)), ("hoa", (4,))])
def test_rows_are_numbered_as_an_editor_numbers_lines(tmp_path, text, lines):
    """Protects: the row in a message is the line of the file, the header being line 1."""
    for wrong, rule in ((f"{text},x", "uneven_rows"), ("?", "bad_code")):
        (one,) = findings_of(people_csv(tmp_path, PEOPLE.replace(text, wrong)))
        assert (one.rule, one.rows) == (rule, lines)


FINE = {
    "byte order mark": b"\xef\xbb\xbf" + PEOPLE.encode(),
    "windows line ends": PEOPLE.replace("\n", "\r\n").encode(),
    "blanks around": PEOPLE.replace(",", " , ").encode(),
    "blank lines and a row of commas": (PEOPLE + "\n,,,,,\n\n").encode(),
    "numbered rows": "\n".join(("" if not i else str(i)) + "," + line for i, line in enumerate(LINES)).encode(),
    "other order of columns": frames(CLEAN)["people"].iloc[:, ::-1].to_csv(index=False).encode(),
    "everything quoted": frames(CLEAN)["people"].fillna("").to_csv(index=False, quoting=1).encode(),
    "decomposed letters": unicodedata.normalize("NFD", PEOPLE).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_a_harmless_csv_file_is_read(tmp_path, name):
    """Protects: what programs do to a CSV file without changing its meaning is no fault; leading zeros stay."""
    folder = people_csv(tmp_path, FINE[name])
    assert findings_of(folder) == []
    assert registry.load(folder)["people"]["person_id"].tolist() == [ANNA, BINH, CHI]


@pytest.mark.parametrize("word", ["None", "NA", "nan", "null", "N/A"])
@pytest.mark.parametrize(
    "write", [write_csv, write_parquet, lambda path, rows: write_book(path.with_suffix(".xlsx"), rows)]
)
def test_words_that_look_missing_are_text(tmp_path, word, write):
    """Protects: a title or an identifier "NA" is kept in every kind of source."""
    rows = clean()
    rows["posts"][0]["title"] = word
    for listed in rows.values():
        for row in listed:
            if row.get("person_id") == CHI:
                row["person_id"] = word
    reg = registry.load(write(tmp_path / "data", rows))
    assert reg["posts"]["title"][0] == word and word in reg["people"]["person_id"].tolist()


def test_missing_tables(tmp_path):
    """Protects: a missing required table is an error that says what it holds; a missing optional one is none."""
    folder = write_csv(tmp_path / "data")
    for name in TABLES:
        (folder / f"{name}.csv").rename(tmp_path / "away")
        expected = {("missing_table", name, "")} if name in REQUIRED else set()
        assert told(findings_of(folder)) == expected
        (tmp_path / "away").rename(folder / f"{name}.csv")


def test_exits_may_be_empty_and_other_required_tables_not(tmp_path):
    """Protects: nobody having left is possible, nobody being there is not."""
    rows = clean()
    rows["posts"][5] |= {"ended": None}
    rows["exits"] = []
    assert findings_of(write_csv(tmp_path / "data", rows)) == []


def test_two_files_for_a_table_are_refused(tmp_path):
    """Protects: an old CSV beside a new Parquet file is never passed over in silence."""
    folder = write_csv(tmp_path / "data")
    write_parquet(tmp_path / "other")
    (tmp_path / "other" / "people.parquet").rename(folder / "people.parquet")
    assert told(findings_of(folder)) == {("two_files", "people", "")}


# registry.yml

META = {
    "missing": (None, 7),
    "empty": ("", 7),
    "a list": ("- a\n- b\n", 7),
    "no yaml": ("name: [", 8),
    "no such day": ("extracted: 2025-02-31\n", 8),
    "utf-16": ("name: Tỉnh".encode("utf-16"), 8),
}


@pytest.mark.parametrize("name", META)
def test_a_registry_without_its_card_is_refused(tmp_path, name):
    """Protects: whoever sends data says what they are; each missing key is named with what it means."""
    content, count = META[name]
    folder = write_csv(tmp_path / "data")
    (folder / "registry.yml").unlink()
    if content is not None:
        (folder / "registry.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    found = findings_of(folder)
    assert len(found) == count and {one.rule for one in found} <= {"bad_meta", "broken_file"}
    assert {one.severity for one in found} == {"error"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"extracted": "30/06/2025"}, "extracted"), ({"covers_from": "2026-01-01"}, "covers_from"), ({"extracted": 2025}, "extracted"),
     ({"leavers_included": "perhaps"}, "leavers_included"), ({"declaration": None}, "declaration"), ({"source": "  "}, "source")],
)  # fmt: skip
def test_a_wrong_key_of_the_card_is_named(tmp_path, change, expected):
    """Protects: days, flags and words of registry.yml are checked before anything else is."""
    folder = write_csv(tmp_path / "data")
    write_meta(folder, **change)
    assert told(findings_of(folder)) == {("bad_meta", "registry", expected)}


def test_without_leavers_a_warning_travels(tmp_path):
    """Protects: a registry without leavers loads, and says that no hazard can be estimated."""
    reg = registry.load(write_csv(tmp_path / "data", leavers_included=False))
    assert told(reg.findings) == {("no_leavers", "registry", "leavers_included")}
    assert reg.meta["leavers_included"] is False and reg.findings[0].severity == "warning"


# Parquet


@pytest.mark.parametrize("data", [b"", b"PAR1", b"no parquet at all", "half", "middle"], ids=str)
def test_a_broken_parquet_file_is_told_by_its_name(tmp_path, data):
    """Protects: a half-copied file is a finding like any other, and the other tables are still checked."""
    folder = write_parquet(tmp_path / "data")
    file = folder / "people.parquet"
    whole = file.read_bytes()
    torn = {
        "half": whole[: len(whole) // 2],
        "middle": whole[:40] + b"\0" * 60 + whole[100:-200] + b"\0" * 192 + whole[-8:],
    }
    file.write_bytes(torn.get(data, data))
    (one,) = findings_of(folder)
    assert (one.rule, one.file) == ("broken_file", "people.parquet")


def test_wrong_types_in_parquet_are_found(tmp_path):
    """Protects: numbers for days, lists for codes and fractions for grades are refused, not turned into something."""
    folder = write_parquet(tmp_path / "data")
    people, posts = pd.read_parquet(folder / "people.parquet"), pd.read_parquet(folder / "posts.parquet")
    people.assign(recruited=[44197, 44198, 44199], sex=pd.Series([["female"]] * 3)).to_parquet(
        folder / "people.parquet"
    )
    posts.assign(grade=1.5, started=posts["started"] + pd.Timedelta(hours=7)).to_parquet(folder / "posts.parquet")
    assert told(findings_of(folder)) == {
        ("bad_date", "people", "recruited"), ("bad_code", "people", "sex"), ("bad_int", "posts", "grade"), ("bad_date", "posts", "started"),
    }  # fmt: skip


# Workbooks


@pytest.fixture
def book(tmp_path):
    return write_book(tmp_path / "ho_so.xlsx")


def edit(path, change):
    work = openpyxl.load_workbook(path)
    change(work)
    work.save(path)
    return path


@pytest.mark.parametrize(
    ("data", "hint"),
    [(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"), (PEOPLE.encode(), "no workbook"), (b"", "no workbook"),
     (b"PK\x03\x04 and no more", "damaged"), (b"<html><table></table></html>", "no workbook")],
    ids=["old or locked", "csv renamed", "empty", "cut", "html renamed"],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(tmp_path, data, hint):
    """Protects: a file that is something else than its name says gets one sentence and no traceback."""
    path = tmp_path / "ho_so.xlsx"
    path.write_bytes(data)
    assert hint in refused(path)


@pytest.mark.parametrize("part", [0.3, 0.7, 0.99])
def test_a_truncated_workbook_is_refused(book, part):
    """Protects: a workbook whose copy was cut off is never read in part."""
    whole = book.read_bytes()
    book.write_bytes(whole[: int(len(whole) * part)])
    assert "damaged" in refused(book)


@pytest.mark.parametrize("inside", ["notes.txt", "xl/workbook.xml"])
def test_an_archive_that_is_no_workbook_is_refused(tmp_path, inside):
    """Protects: a .zip with the name of a workbook, or one with damaged parts, gets one sentence."""
    path = tmp_path / "ho_so.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inside, "<broken")
    assert "damaged" in refused(path)


def test_a_workbook_with_a_broken_sheet_is_refused(book):
    """Protects: damage inside a sheet, which the reader meets late, gives the same sentence."""
    parts = {}
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"][:300]
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert "damaged" in refused(book)


def test_a_cell_far_away_costs_nothing(book):
    """Protects: one stray cell in the last row and column does not eat the memory or the rows."""
    edit(book, lambda work: work["people"].__setitem__("XFD1048576", "x"))
    reg = registry.load(book)
    assert len(reg["people"]) == 3


def test_a_wrong_extent_hides_no_rows(book):
    """Protects: some programs write that a sheet ends in A1; all its rows are read."""
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, data in parts.items():
        if name.startswith("xl/worksheets/"):
            start, end = data.index(b'<dimension ref="') + 16, data.index(b'"', data.index(b'<dimension ref="') + 16)
            parts[name] = data[:start] + b"A1" + data[end:]
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert findings_of(book) == [] and len(registry.load(book)["people"]) == 3


def test_unknown_and_second_sheets(book):
    """Protects: a sheet left out is told, by its shape where it may be a name; two sheets for a table are refused."""
    edit(book, lambda work: (work.create_sheet("Ghi chú"), work.create_sheet("Nguyễn Văn An")))
    found = findings_of(book)
    assert [one.rule for one in found] == ["unknown_sheet"] * 2 and {one.severity for one in found} == {"warning"}
    assert [one.seen for one in found] == ["'Ghi chú'", "'Aaaaaa Aaa Aa'"]
    edit(book, lambda work: work.create_sheet("Cán bộ").append(["Mã cán bộ"]))
    assert ("second_sheet", "people", "") in told(findings_of(book))


@pytest.mark.parametrize(
    "spell", [str.upper, str.lower, lambda text: unicodedata.normalize("NFD", text), lambda text: f"  {text}: "]
)
def test_headers_sheets_and_words_may_be_spelt_in_many_ways(tmp_path, spell):
    """Protects: case, diacritics' composition and blanks of sheets, headers and codes do not matter."""
    rows = clean()
    for row in rows["people"]:
        row["sex"] = spell({"female": "Nữ", "male": "Nam"}[row["sex"]])
        row["ethnicity"] = spell(row["ethnicity"])
    headers = {
        name: {column: spell(header(name, column)) for column in table.names()} for name, table in TABLES.items()
    }
    path = write_book(
        tmp_path / "ho_so.xlsx", rows, headers=headers, sheets={"people": spell("Cán bộ").replace(":", "")}
    )
    assert findings_of(path) == []
    assert registry.load(path)["people"]["sex"].tolist() == ["female", "male", "female"]


@pytest.mark.parametrize("old", ["Quá trình công tác", "Công tác", "Chức vụ"])
def test_headers_without_marks_and_in_another_order(tmp_path, old):
    """Protects: unaccented headers, đ as d, and turned words of common variants."""
    headers = {
        "people": {"party_joined": "Dang, ngay vao", "recruited": "Tuyen dung lan dau", "birth_date": "sinh ngay"}
    }
    path = write_book(tmp_path / "ho_so.xlsx", headers=headers, sheets={"posts": old})
    assert findings_of(path) == []


def test_a_header_twice_is_refused(book):
    """Protects: of two columns with one name none is chosen in silence."""
    edit(book, lambda work: work["people"].__setitem__("G1", "Giới tính") or work["people"].__setitem__("G2", "Nam"))
    found = findings_of(book)
    assert told(found) == {("unknown_column", "people", "")}  # the contract's own name is closer
    edit(book, lambda work: work["people"].__setitem__("G1", "SEX"))
    assert told(findings_of(book)) == {("column_twice", "people", "")}


def test_dates_and_numbers_of_a_sheet(book):
    """Protects: real dates are read, days with a time and bare numbers are refused, whole numbers lose no digit."""

    def change(work):
        work["people"]["E2"] = datetime.datetime(2004, 1, 1)
        work["posts"]["F2"] = 0
        work["training"]["N2"] = 50000000

    assert findings_of(edit(book, change)) == []
    for value in (datetime.datetime(2004, 1, 1, 10, 30), datetime.time(10, 30), 38353, True):

        def spoil(work, value=value):
            work["people"]["E2"].number_format = "General"
            work["people"]["E2"] = value

        assert told(findings_of(edit(book, spoil))) == {("bad_date", "people", "recruited")}, value


def test_rows_are_numbered_as_the_sheet_numbers_them(book):
    """Protects: blank rows within a sheet do not shift the numbers in messages."""

    def change(work):
        work["people"].insert_rows(3)
        work["people"]["B5"] = "?"

    (one,) = findings_of(edit(book, change))
    assert (one.rule, one.rows, one.file) == ("bad_code", (5,), "ho_so.xlsx/people")


def test_an_empty_sheet_of_a_required_table_is_found(book):
    """Protects: a sheet with no header is told by the columns it lacks, not by a traceback."""
    edit(book, lambda work: work["units"].delete_rows(1, 10))
    found = told(findings_of(book))
    assert ("missing_column", "units", "unit_id") in found and ("empty_table", "units", "") in found
