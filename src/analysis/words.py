"""A message is an English template with its values; words, numbers and days are written when it is said."""

from __future__ import annotations

import contextlib
import functools
import locale
import os
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.project import reference

LANGUAGES = ("vi", "en")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
FOLDER = Path(__file__).resolve().parents[2] / "locale"
_spoken: ContextVar[str | None] = ContextVar("language", default=None)


def user_language() -> str:
    """Language of messages: ANALYSIS_LANG, else the locale's, else English."""
    asked = os.environ.get("ANALYSIS_LANG", "")
    if asked in LANGUAGES:
        return asked
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    return "vi" if name.lower().startswith("vi") else "en"


def language() -> str:
    """Give the language that is spoken here and now: that of the page being made, else the user's."""
    return _spoken.get() or user_language()


@contextlib.contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak one language for a while: all that is said inside is said in it."""
    before = _spoken.set(lang)
    try:
        yield
    finally:
        _spoken.reset(before)


class Message:
    """A sentence yet to be said: `template` in English, with fields like `{share:percent.1}`, and their values.

    Fields are written by the functions of this module (`number.2`, `percent`, `points`, `signed.1`, `day`,
    `label.training_kind`); a field without one is said as it is. The other languages stand in `locale/`, by template.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: Any):
        self.template, self.values = template, values

    def say(self, lang: str | None = None) -> str:
        """Give the words in `lang`, by default the language spoken here."""
        with speaking(lang or language()):
            template = translations(language()).get(self.template, self.template)
            return _WRITER.vformat(template, (), self.values)

    __str__ = say

    def __repr__(self) -> str:
        return f"Message({self.template!r}, **{self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and pack(self) == pack(other)

    def __hash__(self) -> int:
        return hash((self.template, repr(self.values)))


def say(template: str, /, **values: Any) -> str:
    """Say a message at once."""
    return Message(template, **values).say()


class _Writer(string.Formatter):
    """Writes the fields of a template: `number.2` calls `number(value, 2)`, no format says the value as it is."""

    def format_field(self, value: Any, spec: str) -> str:
        name, _, more = spec.partition(".")
        if name in WAYS:
            details = [int(more) if more.isdigit() else more] if more else []
            return WAYS[name](value, *details)
        if not spec and isinstance(value, list | tuple):
            return " ".join(map(str, value)) if all(isinstance(one, Message) for one in value) else str(list(value))
        return format(value, spec)


_WRITER = _Writer()


@functools.cache
def translations(lang: str) -> Mapping[str, str]:
    """Read the messages of a language: {English template: its words}."""
    if lang == "en":
        return {}
    from babel.messages.pofile import read_po

    with (FOLDER / f"{lang}.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=lang) if one.id and one.string}


def pack(value: Any) -> Any:
    """Turn messages and what is in them into what JSON holds."""
    if isinstance(value, Message):
        return {"say": value.template, "with": {name: pack(one) for name, one in value.values.items()}}  # noqa: PD011
    if isinstance(value, list | tuple):
        return [pack(one) for one in value]
    if isinstance(value, pd.Timestamp) or hasattr(value, "isoformat"):
        return {"day": f"{value:%Y-%m-%d}"}
    return value.item() if isinstance(value, np.generic) else value


def unpack(value: Any) -> Any:
    """Give back what `pack` packed."""
    if isinstance(value, Mapping):
        if "day" in value:
            return pd.Timestamp(value["day"])
        template, values = value["say"], value["with"]
        return Message(template, **{name: unpack(one) for name, one in values.items()})
    return [unpack(one) for one in value] if isinstance(value, list) else value


def label(code: object, listing: str = "terms") -> str:
    """Give the word for a code: from words.yml, the contract's labels, names of targets and events, else the code."""
    lists, labels = reference("words.yml"), reference("labels.yml")
    found = lists.get(listing, {}).get(code) or labels.get(listing, {}).get(code) or _name(code, listing)
    if found is None and listing == "terms" and "[" in str(code):
        name, level = str(code).rstrip("]").split("[", 1)
        found = labels.get(name, {}).get(level)
    return found[language()] if found else str(code)


def _name(code: object, listing: str) -> Mapping[str, str] | None:
    """Give the name of a target, a reading, a monitor, an event or a field where reference data have it."""
    if listing == "field":
        row = reference("fields.csv").get(code)
        return row and {"vi": row["name_vi"], "en": row["name_en"]}
    if listing == "events":
        return next((event for event in reference("events.yml") if event["id"] == code), None)
    return reference("targets.yml").get(listing, {}).get(code, {}).get("name")


def number(value: float, digits: int = 0) -> str:
    """Write a number with the reader's marks: 1.234,5 in Vietnamese, 1,234.5 in English; empty if missing."""
    if value is None or pd.isna(value):
        return ""
    text = f"{abs(value):,.{digits}f}"
    if language() == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"−{text}" if value < 0 and float(f"{value:.{digits}f}") else text


def percent(share: float, digits: int = 1) -> str:
    """Write a share as a percentage: `47,3%` in Vietnamese, `47.3%` in English."""
    return "" if share is None or pd.isna(share) else f"{number(100 * share, digits)}%"


def day(value: object) -> str:
    """Write a day: 30/06/2025 in Vietnamese, 30 June 2025 in English; empty if missing."""
    if value is None or pd.isna(value):
        return ""
    on = pd.Timestamp(value)
    return f"{on:%d/%m/%Y}" if language() == "vi" else f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def signed(value: float, digits: int = 0) -> str:
    """Write a change with its sign."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and float(f"{value:.{digits}f}") else text


def points(value: float, digits: int = 1) -> str:
    """Write a difference of shares in percentage points."""
    return say("{change} percentage points", change=signed(100 * value, digits))


def span(low: str, high: str) -> str:
    """Write an interval from its written ends: `từ 1,2 đến 1,9`, `1.2 to 1.9`."""
    return say("{low} to {high}", low=low, high=high)


def interval(row: pd.Series, digits: int = 2) -> str:
    """Write the interval of a row."""
    return span(number(row["conf_low"], digits), number(row["conf_high"], digits))


def labels(codes: Iterable, listing: str = "terms") -> str:
    """Write several codes as their words."""
    return ", ".join(label(code, listing) for code in codes)


def lines(values: Iterable) -> str:
    """Write several things below each other, indented."""
    return "".join(f"\n  {one}" for one in values)


WAYS: dict[str, Callable[..., str]] = {
    way.__name__: way for way in (number, percent, points, signed, day, label, labels, lines)
}
