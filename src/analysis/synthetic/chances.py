"""Who may be sent or appointed in the synthetic province, and with what hazard, for everybody at once."""

from __future__ import annotations

import numpy as np

from analysis.synthetic.parameters import SERVICE, Settings
from analysis.synthetic.population import NEVER, NONE, State, grid
from analysis.synthetic.world import World

BANDS = 9
YOUNG = 480  # months of age to which decree 101/2017 lets cadres and civil servants be sent


def chance(hazard: np.ndarray) -> np.ndarray:
    """Turn a hazard into the probability of an event."""
    return -np.expm1(-hazard)


def may_be_sent(state: State, now: int) -> np.ndarray:
    """Say whom decree 101/2017 lets be sent for a first postgraduate course, in service and not yet exposed.

    Cadres and civil servants: three years of service, the last two years rated good or better, not past the month of
    the 40th birthday. Public employees: their probation over (a year). All: no postgraduate degree of any date, no
    postgraduate course ever started, no discipline within 12 months.
    """
    served, ours = now - state.recruited, state.sector == SERVICE
    chosen = (served >= 36) & (now - state.born <= YOUNG) & (state.rating >= 2) & (state.rating_before >= 2)
    gates = state.active & np.where(ours, served >= 12, chosen) & (state.barred_until <= now)
    return gates & (state.completed == NEVER) & ~state.ever


def nomination_hazard(state: State, now: int, world: World) -> np.ndarray:
    """Hazard of being named for the next intake, of those who may be sent, in one of its nomination months."""
    s = world.settings
    seats = s.intake * world.at("nomination", now) / len(s.nomination_leads)
    hazard = np.array(s.nominated, dtype=np.float32)[state.sector] * np.float32(seats)
    hazard *= factor(state.planned_since <= now, s.nominated_planned)
    hazard *= np.array((*s.nominated_rating, 0), dtype=np.float32)[state.rating]
    hazard *= factor(state.grade > 0, s.nominated_leader) * factor(state.party <= now, s.nominated_party)
    hazard *= factor(state.female, s.nominated_female) * factor(state.ethnicity > 0, s.nominated_minority)
    hazard *= factor(now - state.born > YOUNG, s.nominated_older) * world.sending[state.unit]
    hazard *= factor(state.tipped_until > now, s.tipped_start**s.anticipation)
    return hazard * _hidden(state, s.cause_start, s)


def base_hazard(state: State, now: int, world: World) -> np.ndarray:
    """Monthly hazard of a higher post with no training at all: zero for those the rules bar.

    Gates: two years in post, five years left to retirement, no discipline within 12 months; from grade 1 planned.
    """
    s = world.settings
    gates = state.active & (now - state.grade_since >= 24) & (state.retires - now >= 60) & (state.barred_until <= now)
    on_list = state.planned_since <= now
    hazard = grid(s.promotion)[state.sector, state.grade] * np.float32(world.at("promotion", now) / 12)
    hazard *= gates * np.where(state.grade == 0, factor(on_list, s.promotion_planned), on_list)
    hazard *= np.array((*s.promotion_rating, 0.5), dtype=np.float32)[state.rating]
    hazard *= factor(state.party <= now, s.promotion_party) * factor(state.female, s.promotion_female)
    hazard *= factor(state.ethnicity > 0, s.promotion_minority) * world.rising[state.unit]
    hazard *= factor(state.tipped_until > now, s.tipped_promotion**s.anticipation)
    return hazard * _hidden(state, s.cause_promotion, s)


def training_multiplier(state: State, now: int, world: World) -> np.ndarray:
    """Planted effect on the promotion hazard: by study mode, then by months since completion."""
    e = world.settings.effect
    since = now - state.completed.astype(np.int32)
    after = np.array([1.0, e.first_year, e.second_year, e.later], dtype=np.float32)
    studying = np.array([1.0, e.full_time, e.in_service], dtype=np.float32)
    return after[(since >= 0).astype(np.int8) + (since >= 12) + (since >= 24)] * studying[state.mode]


def leaving_hazards(state: State, now: int, world: World) -> np.ndarray:
    """Monthly hazards of the five exits that are no retirement at age, one row a reason after `RETIREMENT`."""
    s, left = world.settings, state.retires - now
    trained = (state.mode != NONE) | (state.completed <= now)
    old = now - state.born >= 600
    wave = np.array(s.wave, dtype=np.float32)[state.sector] * np.where(old, s.wave_age[1], s.wave_age[0])
    wave *= world.at("wave", now)
    resign = np.array(s.resignation, dtype=np.float32)[state.sector] * factor(trained, s.effect.leaving)
    early = np.where(left < 60, s.early_retirement, 0.0) + np.where(left < 120, wave, 0.0)
    death = s.death * np.where(old, 2.5, 0.6)
    rows = [early, resign + np.where(left < 120, 0.0, wave), s.transfer_out, death, s.dismissal]
    return (
        np.stack(np.broadcast_arrays(*rows)).astype(np.float32)
        * state.active
        * np.float32(world.at("leaving", now) / 12)
    )


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
