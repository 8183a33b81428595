"""Where groups fall behind on the way from service to a course and to a higher post, and by how many people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.careers.spells import LEAVERS
from analysis.careers.states import make_clock
from analysis.careers.window import covered_since
from analysis.equity.compare import ALLOWABLE, DECIDED, LEAST, LEVEL, Comparison, compare
from analysis.equity.groups import GROUPS, check_groups
from analysis.equity.stages import MONTHLY, STAGES, Access, lay_out_access, tally_stage
from analysis.errors import EquityError, check_options
from analysis.estimate import Estimate
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import Row, entry, give
from analysis.words import Message

FEWEST = 5  # events of the group and expected, under which no ratio is told
GATE = Message(
    "Where the rules on sending have an age limit everybody who may be sent is young: a gap in age cannot be seen "
    "there, and those of forty and over are compared only where no limit is known."
)
PLANNING = Message("The registry has no planning: that stage is left out.")
Compared = dict[tuple[str, str, str], Comparison]  # by group, stage and version


def lay_out(reg: Registry, since: str, kind: str) -> Access:
    """Lay out the months of `reg` from the day `since`, and whom the rules let be sent; refuse what cannot be asked."""
    check_options(EquityError, kind=(kind, TRAINING_KIND))
    first, last = covered_since(reg, since, EquityError)
    return lay_out_access(reg, make_clock(reg, first, last - first + 1), kind)


def compare_access(reg: Registry, *, since: str = "2019-01-01", groups: Sequence[str] = tuple(GROUPS)) -> Estimate:
    """Compare `groups` in `reg` with their references at each stage (`STAGES`, in `outcome`) since the day `since`.

    Rows by group (`population`, names of `GROUPS`): `risk_ratio` `crude`; `standardised`, one ratio within strata of
    sector, kind of staff, grade, tenure and age (Mantel and Haenszel); `decided`, within those of planning and rating
    too, which the system itself decides. Of the standardised: `probability` `below[0.8]` and `matched` (of its time,
    with a reference beside it), `check` `two_keys` and `four_fifths` (flags). `verdict` `stage[...]`: where the group
    clearly falls behind by `decided` (Bonferroni), the clearest ranked 1, or `stage[none]`. `rate` (per 1,000 months)
    or `risk` of each group and reference. `n` people, `n_event` those with an event; errors by person. A gap is no
    proof of unequal treatment. Raises EquityError for a wrong day or group; blocked without leavers.

    >>> equity.compare_access(reg, groups=["sex[female]"]).pick(estimand="verdict").table["term"].tolist()
    ['stage[none]']
    """
    check_groups(groups)
    spec, base = {"since": since, "as_of": reg.as_of}, {"method": "access", "date": reg.as_of}
    one = lay_out(reg, since, "postgraduate")
    if not reg.meta.get("leavers_included"):  # the stages of survivors
        return give(base, [entry("risk_ratio", "standardised", outcome="nominated")], spec, [LEAVERS], "blocked")
    stages = [stage for stage in STAGES if stage != "planned" or reg.has("planning")]
    found: Compared = {}
    rows: list[Row] = []
    for stage in stages:
        cells = tally_stage(one, stage)
        rows += rates_of(cells, groups, stage)
        decided = [name for name in (*ALLOWABLE, *DECIDED) if (stage, name) != ("planned", "planned")]
        for name in groups:
            for version, over in (("standardised", ALLOWABLE), ("decided", decided)):
                found[name, stage, version] = compare(cells, GROUPS[name], over)
    for (name, stage, version), gap in found.items():
        rows += rows_of_gap(gap, version, population=name, outcome=stage)
    rows += [row for name in groups for row in _verdicts(found, name, stages)]
    notes = [GATE] * any("age" in name for name in groups) + [PLANNING] * (not reg.has("planning"))
    return give(base, rows, spec, notes)


def rates_of(cells: pd.DataFrame, groups: Sequence[str], stage: str) -> list[Row]:
    """Give the rate of each group and of each reference at a stage, once each."""
    sides: dict[str, np.ndarray] = {}
    for name in groups:
        side = GROUPS[name].side(cells)
        sides |= {name: side == 1, f"reference[{name}]": side == 0}
    rows = []
    for name, mine in sides.items():
        part = cells[mine]
        time, events = part["time"].sum(), part["events"].sum()
        monthly = stage in MONTHLY
        told = {"n": part["person"].nunique(), "n_event": part.loc[part["events"] > 0, "person"].nunique()}
        value = events / time * (1000 if monthly else 1) if time else np.nan
        rows.append(entry("rate" if monthly else "risk", "at_stage", value, population=name, outcome=stage, **told))
    return rows


def rows_of_gap(gap: Comparison, version: str, **about: Any) -> list[Row]:
    """Write a comparison as rows: the ratio always, what rests on it where there are `FEWEST` events on both sides."""
    counts = _counts(gap)
    told = min(gap.observed, gap.expected) >= FEWEST and gap.error > 0
    low, high = gap.interval if told else (np.nan, np.nan)
    ends = {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "std_error": gap.error, "se_scale": "log",
            "interval": "by person"} if told else {}  # fmt: skip
    rows = [entry("risk_ratio", version, gap.ratio if told else np.nan, **ends, **counts, **about)]
    if version != "standardised":
        return rows
    rows.append(entry("risk_ratio", "crude", gap.crude if told else np.nan, **counts, **about))
    if told:
        rows += [
            entry("probability", f"below[{LEAST}]", gap.chance_below, **counts, **about),
            entry("probability", "matched", gap.matched, **counts, **about),
            entry("check", "two_keys", float(gap.flagged), **counts, **about),
            entry("check", "four_fifths", float(gap.crude < LEAST), **counts, **about),
        ]
    return rows


def _verdicts(found: Compared, name: str, stages: Sequence[str]) -> list[Row]:
    """Name the stages at which a group clearly falls behind, all stages looked at together; the clearest first."""
    mine = {stage: found[name, stage, "decided"] for stage in stages}
    told = {stage: gap for stage, gap in mine.items() if min(gap.observed, gap.expected) >= FEWEST and gap.error > 0}
    z = {stage: float(np.log(gap.ratio) / gap.error) for stage, gap in told.items()}
    edge = ndtri((1 - LEVEL) / 2 / len(stages))
    clear = sorted((stage for stage in z if z[stage] < edge), key=lambda stage: z[stage]) or ["none"]
    return [
        entry("verdict", f"stage[{stage}]", float(rank), population=name, **_counts(mine.get(stage, mine["nominated"])))
        for rank, stage in enumerate(clear, 1)
    ]


def _counts(gap: Comparison) -> Row:
    return {"n": gap.people, "n_event": gap.with_event}
