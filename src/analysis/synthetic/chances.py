"""Who may be sent or appointed in the synthetic province, and with what hazard, for everybody at once."""

from __future__ import annotations

from functools import cache

import numpy as np

from analysis.synthetic.parameters import Calendar, Settings
from analysis.synthetic.population import NEVER, NONE, State, grid

BANDS = 9


def chance(hazard: np.ndarray) -> np.ndarray:
    """Turn a hazard into the probability of an event."""
    return -np.expm1(-hazard)


def planned(state: State, now: int) -> np.ndarray:
    """Say who is on the planning list in month `now`."""
    return state.planned_since <= now


def may_be_sent(state: State, now: int) -> np.ndarray:
    """Say whom decree 101/2017 lets be sent for a first postgraduate course, in service and not yet exposed.

    Three years of service, the last two years rated good or better, not past the month of the 40th birthday,
    no postgraduate degree of any date, no postgraduate course ever started, no discipline within 12 months.
    """
    gates = state.active & (now - state.recruited >= 36) & (now - state.born <= 480)
    gates &= (state.rating >= 2) & (state.rating_before >= 2) & (state.barred_until <= now)
    return gates & (state.completed == NEVER) & ~state.ever


def nomination_hazard(state: State, now: int, settings: Settings, calendar: Calendar) -> np.ndarray:
    """Hazard of being named for the next intake, of those who may be sent, in one of its nomination months."""
    s = settings
    seats = s.intake * calendar.at("nomination", now) / len(s.nomination_leads)
    hazard = np.array(s.nominated, dtype=np.float32)[state.sector] * np.float32(seats)
    hazard *= factor(planned(state, now), s.nominated_planned)
    hazard *= np.array((*s.nominated_rating, 0), dtype=np.float32)[state.rating]
    hazard *= factor(state.grade > 0, s.nominated_leader) * factor(state.party <= now, s.nominated_party)
    hazard *= factor(state.female, s.nominated_female) * factor(state.ethnicity > 0, s.nominated_minority)
    hazard *= factor(state.tipped_until > now, s.tipped_start**s.anticipation)
    return hazard * _hidden(state, s.cause_start, s)


def base_hazard(state: State, now: int, settings: Settings, calendar: Calendar) -> np.ndarray:
    """Monthly hazard of a higher post with no training at all: zero for those the rules bar.

    Gates: two years in post, five years left to retirement, no discipline within 12 months; from grade 1 planned.
    """
    s = settings
    gates = state.active & (now - state.grade_since >= 24) & (state.retires - now >= 60) & (state.barred_until <= now)
    on_list = planned(state, now)
    hazard = _grid(s.promotion)[state.sector, state.grade] * np.float32(calendar.at("promotion", now) / 12)
    hazard *= gates * np.where(state.grade == 0, factor(on_list, s.promotion_planned), on_list)
    hazard *= np.array((*s.promotion_rating, 0.5), dtype=np.float32)[state.rating]
    hazard *= factor(state.party <= now, s.promotion_party) * factor(state.female, s.promotion_female)
    hazard *= factor(state.ethnicity > 0, s.promotion_minority)
    hazard *= factor(state.tipped_until > now, s.tipped_promotion**s.anticipation)
    return hazard * _hidden(state, s.cause_promotion, s)


def training_multiplier(state: State, now: int, settings: Settings) -> np.ndarray:
    """Planted effect on the promotion hazard: by study mode, then by months since completion."""
    e = settings.effect
    since = now - state.completed.astype(np.int32)
    after = np.array([1.0, e.first_year, e.second_year, e.later], dtype=np.float32)
    studying = np.array([1.0, e.full_time, e.in_service], dtype=np.float32)
    return after[(since >= 0).astype(np.int8) + (since >= 12) + (since >= 24)] * studying[state.mode]


def leaving_hazards(state: State, now: int, settings: Settings, calendar: Calendar) -> np.ndarray:
    """Monthly hazards of the five exits that are no retirement at age, one row a reason after `RETIREMENT`."""
    s, left = settings, state.retires - now
    trained = (state.mode != NONE) | (state.completed <= now)
    old = now - state.born >= 600
    wave = np.array(s.wave, dtype=np.float32)[state.sector] * np.where(old, s.wave_age[1], s.wave_age[0])
    wave *= calendar.at("wave", now)
    resign = np.array(s.resignation, dtype=np.float32)[state.sector] * factor(trained, s.effect.leaving)
    early = np.where(left < 60, s.early_retirement, 0.0) + np.where(left < 120, wave, 0.0)
    death = s.death * np.where(old, 2.5, 0.6)
    rows = [
        early,
        resign + np.where(left < 120, 0.0, wave),
        np.full(len(left), s.transfer_out),
        death,
        np.full(len(left), s.dismissal),
    ]
    return np.stack(rows).astype(np.float32) * state.active * np.float32(calendar.at("leaving", now) / 12)


def band(state: State) -> np.ndarray:
    """Give the vacancy band of each person's next post: sector by staff, division or higher."""
    return state.sector * 3 + (state.grade >= 1) + (state.grade >= 4)


def thresholds(base, hazard, bands: np.ndarray, clock: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Fix the promotions of each band: as many as `base` expects, to those whose exponential clocks ring first.

    Returns the factor on everybody's hazard, a band, that gives exactly that many.
    """
    sizes = np.zeros(BANDS, dtype=np.float32)
    for k in range(BANDS):
        mine = (bands == k) & (hazard > 0)
        places = min(int(chance(base[mine]).sum(dtype=np.float64) + u[k]), int(mine.sum()))
        if places:
            times = clock[mine] / hazard[mine]
            sizes[k] = np.partition(times, places - 1)[places - 1] * np.float32(1 + 1e-6)
    return sizes


def factor(flag: np.ndarray, size: float) -> np.ndarray:
    """Give `size` where the flag holds, else 1."""
    return np.where(flag, np.float32(size), np.float32(1))


def _hidden(state: State, size: float, settings: Settings) -> np.ndarray:
    """Give the unmeasured cause's multiplier, scaled to a mean of 1 so that it leaves overall rates as they are."""
    return factor(state.cause, size) / np.float32(1 + settings.cause_share * (size - 1))


@cache
def _grid(rows: tuple[tuple[float, ...], ...]) -> np.ndarray:
    return grid(rows)
