"""The stock-flow ledger of a target: what moved it between two days, closed to the last head."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.groups import call_roster, counted, day_of, state_on
from analysis.text import Text

FLOWS = ("enrolled", "entered", "dropped", "left")


def bridge(
    reg: Registry,
    *,
    target: str,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    reading: str = "has_or_studying",
) -> Estimate:
    """Split the change of a target's heads, and of its share, between two days.

    `heads` rows, signed: opening + enrolled (members on both days who came to count) + entered (newcomers who
    count) + dropped (members on both days who no longer count, <= 0) + left (leavers who counted, <= 0) = closing.
    `points` rows (share, 0 to 1): opening + status (enrolled and dropped over those present on both days)
    + entry + exit = closing, the entry and exit parts in the form of Melitz and Polanec (2015), no residual.
    Raises TargetsError where a day cannot be seen or start is not before end; blocked where a day has no members.
    """
    first, last = day_of(reg, start), day_of(reg, end)
    if first >= last:
        raise TargetsError(
            en=f"The bridge must start before it ends; given {first:%Y-%m-%d} to {last:%Y-%m-%d}. Swap or change them.",
            vi=f"Ngày đầu phải trước ngày cuối; đã cho {first:%Y-%m-%d} đến {last:%Y-%m-%d}. Hãy đổi lại.",
        )
    spec = {"target": target, "reading": reading, "start": f"{first:%Y-%m-%d}", "end": f"{last:%Y-%m-%d}"}
    roster = call_roster(reg, target)
    before, after = (counted(state_on(roster, day), reading) for day in (first, last))
    base = {"method": "ledger", "population": "ALL", "outcome": target, "interval": "none", "date": last}
    if before.empty or after.empty:
        reason = Text(
            "The group has no members on one of the two days.", "Nhóm không có thành viên ở một trong hai ngày."
        )
        rows = [{**base, "estimand": "heads", "term": term} for term in ("opening", *FLOWS, "closing")]
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    rows = [{**base, "estimand": "heads", **row} for row in _heads(before, after)]
    rows += [{**base, "estimand": "points", **row} for row in _points(before, after)]
    return Estimate(table=rows, spec=spec)


def _heads(before: pd.Series, after: pd.Series) -> list[dict[str, Any]]:
    stay = before.index.intersection(after.index)
    come, go = after.index.difference(before.index), before.index.difference(after.index)
    flows = {
        "opening": (int(before.sum()), len(before)),
        "enrolled": (int((after[stay] & ~before[stay]).sum()), len(stay)),
        "entered": (int(after[come].sum()), len(come)),
        "dropped": (-int((before[stay] & ~after[stay]).sum()), len(stay)),
        "left": (-int(before[go].sum()), len(go)),
        "closing": (int(after.sum()), len(after)),
    }
    return [{"term": term, "estimate": heads, "n": n, "n_event": abs(heads)} for term, (heads, n) in flows.items()]


def _points(before: pd.Series, after: pd.Series) -> list[dict[str, Any]]:
    stay = before.index.intersection(after.index)
    come, go = after.index.difference(before.index), before.index.difference(after.index)
    p0, p1 = before.mean(), after.mean()
    stay0, stay1 = (before[stay].mean(), after[stay].mean()) if len(stay) else (0.0, 0.0)
    parts = {
        "opening": p0,
        "status": stay1 - stay0,
        "entry": len(come) / len(after) * (after[come].mean() - stay1) if len(come) else 0.0,
        "exit": len(go) / len(before) * (stay0 - before[go].mean()) if len(go) else 0.0,
        "closing": p1,
    }
    return [{"term": term, "estimate": float(part)} for term, part in parts.items()]
