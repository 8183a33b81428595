"""Which units moved a target: rates within units against the mix of units, split symmetrically (Kitagawa 1955)."""

from __future__ import annotations

import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate, blocked
from analysis.registry import Registry
from analysis.targets.groups import Roster, call_roster, counted, day_of, state_on
from analysis.text import Text


def split_units(
    reg: Registry,
    *,
    target: str,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    reading: str = "has_or_studying",
) -> Estimate:
    """Split the change of a target's share into change within units and change in their weights.

    `points` rows (shares): opening + `within` (sum of mean weight x change of rate) + `between` (sum of change of
    weight x mean rate) = closing, no residual; `details["units"]` has both parts by unit. A unit with members on one
    day only counts wholly as change of weight. A member of several units counts in the first by identifier; members
    without a unit are one unit of their own.
    """
    first, last = day_of(reg, start), day_of(reg, end)
    if first >= last:
        raise TargetsError(
            en=f"The period must start before it ends; given {first:%Y-%m-%d} to {last:%Y-%m-%d}. Swap or change them.",
            vi=f"Ngày đầu phải trước ngày cuối; đã cho {first:%Y-%m-%d} đến {last:%Y-%m-%d}. Hãy đổi lại.",
        )
    roster = call_roster(reg, target)
    tables = [_by_unit(roster, day, reading) for day in (first, last)]
    spec = {"target": target, "reading": reading, "start": f"{first:%Y-%m-%d}", "end": f"{last:%Y-%m-%d}"}
    base = {"method": "kitagawa", "estimand": "points", "population": "ALL", "outcome": target, "date": last}
    if any(table.empty for table in tables):
        reason = Text(
            "The group has no members on one of the two days.", "Nhóm không có thành viên ở một trong hai ngày."
        )
        return blocked([{**base, "term": term} for term in ("opening", "within", "between", "closing")], spec, reason)
    units = kitagawa(*tables)
    opening, closing = (table["counted"].sum() / table["members"].sum() for table in tables)
    parts = {"opening": opening, "within": units["within"].sum(), "between": units["between"].sum(), "closing": closing}
    rows = [{**base, "term": term, "estimate": float(part), "n": len(units)} for term, part in parts.items()]
    return Estimate(table=rows, spec=spec, details={"units": units.reset_index()})


def kitagawa(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Split the change of an overall share by unit; frames have a row a unit, columns `members` and `counted`."""
    units = before.index.union(after.index)
    size = [table["members"].reindex(units, fill_value=0) for table in (before, after)]
    rate = [(table["counted"] / table["members"]).reindex(units) for table in (before, after)]
    rate = [rate[0].fillna(rate[1]), rate[1].fillna(rate[0])]
    weight = [one / one.sum() for one in size]
    within = (weight[0] + weight[1]) / 2 * (rate[1] - rate[0])
    between = (weight[1] - weight[0]) * (rate[0] + rate[1]) / 2
    return pd.DataFrame({"before": size[0], "after": size[1], "within": within, "between": between})


def _by_unit(roster: Roster, day: pd.Timestamp, reading: str) -> pd.DataFrame:
    rows = roster.group[(roster.group["started"] <= day) & ~(roster.group["ended"] <= day)]
    unit = rows.assign(unit=rows["unit_id"].astype("object").fillna("")).groupby("person_id")["unit"].min()
    counts = counted(state_on(roster, day), reading)
    return counts.groupby(unit.reindex(counts.index)).agg(members="size", counted="sum")
