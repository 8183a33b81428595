"""The glossary, GLOSSARY.md, written from reference data: `python -m analysis.publishing.pages.glossary`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis import project

TERMS = "glossary.yml"
INTRODUCTION = """# Glossary · Thuật ngữ

<!-- Written by `python -m analysis.publishing.pages.glossary` from data/reference/glossary.yml. Do not edit. -->

The words that pages, figures, notebooks and documents use, one form a language, sorted by the English one.

Các từ dùng trong trang, hình, notebook và tài liệu, mỗi khái niệm một cách gọi, xếp theo từ tiếng Anh.

| English | Tiếng Việt |
|---|---|
"""
NOT = {"en": "Not", "vi": "Không dùng"}


def write_glossary() -> str:
    """Give the text of GLOSSARY.md: a row a term, in alphabetical order of the English words."""
    terms: Mapping[str, Mapping[str, Any]] = project.reference(TERMS)
    ordered = sorted(terms.items(), key=lambda item: item[1]["en"].casefold())
    return INTRODUCTION + "".join(f"{_row(key, term)}\n" for key, term in ordered)


def _row(key: str, term: Mapping[str, Any]) -> str:
    source = f"<br>*Source: {term['source']}*" if "source" in term else ""
    return f'| <a id="{key}"></a>{_cell(term, "en")}{source} | {_cell(term, "vi")} |'


def _cell(term: Mapping[str, Any], lang: str) -> str:
    avoided = term.get("avoid", {}).get(lang, [])
    not_these = f"<br>*{NOT[lang]}: {', '.join(avoided)}*" if avoided else ""
    return f"**{term[lang]}**<br>{term['definition'][lang]}{not_these}"


def main() -> Path:
    """Write GLOSSARY.md."""
    path = project.root() / "GLOSSARY.md"
    path.write_text(write_glossary(), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
