"""Which estimator should lead: the outcome model, weights, and the two joined, in worlds where each may be wrong.

    python benchmarks/estimators.py --provinces 100 --people 6000 --jobs 2

Prints, a world, estimator and horizon: bias over the standard error, coverage of the 95 percent interval, mean standard error
over the deviation, and mean width in percentage points. In the worlds of a wrong model the list of planned people and the
rating are left out of one of the two models; which of the estimators claim to hold there is marked with a star.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse  # noqa: E402
import dataclasses  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from onestep import one_step  # noqa: E402
from provinces import score_each  # noqa: E402
from trials import CONFOUNDERS, COVARIATES, HORIZONS, PRIMARY, WORLDS, truth_of  # noqa: E402

from analysis import careers
from analysis.effects.trials.emulate import Emulation, prepare
from analysis.effects.trials.itt import Run, model_influences
from analysis.effects.trials.methods import WEIGHTED, Fit, fit_models, risks_by_method
from analysis.effects.trials.question import Question
from analysis.errors import Blocked
from analysis.synthetic.parameters import Settings
from analysis.synthetic.worlds import STUDY, make_registry

FULL = Question(covariates=COVARIATES, confounders=CONFOUNDERS)
LESS = Question(covariates=[":".join(part for part in name.split(":") if part != "planned") for name in COVARIATES if name != "rating"],
                confounders=["party"])  # fmt: skip
ESTIMATORS: dict[str, Callable[[Run], tuple]] = {
    "outcome model": model_influences,
    "one step": partial(one_step, folds=1),
    "one step, cross-fitted": one_step,
    "one step, weights to 10": partial(one_step, cap=10.0),
}
SURE = {
    "wrong outcome model": {"one step", "one step, cross-fitted", "one step, weights to 10"},
    "wrong weights": {*ESTIMATORS},
}
SPOILT: dict[str, Callable[[Fit, Fit], Fit]] = {
    "wrong outcome model": lambda full, less: dataclasses.replace(full, hazards=less.hazards),
    "wrong weights": lambda full, less: dataclasses.replace(full, initiations=less.initiations),
}
SETS: dict[str, tuple[Settings, int]] = {
    **WORLDS,
    **{name: (STUDY, 11_001) for name in SPOILT},
    "few starters": (dataclasses.replace(STUDY, intake=1.5), 12_001),
    "strong planning list": (dataclasses.replace(STUDY, nominated_planned=8.0, promotion_planned=8.0), 13_001),
}


def score_province(seed: int, *, world: str, people: int) -> list[dict]:
    """One row an estimator and horizon of one province."""
    settings, _ = SETS[world]
    spells = careers.build_trial_spells(make_registry(people, seed, settings))
    try:
        run = prepare(spells, FULL, HORIZONS, Emulation(primary=PRIMARY))
    except Blocked as why:
        return [{"seed": seed, "method": "blocked", "time": PRIMARY, "note": why.reasons[0].say("en")}]
    if world in SPOILT:
        less = fit_models(run.cells, run.fit.parts, LESS)
        run = dataclasses.replace(run, fit=SPOILT[world](run.fit, less))
    rows = []
    for name, estimate in ESTIMATORS.items():
        risks, influence = estimate(run)
        size = risks.shape[1]
        error = np.sqrt(((influence[size:] - influence[:size]) ** 2).sum(axis=1))
        rows += [
            {
                "seed": seed,
                "method": name,
                "time": horizon,
                "estimate": risks[1, k] - risks[0, k],
                "std_error": error[k],
            }
            for k, horizon in enumerate(run.horizons)
        ]
    plain = risks_by_method(run.cells, run.fit, (WEIGHTED,))[WEIGHTED, "eligible"]
    rows += [
        {"seed": seed, "method": "weighting", "time": horizon, "estimate": plain[1, k] - plain[0, k]}
        for k, horizon in enumerate(run.horizons)
    ]
    return rows


def score_world(world: str, provinces: int, *, people: int, jobs: int) -> pd.DataFrame:
    """Score provinces of one world."""
    first, one = SETS[world][1], partial(score_province, world=world, people=people)
    seeds = range(first, first + provinces)
    return pd.DataFrame([row for rows in score_each(one, seeds, jobs) for row in rows])


def summarise(scores: pd.DataFrame, truth: dict, sure: set[str]) -> pd.DataFrame:
    """Lay out bias, coverage and width, a row an estimator and horizon."""
    rows = []
    for (method, horizon), part in scores.query("method != 'blocked'").groupby(["method", "time"], sort=False):
        true, deviation, error = truth[int(horizon)][0], part["estimate"].std(ddof=1), part["std_error"].mean()
        inside = ((part["estimate"] - true).abs() <= 1.96 * part["std_error"]).mean()
        rows.append({
            "method": method + "*" * (method in sure), "time": int(horizon), "n": len(part), "bias, points": 100 * (part["estimate"].mean() - true),
            "bias/sd": (part["estimate"].mean() - true) / deviation, "coverage": inside if np.isfinite(error) else np.nan,
            "se/sd": error / deviation, "sd, points": 100 * deviation, "rmse, points": 100 * np.sqrt(((part["estimate"] - true) ** 2).mean()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=100)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worlds", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--out", help="folder for the scores, one CSV a world")
    asked = parser.parse_args()
    for world in asked.worlds:
        begun = time.time()
        scores = score_world(world, asked.provinces, people=asked.people, jobs=asked.jobs)
        if asked.out:
            scores.to_csv(Path(asked.out) / f"{world.replace(' ', '_')}.csv", index=False)
        table = summarise(scores, truth_of(SETS[world][0]), SURE.get(world, {*ESTIMATORS}))
        print(f"\n{world}: {asked.provinces} provinces of {asked.people}, {time.time() - begun:.0f} s; "
              f"blocked {(scores['method'] == 'blocked').sum()}\n{table.round(3).to_string(index=False)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
