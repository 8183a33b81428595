"""Disclosure limits: what is too small is emptied, the rest rounded, official figures of the province exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..estimate import RESULTS, Estimate
from ..project import reference

COUNTS = ("n", "n_exposed", "n_event")
DIRECT = ("risk", "attainment")
FLOWS = ("enrolled", "entered", "dropped", "left")


def limits() -> tuple[int, int]:
    """Give the smallest count that may be shown and the base of rounding."""
    rules = reference("disclosure.yml")
    return max(rules["min_cell"]["value"], rules["min_cell"]["least"]), rules["round_base"]["value"]


def rounded(values: pd.Series | np.ndarray, base: int) -> np.ndarray:
    """Round counts to the nearest multiple of `base`, halves up."""
    return np.floor(np.asarray(values, dtype="float64") / base + 0.5) * base


def protect(estimate: Estimate) -> pd.DataFrame:
    """Give the rows of an estimate as they may leave, with a bool column `suppressed`.

    Official rows (disclosure.yml) stay exact. Flows of a ledger are merged until each is safe. Other rows lose
    their numbers where a count of people, or of the others, is below the limit; what stays is rounded, and a share
    that is a plain proportion is computed anew from the rounded count.
    """
    least, base = limits()
    table = merge_flows(estimate.table, least) if estimate.table["term"].isin(FLOWS).any() else estimate.table.copy()
    official = _official(table)
    ledger = table["estimand"].isin(["heads", "points"]) & table["method"].eq("ledger")
    small = _too_small(table, least) & ~official & ~ledger
    table.loc[small, [*RESULTS, *COUNTS, "n_effective"]] = np.nan
    plain = ~official & ~ledger & ~small
    direct = plain & table["estimand"].isin(DIRECT) & table["n_event"].notna() & table["n"].gt(0)
    table.loc[direct, "estimate"] = np.minimum(
        rounded(table.loc[direct, "n_event"], base) / _size(table[direct], base), 1.0
    )
    heads = plain & table["estimand"].eq("heads")
    table.loc[heads, "estimate"] = rounded(table.loc[heads, "estimate"], base)
    keep_n = plain & table["method"].eq("census")  # the group's size is an official figure
    for count in COUNTS:
        change = plain if count != "n" else plain & ~keep_n
        table.loc[change, count] = rounded(table.loc[change, count], base)
    table["suppressed"] = small
    return table


def _size(rows: pd.DataFrame, base: int) -> np.ndarray:
    return np.where(rows["method"].eq("census"), rows["n"], rounded(rows["n"], base))


def _official(table: pd.DataFrame) -> pd.Series:
    rules = reference("disclosure.yml")["official"]
    return (
        table["estimand"].isin(rules["estimands"])
        & table["term"].isin(rules["terms"])
        & table["population"].eq(rules["unit_id"])
        & table["method"].eq("census")
    )


def _too_small(table: pd.DataFrame, least: int) -> pd.Series:
    small = table[list(COUNTS)].lt(least).any(axis="columns")
    share = table["estimand"].isin(DIRECT)
    small |= share & ((table["n"] - table["n_event"]) < least)
    heads = table["estimand"].eq("heads")
    return small.where(~heads, table["estimate"].abs() < least)


def merge_flows(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """Merge the flows of a ledger, smallest first, until each merged flow moves at least `least` heads or none.

    The parts in points tell the same heads again, so they leave only where no flow had to be merged.
    """
    heads = table[table["estimand"] == "heads"]
    flows = heads[heads["term"].isin(FLOWS)]
    small = flows[flows["n_event"].between(1, least - 1)]
    if small.empty:
        return table.copy()
    rest = flows.drop(small.index).sort_values("n_event")
    merged = small
    while merged["n_event"].sum() < least and len(rest):
        merged, rest = pd.concat([merged, rest.iloc[:1]]), rest.iloc[1:]
    one = merged.iloc[[0]].assign(
        term="merged", estimate=merged["estimate"].sum(), n=np.nan, n_event=merged["n_event"].sum()
    )
    if merged["n_event"].sum() < least:
        one["n_event"] = np.nan
    opening, closing = heads[heads["term"] == "opening"], heads[heads["term"] == "closing"]
    return pd.concat([opening, rest.sort_index(), one, closing], ignore_index=True)


def protect_counts(frame: pd.DataFrame, people: Sequence[str], *, flow: bool = False) -> pd.DataFrame:
    """Give a table of counts of people as it may leave: small counts empty, the others rounded.

    Where exactly one count of a column was emptied, the next smallest is emptied with it, so that a total does not
    give it back. In a `flow`, 0 stays: it says that nobody was left out for that reason.
    """
    least, base = limits()
    safe = frame.copy()
    for column in people:
        counts = pd.to_numeric(frame[column]).astype("float64")
        hidden = counts < least
        if flow:
            hidden &= counts > 0
        elif hidden.sum() == 1 and (~hidden).any():
            hidden[counts[~hidden].idxmin()] = True
        safe[column] = pd.Series(rounded(counts, base), index=frame.index).where(~hidden)
    return safe
