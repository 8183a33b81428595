"""Rows -> words: labels from word lists, numbers and dates as the reader writes them, sentences from rows."""

from __future__ import annotations

import html

import pandas as pd

from analysis.project import reference
from analysis.text import Text

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
THIN = "\u202f"
NOTHING = Text(
    "Not assessable, or too few people: nothing can be shown.",
    "Không đánh giá được, hoặc quá ít người: không có gì nêu được.",
)


def label(code: object, lang: str, listing: str = "terms") -> str:
    """Give the word for a code: from words.yml, else from the contract's labels, else the code itself."""
    lists = reference("words.yml")
    found = lists.get(listing, {}).get(code) or reference("labels.yml").get(listing, {}).get(code)
    if found is None and listing == "terms" and "[" in str(code):
        name, level = str(code).rstrip("]").split("[", 1)
        found = reference("labels.yml").get(name, {}).get(level)
    return found[lang] if found else str(code)


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with the reader's marks: 1.234,5 in Vietnamese, 1,234.5 in English; empty if missing."""
    if value is None or pd.isna(value):
        return ""
    text = f"{abs(value):,.{digits}f}"
    if lang == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"−{text}" if value < 0 and float(f"{value:.{digits}f}") else text


def percent(share: float, lang: str, digits: int = 1) -> str:
    """Write a share as a percentage: `47,3 %` in Vietnamese, `47.3%` in English."""
    if share is None or pd.isna(share):
        return ""
    return number(100 * share, lang, digits) + (f"{THIN}%" if lang == "vi" else "%")


def day(value: object, lang: str) -> str:
    """Write a day: 30/06/2025 in Vietnamese, 30 June 2025 in English."""
    if pd.isna(value):
        return ""
    value = pd.Timestamp(value)
    return f"{value:%d/%m/%Y}" if lang == "vi" else f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def signed(value: float, lang: str, digits: int = 0) -> str:
    """Write a change with its sign."""
    text = number(value, lang, digits)
    return f"+{text}" if value > 0 and float(f"{value:.{digits}f}") else text


def interval(row: pd.Series, lang: str, digits: int = 2) -> str:
    """Write an interval in words: `từ 1,2 đến 1,9`, `1.2 to 1.9`."""
    low, high = number(row["conf_low"], lang, digits), number(row["conf_high"], lang, digits)
    return f"từ {low} đến {high}" if lang == "vi" else f"{low} to {high}"


def escape(text: object) -> str:
    """Escape text for HTML."""
    return html.escape(str(text))
