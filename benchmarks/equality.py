"""Is the planted part of a gap within its interval, and how often is a gap flagged where there is none.

    nice -n 10 python benchmarks/equality.py --provinces 100 --people 6000 --jobs 1

First world: women are nominated half as often, and courses help much; the truth is had by playing the very province on.
Prints, for each part and window, in how many provinces its 95 percent interval holds the truth. Second world: nobody is
treated differently; prints how often the four-fifths rule alone flags a group, and how often both keys do: at first
sight, and like with like (`alike`).
"""

from __future__ import annotations

import argparse
import dataclasses
from functools import partial

import numpy as np
from provinces import score_each

from analysis import equity
from analysis.estimate import Estimate
from analysis.synthetic.gaps import planted_gap
from analysis.synthetic.worlds import LARGE, LEVEL_FIELD, STUDY, make_registry

GAP = dataclasses.replace(STUDY, effect=LARGE, nominated_female=0.5, extracted="2024-10")  # before the freeze
WINDOWS = {36: "2021-11", 60: "2019-11"}  # months, and the first of them: nobody is nominated and has not begun
PARTS = ("through_access", "through_planning", "gap")


def score_gap(seed: int, *, people: int, draws: int, window: int) -> list[list[float]]:
    """Give, a part: truth, estimate, its error, and whether the interval holds the truth."""
    truth = planted_gap(GAP, people, seed, begins=WINDOWS[window], months=window, plays=5)
    table = equity.split_gap(make_registry(people, seed, GAP), window=window, draws=draws).table.set_index("term")
    found = []
    for part in PARTS:
        row = table.loc[part]
        inside = row["conf_low"] <= truth[part] <= row["conf_high"]
        found.append([truth[part], row["estimate"], row["std_error"], float(inside)])
    return found


def score_flags(seed: int, *, people: int) -> dict[tuple[str, str], float]:
    """Give, by group, what each rule flags without a gap, and how often the four-fifths rule should at these sizes."""
    found: Estimate = equity.compare_promotion(make_registry(people, seed, LEVEL_FIELD))
    table = found.table
    rows = table[table["estimand"].eq("check") | table["term"].eq("false_alarm")]
    flags = {(row.population, row.term): float(row.estimate) for row in rows.itertuples()}
    alike = table[table["term"].eq("standardised")]
    flags |= {(row.population, "alike_four_fifths"): float(row.estimate < 0.8) for row in alike.itertuples()}
    told = table[table["estimand"].eq("verdict")]
    return flags | {(row.population, "alike_two_keys"): float(row.term == "gap") for row in told.itertuples()}


def main() -> None:
    """Score the provinces of both worlds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("provinces", 100), ("first", 0), ("people", 6000), ("jobs", 1), ("draws", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", choices=["36", "60", "flags"])
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.provinces)
    for window in WINDOWS:
        if asked.only in (None, str(window)):
            score = partial(score_gap, people=asked.people, draws=asked.draws, window=window)
            say_gaps(window, np.array(score_each(score, seeds, asked.jobs)))
    if asked.only in (None, "flags"):
        say_flags(score_each(partial(score_flags, people=asked.people), seeds, asked.jobs))


def say_gaps(window: int, found: np.ndarray) -> None:
    """Print how each part came back: provinces x parts x (truth, estimate, error, inside)."""
    for part, one in zip(PARTS, found.transpose(1, 0, 2), strict=True):
        truth, mean, error, _ = 100 * one.mean(axis=0)
        spread, held = 100 * (one[:, 1] - one[:, 0]).std(ddof=1), one[:, 3].sum()
        print(f"{window} months, {part}: planted {truth:+.3f} points, mean {mean:+.3f}, error {error:.3f} "
              f"(spread {spread:.3f}), within in {held:.0f} of {len(one)}", flush=True)  # fmt: skip


def say_flags(flags: list[dict[tuple[str, str], float]]) -> None:
    """Print, a group, how often each rule flags it."""
    for group in sorted({group for one in flags for group, _ in one}):
        rules = ("false_alarm", "four_fifths", "two_keys", "alike_four_fifths", "alike_two_keys")
        told = {rule: np.mean([one[group, rule] for one in flags if (group, rule) in one]) for rule in rules}
        print(group, *(f"{rule} {share:.2f}" for rule, share in told.items()), flush=True)


if __name__ == "__main__":
    main()
