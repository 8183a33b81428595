"""A sentence in both languages, and the language of the user."""

from __future__ import annotations

import locale
import os
from typing import NamedTuple

LANGUAGES = ("vi", "en")


class Text(NamedTuple):
    """The same words in English and Vietnamese."""

    en: str
    vi: str

    def say(self, lang: str | None = None) -> str:
        """Give the words in `lang`, by default the user's language."""
        return self.vi if (lang or user_language()) == "vi" else self.en


def user_language() -> str:
    """Language of messages: ANALYSIS_LANG, else the locale's, else English."""
    asked = os.environ.get("ANALYSIS_LANG", "")
    if asked in LANGUAGES:
        return asked
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    return "vi" if name.lower().startswith("vi") else "en"
