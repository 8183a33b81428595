"""The lecturers of a province: how many, what they hold and attended, and what is known of the next two years."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.estimate import Estimate
from analysis.placement.cells import absent, holding, main_posts, refuse, told
from analysis.registry import Registry
from analysis.registry.contract import POSTGRADUATE
from analysis.registry.retirement import retirement_dates
from analysis.words import Message

PAST, AHEAD = 3, 24  # years of courses that count, months that are looked ahead
BRIEF = ("state_management", "defence", "language", "minority_language", "digital", "professional")
TERMS = ("lecturers", "assigned")


def describe_lecturers(reg: Registry) -> Estimate:
    """Count the lecturers (posts that teach) on the day of `reg`, and say what they hold and attended.

    Rows `heads`, `n` the lecturers (of the first two all in service): `lecturers`, `assigned` by the latest
    establishment, of whom `master_up`, `doctor`,
    `theory[level]` (the highest on file); in three years `short_people`, `short_turns`, `tour_people`, `tour_turns`,
    `abroad_people`; within 24 months `graduating` (a postgraduate course under way ends by its expected day) and
    `retiring` (by the known date): nothing is drawn, nobody new comes, nobody else leaves. `rate`: `lecturers_a_post`.
    No target was found, so nothing is graded. Blocked where no post teaches.

    >>> placement.describe_lecturers(reg).pick(term=["lecturers", "assigned"]).table["estimate"].tolist()
    [270.0, 286.0]
    """
    day, spec = reg.as_of, {"on": f"{reg.as_of:%Y-%m-%d}", "past_years": PAST, "ahead_months": AHEAD}
    posts = holding(main_posts(reg), day)
    who = posts.loc[posts["teaching"], "person_id"]
    if who.empty:
        return refuse(TERMS, spec, [Message("Not assessable: no post of the registry is marked as a lecturer's.")])
    heads = {"lecturers": len(who), "assigned": _assigned(reg)}
    heads |= dict(_degrees(reg, who)) | dict(_courses(reg, who, day)) | dict(_ahead(reg, who, day))
    rows = [{"term": term, "estimate": count, "estimand": "heads", "n": len(who)} for term, count in heads.items()]
    ratio = {"term": "lecturers_a_post", "estimate": len(who) / heads["assigned"], "estimand": "rate", "n": len(who)}
    rows.append(ratio)
    rows[:2] = [{**row, "n": len(posts)} for row in rows[:2]]
    notes = () if heads["assigned"] == heads["assigned"] else (absent("establishments"),)
    return told("lecturers", pd.DataFrame(rows).assign(outcome="ALL", population="lecturers"), spec, notes)


def _assigned(reg: Registry) -> float:
    rows = reg["establishments"].dropna(subset="lecturers")
    return float(rows.loc[rows["year"] == rows["year"].max(), "lecturers"].sum() or "nan")


def _degrees(reg: Registry, who: pd.Series) -> Iterator[tuple[str, int]]:
    rows = reg["qualifications"]
    rows = rows[rows["person_id"].isin(who)]
    yield "master_up", rows.loc[rows["level"].isin(POSTGRADUATE), "person_id"].nunique()
    yield "doctor", rows.loc[rows["level"] == "doctor", "person_id"].nunique()
    theory = rows[rows["kind"] == "political_theory"]
    best = theory.assign(step=theory["level"].cat.codes).sort_values("step").drop_duplicates("person_id", keep="last")
    for level in ("intermediate", "advanced"):
        yield f"theory[{level}]", int((best["level"] == level).sum())


def _courses(reg: Registry, who: pd.Series, day: pd.Timestamp) -> Iterator[tuple[str, int]]:
    rows = reg["training"]
    since = day - pd.DateOffset(years=PAST)
    rows = rows[rows["person_id"].isin(who) & (rows["started"] > since) & (rows["started"] <= day)]
    for name, kinds in (("short", BRIEF), ("tour", ("study_tour",))):
        ours = rows[rows["kind"].isin(kinds)]
        yield f"{name}_people", ours["person_id"].nunique()
        yield f"{name}_turns", len(ours)
    yield "abroad_people", rows.loc[rows["place"] == "abroad", "person_id"].nunique()


def _ahead(reg: Registry, who: pd.Series, day: pd.Timestamp) -> Iterator[tuple[str, int]]:
    rows, end = reg["training"], day + pd.DateOffset(months=AHEAD)
    under_way = rows["started"].notna() & rows["outcome"].isna() & rows["kind"].eq("postgraduate")
    soon = under_way & rows["expected_end"].between(day, end) & rows["person_id"].isin(who)
    yield "graduating", rows.loc[soon, "person_id"].nunique()
    people = reg["people"]
    people = people[people["person_id"].isin(who)]
    yield "retiring", int((retirement_dates(people["sex"], people["birth_date"]) <= end).sum())
