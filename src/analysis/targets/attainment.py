"""Where a group stands on a day or over days: whole heads, a word by rule, and every definition beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd

from analysis.estimate import Estimate
from analysis.reference import Target, readings
from analysis.registry import Registry
from analysis.results import Row, entry, give, refused
from analysis.targets.groups import (
    HEADLINE,
    Day,
    Reading,
    call_roster,
    check_reading,
    counted,
    days_of,
    find_monitor,
    find_target,
    first_day,
    heads_needed,
    held_on,
    nobody,
    state_on,
    states_on,
)
from analysis.words import Message

CENSUS = {"method": "census", "interval": "none"}
LENT = ("secondment", "rotation")
WATCHED = ("has_or_studying", "has")  # readings under which a group without a target is shown


def measure_attainment(
    reg: Registry, *, target: str, reading: Reading | None = None, on: Day | Sequence[Day] | None = None
) -> Estimate:
    """Measure one `target` in `reg` `on` one day or several (default: the registry's own).

    Rows: one `attainment` a reading and day (share 0 to 1, `n` members, `n_event` heads counted), and for the
    headline reading (or the `reading` asked for) `heads` rows: members, has, studying (without a degree), unverified
    (heads that count only if an unverified degree holds), counted, need, short (need - counted, never below 0).
    A complete register is a census: rows carry no sampling interval.
    Raises TargetsError for an unknown target or reading, or a day that the registry cannot see.
    A day without members keeps its rows with empty numbers; where no day has any, the result is blocked.

    >>> attained = targets.measure_attainment(reg, target="T4")
    >>> attained.pick(term="has_or_studying").table["estimate"].round(2).tolist(), attained.table.shape
    ([0.35], (11, 21))
    """
    aim, days, asked = find_target(target), days_of(reg, on), (reading,) if reading else readings()
    roster = call_roster(reg, aim.group)
    untold = refused(asked, partial(check_reading, roster))
    rows: list[Row] = []
    for day, state in zip(days, states_on(roster, days), strict=True):
        shares = [measure_share([state], one, told=one not in untold) for one in asked]
        heads = [
            entry("heads", term, count if len(state) else None, n=len(state))
            for term, count in count_heads(state, asked[0], aim.share).items()
        ]
        rows += [{"date": day, **row} for row in (*shares, *heads)]
    seen, notes = {row["n"] > 0 for row in rows}, [*untold.values(), *_notes(reg, aim)]
    if not any(seen):
        notes.insert(0, nobody(days[-1]))
    stopped = not any(seen) or len(untold) == len(asked)
    status = "blocked" if stopped else "warned" if untold or not all(seen) else "ok"
    spec = {"target": target, "reading": reading, "on": days}
    return give({**CENSUS, "outcome": target}, rows, spec, notes, status)


def measure_share(states: Sequence[pd.DataFrame], reading: str, *, told: bool = True) -> Row:
    """Give the row of a share, heads and members averaged over days; empty without members or where not `told`."""
    heads = sum(int(counted(state, reading).sum()) for state in states) / len(states)
    members = sum(map(len, states)) / len(states)
    share = heads / members if told and members else None
    return entry("attainment", reading, share, n=round(members), n_event=round(heads) if told else None)


def count_heads(state: pd.DataFrame, reading: str, share: float) -> dict[str, int]:
    """Count the heads of a group from what is true of each member."""
    has, studying, flags = state["has"], state["studying"], counted(state, reading)
    sure, total, need = (
        counted(state.assign(has=state["verified"]), reading),
        int(flags.sum()),
        heads_needed(share, len(state)),
    )
    return {
        "members": len(state),
        "has": int(has.sum()),
        "studying": int((studying & ~has).sum()),
        "unverified": int((flags & ~sure).sum()),
        "counted": total,
        "need": need,
        "short": max(need - total, 0),
    }


def judge(heads: Mapping[str, float], *, final: bool, earlier: Mapping[str, float] | None = None) -> str:
    """Give the status word of a target by rule from its `heads`; `earlier` are `counted` and `need` of a day before.

    `met`: the need is reached counting verified degrees and students only; `pending`: only with unverified ones;
    `shrunk`, `shrunk_pending`: the same, but the earlier need was not reached then and is not by the heads of today,
    so that the group's size reached it; `missed` where it is `final` (after the last comparable day), else `open`;
    `not_assessable` without members.

    >>> targets.judge({"members": 10, "counted": 7, "need": 7, "unverified": 0}, final=True)
    'met'
    """
    if not heads.get("members"):
        return "not_assessable"
    if heads["counted"] < heads["need"]:
        return "missed" if final else "open"
    sure = heads["counted"] - heads["unverified"] >= heads["need"]
    if earlier and max(earlier["counted"], heads["counted"]) < earlier["need"]:
        return "shrunk" if sure else "shrunk_pending"
    return "met" if sure else "pending"


def _notes(reg: Registry, target: Target) -> list[Message]:
    notes = [
        Message(
            "A complete register is a census: the share has no sampling interval. What is uncertain is the "
            "reading of the wording and the unverified degrees."
        ),
        Message("Verification has no history: a degree is shown as verified or not as it stands in the extract."),
    ]
    verified = reg["qualifications"]["verified"]
    if len(verified) and not verified.any():
        notes.append(
            Message(
                "No degree in the data is marked as verified: whether the need is reached is not assessable beyond "
                "the two bounds."
            )
        )
    if not reg.has(target.group.table):
        notes.append(Message("The table {table} was not given.", table=target.group.table))
    return notes


def monitor_group(reg: Registry, *, monitor: str = "lecturers", on: Day | Sequence[Day] | None = None) -> Estimate:
    """Measure a group `monitor` of targets.yml in `reg` `on` one day or several: no need, no verdict.

    Rows: `attainment` under two readings (share 0 to 1, `n` members, `n_event` heads) and `heads` `members`.
    Raises TargetsError for an unknown monitor or a day not seen; blocked where no day has members.

    >>> targets.monitor_group(reg).table["term"].tolist()
    ['members', 'has_or_studying', 'has']
    """
    days, roster = days_of(reg, on), call_roster(reg, find_monitor(monitor))
    rows: list[Row] = []
    for day in days:
        state = state_on(roster, day)
        size = entry("heads", "members", len(state) or None, n=len(state))
        rows += [{"date": day, **row} for row in (size, *(measure_share([state], one) for one in WATCHED))]
    base, spec = {**CENSUS, "outcome": monitor}, {"monitor": monitor, "on": days}
    if not any(row["n"] for row in rows):
        return give(base, rows, spec, [nobody(days[-1])], "blocked")
    return give(base, rows, spec, [Message("This group has no target: its share is watched, not judged.")])


def grid_definitions(reg: Registry, *, target: str, days: Sequence[Day]) -> Estimate:
    """Measure a `target` in `reg` under every reading and population on `days`.

    Populations: `ALL` members on the day; `not_seconded` without those whose main post is a secondment or rotation;
    `quarter_average` heads and members averaged over the last three month ends up to the day. Rows: `attainment`
    (share 0 to 1; `n` members, `n_event` heads, rounded for the average), and the `heads` `has` and `unverified` of a
    day, which say how sure a cell is: under the headline, and (`run` `has`) under that reading. Blocked where no day
    has members.

    >>> targets.grid_definitions(reg, target="T4", days=["2024-12-31"]).pick(estimand="attainment").table.shape
    (12, 21)
    """
    aim, asked = find_target(target), days_of(reg, days)
    roster, posts = call_roster(reg, aim.group), reg["posts"]
    untold = refused(readings(), partial(check_reading, roster))
    rows: list[Row] = []
    for day in asked:
        now = state_on(roster, day)
        lent = posts.loc[~posts["concurrent"] & held_on(posts, day) & posts["decision"].isin(LENT), "person_id"]
        ends = [day - pd.offsets.MonthEnd(back) for back in (2, 1)]
        populations = {
            "ALL": [now],
            "not_seconded": [now[~now.index.isin(lent)]],
            "quarter_average": [*(state_on(roster, end) for end in ends if end >= first_day(reg)), now],
        }
        for run, reading in (("", HEADLINE), ("has", "has")):
            known = count_heads(now, reading, aim.share)
            rows += [entry("heads", term, known[term], n=len(now), run=run, date=day) for term in ("has", "unverified")]
        rows += [
            {"population": population, "date": day, **measure_share(states, reading, told=reading not in untold)}
            for population, states in populations.items()
            for reading in readings()
        ]
    base, spec = {**CENSUS, "outcome": target}, {"target": target, "days": asked}
    notes = list(untold.values())
    if all(row["estimate"] is None for row in rows if row["estimand"] == "attainment"):
        return give(base, rows, spec, [nobody(asked[-1])], "blocked")
    return give(base, rows, spec, notes, "warned" if notes else "ok")


def count_courses(reg: Registry, *, target: str, on: Day) -> Estimate:
    """Count the members of a `target` in `reg` who study without a degree, by when their course ends (`heads` rows).

    `ends[overdue]`: it was to end by the day `on`; `ends[12]`: within a year of it; `ends[later]`: after that, or
    unsaid.

    >>> targets.count_courses(reg, target="T4", on="2024-12-31").table["term"].tolist()
    ['ends[overdue]', 'ends[12]', 'ends[later]']
    """
    day, aim = days_of(reg, on)[0], find_target(target)
    roster = call_roster(reg, aim.group)
    state = state_on(roster, day)
    who = state.index[state["studying"] & ~state["has"]]
    ends = roster.courses[held_on(roster.courses, day)].groupby("person_id")["expected_end"].max().reindex(who)
    soon = ends <= day + pd.DateOffset(months=12)
    counts = {"overdue": (ends <= day).sum(), "12": (soon & (ends > day)).sum(), "later": (~soon).sum()}
    rows = [entry("heads", f"ends[{when}]", count, n=len(state), date=day) for when, count in counts.items()]
    return give({**CENSUS, "outcome": target}, rows, {"target": target, "on": day})
