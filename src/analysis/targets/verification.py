"""What records not yet checked leave open: bounds for certain, a predictive distribution under an assumption."""

from __future__ import annotations

import math
from typing import Any

from scipy import stats

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.targets.groups import heads_needed
from analysis.text import Text


def bound_unverified(members: int, checked: int, qualified: int, *, share: float, level: float = 0.9) -> Estimate:
    """Say where a group stands when only some of its members' records were checked.

    Rows: `attainment` `bounds` (no assumption: conf_low if no unchecked member qualifies, conf_high if all do) and
    `predictive` (if the checked are like a random part of the members: qualified + beta-binomial of the rest, Jeffreys
    prior; median and interval of `level`), `probability` `met` of reaching the need in whole heads, empty where
    nothing was checked. Sources: Mendoza 2021; measures C.2 (3).
    Raises TargetsError unless 0 <= qualified <= checked <= members.
    """
    if not 0 <= qualified <= checked <= members:
        raise TargetsError(
            en=f"Counts of checked records must satisfy 0 <= qualified <= checked <= members; given {qualified}, "
            f"{checked}, {members}. Correct the counts.",
            vi=f"Số hồ sơ phải thỏa 0 <= đạt <= đã kiểm tra <= thành viên; đã cho {qualified}, {checked}, {members}. "
            "Hãy sửa số liệu.",
        )
    need = heads_needed(share, members)
    spec = {"members": members, "checked": checked, "qualified": qualified, "share": share, "need": need}
    base = {"method": "verification", "population": "ALL", "n": members, "n_event": qualified}
    if not members:
        reason = Text("The group has no members.", "Nhóm không có thành viên.")
        rows = [{**base, "estimand": "attainment", "term": term} for term in ("bounds", "predictive")]
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    bounds = {**base, "estimand": "attainment", "term": "bounds", "conf_low": qualified / members,
              "conf_high": (qualified + members - checked) / members, "conf_level": 1.0, "interval": "bounds"}  # fmt: skip
    return Estimate(
        table=[bounds, *_predict(base, members, checked, qualified, need, level)], spec=spec, notes=_notes(checked)
    )


def _predict(
    base: dict[str, Any], members: int, checked: int, qualified: int, need: int, level: float
) -> list[dict[str, Any]]:
    share, met = (
        {**base, "estimand": "attainment", "term": "predictive"},
        {**base, "estimand": "probability", "term": "met"},
    )
    if not checked or checked == members:
        return [share, met]
    rest = stats.betabinom(members - checked, qualified + 0.5, checked - qualified + 0.5)
    low, middle, high = (float(qualified + rest.ppf(at)) / members for at in ((1 - level) / 2, 0.5, (1 + level) / 2))
    share |= {"estimate": middle, "conf_low": low, "conf_high": high, "conf_level": level, "interval": "beta-binomial"}
    chance = float(rest.sf(math.ceil(need - qualified) - 1))
    met |= {"estimate": chance} if 0 < chance < 1 else {}
    return [share, met]


def _notes(checked: int) -> tuple[Text, ...]:
    if not checked:
        return (Text("Nothing was checked: only the bounds hold.", "Chưa kiểm tra hồ sơ nào: chỉ có cận chắc chắn."),)
    return (
        Text(
            "The predictive interval holds only if the records checked are like a random part of all; the bounds always.",
            "Khoảng dự báo chỉ đúng nếu hồ sơ đã kiểm tra giống một phần ngẫu nhiên của tất cả; hai cận thì luôn đúng.",
        ),
    )
