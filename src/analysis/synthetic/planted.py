"""The planted truth: what starting a postgraduate course now does to the chance of a higher post, had by playing both.

`python -m analysis.synthetic.planted` computes it for the default parameters and keeps it in
`data/reference/planted_truth.yml`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import yaml

from analysis.project import find
from analysis.synthetic.chances import band, base_hazard, chance, leaving_hazards, may_be_sent, training_multiplier
from analysis.synthetic.dynamics import DRAWS, enrol, lapse, send, settle
from analysis.synthetic.parameters import DEFAULT, Settings, digest, month
from analysis.synthetic.population import State
from analysis.synthetic.timeline import live
from analysis.synthetic.world import World, create

HORIZONS = (12, 24, 36, 48)
COMPLETE = 36
FIRST_INTAKE, FOLLOWED_TO = "2019-01", "2024-12"
PROVINCE = 40_000  # people a replicate
POPULATION = (
    "All person-trials eligible in an intake month from 2019-01 whose follow-up is complete by 2024-12, each with "
    "the same weight: in service; cadres and civil servants at least 3 years since recruitment, the two preceding "
    "years rated good or excellent, not past the month of the 40th birthday; public employees a year since "
    "recruitment; all without a postgraduate degree of any date, a postgraduate course ever started, discipline in the "
    "last 12 months. Outcome: a higher post before any exit; the month of the start is follow-up month 1; both arms "
    "live by the same dynamics afterwards (intention to treat)."
)


def planted_risk_differences(
    settings: Settings,
    horizons: Sequence[int] = HORIZONS,
    people: int = 480_000,
    seed: int = 20210910,
    *,
    never: bool = False,
) -> dict:
    """Play both futures of every eligible person-trial and average the chance of a higher post.

    `people` are spread over independent provinces of 40,000 (smaller if fewer), and the Monte Carlo standard
    errors come from the differences between those; chances are added up, not drawn, and both arms share random
    numbers. With `never` who does not start never starts later either. Returns, a horizon: risk_start, risk_no_start,
    risk_difference, risk_ratio, their mc_se, n; and up to 36 months `complete_36`, the same over those trials alone
    that can be followed for 36 months.
    """
    size = min(PROVINCE, max(people // 4, 50))
    seeds = np.random.SeedSequence(seed).spawn(max(people // size, 2))
    totals = np.stack([_replicate(settings, tuple(horizons), size, one, never) for one in seeds])
    rows: dict[int, dict] = {int(h): _summary(totals[:, k, :3]) for k, h in enumerate(horizons)}
    for k, h in enumerate(horizons):
        if h <= COMPLETE and totals[:, k, 5].all():
            rows[int(h)]["complete_36"] = _summary(totals[:, k, 3:])
    return rows


def _summary(totals: np.ndarray) -> dict:
    """Turn sums a province (start, no start, person-trials) into means with standard errors of ratio estimates."""
    start, none, n = totals.sum(axis=0)
    if n == 0:
        return {"n": 0}
    risk, other = start / n, none / n
    share = len(totals) * totals[:, 2] / n
    own = totals[:, :2] / totals[:, 2:]
    gaps = share[:, None] * (own - [risk, other])

    def error(values: np.ndarray) -> float:
        return float(np.sqrt((values**2).sum() / (len(values) - 1) / len(values)))

    return {
        "risk_start": float(risk),
        "risk_start_mc_se": error(gaps[:, 0]),
        "risk_no_start": float(other),
        "risk_no_start_mc_se": error(gaps[:, 1]),
        "risk_difference": float(risk - other),
        "mc_se": error(gaps[:, 0] - gaps[:, 1]),
        "risk_ratio": float(risk / other),
        "risk_ratio_mc_se": error((gaps[:, 0] - gaps[:, 1] * risk / other) / other),
        "n": int(n),
    }


def _replicate(
    settings: Settings, horizons: tuple[int, ...], people: int, seed: np.random.SeedSequence, never: bool
) -> np.ndarray:
    """Add up one province, a row a horizon: promoted under a start, under none, trials; the same for `COMPLETE`."""
    seeds = seed.spawn(4)
    world = create(people, settings, np.random.default_rng(seeds[2]))
    rng = np.random.default_rng(seeds[3])
    first, last = month(FIRST_INTAKE), month(FOLLOWED_TO)
    trials, sizes = [], {}
    for this in live(world, seeds[:2]):
        if this.now > last:
            break
        sizes[this.now] = this.sizes
        follow = min(max(horizons), last - this.now + 1)
        if this.now >= first and this.now % 12 + 1 in settings.intake_months and follow >= min(horizons):
            near = this.before.active & ~this.before.ever
            trials.append((this.now, follow, this.before.take(np.flatnonzero(near))))
    totals = np.zeros((len(horizons), 6))
    for now, follow, state in trials:
        risks, n = _play(state, now, follow, world, sizes, rng, never)
        for k, horizon in enumerate(horizons):
            if horizon <= follow:
                sums = np.array([*risks[:, horizon - 1], n])
                totals[k] += [*sums, *(sums if follow >= COMPLETE else 0 * sums)]
    return totals


def _play(state: State, now: int, follow: int, world: World, sizes: dict, rng, never: bool) -> tuple[np.ndarray, int]:
    """Give the expected number promoted by each month under a start and under none, and the number of people."""
    u = rng.random((DRAWS, len(state.born)), dtype=np.float32)
    state, _ = settle(state, now, world, u)
    may = np.flatnonzero(may_be_sent(state, now))
    state, u = state.take(may), u[:, may]
    arms = [enrol(state, np.ones(len(may), dtype=bool), now, world, u)[0], lapse(state, state.nominated_for == now)[0]]
    alive, risks = np.ones((2, len(may))), np.zeros((2, follow))
    for k in range(follow):
        u = rng.random((DRAWS, len(may)), dtype=np.float32) if k else u
        for arm in (0, 1):
            if k:
                arms[arm], _ = settle(arms[arm], now + k, world, u)
                if not (never and arm):
                    arms[arm], _ = send(arms[arm], now + k, world, u)
            rises, stays = rise_and_stay(arms[arm], now + k, world, sizes[now + k])
            risks[arm, k] = (alive[arm] * rises).sum()
            alive[arm] *= stays
    return risks.cumsum(axis=1), len(may)


def rise_and_stay(state: State, now: int, world: World, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each one's chances of a higher post in a month, and of neither rising nor leaving in it."""
    hazard = base_hazard(state, now, world) * training_multiplier(state, now, world)
    rises = chance(hazard * sizes[band(state)]).astype(np.float64)
    leaves = chance(leaving_hazards(state, now, world).sum(axis=0))
    return rises, (1 - rises) * (1 - leaves) * state.active


