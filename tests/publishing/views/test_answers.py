"""The sentences of a page: right for every status, in one language only."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import shown_rows
from shown_rows import ENGLISH, GROUPS, LETTERS, attainment, ratios
from shown_rows import trial_rows as trials

from analysis import effects
from analysis.effects.checks.verdict import list_checks
from analysis.estimate import blocked
from analysis.publishing.gate.payload import STATUSES
from analysis.publishing.views import answers as sentences
from analysis.publishing.views import tables
from analysis.publishing.views import trial_words as sentences_trials
from analysis.registry.findings import found
from analysis.text import Text


def with_group(monkeypatch, **group):
    monkeypatch.setitem(shown_rows.GROUPS, "T2", tuple(group.values()))
    return attainment(["T2"])


@pytest.mark.parametrize(
    ("has", "studying", "unverified", "final", "status", "en", "vi"),
    [
        (180, 20, 0, True, "met", "reached.", "đạt."),
        (140, 12, 30, True, "pending", "reached if degrees not yet verified hold", "đạt nếu văn bằng chưa xác minh"),
        (100, 20, 0, True, "missed", "30 people short", "thiếu 30 người"),
        (129, 20, 0, True, "missed", "1 person short", "thiếu 1 người"),
        (100, 20, 0, False, "push", "30 more needed", "cần thêm 30 người"),
    ],
)
def test_each_status_has_its_words(monkeypatch, has, studying, unverified, final, status, en, vi):
    """The word of the page, the sentence and the rows say the same thing."""
    rows = with_group(monkeypatch, members=300, has=has, studying=studying, unverified=unverified)
    for lang, words in (("en", en), ("vi", vi)):
        said = sentences.target_answer(rows, lang, final=final)
        assert said["status"] == status and words in said["html"] and status in STATUSES


def test_no_members_is_no_answer():
    """Empty groups are not assessable: no zero, no `nan`, and no claim for the groups beside them."""
    for lang in ("vi", "en"):
        alone = sentences.target_answer(attainment([], nobody=["T1"]), lang, final=True)
        assert alone["status"] == "not_assessable" and "nan" not in alone["html"]
        both = sentences.target_answer(attainment(["T2"], nobody=["T1"]), lang, final=True)
        assert both["status"] == "not_assessable" and "nan" not in both["html"]
        assert "nan" not in sentences.bounds_html(attainment(["T2"], nobody=["T1"]), lang)


def test_the_page_takes_the_worst_status_of_its_targets():
    """Three reached targets do not hide the one that is not."""
    answer = sentences.target_answer(attainment(), "en", final=True)
    assert answer["status"] == "missed" and "of 4 targets are reached" in answer["html"]


def test_the_registry_says_how_many_rules_are_broken():
    """Errors and warnings are told apart, and invented people are called so."""
    nothing = pd.DataFrame()
    said = [
        sentences.registry_answer(nothing, "en", errors=errors, warnings=2, synthetic=True)["html"] for errors in (0, 3)
    ]
    assert "2 warnings" in said[0] and "breaks 3 rules" in said[1] and all("invented" in one for one in said)


FINDING = found(
    "warning", "people", "r", Text("odd <days>", "ngày <lạ>"), Text("Fix.", "Hãy sửa."), column="birth_date", rows=[3]
)
NOT_MADE = list_checks(blocked([], {"verdict": "not_assessable"}, Text("why", "vì sao")))
SAID = {
    "target_answer": lambda lang: sentences.target_answer(attainment(), lang, final=True)["html"],
    "target_open": lambda lang: sentences.target_answer(attainment(), lang, final=False)["html"],
    "target_empty": lambda lang: sentences.target_answer(attainment(["T2"], nobody=["T1"]), lang, final=False)["html"],
    "bounds": lambda lang: sentences.bounds_html(attainment(), lang),
    "trials": lambda lang: sentences_trials.trial_answer(trials(), lang, verdict="suggestive", primary=36)["html"],
    "trials_reading": lambda lang: sentences_trials.trial_reading(trials(), lang, primary=36),
    "trials_hidden_cause": lambda lang: sentences_trials.hidden_cause(trials(), lang, primary=36),
    "trials_table": lambda lang: " ".join(sentences_trials.risk_table(trials(), lang).values()),
    "trials_protocol": lambda lang: sentences_trials.protocol_html(trials(), lang, protocol=effects.trial_protocol()),
    "checks": lambda lang: sentences_trials.checks_html(trials(), lang, checks=NOT_MADE),
    "checks_answer": lambda lang: sentences_trials.checks_answer(trials(), lang, verdict="suggestive", checks=NOT_MADE)[
        "html"
    ],
    "registry": lambda lang: sentences.registry_answer(None, lang, errors=0, warnings=1, synthetic=True)["html"],
    "registry_bad": lambda lang: sentences.registry_answer(None, lang, errors=2, warnings=1, synthetic=False)["html"],
    "findings_none": lambda lang: sentences.findings_html(None, lang, findings=[]),
    "heads": lambda lang: " ".join(tables.heads_table(attainment(), lang).values()),
    "readings": lambda lang: " ".join(tables.readings_table(attainment(), lang).values()),
    "hazards": lambda lang: " ".join(tables.hazard_table(ratios(["training[24+]"]), lang).values()),
    "rows": lambda lang: tables.rows_html(attainment(), lang),
}


@pytest.mark.parametrize("name", SAID)
def test_each_language_is_pure(name):
    """A Vietnamese page holds no English sentence and an English page no Vietnamese letter, numbers and marks included."""
    text = {lang: re.sub(r"<[^>]+>|\bclass\b", " ", SAID[name](lang)) for lang in ("vi", "en")}
    assert not re.search(ENGLISH, text["vi"], re.IGNORECASE), text["vi"]
    assert not re.search(LETTERS, text["en"], re.IGNORECASE), text["en"]
    assert "nan" not in text["vi"].split() and "None" not in text["en"]


def test_findings_are_escaped_and_hold_no_rows():
    """A strange value in the source is text on the page, and no row number or value of a person is there."""
    html = sentences.findings_html(None, "en", findings=[FINDING])
    assert "odd &lt;days&gt;" in html and "3" not in html


def test_the_hidden_are_called_few():
    """A hidden cell is the word for few in the reader's language, never blank and never 0."""
    table = tables.readings_table(attainment(), "vi")["html"]
    assert "‹ít›" in table and "‹few›" not in table
    assert list(GROUPS) == ["T1", "T2", "T3", "T4"]
