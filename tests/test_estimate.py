"""The one result keeps its invariants whoever builds it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analysis.errors import EffectsError
from analysis.estimate import COLUMNS, ESTIMANDS, RESULTS, Estimate, blocked, combine, pick, tidy
from analysis.words import LANGUAGES, Message

ROW = {"method": "m", "estimand": "risk", "term": "a", "estimate": 0.4, "conf_low": 0.3, "conf_high": 0.5, "n": 100}
WHY = Message("event: there are no events.")


def made(*rows, **asked):
    return Estimate(**{"table": list(rows) or [ROW], "spec": {}, **asked})


def test_rows_take_the_one_schema():
    """Whatever columns an estimator gives, a reader finds all of them, in one order, typed."""
    table = made({"estimand": "heads", "estimate": "3", "date": "2025-06-30"}).table
    assert tuple(table.columns) == COLUMNS
    assert table["estimate"].dtype == np.float64 and table["date"].dtype.kind == "M"
    assert table.loc[0, "term"] == "" and np.isnan(table.loc[0, "n"])


def test_unknown_columns_are_refused_with_the_known_ones():
    """A misspelt column is a lost number, so it stops."""
    with pytest.raises(EffectsError, match="conf_lo.*conf_low"):
        tidy([{**ROW, "conf_lo": 1}])


def test_the_frame_given_is_left_alone():
    """An estimator's own table is not changed under its hands."""
    given = pd.DataFrame([ROW])
    kept = given.copy()
    estimate = made(given, table=given)
    estimate.table.loc[0, "estimate"] = 0.9
    pd.testing.assert_frame_equal(given, kept)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"estimand": "effect"}, "estimand"),
        ({"conf_low": 0.6}, "conf_low > conf_high"),
        ({"estimate": 1.2}, "outside 0..1"),
        ({"estimand": "attainment", "estimate": -0.1}, "outside 0..1"),
        ({"estimand": "hazard_ratio", "estimate": -0.1}, "negative ratio"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(change, words):
    """A share of 120 per cent or a turned interval never reaches a page."""
    with pytest.raises(EffectsError, match=words):
        made({**ROW, **change})


@pytest.mark.parametrize("asked", [{"status": "blocked", "notes": (WHY,)}, {"status": "fine"}])
def test_a_blocked_result_has_no_numbers_and_a_status_is_known(asked):
    """What could not be estimated cannot carry an estimate by mistake."""
    with pytest.raises(EffectsError):
        made(**asked)


def test_blocked_keeps_rows_counts_and_reasons():
    """A blocked result still says of whom it speaks and why it is empty."""
    estimate = blocked([{**ROW, "std_error": 0.1, "statistic": 3.0, "p_value": 0.01}], {"asked": 1}, WHY)
    assert estimate.status == "blocked" and estimate.notes == (WHY,) and estimate.spec == {"asked": 1}
    assert estimate.table[RESULTS].isna().all(axis=None) and estimate.table.loc[0, "n"] == 100
    with pytest.raises(EffectsError):
        blocked([ROW], {})
    assert "blocked" in estimate._repr_html_()


def test_rows_are_picked_by_what_they_are():
    """One way to choose rows: a value or several, a term with its levels and no other's, days as text."""
    terms = ["training", "training[0-11]", "training_field[law]", "sex"]
    estimate = made(table=[{**ROW, "term": term, "time": 12 * k, "date": "2025-06-30"} for k, term in enumerate(terms)])
    assert list(estimate.pick(term="training").table["term"]) == ["training", "training[0-11]"]
    assert list(estimate.pick(term="training[0-11]").table["term"]) == ["training[0-11]"]
    assert list(pick(estimate.table, time=[0, 36], estimand="risk")["term"]) == ["training", "sex"]
    assert len(estimate.pick(date="2025-06-30").table) == 4 and estimate.pick(date="2025-06-29").table.empty
    assert estimate.pick(estimand="heads").table.empty and len(estimate.table) == 4
    with pytest.raises(EffectsError, match="no column 'terms'.*estimand"):
        estimate.pick(terms="sex")


def test_naming_gives_a_new_result():
    """Marking a run leaves the first result as it was."""
    estimate = made()
    assert set(estimate.named("adjusted").table["run"]) == {"adjusted"} and set(estimate.table["run"]) == {""}


def test_joined_results_keep_rows_notes_and_the_worst_status():
    """A figure of several results says all that must be read with any of them, each sentence once."""
    one, two = (
        made(notes=(WHY,), spec={"a": 1}),
        made(notes=(WHY, Message("missing")), status="warned", spec={"a": 2, "b": 3}),
    )
    both = combine(one.named("first"), two.named("second"))
    assert list(both.table["run"]) == ["first", "second"] and both.notes == (WHY, Message("missing"))
    assert both.status == "warned" and both.spec == {"a": 1, "b": 3}
    empty = blocked([ROW], {}, WHY)
    assert combine(empty, empty).status == "blocked" and combine(one).status == "ok"
    mixed = combine(one, empty)
    assert mixed.status == "warned" and list(mixed.table["estimate"].notna()) == [True, False]


def test_every_estimand_may_be_given():
    """The closed list of estimands is the one that rows are checked against."""
    assert len(made(table=[{"estimand": one, "estimate": 0.5} for one in ESTIMANDS]).table) == len(ESTIMANDS)


def test_a_result_shows_itself_in_both_languages(monkeypatch):
    """In a notebook a result is its rows, then what must be read with them."""
    estimate = made({**ROW, "estimand": "hazard_ratio"}, notes=(WHY,), table=[{**ROW, "estimand": "hazard_ratio"}])
    for lang in LANGUAGES:
        monkeypatch.setenv("ANALYSIS_LANG", lang)
        assert WHY.say(lang) in estimate._repr_html_()
    assert set(estimate.to_frame()["status"]) == {"ok"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_result_is_exported_with_all_that_must_be_read_with_it(tmp_path, monkeypatch, lang, ending):
    """Who gets the file alone knows its status, its units and its notes, in the language spoken."""
    monkeypatch.setenv("ANALYSIS_LANG", lang)
    rows = [{**ROW, "date": "2025-06-30"}, {"estimand": "heads", "term": "gained_a_month", "estimate": 2.5}]
    estimate = made(table=rows, notes=(WHY, Message("missing")), status="warned")
    path = estimate.export(tmp_path / f"effect.{ending}")
    back = pd.read_csv(path, parse_dates=["date"]) if ending == "csv" else pd.read_excel(path)
    assert list(back) == [*COLUMNS, "status", "unit", "notes"]
    assert set(back["status"]) == {"warned"} and set(back["notes"]) == {
        f"{WHY.say(lang)} {Message('missing').say(lang)}"
    }
    assert list(back["unit"]) == {"en": ["share", "people a month"], "vi": ["tỷ lệ", "người mỗi tháng"]}[lang]
    assert list(back["estimate"]) == [0.4, 2.5] and back.loc[0, "date"] == pd.Timestamp("2025-06-30")


def test_every_estimand_has_a_unit_in_each_language(tmp_path):
    """A number without its unit is read as another: no code of a unit ever stands in an exported table."""
    table = pd.read_csv(made(table=[{"estimand": one} for one in ESTIMANDS]).export(tmp_path / "all.csv"))
    assert table["unit"].notna().all() and not table["unit"].str.contains(r"\[").any()


def test_a_result_without_rows_is_exported_with_its_reason(tmp_path):
    """What could not be estimated is not an empty file: its status and its notes are there."""
    table = pd.read_csv(blocked([], {}, WHY).export(tmp_path / "none.csv"))
    assert list(table["status"]) == ["blocked"] and list(table["notes"]) == [WHY.say()]


def test_an_export_refuses_what_it_cannot_write(tmp_path):
    """An ending or a folder that is not there is named, and nothing is written."""
    with pytest.raises(EffectsError, match="effect.parquet"):
        made().export(tmp_path / "effect.parquet")
    with pytest.raises(EffectsError, match="nowhere"):
        made().export(tmp_path / "nowhere" / "effect.csv")
    assert not list(tmp_path.iterdir())


def test_an_export_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    """A file is replaced whole or not at all, and nothing half-written is left beside it."""
    path = made().export(tmp_path / "effect.csv")
    before = path.read_text()

    def fail(self, place, **asked):
        place.write_text("half")
        raise OSError("full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OSError, match="full"):
        made({**ROW, "estimate": 0.45}, table=[{**ROW, "estimate": 0.45}]).export(path)
    assert path.read_text() == before and list(tmp_path.iterdir()) == [path]


def test_workbooks_are_loaded_only_when_asked_for():
    """A third of a second of every start is not spent on who exports no workbook."""
    code = "import sys, analysis.estimate, analysis.effects, analysis.targets; sys.exit('openpyxl' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
