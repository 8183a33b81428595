"""Where a target stands on a day or over days: every reading, whole heads, what is unverified, a word by rule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from analysis.estimate import Estimate, blocked
from analysis.project import reference
from analysis.registry import Registry
from analysis.targets.groups import call_roster, cannot_carry, counted, day_of, heads_needed, state_on
from analysis.targets.groups import target as target_entry
from analysis.text import Text

HEADS = ("members", "has", "studying", "unverified", "counted", "need", "short")


def readings() -> tuple[str, ...]:
    """List the readings of the wording, the headline first."""
    return tuple(reference("targets.yml")["readings"])


def measure_attainment(
    reg: Registry,
    *,
    target: str,
    reading: str | None = None,
    on: str | pd.Timestamp | Sequence[str | pd.Timestamp] | None = None,
) -> Estimate:
    """Measure one target on one day or several.

    Rows: one `attainment` a reading and day (share 0 to 1, `n` members, `n_event` heads counted), and for the
    headline reading (or the one asked for) `heads` rows: members, has, studying (without a degree), unverified
    (heads whose only degree is unverified), counted, need, short (need - counted, never below 0).
    A complete register is a census: rows carry no sampling interval.
    Raises TargetsError for an unknown target or reading, or a day that the registry cannot see.
    A day without members keeps its rows with empty numbers; where no day has any, the result is blocked.
    """
    days = [on] if on is None or isinstance(on, str | pd.Timestamp) else list(on)
    target_entry(target)
    spec = {"target": target, "reading": reading, "on": [f"{day_of(reg, day):%Y-%m-%d}" for day in days]}
    asked = (reading,) if reading else readings()
    share, roster = target_entry(target)["share"], call_roster(reg, target)
    rows, empty = [], 0
    refused = {one: why for one in asked if (why := cannot_carry(roster, one))}
    for day in (day_of(reg, one) for one in days):
        measured = _measure_day(state_on(roster, day), target, share, asked, day, refused)
        rows += measured
        empty += measured[0]["n"] == 0
    notes = (*refused.values(), *_notes(reg, target))
    if refused and len(refused) == len(asked):
        return blocked(rows, spec, *notes)
    if empty == len(days):
        reason = Text(
            "The group has no members on the day asked for.", "Nhóm không có thành viên nào vào ngày được hỏi."
        )
        return Estimate(table=rows, spec=spec, notes=(reason, *notes), status="blocked")
    return Estimate(table=rows, spec=spec, notes=notes, status="warned" if empty or refused else "ok")


def _measure_day(
    state: pd.DataFrame, name: str, share: float, asked: Sequence[str], day: pd.Timestamp, refused: Collection[str]
) -> list[dict[str, Any]]:
    size = len(state)
    base = {"method": "census", "population": "ALL", "outcome": name, "date": day, "interval": "none", "n": size}
    rows = []
    for one in asked:
        heads = int(counted(state, one).sum())
        part = heads / size if size and one not in refused else None
        seen = None if one in refused else heads
        rows.append({**base, "estimand": "attainment", "term": one, "estimate": part, "n_event": seen})
    heads = count_heads(state, asked[0], share)
    return rows + [
        {**base, "estimand": "heads", "term": term, "estimate": heads[term] if size else None} for term in HEADS
    ]


def count_heads(state: pd.DataFrame, reading: str, share: float) -> dict[str, int]:
    """Count the heads of a group from what is true of each member."""
    total = int(counted(state, reading).sum())
    need = heads_needed(share, len(state))
    return {
        "members": len(state),
        "has": int(state["has"].sum()),
        "studying": int((state["studying"] & ~state["has"]).sum()),
        "unverified": int((state["has"] & ~state["verified"] & ~state["studying"]).sum()),
        "counted": total,
        "need": need,
        "short": max(need - total, 0),
    }


def judge(heads: dict[str, float], *, final: bool) -> str:
    """Give the status word of a target by rule.

    `met`: the need is reached counting verified degrees and students only; `pending`: only with unverified ones;
    after the last comparable day `missed`, before it `open`; `not_assessable` without members.
    """
    if not heads.get("members"):
        return "not_assessable"
    if heads["counted"] - heads["unverified"] >= heads["need"]:
        return "met"
    if heads["counted"] >= heads["need"]:
        return "pending"
    return "missed" if final else "open"


def _notes(reg: Registry, name: str) -> tuple[Text, ...]:
    notes = [
        Text(
            "A complete register is a census: the share has no sampling interval. What is uncertain is the reading of "
            "the wording and the unverified degrees.",
            "Hồ sơ đầy đủ là tổng điều tra: tỷ lệ không có sai số chọn mẫu. Điều chưa chắc là cách hiểu câu chữ và các "
            "văn bằng chưa xác minh.",
        ),
        Text(
            "Verification has no history: a degree is shown as verified or not as it stands in the extract.",
            "Việc xác minh không có lịch sử: văn bằng được nêu theo tình trạng trong bản trích xuất.",
        ),
    ]
    degrees = reg["qualifications"]["verified"]
    if len(degrees) and not degrees.any():
        notes.append(
            Text(
                "No degree in the data is marked as verified: whether the need is reached is not assessable beyond the two bounds.",
                "Không văn bằng nào trong dữ liệu được ghi là đã xác minh: có đạt hay không chỉ đánh giá được trong hai cận.",
            )
        )
    table = target_entry(name)["group"]["table"]
    if not reg.has(table):
        notes.append(Text(f"The table {table} was not given.", f"Không có bảng {table}."))
    return tuple(notes)
