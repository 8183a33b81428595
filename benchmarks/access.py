"""Is the stage at which women fall behind named, do ratios cover, and does nothing cry without a gap?

    python benchmarks/access.py --provinces 100 --people 6000 --jobs 2

Prints, a world: how often each stage is named for women, how often the intervals of the ratios of nominations (adjusted
for planning and rating) hold what is planted, and in how many of all comparisons that are told the two keys, and the
four-fifths rule alone, raise a flag.
"""

from __future__ import annotations

import argparse
from collections import Counter
from functools import partial

import pandas as pd
from provinces import score_each

from analysis import equity
from analysis.synthetic.parameters import Settings
from analysis.synthetic.worlds import GAP_AT_COMPLETION, GAP_AT_NOMINATION, LEVEL_FIELD, STUDY, make_registry

WORLDS: dict[str, Settings] = {
    "gap at nomination": GAP_AT_NOMINATION,
    "gap at completion": GAP_AT_COMPLETION,
    "no gap": LEVEL_FIELD,
    "as planted": STUDY,
}
GROUPS = {"sex[female]": "nominated_female", "ethnicity[minority]": "nominated_minority"}


def score_province(seed: int, *, people: int, settings: Settings) -> pd.DataFrame:
    """Give the rows of one province since the registry begins."""
    found = equity.compare_access(make_registry(people, seed, settings), since="2015-01-01")
    return found.table.assign(seed=seed)


def main() -> None:
    """Score the provinces of each world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("provinces", 100), ("people", 6000), ("jobs", 1), ("first", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS), choices=list(WORLDS))
    asked = parser.parse_args()
    for world in asked.worlds:
        settings = WORLDS[world]
        seeds = range(asked.first, asked.first + asked.provinces)
        rows = pd.concat(score_each(partial(score_province, people=asked.people, settings=settings), seeds, asked.jobs))
        named = rows.query("estimand == 'verdict' and population == 'sex[female]' and estimate == 1")["term"]
        print(f"{world}: women named at {dict(Counter(named))}")
        for group, setting in GROUPS.items():
            planted = getattr(settings, setting)
            mine = rows.query("estimand == 'risk_ratio' and term == 'decided' and outcome == 'nominated'")
            mine = mine[mine["population"] == group]
            held = (mine["conf_low"].le(planted) & mine["conf_high"].ge(planted)).sum()
            mean = mine["estimate"].mean()
            print(f"  {group}: mean ratio {mean:.3f}, planted {planted}, within in {held} of {len(mine)}")
        flags = rows.query("estimand == 'check'")
        shares = flags.groupby("term")["estimate"].agg(["mean", "size"])
        print(shares.round(4).to_string())
        print(flags.pivot_table("estimate", ["population", "outcome"], "term").round(3).to_string())


if __name__ == "__main__":
    main()
