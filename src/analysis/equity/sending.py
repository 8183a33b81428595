"""How the sent are chosen: from the planning list or not, to which courses, and how evenly courses are spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.careers.risktime import AGES, age_codes, tally_risk
from analysis.careers.spells import LEAVERS
from analysis.careers.states import Clock, in_service, make_clock, month_numbers, rows_of
from analysis.equity.access import lay_out, rows_of_gap
from analysis.equity.compare import ALLOWABLE, compare
from analysis.equity.groups import GROUPS, check_groups
from analysis.equity.stages import AFTER, Access, in_months, on_list, tally_stage
from analysis.estimate import Estimate
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import Row, entry, give
from analysis.words import Message

ASIDE = Message("The registry has no planning: whether those sent are on a planning list is not assessable.")
PLACES = ("sector", "staff_kind")
WORDS = ("mode", "funder", "field")
TENTH = 0.1


def compare_kinds(
    reg: Registry, *, since: str = "2019-01-01", groups: Sequence[str] = ("sex[female]", "ethnicity[minority]")
) -> Estimate:
    """Compare how often `groups` in `reg` start each kind of course since the day `since`, like with like.

    Rows by group (`population`) and kind (`outcome`): `risk_ratio` `standardised` and `crude`, and what rests on them,
    as in `compare_access`; courses that began, in the month of the nomination where one is on file, per month in which
    nothing known forbids one. For most kinds no rule on who may be sent is known. Raises EquityError for a wrong day or
    group; blocked without leavers.

    >>> equity.compare_kinds(reg, groups=["sex[female]"]).pick(term="standardised", outcome="digital").table.shape[0]
    1
    """
    check_groups(groups)
    spec, base = {"since": since, "as_of": reg.as_of}, {"method": "access_by_kind", "date": reg.as_of}
    if not reg.meta.get("leavers_included"):
        return give(base, [entry("risk_ratio", "standardised")], spec, [LEAVERS], "blocked")
    rows: list[Row] = []
    for kind in TRAINING_KIND:
        one = lay_out(reg, since, kind)
        cells = tally_risk(reg, one.clock, *in_months(one, "named"))
        for name in groups:
            rows += rows_of_gap(compare(cells, GROUPS[name], ALLOWABLE), "standardised", population=name, outcome=kind)
    return give(base, rows, spec)


def describe_sending(
    reg: Registry, *, since: str = "2019-01-01", groups: Sequence[str] = ("sex[female]", "ethnicity[minority]")
) -> Estimate:
    """Describe who in `reg` was named for postgraduate courses since the day `since`, and to what `groups` went.

    Rows: `risk` `planned` (of those named, on a planning list then; `population` ALL and each year), `named` (of those
    entering a planning list, and not on a course or with a degree, named within 24 months), `barred` (of the named, in
    a month in which a known rule or an earlier course forbade it: in no rate), `mode[...]`, `funder[...]`, `field[...]`
    (of the starts of each group and its reference); `rate` `named_a_1000_months` by `sector[...]` and
    `staff_kind[...]`; `probability` `top_tenth` and `none` of those in service on the day: the share of all days of
    courses since then that a tenth of them had, and the share of people without any. Raises EquityError and is
    blocked as `compare_access`.

    >>> equity.describe_sending(reg).pick(term="top_tenth").table["estimate"].gt(0.1).tolist()
    [True]
    """
    check_groups(groups)
    one = lay_out(reg, since, "postgraduate")
    spec, base = {"since": since, "as_of": reg.as_of}, {"method": "sending", "date": reg.as_of}
    if not reg.meta.get("leavers_included"):
        return give(base, [entry("risk", "named")], spec, [LEAVERS], "blocked")
    rows = [_barred(one), *_places(one), *_words(one, groups), *_spread(one, since)]
    notes = []
    if reg.has("planning"):
        rows = [*_inside(one), *rows]
    else:
        notes = [ASIDE]
    return give(base, rows, spec, notes)


def _share(term: str, people: pd.Series, chosen: pd.Series | np.ndarray, **about: str) -> Row:
    """Write the share of people (rows of a table, a person counted once) of whom something holds."""
    size, event = people.nunique(), people[np.asarray(chosen, dtype=bool)].nunique()
    return entry("risk", term, event / size if size else np.nan, n=size, n_event=event, **about)


def _within(clock: Clock, months: pd.Series, last: int) -> pd.Series:
    return months.between(clock.first, clock.months[-1] - last)


def _inside(one: Access) -> list[Row]:
    """Give, of the named, who was on a list, and of those entering a list, who was named within two years."""
    named = one.courses[_within(one.clock, one.courses["nominated"], 0)]
    planned = on_list(one)[named["row"], named["nominated"] - one.clock.first]
    years = 1970 + named["nominated"] // 12
    rows = [_share("planned", named["row"], planned)]
    rows += [_share("planned", named["row"][years == year], planned[years == year], population=str(year))
             for year in sorted(years.unique())]  # fmt: skip
    plans = one.reg["planning"].assign(row=lambda table: rows_of(one.clock, table))
    plans = plans.assign(month=month_numbers(plans["started"]))[["row", "month"]]
    plans = plans[(plans["row"] >= 0) & _within(one.clock, plans["month"], AFTER)].reset_index(drop=True)
    open_ = one.allowed[plans["row"], plans["month"] - one.clock.first]
    plans = plans[open_].reset_index(drop=True)
    both = plans.reset_index().merge(named[["row", "nominated"]], on="row")
    soon = (both["nominated"] >= both["month"]) & (both["nominated"] <= both["month"] + AFTER)
    return [*rows, _share("named", plans["row"], plans.index.isin(both.loc[soon, "index"]))]


def _barred(one: Access) -> Row:
    named = one.courses[_within(one.clock, one.courses["nominated"], 0)]
    return _share("barred", named["row"], ~one.allowed[named["row"], named["nominated"] - one.clock.first])


def _places(one: Access) -> list[Row]:
    cells = tally_stage(one, "nominated")
    rows = []
    for name in PLACES:
        for level, part in cells.groupby(name, observed=True):
            who = {"n": part["person"].nunique(), "n_event": part.loc[part["events"] > 0, "person"].nunique()}
            rate = 1000 * part["events"].sum() / part["time"].sum()
            rows.append(entry("rate", "named_a_1000_months", rate, population=f"{name}[{level}]", **who))
    return rows


def _words(one: Access, groups: Sequence[str]) -> list[Row]:
    """Give what each group's starts were: mode, funder and field."""
    begun = one.courses[_within(one.clock, one.courses["started"], 0)].reset_index(drop=True)
    people = one.reg["people"].set_index("person_id").loc[begun["person_id"]].reset_index(drop=True)
    age = age_codes((begun["started"] - month_numbers(people["birth_date"])).to_numpy())
    people = people[["sex", "ethnicity"]].assign(age=np.array(AGES)[age])
    rows = []
    for name in groups:
        side = GROUPS[name].side(people)
        for side_of, about in ((1, name), (0, f"reference[{name}]")):
            mine = begun[side == side_of]
            for word in WORDS:
                told = mine[mine[word].notna()]
                values = sorted(told[word].astype("str").unique())
                rows += [_share(f"{word}[{one_}]", told["row"], told[word] == one_, population=about)
                         for one_ in values]  # fmt: skip
    return rows


def _spread(one: Access, since: str) -> list[Row]:
    """Give how the days of all courses since a day (or the first month covered) are spread over those in service."""
    reg, last = one.reg, one.reg.as_of
    begins = max(pd.Timestamp(since), pd.Timestamp(np.datetime64(one.clock.first, "M")))
    now = pd.Period(last + pd.Timedelta(days=1), "M").ordinal  # as the month after the day begins, or its own
    clock = make_clock(reg, now, 1)
    people = clock.people[in_service(reg, clock)[:, 0]]
    rows = reg["training"]
    rows = rows[rows["started"].between(begins, last)]
    ends = rows["ended"].fillna(rows["expected_end"]).clip(upper=last)
    days = (ends - rows["started"]).dt.days.clip(lower=1)
    each = days.groupby(rows["person_id"]).sum().reindex(people, fill_value=0).sort_values(ascending=False)
    size = len(each)
    told = {"n": size, "n_event": int((each > 0).sum())}
    top = each.iloc[: round(TENTH * size)].sum() / each.sum() if each.sum() else np.nan
    none = float((each == 0).mean()) if size else np.nan
    return [entry("probability", "top_tenth", top, **told), entry("probability", "none", none, **told)]
