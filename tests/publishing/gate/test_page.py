"""The gate is safe by construction: a view gets protected rows and choices, and nothing else reaches a page."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest
from official import DAY, bridge, census

from analysis import effects
from analysis.errors import PublishingError
from analysis.estimate import Estimate
from analysis.project import reference
from analysis.publishing import views
from analysis.publishing.gate import page as gate
from analysis.publishing.gate.disclosure import limits
from analysis.publishing.gate.page import Page
from analysis.publishing.gate.payload import RECEIPT, pack_rows, unpack_rows
from analysis.publishing.pages.outputs import show_output
from analysis.registry.findings import found
from analysis.registry.store import Registry
from analysis.words import Message, speaking


@pytest.fixture
def shown(monkeypatch):
    """What the gate displays, kept; nothing is drawn for an explorer."""
    kept = []
    monkeypatch.setattr(gate, "display", lambda data, **_: kept.append(data))
    monkeypatch.setattr(gate, "_sketch", lambda *_: {})
    return kept


@pytest.fixture
def page(shown):
    reg = Registry(tables={}, meta={"synthetic": True, "name": "t"}, as_of=DAY)
    return Page(notebook="x", parameters={"data": "elsewhere", "as_of": "2025-06-30"}, reg=reg)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_payload_holds_only_what_is_protected(page, lang):
    """Title, caption, text alternative, data table, CSV and drawing of a figure are all made from protected rows."""
    group = census(1234, 777, 333, on_schedule=331, both=6, unverified=8)
    flows = bridge(1110, 900, 47, 61, (41, 3, 2, 53))
    page.show(views.attainment.readings, group)
    page.show(views.attainment.bullets, group)
    page.show(views.change.bridge, flows)
    page.show(views.attainment.readings_table, group)
    page.show(views.attainment.steps, group)
    secrets = {"1108", "1.108", "1,108", "331", "900", "47", "61", "0.123456"}
    with speaking(lang):
        for payload in page.payloads:
            said = {key: value for key, value in show_output(payload).items() if key != "images"}
            text = json.dumps([said, payload["rows"]], ensure_ascii=False)
            words = {
                word.strip('";:.()[]{}') for word in text.replace("<", " ").replace(">", " ").replace(",", " ").split()
            }
            assert not secrets & words, payload["name"]
    terms = set(page.rows[2]["term"])
    assert {"left", "merged"} <= terms and not {"enrolled", "entered", "dropped"} & terms
    assert "points" not in set(page.rows[2]["estimand"])


def test_a_figure_releases_only_the_rows_it_shows(page):
    """The history needs two readings a month: no other monthly series leaves in its rows or in the record."""
    page.show(views.change.history, census(100, 40, 30, on_schedule=15))
    assert set(page.rows[0]["term"]) == {"has", "has_or_studying"}
    assert "on_schedule" not in json.dumps(page.payloads[0]) and "unverified" not in json.dumps(page.payloads[0])


@pytest.mark.parametrize(
    "choice",
    [pd.DataFrame({"estimate": [0.5]}), Estimate(table=[], spec={}), Message("12 people"), {"a": 1}, [pd.NaT], object(), pd.Series([1])],
    ids=["frame", "estimate", "message", "mapping", "list of things", "object", "series"],
)  # fmt: skip
def test_no_result_reaches_a_view_as_a_choice(page, choice):
    """What a view could print beside its rows would be unprotected: choices are strings and numbers of the plan."""
    with pytest.raises(PublishingError, match="strings, numbers or lists"):
        page.show(views.attainment.answer, census(100, 40, 30), final=choice)
    assert not page.payloads and not page.rows


def test_a_frame_that_no_run_released_is_refused(page):
    """Rows of another run come through page.read(), as they were released; a frame made or changed in a notebook does not."""
    rows = census(100, 40, 30).table
    with pytest.raises(PublishingError, match=r"page\.read\(\)"):
        page.show(views.attainment.heads, rows)
    page.reads.append(rows.copy())
    page.show(views.attainment.heads, rows[rows["estimand"] == "heads"])
    with pytest.raises(PublishingError, match=r"page\.read\(\)"):
        page.show(views.attainment.steps, rows.assign(estimate=rows["estimate"] + 1))


def test_counts_of_people_are_protected_and_other_numbers_refused(page):
    """A frame of counts leaves with small counts emptied; a column of numbers that nobody named stops the page."""
    page.show(
        views.registry.staff,
        pd.DataFrame({"staff_kind": ["cadre", "public_employee", "civil_servant"], "people": [4, 100, 57]}),
    )
    assert page.payloads[0]["rows"]["columns"][1]["values"] == [None, 100.0, None]
    with pytest.raises(PublishingError, match="small"):
        page.show(views.registry.ethnicity, pd.DataFrame({"ethnicity": ["kinh"], "people": [100], "small": [3]}))


def test_planted_truth_leaves_from_a_synthetic_registry_only(page):
    """What was planted is exact and nobody's; in a registry of people there is none, and such rows are protected like all."""
    truth = effects.planted_differences({"risk_differences": {36: {"risk_difference": 0.02}}})
    page.show(views.validation.recovered, truth)
    assert page.rows[0]["estimate"].tolist() == [0.02]
    real = dataclasses.replace(page.reg, meta={**page.reg.meta, "synthetic": False})
    page.reg = real
    page.show(views.validation.recovered, truth, name="real")
    assert page.rows[1]["estimate"].isna().all()


