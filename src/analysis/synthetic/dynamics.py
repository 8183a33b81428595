"""One month in the life of the synthetic province, for everybody at once.

Order within a month: what time changes (`settle`), then nominations and starts (`send`), then promotions, then
exits, then moves that are no promotion. So a start counts for a promotion of its own month, and a promotion wins
a tie with an exit. Nothing here draws: every function takes uniform numbers, so that two futures can share them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.synthetic.chances import (
    BANDS,
    band,
    base_hazard,
    chance,
    factor,
    leaving_hazards,
    may_be_sent,
    nomination_hazard,
    thresholds,
    training_multiplier,
)
from analysis.synthetic.parameters import COMMUNE, DISTRICT_AND_UP, SERVICE
from analysis.synthetic.places import MERGER
from analysis.synthetic.population import FULL_TIME, IN_SERVICE, NEVER, NONE, State, write
from analysis.synthetic.world import World

DRAWS = 16  # uniform numbers a person and month
(RATING, DISCIPLINE, PARTY, PLAN, TIP, SEND, FATE, MODE,
 LEVEL, SELF, PROMOTE, LEAVE, MOVE, UNIT, COURSE, OVERRUN) = range(DRAWS)  # fmt: skip
COMPLETED, DROPPED, SUSPENDED = range(3)
MASTER, DOCTOR, SPECIALIST = range(3)
LATERAL, ROTATION, SECONDMENT, ACTING, CONCURRENT, REAPPOINTMENT = range(6)
RETIREMENT, EARLY_RETIREMENT, RESIGNATION, TRANSFER_OUT, DEATH, DISMISSAL = range(6)
Events = dict[str, dict[str, np.ndarray]]


def note(who: np.ndarray, **columns: np.ndarray) -> dict[str, np.ndarray]:
    """Write down an event of the people marked in `who`, with their values of these columns."""
    rows = np.flatnonzero(who)
    return {"person": rows, **{name: column[rows] for name, column in columns.items()}}


def settle(state: State, now: int, world: World, u: np.ndarray) -> tuple[State, Events]:
    """Let time pass: retirement at age, ratings in January, course ends, Party, discipline, planning, tips."""
    s, events = world.settings, {}
    retired = state.active & (state.retires < now)
    events["exit"] = note(retired, reason=np.full(len(retired), RETIREMENT))
    state = replace(state, active=state.active & ~retired)
    if now % 12 == 0:
        state, events["rating"] = _rate(state, now, world, u[RATING])
    ends = state.active & (state.mode != NONE) & (state.course_end <= now)
    done = ends & (state.fate == COMPLETED)
    state = state.where(ends, mode=NONE).where(done, completed=now)
    joins = state.active & (state.party == NEVER) & (u[PARTY] < s.party_joins / 12)
    barred = state.active & (state.barred_until <= now) & (u[DISCIPLINE] < s.discipline / 12)
    events["discipline"] = note(barred)
    state = state.where(joins, party=now).where(barred, barred_until=now + 12)
    return _plan(state, now, world, barred, u, events)


def _rate(state: State, now: int, world: World, u: np.ndarray) -> tuple[State, dict[str, np.ndarray]]:
    rated = state.active & (now - state.recruited >= 6)
    edges = np.cumsum(np.array(world.settings.ratings), axis=1).astype(np.float32)
    last = edges[np.where(state.rating < 0, 2, state.rating)]
    fresh = (u >= last[:, 0]).astype(np.int8) + (u >= last[:, 1]) + (u >= last[:, 2])
    return state.where(rated, rating=fresh, rating_before=state.rating), note(rated, rating=fresh)


def _plan(state: State, now: int, world: World, barred, u: np.ndarray, events: Events) -> tuple[State, Events]:
    s, listed = world.settings, state.planned_since <= now
    trained = state.ever | (state.completed <= now)
    over_age = state.retires - now < 60
    hazard = np.array(s.planning, dtype=np.float32)[state.grade] * np.float32(world.at("planning", now) / 12)
    hazard *= np.array((*s.planning_rating, 0), dtype=np.float32)[state.rating]
    hazard *= factor(state.party <= now, s.planning_party) * factor(trained, s.effect.planning)
    hazard *= factor(state.female, s.planning_female) * factor(state.ethnicity > 0, s.planning_minority)
    may = state.active & ~over_age & (state.barred_until <= now) & (now - state.recruited >= 24)
    ends = listed & state.active & (barred | over_age | (u[PLAN] < s.planning_ends / 12))
    starts = may & ~listed & (u[PLAN] < chance(hazard))
    near = state.active & listed & ~ends & (state.tipped_until <= now) & (u[TIP] < s.tipped / 12)
    events["unplanned"] = note(ends, since=state.planned_since, grade=state.grade)
    state = state.where(starts, planned_since=now).where(ends, planned_since=NEVER)
    return state.where(near, tipped_until=now + 6), events


def send(state: State, now: int, world: World, u: np.ndarray) -> tuple[State, Events]:
    """Nominate for the next intake, and in an intake month let the nominated start, or not."""
    s = world.settings
    events: Events = {}
    for lead in s.nomination_leads:
        if (now + lead) % 12 + 1 in s.intake_months:
            hazard = nomination_hazard(state, now, world)
            named = may_be_sent(state, now) & (state.nominated_for < 0) & (u[SEND] < chance(hazard))
            state = state.where(named, nominated_at=now, nominated_for=now + lead)
    if now % 12 + 1 not in s.intake_months:
        return state, events
    due = state.active & (state.nominated_for == now)
    starts = due & may_be_sent(state, now) & (u[SEND] >= s.never_starts)
    state, events["not_started"] = lapse(state, due & ~starts)
    alone = np.array(s.self_study)[state.grade] * world.at("nomination", now) / len(s.intake_months)
    own = state.active & (state.grade > 0) & (now - state.born > 480) & (state.retires - now >= 84)
    own &= (state.completed == NEVER) & ~state.ever & ~may_be_sent(state, now) & (u[SELF] < chance(alone))
    state, started = enrol(state, starts | own, now, world, u)
    return state, events | started


def lapse(state: State, who: np.ndarray) -> tuple[State, dict[str, np.ndarray]]:
    """Let nominations lapse without a start."""
    event = note(who, nominated=state.nominated_at)
    return state.where(who, nominated_at=NEVER, nominated_for=-1), event


def enrol(state: State, who, now: int, world: World, u) -> tuple[State, Events]:
    """Start a postgraduate course: its mode, level, length and fate."""
    s = world.settings
    own = who & (state.nominated_for != now)
    level = np.where((state.sector == SERVICE) & (u[LEVEL] < s.specialist), SPECIALIST, MASTER)
    level = np.where(u[LEVEL] > 1 - s.doctor, DOCTOR, level)
    length = np.where(level == DOCTOR, 42, 24)
    mode = np.where((u[MODE] < s.full_time) & (now - state.born <= 480), FULL_TIME, IN_SERVICE)
    drop = np.float32(s.dropped * world.at("dropping", now))
    drop = drop * factor(state.female, s.dropped_female) * factor(state.ethnicity > 0, s.dropped_minority)
    fate = (u[FATE] < drop + s.suspended).astype(np.int8) + ((u[FATE] >= drop) & (u[FATE] < drop + s.suspended))
    late = np.where(u[OVERRUN] < s.overruns, 3 + (u[OVERRUN] / s.overruns * 10).astype(np.int16), 0)
    end = now + np.where(fate == COMPLETED, length + late, 3 + (u[OVERRUN] * 18).astype(np.int16))
    event = note(who, nominated=state.nominated_at, level=level, mode=mode, length=length, end=end, fate=fate, own=own)
    state = state.where(who, ever=True, nominated_at=NEVER, nominated_for=-1, mode=mode, course_end=end, fate=fate)
    return state, {"start": event}


def promote(state: State, rows: np.ndarray, now: int, world: World, u: np.ndarray) -> tuple[State, Events]:
    """Give these people the next higher post; its planning entry ends with the month."""
    grade, sector, unit = state.grade[rows] + 1, state.sector[rows], state.unit[rows]
    up = ((sector == COMMUNE) & (grade > 2)) | ((sector == SERVICE) & (grade > 4))
    sector = np.where(up, DISTRICT_AND_UP, sector)
    moves = up | (u[UNIT, rows] < 0.5)
    unit = np.where(moves, world.places.draw(sector, u[MOVE, rows], now), unit)
    listed = state.planned_since[rows] <= now
    planned = {"person": rows[listed], "since": state.planned_since[rows][listed], "grade": grade[listed] - 1}
    post = {"grade": grade, "sector": sector, "unit": unit}
    state = write(state, rows, {**post, "grade_since": now, "planned_since": NEVER, "tipped_until": 0})
    return state, {"promotion": {"person": rows, **post}, "planned_post": planned}


def leave(state: State, now: int, world: World, stays, u) -> tuple[State, Events]:
    """Let people leave, `stays` excepted."""
    hazards = np.cumsum(leaving_hazards(state, now, world), axis=0)
    goes = ~stays & (u[LEAVE] < chance(hazards[-1]))
    rows = np.flatnonzero(goes)
    position = u[LEAVE, rows] / chance(hazards[-1, rows]) * hazards[-1, rows]
    reason = 1 + np.minimum((position >= hazards[:, rows]).sum(axis=0), 4)
    events = {"exit": {"person": rows, "reason": reason}}
    state, events["not_started"] = lapse(state, goes & (state.nominated_for > now))
    return replace(state, active=state.active & ~goes), events


def merge(state: State, now: int, world: World) -> tuple[State, np.ndarray]:
    """Move the staff of two wards into the one that follows them; say whom."""
    *old, new = world.places.merged
    moved = state.active & np.isin(state.unit, old if now == MERGER else ())
    return state.where(moved, unit=new), moved


def move(state: State, now: int, world: World, stays, u) -> tuple[State, Events]:
    """Reappoint, move sideways, lend, let act: rows in the file that are no promotion."""
    free = state.active & ~stays
    leads = state.grade > 0
    held = now - state.grade_since
    again = free & leads & (held > 0) & (held % 60 == 0)
    edges = np.cumsum(world.settings.moves) / 12
    kind = np.searchsorted(edges, u[MOVE], side="right")
    kind = np.where(again, REAPPOINTMENT, np.where(kind > CONCURRENT, -1, kind))
    kind = np.where(free & (leads | (kind == LATERAL) | (kind == SECONDMENT)), kind, -1)
    rows = np.flatnonzero(kind >= 0)
    kind = kind[rows]
    unit = world.places.draw(state.sector[rows], u[UNIT, rows], now)
    unit = np.where((kind == REAPPOINTMENT) | (kind == ACTING), state.unit[rows], unit)
    event = {"person": rows, "kind": kind, "unit": unit, "grade": state.grade[rows], "sector": state.sector[rows]}
    own = (kind != ACTING) & (kind != CONCURRENT)
    return write(state, rows[own], {"unit": unit[own]}), {"move": event}


def attend(state: State, now: int, world: World, u: np.ndarray) -> tuple[State, Events]:
    """Send people to political theory and short courses, which change nothing else."""
    s = world.settings
    size = factor(state.planned_since <= now, s.courses_planned) / 12
    leads = state.grade > 0
    first = s.theory_intermediate * (state.theory == 0) * (state.party <= now)
    second = s.theory_advanced * leads * (state.theory == 1)
    short = sum(rate for _, rate in s.short_courses)
    edges = np.stack([first * size, (first + second) * size, (first + second + short) * size])
    goes = state.active & (u[COURSE] < edges[2])
    rows = np.flatnonzero(goes)
    kind = (u[COURSE, rows] >= edges[:, rows]).sum(axis=0)
    ratio = np.cumsum([rate for _, rate in s.short_courses]) / short
    which = np.searchsorted(ratio[:-1], u[OVERRUN, rows], side="right")
    state = write(state, rows[kind < 2], {"theory": kind[kind < 2] + 1})
    return state, {"course": {"person": rows, "kind": np.where(kind < 2, kind, 2 + which)}}


def step(state: State, now: int, world: World, u, v) -> tuple:
    """Live one month.

    `u` has `DRAWS` x people uniform numbers, `v` one a vacancy band. Returns the state at the month's end, the
    list of events, and the factor on promotion hazards by band (1 unless vacancies are fixed).
    """
    state, settled = settle(state, now, world, u)
    state, sent = send(state, now, world, u)
    state, moved = merge(state, now, world)
    base = base_hazard(state, now, world)
    hazard = base * training_multiplier(state, now, world)
    clock, bands, sizes = -np.log1p(-u[PROMOTE]), band(state), np.ones(BANDS, np.float32)
    if world.settings.fixed_vacancies:
        sizes = thresholds(base, hazard, bands, clock, v)
    rises = clock < hazard * sizes[bands]
    merged = {"merger": note(moved & ~rises, unit=state.unit, grade=state.grade, sector=state.sector)}
    state, promoted = promote(state, np.flatnonzero(rises), now, world, u)
    state, left = leave(state, now, world, rises, u)
    state, shifted = move(state, now, world, rises | moved | (state.recruited == now), u)
    state, taught = attend(state, now, world, u)
    return state, [settled, sent, promoted, left, shifted, taught, merged], sizes
