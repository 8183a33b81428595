"""Registries in and out: every kind of source gives the same registry, and none sees later than its day."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from clean_registry import (
    ANNA,
    BINH,
    CHI,
    CLEAN,
    COURSE,
    EXTRACTED,
    META,
    POST,
    clean,
    told,
    typed,
    write_book,
    write_csv,
    write_parquet,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import project, registry
from analysis.errors import RegistryError
from analysis.registry.checks import check_registry
from analysis.registry.contract import REQUIRED, TABLES
from analysis.registry.history import as_known
from analysis.registry.sources.workbook import header

VI_SHEETS = {name: names[0] for name, names in project.reference("headers.yml")["sheets"].items()}
VI_HEADERS = {name: {column: header(name, column) for column in table.names()} for name, table in TABLES.items()}


def same(one, two, names=TABLES):
    for name in names:
        left, right = one[name], two[name]
        columns = sorted(left.columns)
        assert columns == sorted(right.columns), name
        pd.testing.assert_frame_equal(left[columns], right[columns], obj=name)


def with_precision():
    rows = clean()
    rows["people"][0]["recruited_precision"] = "year"
    rows["posts"][0]["ended_precision"] = "month"
    return rows


SOURCES = {
    "csv": lambda path, rows: write_csv(path, rows),
    "parquet": lambda path, rows: write_parquet(path, rows),
    "canonical workbook": lambda path, rows: write_book(path.with_suffix(".xlsx"), rows),
    "vietnamese workbook": lambda path, rows: write_book(path.with_suffix(".xlsx"), rows, sheets=VI_SHEETS, headers=VI_HEADERS),
}  # fmt: skip


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_registry(tmp_path, kind):
    """Protects: the way the data come does not change what they say; leading zeros and empty cells stay."""
    reg = registry.load(SOURCES[kind](tmp_path / "data", CLEAN))
    same(reg, typed_now(CLEAN))
    assert reg.findings == () and reg.absent == frozenset() and reg.as_of == EXTRACTED
    assert reg["people"]["person_id"].tolist() == [ANNA, BINH, CHI]
    assert {key: str(value) for key, value in reg.meta.items()} == {key: str(value) for key, value in META.items()}
    assert registry.check(SOURCES[kind](tmp_path / "again", CLEAN)) == []


def typed_now(rows):
    return {name: frame.reset_index(drop=True) for name, frame in typed(rows).items()}


@pytest.mark.parametrize("ending", ["", ".xlsx"])
@pytest.mark.parametrize("rows", [CLEAN, with_precision()], ids=["days", "precisions"])
def test_what_is_saved_is_loaded_again(tmp_path, ending, rows):
    """Protects: a round trip through a folder or a Vietnamese workbook changes nothing."""
    first = registry.load(write_csv(tmp_path / "csv", rows))
    again = registry.load(registry.save(first, tmp_path / f"saved{ending}"))
    same(first, again)
    assert again.meta == first.meta and again.as_of == first.as_of and again.absent == first.absent


def test_the_same_registry_gives_the_same_bytes(tmp_path, monkeypatch):
    """Protects: a workbook that is written again tomorrow is not a new one."""
    reg = registry.load(write_csv(tmp_path / "csv"))
    first = registry.save(reg, tmp_path / "one.xlsx").read_bytes()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert registry.save(reg, tmp_path / "two.xlsx").read_bytes() == first
    assert b"2033" not in first


def test_text_that_looks_like_something_else_survives_a_workbook(tmp_path):
    """Protects: titles that look like formulas, errors, missing values or numbers stay what they were."""
    rows = clean()
    titles = ["=1+1", "@SUM(A1)", "None", "007", "nan", "-5"]
    for row, title in zip(rows["posts"], titles, strict=True):
        row["title"] = title
    first = registry.load(write_csv(tmp_path / "csv", rows))
    again = registry.load(registry.save(first, tmp_path / "saved.xlsx"))
    assert again["posts"]["title"].tolist() == first["posts"]["title"].tolist() == titles


@pytest.mark.parametrize("day", ["2016-12-31", "2020-06-30", "2023-06-30"])
def test_a_registry_saved_as_of_a_day_says_so(tmp_path, day):
    """Protects: what is hidden is not read later as not having happened: the saved extract is of that day, and clean."""
    first = registry.load(write_csv(tmp_path / "csv"), as_of=day)
    again = registry.load(registry.save(first, tmp_path / "saved"))
    same(first, again)
    assert str(again.meta["extracted"]) == day and again.as_of == first.as_of


@pytest.mark.parametrize("ending", ["", ".xlsx"])
def test_save_refuses_to_overwrite_and_leaves_nothing_behind(tmp_path, ending, monkeypatch):
    """Protects: data that are there already, and the folder beside them when a save fails."""
    reg = registry.load(write_csv(tmp_path / "csv"))
    out = tmp_path / f"saved{ending}"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(RegistryError, match="exists already|đã có sẵn") as refused:
        registry.save(reg, out)
    assert out.read_text(encoding="utf-8") == "mine" and str(tmp_path) not in refused.value.text.say("en")

    def fail(*_, **__):
        raise OSError("full")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", fail)
    monkeypatch.setattr("analysis.registry.store.write_workbook", fail)
    with pytest.raises(OSError, match="full"):
        registry.save(reg, tmp_path / f"other{ending}")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["csv", out.name]


@pytest.mark.parametrize("kind", SOURCES)
def test_the_fingerprint_is_of_the_bytes(tmp_path, kind):
    """Protects: one byte more in a file that counts changes the fingerprint; a file that does not count changes nothing."""
    path = SOURCES[kind](tmp_path / "data", CLEAN)
    first = registry.load(path).fingerprint
    assert len(first) == 64 and registry.load(path).fingerprint == first
    if path.is_dir():
        (path / "notes.txt").write_text("a note", encoding="utf-8")
        assert registry.load(path).fingerprint == first
        with (path / "registry.yml").open("ab") as stream:
            stream.write(b"\n")
    else:
        with path.open("ab") as stream:
            stream.write(b"\0")
    assert registry.load(path).fingerprint != first


def test_an_absent_optional_table_is_told_apart_from_an_empty_one(tmp_path):
    """Protects: "not given" is not read as "none"."""
    rows = clean()
    del rows["seats"]
    rows["planning"] = []
    reg = registry.load(write_csv(tmp_path / "csv", rows))
    assert reg.absent == {"seats"} and reg["seats"].empty and reg["planning"].empty
    assert reg.has("planning", "posts") and not reg.has("seats", "posts")
    again = registry.load(registry.save(reg, tmp_path / "saved"))
    assert again.absent == {"seats"}


# As known on a date. `cell` looks a value up by a person (or unit) and a course.


def cell(reg, table, column, **where):
    rows = reg[table]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) <= 1
    return "absent" if rows.empty else None if pd.isna(rows[column].iloc[0]) else rows[column].iloc[0]


HISTORY = [  # protects, table, column, where, last day before, what is seen then, what is seen the day after
    ("a recruit", "people", "sex", {"person_id": BINH}, "2015-12-31", "absent", "male"),
    ("joining the Party", "people", "party_joined", {"person_id": ANNA}, "2019-05-18", None, pd.Timestamp("2019-05-19")),
    ("a post", "posts", "grade", {"person_id": ANNA, "decision": "higher_appointment"}, "2019-03-31", "absent", 2),
    ("the end of a post", "posts", "ended", {"person_id": ANNA, "decision": "first_appointment"}, "2019-03-31", None, pd.Timestamp("2019-04-01")),
    ("a seat", "seats", "body", {"person_id": ANNA}, "2020-10-14", "absent", "district_committee"),
    ("a nomination", "training", "kind", {"course_id": "C1", "person_id": ANNA}, "2016-05-31", "absent", "postgraduate"),
    ("a start", "training", "started", {"course_id": "C1", "person_id": ANNA}, "2016-08-31", None, pd.Timestamp("2016-09-01")),
    ("an end", "training", "ended", {"course_id": "C1", "person_id": ANNA}, "2018-07-31", None, pd.Timestamp("2018-08-01")),
    ("an outcome", "training", "outcome", {"course_id": "C1", "person_id": ANNA}, "2018-07-31", None, "completed"),
    ("an outcome without a date", "training", "outcome", {"course_id": "C1", "person_id": CHI}, "2025-06-29", None, "not_started"),
    ("a course without any date", "training", "kind", {"course_id": "C9"}, "2025-06-29", "absent", "digital"),
    ("a degree", "qualifications", "verified", {"person_id": ANNA, "level": "master"}, "2018-09-14", "absent", True),
    ("a planning decision", "planning", "grade", {"person_id": ANNA}, "2016-12-31", "absent", 2),
    ("its end", "planning", "ended", {"person_id": ANNA}, "2021-12-31", None, pd.Timestamp("2022-01-01")),
    ("a rating, when its year has ended", "ratings", "rating", {"person_id": ANNA, "year": 2019}, "2019-12-30", "absent", "good"),
    ("a sanction", "discipline", "kind", {"person_id": CHI}, "2017-04-30", "absent", "warning"),
    ("an exit", "exits", "reason", {"person_id": CHI}, "2020-06-30", "absent", "resignation"),
    ("a plan, from its year on", "training_plan", "seats", {"year": 2021}, "2020-12-31", "absent", 3),
    ("a new unit", "units", "name_vi", {"unit_id": "U3"}, "2022-12-31", "absent", "Sở C"),
    ("the end of a unit", "units", "valid_to", {"unit_id": "U2"}, "2022-12-31", None, pd.Timestamp("2023-01-01")),
    ("its successor", "units", "successor_id", {"unit_id": "U2"}, "2022-12-31", None, "U3"),
    ("a parent that is not there yet", "units", "parent_id", {"unit_id": "U4"}, "2022-12-31", None, "U3"),
    ("a degree of somebody not yet recruited", "qualifications", "verified", {"person_id": BINH}, "2015-12-31", "absent", True),
]  # fmt: skip


@pytest.fixture(scope="module")
def long_history():
    rows = clean()
    rows["people"][0]["party_joined"] = "2019-05-19"
    rows["people"][1] |= {"recruited": "2016-01-01", "party_joined": None}
    rows["posts"] = [row for row in rows["posts"] if row["person_id"] != BINH]
    rows["posts"][1]["ended"] = "2019-04-01"
    rows["posts"] += [
        {**POST, "person_id": ANNA, "started": "2019-04-01", "grade": "2", "decision": "higher_appointment"},
        {**POST, "person_id": BINH, "started": "2016-01-01", "decision": "recruitment"},
    ]
    rows["seats"] = [{"person_id": ANNA, "body": "district_committee", "started": "2020-10-15"}]
    rows["training"] = rows["training"][:1] + [
        {
            **COURSE,
            "person_id": CHI,
            "course_id": "C1",
            "kind": "digital",
            "nominated": "2016-06-01",
            "outcome": "not_started",
        },
        {**COURSE, "person_id": BINH, "course_id": "C9", "kind": "digital", "outcome": "not_started"},
    ]
    rows["qualifications"].append({"person_id": BINH, "level": "bachelor", "awarded": "2010-07-01", "verified": "x"})
    rows["ratings"] = rows["ratings"][:1]
    rows["discipline"] = [{"person_id": CHI, "started": "2017-05-01", "kind": "warning"}]
    rows["units"].append(
        {"unit_id": "U4", "name_vi": "Phòng D", "parent_id": "U3", "level": "province", "kind": "state"}
    )
    tables = typed(rows)
    assert [one.rule for one in check_registry(tables, EXTRACTED) if one.severity == "error"] == []
    return functools.cache(lambda day: as_known(tables, pd.Timestamp(day), EXTRACTED))


@pytest.mark.parametrize(
    ("protects", "table", "column", "where", "day", "before", "after"), HISTORY, ids=[row[0] for row in HISTORY]
)
def test_a_thing_is_seen_from_its_own_day_on(long_history, protects, table, column, where, day, before, after):
    """Protects: no analysis sees later than the end of its own day, and nothing is hidden on that day."""
    following = pd.Timestamp(day) + pd.Timedelta(days=1)
    assert cell(long_history(day), table, column, **where) == before, protects
    assert cell(long_history(f"{following:%Y-%m-%d}"), table, column, **where) == after, protects


def test_expected_ends_and_birth_dates_stay(long_history):
    """Protects: what was known in advance is not hidden."""
    reg = long_history("2016-12-31")
    assert cell(reg, "training", "expected_end", person_id=ANNA) == pd.Timestamp("2018-09-01")
    assert cell(reg, "people", "birth_date", person_id=ANNA) == pd.Timestamp("1980-05-01")


def test_the_precision_of_an_end_does_not_announce_it(tmp_path):
    """Protects: an end that is hidden leaves no trace in the column beside it."""
    path = write_csv(tmp_path / "csv", with_precision())
    assert registry.load(path)["posts"]["ended_precision"][0] == "month"
    rows = clean()
    rows["posts"][1] |= {"ended": "2024-01-01", "ended_precision": "month"}
    reg = registry.load(write_csv(tmp_path / "later", rows), as_of="2023-06-30")
    assert (reg["posts"]["ended_precision"] == "day").all()


@pytest.mark.parametrize("day", ["2014-12-31", "2025-07-01", "2020-02-30", "30/06/2020", "nay", "", "2020"])
def test_a_day_that_the_registry_does_not_cover_is_refused(tmp_path_factory, day):
    """Protects: no registry pretends to know a day outside its cover; the message gives the days it has."""
    with pytest.raises(RegistryError) as refused:
        registry.load(write_csv(tmp_path_factory.getbasetemp() / "covered"), as_of=day)
    for words in map(refused.value.text.say, ("en", "vi")):
        assert "2015-01-01" in words and "2025-06-30" in words


# The property: two registries that agree up to a day are one registry as of that day.

LAST = np.datetime64("2025-06-30")


def random_registry(rng: np.random.Generator, people: int = 25) -> dict[str, list[dict[str, str]]]:
    """Draw a registry that keeps the contract: lives of several posts, courses, seats, sanctions and exits."""
    rows = {name: [] for name in TABLES} | {"units": clean()["units"], "training_plan": clean()["training_plan"]}
    for number in range(people):
        person = {"person_id": f"{number:03}"}
        days = np.sort(rng.choice(np.arange("2005-01-01", "2025-06-30", dtype="datetime64[D]"), 9, replace=False))
        day = [str(one) for one in days]
        left = day[8] if rng.random() < 0.5 else None
        rows["people"].append({**person, "sex": "female", "birth_date": "1975-01-01", "ethnicity": "kinh", "recruited": day[0],
                               "party_joined": day[int(rng.integers(1, 8))] if rng.random() < 0.5 else None})  # fmt: skip
        ends = sorted({0, *rng.integers(1, 7, 2).tolist()})
        for place, begin in enumerate(ends):
            end = day[ends[place + 1]] if place + 1 < len(ends) else left
            decision = "lateral" if place else "recruitment"
            rows["posts"].append({**POST, **person, "started": day[begin], "ended": end, "decision": decision,
                                  "ended_precision": "month" if end else None})  # fmt: skip
        if left:
            rows["exits"].append({**person, "exited": left, "reason": "resignation"})
        nominated, started, ended = day[1], day[3], day[int(rng.integers(4, 8))]
        course = [
            {"nominated": nominated, "started": started, "ended": ended, "outcome": "completed"},
            {"started": started, "ended": ended, "outcome": "dropped"},
            {"nominated": nominated, "started": started},
            {"nominated": nominated, "outcome": "not_started"},
            {"outcome": "not_started"},
        ][int(rng.integers(5))]
        expected = {"expected_end": str(np.datetime64(course["started"]) + 700)} if "started" in course else {}
        rows["training"].append({**COURSE, **person, "course_id": "C", "kind": "digital", **course, **expected})
        rows["qualifications"].append(
            {**person, "level": "bachelor", "awarded": day[2] if rng.random() < 0.5 else "2001-01-01"}
        )
        rows["planning"].append({**person, "grade": "1", "started": day[2], "ended": day[5]})
        rows["seats"].append({**person, "body": "commune_committee", "started": day[4], "ended": day[6]})
        rows["discipline"].append({**person, "started": day[5], "ended": day[7], "kind": "reprimand"})
        rows["ratings"] += [
            {**person, "year": str(year), "rating": "good"} for year in range(int(day[0][:4]) + 1, int(day[8][:4]))
        ]
    return rows


def happened(rows, day: str):
    """Keep only what had happened by the end of the day: the contract's words, row by row, on the text of the source."""
    kept = {name: [] for name in rows}
    recruited = {row["person_id"] for row in rows["people"] if row["recruited"] <= day}
    begun = {row["unit_id"] for row in rows["units"] if (row.get("valid_from") or "") <= day}
    for name, listed in rows.items():
        for row in listed:
            row = {key: value for key, value in row.items() if value is not None}
            own = {"people": ["recruited"], "qualifications": ["awarded"], "exits": ["exited"], "units": ["valid_from"],
                   "training": ["nominated", "started"], "ratings": [], "training_plan": []}.get(name, ["started"])  # fmt: skip
            first = min([row[date] for date in own if date in row], default="")
            late = first > day or row.get("person_id", next(iter(recruited), "")) not in recruited
            late |= name == "ratings" and f"{row['year']}-12-31" > day
            late |= name == "training_plan" and row["year"] > day[:4]
            late |= name == "training" and not first
            if late:
                continue
            if name == "training" and not ("ended" in row and row["ended"] <= day):
                row.pop("outcome", None)
            if row.get("valid_to", "") > day:
                row.pop("successor_id", None)
            for date in ("started", "ended", "party_joined", "valid_to"):
                if row.get(date, "") > day:
                    row.pop(date)
                    row.pop(f"{date}_precision", None)
            for unit in ("parent_id", "successor_id"):
                if unit in row and row[unit] not in begun:
                    row.pop(unit)
            kept[name].append(row)
    return kept


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), back=st.integers(1, 3_800))
def test_a_registry_as_of_a_day_is_the_one_of_what_had_happened(seed, back):
    """Protects: for what it shows, a registry loaded as of D equals the one written down at the end of D."""
    rng = np.random.default_rng(seed)
    rows, day = random_registry(rng), LAST - back
    tables = typed(rows)
    assert [one for one in check_registry(tables, EXTRACTED) if one.severity == "error"] == []
    shown = as_known(tables, pd.Timestamp(day), EXTRACTED)
    past = typed(happened(rows, str(day)))
    past = as_known(past, pd.Timestamp(day), pd.Timestamp(day))
    for name in TABLES:
        names = TABLES[name].names() + (["ended_precision"] if "ended_precision" in past[name] else [])
        left, right = shown[name][names].reset_index(drop=True), past[name][names].reset_index(drop=True)
        pd.testing.assert_frame_equal(left, right, obj=name)
    assert [one.rule for one in check_registry(shown, pd.Timestamp(day)) if one.severity == "error"] == []


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), back=st.integers(200, 3_800))
def test_as_known_is_idempotent_and_goes_down(seed, back):
    """Protects: looking back from a day already looked back to is the same as looking back at once."""
    tables = typed(random_registry(np.random.default_rng(seed), people=8))
    day, between = pd.Timestamp(LAST - back), pd.Timestamp(LAST - back // 2)
    at_once = as_known(tables, day, EXTRACTED)
    in_steps = as_known(as_known(tables, between, EXTRACTED), day, between)
    for name in TABLES:
        pd.testing.assert_frame_equal(at_once[name], in_steps[name], obj=name)


def test_errors_come_all_at_once_with_the_findings(tmp_path):
    """Protects: a user who mends one fault is not told of the next one only then."""
    rows = clean()
    rows["people"][0]["sex"] = "?"
    rows["posts"][0]["started"] = "01/01/2004"
    path = write_csv(tmp_path / "csv", rows, name="")
    with pytest.raises(RegistryError) as refused:
        registry.load(path)
    assert told(refused.value.findings) >= {
        ("bad_code", "people", "sex"),
        ("bad_date", "posts", "started"),
        ("bad_meta", "registry", "name"),
    }
    assert ANNA not in str(refused.value) and str(tmp_path) not in str(refused.value)


def test_a_database_address_says_what_to_do():
    """Protects: what cannot be read yet is refused in one sentence, without the address (it may hold a password)."""
    with pytest.raises(RegistryError) as refused:
        registry.load("postgresql://me:secret@host/db")
    assert "secret" not in str(refused.value)


def test_every_required_table_that_is_missing_is_named(tmp_path):
    """Protects: all that is missing is told at once."""
    folder = write_csv(tmp_path / "csv")
    for name in REQUIRED[1:]:
        (folder / f"{name}.csv").unlink()
    missing = [one.table for one in registry.check(folder) if one.rule == "missing_table"]
    assert missing == list(REQUIRED[1:])
