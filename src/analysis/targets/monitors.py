"""Groups that are watched without a target: the lecturers of the sixth solution."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.groups import call_group, counted, day_of, state_on
from analysis.text import Text

READINGS = ("has_or_studying", "has")


def monitor_group(
    reg: Registry, *, monitor: str = "lecturers", on: str | pd.Timestamp | Sequence[str | pd.Timestamp] | None = None
) -> Estimate:
    """Measure a group of `monitors` in targets.yml on one day or several: no need, no verdict.

    Rows: `attainment` under two readings (share 0 to 1, `n` members, `n_event` heads) and `heads` `members`.
    Raises TargetsError for an unknown monitor or a day not seen; blocked where no day has members.
    """
    known = reference("targets.yml")["monitors"]
    if monitor not in known:
        raise TargetsError(
            en=f"There is no monitor {monitor!r}; data/reference/targets.yml has {', '.join(known)}.",
            vi=f"Không có nhóm theo dõi {monitor!r}; data/reference/targets.yml có {', '.join(known)}.",
        )
    days = [on] if on is None or isinstance(on, str | pd.Timestamp) else list(on)
    roster, rows = call_group(reg, known[monitor]["group"]), []
    for day in (day_of(reg, one) for one in days):
        state = state_on(roster, day)
        base = {
            "method": "census",
            "population": "ALL",
            "outcome": monitor,
            "date": day,
            "interval": "none",
            "n": len(state),
        }
        rows.append({**base, "estimand": "heads", "term": "members", "estimate": len(state) or None})
        for reading in READINGS:
            heads = int(counted(state, reading).sum())
            share = heads / len(state) if len(state) else None
            rows.append({**base, "estimand": "attainment", "term": reading, "estimate": share, "n_event": heads})
    spec = {"monitor": monitor, "on": [f"{day_of(reg, day):%Y-%m-%d}" for day in days]}
    if not any(row["n"] for row in rows):
        reason = Text("The group has no members on the day asked for.", "Nhóm không có thành viên vào ngày được hỏi.")
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    note = Text("This group has no target: its share is watched, not judged.",
                "Nhóm này không có chỉ tiêu: tỷ lệ được theo dõi, không xếp loại.")  # fmt: skip
    return Estimate(table=rows, spec=spec, notes=(note,))
