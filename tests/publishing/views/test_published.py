"""Published answers beside ours: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pytest
from shown_rows import cases_of, check_drawing, check_words, missed, published, said

from analysis.effects.validation import compare
from analysis.publishing.views import published as views
from analysis.words import speaking


@pytest.mark.parametrize("case", cases_of("published"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("published", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


@pytest.mark.parametrize(("lang", "word"), [("vi", "Lệch: hệ số"), ("en", "Missed: coefficient")])
def test_a_miss_is_said(lang, word):
    """In the answer, the table and the figure."""
    words = said("validated missed", lang)
    assert words["status"] == "missed" and word in words["html"]
    with speaking(lang):
        table = views.table.say(missed())["html"]
    assert f">{'không' if lang == 'vi' else 'no'}<" in table and table.count("<tr>") == 11
    assert said("against missed", lang)["title"].startswith("9 ")


@pytest.mark.parametrize(("lang", "number"), [("vi", "−0,03044"), ("en", "−0.03044")])
def test_numbers_are_as_printed(lang, number):
    """A published number keeps its printed decimals, ours shows a difference as small as the tolerance."""
    words = said("published", lang)
    assert number in words["html"] and "McNulty" in words["note"]
    assert said("validated unplanted", lang)["status"] == "met"


def test_all_numbers_stand_behind_the_figure():
    """The figure shows headline numbers; its data table holds every one, by case."""
    words = said("against", "en")
    assert words["table_html"].count("<tr>") == 1 + len(published("promotion", "salespeople")) // 2
    assert words["alt"].count("→") < words["table_html"].count("<tr>")


def test_a_missed_answer_warns():
    """The tolerance set beforehand decides, an answer's own before its case's; a number that was not computed stops."""
    entry = {"tolerance": 0.1, "answers": {"a": {"value": 1}, "b": {"value": 2, "tolerance": 1}}}
    table = compare({"a": 1.2, "b": 2.9, "extra": 0}, entry)
    assert table["within"].tolist() == [False, True] and table["difference"].tolist() == pytest.approx([0.2, 0.9])
    with pytest.raises(KeyError):
        compare({"a": 1.0}, entry)
