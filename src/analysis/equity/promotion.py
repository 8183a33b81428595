"""Who rises: shares of those who may be appointed, rates of their time, like with like, and whether it can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import binom

from analysis.careers.risktime import tally_risk
from analysis.equity.compare import ALLOWABLE, DECIDED, LEAST, LEVEL, SHORT, SURE, Comparison, compare
from analysis.equity.groups import GROUPS
from analysis.equity.parity import compare_shares
from analysis.equity.rising import first_events, follow_rises, members
from analysis.errors import Blocked, EquityError, check_lists
from analysis.estimate import Estimate
from analysis.registry.store import Registry
from analysis.results import Row, entry, give
from analysis.words import Message

PER = 1200  # person-months in a hundred person-years
POWER, EVENTS = 0.8, 10
SELECTION, RATES, CURVES = "selection", "like_with_like", "cumulative"
SIDES = ("reference", "group")
NO_WINDOW = Message("The registry has no {window:number} whole months from {start:day} to {end:day}.")


def compare_promotion(reg: Registry, *, start: str = "2019-01-01", window: int = 36) -> Estimate:
    """Compare how often women, the young and minorities of `reg` rise to a higher post with how often others do.

    Naive first (method `selection`): of those whom the rules leave open to appointment `window` months ago, how many
    rose since: `risk` of `group` and `reference`, `risk_ratio`, `probability` and `heads` as `compare_shares`, whether
    the four-fifths rule alone and both keys flag it (`check`), and how often that rule would at equal chances
    (`probability` `false_alarm`). Then (method `like_with_like`) all appointable time from `start`: `rate` per 100
    person-years, `risk_ratio` `crude`, `standardised` for sector, staff, grade, tenure and age, and `with_decided`
    (planning and rating too), `heads` `people_short`, a `verdict`, and where that is `cannot_tell` the `months` of data
    `needed`. The rules look at each one's own retirement. A difference in rate is no proof of its cause.
    Blocked without leavers. Raises EquityError for a wrong day or window.

    >>> equity.compare_promotion(reg).pick(estimand="verdict", population="sex[female]").table["term"].tolist()
    ['lower']
    """
    check_months(window=window)
    spec = {"start": start, "window": window, "as_of": reg.as_of}
    try:
        rising = follow_rises(reg, start)
    except Blocked as stop:
        empty = [entry("verdict", "cannot_tell", population=name) for name in GROUPS]
        return give({"method": RATES}, empty, spec, stop.reasons, "blocked")
    clock, notes = rising.clock, []
    if clock.count >= window:
        column = clock.count - window
        may = rising.open[:, column]
        rows = list(_selected(members(reg, rising, column)[may], first_events(rising, column)[0][may] == 1))
    else:
        rows, notes = [], [Message(NO_WINDOW.template, window=window, start=pd.Timestamp(start), end=reg.as_of)]
    at, months = np.nonzero(rising.open)
    cells = tally_risk(reg, clock, at, months, rising.event[at, months] == 1)
    rows += [row for name in GROUPS for row in _rated(cells, name, clock.count)]
    return give({"outcome": "higher_post"}, rows, spec, notes, "warned" if notes else "ok")


def check_months(**months: object) -> None:
    """Refuse what is no whole number of months, one at least."""
    for name, given in months.items():
        if not isinstance(given, int | np.integer) or given < 1:
            raise EquityError("{name}: {given!r} is no whole number of months, one at least.", name=name, given=given)


def _selected(people: pd.DataFrame, chosen: np.ndarray) -> Iterator[Row]:
    """Compare shares of people, group by group."""
    for name, group in GROUPS.items():
        side, base = group.side(people), {"method": SELECTION, "population": name}
        (a, m), (b, n) = ((int(chosen[side == one].sum()), int((side == one).sum())) for one in (1, 0))
        for term, hits, size in zip(SIDES, (b, a), (n, m), strict=True):
            yield entry("risk", term, hits / size if size else None, n=size, n_event=hits, **base)
        if not m or not b:
            continue
        found = compare_shares(a, m, b, n).table.drop(columns=["run", "method", "population"])
        told = found.set_index("term")["estimate"]
        ratio, surely, short = (float(told[term]) for term in ("ratio", f"below[{LEAST}]", "shortfall[1.0]"))
        both = ratio < LEAST and surely >= SURE and short >= SHORT
        for row in found.to_dict("records"):
            yield {**row, **base}
        counted = {"n": m + n, "n_event": a, **base}
        yield entry("check", "four_fifths", float(ratio < LEAST), **counted)
        yield entry("check", "two_keys", float(both), **counted)
        yield entry("probability", "false_alarm", false_alarm(m, n, (a + b) / (m + n)), n=m, **base)


def false_alarm(size: int, reference: int, share: float, least: float = LEAST) -> float:
    """Give how often the ratio of two shares is below `least` though both groups' chance is `share`, by exact sums.

    A reference of whom nobody is chosen gives no ratio, and no alarm.
    """
    b = np.arange(1, reference + 1)
    most = np.ceil(least * b * size / reference - 1e-9) - 1  # the most that still lies below
    return float(binom.pmf(b, reference, share) @ binom.cdf(most, size, share))


def _rated(cells: pd.DataFrame, name: str, months: int) -> Iterator[Row]:
    """Compare rates of appointable time, group by group."""
    over: dict[str, Sequence[str]] = {"crude": (), "standardised": ALLOWABLE, "with_decided": (*ALLOWABLE, *DECIDED)}
    found = {term: compare(cells, GROUPS[name], names) for term, names in over.items()}
    one, side = found["standardised"], GROUPS[name].side(cells)
    base = {"method": RATES, "population": name, "n": one.people, "n_event": one.with_event}
    time, events = one.of_reference
    theirs = cells[side == 0]
    others = {"n": theirs["person"].nunique(), "n_event": theirs.loc[theirs["events"] > 0, "person"].nunique()}
    yield entry("rate", "group", PER * one.events / one.time if one.time else None, **base)
    yield entry("rate", "reference", PER * events / time if time else None, **base | others)
    if min(one.observed, events) < EVENTS:
        yield entry("verdict", "too_few", **base)
        return
    for term, this in found.items():
        low, high = this.interval
        ends = {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "by person"}
        yield entry("risk_ratio", term, this.ratio, std_error=this.error, se_scale="log", **ends, **base)
    word = tell(one)
    yield entry("probability", f"below[{LEAST}]", one.chance_below, **base)
    yield entry("heads", "people_short", max(one.expected - one.observed, 0.0), **base)
    yield entry("verdict", word, **base)
    if word == "cannot_tell":
        yield entry("months", "needed", months_needed(one.error, months), **base)


def tell(found: Comparison) -> str:
    """Say what can be told: both keys turn, an interval all below or above 1, no gap of a fifth, or nothing."""
    low, high = found.interval
    if found.flagged and high < 1:
        return "gap"
    if low < LEAST and not low > 1 and not high < 1:
        return "cannot_tell"
    return "lower" if high < 1 else "higher" if low > 1 else "no_large_gap"


def months_needed(error: float, months: int, least: float = LEAST) -> float:
    """Give the months of data at the present pace with which a ratio of `least` would be told from 1.

    The `error` of the ratio's logarithm, had in `months`, shrinks with the root of time; two-sided at `LEVEL`, with
    power `POWER`.
    """
    wanted = -np.log(least) / (ndtri(0.5 + LEVEL / 2) + ndtri(POWER))
    return float(months * (error / wanted) ** 2)


def follow_promotion(
    reg: Registry, *, start: str = "2019-01-01", horizons: Sequence[int] = (24, 36, 60), groups: Sequence[str] = ()
) -> Estimate:
    """Follow those of `reg` appointable on the day `start`: the share who rose by each of `horizons`, exits competing.

    Only those whom the rules leave open until the last horizon, by their own retirement, so that women and men are
    compared over the same months. Rows, for each of `groups` (all of them unless named) and its `reference`: `risk`;
    `heads` `at_risk[...]`, people neither risen nor gone; `risk_difference` `gap` with a 95 percent interval. Horizons
    that the registry does not reach are left out, so that nobody is censored, and the estimator of Aalen and Johansen
    (1978) is the plain share.
    Blocked without leavers, or where none is reached. Raises EquityError for a wrong day or group.

    >>> equity.follow_promotion(reg, horizons=[36]).pick(population="sex[female]", term="gap").table.shape
    (1, 21)
    """
    check_lists(EquityError, horizons=horizons, groups=groups)
    check_months(**{f"horizons[{place}]": one for place, one in enumerate(horizons)})
    if unknown := [*{*groups} - {*GROUPS}]:
        raise EquityError("groups: {unknown}; there are {known}.", unknown=unknown, known=[*GROUPS])
    spec, names = {"start": start, "horizons": list(horizons), "as_of": reg.as_of}, groups or [*GROUPS]
    try:
        rising = follow_rises(reg, start)
        reached = [one for one in horizons if one <= rising.clock.count]
        if not reached:
            raise Blocked("Nobody is followed for {months} months yet.", months=min(horizons, default=0))
    except Blocked as stop:
        empty = [entry("risk", side, population=name) for name in names for side in SIDES]
        return give({"method": CURVES}, empty, spec, stop.reasons, "blocked")
    kept = rising.open[:, 0] & (rising.closes >= rising.clock.first + max(reached))
    people = members(reg, rising, 0)[kept]
    event, month = (one[kept] for one in first_events(rising))
    at = {time: np.where((event > 0) & (month <= time), event, 0) for time in reached}
    rows = [row for name in names for row in _curves(at, GROUPS[name].side(people), name)]
    return give({"method": CURVES, "outcome": "higher_post"}, rows, spec)


def _curves(at: Mapping[int, np.ndarray], side: np.ndarray, name: str) -> Iterator[Row]:
    """Give who has risen by each time, and who has neither risen nor gone, in a group and its reference."""
    for time, event in at.items():
        shares = []
        for code, term in enumerate(SIDES):
            mine = event[side == code]
            counts = {"time": time, "population": name, "n": len(mine)}
            rose = int((mine == 1).sum())
            shares.append((rose / max(len(mine), 1), len(mine), rose))
            yield entry("risk", term, shares[-1][0] if len(mine) else None, n_event=rose, **counts)
            yield entry("heads", f"at_risk[{term}]", int((mine == 0).sum()), **counts)
        (two, m, _), (one, n, rose) = shares
        if n and m:
            half = float(ndtri(0.5 + LEVEL / 2) * np.sqrt(one * (1 - one) / n + two * (1 - two) / m))
            ends = {"conf_low": one - two - half, "conf_high": one - two + half, "conf_level": LEVEL}
            counts = {"time": time, "population": name, "n": n + m, "n_event": rose}
            yield entry("risk_difference", "gap", one - two, interval="wald", **ends, **counts)
