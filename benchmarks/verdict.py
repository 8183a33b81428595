"""How often is a difference called supported: in worlds without an effect that try to deceive, and in one with a large one.

    python benchmarks/verdict.py --provinces 100 --jobs 2

Worlds: `null` (measured confounding only), `anticipation` (a decision that is near sends people and promotes them), `cause`
(an unmeasured stable cause that half have), `planning` (one as rare and as strong as being on the planning list), `power` (a planted effect of about four standard errors).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse  # noqa: E402
import dataclasses  # noqa: E402
import time  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

import pandas as pd  # noqa: E402
from provinces import score_each  # noqa: E402
from trials import CONFOUNDERS, COVARIATES, WORLDS  # noqa: E402

from analysis import careers, effects
from analysis.synthetic.parameters import Settings
from analysis.synthetic.worlds import LARGE, STUDY, make_registry

NULL = WORLDS["null"][0]
DECEIVING: dict[str, tuple[Settings, int, float, float]] = {  # settings, first seed, supported at least, at most
    "null": (NULL, 2001, 0.0, 0.05),
    "anticipation": (dataclasses.replace(NULL, anticipation=1.0), 3001, 0.0, 0.10),
    "cause": (dataclasses.replace(NULL, cause_start=2.7, cause_promotion=2.0), 4001, 0.0, 0.10),
    "planning": (dataclasses.replace(NULL, cause_share=0.1, cause_start=3.5, cause_promotion=5.0), 6001, 0.0, 0.10),
    "power": (
        dataclasses.replace(STUDY, effect=LARGE), 5001, 0.70, 1.0,
    ),
}  # fmt: skip


def judge_province(seed: int, *, people: int, settings: Settings) -> dict:
    """The verdict of one province, the difference in standard errors, and whether each check held."""
    reg = make_registry(people, seed, settings)
    spells, variants = careers.build_trial_spells(reg), effects.build_variants(reg, names=("lag", "unrelated"))
    found = effects.check_effect(spells, covariates=COVARIATES, confounders=CONFOUNDERS, variants=variants)
    row = {"seed": seed, "verdict": effects.read_verdict(found)}
    if "checks" not in found.details:
        return row
    main = found.table[found.table["run"] == "main"].iloc[0]
    checks = found.details["checks"].set_index("check")
    return row | {"z": main["estimate"] / main["std_error"], **checks["passed"].to_dict()}


def judge_world(world: str, provinces: int, *, people: int, jobs: int) -> pd.DataFrame:
    """Judge provinces of one world."""
    settings, first, *_ = DECEIVING[world]
    one = partial(judge_province, people=people, settings=settings)
    seeds = range(first, first + provinces)
    return pd.DataFrame(score_each(one, seeds, jobs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", type=int, default=100)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worlds", nargs="*", default=list(DECEIVING), choices=list(DECEIVING))
    parser.add_argument("--out", help="folder for the verdicts, one CSV a world")
    asked = parser.parse_args()
    for world in asked.worlds:
        begun = time.time()
        table = judge_world(world, asked.provinces, people=asked.people, jobs=asked.jobs)
        if asked.out:
            table.to_csv(Path(asked.out) / f"verdict_{world}.csv", index=False)
        low, high = DECEIVING[world][2:]
        supported = (table["verdict"] == "supported").mean()
        naive = (table["z"].abs() > 1.96).mean()
        print(f"\n{world}: {asked.provinces} provinces, {time.time() - begun:.0f} s; supported {supported:.3f} (wanted {low} to {high}), "
              f"interval alone {naive:.3f}, mean z {table['z'].mean():.2f}", flush=True)  # fmt: skip
        print(table["verdict"].value_counts(normalize=True).round(3).to_string(), flush=True)
        print(table.drop(columns=["seed", "verdict", "z"]).astype("float64").mean().round(2).to_string(), flush=True)


if __name__ == "__main__":
    main()
