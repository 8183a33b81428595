"""Where each group will stand, with what probability, from one set of draws of the same people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.groups import milestone, target_ids
from analysis.targets.groups import target as target_entry
from analysis.targets.outlook.ahead import Outlook, busy_ahead, congresses, look_ahead, settings, watch_past, why_not
from analysis.targets.outlook.panel import course_times
from analysis.text import Text

DURABLE = 24  # months after the deadline
DOTS = 20  # equally likely outcomes that a reader can count
EDGES = {0.8: (0.1, 0.9), 0.5: (0.25, 0.75)}


def project(
    reg: Registry,
    *,
    target: str | None = None,
    deadline: str | pd.Timestamp | None = None,
    draws: int = 4000,
    seed: int = 20210910,
    record: Estimate | None = None,
) -> Estimate:
    """Project the heads of one target, or of all from the same draws, to a deadline (default: the last comparable day).

    Monthly stock-flow simulation of the members: retirement and graduation dates are known, the rest follows rates of
    the last months with pooled priors, their uncertainty, and a province's common yearly shocks; newcomers are drawn a
    group. Rows: `heads` `counted` by month (median, 80 and 50 percent intervals), `need`, `shortfall` (expected),
    `margin` (20 equally likely outcomes: heads above the need),
    `published` (the model's only where `record`, from `score_past`, beats no change by the margin); `probability` `met` for
    each and `met_all`; `attainment` `durable`: members at the deadline still there with a degree 24 months on.
    `[wider]` rows: a congress prior half as wide again. Final heads and chances by month are in `details`. What cannot be
    carried forward is empty, with its reason. Reading: has or is studying. Assumes that rates stay as they are.
    """
    day = milestone("last_comparable") if deadline is None else _day(deadline)
    if day <= reg.as_of or draws < 100:
        raise TargetsError(
            en=f"A projection needs a deadline after the registry's day {reg.as_of:%Y-%m-%d} and 100 draws or more; given "
            f"{day:%Y-%m-%d} and {draws}. Load the registry as of an earlier day, or ask for a later deadline.",
            vi=f"Dự báo cần hạn sau ngày dữ liệu {reg.as_of:%Y-%m-%d} và từ 100 lượt mô phỏng; đã cho {day:%Y-%m-%d} và "
            f"{draws}. Hãy nạp dữ liệu ở ngày sớm hơn hoặc hỏi hạn muộn hơn.",
        )
    wanted = target_ids() if target is None else (target,)
    for name in wanted:
        target_entry(name)
    panel = watch_past(reg)
    reasons = {name: why_not(reg, panel, name, day) for name in panel.targets}
    stopped = tuple(reason for name, reason in reasons.items() if reason and name in wanted)
    spec = {"target": target, "deadline": f"{day:%Y-%m-%d}", "draws": draws, "seed": seed, **settings()}
    base = {"method": "stock_flow", "population": "ALL", "date": day}
    if len(stopped) == len(wanted):
        rows = [{**base, **empty, "outcome": name} for name in wanted for empty in _final_terms()]
        return Estimate(table=rows, spec=spec, notes=stopped, status="blocked")
    times = course_times(reg)
    ahead = look_ahead(panel, times, day, draws=draws, seed=seed, after=DURABLE)
    rows, good = [], [name for name in wanted if not reasons[name]]
    for name in wanted:
        one = describe_group(ahead, name, published=_publishes(record, name)) if name in good else _final_terms()
        rows += [{**base, **row, "outcome": name} for row in one]
    if len(wanted) > 1:
        chance = _chance((ahead.margin >= 0).all(axis=0)) if len(good) == len(wanted) else None
        rows.append({**base, "estimand": "probability", "outcome": "ALL", "term": "met_all", "estimate": chance})
    held = congresses(panel.targets, reg.as_of, day) or busy_ahead(reg.as_of, day)
    if held:
        wide = look_ahead(panel, times, day, draws=draws, seed=seed, wider=True)
        rows += [{**base, **row, "outcome": name} for name in good for row in _wider(wide, name)]
    notes = (_assumed(), *_record_notes(record, good), *((_congress(),) if held else ()), *stopped)
    return Estimate(table=rows, spec=spec, notes=notes, status="warned" if stopped or record is None else "ok",
                    details=_details(ahead, good))  # fmt: skip


def _day(deadline: str | pd.Timestamp) -> pd.Timestamp:
    day = pd.to_datetime(str(deadline)[:10], format="%Y-%m-%d", errors="coerce")
    if pd.isna(day):
        raise TargetsError(en=f"The deadline {deadline!r} is no day. Write it as YYYY-MM-DD.",
                           vi=f"Hạn {deadline!r} không phải là ngày. Hãy ghi dạng YYYY-MM-DD.")  # fmt: skip
    return day


def _final_terms() -> list[dict[str, Any]]:
    return [
        {"estimand": "heads", "term": "counted"},
        {"estimand": "heads", "term": "need"},
        {"estimand": "heads", "term": "shortfall"},
        {"estimand": "probability", "term": "met"},
        {"estimand": "attainment", "term": "durable"},
    ]


def describe_group(ahead: Outlook, name: str, *, published: bool) -> list[dict[str, Any]]:
    """Rows of one group: the fan by month, then what holds on the last day."""
    group = ahead.panel.targets.index(name)
    drawn, now = ahead.paths.counted[:, group], int(ahead.paths.counted[0, group, 0])
    size = int(ahead.paths.members[0, group, 0])
    rows = [
        {"estimand": "heads", "term": "counted", "date": day, "n": size, **_spread(heads, level)}
        for day, heads in zip(ahead.days, drawn, strict=True)
        for level in EDGES
    ]
    need, durable = ahead.need[-1, group], ahead.paths.kept[group] / np.maximum(ahead.paths.members[-1, group], 1)
    low, high = np.quantile(durable, EDGES[0.8])
    shown = _spread(drawn[-1], 0.8) if published else {"estimate": now, "interval": "no_change"}
    last = [
        {"estimand": "heads", "term": "need", **_spread(need, 0.8)},
        {"estimand": "heads", "term": "shortfall", "estimate": np.maximum(-ahead.margin[group], 0).mean()},
        {"estimand": "heads", "term": "published", **shown},
        {"estimand": "probability", "term": "met", "estimate": _chance(ahead.margin[group] >= 0)},
        {"estimand": "attainment", "term": "durable", "estimate": np.median(durable), "conf_low": low, "conf_high": high,
         "conf_level": 0.8, "interval": "draws"},
    ]  # fmt: skip
    outcomes = np.quantile(ahead.margin[group], (np.arange(DOTS) + 0.5) / DOTS, method="inverted_cdf")
    last += [{"estimand": "heads", "term": "margin", "estimate": heads, "interval": "quantile"} for heads in outcomes]
    return rows + [{"n": size, **row} for row in last]


def _spread(heads: np.ndarray, level: float) -> dict[str, Any]:
    """Median and central interval in whole heads."""
    low, middle, high = np.quantile(heads, [EDGES[level][0], 0.5, EDGES[level][1]], method="inverted_cdf")
    return {"estimate": middle, "conf_low": low, "conf_high": high, "conf_level": level, "interval": "draws"}


def _chance(met: np.ndarray) -> float:
    """Probability from draws, never 0 and never 1: half a draw is added on each side."""
    return float((met.sum() + 0.5) / (met.size + 1))


def _wider(wide: Outlook, name: str) -> list[dict[str, Any]]:
    group = wide.panel.targets.index(name)
    return [
        {"estimand": "heads", "term": "counted[wider]", **_spread(wide.paths.counted[-1, group], 0.8)},
        {"estimand": "probability", "term": "met[wider]", "estimate": _chance(wide.margin[group] >= 0)},
    ]


def _details(ahead: Outlook, good: list[str]) -> dict[str, pd.DataFrame]:
    final, chances = [], []
    for name in good:
        group = ahead.panel.targets.index(name)
        for kind, values in (("counted", ahead.paths.counted[-1, group]), ("margin", ahead.margin[group])):
            heads, times = np.unique(values, return_counts=True)
            final.append(
                pd.DataFrame({"target": name, "kind": kind, "heads": heads, "probability": times / times.sum()})
            )
        met = ahead.paths.counted[:, group] >= ahead.need[:, group]
        chances.append(pd.DataFrame({"target": name, "date": ahead.days, "met": [_chance(one) for one in met]}))
    return {"final": pd.concat(final, ignore_index=True), "chances": pd.concat(chances, ignore_index=True)}


def _publishes(record: Estimate | None, name: str) -> bool:
    if record is None or "skill" not in record.details:
        return False
    skill = record.details["skill"].set_index("target")
    return bool(name in skill.index and skill.loc[name, "publish"])


def _record_notes(record: Estimate | None, good: list[str]) -> tuple[Text, ...]:
    if record is None or "skill" not in record.details:
        return (Text("No record of past projections was given: no change is published.",
                     "Chưa có kiểm tra các dự báo trước đây: công bố mức giữ nguyên."),)  # fmt: skip
    kept = [name for name in good if not _publishes(record, name)]
    if not kept:
        return ()
    names, margin = ", ".join(kept), settings()["margin"]
    return (
        Text(
            f"{names}: in the past the model did not beat no change by {margin:.0%}; no change is published.",
            f"{names}: trước đây mô hình không tốt hơn mức giữ nguyên ít nhất {100 * margin:.0f} %; công bố mức giữ nguyên.",
        ),
    )


def _assumed() -> Text:
    return Text(
        "The projection carries recent rates forward: a reorganisation, a freeze or a wave of departures is not in it.",
        "Dự báo giữ nguyên các tỷ lệ gần đây: không tính đến sắp xếp bộ máy, tạm dừng bổ nhiệm hay đợt nghỉ việc.",
    )


def _congress() -> Text:
    return Text(
        "A congress lies ahead: its date is known, its turnover is not and is drawn from a stated prior.",
        "Trước mắt có đại hội: ngày đã biết, mức thay đổi nhân sự chưa biết và được rút từ giả định nêu trước.",
    )
