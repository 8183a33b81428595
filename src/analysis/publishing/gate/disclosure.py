"""Disclosure limits: what is too small is emptied, the rest rounded, official figures of the province exact."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import PublishingError
from analysis.estimate import RESULTS, Estimate
from analysis.publishing.gate.simulated import SIMULATED, protect_simulated
from analysis.reference import disclosure, targets
from analysis.results import PARTS

COUNTS = ("n", "n_exposed", "n_event", "n_effective")
DIRECT = ("risk", "attainment")
ENDS = ("opening", "closing")
WHOLES = ("members", "started", "turns", "bound", "holders", "appointed")  # all of a group: nobody is left over
GROUPED = ("plan", "trained", "owed", "appointed", "queue")  # methods whose groups of one kind add up
# methods that hold groups against their references: every row of a part would tell another's, a ratio a hidden side
COMPARED = ("selection", "like_with_like", "cumulative", "access", "access_by_kind", "sending")
SIDES = ("risk", "rate")  # what each side has, apart
BETWEEN = ("difference", "people_short", "shortfall[0.8]", "shortfall[1.0]")  # of two counts: no people of their own
HELD = ("held_verified", "held", "unknown", "owed")
BY_READING = ("counted", "short")  # heads that depend on how the wording is read
DERIVED = ("need", "short")  # from other heads of the row's group: rounded twice they would give each other back
GROUP = ["run", "population", "outcome", "date"]
DIGITS, DIGITS_ERROR, DIGITS_MONEY = 3, 2, 2


def limits() -> tuple[int, int]:
    """Give the smallest count that may be shown and the base of rounding."""
    rules = disclosure()
    return rules.min_cell, rules.round_base


def rounded(values: pd.Series | pd.DataFrame, base: int) -> np.ndarray:
    """Round counts to the nearest multiple of `base`, halves up."""
    return np.floor(np.asarray(values, dtype="float64") / base + 0.5) * base


def most(shown: float, below: float) -> float:
    """Give the most that a protected count can stand for, which is never more than `below`."""
    least, base = limits()
    return min(least - 1 if pd.isna(shown) else shown + -(-base // 2) - 1, below)


def protect(estimate: Estimate) -> pd.DataFrame:
    """Give the rows of an estimate as they may leave.

    Its bool columns say of a row that it is `suppressed` and that it was `computed` (it had a result), and `why` names
    the limit that hides it (`drawing.view.HIDDEN`), empty where none does.

    Official rows (disclosure.yml) stay exact. Flows of a ledger are merged until each is safe. Other rows lose
    their numbers where a count of people, or of the others, is below the limit or cannot be known; what stays is
    rounded, a share that is a plain proportion is computed anew from the rounded count, and other results keep so
    few digits that no count can be solved from them.
    """
    least, base = limits()
    if estimate.table["method"].isin(SIMULATED).any():
        return protect_simulated(estimate.table, least, base, disclosure().unit_id)
    ledger = estimate.table["method"].eq("ledger").any()
    table = merge_flows(estimate.table, least) if ledger else estimate.table.copy()
    exact = _official(table, estimate.spec.get("reading"))
    asked = table[list(RESULTS)].notna().any(axis="columns")
    limits_met = _limits_met(table, least) | {"near": _near_official(table, exact, least)}
    table["why"] = np.select([one & ~exact for one in limits_met.values()], [*limits_met], "")
    table["why"] = table["why"].mask(_cover_parts(table, least), "cover")
    table["why"] = table["why"].mask(table["why"].eq("") & _tells_side(table, least), "cover")
    small = table["why"].ne("")
    table.loc[small, [*RESULTS, *COUNTS]] = np.nan
    table["suppressed"], table["computed"] = small, asked
    return _round(table, exact | small, base).pipe(_cover_verified, least)


def _round(table: pd.DataFrame, done: pd.Series, base: int) -> pd.DataFrame:
    """Round the rows that are neither official nor emptied."""
    plain, heads = ~done, table["estimand"].eq("heads")
    whole = table["method"].eq("census") & _whole_group(table)  # their size is official
    size = np.where(whole, table["n"], rounded(table["n"], base))
    proportion = table["n_event"] / table["n"]
    direct = plain & table["estimand"].isin(DIRECT) & np.isclose(table["estimate"], proportion, rtol=0, atol=1e-9)
    model = plain & ~heads & ~direct
    money = table["estimand"].eq("amount")  # a quotient of sums would give counts back
    for name in RESULTS:
        for rows, digits in (
            (model & ~money, DIGITS_ERROR if name == "std_error" else DIGITS),
            (model & money, DIGITS_MONEY),
        ):
            table.loc[rows, name] = [float(f"{value:.{digits - 1}e}") for value in table.loc[rows, name]]
    share = np.minimum(rounded(table["n_event"], base) / np.where(size > 0, size, np.nan), 1.0)
    table.loc[direct, "estimate"] = share[direct]
    table.loc[direct, "std_error"] = np.nan
    table.loc[direct, ["conf_low", "conf_high"]] = table.loc[direct, ["conf_low", "conf_high"]].round(2)
    shown = ["estimate", "conf_low", "conf_high"]
    table.loc[plain & heads, shown] = rounded(table.loc[plain & heads, shown], base)
    table.loc[plain, "n"] = size[plain]
    table.loc[plain, [*COUNTS[1:]]] = rounded(table.loc[plain, [*COUNTS[1:]]], base)
    return table


def _official(table: pd.DataFrame, reading: str | None) -> pd.Series:
    """Flag the rows of official figures; what is counted under another reading than an official one is none."""
    rules, whole, method = disclosure(), _whole_group(table), table["method"]
    official = table["estimand"].isin(rules.estimands) & table["term"].isin(rules.terms) & whole & method.eq("census")
    if reading is None or reading in rules.terms:
        account = method.eq("ledger") & table["estimand"].eq("heads")
        return official | ((account | method.eq("pace")) & whole)
    return official & ~table["term"].isin(BY_READING)


def _whole_group(table: pd.DataFrame) -> pd.Series:
    """Flag rows of the groups of the targets as a whole, on a day or as an average of month ends."""
    whole = table["population"].isin([disclosure().unit_id, "quarter_average"])
    return whole & table["outcome"].isin(targets())


def _limits_met(table: pd.DataFrame, least: int) -> dict[str, pd.Series]:
    """Flag rows in which a count, or that of the others, is below the limit, that nobody can check, or that tell it."""
    heads, direct = table["estimand"].eq("heads"), table["estimand"].isin(DIRECT)
    ledger = table["method"].eq("ledger")
    small = table[list(COUNTS)].lt(least).any(axis="columns")
    exposed = table["n_exposed"].fillna(table["n"])
    small |= (exposed - table["n_event"] < least) | (table["n"] - table["n_exposed"]).between(1, least - 1)
    small |= heads & (table["estimate"].abs() < least) & ~table["term"].isin(BETWEEN)
    others = table["n"] - table["estimate"] < least
    small |= heads & others & ~ledger & ~table["term"].isin([*WHOLES, "unverified", *DERIVED])
    unknown = (~ledger & table["n"].isna()) | (direct & table["n_event"].isna()) | (heads & table["estimate"].isna())
    return {"few": small, "unknown": unknown, "derived": heads & ~ledger & table["term"].isin(DERIVED)}


def _near_official(table: pd.DataFrame, exact: pd.Series, least: int) -> pd.Series:
    """Flag shares whose heads differ from an exact figure of the same group by fewer people than may be shown."""
    share, heads = table["estimand"].eq("attainment"), table["estimand"].eq("heads")
    has = table[exact & heads & table["term"].eq("has")]
    both = table[exact & heads & table["term"].isin(["has", "studying"])]
    either = both.groupby(GROUP, dropna=False, as_index=False)["estimate"].sum()
    official = table[exact & share & table["population"].eq(disclosure().unit_id)]
    keys = [name for name in GROUP if name != "population"]  # part of a group is held against the whole of it
    known = pd.concat([official.assign(estimate=table["n_event"]), has, either])[[*keys, "estimate"]]
    asked = table.loc[share & ~exact, [*keys, "n_event"]].reset_index()
    pairs = asked.merge(known, on=keys)
    near = pairs["index"][(pairs["n_event"] - pairs["estimate"]).abs() < least]
    return pd.Series(table.index.isin(near), index=table.index)


def _cover_parts(table: pd.DataFrame, least: int) -> pd.Series:
    """Flag, where parts of a whole are hidden that are few together, the next smallest: the whole would tell them.

    Parts are marked so (`PARTS`), or are the groups of one kind (`staff_level[...]`) of a term, or the terms of `HELD`.
    """
    compared = table["method"].isin(COMPARED)
    size = table["n_event"].fillna(table["estimate"]).where(table["estimand"].ne("rate") | compared)
    who, what = table["population"], table["outcome"]
    kind = who.str.split("[").str[0]
    marked = table["outcome"].eq(PARTS) & ~table["term"].isin(WHOLES)
    grouped = table["method"].isin(GROUPED) & table["estimand"].eq("heads") | compared
    grouped &= kind.ne(who) & ~who.str.contains(":")
    stated = table["method"].eq("owed") & table["term"].isin(HELD)
    same = [table[name].astype("str").fillna("") for name in ("run", "method", "estimand", "time", "date")]
    whole = [*same, who], [*same, what, table["term"], kind], [*same, what, who]
    flags = pd.Series(False, index=table.index)
    for chosen, keys in zip((marked, grouped, stated), whole, strict=True):
        for rows in table.index[chosen].groupby(pd.MultiIndex.from_arrays([key[chosen] for key in keys])).values():
            flags |= _cover(size[rows], table.loc[rows, "why"].ne(""), least).reindex(flags.index, fill_value=False)
    return flags


def _tells_side(table: pd.DataFrame, least: int) -> pd.Series:
    """Flag comparisons of which one side's own share or rate is hidden: the other and the ratio would tell it.

    And a crossed group (`sex[female]:ethnicity[minority]`) that leaves few of a group that it is part of.
    """
    compared = table["method"].isin(COMPARED)
    group = table["population"].str.removeprefix("reference[")
    group = group.mask(group.ne(table["population"]), group.str[:-1])
    key = pd.MultiIndex.from_arrays([table["method"], table["outcome"], table["time"].fillna(-1), group])
    hidden = compared & table["estimand"].isin(SIDES) & table["why"].ne("") & table["estimate"].notna()
    flags = compared & ~table["estimand"].isin(SIDES) & key.isin(key[hidden])
    same = ["method", "estimand", "outcome", "term", "time"]
    crossed = table[compared & table["population"].str.contains("]:", regex=False)].reset_index()
    for part in (0, 1):
        whole = crossed.assign(population=crossed["population"].str.split(":").str[part])
        both = whole.merge(table[compared], on=[*same, "population"], suffixes=("", "_whole"))
        left = both["n_event_whole"] - both["n_event"]
        flags |= table.index.isin(both["index"][left.between(1, least - 1)])
    return flags


def _cover(size: pd.Series, hidden: pd.Series, least: int) -> pd.Series:
    """Flag the smallest shown parts until the hidden ones are `least` people together; none where nothing is hidden."""
    shown = size[~hidden].dropna().sort_values()
    flags = pd.Series(False, index=size.index)
    together = size[hidden].sum()
    while hidden.any() and together < least and len(shown):
        flags[shown.index[0]], together, shown = True, together + shown.iloc[0], shown.iloc[1:]
    return flags


def _cover_verified(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """Give `unverified` as all who have the degree where too few of them are verified: what is left is their number."""
    heads = table[table["estimand"].eq("heads") & ~table["suppressed"]]
    has = heads[heads["term"].eq("has")].set_index(GROUP)["estimate"]
    for place, row in heads[heads["term"].eq("unverified")].iterrows():
        degrees = has.get(tuple(row[GROUP]))
        if degrees is not None and degrees - row["estimate"] < least + limits()[1]:
            table.loc[place, "estimate"] = degrees
    return table


def merge_flows(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """Merge the flows of a ledger, smallest first, until each flow moves at least `least` heads or none.

    A flow is any row between the opening and the closing. Only heads leave: the parts in points, and the number of
    those who could have moved, would give back how many came and went. Nor does the merged row say how many moved
    either way, from which two flows could be solved.
    """
    heads = table[table["estimand"] == "heads"]
    flows = heads[~heads["term"].isin(ENDS)].assign(n=np.nan, n_event=heads["n_event"].fillna(heads["estimate"].abs()))
    ends = [heads[heads["term"] == term] for term in ENDS]
    small = flows[flows["n_event"].between(1, least - 1)]
    rest = flows.drop(small.index).sort_values("n_event")
    merged = small
    while len(merged) and merged["n_event"].sum() < least and len(rest):
        merged, rest = pd.concat([merged, rest.iloc[:1]]), rest.iloc[1:]
    one = merged.iloc[:1].assign(term="merged", estimate=merged["estimate"].sum(), n_event=np.nan)
    return pd.concat([ends[0], rest.sort_index(), one, ends[1]], ignore_index=True)


def protect_counts(frame: pd.DataFrame, people: Sequence[str], *, flow: bool = False) -> pd.DataFrame:
    """Give a table of counts of people as it may leave: small counts empty, the others rounded.

    Where exactly one count of a column was emptied, the next smallest is emptied with it, so that a total does not
    give it back. In a `flow`, 0 stays: it says that nobody was left out for that reason. Raises PublishingError for
    a column of numbers that is not in `people`.
    """
    _check_labels(frame, people)
    least, base = limits()
    safe = frame.reset_index(drop=True)
    for column in people:
        counts = pd.to_numeric(safe[column]).astype("float64")
        hidden = counts < least
        if flow:
            hidden &= counts > 0
        elif hidden.sum() == 1 and (~hidden).any():
            hidden[counts[~hidden].idxmin()] = True
        safe[column] = pd.Series(rounded(counts, base), index=safe.index).where(~hidden)
    return safe


def _check_labels(frame: pd.DataFrame, people: Sequence[str]) -> None:
    absent = [name for name in people if name not in frame.columns]
    bare = [name for name in frame.columns if name not in people and frame[name].map(_is_number).any()]
    if absent or bare:
        raise PublishingError(
            "A table of counts: columns {absent} are not there, columns {bare} hold numbers that are not "
            "protected. Name every column of counts in `people`; write years and grades as text.",
            absent=absent,
            bare=bare,
        )


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_) and not pd.isna(cell)
