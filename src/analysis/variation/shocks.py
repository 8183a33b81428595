"""What dated events did to monthly series: level, slope and people, or why that cannot be told."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.careers.spells import LEAVERS
from analysis.careers.states import month_numbers
from analysis.careers.window import months_since
from analysis.errors import Blocked, VariationError, check_options
from analysis.estimate import Estimate, combine
from analysis.reference import Event, events
from analysis.registry import Registry
from analysis.results import Row, central, entry, give
from analysis.variation.segments import LEAST, Fit, expect, fit_change, in_season, try_placebos
from analysis.variation.series import SERIES, Series, count_months
from analysis.words import Message

LONGEST = 36  # months after an event that are held against it
AROUND = 3  # months about a congress in which posts change hands more often
LEVEL, DRAWS, SEED = 0.95, 2000, 61
CHANGES = ("level", "slope")
NOT_SEPARABLE = Message(
    "{series:label.variation} from {since:day} on ({event:label.shocks}): not separable from {other:label.shocks}, "
    "which began {months:number} months before and is not known to have ended."
)
TOO_SHORT = Message(
    "{series:label.variation} from {since:day} on ({event:label.shocks}): not assessable, {count:number} months before "
    "can be used and {least:number} are needed."
)
LEFT_OUT = Message(
    "{series:label.variation} ({event:label.shocks}): the months from {first:day} to {last:day} are left out because "
    "of {other:label.shocks}; the trend before them is carried on."
)


class Frame(NamedTuple):
    """Which months are held against which: those `used`, from month `since` on after the event; earlier `steps`."""

    used: np.ndarray
    since: int
    steps: tuple[int, ...]
    notes: list[Message]


def assess_event(reg: Registry, *, event: str, series: str, start: str = "2017-01-01") -> Estimate:
    """Say what an `event` of events.yml came with in a monthly `series` of `reg`, counted from `start` on.

    Series: `nominations`, `appointments` (per month in which the rules allow it), `starts` (short courses), `online`
    (share of these), `completions`, `resignations`. Rows: `risk_ratio` `level` (at the event, against the trend
    before), `slope` (a further year), `crude`; `heads` `observed`, `expected`, `difference`, up to 36 months or to the
    next event that touches the series; `check` `placebo`, the share of earlier dates at which a change is found (5%);
    by quarter the `risk` observed and the `rate` expected a person-month. Months of earlier events that touch the
    series and are over, and those since a closure shortly before, are left out. Blocked as not separable where one that
    touches it began within 8 months before and is not known to be over; as not assessable with under 8 months before.
    Raises VariationError for an unknown event or series.

    >>> variation.assess_event(reg, event="suspension_2025", series="appointments").pick(term="level").status
    'ok'
    """
    known = {one.id: one for one in events()}
    check_options(VariationError, event=(event, known), series=(series, SERIES))
    mine = known[event]
    base = {"method": "shock", "population": event, "outcome": series, "date": mine.first}
    spec = {"event": event, "series": series, "start": start}
    counted = count_months(reg, series, start)
    try:
        if not reg.meta.get("leavers_included"):
            raise Blocked(LEAVERS)
        frame = _lay_frame(mine, series, counted)
        fit = fit_change(counted, frame.used, frame.since, frame.steps)
    except Blocked as stop:
        which = "not_separable" if stop.reasons[0].template == NOT_SEPARABLE.template else "not_assessable"
        return give(base, [entry("risk_ratio", "level"), entry("check", which)], spec, stop.reasons, "blocked")
    before = frame.used & (counted.months < frame.since)
    placebo = try_placebos(counted, before, frame.steps)
    rows = _changes(counted, frame, fit)
    if len(placebo):
        rows.append(entry("check", "placebo", float((placebo < 1 - LEVEL).mean()), n=rows[0]["n"]))
    return give(base, [*rows, *_quarters(counted, frame, fit)], spec, frame.notes)


def assess_events(reg: Registry, *, start: str = "2017-01-01") -> Estimate:
    """Say of every event of events.yml in the time of `reg`, and of each series that it touches, what it came with.

    Congresses come in their season and are no shock. Rows as those of `assess_event`, from `start` on; what cannot be
    told stands in the notes, and its rows are empty.

    >>> "not_separable" in set(variation.assess_events(reg).table["term"])
    True
    """
    first, last = months_since(reg, start, VariationError, "start")
    asked = [
        (event.id, series)
        for event in events()
        for series in event.touches
        if event.kind != "congress" and first < month_numbers([event.first])[0] <= last and event.first <= reg.as_of
    ]
    if not asked:
        none = Message("No event of events.yml lies between {start} and the registry's day.", start=start)
        return give({"method": "shock"}, [entry("check", "not_assessable")], {"start": start}, [none], "blocked")
    return combine(*(assess_event(reg, event=event, series=series, start=start) for event, series in asked))


def _month(day: pd.Timestamp) -> int:
    return int(month_numbers([day])[0])


def _day(month: int) -> pd.Timestamp:
    return pd.Timestamp(np.datetime64(month, "M"))


def _span(event: Event) -> tuple[int, int]:
    around = AROUND if event.kind == "congress" else 0
    return _month(event.first) - around, _month(event.last) + around


def _lay_frame(event: Event, series: str, counted: Series) -> Frame:
    """Choose the months before and after, or say why there are none."""
    said = {"event": event.id, "series": series}
    since, months = _month(event.first), counted.months
    others = [one for one in events() if one.id != event.id]
    touching = [one for one in others if series in one.touches]
    ends = [since + LONGEST, *(_span(one)[0] for one in touching if _span(one)[0] > since)]
    used = in_season(counted) & (months < min([*ends, _span(event)[1] + 1] if event.ends else ends))
    steps, notes = [], []
    for one in others:
        first, last = _span(one)
        near, touches, over = since - LEAST <= first < since, one in touching, one.ends and one.last < event.first
        if touches and near and not over:
            raise Blocked(NOT_SEPARABLE.template, **said, since=event.first, other=one.id, months=since - first)
        if touches and first < since and not over:
            steps.append(first)
        elif first < since and (touches or (near and one.kind == "closure")):
            last = min(last, since - 1) if over else since - 1
            gone = (months >= first) & (months <= last)
            if (used & gone).any():
                ends_on = _day(last + 1) - pd.Timedelta(days=1)
                notes.append(Message(LEFT_OUT.template, **said, first=_day(first), last=ends_on, other=one.id))
            used &= ~gone
    before = months[used & (months < since)]
    if len(before) < LEAST or not (used & (months >= since)).any():
        raise Blocked(TOO_SHORT.template, **said, since=event.first, count=len(before), least=LEAST)
    return Frame(used, since, tuple(step for step in steps if (before < step).any() and (before >= step).any()), notes)


def _changes(counted: Series, frame: Frame, fit: Fit) -> list[Row]:
    """Give level and slope as ratios, the crude ratio beside them, and people more or fewer than expected."""
    time, seen, after = counted.time[frame.used], counted.events[frame.used], fit.after
    meant = counted.due[frame.used]
    people = int(counted.inside[:, frame.used][:, after].any(axis=1).sum())
    counts = {"n": people, "n_event": seen[after].sum()}
    reach, errors = stats.t.ppf((1 + LEVEL) / 2, fit.freedom), np.sqrt(np.diag(fit.spread))
    rows = []
    for term, value, error in zip(CHANGES, fit.found[-fit.changes :], errors[-fit.changes :], strict=False):
        low, high = np.exp([value - reach * error, value + reach * error])
        ends = {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "newey_west", "std_error": error}
        rows.append(entry("risk_ratio", term, np.exp(value), **ends, se_scale="log", **counts))
    rows[0]["p_value"] = fit.p_value
    crude = (seen[after].sum() / time[after].sum()) / (seen[~after].sum() / time[~after].sum())
    due, drawn = (expect(fit, meant, draws, SEED)[:, after].sum(axis=1) for draws in (0, DRAWS))
    noise = np.random.default_rng(SEED).standard_normal(DRAWS) * np.sqrt(fit.scatter * np.maximum(drawn, 0))
    ends = central(seen[after].sum() - drawn - noise, LEVEL)
    return [
        *rows,
        entry("risk_ratio", "crude", float(f"{crude:.2g}"), **counts),
        entry("heads", "observed", seen[after].sum(), **counts),
        entry("heads", "expected", due[0], **counts),
        entry("heads", "difference", **ends | {"estimate": seen[after].sum() - due[0]}, **counts),
    ]


def _quarters(counted: Series, frame: Frame, fit: Fit) -> list[Row]:
    """Give by quarter what was observed a person-month, and what was expected with nothing changed."""
    months = counted.months[frame.used]
    table = pd.DataFrame({
        "quarter": months // 3 * 3, "after": fit.after, "time": counted.time[frame.used],
        "seen": counted.events[frame.used], "due": expect(fit, counted.due[frame.used])[0],
    })  # fmt: skip
    rows = []
    for one in table.groupby("quarter").sum().itertuples():
        base = {"method": "series", "date": _day(one.Index), "n": one.time, "n_event": one.seen}
        rows += [
            entry("risk", "observed", one.seen / one.time, **base),
            entry("rate", "expected", one.due / one.time, **base),
        ]
    return rows
