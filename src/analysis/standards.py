"""The offices of posts (offices.yml), and what they ask of those who are appointed to them, by date (standards.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pandas as pd

from analysis.project import reference


@dataclass(frozen=True, kw_only=True)
class Standard:
    """What `offices` ask of whom is appointed from `since` until `until`: a `level` of a `kind`, or a higher one.

    `staff` are the kinds of staff that it binds (empty: all), `rule` the paper; `standing` is found or assumed.
    """

    kind: str
    level: str
    offices: tuple[str, ...]
    since: pd.Timestamp
    until: pd.Timestamp
    staff: tuple[str, ...]
    rule: str
    standing: str
    source: str
    note: str


def standards() -> tuple[Standard, ...]:
    """Give what offices ask for, by date."""
    return tuple(sorted(map(_read, reference("standards.yml")), key=attrgetter("since")))


def _read(entry: Mapping[str, Any]) -> Standard:
    said = {"until": pd.Timestamp.max, "staff": (), "note": "", **entry}
    since, until = pd.Timestamp(said.pop("from")), pd.Timestamp(said.pop("until"))
    return Standard(**said | {"since": since, "until": until, "offices": tuple(entry["offices"])})


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office: the `form` that counts it (9A, 9B, 9C), the `level` of its unit, its `rank`, and if it is `key`."""

    form: str
    level: str
    rank: str
    key: bool


def offices() -> dict[str, Office]:
    """Give the offices by their codes."""
    return {code: Office(**entry) for code, entry in reference("offices.yml").items()}


def key_offices() -> tuple[str, ...]:
    """List the offices that are key posts."""
    return tuple(code for code, office in offices().items() if office.key)
