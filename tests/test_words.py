"""Numbers, dates and labels as the readers of each language write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.words import (
    LANGUAGES,
    Message,
    day,
    interval,
    label,
    language,
    number,
    pack,
    percent,
    points,
    say,
    signed,
    speaking,
    unpack,
)


def said(lang: str, write, *given, **more) -> str:
    """What a function of this room writes in one language."""
    with speaking(lang):
        return write(*given, **more)


@pytest.mark.parametrize(
    ("value", "digits", "vi", "en"),
    [(1234.5, 1, "1.234,5", "1,234.5"), (1234567, 0, "1.234.567", "1,234,567"), (0.5, 2, "0,50", "0.50"),
     (-3, 0, "−3", "−3"), (-0.0, 0, "0", "0"), (-0.4, 0, "0", "0"), (-0.004, 2, "0,00", "0.00"),
     (None, 0, "", ""), (float("nan"), 2, "", ""), (pd.NA, 0, "", ""), (np.int64(12), 0, "12", "12")],
)  # fmt: skip
def test_numbers_have_the_reader_s_marks(value, digits, vi, en):
    """Comma and point change places between the languages, zero has no sign, and what is missing is empty."""
    assert (said("vi", number, value, digits), said("en", number, value, digits)) == (vi, en)


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_number_reads_back(value, digits):
    """Whatever is written is the rounded value, in both languages."""
    for lang, marks in (("vi", str.maketrans(".,−", " .-")), ("en", str.maketrans(",−", " -"))):
        written = said(lang, number, value, digits).translate(marks).replace(" ", "")
        assert float(written) == float(f"{value:.{digits}f}")


def test_percent_is_only_made_here():
    """A share of 0 to 1 becomes a percentage, without a space before the sign, as the state writes it."""
    assert said("vi", percent, 0.4734) == "47,3%" and said("en", percent, 0.4734) == "47.3%"
    assert said("vi", percent, None) == said("en", percent, float("nan")) == ""
    assert said("en", percent, 0.7, 0) == "70%" and said("en", percent, -0.00001) == "0.0%"
    assert said("vi", points, 0.021) == "+2,1 điểm phần trăm" and said("en", points, -0.021) == "−2.1 percentage points"


@pytest.mark.parametrize("value", ["2025-06-03", pd.Timestamp("2025-06-03"), np.datetime64("2025-06-03")])
def test_days_are_never_ambiguous(value):
    """The third of June is not the sixth of March: day first in Vietnamese, the month in words in English."""
    assert said("vi", day, value) == "03/06/2025" and said("en", day, value) == "3 June 2025"


def test_a_missing_day_is_empty():
    """No date is no date, not the epoch."""
    assert said("vi", day, None) == said("en", day, pd.NaT) == ""


def test_changes_carry_their_sign_and_none_for_zero():
    """A gain is marked, a loss has the real minus, and nothing has no sign."""
    assert [said("en", signed, value) for value in (5, -5, 0, float("nan"))] == ["+5", "−5", "0", ""]
    assert [said("vi", signed, value, 1) for value in (0.04, -0.04)] == ["0,0", "0,0"]


def test_intervals_are_words():
    """An interval is read aloud in each language."""
    row = pd.Series({"conf_low": 1.234, "conf_high": 2.5})
    assert said("vi", interval, row) == "từ 1,23 đến 2,50" and said("en", interval, row) == "1.23 to 2.50"


def test_labels_come_from_the_word_lists():
    """A code is never shown where there is a word for it; an unknown code shows as it is."""
    with speaking("vi"):
        assert label("has") == "đã có bằng" and label("ethnicity[khmer]") == label("khmer", "ethnicity")
        assert label("xyz") == "xyz" and label("a[b]") == "a[b]" and label(None) == "None"


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
    assert language() == lang and say("missing") == {"en": "missing", "vi": "chưa có"}[lang]


def test_a_message_writes_its_values_when_it_is_said():
    """One message holds raw numbers, days, codes and messages; each language writes them its own way."""
    message = Message(
        "{what}: {share:percent.1}, {heads:number}, {gap:signed.1}, {on:day}, {kind:label.severities}; {parts}{rows:lines}",
        what=Message("missing"), share=0.473, heads=1234, gap=-0.26, on=pd.Timestamp("2025-06-03"), kind="error",
        parts=[Message("fresh"), Message("stale")], rows=[Message("missing")],
    )  # fmt: skip
    assert message.say("en") == "missing: 47.3%, 1,234, −0.3, 3 June 2025, error; fresh stale\n  missing"
    assert message.say("vi") == "chưa có: 47,3%, 1.234, −0,3, 03/06/2025, lỗi; mới cũ\n  chưa có"
    assert unpack(pack(message)) == message and hash(unpack(pack(message))) == hash(message)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_is_spoken_inside_only(lang):
    """Making a page in one language changes nothing for what is said after it, a fault on the way included."""
    before = language()
    with pytest.raises(ZeroDivisionError), speaking(lang):
        assert language() == lang and Message("fresh").say() == Message("fresh").say(lang)
        raise ZeroDivisionError
    assert language() == before
