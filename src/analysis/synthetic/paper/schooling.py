"""Courses and degrees of the synthetic registry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.registry.contract import COURSE_LEVEL
from analysis.synthetic.dynamics import COMPLETED, DOCTOR, SPECIALIST
from analysis.synthetic.paper.clerk import EMPTY, Clerk, Log, date, text
from analysis.synthetic.paper.plan import plan_tables
from analysis.synthetic.parameters import FIELDS, SERVICE, month
from analysis.synthetic.population import FULL_TIME, NEVER

FIELD_SHARES = (  # assumed: district and up, commune, service
    (0.30, 0.16, 0.18, 0.08, 0.03, 0.05, 0.06, 0.05, 0.09),
    (0.36, 0.10, 0.22, 0.10, 0.02, 0.04, 0.03, 0.03, 0.10),
    (0.05, 0.05, 0.02, 0.04, 0.22, 0.55, 0.05, 0.01, 0.01),
)
COST = np.array([60e6, 120e6, 90e6])  # assumed, VND
LENGTHS = np.array([12, 8])  # months of political theory: intermediate, advanced


def draw_fields(clerk: Clerk, who: np.ndarray) -> np.ndarray:
    """Draw a field of study for these people, by their sectors."""
    edges = np.cumsum(np.array(FIELD_SHARES), axis=1)[clerk.state.sector[who]]
    return np.minimum((clerk.rng.random(len(who))[:, None] >= edges).sum(axis=1), len(FIELDS) - 1)


def training_tables(clerk: Clerk, log: Log, posts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay out training, qualifications, and what was planned, needed and assigned."""
    degrees, courses = _postgraduate(clerk, clerk.keep(log["start"]))
    parts = [courses, _never_started(clerk, log), _other(clerk, clerk.keep(log["course"]))]
    training = pd.concat(parts).sort_values(["who", "started"], kind="stable", ignore_index=True)
    training.insert(0, "course_id", [f"C{k:08d}" for k in range(1, len(training) + 1)])
    qualifications = pd.concat([_bachelors(clerk), _older(clerk), degrees])
    qualifications = qualifications.sort_values(["who", "awarded"], kind="stable", ignore_index=True)
    planned = plan_tables(clerk, training, posts)
    for table in (training, qualifications):
        table.insert(0, "person_id", clerk.person(table.pop("who")))
    return {"training": training, "qualifications": qualifications} | planned