def cache_file() -> Path:
    """Where computed truths are kept."""
    return find("data/reference/planted_truth.yml")


def _kept() -> dict:
    path = cache_file()
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None) or {}


def planted_truth(settings: Settings) -> dict:
    """Say what is planted; risk differences only if they were computed before for exactly these parameters."""
    name = digest(settings)
    known = _kept().get(name, {})
    truth = {
        "planted": "This truth was planted: the data are synthetic and the effect was chosen, not found.",
        "settings_sha256": name,
        "scale": "Multipliers act on the monthly hazard h of a higher post; the probability is 1 - exp(-h).",
        "effect": dataclasses.asdict(settings.effect),
        "fixed_vacancies": settings.fixed_vacancies,
        "paper": dataclasses.asdict(settings.paper),
        **_elsewhere(settings),
        "population": POPULATION,
        "risk_differences": known.get("risk_differences"),
    }
    if known:
        return truth | {"seed": known["seed"], "people": known["people"]}
    return truth | {"how": "analysis.synthetic.planted.planted_risk_differences(settings); keep(settings) caches it."}


def _elsewhere(settings: Settings) -> dict:
    """Say what is planted in who is sent and who rises: gaps as multipliers by stage, units, and dated shocks."""
    s = dataclasses.asdict(settings)
    stages = ("planning", "nominated", "dropped", "promotion")
    return {
        "gaps": {stage: {group: s[f"{stage}_{group}"] for group in ("female", "minority")} for stage in stages},
        "unit_spread": {"sending": settings.unit_sending, "promotion": settings.unit_promotion},
        "shocks": {
            "project": {"from": settings.project, "nominations": settings.nominated_project},
            "promotion": [list(one) for one in settings.promotion_months],
            "planning": [list(one) for one in settings.planning_months],
            "wave": {"months": list(settings.wave_months), "hazard_a_year": list(settings.wave)},
            "closed_starts": settings.paper.closed_starts,
        },
    }


def keep(settings: Settings, people: int = 480_000, seed: int = 20210910) -> dict:
    """Compute the truth of a parameter set and add it to the cache."""
    found = planted_risk_differences(settings, people=people, seed=seed)
    rounded = {horizon: _rounded(row) for horizon, row in found.items()}
    entry = {"seed": seed, "people": people, "population": POPULATION, "risk_differences": rounded}
    text = yaml.safe_dump(_kept() | {digest(settings): entry}, sort_keys=True, allow_unicode=True)
    cache_file().write_text(text, encoding="utf-8")
    return rounded


def _rounded(row: dict) -> dict:
    return {k: _rounded(v) if isinstance(v, dict) else v if k == "n" else round(v, 6) for k, v in row.items()}


if __name__ == "__main__":
    for horizon, row in keep(DEFAULT).items():
        click.echo(f"{horizon} months: {row}")
