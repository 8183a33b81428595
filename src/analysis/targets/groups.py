"""Who is in a target's group on a day, and what each member holds or studies on that day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from analysis.errors import Blocked, TargetsError
from analysis.reference import Group, Target, degrees, milestone, monitors, overrun_months, targets
from analysis.registry import Registry
from analysis.words import Message

Reading = Literal["has_or_studying", "has", "has_and_studying", "has_or_on_schedule"]
Day: TypeAlias = str | pd.Timestamp
Period = tuple[pd.Timestamp, pd.Timestamp]
Entry = TypeVar("Entry", Group, Target)
HEADLINE = "has_or_studying"  # the reading of all that takes none
WAIT = 12  # months after a course in which its degree is still to come


def target_ids() -> tuple[str, ...]:
    """List the targets of targets.yml.

    >>> targets.target_ids()
    ('T1', 'T2', 'T3', 'T4')
    """
    return tuple(targets())


def find_target(name: str) -> Target:
    """Give one target; raises TargetsError where there is none of that name."""
    return _known("targets", targets(), name)


def find_monitor(name: str) -> Group:
    """Give a group that is watched without a target; raises TargetsError where there is none of that name."""
    return _known("monitors", monitors(), name)


def _known(part: str, entries: Mapping[str, Entry], name: str) -> Entry:
    if name not in entries:
        raise TargetsError(
            "{name!r} is none of the {part} of data/reference/targets.yml: {known}.",
            name=name,
            part=part,
            known=", ".join(entries),
        )
    return entries[name]


def find_day(target: str | None) -> pd.Timestamp:
    """Give the day by which a target is to be met, of its own entry or (all, and those without) the last comparable."""
    day = find_target(target).day if target else None
    return day or milestone("last_comparable")


def is_final(on: Day, target: str | None = None) -> bool:
    """Say whether the day `on` is that by which a `target` is to be met or later, so that it is judged for good.

    Without a target, or where it has no day of its own, that is the last comparable day.

    >>> targets.is_final("2024-12-31"), targets.is_final("2025-06-30")
    (False, True)
    """
    return pd.Timestamp(on) >= find_day(target)


def first_day(reg: Registry) -> pd.Timestamp:
    """Give the first day that the registry covers."""
    return pd.Timestamp(str(reg.meta["covers_from"]))


def read_day(on: Day) -> Any:
    """Read a day written as YYYY-MM-DD; NaT where it is none."""
    return pd.to_datetime(str(on)[:10], format="%Y-%m-%d", errors="coerce")


def day_of(reg: Registry, on: Day | None) -> pd.Timestamp:
    """Give `on` as a day (default: the registry's own); a day that the registry cannot see is refused."""
    day = reg.as_of if on is None else read_day(on)
    first = first_day(reg)
    if pd.isna(day) or not first <= day <= reg.as_of:
        raise TargetsError(
            "The day {on!s} is not between {first:%Y-%m-%d} and {as_of:%Y-%m-%d}, the days that the registry can "
            "see as it was loaded. Load it as of a later day, or ask for an earlier one.",
            on=on,
            first=first,
            as_of=reg.as_of,
        )
    return day


def days_of(reg: Registry, on: Day | Sequence[Day] | None) -> list[pd.Timestamp]:
    """Give one day or several as days that the registry can see."""
    return [day_of(reg, one) for one in ([on] if on is None or isinstance(on, Day) else on)]


def period_of(reg: Registry, days: Sequence[Day]) -> list[pd.Timestamp]:
    """Give two days or more that the registry can see; refused unless each comes after the one before."""
    asked = days_of(reg, days)
    if len(asked) < 2 or any(one >= two for one, two in pairwise(asked)):
        raise TargetsError(
            "A period needs two or more days, each after the one before; given {days}. Swap or change them.",
            days=[f"{day:%Y-%m-%d}" for day in asked],
        )
    return asked


class Roster(NamedTuple):
    """All that a target needs to know of people: who was ever in the group, and rows that name them by `place`."""

    people: pd.Index
    group: pd.DataFrame
    degrees: pd.DataFrame
    courses: pd.DataFrame


def call_roster(reg: Registry, group: Group) -> Roster:
    """Collect the rows of the people ever in a group; the day is asked later, and often."""
    rows = reg[group.table]
    rows = rows[rows[group.column].isin(group.values)]
    people = pd.Index(np.sort(rows["person_id"].astype("object").unique()), name="person_id")
    held, courses = reg["qualifications"], reg["training"]
    held = held[held["level"].isin(degrees())]
    courses = courses[courses["kind"].eq("postgraduate") & courses["started"].notna()]
    unfinished = courses["ended"].isna() & courses["outcome"].notna()  # stopped on a day that nobody wrote down
    return Roster(people, *(_placed(people, one) for one in (rows, held, courses[~unfinished])))


def _placed(people: pd.Index, rows: pd.DataFrame) -> pd.DataFrame:
    place = people.get_indexer(pd.Index(rows["person_id"]))
    return rows.assign(place=place)[place >= 0]


def state_on(roster: Roster, day: pd.Timestamp) -> pd.DataFrame:
    """Say for each member on the day what is true of them; index person_id, columns as of `states_over`."""
    return next(states_on(roster, [day]))


def states_on(roster: Roster, days: Sequence[pd.Timestamp]) -> Iterator[pd.DataFrame]:
    """Give `state_on` day by day, the roster read once."""
    asked = pd.DatetimeIndex(days)
    every = asked.unique().sort_values()
    true = states_over(roster, every)
    for place in every.get_indexer(asked):
        state = pd.DataFrame({name: table[:, place] for name, table in true.items()}, roster.people)
        yield state[state.pop("member").to_numpy()]


def states_over(roster: Roster, days: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Say of each person of a roster on each of `days` (in order) what is true: people x days, bool.

    `member`; `has` a postgraduate degree awarded by the day, `verified` one that was verified, `studying` a
    postgraduate course under way and not past its expected end by more than the limit of rules.yml, `on_schedule` one
    not past it at all, `waiting` for the degree of a course completed within the last `WAIT`.
    """
    overdue, waited = (days - pd.DateOffset(months=months) for months in (overrun_months(), WAIT))
    group, degrees, courses = roster.group, roster.degrees, roster.courses
    done, ends = courses[courses["outcome"] == "completed"], courses["expected_end"]
    proved = degrees[degrees["verified"]]
    ended = days.searchsorted(courses["ended"])
    spans = {
        "member": (group, days.searchsorted(group["started"]), days.searchsorted(group["ended"])),
        "has": (degrees, days.searchsorted(degrees["awarded"]), len(days)),
        "verified": (proved, days.searchsorted(proved["awarded"]), len(days)),
        "studying": (
            courses,
            days.searchsorted(courses["started"]),
            np.minimum(ended, overdue.searchsorted(ends, "right")),
        ),
        "on_schedule": (
            courses,
            days.searchsorted(courses["started"]),
            np.minimum(ended, days.searchsorted(ends, "right")),
        ),
        "waiting": (done, days.searchsorted(done["ended"]), waited.searchsorted(done["ended"])),
    }
    return {
        name: _mark((len(roster.people), len(days)), rows["place"].to_numpy(), first, stop)
        for name, (rows, first, stop) in spans.items()
    }


def _mark(shape: tuple[int, int], place: np.ndarray, first: np.ndarray, stop: np.ndarray | int) -> np.ndarray:
    steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int16)
    np.add.at(steps, (place, first), 1)
    np.add.at(steps, (place, np.maximum(stop, first)), -1)
    return steps.cumsum(axis=1)[:, :-1] > 0


def latest(rows: pd.DataFrame, *by: str) -> pd.DataFrame:
    """Give each person's last row in the order of some columns; index person_id."""
    return rows.sort_values(list(by)).drop_duplicates("person_id", keep="last").set_index("person_id")


def held_on(rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Flag the rows that have started by the day and not ended by it."""
    return (rows["started"] <= day) & ~(rows["ended"] <= day)


def counted(state: pd.DataFrame, reading: str) -> pd.Series:
    """Flag the people who count under a reading of the wording; raises TargetsError for an unknown reading."""
    has, studying = state["has"], state["studying"]
    flags = {
        "has_or_studying": has | studying,
        "has": has,
        "has_and_studying": has & studying,
        "has_or_on_schedule": has | state["on_schedule"],
    }
    if reading not in flags:
        raise TargetsError(
            "There is no reading {reading!r}; the readings are {known}.", reading=reading, known=", ".join(flags)
        )
    return flags[reading]


def counted_on(roster: Roster, day: pd.Timestamp, reading: str) -> pd.Series:
    """Flag the members of a day who count; blocked where there are none."""
    state = state_on(roster, day)
    if state.empty:
        raise Blocked(nobody(day))
    return counted(state, reading)


def nobody(day: pd.Timestamp) -> Message:
    """Say that a group is empty."""
    return Message("The group has no members on {day:day}.", day=day)


def check_reading(roster: Roster, reading: str) -> None:
    """Block a reading that the data cannot carry: being on schedule needs the expected end of courses."""
    ends = roster.courses["expected_end"]
    if reading == "has_or_on_schedule" and len(ends) and ends.isna().all():
        raise Blocked("The reading has or is on schedule is not assessable: no course has an expected end.")


def heads_needed(share: Any, size: Any) -> Any:
    """Whole people needed for a share of a group, or of each of an array of them: the least integer that reaches it."""
    return np.ceil(share * size - 1e-9).astype(int)
