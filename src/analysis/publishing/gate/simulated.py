"""Disclosure limits of figures that no count gives: simulated futures, plans and the record of past projections."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.estimate import RESULTS

SIMULATED = ("stock_flow", "planning", "backtest")
NARROW = 2  # heads: an interval no wider would tell what single people are going to do
SURE = 0.01  # a probability is never shown as none or as certain
PEOPLE = ["n_exposed", "n_event", "n_effective"]
CASE = ["run", "outcome"]


def protect_simulated(table: pd.DataFrame, least: int, base: int, unit_id: str) -> pd.DataFrame:
    """Give simulated rows as they may leave, with the columns that `protect` adds; only those of the whole province do.

    Heads to come stay whole where the simulation is unsure by more than `NARROW` heads: what is sure months ahead is
    the retirement or graduation of somebody known. Who is eligible is a count of people like any other, and the curve
    by further enrolments stops at the rounded number of them, so that its end does not give it back.
    """
    table, asked = table.copy(), table[list(RESULTS)].notna().any(axis="columns")
    cases = table["method"].eq("backtest")  # its n counts past projections, not people
    eligible = _few_eligible(table, least)  # whether as few could do it is not told either
    few = (table["n"].lt(least) & ~cases) | eligible
    why = np.select([table["population"].ne(unit_id), few, _too_sure(table)], ["part", "few", "sure"], "")
    hidden = why != ""
    table = _round_eligible(table, base)
    table.loc[hidden, [*RESULTS, "n", *PEOPLE]] = np.nan
    chance, shown = (
        table["estimand"].eq("probability") & table["term"].ne("coverage"),
        ["estimate", "conf_low", "conf_high"],
    )
    table.loc[chance, shown] = table.loc[chance, shown].clip(SURE, 1 - SURE)
    table[shown] = table[shown].round(2)
    table.loc[cases, ["n", *PEOPLE]] = np.nan
    beyond = _beyond(table, base)
    shown = table.assign(why=why, suppressed=hidden, computed=asked | eligible, n_effective=np.nan)
    return shown[~beyond].reset_index(drop=True)


def _too_sure(table: pd.DataFrame) -> pd.Series:
    """Flag heads of a month whose outcome is all but known, and all of a last day that is; today's are official."""
    ahead = table["method"].eq("stock_flow")
    fan = ahead & table["estimand"].eq("heads") & table["term"].isin(["counted", "holding"])
    wide = table[fan & table["conf_level"].eq(0.8)]
    of_case = wide.groupby(CASE)["date"].transform
    later = wide["date"].gt(of_case("min")) | of_case("nunique").eq(1)
    sure = later & (wide["conf_high"] - wide["conf_low"]).lt(NARROW)
    ends = sure & wide["date"].eq(of_case("max"))
    return (fan & _among(table, wide[sure], [*CASE, "date"])) | (ahead & ~fan & _among(table, wide[ends], CASE))


def _among(table: pd.DataFrame, some: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Flag the rows whose keys some others have."""
    return pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(some[keys]))


def _few_eligible(table: pd.DataFrame, least: int) -> pd.Series:
    """Flag the count of eligible members where it is small, and what only they could bring."""
    stock = table[table["term"].eq("eligible")].set_index("outcome")["estimate"]
    small = table["outcome"].map(stock) < least
    what = table["term"].eq("eligible") | (table["term"].eq("met_with_extra") & table["n_exposed"].gt(0))
    what |= table["term"].eq("met[expected_gap]") | table["term"].str.startswith("extra[")
    return small & what


def _round_eligible(table: pd.DataFrame, base: int) -> pd.DataFrame:
    count = table["term"].eq("eligible")
    stock = table[count].set_index("outcome")["estimate"]
    table["n_effective"] = table["outcome"].map(stock).where(table["term"].eq("met_with_extra"))
    table.loc[count, "estimate"] = np.floor(table.loc[count, "estimate"] / base + 0.5) * base
    return table


def _beyond(table: pd.DataFrame, base: int) -> pd.Series:
    """Flag the end of a curve past the last multiple of the base that the eligible reach, and what is emptied of it."""
    curve = table["term"].eq("met_with_extra")
    over = table["n_exposed"] > np.floor(table["n_effective"] / base) * base
    return curve & (over | table["n_exposed"].isna())