def _postgraduate(clerk: Clerk, starts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    last, size = month(clerk.settings.extracted), len(starts)
    who, level, own, begun, end, length = (
        starts[name].to_numpy() for name in ("person", "level", "own", "month", "end", "length")
    )
    full_time = (starts["mode"] == FULL_TIME).to_numpy()
    field = np.where(level == SPECIALIST, FIELDS.index("health"), draw_fields(clerk, who))
    day = clerk.days(size)
    left = clerk.exited[who]
    runs = (end > last) | (left <= date(end))
    ended = np.where(runs, EMPTY, date(end, clerk.days(size)))
    project = ~own & (begun >= month(clerk.settings.project)) & (clerk.rng.random(size) < 0.85)
    courses = clerk.table(
        "training",
        who=who,
        kind="postgraduate",
        level=level,
        field=text(field, FIELDS),
        mode=np.where(full_time, 0, 1),
        place=np.where(full_time & (clerk.rng.random(size) < 0.06), 1, 0),
        funder=np.where(own, 2, np.where(project, 0, 1)),
        nominated=date(starts["nominated"], clerk.days(size)),
        started=date(begun, day),
        expected_end=date(begun + length, day),
        ended=ended,
        outcome=np.where(runs, -1, starts["fate"]),
        cost=np.where(own, np.nan, np.round(COST[level] * clerk.rng.uniform(0.8, 1.2, size), -5)),
    )
    shown = ~(ended <= clerk.covers) | (clerk.rng.random(size) < 0.4)
    awarded = np.maximum(date(end + clerk.rng.integers(0, 6, size), clerk.days(size)), ended)
    earned = ~runs & (starts["fate"] == COMPLETED) & (awarded <= _extract(clerk)) & ~(awarded >= left)
    degrees = _degrees(clerk, who[earned], 1 + level[earned], field[earned], awarded[earned])
    return degrees, courses[shown]


def _extract(clerk: Clerk) -> np.datetime64:
    return np.datetime64(clerk.settings.extracted, "D") + 29


def _degrees(clerk: Clerk, who, level, field, awarded) -> pd.DataFrame:
    doubt = np.where(level > 0, clerk.settings.degree_unverified, 0.02)
    verified = clerk.rng.random(len(who)) >= doubt
    field = text(field, FIELDS)
    return clerk.table(
        "qualifications",
        who=who,
        kind="professional",
        level=level,
        field=field,
        awarded=awarded,
        verified=verified,
        equivalent=text(np.full(len(who), -1), FIELDS),
    )


def _bachelors(clerk: Clerk) -> pd.DataFrame:
    who = np.flatnonzero(clerk.known)
    awarded = date(clerk.state.born[who].astype(np.int64) + clerk.rng.integers(258, 272, len(who)), 15)
    awarded = np.minimum(awarded, date(clerk.state.recruited[who]))
    return _degrees(clerk, who, np.zeros(len(who), int), draw_fields(clerk, who), awarded)


def _older(clerk: Clerk) -> pd.DataFrame:
    state = clerk.state
    who = np.flatnonzero(clerk.known & (state.completed < NEVER) & ~state.ever)
    chance = clerk.rng.random(len(who))
    level = np.where((state.sector[who] == SERVICE) & (chance < 0.2), SPECIALIST, np.where(chance > 0.96, DOCTOR, 0))
    field = np.where(level == SPECIALIST, FIELDS.index("health"), draw_fields(clerk, who))
    return _degrees(clerk, who, 1 + level, field, date(state.completed[who], 15))


def _never_started(clerk: Clerk, log: Log) -> pd.DataFrame:
    state, lapsed = clerk.state, clerk.keep(log["not_started"])
    lapsed = lapsed[lapsed["nominated"] >= month(clerk.settings.covers_from)]
    waiting = np.flatnonzero(clerk.known & state.active & (state.nominated_for > month(clerk.settings.extracted)))
    who = np.concatenate([lapsed["person"], waiting])
    nominated, none = np.concatenate([lapsed["nominated"], state.nominated_at[waiting]]), np.full(len(who), EMPTY)
    return clerk.table(
        "training",
        who=who,
        kind="postgraduate",
        level="master",
        field=text(draw_fields(clerk, who), FIELDS),
        mode="in_service",
        place="home",
        funder=np.where(nominated >= month(clerk.settings.project), 0, 1),
        nominated=date(nominated, clerk.days(len(who))),
        started=none,
        expected_end=none,
        ended=none,
        outcome=np.where(np.arange(len(who)) < len(lapsed), 3, -1),
        cost=np.nan,
    )


def _other(clerk: Clerk, rows: pd.DataFrame) -> pd.DataFrame:
    seen = rows["month"] >= month(clerk.settings.covers_from)
    who, kind, begun = (rows.loc[seen, name].to_numpy() for name in ("person", "kind", "month"))
    size, names = len(who), ("political_theory", "political_theory", *(k for k, _ in clerk.settings.short_courses))
    long = kind < 2
    day = clerk.days(size)
    started = date(begun, day)
    brief = started + clerk.rng.integers(2, 15, size).astype("timedelta64[D]")
    expected = np.where(long, date(begun + LENGTHS[np.minimum(kind, 1)], day), brief)
    left = clerk.exited[who]
    runs = (expected > _extract(clerk)) | (long & (left <= expected))
    dropped = long & (clerk.rng.random(size) < 0.02)
    chance = clerk.rng.random(size)
    mode = np.where((kind == 1) & (chance < 0.5), 0, np.where(long, 1, np.where(chance < 0.25, 2, 0)))
    return clerk.table(
        "training",
        who=who,
        kind=text(kind, names),
        level=np.where(long, COURSE_LEVEL.index("intermediate") + kind, -1),
        field=text(np.full(size, -1), FIELDS),
        mode=mode,
        place=np.where((kind == len(names) - 1) & (chance > 0.5), 1, 0),
        funder="other_budget",
        nominated=np.full(size, EMPTY),
        started=started,
        expected_end=expected,
        ended=np.where(runs, EMPTY, np.fmin(left, expected)),
        outcome=np.where(runs, -1, np.where(dropped, 1, 0)),
        cost=np.nan,
    )
