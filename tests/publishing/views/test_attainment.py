"""Where each target stands: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pandas as pd
import pytest
import shown_rows
from shown_rows import DAY, attainment, cases_of, check_drawing, check_words, day_rows, said, shrank

from analysis import project
from analysis.estimate import Estimate
from analysis.publishing.gate.disclosure import protect
from analysis.publishing.gate.payload import STATUSES
from analysis.publishing.views.attainment import answer, bullets, definitions, readings_table, steps
from analysis.words import label, speaking


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
        (
            140,
            12,
            30,
            True,
            "pending",
            "about 28 of some 30 degrees not yet verified must hold",
            "khoảng 28 trong khoảng 30",
        ),
        (
            140,
            12,
            3,
            True,
            "pending",
            "no more than 2 of the degrees not yet verified may fail",
            "không quá 2 văn bằng không hợp lệ",
        ),
        (
            140,
            10,
            3,
            True,
            "pending",
            "on a condition: every degree not yet verified must hold",
            "đạt có điều kiện: mọi văn bằng",
        ),
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
    assert "T1" not in said("bullets nobody in one", "en")["alt"]


def test_the_title_of_the_figure_counts_as_the_answer_does():
    """Of two targets one has no members: both say how many of two are reached."""
    title, answered = said("bullets nobody in one", "en")["title"], said("target answer nobody in one", "en")["html"]
    assert title == "0 of 2 targets are reached" and "0 of 2 targets are reached" in answered


def test_a_target_is_missed_only_after_its_last_day():
    """The same heads half a year before: title and answer say what is needed still, and not that it was missed."""
    early = protect(Estimate(table=day_rows("T2", pd.Timestamp("2024-12-31"), 0), spec={"reading": None}))
    with speaking("en"):
        words = bullets.say(early), answer.say(early), bullets.say(attainment(["T2"]))
    assert words[0]["title"].endswith("8 more needed") and words[1]["status"] == "push"
    assert words[2]["title"].endswith("8 people short")


@pytest.mark.parametrize(("has", "status"), [(145, "met"), (144, "shrunk")])
def test_a_need_reached_before_the_group_shrank_is_simply_reached(has, status):
    """130 of 200 are enough where 150 of 300 had been in December: that there are fewer members has met nothing."""
    assert answer.say(shrank("T2", then=(300, has, 5, 0), now=(200, 120, 10, 0)))["status"] == status


def test_a_degree_in_doubt_is_in_doubt_by_degrees_held_though_its_holder_studies():
    """30 of 42 hold one, 14 of them unverified and studying: the headline is sure, the share by degrees is not."""
    rows = [
        row
        for row in day_rows("T1", DAY, 0, (42, 30, 12, 0))
        if row["term"] in ("has", "has_or_studying", "unverified")
    ]
    rows += [{**row, "run": "has", "estimate": row["estimate"] or 14} for row in rows if row["estimand"] == "heads"]
    with speaking("en"):
        html = definitions.say(protect(Estimate(table=rows, spec={"reading": None})))["html"]
    assert "100.0% ✓" in html and "71.4% (✓)" in html


def test_a_condition_never_says_none_of_some():
    """Ten more than needed count and about ten are not verified: how many may fail is said, not that 0 must hold."""
    with speaking("en"):
        html = answer.say(shrank(then=(300, 150, 5, 0), now=(300, 200, 20, 11)))["html"]
    assert "about 0" not in html and "may fail" in html


def test_the_page_takes_the_worst_status_of_its_targets():
    """Reached targets do not hide the one that is not."""
    words = said("target answer", "en")
    assert words["status"] == "missed"
    assert "0 of 4 targets are reached under the headline reading; met if degrees are verified: 1." in words["html"]
    assert said("bullets", "en")["title"] == "0 of 4 targets are reached; met if degrees are verified: 1"


def test_a_target_reached_by_a_smaller_group_is_not_reached_flatly():
    """30 of 42 after 29 of 47: title, status and sentence say the group shrank, what the need was, and the condition."""
    words = said("target answer shrank", "en")
    assert words["status"] == "shrunk_pending"
    assert "met because the group shrank, and on a condition: every degree not yet verified must hold." in words["html"]
    assert "With the 47 members of 31 December 2024, 33 would be needed." in words["html"]
    assert "On degrees held alone (27) it is not reached." in words["html"]
    assert said("bullets shrank", "vi")["title"].startswith("30 người được tính, cần 30 người: đạt do giảm mẫu số")
    assert label("shrunk_pending", "statuses") != "shrunk_pending"


def test_a_share_of_the_seats_assigned_is_shown_where_they_are_known(monkeypatch):
    """With 50 seats assigned 30 of 42 members are 60 percent of them; where nobody says how many, no row is there."""
    assert "assigned" not in said("readings table", "en")["html"]
    monkeypatch.setitem(project.reference("targets.yml")["targets"]["T1"], "seats", 50)
    with speaking("en"):
        html = readings_table.say(shrank())["html"]
    assert "of the 50 seats assigned" in html and "60.0%" in html


def test_steps_say_what_it_would_take():
    """Who could enrol, who must graduate, and when courses end, where there are enough people to say it."""
    assert (
        "36 of the 666 members who neither hold a degree nor study would have to enrol" in said("steps", "en")["html"]
    )
    assert (
        "past the expected end: 10; end within 12 months: 20; end later or not said: 25" in said("steps", "en")["html"]
    )
    assert "Too few members study" in said("steps few", "en")["html"]
    assert "that of" not in said("steps", "en")["html"] and "congress" in said("steps elected", "en")["html"]


def test_an_elected_group_is_never_said_to_hold_posts(monkeypatch):
    """Without a congress in events.yml, or before it, its members are elected all the same."""
    early = protect(Estimate(table=day_rows("T1", pd.Timestamp("2020-01-31"), 0), spec={"reading": None}))
    with speaking("en"):
        assert "mostly at elections" in steps.say(early)["html"] and "2020" not in steps.say(early)["html"]
        monkeypatch.delitem(project.reference("targets.yml")["targets"]["T1"], "congress")
        assert "mostly at elections" in steps.say(shrank())["html"]


@pytest.mark.parametrize("parts", [(12, 20, 3), (12, 20, 0), (3, 1, 40)])
def test_a_hidden_part_of_the_students_is_not_told_by_the_others(parts):
    """How many study is exact: with one part hidden the others leave it to be solved, so none of them leaves."""
    kept = steps.keep(shown_rows.courses(*parts))
    assert not kept["term"].str.startswith("ends[").any()
    with speaking("en"):
        assert "Too few members study" in steps.say(kept)["html"]


def test_the_hidden_are_called_few():
    """A hidden cell is the word for few in the reader's language, never blank and never 0."""
    table = said("readings table", "vi")["html"]
    assert "ẩn (dưới 10 người)" in table and "hidden (under 10 people)" not in table
    assert "not assessable" in said("readings table nobody", "en")["html"]


def test_heads_and_goals_are_written_as_they_are():
    """The bullets' alternative text says members, degrees, students and need; the grid says who reaches the line."""
    assert "T2: 121 with a degree and 21 studying of 300 members, 150 needed" in said("bullets", "en")["alt"]
    assert "75,0% ✓" in said("definitions", "vi")["html"] and "47,3% ✗" in said("definitions", "vi")["html"]
    with speaking("en"):
        html = definitions.say(shrank())["html"]
    assert "71.4% (✓)" in html and "61.7% ✗" in html, "three degrees not yet verified make the mark conditional"
    assert "not_seconded" not in said("definitions", "en")["html"], "several targets: only the whole groups"
