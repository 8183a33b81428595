"""Counts of people by group and term, as the pages of the placement write them."""

from __future__ import annotations

import pandas as pd

from analysis.publishing.drawing.tables import pick
from analysis.publishing.drawing.view import Rows, absent
from analysis.words import Message, label, number

SOURCE = Message("Source: registry; people counted, nobody estimated. Small counts are hidden.")


def named(code: str) -> str:
    """Give the word of a term of these views."""
    return label(code, "placement")


def _count(row: pd.Series | None) -> str:
    return absent(row) if row is None or pd.isna(row["estimate"]) else number(row["estimate"])


def write_heads(rows: Rows, group: str, *terms: str) -> list[str]:
    """Write the heads of some terms of a group, or why there is none."""
    mine = pick(rows, population=group, estimand="heads").drop_duplicates("term").set_index("term")
    return [_count(mine.loc[term] if term in mine.index else None) for term in terms]


def groups_of(rows: Rows, *first: str) -> list[str]:
    """List the groups of the rows, those named first."""
    others = [one for one in dict.fromkeys(rows["population"]) if one not in first]
    return [one for one in first if one in set(rows["population"])] + others
