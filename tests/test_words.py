"""Numbers, dates and labels as the readers of each language write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text import Text, user_language
from analysis.words import THIN, day, interval, label, number, percent, signed


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [(1234.5, 1, "1.234,5", "1,234.5"), (1234567, 0, "1.234.567", "1,234,567"), (0.5, 2, "0,50", "0.50"),
     (-3, 0, "−3", "−3"), (-0.0, 0, "0", "0"), (-0.4, 0, "0", "0"), (-0.004, 2, "0,00", "0.00"),
     (None, 0, "", ""), (float("nan"), 2, "", ""), (pd.NA, 0, "", ""), (np.int64(12), 0, "12", "12")],
)  # fmt: skip
def test_numbers_have_the_reader_s_marks(value, digits, vi, en):
    """Comma and point change places between the languages, zero has no sign, and what is missing is empty."""
    assert (number(value, "vi", digits), number(value, "en", digits)) == (vi, en)


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_number_reads_back(value, digits):
    """Whatever is written is the rounded value, in both languages."""
    for lang, marks in (("vi", str.maketrans(".,−", " .-")), ("en", str.maketrans(",−", " -"))):
        assert float(number(value, lang, digits).translate(marks).replace(" ", "")) == float(f"{value:.{digits}f}")


def test_percent_is_only_made_here():
    """A share of 0 to 1 becomes a percentage, with the thin space that Vietnamese writes before the sign."""
    assert percent(0.4734, "vi") == f"47,3{THIN}%" and percent(0.4734, "en") == "47.3%"
    assert percent(None, "vi") == percent(float("nan"), "en") == ""
    assert percent(0.7, "en", 0) == "70%" and percent(-0.00001, "en") == "0.0%"


@pytest.mark.parametrize("value", ["2025-06-03", pd.Timestamp("2025-06-03"), np.datetime64("2025-06-03")])
def test_days_are_never_ambiguous(value):
    """The third of June is not the sixth of March: day first in Vietnamese, the month in words in English."""
    assert day(value, "vi") == "03/06/2025" and day(value, "en") == "3 June 2025"


def test_a_missing_day_is_empty():
    """No date is no date, not the epoch."""
    assert day(None, "vi") == day(pd.NaT, "en") == ""


def test_changes_carry_their_sign_and_none_for_zero():
    """A gain is marked, a loss has the real minus, and nothing has no sign."""
    assert [signed(value, "en") for value in (5, -5, 0, float("nan"))] == ["+5", "−5", "0", ""]
    assert [signed(value, "vi", 1) for value in (0.04, -0.04)] == ["0,0", "0,0"]


def test_intervals_are_words():
    """An interval is read aloud in each language."""
    row = pd.Series({"conf_low": 1.234, "conf_high": 2.5})
    assert interval(row, "vi") == "từ 1,23 đến 2,50" and interval(row, "en") == "1.23 to 2.50"


def test_labels_come_from_the_word_lists():
    """A code is never shown where there is a word for it; an unknown code shows as it is."""
    assert label("has", "vi") == "đã có bằng" and label("ethnicity[khmer]", "vi") == label("khmer", "vi", "ethnicity")
    assert label("xyz", "vi") == "xyz" and label("a[b]", "en") == "a[b]" and label(None, "en") == "None"


@pytest.mark.parametrize(
    ("env", "lang"),
    [({"ANALYSIS_LANG": "vi", "LC_ALL": "en_US.UTF-8"}, "vi"), ({"LC_ALL": "vi_VN.UTF-8"}, "vi"), ({"LANG": "vi_VN"}, "vi"),
     ({"ANALYSIS_LANG": "fr", "LC_ALL": "C.UTF-8"}, "en")],
)  # fmt: skip
def test_messages_are_in_the_user_s_language(env, lang, monkeypatch):
    """What was asked for wins over the locale, and an unknown language falls back to it."""
    for name in ("ANALYSIS_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert user_language() == lang and Text("a", "b").say() == {"en": "a", "vi": "b"}[lang]
