"""Which of the study's questions a registry can answer, what is missing for each, and what is filled where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from scipy import stats

from analysis.estimate import Estimate
from analysis.project import reference
from analysis.registry.store import Registry
from analysis.results import entry, give

WHOLE, DOUBT = 0.9, 0.001  # share filled that answers a question; p-value under which blanks are not even
DATES = ("started", "awarded", "nominated")


def assess_readiness(reg: Registry) -> pd.DataFrame:
    """Say of each question of questions.yml whether `reg` can answer it, and what it lacks: one row a question.

    Columns: `question` (its code), `state` (`yes`, `partly` where something is filled in part, `no`) and `lacking`, the
    tables and columns that are not filled in nine rows of ten, as `posts.field`, with blanks between.

    >>> registry.assess_readiness(reg)["state"].isin(["yes", "partly", "no"]).all().item()
    True
    """
    rows = []
    for code, question in reference("questions.yml").items():
        shares = {
            name_of(need): filled(reg, need).mean() if reg.has(need["table"]) else 0.0 for need in question["needs"]
        }
        if question.get("leavers") and not reg.meta.get("leavers_included"):
            shares["leavers"] = 0.0
        lacking = [name for name, share in shares.items() if not share >= WHOLE]
        state = "yes" if not lacking else "partly" if all(share > 0 for share in shares.values()) else "no"
        rows.append({"question": code, "state": state, "lacking": " ".join(lacking)})
    return pd.DataFrame(rows)


def measure_coverage(reg: Registry) -> Estimate:
    """Measure how full the columns of `reg` are that questions need, by year, and whether blanks are spread evenly.

    Rows: `rate` (share of the rows with the value, of `n` people) a column in `term`, over all and by year of the row's
    first date (`population`), from the year on which `reg` covers; `test` that it is the same in all years (chi-squared
    of people by year; one person may be in several). Blanks that come and go with the years are not missing at random.

    >>> registry.measure_coverage(reg).pick(estimand="rate", population="ALL").table["term"].iloc[0]
    'training.field'
    """
    rows: list[dict[str, Any]] = []
    for need in columns_needed():
        if reg.has(need["table"]) and "person_id" in reg[need["table"]]:
            rows += _coverage(reg, need)
    return give({"method": "count", "date": reg.as_of}, rows, {"as_of": reg.as_of})


def columns_needed() -> Iterator[Mapping[str, Any]]:
    """Give each column that some question needs, once."""
    needs = [need for question in reference("questions.yml").values() for need in question["needs"] if "column" in need]
    yield from {name_of(need): need for need in needs}.values()


def name_of(need: Mapping[str, Any]) -> str:
    """Name a need by its table and column."""
    return need["table"] + ("." + need["column"] if "column" in need else "")


def filled(reg: Registry, need: Mapping[str, Any]) -> pd.Series:
    """Flag the rows of a need's table, `among` those that can be filled, that are; a table is filled if it has rows."""
    rows = reg[need["table"]]
    for column, values in need.get("among", {}).items():
        rows = rows[rows[column].isin(values)]
    if "column" not in need:
        return pd.Series([True] * bool(len(rows)), dtype="bool")
    cells = rows[need["column"]]
    return cells.notna()


def _coverage(reg: Registry, need: Mapping[str, Any]) -> list[dict[str, Any]]:
    flags = filled(reg, need)
    rows = reg[need["table"]].loc[flags.index]
    year = rows[next(name for name in DATES if name in rows)].dt.year
    frame = pd.DataFrame({"person": rows["person_id"], "year": year, "filled": flags})
    frame = frame[frame["year"] >= pd.Timestamp(str(reg.meta["covers_from"])).year]
    name = name_of(need)
    told = [_share(name, "ALL", frame), *(_share(name, str(int(one)), part) for one, part in frame.groupby("year"))]
    people = frame.groupby(["year", "person"])["filled"].max().groupby("year").agg(["sum", "size"])
    table = [people["sum"], people["size"] - people["sum"]]
    if len(people) > 1 and all(one.sum() > 0 for one in table):
        found = stats.chi2_contingency(table)
        told.append(entry("test", name, statistic=found.statistic, p_value=found.pvalue, n=frame["person"].nunique()))
    return told


def _share(name: str, population: str, rows: pd.DataFrame) -> dict[str, Any]:
    share = rows["filled"].mean() if len(rows) else None
    return entry("rate", name, share, population=population, n=rows["person"].nunique())
