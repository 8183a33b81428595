"""What the dated rules say on a day, for each kind of staff, as an official would ask."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis import reference
from analysis.careers.rules import appointable, sendable
from analysis.errors import CareersError, check_options
from analysis.registry.contract import STAFF_KIND
from analysis.registry.store import Registry
from analysis.words import Message, label, say

SAYS = {"none": Message("no such condition"), "unknown": Message("not known: looked for, not found")}


def list_rules(on: str, *, staff: str | None = None) -> pd.DataFrame:
    """List what holds on a day: one row a rule and kind of staff, or one for all kinds where it is the same for all.

    Columns: `group`, `rule` (names of rules.yml), `staff` (codes), `entry` (a `reference.Rule`). Raises CareersError
    for what is no day or no kind of staff.
    """
    day = pd.to_datetime(on, format="%Y-%m-%d", errors="coerce")
    if pd.isna(day):
        raise CareersError("on: {on!r} is no day; write it as 2025-07-15.", on=on)
    if staff is not None:
        check_options(CareersError, staff=(staff, STAFF_KIND))
    kinds = (staff,) if staff else STAFF_KIND
    rows = [
        (group, rule, bound, entry)
        for group, rule in reference.dated_rules()
        for entry, bound in _by_entry(group, rule, day, kinds)
    ]
    return pd.DataFrame(rows, columns=["group", "rule", "staff", "entry"])


def count_passing(reg: Registry) -> pd.DataFrame:
    """Count the people in service in `reg` on its own day whom each rule lets be sent, and lets be appointed.

    One row a rule: `what` (sending, appointment), `rule` (`all` of them last), `people` it lets through and `barred` by
    it. A rule that is not known bars nobody.

    >>> careers.count_passing(reg).groupby("what")["rule"].last().tolist()
    ['all', 'all']
    """
    rows = []
    for what, ask in (("appointment", appointable), ("sending", sendable)):
        gates = ask(reg, [reg.as_of])
        serve = ~gates.fails["in_service"][:, 0]
        flags = {name: serve & ~fail[:, 0] for name, fail in gates.fails.items() if name != "in_service"}
        for rule, passes in (flags | {"all": gates.allowed[:, 0]}).items():
            people = int(passes.sum())
            rows.append({"what": what, "rule": rule, "people": people, "barred": int(serve.sum()) - people})
    return pd.DataFrame(rows)


def rule_lines(rules: pd.DataFrame) -> Iterator[str]:
    """Write the rows of `list_rules` as lines, in the language spoken here."""
    for (group, rule), rows in rules.groupby(["group", "rule"], sort=False):
        yield f"{label(group, 'rule_groups')}: {label(f'{group}.{rule}', 'rules')}"
        for bound, entry in zip(rows["staff"], rows["entry"], strict=True):
            kinds = (
                say("all kinds of staff")
                if bound == STAFF_KIND
                else ", ".join(label(one, "staff_kind") for one in bound)
            )
            yield say(
                "  {kinds}: {value} (from {since:day}; {standing:label.standings}; {source})",
                kinds=kinds,
                value=_value(entry),
                since=entry.since,
                standing=entry.standing,
                source=entry.source,
            )


def _by_entry(group: str, rule: str, day: pd.Timestamp, kinds: tuple) -> Iterator[tuple[reference.Rule, tuple]]:
    """Give what holds on the day once, with the kinds of staff that it binds."""
    holding: list[tuple[reference.Rule, list]] = []
    for kind in kinds:
        entry = reference.rule_on(group, rule, day, kind)
        bound = next((bound for one, bound in holding if (one.since, one.source, one.says, one.value)
                      == (entry.since, entry.source, entry.says, entry.value)), None)  # fmt: skip
        if bound is None:
            holding.append((entry, [kind]))
        else:
            bound.append(kind)
    return ((entry, tuple(bound)) for entry, bound in holding)


def _value(entry: reference.Rule) -> str:
    if entry.says != "rule":
        return SAYS[entry.says].say()
    parts = entry.value.items() if isinstance(entry.value, dict) else [(None, one) for one in _listed(entry.value)]
    return "; ".join(f"{label(code, 'sanction')} {value}" if code else _one(value) for code, value in parts)


def _listed(value: object) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def _one(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, float):
        return say("{share:percent.0}", share=value)
    return label(value, "rule_values")
