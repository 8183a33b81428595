"""Do the trials recover a planted truth: synthetic provinces with a known effect, and with none.

    python benchmarks/trials.py --provinces 200 --people 6000 --jobs 2

Prints, a world and horizon: bias over the mean standard error, coverage of the 95 percent interval, mean standard error
over the deviation of the estimates; the same for the other methods and for start now or never beside its own truth; and how
often the ever-trained interval holds the truth.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse  # noqa: E402
import dataclasses  # noqa: E402
import json  # noqa: E402
import time  # noqa: E402
from dataclasses import replace  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from provinces import score_each  # noqa: E402

from analysis import careers, effects
from analysis.synthetic.parameters import NO_EFFECT, Settings, digest
from analysis.synthetic.planted import planted_risk_differences
from analysis.synthetic.worlds import STUDY, make_registry

CACHE = Path(__file__).parent / "cache"
HORIZONS, PRIMARY, GROUPS = (12, 24, 36), 36, 20  # groups left out in turn for start now or never
COVARIATES, CONFOUNDERS = effects.rule().covariates, effects.rule().confounders
WORLDS: dict[str, tuple[Settings, int]] = {
    "planted": (STUDY, 1),
    "null": (dataclasses.replace(STUDY, effect=NO_EFFECT), 1001),
}


def truth_of(settings: Settings, people: int = 480_000, *, never: bool = False) -> dict[int, float]:
    """True risk differences of trials followed 36 months, computed once a parameter set."""
    CACHE.mkdir(exist_ok=True)
    path = CACHE / f"truth_{digest(settings)[:16]}_{people}{'_never' * never}.json"
    if not path.exists():
        found = planted_risk_differences(settings, horizons=HORIZONS, people=people, never=never)
        path.write_text(json.dumps({horizon: row["complete_36"] for horizon, row in found.items()}))
    kept = json.loads(path.read_text())
    return {int(horizon): (row["risk_difference"], row["mc_se"], row["risk_ratio"]) for horizon, row in kept.items()}


def score_province(seed: int, *, people: int, settings: Settings) -> list[dict]:
    """One row a method and horizon of one province."""
    spells = careers.build_trial_spells(make_registry(people, seed, settings))
    found = effects.emulate_trials(spells, covariates=COVARIATES, confounders=CONFOUNDERS, horizons=HORIZONS)
    naive = effects.compare_ever_trained(spells, horizons=HORIZONS)
    if found.status == "blocked":
        return [{"seed": seed, "method": "blocked", "time": PRIMARY, "note": found.notes[0].say("en")}]
    rows = []
    never = effects.emulate_trials(spells, covariates=COVARIATES, confounders=CONFOUNDERS, horizons=HORIZONS,
                                   estimand="per_protocol", emulation=effects.Emulation(groups=GROUPS))  # fmt: skip
    for one in (found, naive, replace(never, table=never.table.assign(method="per_protocol"))):
        for row in one.table.query("estimand in ('risk_difference', 'risk_ratio')").to_dict("records"):
            rows.append({"seed": seed, **{name: row[name] for name in ("method", "estimand", "time", "estimate", "std_error", "conf_low", "conf_high", "n_exposed")}})  # fmt: skip
    for row in (
        found.details["methods"].query("population == 'eligible' and method != 'pooled_logistic'").to_dict("records")
    ):
        rows.append({"seed": seed, "method": row["method"], "estimand": "risk_difference", "time": row["time"], "estimate": row["risk_difference"]})  # fmt: skip
    return rows


def score_world(world: str, provinces: int, *, people: int, jobs: int, first: int = 0) -> pd.DataFrame:
    """Score provinces of one world, as many processes at once as `jobs`."""
    settings, start = WORLDS[world]
    one = partial(score_province, people=people, settings=settings)
    seeds = range(start + first, start + first + provinces)
    return pd.DataFrame([row for rows in score_each(one, seeds, jobs) for row in rows])


def summarise(scores: pd.DataFrame, truth: dict, never: dict) -> pd.DataFrame:
    """Lay out bias, coverage and honesty of the standard errors, a row a method, estimand and horizon."""
    rows = []
    model = (
        scores.query("method == 'pooled_logistic' and estimand == 'risk_difference'")
        .groupby("time")["std_error"]
        .mean()
    )
    for (method, estimand, horizon), part in scores.query("method != 'blocked'").groupby(
        ["method", "estimand", "time"], sort=False
    ):
        gap, mc, ratio = (never if method == "per_protocol" else truth)[int(horizon)]
        true = gap if estimand == "risk_difference" else ratio
        values = part["estimate"] if estimand == "risk_difference" else np.log(part["estimate"])
        aim = true if estimand == "risk_difference" else np.log(true)
        error = part["std_error"].mean() if part["std_error"].notna().any() else model[horizon]
        inside = part["conf_low"].le(true) & part["conf_high"].ge(true)
        rows.append({
            "method": method, "estimand": estimand, "time": int(horizon), "n": len(part), "truth": true, "mean": part["estimate"].mean(),
            "bias/se": (values.mean() - aim) / error, "coverage": inside.mean() if part["conf_low"].notna().any() else np.nan,
            "se/sd": error / values.std(ddof=1), "se": error, "truth_mc_se/se": mc / error,
        })  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="how many seeds to pass over")
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS), choices=list(WORLDS))
    parser.add_argument("--out", help="folder for the scores, one CSV a world")
    asked = parser.parse_args()
    every = []
    for world in asked.worlds:
        begun = time.time()
        truth, never = (truth_of(WORLDS[world][0], never=one) for one in (False, True))
        scores = score_world(world, asked.provinces, people=asked.people, jobs=asked.jobs, first=asked.first)
        if asked.out:
            scores.to_csv(Path(asked.out) / f"{world}.csv", index=False)
        print(f"\n{world}: {asked.provinces} provinces of {asked.people}, {time.time() - begun:.0f} s")
        print(summarise(scores, truth, never).round(4).to_string(index=False))
        blocked = scores[scores["method"] == "blocked"]
        if len(blocked):
            print(f"blocked: {len(blocked)}\n{blocked['note'].value_counts().to_string()}")
        main_rows = scores.query(f"method == 'pooled_logistic' and estimand == 'risk_difference' and time == {PRIMARY}")
        every.append(main_rows["conf_low"].le(truth[PRIMARY][0]) & main_rows["conf_high"].ge(truth[PRIMARY][0]))
    print(f"\ncoverage at {PRIMARY} months over all: {pd.concat(every).mean():.4f} of {len(pd.concat(every))}")


if __name__ == "__main__":
    main()
