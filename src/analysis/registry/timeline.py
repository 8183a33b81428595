"""The contract's rules on when: nothing before sixteen, after the extract, or after somebody left."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.registry.findings import ERROR, Finding, found
from analysis.registry.keys import take
from analysis.words import Message

DAY = np.timedelta64(1, "D")
SOURCE = Message("Correct the dates in the source.")
ADULT = 16
STATE_DATES = {
    "people": ("recruited", "party_joined"),
    "posts": ("started", "ended"),
    "seats": ("started", "ended"),
    "training": ("nominated", "started", "ended"),
    "qualifications": ("awarded",),
    "planning": ("started", "ended"),
    "discipline": ("started", "ended"),
    "exits": ("exited",),
}
IN_SERVICE = ("posts", "seats", "planning")
LAST_DAYS = ("ended", "exited")
RULES = {
    "before_adult": Message("before the 16th birthday"),
    "after_extract": Message("after the day of the extract"),
    "after_exit": Message("after the person left"),
    "open_after_exit": Message("still open though the person left"),
}


def check_timeline(
    tables: Mapping[str, pd.DataFrame], person: Mapping[str, np.ndarray], extracted: pd.Timestamp
) -> list[Finding]:
    """Check every date of every person; `person` gives the place in people of each row of each table.

    Whoever left is away until the next post by recruitment; in between nothing may begin, end or go on.
    """
    birth = tables["people"]["birth_date"]
    away = _absences(tables, person)
    findings: list[Finding] = []
    for name in [name for name in STATE_DATES if name in tables]:
        findings += _check_dates(name, tables[name], person[name], take(birth, person[name]), away, extracted)
    if "ratings" in tables:
        findings += _check_years(tables["ratings"], take(birth, person["ratings"]), person["ratings"], away, extracted)
    return findings


def _absences(tables: Mapping[str, pd.DataFrame], person: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """List the times away from the service: person, first day away, day of the return (a far day if there is none)."""
    hired = tables["posts"]["decision"].eq("recruitment").to_numpy(bool)
    exits = pd.DataFrame({"person": person["exits"], "left": tables["exits"]["exited"].to_numpy("datetime64[ms]")})
    hires = tables["posts"]["started"].to_numpy("datetime64[ms]")[hired]
    hires = pd.DataFrame({"person": person["posts"][hired], "back": hires})
    away = pd.merge_asof(
        exits[exits["person"] >= 0].sort_values("left"),
        hires.sort_values("back"),
        by="person",
        left_on="left",
        right_on="back",
        direction="forward",
    )
    return away.assign(back=away["back"].fillna(pd.Timestamp("9999-12-31")))


def _pairs(person: np.ndarray, away: pd.DataFrame) -> pd.DataFrame:
    """Pair each row of a table (its position) with the absences of its person."""
    gone = np.zeros(max(person.max(initial=-1), away["person"].max() if len(away) else -1) + 2, dtype=bool)
    gone[away["person"]] = True
    rows = np.flatnonzero(gone[person])
    return pd.DataFrame({"row": rows, "person": person[rows]}).merge(away, on="person")


def _check_dates(name, rows, person, birth, away, extracted) -> list[Finding]:
    findings = []
    adult = _plus_years(birth, ADULT)
    pairs = _pairs(person, away)
    place, left, back = pairs["row"].to_numpy(), pairs["left"].to_numpy(), pairs["back"].to_numpy()
    dates = {date: rows[date].to_numpy().astype("datetime64[ms]") for date in STATE_DATES[name]}
    for date, days in dates.items():
        limit = extracted.to_datetime64() + DAY * (date in LAST_DAYS)
        findings += _tell(name, date, rows, np.flatnonzero(days < adult), "before_adult")
        findings += _tell(name, date, rows, np.flatnonzero(days > limit), "after_extract")
        day = days[place]
        late = (day > left) & (day <= back) if date in LAST_DAYS else (day >= left) & (day < back)
        if name in IN_SERVICE and date == "ended":
            late = (dates["started"][place] < left) & (day > left)
        findings += _tell(name, date, rows, place[late], "after_exit")
    if name in IN_SERVICE:
        still = (dates["started"][place] < left) & np.isnat(dates["ended"][place])
        findings += _tell(name, "ended", rows, place[still], "open_after_exit")
    return findings


def _check_years(rows, birth, person, away, extracted) -> list[Finding]:
    year = rows["year"].to_numpy("int64")
    born = birth.astype("datetime64[Y]")
    early = ~np.isnat(born) & (year < born.astype("int64") + 1970 + ADULT)
    pairs = _pairs(person, away)
    place, left, back = pairs["row"].to_numpy(), pairs["left"].dt.year, pairs["back"].dt.year
    late = ((year[place] > left) & (year[place] < back)).to_numpy()
    return [
        *_tell("ratings", "year", rows, np.flatnonzero(early), "before_adult"),
        *_tell("ratings", "year", rows, np.flatnonzero(year > extracted.year), "after_extract"),
        *_tell("ratings", "year", rows, place[late], "after_exit"),
    ]


def _tell(table: str, column: str, rows: pd.DataFrame, places: np.ndarray, rule: str) -> list[Finding]:
    numbers = rows.index[np.unique(places)]
    return [found(ERROR, table, rule, RULES[rule], SOURCE, rows=numbers, column=column)] if len(places) else []


def _plus_years(dates: np.ndarray, years: int) -> np.ndarray:
    month = dates.astype("datetime64[M]")
    return (month + 12 * years).astype("datetime64[ms]") + (dates - month.astype("datetime64[ms]"))
