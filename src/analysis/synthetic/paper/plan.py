"""What the synthetic province planned, needed and was assigned: as many seats as were used, divided by what is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic.paper.clerk import Clerk, text
from analysis.synthetic.parameters import FIELDS, SHORTAGE

KEYS = ["year", "unit", "kind", "level", "field", "staff_level"]
LEVELS = ("province", "district", "commune")
CLASS, SEAT_COST = 30, {"postgraduate": 60e6, "political_theory": 12e6}  # assumed: seats a class, VND a seat
NEED = 1.2  # people who need a seat, a seat planned; assumed
FULL = 0.95  # share of the posts assigned that are filled; assumed


def plan_tables(clerk: Clerk, training: pd.DataFrame, posts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay out the plan, the needs it was made of, and the establishments."""
    plan = _planned(clerk, _used(clerk, training))
    seats = plan["seats"].to_numpy()
    people = np.round(NEED * seats).astype("int64")
    columns = ["year", "unit_id", "kind", "level", "field"]
    needs = plan.assign(people=people).groupby(columns, dropna=False, sort=False)["people"].sum().reset_index()
    source = "Báo cáo nhu cầu năm " + needs["year"].astype("str")
    return {
        "training_plan": plan.assign(
            classes=np.ceil(seats / CLASS).astype("int64"),
            budget=seats * plan["kind"].map(SEAT_COST).fillna(2e6).astype("float64"),
        ),
        "needs": needs.assign(source=source.astype("str")),
        "establishments": _establishments(clerk, posts),
    }


def _used(clerk: Clerk, training: pd.DataFrame) -> pd.DataFrame:
    """Count the courses begun or nominated for by year, district or province, kind, level, field and level of staff."""
    frame, home = clerk.places.frame, clerk.state.unit[training["who"]]
    place = clerk.places.district[home]
    top = np.flatnonzero(frame["level"].eq("district") & frame["kind"].eq("state"))
    level = frame["level"].to_numpy()[home]
    keys = training[["kind", "level", "field"]].assign(
        year=training["started"].fillna(training["nominated"]).dt.year.astype("int64"),
        unit=np.where(place < 0, 0, top[np.maximum(place, 0)]),
        staff_level=pd.Series(level, index=training.index, dtype="str"),
    )
    keys = keys[keys["year"] >= int(clerk.settings.covers_from[:4])]
    return keys.groupby(KEYS, dropna=False).size().rename("used").reset_index()


def _planned(clerk: Clerk, used: pd.DataFrame) -> pd.DataFrame:
    """Divide what was used by the share of the plan that is delivered, and add lines that nobody filled."""
    paper, rng = clerk.settings.paper, clerk.later
    weak = used["unit"] % paper.weak_units == 0
    kept = np.full(len(used), paper.delivered)
    kept *= np.where(weak, paper.delivered_weak, 1.0) * np.where(used["year"].eq(2021), paper.delivered_2021, 1.0)
    kept *= np.where(used["field"].isin(SHORTAGE), paper.delivered_shortage, 1.0)
    exact = used["used"] / np.clip(kept, 0.05, 1)
    cells = used.groupby(KEYS[:-1], dropna=False, sort=False)
    draw = clerk.rng.random(cells.ngroups)[cells.ngroup()] + 0.618 * cells.cumcount()
    seats = np.floor(exact + draw % 1 * (kept < 1)).astype("int64")
    plan = used.drop(columns="used").assign(seats=np.maximum(seats, used["used"]))
    empty = plan[plan["kind"].eq("postgraduate")].drop_duplicates(KEYS[:3])
    empty = empty[rng.random(len(empty)) < paper.empty_lines]
    empty = empty.assign(field=text(rng.integers(0, len(FIELDS), len(empty)), FIELDS).to_numpy(), seats=1)
    plan = pd.concat([plan, empty]).drop_duplicates(KEYS).sort_values(KEYS, kind="stable", ignore_index=True)
    plan.insert(1, "unit_id", clerk.unit(plan.pop("unit")))
    return plan


def _establishments(clerk: Clerk, posts: pd.DataFrame) -> pd.DataFrame:
    """Give each unit, year by year, somewhat more posts and lecturers than it has at the end of the year."""
    first, last = int(clerk.settings.covers_from[:4]), int(clerk.settings.extracted[:4])
    parts = []
    for year in range(first, last + 1):
        day = pd.Timestamp(year, 12 if year < last else 6, 30)
        held = posts[~posts["concurrent"] & (posts["started"] <= day) & ~(posts["ended"] <= day)]
        heads = held.groupby("unit_id", sort=True)["teaching"].agg(["size", "sum"]).reset_index()
        full = np.ceil(heads[["size", "sum"]] / FULL).astype("int64")
        parts.append(
            pd.DataFrame({"unit_id": heads["unit_id"], "year": year, "posts": full["size"], "lecturers": full["sum"]})
        )
    rows = pd.concat(parts, ignore_index=True)
    frame, seats = clerk.places.frame, clerk.settings.seats
    committees = frame.loc[frame["kind"].eq("party"), "unit_id"].tolist()
    assigned = dict.fromkeys(committees, seats[2]) | {committees[0]: seats[0]}
    return rows.assign(seats=rows["unit_id"].map(assigned).fillna(0).astype("int64"))
