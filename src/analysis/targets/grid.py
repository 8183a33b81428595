"""The definition grid: one target under every reading, population and day, and whether the verdict hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.attainment import readings
from analysis.targets.groups import call_roster, cannot_carry, counted, day_of, heads_needed, state_on
from analysis.targets.groups import target as target_entry
from analysis.text import Text

POPULATIONS = ("ALL", "not_seconded", "quarter_average")
LENT = ("secondment", "rotation")


def grid_definitions(reg: Registry, *, target: str, days: Sequence[str | pd.Timestamp]) -> Estimate:
    """Measure a target under every reading, population and day.

    Populations: `ALL` members on the day; `not_seconded` without those whose main post is a secondment or rotation;
    `quarter_average` heads and members averaged over the last three month ends up to the day. Rows: `attainment`
    (share 0 to 1; `n` members, `n_event` heads, rounded for the average); `details["verdicts"]` says which cells reach the
    need, in whole heads (the average: the share). A note says when the verdict depends on the definition. Blocked
    where no day has members.
    """
    roster, share = call_roster(reg, target), target_entry(target)["share"]
    rows, verdicts = [], []
    refused = {reading: why for reading in readings() if (why := cannot_carry(roster, reading))}
    for day in (day_of(reg, one) for one in days):
        now = state_on(roster, day)
        lent = _lent(reg, day)
        first = pd.Timestamp(reg.meta["covers_from"])
        ends = [end for end in (day - pd.tseries.offsets.MonthEnd() * back for back in (2, 1)) if end >= first]
        states = {"ALL": [now], "not_seconded": [now[~now.index.isin(lent)]],
                  "quarter_average": [*(state_on(roster, end) for end in ends), now]}  # fmt: skip
        for population, cells in states.items():
            for reading in readings():
                heads = sum(int(counted(one, reading).sum()) for one in cells) / len(cells)
                members = sum(len(one) for one in cells) / len(cells)
                rows.append({"method": "census", "estimand": "attainment", "population": population, "outcome": target,
                             "term": reading, "date": day, "interval": "none", "n": round(members),
                             "estimate": heads / members if members and reading not in refused else None,
                             "n_event": None if reading in refused else round(heads)})  # fmt: skip
                need = heads_needed(share, len(cells[0])) if len(cells) == 1 else share * members - 1e-9
                if members and reading not in refused:
                    verdicts.append(
                        {"reading": reading, "population": population, "date": day, "reached": bool(heads >= need)}
                    )
    spec = {"target": target, "days": [f"{day_of(reg, one):%Y-%m-%d}" for one in days]}
    table = pd.DataFrame(verdicts, columns=["reading", "population", "date", "reached"])
    if table.empty:
        reason = Text(
            "The group has no members on the days asked for.", "Nhóm không có thành viên vào các ngày được hỏi."
        )
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    same = table["reached"].all() or not table["reached"].any()
    notes = (*refused.values(), *(() if same else (_depends(target, table),)))
    return Estimate(table=rows, spec=spec, notes=notes, status="warned" if notes else "ok", details={"verdicts": table})


def _lent(reg: Registry, day: pd.Timestamp) -> pd.Series:
    posts = reg["posts"]
    held = ~posts["concurrent"] & (posts["started"] <= day) & ~(posts["ended"] <= day)
    return posts.loc[held & posts["decision"].isin(LENT), "person_id"]


def _depends(target: str, table: pd.DataFrame) -> Text:
    reached, cells = int(table["reached"].sum()), len(table)
    return Text(
        f"{target}: the verdict depends on the definition: reached in {reached} of {cells} cells of the grid.",
        f"{target}: kết luận phụ thuộc định nghĩa: đạt ở {reached} trong {cells} ô của bảng.",
    )
