"""Is the planted gap of online courses within its interval: small synthetic provinces, one seed after the other.

    python benchmarks/online.py --provinces 100 --people 6000 --jobs 2

Prints in how many provinces the 95 percent interval holds the planted gap, in the default world and in one without a gap.
"""

from __future__ import annotations

import argparse
import dataclasses
from functools import partial

from provinces import score_each

from analysis import placement
from analysis.synthetic.parameters import DEFAULT
from analysis.synthetic.worlds import make_registry

GAPS = {"planted": DEFAULT.paper.online_gap, "none": 0.0}


def score_province(seed: int, *, people: int, gap: float) -> tuple[float, bool]:
    """Give the difference found, and whether its interval holds minus the planted gap."""
    paper = dataclasses.replace(DEFAULT.paper, online_gap=gap)
    reg = make_registry(people, seed, dataclasses.replace(DEFAULT, paper=paper))
    (row,) = placement.compare_online(reg).pick(estimand="risk_difference").table.to_dict("records")
    return row["estimate"], row["conf_low"] <= -gap <= row["conf_high"]


def main() -> None:
    """Score the provinces of both worlds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("provinces", 100), ("people", 6000), ("jobs", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    for world, gap in GAPS.items():
        found = score_each(partial(score_province, people=asked.people, gap=gap), range(asked.provinces), asked.jobs)
        mean, held = sum(one for one, _ in found) / len(found), sum(inside for _, inside in found)
        print(f"{world}: mean {mean:+.4f}, planted {-gap:+.4f}, within the interval in {held} of {len(found)}")


if __name__ == "__main__":
    main()
