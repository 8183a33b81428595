"""The plan of a year beside what was done: needs, seats, nominations, starts, completions, in turns and in people."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from analysis.estimate import Estimate
from analysis.placement.cells import CELL, absent, holding, main_posts, melt, stack, told
from analysis.placement.turns import list_turns, match_lines
from analysis.registry import Registry
from analysis.words import Message

CUTS = (("", ""), ("kind", ""), ("kind", "level"), ("kind", "field"), ("", "staff_level"), ("", "funder"), ("", "mode"),
        ("", "planned"))  # fmt: skip
STEPS = ("nominated", "started", "completed", "finished")
COUNTED = [f"{step}_{count}" for count in ("turns", "people") for step in STEPS]
PLANNED = ["seats", "used", "empty", "planned_classes", "budget"]
ESTIMANDS = {"budget": "amount", "cost": "amount", "turns_a_seat": "rate", "filled": "rate"}
LEVELS = ("province", "district", "commune", "unknown")


def compare_plan(reg: Registry, *, year: int) -> Estimate:
    """Hold what `reg` says was done in a `year` against that year's plan and needs.

    Rows by kind of course, its level and field, level of staff, funder, mode, and on a planning list or not. `heads`:
    `needs`, `seats`, `used` (seats of each line that were taken, at most its own), `empty` (seats of lines that nobody
    began), `planned_classes`, `classes`, and turns and people of four steps: nominated (0 where no paper says it is
    not known, and empty), started, completed in the year, finished (of those begun in it, so far). `amount`: `budget`,
    `cost` of what began (VND). `rate`: `turns_a_seat`, which spills from line to line, and `filled` by line. The plan
    knows neither funder nor mode. `details`: `lines` of the plan, `turns` by every column. Rows of what the registry
    lacks are empty, and a note says what that is.

    >>> placement.compare_plan(reg, year=2024).pick(term="seats", outcome="digital").table["estimate"].tolist()
    [509.0]
    """
    turns = list_turns(reg, year)
    lines = match_lines(reg, turns, year)
    wide = pd.concat([_done(turns), _planned(lines), _needed(reg["needs"], year)], axis="columns").rename_axis(CELL)
    wide = wide.reindex(wide.index.union([("ALL", "ALL")], sort=False))
    known = wide.index.get_level_values("population").str.startswith(("ALL", "level", "field", "staff_level"))
    if len(lines):
        wide.loc[known, PLANNED[:3]] = wide.loc[known, PLANNED[:3]].fillna(0)
    wide[COUNTED] = wide[COUNTED].fillna(0)
    wide.loc[wide["nominated_turns"].eq(0) | wide.index.get_level_values(0).isin(["ALL"]), COUNTED[::4]] = np.nan
    seats = wide["seats"].where(wide["seats"] > 0)
    wide = wide.assign(turns_a_seat=wide["started_turns"] / seats, filled=wide["used"] / seats)
    rows = melt(wide.assign(n=wide["started_people"]), ESTIMANDS)
    served = len(holding(main_posts(reg), min(pd.Timestamp(year, 12, 31), reg.as_of)))
    rows["n"] = rows["n"].where(rows["estimand"] != "heads", served)
    rows = rows[rows["estimate"].notna() | rows["population"].eq("ALL")]
    details = {"lines": lines, "turns": _crossed(turns)}
    return told("plan", rows, {"year": year}, _missing(reg, wide, year), details)


def _done(turns: pd.DataFrame) -> pd.DataFrame:
    cells = stack(turns, CUTS)
    by = {step: cells[cells["step"] == step].groupby(CELL)["person_id"] for step in STEPS}
    turns_of = {f"{step}_turns": one.size() for step, one in by.items()}
    people_of = {f"{step}_people": one.nunique() for step, one in by.items()}
    begun = cells[cells["step"] == "started"].groupby(CELL)
    classes, cost = begun["class_id"].nunique(), begun["cost"].sum(min_count=1)
    return pd.DataFrame(turns_of | people_of | {"classes": classes.where(classes > 0), "cost": cost})


def _planned(lines: pd.DataFrame) -> pd.DataFrame:
    used = lines[["turns", "seats"]].min(axis="columns")
    lines = lines.assign(
        used=used, empty=lines["seats"].where(lines["turns"].eq(0), 0), planned_classes=lines["classes"]
    )
    return stack(lines, CUTS[:5]).groupby(CELL)[PLANNED].sum(min_count=1)


def _needed(needs: pd.DataFrame, year: int) -> pd.DataFrame:
    rows = needs[needs["year"] == year].rename(columns={"people": "needs"})
    rows = rows.assign(**{name: rows[name].astype("str") for name in ("kind", "level", "field")})
    return stack(rows, CUTS[:4]).groupby(CELL)[["needs"]].sum(min_count=1)


def _crossed(turns: pd.DataFrame) -> pd.DataFrame:
    columns = ["step", "kind", "level", "field", "staff_level", "funder", "mode", "place"]
    return turns.groupby(columns, dropna=False)["person_id"].agg(turns="size", people="nunique").reset_index()


def _missing(reg: Registry, wide: pd.DataFrame, year: int) -> Iterator[Message]:
    """Say what cannot be told of the year, and why."""
    for table, term in (("training_plan", "seats"), ("needs", "needs")):
        if not reg.has(table):
            yield absent(table)
        elif wide[term].isna().all():
            yield Message("Not assessable: {table:label.tables} has no row of {year}.", table=table, year=str(year))
    if not reg.has("planning"):
        yield absent("planning")
    if wide["classes"].isna().all():
        yield Message("Not assessable: no course of {year} names its class.", year=str(year))
    if wide["cost"].isna().all():
        yield Message("Not assessable: no course of {year} has a cost on file.", year=str(year))
    if reg.as_of < pd.Timestamp(year, 12, 31):
        yield Message("The year {year} is counted up to {day:day} only.", year=str(year), day=reg.as_of)


def count_trained(reg: Registry, *, year: int) -> Estimate:
    """Count the people of `reg` who completed a course in a `year`, as form 10 of guidance 11-HD/BTCTW lays them out.

    Rows `heads` by programme in `outcome` (a kind, or `kind[level]`): `trained` in all (column 3) and by level of staff
    (4, 6, 8; `unknown` where no post says it), `leaders` among them (5, 7), and `classes` in all (9) and opened by the
    `province` or a `district` (10, 11). A person counts once a programme, at the level of the last completion, so that
    3 = 4 + 6 + 8 and 9 = 10 + 11. No column says who opened a class: one with nobody of the provincial level is a
    district's (assumed). Classes are not known where no course names one.

    >>> form = placement.count_trained(reg, year=2024).pick(outcome="digital", term="trained", population="ALL")
    >>> form.table["estimate"].tolist()
    [354.0]
    """
    turns = list_turns(reg, year)
    done = turns[turns["step"] == "completed"]
    level = ("[" + done["level"] + "]").fillna("")
    done = done.assign(programme=done["kind"] + level)
    people = done.drop_duplicates(["person_id", "programme"], keep="last")
    named = done[done["class_id"].notna()]
    central = named["staff_level"].isin(["province", "unknown"]).groupby(named["class_id"]).transform("any")
    classes = named.assign(opened=np.where(central, "province", "district")).drop_duplicates(["programme", "class_id"])
    levels = [f"staff_level[{level}]" for level in LEVELS]
    wide = pd.DataFrame(
        {
            "trained": _by_programme(people, "staff_level", levels),
            "leaders": _by_programme(people[people["grade"] > 0], "staff_level", levels, set(people["programme"])),
            "classes": _by_programme(classes, "opened", ["opened[province]", "opened[district]"]),
        }
    ).rename_axis(CELL)
    served = len(holding(main_posts(reg), min(pd.Timestamp(year, 12, 31), reg.as_of)))
    return told("trained", melt(wide.assign(n=served)).dropna(subset="estimate"), {"year": year})


def _by_programme(rows: pd.DataFrame, by: str, cells: list[str], programmes: Collection[str] = ()) -> pd.Series:
    """Count rows by programme and cell, nobody as 0."""
    counts = stack(rows, (("programme", ""), ("programme", by))).groupby(CELL).size()
    names = sorted(programmes or set(rows["programme"]))
    return counts.reindex(pd.MultiIndex.from_product([names, ["ALL", *cells]]), fill_value=0)
