"""How fast a share moves against how fast it must: linear pace, gap closed, and the growth ratio for comparison."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from analysis.estimate import Estimate
from analysis.reference import milestone
from analysis.registry import Registry
from analysis.results import entry, give
from analysis.targets.attainment import count_heads
from analysis.targets.events import month
from analysis.targets.groups import (
    HEADLINE,
    Day,
    call_roster,
    day_of,
    find_target,
    first_day,
    nobody,
    state_on,
)
from analysis.words import Message

YEAR = 365.25
GRADES = ((0.95, "substantial"), (0.60, "moderate"), (0.0, "limited"))  # cut-offs of Statistics Canada and Eurostat
TERMS = (
    ("points", "moved"),
    ("points", "to_move"),
    ("heads", "gained_a_month"),
    ("heads", "needed_a_month"),
    ("pace", "linear"),
    ("pace", "gap_closed"),
    ("pace", "growth"),
)


class Pace(NamedTuple):
    """Ratios of the change made to the change needed; None where one cannot be formed.

    `linear` and `growth` are 1 when exactly on course; `gap_closed` is the part of the way gone (0 to 1, below 0 when
    moving away). `disagree` says that linear and growth fall into different grades.
    """

    linear: float | None = None
    gap_closed: float | None = None
    growth: float | None = None
    disagree: bool = False


def compare_pace(first: float, now: float, goal: float, *, elapsed: float, whole: float) -> Pace:
    """Compare a share's pace with the pace that its goal asks.

    `first`, `now`, `goal` are shares (0 to 1); `elapsed` and `whole` are times since the first share (any unit), up to
    now and up to the deadline. The growth ratio is that of Statistics Canada's SDG method, for comparison only: it
    flatters low starts. Nothing can be formed before time has passed or where the goal was reached at the start; no
    growth from zero.
    """
    if elapsed <= 0 or whole <= 0 or first >= goal:
        return Pace()
    closed = (now - first) / (goal - first)
    linear = closed * whole / elapsed
    if first <= 0:
        return Pace(linear, closed)
    growth = ((now / first) ** (1 / elapsed) - 1) / ((goal / first) ** (1 / whole) - 1)
    return Pace(linear, closed, growth, grade(linear) != grade(growth))


def grade(ratio: float) -> str:
    """Give the usual word for a pace ratio: substantial, moderate, limited, or deterioration below zero."""
    return next((word for least, word in GRADES if ratio >= least), "deterioration")


def measure_pace(
    reg: Registry,
    *,
    target: str,
    on: Day | None = None,
    deadline: Day | None = None,
) -> Estimate:
    """Measure how fast a `target`'s share in `reg` has moved up to `on` against the pace needed by `deadline`.

    `points` rows (shares): `moved` since the start and `to_move` from the start to the goal. `heads` rows (people a
    month): `gained_a_month` over the last 12 months, net, and `needed_a_month` to reach the need of today's members
    by the deadline; empty once it is past. `pace` rows: `linear`, `gap_closed`, `growth`; a note where they disagree.
    Defaults: the registry's day; the target's own day, else the deadline of targets.yml, or the day on which the group
    ends if that is earlier.
    Reading: has or is studying. Blocked where a group is empty.

    >>> targets.measure_pace(reg, target="T4", on="2024-12-31").table["term"].tolist()
    ['moved', 'to_move', 'gained_a_month', 'needed_a_month', 'linear', 'gap_closed', 'growth']
    """
    first, last = day_of(reg, milestone("baseline")), day_of(reg, on)
    aim, year_ago = find_target(target), last - pd.DateOffset(years=1)
    end = min(aim.day or milestone("deadline"), aim.ends) if deadline is None else pd.Timestamp(deadline)
    roster = call_roster(reg, aim.group)
    spec = {"target": target, "reading": HEADLINE, "start": first, "on": last, "deadline": end}
    base = {"method": "pace", "outcome": target, "date": last, "interval": "none"}
    before, then, now = (count_heads(state_on(roster, day), HEADLINE, aim.share) for day in (first, year_ago, last))
    reasons = [nobody(day) for day, heads in ((first, before), (last, now)) if not heads["members"]]
    if last <= first:
        reasons = [Message("No pace: {last:day} is not after the start, {first:day}.", last=last, first=first)]
    if reasons:
        return give(base, [entry(*what) for what in TERMS[:5]], spec, reasons[:1], "blocked")
    share0, share1 = (heads["counted"] / heads["members"] for heads in (before, now))
    left, seen = month(end) - month(last), year_ago >= first_day(reg) and then["members"]
    values = (
        share1 - share0,
        aim.share - share0,
        (now["counted"] - then["counted"]) / 12 if seen else None,
        now["short"] / left if left > 0 else None,
    )
    pace = compare_pace(share0, share1, aim.share, elapsed=(last - first).days / YEAR, whole=(end - first).days / YEAR)
    answers = zip(TERMS, (*values, *pace[:3]), strict=True)
    rows = [entry(*what, value, n=now["members"]) for what, value in answers]
    return give(base, rows, spec, _notes(pace), "warned" if pace.disagree else "ok")


def _notes(pace: Pace) -> list[Message]:
    notes = []
    if pace.linear is None:
        notes.append(Message("The goal was reached at the start: there is no pace to compare."))
    elif pace.growth is None:
        notes.append(Message("The share was zero at the start: no growth ratio exists."))
    if pace.disagree:
        notes.append(
            Message(
                "The methods disagree: linear pace and growth ratio give different grades; the growth ratio flatters a "
                "low start."
            )
        )
    return notes
