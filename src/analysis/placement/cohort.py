"""Those who were sent, counted on a day: what they are now, who rose, to which level, after how many months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import Blocked
from analysis.estimate import Estimate
from analysis.placement.keyposts import key_holders
from analysis.placement.occupation import LEAVERS, OFFICES
from analysis.placement.sent import MERGED, STATES, Sent, find_sent, states_of
from analysis.registry.store import Registry
from analysis.results import PARTS, Row, entry, give

BANDS = {"1-2": (1, 2), "3+": (3, 8)}
EVER = ("completed", "moved", "higher", "key")


def count_sent(
    reg: Registry,
    *,
    exposure: str = "postgraduate",
    since: str = "2021-09-10",
    until: str | None = None,
    fine: bool = True,
) -> Estimate:
    """Count those in `reg` who started a course of kind `exposure` from the day `since` (to `until`), as they are now.

    Rows: `heads` `started` (people) and `turns` (courses begun), each state of `STATES` (they add up to `started`;
    without `fine` moves and key posts are merged), `ever[...]` (completed, moved, higher, key at any time since),
    `now[key]` (hold a key post on the day); in `population` risen `grade_band[...]` of the higher post; in course
    `course[...]` (completed, studying, stopped, left before a result); by year of the start the merged states; `n` are
    the people. `months` `to_higher[...]` are quartiles of those who rose (`n`), survivors: no rate. Exact. Errors as
    in `follow_sent`.

    >>> placement.count_sent(reg, since="2016-01-01").table["term"].tolist()[:3]
    ['started', 'turns', 'studying']
    """
    spec = {"exposure": exposure, "since": since, "until": until, "as_of": reg.as_of}
    base = {"method": "count", "date": reg.as_of}
    empty = [entry("heads", "started")]
    if not reg.meta.get("leavers_included"):
        return give(base, empty, spec, [LEAVERS], "blocked")
    try:
        sent = find_sent(reg, exposure, since, until=until)
    except Blocked as stop:
        return give(base, empty, spec, stop.reasons, "blocked")
    moment = np.full((len(sent.people), 1), sent.last)
    now, merged = (states_of(sent, moment, one)[:, 0] for one in (fine, False))
    rows = [*_whole(reg, sent, now, fine), *_course(sent), *_by_year(sent, merged), *_waits(sent)]
    if not sent.offices:
        rows = [row for row in rows if "key" not in row["term"]]
    return give(base, rows, spec, () if sent.offices else [OFFICES], "ok" if sent.offices else "warned")


def _whole(reg: Registry, sent: Sent, now: np.ndarray, fine: bool) -> list[Row]:
    people, size = sent.people, len(sent.people)
    ever = {name: int((people[name] <= sent.last).sum()) for name in EVER}
    rose = people["grade"].where(people["higher"] <= sent.last, 0)
    ids = reg["people"]["person_id"].sort_values().to_numpy()[people["row"]]
    heads = {
        "started": size,
        "turns": len(sent.courses),
        **{state: int((now == code).sum()) for code, state in enumerate(STATES) if fine or state not in MERGED},
        **{f"ever[{name}]": count for name, count in ever.items()},
        "now[key]": int(pd.Index(ids).isin(key_holders(reg)["person_id"]).sum()),
    }
    bands = {f"grade_band[{band}]": int(rose.between(*ends).sum()) for band, ends in BANDS.items()}
    shared = {"n": size, "population": "risen", "outcome": PARTS}
    parts = ("started", *STATES)
    return [
        entry("heads", term, float(count), n=size, outcome=PARTS if term in parts else "")
        for term, count in heads.items()
    ] + [entry("heads", term, float(count), **shared) for term, count in bands.items()]


def _course(sent: Sent) -> list[Row]:
    """Count those who started by what became of the course, whatever became of them since: the four add up to all."""
    people, last = sent.people, sent.last
    done, left = people["completed"] <= last, people["left"] <= last
    running = sent.courses[(sent.courses["month"] <= last) & (sent.courses["stopped"] > last)]["row"]
    parts = np.select([done, left, people["row"].isin(running)], ["completed", "left", "studying"], "stopped")
    shared = {"n": len(people), "population": "course", "outcome": PARTS}
    return [
        entry("heads", f"course[{one}]", float((parts == one).sum()), **shared)
        for one in ("completed", "studying", "stopped", "left")
    ]


def _by_year(sent: Sent, now: np.ndarray) -> list[Row]:
    years = 1970 + sent.people["start"] // 12
    rows = []
    for year, codes in pd.Series(now).groupby(years):
        counts = np.bincount(codes, minlength=len(STATES))
        parts = {state: count for state, count in zip(STATES, counts, strict=True) if state not in MERGED}
        told = {"started": counts.sum(), **parts}
        shared = {"n": len(codes), "population": str(year), "outcome": PARTS}
        rows += [entry("heads", term, float(count), **shared) for term, count in told.items()]
    return rows


def _waits(sent: Sent) -> list[Row]:
    """Give the quartiles of months from the start to the higher post: order statistics of those who rose."""
    waits = (sent.people["higher"] - sent.people["start"])[sent.people["higher"] <= sent.last]
    if waits.empty:
        return [entry("months", "to_higher[median]", n=0)]
    low, middle, high = np.quantile(waits, [0.25, 0.5, 0.75], method="inverted_cdf")
    told = {"lower": low, "median": middle, "upper": high}
    return [entry("months", f"to_higher[{name}]", value, n=len(waits)) for name, value in told.items()]
