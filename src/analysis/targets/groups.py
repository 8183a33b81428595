"""Who is in a target's group on a day, and what each member holds or studies on that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import TargetsError
from analysis.project import reference
from analysis.registry import Registry
from analysis.text import Text


def target_ids() -> tuple[str, ...]:
    """List the targets of targets.yml."""
    return tuple(reference("targets.yml")["targets"])


def target(name: str) -> Mapping[str, Any]:
    """Give one target's entry; raises TargetsError where there is none of that name."""
    known = reference("targets.yml")["targets"]
    if name not in known:
        raise TargetsError(
            en=f"There is no target {name!r}; data/reference/targets.yml has {', '.join(known)}.",
            vi=f"Không có chỉ tiêu {name!r}; data/reference/targets.yml có {', '.join(known)}.",
        )
    return known[name]


def milestone(name: str) -> pd.Timestamp:
    """Give a day of targets.yml: baseline, deadline or last_comparable."""
    return pd.Timestamp(reference("targets.yml")["dates"][name]["day"])


def is_elected(name: str) -> bool:
    """Say whether the members of a target's group are elected to seats; others are appointed to posts."""
    return target(name)["group"]["table"] == "seats"


def is_final(on: str | pd.Timestamp) -> bool:
    """Say whether a day is the last comparable one or later, so that a target is judged for good."""
    return pd.Timestamp(on) >= milestone("last_comparable")


def day_of(reg: Registry, on: str | pd.Timestamp | None) -> pd.Timestamp:
    """Give `on` as a day (default: the registry's own); a day that the registry cannot see is refused."""
    day = reg.as_of if on is None else pd.to_datetime(str(on)[:10], format="%Y-%m-%d", errors="coerce")
    first = pd.Timestamp(reg.meta["covers_from"])
    if pd.isna(day) or not first <= day <= reg.as_of:
        raise TargetsError(
            en=f"The day {on!s} is not between {first:%Y-%m-%d} and {reg.as_of:%Y-%m-%d}, the days that the registry "
            "can see as it was loaded. Load it as of a later day, or ask for an earlier one.",
            vi=f"Ngày {on!s} không nằm trong khoảng {first:%Y-%m-%d} đến {reg.as_of:%Y-%m-%d} mà dữ liệu đã nạp thấy "
            "được. Hãy nạp dữ liệu ở ngày muộn hơn, hoặc hỏi một ngày sớm hơn.",
        )
    return day


@dataclass(frozen=True)
class Roster:
    """All that a target needs to know of people, as arrays: `people` ever in the group, and rows that name them by place."""

    people: pd.Index
    group: pd.DataFrame
    degrees: pd.DataFrame
    courses: pd.DataFrame


def call_roster(reg: Registry, name: str) -> Roster:
    """Collect the rows of the people ever in the target's group; the day is asked later, and often."""
    return call_group(reg, target(name)["group"])


def call_group(reg: Registry, group: Mapping[str, Any]) -> Roster:
    """Collect the rows of the people ever in a group given by table, column and values."""
    rows = reg[group["table"]]
    rows = rows[rows[group["column"]].isin(group["values"])]
    people = pd.Index(np.sort(rows["person_id"].astype("object").unique()), name="person_id")
    degrees, courses = reg["qualifications"], reg["training"]
    degrees = degrees[degrees["level"].isin(reference("targets.yml")["degrees"])]
    courses = courses[courses["kind"].eq("postgraduate") & courses["started"].notna()]
    unfinished = courses["ended"].isna() & courses["outcome"].notna()  # stopped on a day that nobody wrote down
    return Roster(people, *(_placed(people, one) for one in (rows, degrees, courses[~unfinished])))


def _placed(people: pd.Index, rows: pd.DataFrame) -> pd.DataFrame:
    place = people.get_indexer(rows["person_id"])
    return rows.assign(place=place)[place >= 0]


def state_on(roster: Roster, day: pd.Timestamp) -> pd.DataFrame:
    """Say for each member on the day what is true of them; index person_id, columns bool.

    `has` a postgraduate degree awarded by the day, `verified` one that was verified, `studying` a postgraduate course
    under way and not past its expected end by more than the limit of rules.yml, `on_schedule` one not past it at all.
    """
    degrees, courses = roster.degrees, roster.courses
    awarded, under_way = (degrees["awarded"] <= day).to_numpy(), _holds(courses, day)
    overrun = pd.DateOffset(months=reference("rules.yml")["studying"]["overrun_months"])
    expected = courses["expected_end"]
    late = (expected < day - overrun).to_numpy()
    behind = (expected < day).to_numpy()
    flags = {
        "member": (roster.group, _holds(roster.group, day)),
        "has": (degrees, awarded),
        "verified": (degrees, awarded & degrees["verified"].to_numpy()),
        "studying": (courses, under_way & ~late),
        "on_schedule": (courses, under_way & ~behind),
    }
    state = pd.DataFrame({name: _mark(len(roster.people), rows["place"], true) for name, (rows, true) in flags.items()})
    return state.set_index(roster.people)[state.pop("member").to_numpy()]


def _holds(rows: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    return ((rows["started"] <= day) & ~(rows["ended"] <= day)).to_numpy()


def _mark(size: int, place: pd.Series, true: np.ndarray) -> np.ndarray:
    marked = np.zeros(size, dtype=bool)
    marked[place.to_numpy()[true]] = True
    return marked


def counted(state: pd.DataFrame, reading: str) -> pd.Series:
    """Flag the people who count under a reading of the wording; raises TargetsError for an unknown reading."""
    rules = {
        "has_or_studying": state["has"] | state["studying"],
        "has": state["has"],
        "has_and_studying": state["has"] & state["studying"],
        "has_or_on_schedule": state["has"] | state["on_schedule"],
    }
    if reading not in rules:
        raise TargetsError(
            en=f"There is no reading {reading!r}; the readings are {', '.join(rules)}.",
            vi=f"Không có cách hiểu {reading!r}; các cách hiểu là {', '.join(rules)}.",
        )
    return rules[reading]


def cannot_carry(roster: Roster, reading: str) -> Text | None:
    """Say why the data cannot carry a reading, or None: being on schedule needs the expected end of courses."""
    ends = roster.courses["expected_end"]
    if reading == "has_or_on_schedule" and len(ends) and ends.isna().all():
        return Text("The reading has or is on schedule is not assessable: no course has an expected end.",
                    "Không đánh giá được cách hiểu đã có hoặc học đúng hạn: không khóa học nào có ngày dự kiến kết thúc.")  # fmt: skip
    return None


def heads_needed(share: float, size: int) -> int:
    """Whole people needed for a share of a group: the least integer that reaches it."""
    return int(np.ceil(share * size - 1e-9))
