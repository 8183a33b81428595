"""Rows laid out for display: one row a thing, one column a term."""

from __future__ import annotations

import pandas as pd

from analysis.words import label


def heads_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Lay `heads` rows out as one row a target and day, one column a term."""
    heads = rows[rows["estimand"] == "heads"]
    return heads.pivot_table(index=["outcome", "date"], columns="term", values="estimate", dropna=False).astype(
        "float64"
    )


def name_of(row: pd.Series, lang: str) -> str:
    """Name a row by its term, and by its run where that tells it from another."""
    return label(row["term"], lang) + (f" ({label(row['run'], lang, 'runs')})" if row["run"] else "")


def source_line(lang: str, n: float | None = None) -> str:
    """Say where the numbers come from."""
    return (
        "Nguồn: hồ sơ cán bộ, tính toàn bộ thành viên."
        if lang == "vi"
        else "Source: personnel registry, all members counted."
    )


def wrap(text: str, tight: bool) -> str:
    """Break a long label in two where room is tight."""
    if not tight or len(text) < 16:
        return text
    cut = text.rfind(" ", 0, len(text) // 2 + 4)
    return text[:cut] + "\n" + text[cut + 1 :]
