"""Who holds a post without what it asks for: held, unknown or owed, by the requirement of the day of appointment.

The absence of a record is not the absence of a certificate. A level is owed only where the registry shows that it is
not held: the file states a lower one as the highest; or the level itself, or a lower one, was earned or studied for
after the day, since nobody takes again what is held already. Where nothing is shown the level is unknown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.careers.states import SAME_POST
from analysis.errors import Blocked
from analysis.estimate import Estimate
from analysis.placement.cells import CELL, Cuts, absent, holding, main_posts, melt, refuse, stack, told
from analysis.project import reference
from analysis.registry import Registry
from analysis.registry.contract import AWARDS
from analysis.standards import standards

STATES = ("held_verified", "held", "unknown", "owed")
CUTS = (("", ""), ("asks", ""), ("", "office_level"), ("asks", "office_level"), ("", "office"))
STEPS = pd.Series({(kind, level): step for kind, levels in AWARDS.items() for step, level in enumerate(levels)})
MONTH = pd.Timedelta(days=30.4375)
OPEN = pd.Timestamp("2200-01-01").as_unit("ms")  # the end of a course under way
PACE = 24  # months whose completions told the pace


def count_owed(reg: Registry) -> Estimate:
    """Count who holds an office that asked for a level on the day of appointment, by whether it is held.

    Rows `heads` on the day of `reg`, by requirement (`kind[level]` in `outcome`), level of the office and office:
    `asked`, and of them `held_verified`, `held` (a certificate not verified, or a completed course), `unknown`, `owed`;
    `n` those asked. The truth lies from `owed` to `owed` and `unknown` together. `months`: `owed_months`, the median
    since appointment of those who owe. Blocked where the registry has no offices, or no certificate of a kind that is
    asked for.

    >>> placement.count_owed(reg).pick(term="owed", outcome="ALL", population="ALL").table["n"].tolist()
    [296.0]
    """
    day = reg.as_of
    try:
        cases = list_asked(reg)
    except Blocked as stop:
        return refuse(["asked", *STATES], {"on": f"{day:%Y-%m-%d}"}, stop.reasons)
    wide = _by_state(cases)
    since = (day - cases["on"]) / MONTH
    owing = stack(cases.assign(since=since)[cases["state"] == "owed"], CUTS).groupby(CELL)["since"]
    wide["owed_months"] = owing.median()
    rows = _rows(reg, wide).dropna(subset="estimate")
    owe = wide["owed"].reindex(pd.MultiIndex.from_frame(rows[CELL])).to_numpy()
    return told("owed", rows.assign(n=rows["n"].where(rows["estimand"] == "heads", owe)), {"on": f"{day:%Y-%m-%d}"})


def list_asked(reg: Registry) -> pd.DataFrame:
    """Lay out what the offices held on the day of `reg` asked for, by person and requirement: `unit_id`, `state`.

    Raises Blocked as `count_owed` is blocked.
    """
    held = holding(_appointments(reg), reg.as_of)
    cases = _judged(reg, _asked(held, held["appointed"]), reg.as_of)
    return cases.assign(unit_id=cases["person_id"].map(held.set_index("person_id")["unit_id"]))


def count_appointed_owing(reg: Registry, *, year: int) -> Estimate:
    """Count the appointments of a `year` in `reg` to offices that ask for a level, by whether it was held on that day.

    Rows as those of `count_owed`, of turns: who was appointed twice counts twice.

    >>> placement.count_appointed_owing(reg, year=2023).status
    'ok'
    """
    try:
        posts = _appointments(reg)
        made = posts[(posts["started"] == posts["appointed"]) & (posts["started"].dt.year == year)]
        cases = _judged(reg, _asked(made, made["started"]), None)
    except Blocked as stop:
        return refuse(["asked", *STATES], {"year": year}, stop.reasons)
    return told("appointed", _rows(reg, _by_state(cases)), {"year": year})


def count_queue(reg: Registry) -> Estimate:
    """Count who is on a planning list of `reg` for an office whose level they lack, and when the queue clears.

    Rows by requirement: `heads` `planned`, of them the four states, `trained` (people who completed that level in the
    last 24 months); `months` `clears`: at that pace, if every completion were theirs, from `conf_low` (those who owe)
    to `conf_high` (with the unknown). The requirement is that of an appointment on the day of `reg`. Where nobody
    completed, the queue does not clear and the row is empty. Blocked as `count_owed`, and without a planning list that
    names offices.

    >>> placement.count_queue(reg).pick(term="clears").table["conf_low"].gt(0).tolist()
    [True, True]
    """
    day = reg.as_of
    try:
        if not reg.has("planning"):
            raise Blocked(absent("planning"))
        plans = _named(reg["planning"], "planning")
        staff = holding(main_posts(reg), day).set_index("person_id")["staff_kind"]
        plans = holding(plans.sort_values(["person_id", "started", "grade"]), day)
        plans = plans.assign(staff_kind=plans["person_id"].map(staff)).dropna(subset="staff_kind")
        cases = _judged(reg, _asked(plans, pd.Series(day, index=plans.index)), day)
    except Blocked as stop:
        return refuse(["planned", *STATES, "clears"], {"on": f"{day:%Y-%m-%d}"}, stop.reasons)
    wide = _by_state(cases, CUTS[1:2]).rename(columns={"asked": "planned"})
    wide["trained"] = _trained(reg, wide.index.get_level_values("outcome"))
    rows = _rows(reg, wide)
    pace = wide["trained"].where(wide["trained"] > 0) / PACE
    low, high = wide["owed"] / pace, (wide["owed"] + wide["unknown"]) / pace
    clears = wide.assign(term="clears", estimand="months", estimate=high, conf_low=low, conf_high=high,
                         n=wide["owed"] + wide["unknown"])  # fmt: skip
    kept = clears.reset_index()[[*CELL, "term", "estimand", "estimate", "conf_low", "conf_high", "n"]]
    return told("queue", pd.concat([rows, kept]), {"on": f"{day:%Y-%m-%d}", "pace_months": PACE})


def _named(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    if rows["office"].isna().all():
        raise Blocked("Not assessable: no row of {table:label.tables} names its office.", table=table)
    return rows.assign(office=rows["office"].astype("str"))


def _appointments(reg: Registry) -> pd.DataFrame:
    """Give the main posts with the day of appointment: that of the decision which others of the same post continue."""
    posts = _named(main_posts(reg), "posts")
    before = posts.groupby("person_id")["office"].shift()
    goes_on = posts["decision"].isin(SAME_POST) & posts["office"].eq(before)
    return posts.assign(appointed=posts["started"].mask(goes_on).groupby(posts["person_id"]).ffill())


def _asked(cases: pd.DataFrame, on: pd.Series) -> pd.DataFrame:
    """Give the cases of which their office asked for a level on the day `on`: `kind`, `step` of the highest, `asks`."""
    listed = pd.DataFrame(map(vars, standards())).explode("offices").rename(columns={"offices": "office"})
    both = cases[["person_id", "office", "staff_kind"]].assign(on=on).merge(listed, on="office")
    bound = [not staff or kind in staff for staff, kind in zip(both["staff"], both["staff_kind"], strict=True)]
    both = both[(both["since"] <= both["on"]) & (both["on"] < both["until"]) & np.array(bound, dtype=bool)]
    both["step"] = STEPS.reindex(pd.MultiIndex.from_frame(both[["kind", "level"]])).to_numpy()
    both = both.sort_values("step", kind="stable").drop_duplicates(["person_id", "office", "on", "kind"], keep="last")
    level = {code: entry["level"] for code, entry in reference("offices.yml").items()}
    asks = both["kind"] + "[" + both["level"] + "]"
    return both.assign(office_level=both["office"].map(level), case=np.arange(len(both)), asks=asks)


def _signs(reg: Registry) -> pd.DataFrame:
    """Lay out what shows a level: certificates by award, courses by their end, those under way without a day."""
    awards, courses = reg["qualifications"], reg["training"]
    awards = awards.assign(day=awards["awarded"], shows=True)
    done = courses["outcome"].eq("completed") & courses["ended"].notna()
    courses = courses.assign(day=courses["ended"].fillna(OPEN), shows=done, verified=False, highest=False)
    both = pd.concat([awards, courses[courses["started"].notna()]], ignore_index=True)
    keys = pd.MultiIndex.from_arrays([both["kind"].astype("str"), both["level"].astype("str")])
    both["reached"] = STEPS.reindex(keys).to_numpy()
    return both.dropna(subset="reached")[["person_id", "kind", "reached", "day", "shows", "verified", "highest"]]


def _judged(reg: Registry, cases: pd.DataFrame, day: pd.Timestamp | None) -> pd.DataFrame:
    """Say of each case whether its level was held on `day`, or where none is given on the day of the case."""
    signs = _signs(reg)
    for kind in sorted(set(cases["kind"])):
        if not signs["kind"].eq(kind).any():
            raise Blocked("Not assessable: the registry holds no certificate of {kind:label.award_kind}.", kind=kind)
    asked = cases[["case", "person_id", "kind", "step", "on"]]
    seen = asked.merge(signs.astype({"kind": "str"}), on=["person_id", "kind"])
    on, enough = (seen["on"] if day is None else day), seen["reached"] >= seen["step"]
    has = seen["shows"] & (seen["day"] <= on) & enough
    lacks = ((seen["day"] > on) & (seen["reached"] <= seen["step"])) | (seen["highest"].astype(bool) & ~enough)
    marks = {"held_verified": has & seen["verified"].astype(bool), "held": has, "owed": lacks}
    found = [cases["case"].isin(seen.loc[mark, "case"]) for mark in marks.values()]
    return cases.assign(state=np.select(found, [*marks], "unknown"))


def _by_state(cases: pd.DataFrame, cuts: Cuts = CUTS) -> pd.DataFrame:
    cells = stack(cases, cuts)
    marked = cells.assign(**{state: cells["state"] == state for state in STATES}).groupby(CELL)
    total = marked.size()
    return marked[list(STATES)].sum().assign(asked=total, n=total)


def _rows(reg: Registry, wide: pd.DataFrame) -> pd.DataFrame:
    """Turn counts into rows; those asked and trained are some of all in service."""
    rows = melt(wide, {"owed_months": "months"})
    return rows.assign(
        n=rows["n"].mask(rows["term"].isin(["asked", "planned", "trained"]), len(holding(main_posts(reg), reg.as_of)))
    )


def _trained(reg: Registry, asks: pd.Index) -> np.ndarray:
    """Count the people who completed each of some levels in the last months, by which the pace is told."""
    rows = reg["training"]
    recent = (rows["ended"] > reg.as_of - pd.DateOffset(months=PACE)) & (rows["ended"] <= reg.as_of)
    rows = rows[recent & rows["outcome"].eq("completed")]
    level = rows["kind"].astype("str") + "[" + rows["level"].astype("str") + "]"
    return rows.groupby(level)["person_id"].nunique().reindex(asks, fill_value=0).to_numpy()
