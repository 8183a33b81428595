"""Every message is said in every language, from a translation that says the same."""

from __future__ import annotations

import re
import string

import pytest

from analysis.translate import find_messages
from analysis.words import LANGUAGES, translations

OTHERS = [lang for lang in LANGUAGES if lang != "en"]


def fields(template: str) -> set[tuple[str, str]]:
    """Names and formats of what a template leaves open."""
    parts = string.Formatter().parse(template)
    return {(name, f"{form}!{turn}") for _, name, form, turn in parts if name is not None}


@pytest.fixture(scope="module")
def messages() -> set[str]:
    return find_messages()


@pytest.mark.parametrize("lang", OTHERS)
def test_every_message_has_its_words(messages, lang):
    """A sentence without a translation would stand in English on a page in another language."""
    words = translations(lang)
    assert sorted(text for text in messages if not words.get(text)) == []


@pytest.mark.parametrize("lang", OTHERS)
def test_no_words_are_kept_for_what_is_said_no_more(messages, lang):
    """A translation nobody asks for hides that its message was renamed: `make messages` leaves it out."""
    assert sorted(set(translations(lang)) - messages) == []


@pytest.mark.parametrize("lang", OTHERS)
def test_both_sides_leave_the_same_open(lang):
    """A number missing from a translation, or written otherwise there, would say less or something else."""
    pairs = translations(lang).items()
    assert [text for text, words in pairs if words and fields(text) != fields(words)] == []


def test_vietnamese_is_written_as_the_state_writes_it():
    """Per cent without a space, and differences of shares in `điểm phần trăm`."""
    words = translations("vi").values()
    assert [one for one in words if re.search(r"[\d}]\s%|điểm\s%", one)] == []


def test_the_scan_finds_what_the_package_says(messages):
    """The scan reads calls of every kind: messages, errors, what the command line tells, columns of the contract."""
    said = {"no events", "opaque identifier of one employee", "Runs and site removed.", "as_of {as_of!r} is not a day"}
    assert all(any(one in text for text in messages) for one in said)
