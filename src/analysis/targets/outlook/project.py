"""Where each group will stand, with what probability, from one set of draws of the same people."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.reference import projection
from analysis.registry import Registry
from analysis.results import WHOLE, Row, central, entry, give
from analysis.targets.groups import Day
from analysis.targets.outlook.ahead import Outlook, busy_ahead, congresses, look_ahead, look_out
from analysis.words import Message

DOTS = 20  # equally likely outcomes that a reader can count
LEVELS = (0.8, 0.5)
FINAL: list[Row] = [
    *(entry("heads", term) for term in ("counted", "need", "shortfall")),
    entry("probability", "met"),
]


def project(
    reg: Registry,
    *,
    target: str | None = None,
    deadline: Day | None = None,
    draws: int = 4000,
    seed: int = 20210910,
) -> Estimate:
    """Project the heads of one `target` of `reg`, or of all from the same `draws`, to a `deadline`.

    By default the target's day in targets.yml, else the last comparable one; `seed` gives the same draws again.

    Monthly stock-flow simulation of the members: retirement and graduation dates are known, the rest follows rates of
    the last months with pooled priors, their uncertainty, and a province's common yearly shocks; newcomers are drawn a
    group. Rows: `heads` `counted` by month (median, 80 and 50 percent intervals), `need`, `shortfall` (expected),
    `margin` (20 equally likely outcomes: heads above the need); `probability` `met` for each and `met_all`. `[wider]`
    rows: a congress prior half as wide again. What cannot be carried forward, as a group at its end, is empty, with its
    reason. Reading: has or is studying. Assumes that rates stay as
    they are. Raises TargetsError as `look_out`, and for fewer than 100 draws.

    >>> targets.project(early, target="T4", draws=100).status
    'ok'
    """
    if draws < 100:
        raise TargetsError("A projection needs 100 draws or more; given {draws}.", draws=draws)
    horizon = look_out(reg, target, deadline)
    day, panel, asked, good, stopped = horizon
    spec = {"target": target, "deadline": day, "draws": draws, "seed": seed, **asdict(projection())}
    base = {"method": "stock_flow", "date": day}
    if not good:
        return give(base, horizon.rows({}, FINAL), spec, stopped, "blocked")
    ahead = look_ahead(panel, day, draws=draws, seed=seed)
    rows = horizon.rows({name: describe_group(ahead, name) for name in good}, FINAL)
    if len(asked) > 1:
        together = None if stopped else ahead.chance(np.all(ahead.margin >= 0, axis=0))
        rows.append(entry("probability", "met_all", together, outcome="ALL"))
    notes = [
        Message(
            "The projection carries recent rates forward: a reorganisation, a freeze or a wave of departures is not in "
            "it."
        ),
    ]
    if congresses(panel, day) or busy_ahead(reg.as_of, day):
        wide = look_ahead(panel, day, draws=draws, seed=seed, wider=True)
        for name in good:
            counts, *_, met = describe_last(wide, name)
            rows += [{**row, "outcome": name, "term": f"{row['term']}[wider]", "n": None} for row in (counts, met)]
        notes.append(
            Message("A congress lies ahead: its date is known, its turnover is not and is drawn from a stated prior.")
        )
    return give(base, rows, spec, [*notes, *stopped], "warned" if stopped else "ok")


def describe_group(ahead: Outlook, name: str) -> list[Row]:
    """Rows of one group: the fan by month, then what holds on the last day."""
    group, paths = ahead.panel.place(name), ahead.paths
    size = paths.members[0, group, 0]
    rows = [
        {**FINAL[0], "date": day, **central(heads, level, method=WHOLE)}
        for day, heads in zip(ahead.days, paths.counted[:, group], strict=True)
        for level in LEVELS
    ]
    _, *last = describe_last(ahead, name)
    outcomes = np.quantile(ahead.margin[group], (np.arange(DOTS) + 0.5) / DOTS, method=WHOLE)
    dots = [entry("heads", "margin", heads, interval="quantile") for heads in outcomes]
    return [{"n": size, **row} for row in (*rows, *last, *dots)]


def describe_last(ahead: Outlook, name: str) -> list[Row]:
    """Rows of one group on the last day: who counts, the need, the expected shortfall, the chance of meeting."""
    group = ahead.panel.place(name)
    margin = ahead.margin[group]
    values = (
        central(ahead.paths.counted[-1, group], 0.8, method=WHOLE),
        central(ahead.need[group], 0.8, method=WHOLE),
        {"estimate": np.maximum(-margin, 0).mean()},
        {"estimate": ahead.chance(margin >= 0)},
    )
    size = ahead.paths.members[0, group, 0]
    return [{**row, **value, "n": size} for row, value in zip(FINAL[:4], values, strict=True)]
