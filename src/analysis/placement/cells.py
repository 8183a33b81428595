"""Counts by cell, as rows of a result: what a course or office is about in `outcome`, whose it is in `population`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.results import entry, give
from analysis.words import Message

CELL = ["outcome", "population"]
Cuts = Sequence[tuple[str, str]]  # column of the outcome, column of the population; empty: all of them


def stack(frame: pd.DataFrame, cuts: Cuts) -> pd.DataFrame:
    """Lay a frame out once a cut, with its cell in `CELL`; rows without a value in the cut's column are left out."""
    parts = []
    for outcome, group in cuts:
        if {outcome, group} - {""} <= set(frame):
            part = frame[frame[group].notna()] if group else frame
            names = f"{group}[" + part[group].astype("str") + "]" if group else "ALL"
            parts.append(part.assign(outcome=part[outcome] if outcome else "ALL", population=names))
    return pd.concat(parts, ignore_index=True)


def melt(wide: pd.DataFrame, kinds: dict[str, str] | None = None) -> pd.DataFrame:
    """Turn a table by cell, with people in `n`, into rows: a term a column, of an estimand of `kinds` or heads."""
    rows = wide.reset_index().melt(id_vars=[*CELL, "n"], var_name="term", value_name="estimate")
    return rows.assign(estimand=[(kinds or {}).get(term, "heads") for term in rows["term"]])


def told(
    method: str, rows: pd.DataFrame, spec: dict[str, Any], notes: Iterable[Message] = (), details: Any = None
) -> Estimate:
    """Build a result of counts of one `method`; with notes of what is missing it is `warned`."""
    notes = tuple(notes)
    base = {"method": method, "interval": "none"}
    return give(base, rows.to_dict("records"), spec, notes, "warned" if notes else "ok", details)


def refuse(terms: Iterable[str], spec: dict[str, Any], reasons: Iterable[Message]) -> Estimate:
    """Build a result without numbers: a row a term, and why."""
    return give({"method": "count", "outcome": "ALL"}, [entry("heads", one) for one in terms], spec, reasons, "blocked")


def main_posts(reg: Registry) -> pd.DataFrame:
    """Give the posts neither held beside another nor acting, by person and day: the order of the file never matters."""
    posts = reg["posts"]
    own = posts[~posts["concurrent"] & posts["decision"].ne("acting")]
    return own.sort_values(["person_id", "started", "grade", "unit_id", "title"], ignore_index=True)


def holding(posts: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep the posts held at the end of a day, the last of each person."""
    return posts[(posts["started"] <= day) & ~(posts["ended"] <= day)].drop_duplicates("person_id", keep="last")


def absent(*names: str) -> Message:
    """Say which table is not there."""
    return Message("Not assessable: the registry has no {names:labels.tables}.", names=names)