def test_two_outputs_of_one_name_are_refused(page):
    """An anchor leads to one thing."""
    page.facts(reading="has")
    with pytest.raises(PublishingError, match="named 'facts'"):
        page.facts(reading="has")


def test_the_rule_is_told_as_it_is_applied(page, shown, monkeypatch):
    """The page states the limit in force, not one that was written lower than allowed."""
    rules = {**reference("disclosure.yml"), "min_cell": {"value": 3, "least": 7}}
    monkeypatch.setattr("analysis.reference.reference", lambda _: rules)
    assert limits()[0] == 7
    page.close()
    assert shown[-1][RECEIPT]["rule"]["with"]["least"] == 7


def test_notes_and_findings_carry_no_rows_of_people(page, tmp_path, monkeypatch):
    """The record's warnings say what is wrong, never which rows, which values or where the file lies."""
    finding = found("warning", "people", "r", Message("odd dates"), Message("Fix."), rows=[3, 4], seen="1990-01-02")
    page.reg = dataclasses.replace(page.reg, findings=(finding,))
    monkeypatch.setenv(gate.RUN_FOLDER, str(tmp_path))
    page.close(Message("A note."))
    record = (tmp_path / "page.json").read_text(encoding="utf-8")
    assert [note["say"] for note in json.loads(record)["notes"]] == ["A note.", "odd dates"]
    assert "1990" not in record and "elsewhere" not in record


def test_the_registry_is_loaded_before_anything_is_said_of_it(shown):
    """A page that was never told of which data it speaks has no record."""
    with pytest.raises(PublishingError, match=r"page\.load\(\)"):
        Page(notebook="x", parameters={}).close()


def test_published_and_planted_rows_have_the_columns_of_protected_ones(page):
    """Beside a protected result every flag stays a flag: as text, `False` would come back true."""
    truth = effects.planted_differences({"risk_differences": {36: {"risk_difference": 0.02}}})
    protected = Estimate(
        table=[
            {
                "method": "pooled_logistic",
                "estimand": "risk_difference",
                "term": "trained",
                "time": 36,
                "estimate": 0.01,
            }
        ],
        spec={},
    )
    page.show(views.validation.answer, protected, truth, "salespeople", primary=36)
    columns = {column["name"]: column["kind"] for column in page.payloads[0]["rows"]["columns"]}
    assert columns["suppressed"] == columns["computed"] == "flag" and columns["why"] == "text"
    back = unpack_rows(page.payloads[0]["rows"])
    assert back["computed"].all() and back["suppressed"].sum() == 1
    assert set(back.columns) == set(page.rows[0].columns) and not page.rows[0]["computed"].isna().any()


def test_a_flag_with_gaps_is_refused():
    """A column of yes, no and nothing has no kind under which it would come back as it was."""
    for gap in (None, "x"):
        with pytest.raises(PublishingError, match="computed"):
            pack_rows(pd.DataFrame({"computed": [True, False, gap]}, dtype="object"))
