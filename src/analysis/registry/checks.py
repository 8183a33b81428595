"""The contract's rules: row by row, then across rows and tables; types and codes were seen to when cells were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import project
from analysis.registry.contract import AWARDS, POLITICAL_THEORY, POSTGRADUATE, TABLES, Table
from analysis.registry.findings import WARNING, Finding, found_in, show
from analysis.registry.keys import look_up, take
from analysis.registry.retirement import retirement_dates
from analysis.registry.timeline import SOURCE, check_timeline
from analysis.words import Message

Frames = Mapping[str, pd.DataFrame]
Places = Mapping[str, np.ndarray]


class Rule(NamedTuple):
    """What no row may be: the rule's name, the column at fault, what to say, and the test that marks such rows."""

    name: str
    column: str
    what: Message
    fix: Message
    broken: Callable[[pd.DataFrame], pd.Series]


def _in_order(first: str, later: str) -> Rule:
    what = Message("{first} is not before {later}", first=first, later=later)
    return Rule(f"{first}_before_{later}", later, what, SOURCE, lambda rows: rows[first] >= rows[later])


def _unknown_start(rows: pd.DataFrame) -> pd.Series:
    open_nomination = rows["outcome"].isna() & rows["nominated"].notna()
    return rows["started"].isna() & ~rows["outcome"].eq("not_started") & ~open_nomination


def _unfitting(levels: Mapping[str, tuple[str, ...]]) -> Callable[[pd.DataFrame], pd.Series]:
    def marked(rows: pd.DataFrame) -> pd.Series:
        fits = [rows["kind"].eq(kind) & rows["level"].isin(several) for kind, several in levels.items()]
        return rows["level"].notna() & ~np.logical_or.reduce(fits)

    return marked


LEVELS = {"postgraduate": POSTGRADUATE, "political_theory": POLITICAL_THEORY}
LEVEL_RULE = Rule(
    "level_of_kind",
    "level",
    Message("the level does not go with the kind of training"),
    Message(
        "Postgraduate: {postgraduate}; political_theory: {political_theory}; else empty.",
        **{kind: ", ".join(levels) for kind, levels in LEVELS.items()},
    ),
    _unfitting(LEVELS),
)
AWARD_RULE = Rule(
    "level_of_kind",
    "level",
    Message("the level does not go with the kind of qualification"),
    Message("Allowed: {levels}.", levels="; ".join(f"{kind}: {', '.join(all_of)}" for kind, all_of in AWARDS.items())),
    _unfitting(AWARDS),
)
ROW_RULES = {
    **{name: [_in_order("started", "ended")] for name in ("posts", "seats", "planning", "discipline")},
    "training": [
        LEVEL_RULE,
        Rule("never_started", "started", Message("a course marked not_started has a start"),
             Message("Empty the start, or correct the outcome."),
             lambda rows: rows["outcome"].eq("not_started") & rows["started"].notna()),
        Rule("start_known", "started",
             Message("a course without a start was not marked not_started and has no open nomination"),
             Message("Give the start, or outcome not_started, or the nomination."), _unknown_start),
        _in_order("started", "ended"),
        _in_order("started", "expected_end"),
    ],
    "qualifications": [AWARD_RULE],
    "training_plan": [LEVEL_RULE],
    "needs": [LEVEL_RULE],
    "units": [_in_order("valid_from", "valid_to")],
}  # fmt: skip


def check_registry(tables: Frames, extracted: pd.Timestamp, absent: frozenset[str] = frozenset()) -> list[Finding]:
    """Check everything that the contract asks of typed tables; tables in `absent` are left alone."""
    present = {name: rows for name, rows in tables.items() if name not in absent}
    people, units = present["people"], present["units"]
    person = {
        name: look_up(rows["person_id"], people["person_id"]) for name, rows in present.items() if "person_id" in rows
    }
    unit = look_up(present["posts"]["unit_id"], units["unit_id"])
    findings: list[Finding] = []
    for name, rows in present.items():
        for rule in ROW_RULES.get(name, []):
            findings += found_in(rule.broken(rows), name, rule.name, rule.what, rule.fix, column=rule.column)
        findings += _unique(TABLES[name], rows, person.get(name))
    findings += _references(present, person)
    findings += check_timeline(present, person, extracted)
    findings += _one_post_at_a_time(present["posts"], person["posts"])
    findings += _awards(present, person)
    findings += _unit_tree(units)
    findings += _unit_validity(present["posts"], units, unit, extracted)
    if "planning" in present:
        findings += _planning_age(present["planning"], people, person["planning"])
    return findings + _warnings(present)


def _unique(table: Table, rows: pd.DataFrame, person: np.ndarray | None) -> list[Finding]:
    keys = rows[list(table.key)]
    if person is not None and table.name != "people" and (person >= 0).all():
        keys = keys.assign(person_id=person)
    twice = keys.duplicated(keep=False)
    what = Message("several rows share the key {key}", key=" + ".join(table.key))
    fix = Message("Remove the copies, or tell the rows apart.")
    return found_in(twice, table.name, "duplicate_key", what, fix, column=table.key[0])


