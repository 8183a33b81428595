"""The service owed after a course: who served it, who serves still, who broke it, and the sums owed and paid back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import reference
from analysis.errors import PlacementError, check_options
from analysis.estimate import Estimate
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import PARTS, entry, give
from analysis.words import Message

WAYS = ("served", "serving", "broke", "wave", "other")
LEAVERS = Message("Who left is not in the data, so whether the service was done is not assessable.")
NOBODY = Message("Nobody was sent to such a course and completed it, so no service is owed.")
SUMS = Message(
    "The sum owed is of those who broke the commitment and whose cost is on file: the cost times the share of the "
    "service not done. What is not on file is not 0."
)
STANDS = Message("For some no rule of the service owed is known on the day of the start; the last known one stands.")


def follow_commitments(reg: Registry, *, exposure: str = "postgraduate") -> Estimate:
    """Follow those sent (not self-funded) to a course of kind `exposure` who completed it, to the day of `reg`.

    They owe service until `commitment_until`, else from the end for as many times the length of study as the rule of
    the day of the start says; of several courses the one owed longest counts. Rows: `heads` `bound` and of them
    `served`, `serving` and, who left before it was done, `broke` (resigned), `wave` (resigned or retired early in the
    departures of 2025, decree 178/2024), `other` (retired, moved, died, dismissed), with `n` the bound; `amount` `owed`
    and `repaid` in VND by those who broke it. Exact, without an interval. Whether a resignation was agreed is not in
    the data. Raises PlacementError for an unknown kind; blocked where nobody is bound or leavers are missing.

    >>> placement.follow_commitments(reg).table["term"].tolist()[:3]
    ['bound', 'served', 'serving']
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    spec, base = {"exposure": exposure, "as_of": reg.as_of}, {"method": "service", "date": reg.as_of}
    if not reg.meta.get("leavers_included"):
        return give(base, [entry("heads", "bound")], spec, [LEAVERS], "blocked")
    bound = list_bound(reg, exposure)
    if bound.empty:
        return give(base, [entry("heads", "bound")], spec, [NOBODY], "blocked")
    broke = bound[bound["way"].eq("broke")]
    heads = {"bound": len(bound), **{way: int(bound["way"].eq(way).sum()) for way in WAYS}}
    sums = {"owed": broke["cost"] * broke["unserved"], "repaid": broke["repaid"]}
    rows = [entry("heads", term, float(count), n=len(bound), outcome=PARTS) for term, count in heads.items()]
    rows += [
        entry("amount", term, each.sum() if each.notna().any() else None, n=int(each.notna().sum()))
        for term, each in sums.items()
    ]
    return give(base, rows, spec, [SUMS, *[STANDS] * bool(bound["stands"].any())])


def list_bound(reg: Registry, exposure: str) -> pd.DataFrame:
    """Lay out who is bound: day `until` of the service, the `way` it went, the share `unserved`, cost and repaid."""
    rows = reg["training"]
    rows = rows[rows["kind"].eq(exposure) & rows["outcome"].eq("completed") & ~rows["funder"].eq("self")]
    rows = rows[rows["ended"].notna()]
    if rows.empty:
        return rows
    times, stands = _times(reg, rows)
    length = rows["ended"] - rows["started"]
    rows = rows.assign(until=rows["commitment_until"].fillna(rows["ended"] + times * length), stands=stands)
    rows = rows.sort_values(["person_id", "until", "course_id"]).drop_duplicates("person_id", keep="last")
    until, exits = rows["until"], reg["exits"][["person_id", "exited", "reason"]].sort_values("exited")
    later = pd.merge_asof(
        rows[["person_id", "ended"]].reset_index().sort_values("ended"), exits,
        left_on="ended", right_on="exited", by="person_id", direction="forward",
    ).set_index("index").reindex(rows.index)  # fmt: skip
    gone, reason = later["exited"], later["reason"]
    left = gone < until
    quit_, early = left & reason.eq("resignation"), left & reason.eq("early_retirement")
    waves = [(gone >= one.first) & (gone <= one.last) for one in reference.events() if one.kind == "exits"]
    wave = (quit_ | early) & np.logical_or.reduce([*waves, np.zeros(len(rows), bool)])
    ways = {"wave": wave, "broke": quit_, "other": left, "serving": until > reg.as_of}
    return rows[["person_id", "cost", "repaid", "until", "stands"]].assign(
        way=np.select(list(ways.values()), list(ways), "served"),
        unserved=((until - gone) / (until - rows["ended"])).clip(0, 1).where(left, 0.0),
    )


def _times(reg: Registry, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Give the multiple owed for each course, by the rule of its first day; and where only an earlier rule is known."""
    posts = reg["posts"][~reg["posts"]["concurrent"]].sort_values("started")
    staff = pd.merge_asof(
        rows.sort_values("started").reset_index(), posts[["person_id", "started", "staff_kind"]],
        on="started", by="person_id",
    ).set_index("index")["staff_kind"].astype("str").reindex(rows.index)  # fmt: skip
    found = [
        reference.rule_on("sending", "commitment_times", day, kind)
        for day, kind in zip(rows["started"], staff.where(staff.notna(), "civil_servant"), strict=True)
    ]
    known = [one.says == "rule" for one in found]
    times = [
        float(one.value if sure else reference.last_value("sending", "commitment_times", day))
        for one, sure, day in zip(found, known, rows["started"], strict=True)
    ]
    return pd.Series(times, index=rows.index), ~pd.Series(known, index=rows.index, dtype=bool)
