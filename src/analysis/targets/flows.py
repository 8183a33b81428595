"""What each person who moved a target did: how members came to count, how newcomers came in, how leavers left."""

from __future__ import annotations

import pandas as pd

from analysis.registry import Registry
from analysis.targets.groups import Roster

UNRECORDED = "unrecorded"
PROMOTIONS = ("first_appointment", "higher_appointment")


def label_moves(
    reg: Registry,
    roster: Roster,
    ends: tuple[pd.Series, pd.Series],
    days: tuple[pd.Timestamp, pd.Timestamp],
    *,
    seats: bool,
) -> pd.DataFrame:
    """Say for everyone in the group on either day which flow they are and of what kind; index person_id.

    `ends` flag who counts among the members of each of `days`. Columns: `flow` (stayed, enrolled, dropped, entered,
    left), `kind` (empty, or the funder, the way in, the reason of leaving) and `was`, `counts` (bool).
    """
    before, after = ends
    everyone = before.index.union(after.index)
    here, there = everyone.isin(before.index), everyone.isin(after.index)
    was, counts = (end.reindex(everyone, fill_value=False).to_numpy(bool) for end in ends)
    moves = pd.DataFrame({"flow": "stayed", "kind": "", "was": was, "counts": counts}, index=everyone)
    marks = {"enrolled": here & there & ~was & counts, "dropped": here & there & was & ~counts,
             "entered": ~here & there, "left": here & ~there}  # fmt: skip
    for flow, who in marks.items():
        moves.loc[who, "flow"] = flow
    kinds = {
        "enrolled": lambda people: _funders(roster, people, days[1]),
        "entered": lambda people: pd.Series("elected", index=people) if seats else _ways_in(reg, roster, people, days),
        "left": lambda people: _ways_out(reg, people, days, "end_of_term" if seats else "moved"),
    }
    for flow, find in kinds.items():
        people = everyone[marks[flow]]
        if len(people):
            moves.loc[people, "kind"] = find(people).reindex(people).fillna(UNRECORDED).astype("object")
    return moves


def _funders(roster: Roster, people: pd.Index, last: pd.Timestamp) -> pd.Series:
    """Who paid for the latest postgraduate course begun by the day."""
    courses = roster.courses[roster.courses["started"] <= last]
    courses = courses[courses["person_id"].isin(people)].sort_values(["started", "course_id"])
    return courses.drop_duplicates("person_id", keep="last").set_index("person_id")["funder"].astype("object")


def _ways_in(reg: Registry, roster: Roster, people: pd.Index, days: tuple[pd.Timestamp, pd.Timestamp]) -> pd.Series:
    """How newcomers to a group of posts got the first post of the group that they took in the period."""
    posts = roster.group[(roster.group["started"] > days[0]) & (roster.group["started"] <= days[1])]
    posts = posts[posts["person_id"].isin(people)].sort_values(["started", "decision"])
    posts = posts.drop_duplicates("person_id").set_index("person_id")
    decision = posts["decision"].astype("object")
    trained = project_graduates(reg).reindex(posts.index) <= posts["started"]
    way = decision.map({"recruitment": "hired", "reorganisation": "reorganised"}).fillna("moved_in")
    way = way.mask(decision.isin(PROMOTIONS), "promoted")
    return way.mask(decision.isin(PROMOTIONS) & trained, "promoted_after_project").mask(decision.isna(), UNRECORDED)


def project_graduates(reg: Registry) -> pd.Series:
    """First day on which each person had completed a postgraduate course paid by the project; index person_id."""
    courses = reg["training"]
    done = courses[courses["kind"].eq("postgraduate") & courses["funder"].eq("project_02")
                   & courses["outcome"].eq("completed") & courses["ended"].notna()]  # fmt: skip
    return done.groupby("person_id")["ended"].min()


def _ways_out(reg: Registry, people: pd.Index, days: tuple[pd.Timestamp, pd.Timestamp], stays: str) -> pd.Series:
    """Why leavers left: the reason of their exit; `stays` for those still in service; else unrecorded."""
    exits = reg["exits"]
    exits = exits[exits["person_id"].isin(people) & (exits["exited"] > days[0]) & (exits["exited"] <= days[1])]
    reasons = exits.sort_values(["exited", "reason"]).drop_duplicates("person_id", keep="last").set_index("person_id")
    posts = reg["posts"]
    held = posts[(posts["started"] <= days[1]) & ~(posts["ended"] <= days[1])]["person_id"]
    still = pd.Series(stays, index=people[people.isin(held)], dtype="object")
    return reasons["reason"].astype("object").reindex(people).fillna(still.reindex(people))


def count_moves(moves: pd.DataFrame) -> pd.DataFrame:
    """Add moves up: one row a flow and kind with `people`, signed `heads` and its part of the change in `points`.

    Points are shares (0 to 1) in the form of Melitz and Polanec (2015): stayers' changes over stayers, newcomers and
    leavers against stayers; with `heads` they close without a residual.
    """
    flow = moves["flow"]
    here, there = flow != "entered", flow != "left"
    stay = moves[here & there]
    rate0, rate1 = (stay["was"].mean(), stay["counts"].mean()) if len(stay) else (0.0, 0.0)
    rows = []
    for (name, kind), people in moves[flow != "stayed"].groupby(["flow", "kind"]):
        size = len(people)
        heads = {"enrolled": size, "dropped": -size, "entered": people["counts"].sum(), "left": -people["was"].sum()}[
            name
        ]
        points = {
            "enrolled": lambda size=size: size / len(stay),
            "dropped": lambda size=size: -size / len(stay),
            "entered": lambda people=people: (people["counts"].sum() - len(people) * rate1) / there.sum(),
            "left": lambda people=people: (len(people) * rate0 - people["was"].sum()) / here.sum(),
        }[name]()
        rows.append({"flow": name, "kind": kind, "people": size, "heads": int(heads), "points": float(points)})
    return pd.DataFrame(rows, columns=["flow", "kind", "people", "heads", "points"])