def _references(tables: Frames, person: Places) -> list[Finding]:
    findings = []
    for name, rows in tables.items():
        for column in ("person_id", "unit_id", "parent_id", "successor_id"):
            if column not in rows or column in TABLES[name].key[:1] and name in ("people", "units"):
                continue
            where = "people" if column == "person_id" else "units"
            places = person[name] if where == "people" else look_up(rows[column], tables["units"]["unit_id"])
            lost = rows[column].notna() & (places < 0)
            what = Message("{column} is not in {where}", column=column, where=where)
            fix = Message("Add it to {where}, or correct it.", where=where)
            findings += found_in(lost, name, f"unknown_{column}", what, fix, column=column)
    return findings


def _one_post_at_a_time(posts: pd.DataFrame, person: np.ndarray) -> list[Finding]:
    held = pd.DataFrame({"person": person, "started": posts["started"], "ended": posts["ended"]}, index=posts.index)
    held = held[~posts["concurrent"] & (person >= 0)].sort_values(["person", "started"], kind="stable")
    until = held["ended"].fillna(pd.Timestamp("9999-12-31")).groupby(held["person"]).cummax().shift()
    overlap = held["person"].eq(held["person"].shift()) & (held["started"] < until)
    what = Message("begins while another non-concurrent post is held")
    fix = Message("End the earlier post, or mark one as concurrent.")
    return found_in(overlap.sort_index(), "posts", "two_posts", what, fix, column="started")


def _awards(tables: Frames, person: Places) -> list[Finding]:
    """A degree earned by a course was not awarded before that course started."""
    courses, degrees = tables["training"], tables["qualifications"]
    done = (courses["outcome"].eq("completed") & courses["level"].isin(POSTGRADUATE)).to_numpy(bool)
    begun = pd.DataFrame(
        {"person": person["training"], "level": courses["level"].astype("object"), "begun": courses["started"]}
    )
    held = pd.DataFrame({"person": person["qualifications"], "level": degrees["level"].astype("object")})
    first = begun[done & (person["training"] >= 0)].groupby(["person", "level"])["begun"].min()
    held = held[held["level"].isin(POSTGRADUATE).to_numpy() & (person["qualifications"] >= 0)]
    last = degrees["awarded"].loc[held.index].groupby([held["person"], held["level"]]).transform("max")
    early = last < held.join(first, on=["person", "level"])["begun"]
    what = Message("the only degree of a level was awarded before its course started")
    return found_in(early, "qualifications", "award_before_course", what, SOURCE, column="awarded")


def _unit_tree(units: pd.DataFrame) -> list[Finding]:
    parents = units.drop_duplicates("unit_id").set_index("unit_id")["parent_id"]
    above, loop = units["unit_id"].map(parents), pd.Series(False, index=units.index)
    for _ in range(len(parents)):
        loop |= above.eq(units["unit_id"]).fillna(False)
        if above.isna().all() or loop.any():
            break
        above = above.map(parents)
    what, fix = Message("the unit is its own ancestor"), Message("Correct parent_id.")
    return found_in(loop, "units", "unit_cycle", what, fix, column="parent_id")


def _unit_validity(
    posts: pd.DataFrame, units: pd.DataFrame, unit: np.ndarray, extracted: pd.Timestamp
) -> list[Finding]:
    opens, closes = take(units["valid_from"], unit), take(units["valid_to"], unit)
    closed = posts["ended"].isna() & (closes <= extracted)
    bad = (posts["started"] < opens) | (posts["started"] >= closes) | (posts["ended"] > closes) | closed
    what = Message("the post is held while its unit does not exist")
    fix = Message("End the post with the unit, or use the unit that took over.")
    return found_in(bad, "posts", "unit_not_valid", what, fix, column="unit_id")


def _planning_age(planning: pd.DataFrame, people: pd.DataFrame, person: np.ndarray) -> list[Finding]:
    late = planning["started"] >= take(retirement_dates(people["sex"], people["birth_date"]), person)
    what = Message("planned after the age of retirement")
    return found_in(late, "planning", "planned_retired", what, SOURCE, column="started")


def _warnings(tables: Frames) -> list[Finding]:
    people, degrees, courses = (tables[name] for name in ("people", "qualifications", "training"))
    unchecked = degrees["level"].isin(POSTGRADUATE) & ~degrees["verified"]
    alone = pd.Series(look_up(people["person_id"], tables["posts"]["person_id"]) < 0, index=people.index)
    endless = courses["outcome"].isin(["completed", "dropped"]) & courses["ended"].isna()
    told = [
        (unchecked, "qualifications", "unverified", Message("postgraduate degrees that are not verified"),
         Message("Verify them; targets are shown with bounds."), "verified"),
        (alone, "people", "no_post", Message("people without any post"),
         Message("Add their posts; they are left out of the analysis."), "person_id"),
        (endless, "training", "no_end", Message("a finished course has no end"), SOURCE, "ended"),
    ]  # fmt: skip
    findings = [one for *rule, column in told for one in found_in(*rule, column=column, severity=WARNING)]
    return findings + _unknown_fields(tables)


def _unknown_fields(tables: Frames) -> list[Finding]:
    known = pd.read_csv(project.root() / "data" / "reference" / "fields.csv", dtype="str")["code"]
    what, fix = Message("the field is not in fields.csv"), Message("Use one of {codes}.", codes=", ".join(known))
    findings = []
    for name, rows in tables.items():
        if "field" in rows:
            strange = rows["field"].notna() & (look_up(rows["field"], known) < 0)
            where = {"column": "field", "severity": WARNING, "seen": show(rows["field"][strange].unique())}
            findings += found_in(strange, name, "unknown_field", what, fix, **where)
    return findings
