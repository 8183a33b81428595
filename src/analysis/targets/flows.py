"""What each person who moved a target did: how members came to count, how newcomers came in, how leavers left."""

from __future__ import annotations

import pandas as pd

from analysis.registry import Registry
from analysis.targets.groups import Period, Roster, held_on, latest

UNRECORDED = "unrecorded"
WAVE = ("early_retirement", "resignation")  # what decree 178/2024 pays for: age, death and dismissal are no part of it
PROMOTIONS = ("first_appointment", "higher_appointment")


def label_moves(
    reg: Registry,
    roster: Roster,
    ends: tuple[pd.Series, pd.Series],
    days: Period,
    *,
    seats: bool,
    whole: Period | None = None,
) -> pd.DataFrame:
    """Say for everyone in the group on either day which flow they are and of what kind; index person_id.

    `ends` flag who counts among the members of each of `days`. Columns: `flow` (stayed, enrolled, dropped, entered,
    left), `kind` (empty, or the funder, the way in, the reason of leaving) and `was`, `counts` (bool). An exit may lie
    anywhere in the `whole` period of which `days` are a part.
    """
    everyone = ends[0].index.union(ends[1].index)
    here, there = (everyone.isin(end.index) for end in ends)
    was, counts = (end.reindex(everyone, fill_value=False).to_numpy(bool) for end in ends)
    moves = pd.DataFrame({"flow": "stayed", "kind": "", "was": was, "counts": counts}, index=everyone)
    moves["flow"] = moves["flow"].mask(~was & counts, "enrolled").mask(was & ~counts, "dropped")
    moves["flow"] = moves["flow"].mask(~here, "entered").mask(~there, "left")
    kinds = {
        "enrolled": latest_course(roster.courses, days[1])["funder"],
        "entered": pd.Series("elected", everyone) if seats else _ways_in(reg, roster, days),
        "left": _ways_out(
            reg, everyone[moves["flow"] == "left"], days, whole or days, "end_of_term" if seats else "moved"
        ),
    }
    for flow, kind in kinds.items():
        people = everyone[moves["flow"] == flow]
        moves.loc[people, "kind"] = kind.astype("object").reindex(people).fillna(UNRECORDED)
    return moves


def latest_course(courses: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Give each person's course that began last by the day; index person_id."""
    return latest(courses[courses["started"] <= day], "started", "course_id")


def _ways_in(reg: Registry, roster: Roster, days: Period) -> pd.Series:
    """How newcomers to a group of posts got the first post of the group that they took in the period."""
    posts = roster.group[(roster.group["started"] > days[0]) & (roster.group["started"] <= days[1])]
    posts = posts.sort_values(["started", "decision"]).drop_duplicates("person_id").set_index("person_id")
    decision = posts["decision"].astype("object")
    promoted, trained = decision.isin(PROMOTIONS), project_graduates(reg).reindex(posts.index) <= posts["started"]
    way = decision.map({"recruitment": "hired", "reorganisation": "reorganised"}).fillna("moved_in")
    way = way.mask(promoted, "promoted").mask(promoted & trained, "promoted_after_project")
    return way.mask(decision.isna(), UNRECORDED)


def project_graduates(reg: Registry) -> pd.Series:
    """First day on which each person had completed a postgraduate course paid by the project; index person_id."""
    courses = reg["training"]
    done = courses[
        courses["kind"].eq("postgraduate")
        & courses["funder"].eq("project_02")
        & courses["outcome"].eq("completed")
        & courses["ended"].notna()
    ]
    return done.groupby("person_id")["ended"].min()


def _ways_out(reg: Registry, people: pd.Index, days: Period, whole: Period, stays: str) -> pd.Series:
    """Why people left: the reason of their exit between the days; `stays` for those still in service; else of any."""
    exits, posts = reg["exits"], reg["posts"]
    exits = exits[exits["person_id"].isin(people)].astype({"reason": "object"})
    within = (exits[exits["exited"].between(*time, inclusive="right")] for time in (days, whole))
    now, ever = (latest(rows, "exited", "reason")["reason"].reindex(people) for rows in within)
    held = posts.loc[held_on(posts, days[1]), "person_id"]
    still = people.isin(held[held.isin(people)])
    return now.where(now.notna() | ~still, stays).fillna(ever)


def name_moves(moves: pd.DataFrame, bars: set[str]) -> pd.Series:
    """Name each move by its flow and kind, or by the window of events.yml (`bars`) that it falls into."""
    came, went, kind = moves["flow"] == "entered", moves["flow"] == "left", moves["kind"]
    names = moves["flow"] + ("[" + kind + "]").where(kind != "", "")
    inside = {"freeze": came, "wave": went & kind.isin(WAVE), "merger": came | went, "congress": came | went}
    for bar, those in inside.items():
        names = names.mask(those & (bar in bars), bar)
    return names
