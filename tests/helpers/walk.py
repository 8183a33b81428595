"""What became of people, counted by walking through their rows one by one: shares no code with the package."""

from __future__ import annotations

import dataclasses
import functools
from datetime import date

import pandas as pd
import yaml

from analysis import project, registry
from analysis.registry.store import Registry
from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import STUDY, make_registry

UP = ("first_appointment", "higher_appointment")
OFFICES = yaml.safe_load((project.root() / "data/reference/offices.yml").read_text(encoding="utf-8"))
KEY = {code for code, one in OFFICES.items() if one["key"]}


FIVE = ("small", "another seed", "a world of many posts", "the sample workbook", "rows mixed, ids renamed")


@functools.cache
def made_by(name: str) -> Registry:
    """Make a registry: the five ways differ in size, seed, world, source and order of rows."""
    ways = {
        "small": lambda: make_registry(1500, 3, DEFAULT),
        "another seed": lambda: make_registry(1500, 11, dataclasses.replace(DEFAULT, intake=4.0)),
        "a world of many posts": lambda: make_registry(1500, 5, STUDY),
        "the sample workbook": lambda: registry.load("data/sample/ho_so.xlsx"),
        "rows mixed, ids renamed": _mixed,
    }
    return ways[name]()


def _mixed() -> Registry:
    reg = make_registry(1500, 7, dataclasses.replace(DEFAULT, intake=3.0))
    people = reg["people"]["person_id"].sample(frac=1, random_state=1)
    names = dict(zip(people, [f"N{k:06d}" for k in range(len(people))], strict=True))
    tables = {}
    for name, rows in reg.tables.items():
        rows = rows.sample(frac=1, random_state=2).reset_index(drop=True)
        tables[name] = rows.assign(person_id=rows["person_id"].map(names)) if "person_id" in rows else rows
    return dataclasses.replace(reg, tables=tables)


def rows_by_person(reg: Registry, table: str) -> dict[str, list[dict]]:
    """Give the rows of a table person by person as plain dictionaries, empty cells as None."""
    found: dict[str, list[dict]] = {}
    for row in reg[table].astype("object").where(reg[table].notna(), None).to_dict("records"):
        found.setdefault(row["person_id"], []).append(row)
    return found


def ym(day) -> int | None:
    """Count months of the calendar; None stays None."""
    return None if day is None else day.year * 12 + day.month


def walk(reg: Registry, exposure: str, since: date) -> list[dict]:
    """Follow each person who was sent since a day: months of what happened, and the state at the end."""
    training, posts, exits = (rows_by_person(reg, name) for name in ("training", "posts", "exits"))
    last = ym(reg.as_of) - (0 if (reg.as_of + pd.Timedelta(days=1)).day == 1 else 1)
    told = []
    for person, courses in training.items():
        mine = [
            c
            for c in courses
            if c["kind"] == exposure and c["started"] and c["started"].date() >= since and ym(c["started"]) <= last
        ]
        if not mine:
            continue
        start = min(ym(c["started"]) for c in mine)
        done = [ym(c["ended"] or c["expected_end"]) for c in mine if c["outcome"] == "completed"]
        gone = [ym(e["exited"]) for e in exits.get(person, []) if ym(e["exited"]) >= start]
        one = {
            "start": start,
            "turns": len(mine),
            "completed": min(done, default=None),
            "left": min(gone, default=None),
        }
        one |= _posts(sorted(posts.get(person, []), key=_order), start, one["completed"])
        one["state"] = state_at(one, mine, last)
        one["holds"] = _holds(posts.get(person, []), reg.as_of)
        told.append(one)
    return told


def _order(post: dict) -> tuple:
    return post["started"], post["grade"], post["decision"]


def _posts(posts: list[dict], start: int, completed: int | None) -> dict:
    best, grade, higher, to, key, moved, held_key = 0, 0, None, 0, None, None, False
    for post in posts:
        if post["concurrent"]:
            continue
        month, bar = ym(post["started"]), best
        own = post["decision"] not in ("acting", "secondment")
        grade = grade if post["decision"] == "acting" else post["grade"]
        best = max(best, grade)
        if own and post["office"] in KEY and month <= start and (post["ended"] is None or ym(post["ended"]) > start):
            held_key = True
        if post["decision"] in UP and grade > bar and month > start and higher is None:
            higher, to = month, grade
        fresh = own and post["decision"] not in ("reappointment", "reorganisation")
        if fresh and post["office"] in KEY and month > start and key is None:
            key = month
        if post["decision"] in ("lateral", "rotation") and completed and month > completed and moved is None:
            moved = month
    return {"higher": higher, "grade": to, "key": None if held_key else key, "moved": moved}


def _holds(posts: list[dict], day) -> bool:
    return any(
        post["office"] in KEY and not post["concurrent"] and post["decision"] not in ("acting", "secondment")
        and post["started"] <= day and not (post["ended"] and post["ended"] <= day)
        for post in posts
    )  # fmt: skip


def state_at(one: dict, courses: list[dict], month: int) -> str:
    """Give the state in a month, the highest that holds."""
    for name in ("left", "key", "higher", "moved", "completed"):
        if one[name] is not None and one[name] <= month:
            return name
    for course in courses:
        limit = ym(course["expected_end"]) + 12 if course["expected_end"] else 10**9
        ended = course["ended"] or (course["expected_end"] if course["outcome"] else None)
        over = min(limit, ym(ended) if ended else 10**9)
        if ym(course["started"]) <= month < over:
            return "studying"
    return "stopped"
