"""Turns of training in a year: who was nominated, began and completed, where they served, and on which planned line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.placement.cells import main_posts
from analysis.registry import Registry

CODES = ["kind", "level", "field", "mode", "place", "funder", "outcome"]
KEYS = ["unit_id", "kind", "level", "field", "staff_level"]  # of a planned line
DEPTH = 6  # units above each other


def list_turns(reg: Registry, year: int) -> pd.DataFrame:
    """Lay out the steps of courses in a year, a row each.

    `step` is nominated, started, completed (in the year, whenever begun) or finished (completed so far, of those begun
    in the year); `day` its day. `unit_id`, `staff_level`, `grade` and `teaching` are of the post held on that day,
    the level "unknown" where there is none; `planned` says, where the registry has the table, who was on a planning
    list.
    """
    rows = reg["training"]
    done = rows["outcome"].eq("completed")
    days = {
        "nominated": rows["nominated"],
        "started": rows["started"],
        "completed": rows["ended"].where(done),
        "finished": rows["started"].where(done),
    }
    parts = [rows.assign(step=step, day=day)[day.dt.year == year] for step, day in days.items()]
    turns = pd.concat(parts, ignore_index=True)
    turns[CODES] = turns[CODES].astype("str")
    return _locate(reg, turns)


def _locate(reg: Registry, turns: pd.DataFrame) -> pd.DataFrame:
    held = main_posts(reg).rename(columns={"started": "day"}).sort_values("day", kind="stable")
    held = held[["person_id", "day", "unit_id", "grade", "teaching"]]
    turns = pd.merge_asof(turns.sort_values(["day", "person_id", "course_id"]), held, on="day", by="person_id")
    level = reg["units"].set_index("unit_id")["level"].astype("str")
    turns["staff_level"] = turns["unit_id"].map(level).fillna("unknown")
    if reg.has("planning"):
        turns["planned"] = _is_listed(reg["planning"], turns)
    return turns


def _is_listed(planning: pd.DataFrame, turns: pd.DataFrame) -> np.ndarray:
    both = turns[["person_id", "day"]].reset_index().merge(planning[["person_id", "started", "ended"]], on="person_id")
    on = (both["started"] <= both["day"]) & ~(both["ended"] <= both["day"])
    return turns.index.isin(both.loc[on, "index"])


def match_lines(reg: Registry, turns: pd.DataFrame, year: int) -> pd.DataFrame:
    """Give the plan of a year line by line, with the `turns` begun on each and of how many `people`.

    A turn is on the line of its kind, level, field and level of staff that belongs to its unit, or to the nearest unit
    above. What no line of the plan says (a column that is empty throughout) tells no lines apart.
    """
    plan = reg["training_plan"]
    plan = plan[plan["year"] == year].reset_index(drop=True)
    begun = turns[turns["step"] == "started"]
    keys = [name for name in KEYS if plan[name].notna().any()]
    plan[keys] = plan[keys].astype("str")
    if "staff_level" in keys:
        plan["staff_level"] = plan["staff_level"].fillna("unknown")
    line = _find(plan[keys], begun, reg["units"].set_index("unit_id")["parent_id"])
    by = begun.groupby(line)["person_id"]
    found = pd.DataFrame({"turns": by.size(), "people": by.nunique()}).reindex(plan.index, fill_value=0)
    return plan.join(found)


def _find(plan: pd.DataFrame, begun: pd.DataFrame, above: pd.Series) -> np.ndarray:
    if plan.empty:
        return np.full(len(begun), -1)
    lines = pd.MultiIndex.from_frame(plan.fillna(""))
    here, line = begun["unit_id"], np.full(len(begun), -1)
    for _ in range(DEPTH):
        asked = begun.assign(unit_id=here)[[*plan]].fillna("")
        line = np.where(line < 0, lines.get_indexer(pd.MultiIndex.from_frame(asked)), line)
        here = here.map(above)
    return line
