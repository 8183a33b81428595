"""Courses and degrees of the synthetic registry, and the plan that had foreseen about as many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.registry import contract
from analysis.synthetic.clerk import EMPTY, Clerk, date, text
from analysis.synthetic.dynamics import COMPLETED, DOCTOR, SPECIALIST, Log
from analysis.synthetic.parameters import FIELDS, SERVICE, month
from analysis.synthetic.places import Places
from analysis.synthetic.population import FULL_TIME, NEVER, State

DEGREES = ("master", "doctor", "specialist_1")
FIELD_SHARES = (  # assumed: district and up, commune, service
    (0.30, 0.16, 0.18, 0.08, 0.03, 0.05, 0.06, 0.05, 0.09),
    (0.36, 0.10, 0.22, 0.10, 0.02, 0.04, 0.03, 0.03, 0.10),
    (0.05, 0.05, 0.02, 0.04, 0.22, 0.55, 0.05, 0.01, 0.01),
)
COST = np.array([60e6, 120e6, 90e6])  # assumed, VND
LENGTHS = {"intermediate": 12, "advanced": 8}


def draw_fields(clerk: Clerk, sector: np.ndarray) -> np.ndarray:
    """Draw a field of study for people of these sectors."""
    edges = np.cumsum(np.array(FIELD_SHARES), axis=1)
    return np.minimum((clerk.rng.random(len(sector))[:, None] >= edges[sector]).sum(axis=1), len(FIELDS) - 1)


def training_tables(clerk: Clerk, log: Log, state: State, places: Places) -> dict[str, pd.DataFrame]:
    """Lay out training, qualifications and the training plan."""
    starts = clerk.keep(log["start"])
    degrees, courses = _postgraduate(clerk, starts, state)
    parts = [courses, _never_started(clerk, log, state), _other(clerk, clerk.keep(log["course"]), state)]
    parts = [part.assign(who=who) for who, part in parts]
    training = pd.concat(parts, ignore_index=True).sort_values(["who", "started"], kind="stable", ignore_index=True)
    who = training.pop("who").to_numpy()
    training.insert(0, "person_id", clerk.person(who))
    training.insert(1, "course_id", text(np.arange(len(who)), [f"C{k:08d}" for k in range(1, len(who) + 1)]))
    qualifications = pd.concat([_bachelors(clerk, state), _older(clerk, state), degrees], ignore_index=True)
    order = np.lexsort((qualifications["awarded"].to_numpy(), qualifications["who"].to_numpy()))
    qualifications = qualifications.iloc[order].reset_index(drop=True)
    qualifications.insert(0, "person_id", clerk.person(qualifications.pop("who").to_numpy()))
    plan = _plan(clerk, training, who, state, places)
    return {"training": training, "qualifications": qualifications, "training_plan": plan}


def _postgraduate(clerk: Clerk, starts: dict[str, np.ndarray], state: State) -> tuple[pd.DataFrame, tuple]:
    last, size = month(clerk.settings.extracted), len(starts["person"])
    who, level, own, begun = starts["person"], starts["level"], starts["own"], starts["month"]
    field = np.where(level == SPECIALIST, FIELDS.index("health"), draw_fields(clerk, state.sector[who]))
    day = clerk.days(size)
    left = clerk.exited[who]
    runs = (starts["end"] > last) | (left <= date(starts["end"]))
    ended = np.where(runs, EMPTY, date(starts["end"], clerk.days(size)))
    project = ~own & (begun >= month(clerk.settings.project)) & (clerk.rng.random(size) < 0.85)
    frame = pd.DataFrame(
        {
            "kind": "postgraduate",
            "level": text(level, DEGREES),
            "field": text(field, FIELDS),
            "mode": text(np.where(starts["mode"] == FULL_TIME, 0, 1), contract.MODE),
            "place": text(
                np.where((starts["mode"] == FULL_TIME) & (clerk.rng.random(size) < 0.06), 1, 0), contract.PLACE
            ),
            "funder": text(np.where(own, 2, np.where(project, 0, 1)), contract.FUNDER),
            "nominated": date(starts["nominated"], clerk.days(size)),
            "started": date(begun, day),
            "expected_end": date(begun + starts["length"], day),
            "ended": ended,
            "outcome": text(np.where(runs, -1, starts["fate"]), contract.OUTCOME),
            "cost": np.where(own, np.nan, np.round(COST[level] * clerk.rng.uniform(0.8, 1.2, size), -5)),
        }
    )
    past = ended <= clerk.covers
    shown = ~past | (clerk.rng.random(size) < 0.4)
    awarded = np.maximum(date(starts["end"] + clerk.rng.integers(0, 6, size), clerk.days(size)), ended)
    extract = np.datetime64(clerk.settings.extracted, "M").astype("datetime64[D]") + np.timedelta64(29, "D")
    earned = ~runs & (starts["fate"] == COMPLETED) & (awarded <= extract) & ~(awarded >= left)
    degrees = _degrees(clerk, who[earned], 1 + level[earned], field[earned], awarded[earned])
    return degrees, (who[shown], frame[shown])


def _degrees(clerk: Clerk, who, level, field, awarded) -> pd.DataFrame:
    doubt = np.where(level > 0, clerk.settings.degree_unverified, 0.02)
    return pd.DataFrame(
        {
            "who": who,
            "level": text(level, ("bachelor", *DEGREES)),
            "field": text(field, FIELDS),
            "awarded": awarded,
            "verified": clerk.rng.random(len(who)) >= doubt,
        }
    )


def _bachelors(clerk: Clerk, state: State) -> pd.DataFrame:
    who = np.flatnonzero(clerk.known)
    awarded = date(state.born[who].astype(np.int64) + clerk.rng.integers(258, 272, len(who)), 15)
    awarded = np.minimum(awarded, date(state.recruited[who]))
    return _degrees(clerk, who, np.zeros(len(who), int), draw_fields(clerk, state.sector[who]), awarded)


def _older(clerk: Clerk, state: State) -> pd.DataFrame:
    who = np.flatnonzero(clerk.known & (state.completed < NEVER) & ~state.ever)
    chance = clerk.rng.random(len(who))
    level = np.where((state.sector[who] == SERVICE) & (chance < 0.2), SPECIALIST, np.where(chance > 0.96, DOCTOR, 0))
    field = np.where(level == SPECIALIST, FIELDS.index("health"), draw_fields(clerk, state.sector[who]))
    return _degrees(clerk, who, 1 + level, field, date(state.completed[who], 15))


def _never_started(clerk: Clerk, log: Log, state: State) -> tuple[np.ndarray, pd.DataFrame]:
    lapsed = clerk.keep(log["not_started"])
    lapsed = {name: value[lapsed["nominated"] >= month(clerk.settings.covers_from)] for name, value in lapsed.items()}
    waiting = np.flatnonzero(clerk.known & state.active & (state.nominated_for > month(clerk.settings.extracted)))
    who = np.concatenate([lapsed["person"], waiting])
    nominated = np.concatenate([lapsed["nominated"], state.nominated_at[waiting]])
    size, none = len(who), np.full(len(who), EMPTY)
    frame = pd.DataFrame(
        {
            "kind": "postgraduate",
            "level": "master",
            "field": text(draw_fields(clerk, state.sector[who]), FIELDS),
            "mode": "in_service",
            "place": "home",
            "funder": text(np.where(nominated >= month(clerk.settings.project), 0, 1), contract.FUNDER),
            "nominated": date(nominated, clerk.days(size)),
            "started": none,
            "expected_end": none,
            "ended": none,
            "outcome": text(np.where(np.arange(size) < len(lapsed["person"]), 3, -1), contract.OUTCOME),
            "cost": np.nan,
        }
    )
    return who, frame


def _other(clerk: Clerk, rows: dict[str, np.ndarray], state: State) -> tuple[np.ndarray, pd.DataFrame]:
    seen = rows["month"] >= month(clerk.settings.covers_from)
    who, kind, begun = (rows[name][seen] for name in ("person", "kind", "month"))
    size, names = len(who), ("political_theory", "political_theory", *(k for k, _ in clerk.settings.short_courses))
    long = kind < 2
    length = np.array(list(LENGTHS.values()))[np.minimum(kind, 1)]
    day = clerk.days(size)
    started = date(begun, day)
    brief = started + clerk.rng.integers(2, 15, size).astype("timedelta64[D]")
    expected = np.where(long, date(begun + length, day), brief).astype("datetime64[ms]")
    extract = np.datetime64(clerk.settings.extracted, "M").astype("datetime64[D]") + np.timedelta64(29, "D")
    left = clerk.exited[who]
    runs = (expected > extract) | (long & (left <= expected))
    dropped = long & (clerk.rng.random(size) < 0.02)
    advanced = kind == 1
    chance = clerk.rng.random(size)
    mode = np.where(advanced & (chance < 0.5), 0, np.where(long, 1, np.where(chance < 0.25, 2, 0)))
    frame = pd.DataFrame(
        {
            "kind": text(kind, names),
            "level": text(np.where(long, kind, -1), tuple(LENGTHS)),
            "field": text(np.full(size, -1), FIELDS),
            "mode": text(mode, contract.MODE),
            "place": text(np.where((kind == len(names) - 1) & (chance > 0.5), 1, 0), contract.PLACE),
            "funder": "other_budget",
            "nominated": np.full(size, EMPTY),
            "started": started,
            "expected_end": expected,
            "ended": np.where(runs, EMPTY, np.where(left < expected, left, expected)),
            "outcome": text(np.where(runs, -1, np.where(dropped, 1, 0)), contract.OUTCOME),
            "cost": np.nan,
        }
    )
    return who, frame


def _plan(clerk: Clerk, training: pd.DataFrame, who: np.ndarray, state: State, places: Places) -> pd.DataFrame:
    """Plan seats by year, district or province, kind, level and field: near what was then used."""
    place = places.district[state.unit[who]]
    top = np.flatnonzero(places.frame["level"].eq("district") & places.frame["kind"].eq("state"))
    unit = np.where(place < 0, 0, top[np.maximum(place, 0)])
    year = training["started"].fillna(training["nominated"]).dt.year
    keys = pd.DataFrame({"year": year.astype("int64"), "unit": unit, **training[["kind", "level", "field"]]})
    first = int(clerk.settings.covers_from[:4])
    keys = keys[keys["year"] >= first]
    plan = keys.groupby(list(keys.columns), dropna=False, sort=True).size().rename("used").reset_index()
    seats = np.maximum(1, np.round(plan["used"] * clerk.rng.uniform(0.85, 1.25, len(plan))))
    return pd.DataFrame(
        {
            "year": plan["year"],
            "unit_id": pd.Series(places.frame["unit_id"].array.take(plan["unit"].to_numpy())),
            "kind": plan["kind"],
            "level": plan["level"],
            "field": plan["field"],
            "seats": seats.astype("int64"),
        }
    )
