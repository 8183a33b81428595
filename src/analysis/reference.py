"""Reference data as typed records: targets, dated rules, events, the rule of the verdict, limits of disclosure.

Nothing is kept here: `project.reference` reads a file once and is the one cache to clear where a project changes.
What a target, a reading, a monitor or an event is called is a label: `{target:label.targets}` in a message.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from operator import itemgetter
from typing import Any, TypeVar

import pandas as pd

from analysis.project import reference

Record = TypeVar("Record")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Those who have one of `values` in a column of a table of the registry."""

    table: str
    column: str
    values: tuple


@dataclass(frozen=True, kw_only=True)
class Target:
    """A `share` (0 to 1) of a `group` that must qualify, and that `ends` on its last comparable day.

    Members of a `congress` (events.yml) are elected at it. `home` orders the groups of which one stands for a member
    of several; a target that does not say it comes last. `day` is the one by which it is to be met, where that is not
    the last comparable day of project 02. `seats` is how many are assigned, where
    that is known.
    """

    id: str
    share: float
    group: Group
    congress: str = ""
    ends: pd.Timestamp = pd.Timestamp.max
    day: pd.Timestamp | None = None
    home: float = math.inf
    seats: int = 0

    @property
    def elected(self) -> bool:
        """Whether members are elected to seats; others are appointed to posts."""
        return self.group.table == "seats"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What holds for some kinds of `staff` (empty: all) from the day `since` until `until`, the first day without it.

    `says` is `rule` (then `value`), `none` (found: no such condition) or `unknown` (looked for, not found).
    """

    since: pd.Timestamp
    until: pd.Timestamp | None = None
    staff: tuple[str, ...] = ()
    says: str = "rule"
    value: Any = None
    standing: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RetirementAge:
    """The age of one sex (`years`, `months`) in the year of `since`, `step_months` more a year up to `last_years`."""

    sex: str
    since: pd.Timestamp
    years: int
    months: int
    step_months: int
    last_years: int


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened from the `first` day to the `last`, whether it then `ends`, and which series it `touches`."""

    id: str
    kind: str
    first: pd.Timestamp
    last: pd.Timestamp
    ends: bool
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Congress:
    """The stated prior of a congress: share of seats that change hands, its sd, and how much wider for a doubter."""

    turnover: float
    sd: float
    wider: float


