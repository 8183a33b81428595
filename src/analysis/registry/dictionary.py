"""The data dictionary, data/README.md, written from the contract: `python -m analysis.registry.dictionary`."""

from __future__ import annotations

from pathlib import Path

from analysis import project
from analysis.registry.contract import CODES, PRECISION, TABLES, Column, Table
from analysis.registry.sources.workbook import header
from analysis.registry.store import META

INTRODUCTION = """# The data

<!-- Written by `python -m analysis.registry.dictionary` from the contract in src/analysis/registry. Do not edit. -->

Only synthetic or published data may be kept here: never data about real people, not even coded, hashed or cut down.
A real registry stays where its owner keeps it, is read from there (`--data PATH`), and is never committed.

Chỉ dữ liệu mô phỏng hoặc đã công bố được để ở đây: không bao giờ để dữ liệu cá nhân, kể cả khi đã mã hóa hoặc cắt bớt.

| folder | what it holds |
|---|---|
| `reference/` | rules, targets, events, code lists and words, each with its source |
| `sample/` | a small workbook as a department would send it; nobody in it exists |
| `published/` | public data sets with answers in print, to check the estimators against; \
source and licence in its README |
| `synthetic/` | a synthetic province, written by `analysis simulate`, not committed |

## A registry

One folder with one Parquet or CSV (UTF-8, comma) file a table, named after the table, and `registry.yml`; or one .xlsx
workbook with one sheet a table and a sheet `registry` (`Thông tin chung`) of two columns, key and value. In a workbook,
sheets, headers and codes may be in Vietnamese: the names below, and more in `reference/headers.yml`; case, diacritics,
punctuation and word order do not matter. `analysis check PATH` lists everything that breaks these rules.

Identifiers are opaque text; leading zeros are kept. Unknown stays empty: never 0, never "other". A column that may be
empty may also be left out, and so may a table that is not required: what needs it then says that it cannot be assessed.
"""

CONVENTIONS = """## Days, months and intervals

- Days are written `2023-09-01`. No other form is read, since 03/04/2020 means two different days.
- A state lasts from `started` to the day before `ended`. `ended` (and `exited`, `valid_to`) is \
the first day on which it
  no longer holds, so a state that ends follows the next without a gap or an overlap, and its length is the difference.
  Where a source gives the last day that still counts, add one day: until 30 June 2025 is written `2025-07-01`. Nothing
  is added when a registry is read, from a workbook neither: `Đến ngày` is the first day no longer in the state.
- A state that still lasts has an empty end. A state holds on a day if it started on that day or before, and has no end
  or one after that day.
- Where only the month or the year is known, write its first day, and beside the column a second one named
  `<column>_precision`. For an end, take the last month or year that still counts and write the first day of the next:
  until March 2015 is `2015-04-01` with precision `month`. Without such a column every date is known to the day.
- The analysis counts in months. Where days are known they decide the order; two things in one month of which a day is
  unknown are taken as happening at once, and a promotion in the month of a start is never counted as coming after it.
- Loaded as of a day, a registry shows nothing later: rows that begin later are left out, later ends and outcomes are
  emptied. What has no date of its own, such as a course never begun, is seen only on the day of the extract.
"""

KINDS = {
    "text": "text",
    "date": "date",
    "bool": "true / false",
    "int": "whole number",
    "number": "number",
    "code": "code",
}


def write_dictionary() -> str:
    """Give the text of data/README.md."""
    parts = [INTRODUCTION, _card(), CONVENTIONS, _precision(), "## Tables\n", _contents()]
    parts += [_section(table) for table in TABLES.values()]
    return "\n".join(parts)


def _card() -> str:
    kinds = {"str": "text", "date": "date", "bool": "true / false"}
    lines = [
        f"| `{key}` | {kinds[kind.__name__]} | {about.say('en')} | {about.say('vi')} |"
        for key, (kind, about) in META.items()
    ]
    head = ["## registry.yml\n", "All keys are required.\n", "| key | type | meaning | nghĩa |", "|---|---|---|---|"]
    return "\n".join([*head, *lines, ""])


def _precision() -> str:
    names = [f"`{table.name}.{name}_precision`" for table in TABLES.values() for name in table.names("date")]
    codes = ", ".join(f"`{code}`" for code in PRECISION)
    return f"Precision columns, all optional, with the codes {codes} (default `day`): {', '.join(names)}.\n"


def _contents() -> str:
    lines = ["| table | required | one row is | mỗi dòng là |", "|---|---|---|---|"]
    for table in TABLES.values():
        required = "yes" if table.required else "no"
        lines.append(
            f"| [{table.name}](#{table.name}) | {required} | {table.about.say('en')} | {table.about.say('vi')} |"
        )
    return "\n".join([*lines, ""])


def _section(table: Table) -> str:
    sheet = project.reference("headers.yml")["sheets"][table.name][0]
    lines = [
        f"### {table.name}\n",
        f"{table.about.say('en').capitalize()}. {'Required' if table.required else 'Optional'}. Sheet: {sheet}. "
        f"Key: {', '.join(f'`{name}`' for name in table.key)}.\n",
        f"{table.about.say('vi')[:1].upper()}{table.about.say('vi')[1:]}.\n",
        "| column | header | type | may be empty | meaning | nghĩa |",
        "|---|---|---|---|---|---|",
        *(_row(table, column) for column in table.columns),
        "",
        *(_codes(column) for column in table.columns if column.listing),
    ]
    return "\n".join(lines)


def _row(table: Table, column: Column) -> str:
    empty = f"yes, = {str(column.default).lower()}" if column.default is not None else "no" if column.filled else "yes"
    kind = f"{column.codes[0]} to {column.codes[-1]}" if column.kind == "int" and column.codes else KINDS[column.kind]
    head = f"| `{column.name}` | {header(table.name, column.name)} | {kind} | {empty} "
    return f"{head}| {column.about.say('en')} | {column.about.say('vi')} |"


def _codes(column: Column) -> str:
    labels = project.reference("labels.yml")[column.listing]
    words = "; ".join(f"`{code}` {labels[code]['en']} / {labels[code]['vi']}" for code in CODES[column.listing])
    return f"`{column.name}`: {words}.\n"


def main() -> Path:
    """Write data/README.md."""
    path = project.root() / "data" / "README.md"
    path.write_text(write_dictionary(), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
