"""What a registry holds, in counts: never rows of people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import yaml

from analysis import project
from analysis.registry.contract import TABLES
from analysis.registry.store import Registry


def describe_columns(reg: Registry) -> pd.DataFrame:
    """Say of every column of `reg` how much of it is filled and what it may hold.

    >>> registry.describe_columns(reg).columns.tolist()
    ['kind', 'filled', 'codes']
    """
    rows = [
        {
            "table": name,
            "column": column.name,
            "kind": column.kind,
            "filled": float(reg[name][column.name].notna().mean()),
            "codes": ", ".join(map(str, column.codes)),
        }
        for name, table in TABLES.items()
        for column in table.columns
    ]
    return pd.DataFrame(rows).set_index(["table", "column"])


def count_tables(reg: Registry) -> pd.DataFrame:
    """Count rows and distinct people of every table of `reg` that speaks of people.

    >>> registry.count_tables(reg).columns.tolist()
    ['table', 'rows', 'people']
    """
    tables = {name: reg[name] for name in TABLES if "person_id" in reg[name] and reg.has(name)}
    return pd.DataFrame(
        [{"table": name, "rows": len(rows), "people": rows["person_id"].nunique()} for name, rows in tables.items()]
    )


def count_people(reg: Registry, by: Sequence[str]) -> pd.DataFrame:
    """Count the people in service in `reg` on its own day, by the columns `by` of people and posts.

    A person is in service while a non-concurrent post is held.

    >>> registry.count_people(reg, ["sex"])["sex"].tolist()
    ['female', 'male']
    """
    held = _held_on(reg, reg.as_of)
    main = held.drop_duplicates("person_id").merge(reg["people"], on="person_id", validate="one_to_one")
    return main.groupby(list(by), observed=True).size().rename("people").reset_index()


def in_service_on(reg: Registry, day: pd.Timestamp) -> pd.Index:
    """List who is in service on a day: who holds a non-concurrent post."""
    return pd.Index(_held_on(reg, day)["person_id"].unique())


def _held_on(reg: Registry, day: pd.Timestamp) -> pd.DataFrame:
    posts = reg["posts"]
    return posts[~posts["concurrent"] & (posts["started"] <= day) & ~(posts["ended"] <= day)]


def count_courses(reg: Registry) -> pd.DataFrame:
    """Count the people in `reg` who started a course, by kind.

    >>> registry.count_courses(reg).columns.tolist()
    ['kind', 'people']
    """
    begun = reg["training"][reg["training"]["started"].notna()]
    people = begun.groupby("kind", observed=True)["person_id"].nunique().rename("people").reset_index()
    return people.sort_values("people", ascending=False, ignore_index=True)


def read_truth(path: str | Path) -> dict:
    """Read the truth planted in the synthetic registry at `path`; empty where there is none.

    >>> registry.read_truth(folder / "province")
    {}
    """
    file = project.find(path) / "truth.yml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