@dataclass(frozen=True, kw_only=True)
class Busy:
    """Months before and after a congress in which posts change hands `factor` times as often; sd of its log."""

    before: int
    after: int
    factor: float
    sd: float


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Settings of projections; targets.yml says what each is."""

    window_months: int
    term_months: int
    prior_events: float
    shock_sd: float
    drift_sd: float
    course_months: int
    congress: Congress
    busy: Busy
    margin: float
    standing: str


@dataclass(frozen=True, kw_only=True)
class VerdictRule:
    """When a difference may be called what; verdict.yml says what each entry is."""

    horizon: int
    covariates: tuple[str, ...]
    confounders: tuple[str, ...]
    among: Mapping[str, Mapping[str, tuple[str, ...]]]
    level: float
    control_level: float
    apart: float
    balance: float
    placebo_draws: int
    placebo_p: float
    lag: int
    same_side: float
    benchmark: float
    benchmarks: tuple[str, ...]
    selection: tuple[str, ...]
    strength: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """Smallest count that may be shown, base of rounding, and which rows are official: of the whole and exact."""

    min_cell: int
    round_base: int
    unit_id: str
    estimands: tuple[str, ...]
    terms: tuple[str, ...]


def targets() -> dict[str, Target]:
    """Give the targets by their names, in the order of targets.yml."""
    entries = reference("targets.yml")["targets"]
    return {name: _record(Target, entry, id=name, group=_group(entry)) for name, entry in entries.items()}


def monitors() -> dict[str, Group]:
    """Give the groups that are watched without a target."""
    return {name: _group(entry) for name, entry in reference("targets.yml")["monitors"].items()}


def readings() -> tuple[str, ...]:
    """List the readings of the targets' wording, the headline first.

    >>> targets.readings()[0]
    'has_or_studying'
    """
    return tuple(reference("targets.yml")["readings"])


def degrees() -> tuple[str, ...]:
    """List the degrees that count for a target."""
    return tuple(reference("targets.yml")["degrees"])


def milestone(name: str) -> pd.Timestamp:
    """Give the day with the `name` `baseline`, `deadline` or `last_comparable` of the targets.

    >>> targets.milestone("last_comparable").date().isoformat()
    '2025-06-30'
    """
    return pd.Timestamp(reference("targets.yml")["dates"][name]["day"])


def projection() -> Projection:
    """Give the settings of projections."""
    entry = reference("targets.yml")["projection"]
    prior, busy = _record(Congress, entry["congress"]), _record(Busy, entry["busy"])
    return _record(Projection, entry, congress=prior, busy=busy)


def dated_rules() -> tuple[tuple[str, str], ...]:
    """List the dated rules by staff of rules.yml as (group, name); ages of retirement go by sex."""
    every = reference("rules.yml").items()
    return tuple(
        (group, name) for group, part in every for name, entries in part.items()
        if isinstance(entries, list) and name != "ages"
    )  # fmt: skip


def rules(group: str, name: str, staff: str | None = None) -> tuple[Rule, ...]:
    """Give the entries of one dated rule of rules.yml by date, of one kind of staff: each until the next."""
    entries = _dated(Rule, reference("rules.yml")[group][name])
    if staff:
        entries = tuple(entry for entry in entries if not entry.staff or staff in entry.staff)
    return tuple(
        replace(one, until=after.since if after else None)
        for one, after in zip_longest(entries, entries[1:] if staff else ())
    )


def rule_on(group: str, name: str, day: pd.Timestamp, staff: str) -> Rule:
    """Give what holds on a day for a kind of staff; before its first entry, that one."""
    entries = rules(group, name, staff)
    return ([rule for rule in entries if rule.since <= day] or entries[:1])[-1]


def last_value(group: str, name: str, day: pd.Timestamp) -> Any:
    """Give the last value that a rule had by a day, for whomever: it stands on where what came after is not known."""
    return [rule.value for rule in rules(group, name) if rule.says == "rule" and rule.since <= day][-1]


def discipline_lines() -> tuple[str, ...]:
    """List the lines of discipline that have windows of their own: `state` and `party`."""
    return tuple(reference("rules.yml")["discipline"])


def overrun_months() -> int:
    """Give how many months past its expected end a course still counts as under way."""
    return reference("rules.yml")["studying"]["overrun_months"]


def retirement_ages(sex: str) -> tuple[RetirementAge, ...]:
    """Give the ages of retirement of one sex, by date."""
    return tuple(age for age in _dated(RetirementAge, reference("rules.yml")["retirement"]["ages"]) if age.sex == sex)


def events() -> tuple[Event, ...]:
    """Give the events of events.yml; a day is an event of one day."""
    found = []
    for entry in reference("events.yml"):
        first = pd.Timestamp(entry.get("started", entry.get("date")))
        last = pd.Timestamp(entry["ended"]) - pd.Timedelta(days=1) if "ended" in entry else first
        made = {"first": first, "last": last, "ends": "ended" in entry or entry["kind"] == "congress"}
        found.append(_record(Event, entry, **made))
    return tuple(found)


def verdict_rule() -> VerdictRule:
    """Give the rule of the verdict, set before anything is estimated (verdict.yml).

    >>> effects.rule().horizon
    36
    """
    return _record(VerdictRule, reference("verdict.yml"))


def disclosure() -> Disclosure:
    """Give the limits that the release gate applies; the smallest count is never set below its `least`."""
    entry = reference("disclosure.yml")
    least = max(entry["min_cell"]["value"], entry["min_cell"]["least"])
    return _record(Disclosure, entry["official"], min_cell=least, round_base=entry["round_base"]["value"])


def _group(entry: Mapping[str, Any]) -> Group:
    return _record(Group, entry["group"])


def _dated(kind: type[Record], entries: Iterable[Mapping[str, Any]]) -> tuple[Record, ...]:
    return tuple(_record(kind, one, since=pd.Timestamp(one["from"])) for one in sorted(entries, key=itemgetter("from")))


def _record(kind: type[Record], entry: Mapping[str, Any], **made: Any) -> Record:
    """Build a record from what an entry holds under the names of its fields, and from what is `made` of the rest."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: _value(entry[name]) for name in names if name in entry} | made)


def _value(given: Any) -> Any:
    if isinstance(given, list):
        return tuple(given)
    return pd.Timestamp(given) if isinstance(given, datetime.date) else given
