"""Where each target stands: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
import shown_rows
from shown_rows import attainment, cases_of, check_drawing, check_words, said

from analysis.publishing.gate.payload import STATUSES
from analysis.publishing.views.attainment import answer
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("attainment"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("attainment", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


@pytest.mark.parametrize(
    ("has", "studying", "unverified", "final", "status", "en", "vi"),
    [
        (180, 20, 0, True, "met", "reached.", "đạt."),
        (140, 12, 30, True, "pending", "reached if degrees not yet verified hold", "đạt, với điều kiện"),
        (100, 20, 0, True, "missed", "30 people short", "còn thiếu 30 người"),
        (129, 20, 0, True, "missed", "1 person short", "còn thiếu 1 người"),
        (100, 20, 0, False, "push", "30 more needed", "còn thiếu 30 người"),
    ],
)
def test_each_status_has_its_words(monkeypatch, has, studying, unverified, final, status, en, vi):
    """The word of the page, the sentence and the rows say the same thing."""
    monkeypatch.setitem(shown_rows.GROUPS, "T2", (300, has, studying, unverified))
    rows = attainment(["T2"])
    for lang, words in (("en", en), ("vi", vi)):
        with speaking(lang):
            said_now = answer.say(rows, final=final)
        assert said_now["status"] == status and words in said_now["html"] and status in STATUSES


def test_no_members_is_no_answer():
    """Empty groups are not assessable: no zero, and no claim for the groups beside them."""
    for name in ("target answer nobody", "target answer nobody in one"):
        assert said(name, "en")["status"] == "not_assessable"
    assert "T1" not in said("bounds nobody in one", "en")["html"]
    assert "T1" not in said("bullets nobody in one", "en")["alt"]


def test_the_page_takes_the_worst_status_of_its_targets():
    """Reached targets do not hide the one that is not."""
    words = said("target answer", "en")
    assert words["status"] == "missed" and "1 of 4 targets are reached" in words["html"]


def test_the_hidden_are_called_few():
    """A hidden cell is the word for few in the reader's language, never blank and never 0."""
    table = said("readings table", "vi")["html"]
    assert "ẩn (dưới 10 người)" in table and "hidden (under 10 people)" not in table
    assert "not assessable" in said("readings table nobody", "en")["html"]


def test_heads_and_goals_are_written_as_they_are():
    """The bullets' alternative text says members, degrees, students and need; the grid says who reaches the line."""
    assert "T2: 121 with a degree and 21 studying of 300 members, 150 needed" in said("bullets", "en")["alt"]
    assert "75,0% ✓" in said("definitions", "vi")["html"] and "47,3% ✗" in said("definitions", "vi")["html"]
    assert "not_seconded" not in said("definitions", "en")["html"], "several targets: only the whole groups"
