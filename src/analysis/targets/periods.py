"""The ledger over several periods: bridges chained, every flow by kind, congress and merger as bars of their own."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate, blocked
from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.flows import count_moves, label_moves
from analysis.targets.groups import call_roster, counted, day_of, is_elected, state_on
from analysis.targets.groups import target as target_entry
from analysis.text import Text

DAY = pd.Timedelta(days=1)
BARS = {"congress": "congress", "reorganisation": "merger"}


def bridge_periods(
    reg: Registry, *, target: str, days: Sequence[str | pd.Timestamp], reading: str = "has_or_studying"
) -> Estimate:
    """Chain bridges over `days` and split every flow by kind.

    `heads` and `points` rows, as in `bridge`, with terms `opening`, `enrolled[funder]`, `entered[way in]`, `dropped`,
    `left[reason]`, `congress`, `merger` and `closing`: they add up without a residual. Periods are cut at the group's
    congress and at mergers (events.yml); who comes and goes in such a window is in that bar, and `details["periods"]`
    keeps every period in full. `n` is the people of a flow (of a person who came and went: of each move). Days
    without members between the first and the last are passed over, and a note says so.
    Raises TargetsError for days not in order or that cannot be seen; blocked where the first or last has no members.
    """
    asked = [day_of(reg, day) for day in days]
    if len(asked) < 2 or any(one >= two for one, two in zip(asked, asked[1:], strict=False)):
        raise TargetsError(
            en=f"A chain needs two or more days, each after the one before; given {[f'{day:%Y-%m-%d}' for day in asked]}.",
            vi=f"Chuỗi cần từ hai ngày trở lên, ngày sau muộn hơn ngày trước; đã cho {[f'{day:%Y-%m-%d}' for day in asked]}.",
        )
    windows = event_windows(target, asked[0], asked[-1])
    cuts = sorted({*asked, *(day for window in windows for day in window[:2])})
    roster = call_roster(reg, target)
    states = {day: counted(state_on(roster, day), reading) for day in cuts}
    spec = {"target": target, "reading": reading, "days": [f"{day:%Y-%m-%d}" for day in asked]}
    base = {"method": "ledger", "population": "ALL", "outcome": target, "interval": "none", "date": asked[-1]}
    if states[asked[0]].empty or states[asked[-1]].empty:
        reason = Text("The group has no members on the first or on the last day.",
                      "Nhóm không có thành viên vào ngày đầu hoặc ngày cuối.")  # fmt: skip
        return blocked([{**base, "estimand": "heads", "term": term} for term in ("opening", "closing")], spec, reason)
    seen = [day for day in cuts if len(states[day])]
    bars = {(start, end): bar for start, end, bar in windows}
    parts = []
    for start, end in zip(seen, seen[1:], strict=False):
        moves = label_moves(reg, roster, (states[start], states[end]), (start, end), seats=is_elected(target))
        parts.append(count_moves(moves).assign(start=start, end=end, bar=bars.get((start, end), "")))
    periods = pd.concat(parts, ignore_index=True)
    flows = _merge(periods)
    rows = [{**base, **row} for row in _rows(flows, states[asked[0]], states[asked[-1]])]
    skipped = (_skipped(),) if len(seen) < len(cuts) else ()
    return Estimate(table=rows, spec=spec, notes=skipped, status="warned" if skipped else "ok",
                    details={"periods": periods})  # fmt: skip


def event_windows(target: str, first: pd.Timestamp, last: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """List the windows (day before, last day, bar) of the group's congress and of mergers that lie between two days."""
    congress, windows = target_entry(target).get("congress"), []
    for event in reference("events.yml"):
        bar = BARS.get(event["kind"])
        if bar is None or (bar == "congress" and event["id"] != congress):
            continue
        start = pd.Timestamp(event.get("started", event.get("date"))) - DAY
        end = pd.Timestamp(event["ended"]) - DAY if "ended" in event else pd.Timestamp(event["date"])
        if first <= start and end <= last:
            windows.append((start, end, bar))
    return windows


def _merge(periods: pd.DataFrame) -> pd.DataFrame:
    """Add the periods up, newcomers and leavers of an event window in the bar of the event."""
    term = periods["flow"] + ("[" + periods["kind"] + "]").where(periods["kind"] != "", "")
    through = periods["flow"].isin(["entered", "left"]) & (periods["bar"] != "")
    term = term.mask(through, periods["bar"])
    order = periods["flow"].map({"enrolled": 0, "entered": 1, "dropped": 2, "left": 3}).mask(through, 4)
    added = periods.assign(term=term, order=order).groupby(["order", "term"])[["people", "heads", "points"]].sum()
    return added.reset_index()


def _rows(flows: pd.DataFrame, before: pd.Series, after: pd.Series) -> list[dict]:
    rows = []
    for estimand, first, last in (("heads", before.sum(), after.sum()), ("points", before.mean(), after.mean())):
        rows.append({"estimand": estimand, "term": "opening", "estimate": float(first), "n": len(before)})
        rows += [
            {"estimand": estimand, "term": flow["term"], "estimate": flow[estimand], "n": flow["people"],
             "n_event": abs(flow["heads"])}
            for flow in flows.to_dict("records")
        ]  # fmt: skip
        rows.append({"estimand": estimand, "term": "closing", "estimate": float(last), "n": len(after)})
    return rows


def _skipped() -> Text:
    return Text("Days without members lie between: the bridge passes over them.",
                "Có ngày ở giữa nhóm không có thành viên: cầu nối bỏ qua các ngày đó.")  # fmt: skip
