"""Do projections keep their promise: synthetic provinces with yearly shocks, known to a December, asked about later.

    python benchmarks/projection.py --provinces 40 --people 6000 --jobs 2

Prints coverage of the 80 percent interval (heads on its edge by their share of the mass), the Brier score and a
reliability table of the probability of meeting, and errors in heads against no change. `cohort` follows those who count
on each origin for five years: how many hold a degree and serve; no target is met there.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from functools import partial

import numpy as np
import pandas as pd
from provinces import score_each

from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import make_registry
from analysis.targets.attainment import count_heads
from analysis.targets.groups import call_roster, counted_on, state_on, states_over
from analysis.targets.outlook.ahead import look_ahead, watch_past
from analysis.targets.outlook.backtest import central_mass, known_on
from analysis.targets.outlook.cohort import carry_cohort

# Between the two days of `steady` nothing happens that nobody could know; between those of `congress`, two congresses.
WORLDS = {
    "steady": ("2022-12-31", "2024-09-30", {}),
    "congress": ("2019-12-31", "2020-12-31", {}),
    "congress_wider": ("2019-12-31", "2020-12-31", {"congress_turnover_sd": 1.5 * DEFAULT.congress_turnover_sd}),
}

ORIGINS = ("2018-12-31", "2019-12-31")


def score_province(seed: int, *, people: int, world: str, draws: int) -> pd.DataFrame:
    """One row a target: what was projected, what came."""
    if world == "cohort":
        return pd.concat([score_cohort(seed, pd.Timestamp(day), people, draws) for day in ORIGINS])
    origin, day, changes = WORLDS[world]
    origin, day = pd.Timestamp(origin), pd.Timestamp(day)
    reg = make_registry(people, seed, dataclasses.replace(DEFAULT, **changes))
    known = known_on(reg, origin)
    ahead = look_ahead(watch_past(known), day, draws=draws, seed=seed)
    rows = []
    for group, target in enumerate(ahead.panel.targets):
        heads = count_heads(state_on(call_roster(reg, target.group), day), "has_or_studying", target.share)
        drawn, now = ahead.paths.counted[-1, group], int(ahead.paths.counted[0, group, 0])
        rows.append({
            "seed": seed, "target": target.id, "members": heads["members"], "actual": heads["counted"], "now": now,
            "median": float(np.median(drawn)), "low": np.quantile(drawn, 0.1), "high": np.quantile(drawn, 0.9),
            "inside": central_mass(drawn, heads["counted"], 0.8),
            "chance": ahead.chance(ahead.margin[group] >= 0), "met": heads["short"] == 0,
        })  # fmt: skip
    return pd.DataFrame(rows)


def score_cohort(seed: int, origin: pd.Timestamp, people: int, draws: int) -> pd.DataFrame:
    """One row a target: of those who count on a day, how many hold a degree and serve five years on, and what came."""
    reg, day = make_registry(people, seed), origin + pd.DateOffset(months=60)
    panel = watch_past(known_on(reg, origin))
    heads, size = carry_cohort(panel, pd.DatetimeIndex([origin, day]), draws, seed)
    left, rows = reg["exits"].groupby("person_id")["exited"].min(), []
    for group, target in enumerate(panel.targets):
        roster, drawn = call_roster(reg, target.group), heads[-1, group]
        has = pd.Series(states_over(roster, pd.DatetimeIndex([day]))["has"][:, 0], roster.people)
        counts = counted_on(call_roster(known_on(reg, origin), target.group), origin, "has_or_studying")
        followed = counts.index[counts]
        came = int((has[followed] & ~(left.reindex(followed) <= day)).sum())
        rows.append({
            "seed": seed, "target": target.id, "members": size[group], "actual": came, "now": int(heads[0, group, 0]),
            "median": float(np.median(drawn)), "low": np.quantile(drawn, 0.1), "high": np.quantile(drawn, 0.9),
            "inside": central_mass(drawn, came, 0.8), "chance": np.nan, "met": np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


def score_world(world: str, provinces: int, *, people: int, draws: int, jobs: int, first: int = 1) -> pd.DataFrame:
    """Score provinces of one world, as many processes at once as `jobs`."""
    one = partial(score_province, people=people, world=world, draws=draws)
    seeds = range(first, first + provinces)
    return pd.concat(score_each(one, seeds, jobs), ignore_index=True)


def summarise(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Coverage, errors and calibration, by target and pooled."""
    pooled = scores.assign(target="all")
    both = pd.concat([scores, pooled]).assign(
        model=lambda one: (one["median"] - one["actual"]).abs(),
        no_change=lambda one: (one["now"] - one["actual"]).abs(),
        bias=lambda one: one["median"] - one["actual"],
        width=lambda one: one["high"] - one["low"],
        brier=lambda one: (one["chance"] - one["met"]) ** 2,
    )
    names = ["inside", "bias", "width", "model", "no_change", "brier", "chance", "met"]
    table = both.groupby("target")[names].mean().assign(n=both.groupby("target").size())
    bins = pd.cut(scores["chance"], [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1])
    reliability = scores.groupby(bins, observed=True).agg(
        said=("chance", "mean"), came=("met", "mean"), n=("met", "size")
    )
    return {"scores": table, "reliability": reliability}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="seed of the first province")
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worlds", nargs="*", default=[*WORLDS, "cohort"], choices=[*WORLDS, "cohort"])
    parser.add_argument("--out", help="folder for the scores, one CSV a world")
    asked = parser.parse_args()
    for world in asked.worlds:
        begun = time.time()
        scores = score_world(
            world, asked.provinces, people=asked.people, draws=asked.draws, jobs=asked.jobs, first=asked.first
        )
        if asked.out:
            scores.to_csv(f"{asked.out}/{world}.csv", index=False)
        print(f"\n{world}: {asked.provinces} provinces of {asked.people}, {time.time() - begun:.0f} s")
        for table in summarise(scores).values():
            print(table.round(3).to_string())


if __name__ == "__main__":
    main()
