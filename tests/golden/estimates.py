"""Every kind of result on one province of 6,000 people; `python tests/golden/estimates.py` writes the frozen rows anew.

A frozen row changes only in a commit of its own that says why: a fact or a rule changed, or a fault was mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis import careers, effects, synthetic, targets
from analysis.estimate import Estimate
from analysis.registry import Registry
from analysis.targets.outlook.backtest import known_on

FROZEN = Path(__file__).parent / "estimates.csv"
COVARIATES = ["planned", "rating", "grade_band", "sector"]


def estimates() -> Iterator[tuple[str, Estimate]]:
    """Give each result with its name."""
    reg = synthetic.make_registry(6_000, 7)
    yield from of_targets(reg)
    yield from of_effects(reg)


def of_targets(reg: Registry) -> Iterator[tuple[str, Estimate]]:
    past = synthetic.make_registry(6_000, 7)
    known = known_on(past, pd.Timestamp("2023-12-31"))
    for name in targets.target_ids():
        yield f"attainment {name}", targets.measure_attainment(reg, target=name, on="2025-06-30")
        yield f"pace {name}", targets.measure_pace(reg, target=name, on="2025-06-30")
        yield f"bridge {name}", targets.bridge(reg, target=name, start="2021-09-10", end="2025-06-30")
        yield f"periods {name}", targets.bridge(reg, target=name, start="2020-05-31", end="2025-06-30")
        yield f"units {name}", targets.split_units(reg, target=name, start="2020-05-31", end="2025-06-30")
        yield f"grid {name}", targets.grid_definitions(reg, target=name, days=["2024-12-31", "2025-06-30"])
        yield f"attribution {name}", targets.attribute(reg, target=name, on="2025-06-30")
    yield "monitor", targets.monitor_group(reg)
    yield "record", targets.score_past(known, draws=200)
    yield "projection", targets.project(known, draws=200)
    yield "enrolments", targets.plan_enrolments(known, draws=200)
    yield "cohort", targets.follow_cohort(past, until="2030-12-31", draws=200)
    yield "scenarios", targets.compare_scenarios(known, deadline="2025-06-30", draws=200)


def of_effects(reg: Registry) -> Iterator[tuple[str, Estimate]]:
    spells = careers.build_spells(reg, outcome="higher_post", exposure="postgraduate")
    for model in ("cox", "logit", "cloglog"):
        yield f"hazards {model}", effects.fit_hazards(spells.frame, covariates=["training", "sex"], model=model)
    yield "incidence", effects.estimate_incidence(spells.frame, by="training", horizons=(12, 36))
    yield "proportionality", effects.check_proportionality(spells.frame, covariates=["training", "sex"])
    trials = careers.build_trial_spells(reg)
    rule = effects.rule()
    adjusted = {"covariates": rule.covariates, "confounders": rule.confounders}
    yield "trials", effects.emulate_trials(trials, **adjusted, horizons=(12, 36))
    yield "per protocol", effects.emulate_trials(trials, **adjusted, horizons=(36,), estimand="per_protocol")
    yield "ever trained", effects.compare_ever_trained(trials, horizons=(12, 36))
    yield "landmark", effects.compare_landmark(trials, horizons=(36,))
    yield "time varying", effects.compare_time_varying(trials, covariates=COVARIATES, horizons=(36,), draws=0)
    variants = {"lag": careers.build_trial_spells(reg, lag=rule.lag),
                "unrelated": careers.build_trial_spells(reg, exposure="professional")}  # fmt: skip
    yield "checks", effects.check_effect(trials, **adjusted, variants=variants)
    yield "gains", effects.compare_gains(trials, by=("sex", "grade_band"), **adjusted)


def lay_out() -> pd.DataFrame:
    """Join the rows of all results, with their name and status."""
    parts = [one.table.assign(result=name, status=one.status) for name, one in estimates()]
    table = pd.concat(parts, ignore_index=True)
    return table[["result", "status", *table.columns.drop(["result", "status"])]]


if __name__ == "__main__":
    lay_out().to_csv(FROZEN, index=False)
