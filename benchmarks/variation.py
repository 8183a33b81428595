"""Are planted differences of units, and a planted shock, found: small synthetic provinces, one seed after the other.

    python benchmarks/variation.py --provinces 100 --people 6000 --jobs 1

Prints how far units lie apart beside what was planted, how often the interval of a unit holds its own ratio and that of
the event its planted one, in how many provinces of units that are alike one is named, and how often a date without any
event seems to be one.
"""

from __future__ import annotations

import argparse
from functools import partial

import pandas as pd
from provinces import score_each

from analysis import variation
from analysis.registry.contract import TABLES
from analysis.registry.sources.cells import type_table
from analysis.registry.store import Registry
from analysis.synthetic import simulate
from analysis.synthetic.parameters import Settings
from analysis.synthetic.worlds import STUDY, UNITS_ALIKE

MEASURES = ("sending", "promotion")


def make_province(seed: int, people: int, settings: Settings) -> tuple[Registry, dict]:
    """Make a province, and what was planted in its units."""
    made = simulate(people, seed, settings=settings)
    tables = {name: type_table(TABLES[name], table)[0] for name, table in made.tables.items()}
    return Registry(tables=tables, meta=made.meta, as_of=pd.Timestamp(made.meta["extracted"])), made.truth["units"]


def score_units(reg: Registry, planted: dict, measure: str) -> dict[str, float]:
    """Give the spread found, whether units are named, and the share of units whose interval holds the planted ratio.

    Ratios are to the expected of the whole province, so that planted ones are set to the same.
    """
    found = variation.compare_units(reg, measure=measure)
    units = found.details["units"]
    true = units["unit"].map(lambda unit: planted[unit][measure])
    true = true * units["due"].sum() / (true * units["due"]).sum()
    (spread,) = found.pick(term="spread").table.to_dict("records")
    return {
        "spread": spread["estimate"],
        "named": float("ratio" in set(found.table["term"])),
        "held": float(true.between(units["conf_low"], units["conf_high"]).mean()),
    }


def score_province(seed: int, *, people: int) -> dict[str, float]:
    """Score a province of units that differ and of one whose units are alike, and the project in the first."""
    reg, planted = make_province(seed, people, STUDY)
    alike, same = make_province(seed, people, UNITS_ALIKE)
    scores = {}
    for measure in MEASURES:
        scores |= {f"{measure} {name}": value for name, value in score_units(reg, planted, measure).items()}
        scores[f"{measure} named, all alike"] = score_units(alike, same, measure)["named"]
    event = variation.assess_event(reg, event="project_02", series="nominations")
    (level,) = event.pick(term="level").table.to_dict("records")
    scores["project level"] = level["estimate"]
    scores["project held"] = float(level["conf_low"] <= STUDY.nominated_project <= level["conf_high"])
    for one, series in (("project_02", "nominations"), ("suspension_2025", "appointments")):
        placebo = variation.assess_event(reg, event=one, series=series).pick(term="placebo")
        scores[f"{series} placebo dates rejected"] = placebo.table["estimate"].mean()
    return scores


def main() -> None:
    """Score the provinces and print the mean of each score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("provinces", 100), ("people", 6000), ("jobs", 1), ("first", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.provinces)
    found = pd.DataFrame(score_each(partial(score_province, people=asked.people), seeds, asked.jobs))
    print(f"{asked.provinces} provinces of {asked.people}; planted: spread of sending {STUDY.unit_sending}, of promotion "
          f"{STUDY.unit_promotion}, project {STUDY.nominated_project}")  # fmt: skip
    print(found.mean().round(3).to_string())


if __name__ == "__main__":
    main()
