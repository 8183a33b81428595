"""How fast a share moves against how fast it must: linear pace, gap closed, and the growth ratio for comparison."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from analysis.estimate import Estimate, blocked
from analysis.registry import Registry
from analysis.targets.attainment import count_heads
from analysis.targets.groups import call_roster, day_of, milestone, state_on
from analysis.targets.groups import target as target_entry
from analysis.text import Text

YEAR = 365.25
GRADES = ((0.95, "substantial"), (0.60, "moderate"), (0.0, "limited"))  # cut-offs of Statistics Canada and Eurostat


class Pace(NamedTuple):
    """Ratios of the change made to the change needed; None where one cannot be formed.

    `linear` and `growth` are 1 when exactly on course; `gap_closed` is the part of the way gone (0 to 1, below 0 when
    moving away). `disagree` says that linear and growth fall into different grades.
    """

    linear: float | None
    gap_closed: float | None
    growth: float | None
    disagree: bool


def compare_pace(first: float, now: float, goal: float, *, elapsed: float, whole: float) -> Pace:
    """Compare a share's pace with the pace that its goal asks.

    `first`, `now`, `goal` are shares (0 to 1); `elapsed` and `whole` are times since the first share (any unit), up to
    now and up to the deadline. The growth ratio is that of Statistics Canada's SDG method, for comparison only: it
    flatters low starts. Nothing can be formed before time has passed or where the goal was reached at the start; no
    growth from zero.
    """
    if elapsed <= 0 or whole <= 0 or first >= goal:
        return Pace(None, None, None, False)
    closed = (now - first) / (goal - first)
    linear = closed * whole / elapsed
    growth = None
    if first > 0:
        growth = ((now / first) ** (1 / elapsed) - 1) / ((goal / first) ** (1 / whole) - 1)
    return Pace(linear, closed, growth, growth is not None and grade(linear) != grade(growth))


def grade(ratio: float) -> str:
    """Give the usual word for a pace ratio: substantial, moderate, limited, or deterioration below zero."""
    return next((word for least, word in GRADES if ratio >= least), "deterioration")


def measure_pace(
    reg: Registry,
    *,
    target: str,
    start: str | pd.Timestamp | None = None,
    on: str | pd.Timestamp | None = None,
    deadline: str | pd.Timestamp | None = None,
    reading: str = "has_or_studying",
) -> Estimate:
    """Measure how fast a target's share has moved since `start` against the pace needed by `deadline`.

    `points` rows (shares): `moved` since the start and `to_move` from the start to the goal. `heads` rows (people a
    month): `gained_a_month` over the last 12 months, net, and `needed_a_month` to reach the need of today's members
    by the deadline; empty once it is past. `pace` rows: `linear`, `gap_closed`, `growth`; `details["pace"]` has the flag.
    Defaults: the project's date, the registry's day, the deadline of targets.yml. Blocked where a group is empty.
    """
    first, last = day_of(reg, milestone("baseline") if start is None else start), day_of(reg, on)
    end = milestone("deadline") if deadline is None else pd.Timestamp(deadline)
    share, roster = target_entry(target)["share"], call_roster(reg, target)
    year_ago = last - pd.DateOffset(years=1)
    heads = {day: count_heads(state_on(roster, day), reading, share) for day in (first, last, year_ago)}
    spec = {"target": target, "reading": reading, "start": f"{first:%Y-%m-%d}", "on": f"{last:%Y-%m-%d}",
            "deadline": f"{end:%Y-%m-%d}"}  # fmt: skip
    base = {"method": "pace", "population": "ALL", "outcome": target, "date": last, "interval": "none"}
    terms = (("points", "moved"), ("points", "to_move"), ("heads", "gained_a_month"), ("heads", "needed_a_month"))
    rows = [{**base, "estimand": estimand, "term": term} for estimand, term in terms]
    reason = _why_not(heads[first], heads[last], first, last)
    if reason:
        return blocked([*rows, {**base, "estimand": "pace", "term": "linear"}], spec, reason)
    shares = [heads[day]["counted"] / heads[day]["members"] for day in (first, last)]
    left = (end.year - last.year) * 12 + end.month - last.month
    seen = year_ago >= pd.Timestamp(reg.meta["covers_from"]) and heads[year_ago]["members"]
    values = (
        shares[1] - shares[0],
        share - shares[0],
        (heads[last]["counted"] - heads[year_ago]["counted"]) / 12 if seen else None,
        heads[last]["short"] / left if left > 0 else None,
    )
    pace = compare_pace(*shares, share, elapsed=(last - first).days / YEAR, whole=(end - first).days / YEAR)
    ratios = zip(("linear", "gap_closed", "growth"), pace[:3], strict=True)
    rows = [{**row, "estimate": value} for row, value in zip(rows, values, strict=True)]
    rows += [{**base, "estimand": "pace", "term": term, "estimate": value} for term, value in ratios]
    table = [{**row, "n": heads[last]["members"]} for row in rows]
    return Estimate(table=table, spec=spec, notes=_notes(pace), status="warned" if pace.disagree else "ok",
                    details={"pace": pd.DataFrame([{"target": target, **pace._asdict()}])})  # fmt: skip


def _why_not(before: dict[str, int], now: dict[str, int], first: pd.Timestamp, last: pd.Timestamp) -> Text | None:
    if last <= first:
        return Text(
            f"No pace: the day {last:%Y-%m-%d} is not after the start {first:%Y-%m-%d}.",
            f"Không có tốc độ: ngày {last:%Y-%m-%d} không sau ngày đầu {first:%Y-%m-%d}.",
        )
    if not before["members"] or not now["members"]:
        return Text(
            "The group has no members on one of the two days.", "Nhóm không có thành viên ở một trong hai ngày."
        )
    return None


def _notes(pace: Pace) -> tuple[Text, ...]:
    notes = []
    if pace.linear is None:
        notes.append(Text("The goal was reached at the start: there is no pace to compare.",
                          "Mức chỉ tiêu đã đạt từ đầu: không có tốc độ để so sánh."))  # fmt: skip
    elif pace.growth is None:
        notes.append(Text("The share was zero at the start: no growth ratio exists.",
                          "Tỷ lệ ban đầu bằng không: không có tỷ số tăng trưởng."))  # fmt: skip
    if pace.disagree:
        notes.append(Text(
            f"The methods disagree: {grade(pace.linear)} by linear pace, {grade(pace.growth)} by growth ratio, which "
            "flatters a low start.",
            "Các cách tính không thống nhất: theo tốc độ đều và theo tỷ số tăng trưởng xếp mức khác nhau; tỷ số tăng "
            "trưởng làm đẹp xuất phát điểm thấp.",
        ))  # fmt: skip
    return tuple(notes)
