"""Where each group will stand, with what probability, from one set of draws of the same people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

import numpy as np

from analysis.errors import TargetsError
from analysis.estimate import Estimate
from analysis.reference import projection
from analysis.registry import Registry
from analysis.targets.groups import Day
from analysis.targets.outlook.ahead import Outlook, busy_ahead, congresses, look_ahead, look_out
from analysis.targets.outlook.backtest import published
from analysis.targets.results import Row, give
from analysis.words import Message

DURABLE = 24  # months after the deadline
DOTS = 20  # equally likely outcomes that a reader can count
EDGES = {0.8: (0.1, 0.9), 0.5: (0.25, 0.75)}
FINAL: list[Row] = [
    *({"estimand": "heads", "term": term} for term in ("counted", "need", "shortfall")),
    {"estimand": "probability", "term": "met"},
    {"estimand": "attainment", "term": "durable"},
]


def project(
    reg: Registry,
    *,
    target: str | None = None,
    deadline: Day | None = None,
    draws: int = 4000,
    seed: int = 20210910,
    record: Estimate | None = None,
) -> Estimate:
    """Project the heads of one target, or of all from the same draws, to a deadline (default: the last comparable day).

    Monthly stock-flow simulation of the members: retirement and graduation dates are known, the rest follows rates of
    the last months with pooled priors, their uncertainty, and a province's common yearly shocks; newcomers are drawn a
    group. Rows: `heads` `counted` by month (median, 80 and 50 percent intervals), `need`, `shortfall` (expected),
    `margin` (20 equally likely outcomes: heads above the need), `published` (the model's only where `record`, from
    `score_past`, beats no change by the margin); `probability` `met` for each and `met_all`; `attainment` `durable`:
    members at the deadline still there with a degree 24 months on. `[wider]` rows: a congress prior half as wide again.
    What cannot be carried forward is empty, with its reason. Reading: has or is studying. Assumes that rates stay as
    they are. Raises TargetsError as `look_out`, and for fewer than 100 draws.
    """
    if draws < 100:
        raise TargetsError("A projection needs 100 draws or more; given {draws}.", draws=draws)
    day, panel, asked, good, stopped = look_out(reg, target, deadline)
    spec = {
        "target": target,
        "deadline": day,
        "draws": draws,
        "seed": seed,
        **asdict(projection()),
    }
    base = {"method": "stock_flow", "date": day}
    if not good:
        return give(base, [{**row, "outcome": name} for name in asked for row in FINAL], spec, stopped, "blocked")
    ahead = look_ahead(panel, day, draws=draws, seed=seed, after=DURABLE)
    shown = published(record)
    rows: list[Row] = []
    for name in asked:
        described = describe_group(ahead, name, published=name in shown) if name in good else FINAL
        rows += [{**row, "outcome": name} for row in described]
    if len(asked) > 1:
        together = None if stopped else chance(np.all(ahead.margin >= 0, axis=0))
        rows.append({"estimand": "probability", "outcome": "ALL", "term": "met_all", "estimate": together})
    notes = [
        Message(
            "The projection carries recent rates forward: a reorganisation, a freeze or a wave of departures is not in "
            "it."
        ),
        *_record_notes(record, [name for name in good if name not in shown]),
    ]
    if congresses(panel, day) or busy_ahead(reg.as_of, day):
        wide = look_ahead(panel, day, draws=draws, seed=seed, wider=True)
        for name in good:
            counts, *_, met = describe_last(wide, name)
            rows += [{**row, "outcome": name, "term": f"{row['term']}[wider]", "n": None} for row in (counts, met)]
        notes.append(
            Message("A congress lies ahead: its date is known, its turnover is not and is drawn from a stated prior.")
        )
    return give(base, rows, spec, [*notes, *stopped], "warned" if stopped or record is None else "ok")


def describe_group(ahead: Outlook, name: str, *, published: bool) -> list[Row]:
    """Rows of one group: the fan by month, then what holds on the last day."""
    group, paths = ahead.panel.place(name), ahead.paths
    size = paths.members[0, group, 0]
    rows = [
        {"estimand": "heads", "term": "counted", "date": day, **_spread(heads, level)}
        for day, heads in zip(ahead.days, paths.counted[:, group], strict=True)
        for level in EDGES
    ]
    durable, margin = paths.kept[group] / np.maximum(paths.members[-1, group], 1), ahead.margin[group]
    low, high = np.quantile(durable, EDGES[0.8])
    counts, need, shortfall, met = describe_last(ahead, name)
    shown = {**counts, "term": "published"}
    if not published:
        shown = {
            "estimand": "heads",
            "term": "published",
            "estimate": paths.counted[0, group, 0],
            "interval": "no_change",
        }
    lasting = {
        "estimand": "attainment",
        "term": "durable",
        "estimate": np.median(durable),
        "conf_low": low,
        "conf_high": high,
        "conf_level": 0.8,
        "interval": "draws",
    }
    outcomes = np.quantile(margin, (np.arange(DOTS) + 0.5) / DOTS, method="inverted_cdf")
    dots = [{"estimand": "heads", "term": "margin", "estimate": heads, "interval": "quantile"} for heads in outcomes]
    return [{"n": size, **row} for row in (*rows, need, shortfall, shown, met, lasting, *dots)]


def describe_last(ahead: Outlook, name: str) -> list[Row]:
    """Rows of one group on the last day: who counts, the need, the expected shortfall, the chance of meeting."""
    group = ahead.panel.place(name)
    margin = ahead.margin[group]
    values = (
        _spread(ahead.paths.counted[-1, group], 0.8),
        _spread(ahead.need[group], 0.8),
        {"estimate": np.maximum(-margin, 0).mean()},
        {"estimate": chance(margin >= 0)},
    )
    size = ahead.paths.members[0, group, 0]
    return [{**row, **value, "n": size} for row, value in zip(FINAL[:4], values, strict=True)]


def _spread(heads: np.ndarray, level: float) -> Row:
    """Median and central interval in whole heads."""
    low, high = EDGES[level]
    low, middle, high = np.quantile(heads, [low, 0.5, high], method="inverted_cdf")
    return {"estimate": middle, "conf_low": low, "conf_high": high, "conf_level": level, "interval": "draws"}


def chance(met: np.ndarray) -> np.ndarray:
    """Probability from draws (the last axis), never 0 and never 1: half a draw is added on each side."""
    return (met.sum(axis=-1) + 0.5) / (met.shape[-1] + 1)


def _record_notes(record: Estimate | None, kept: Collection[str]) -> list[Message]:
    if record is None or record.status == "blocked":
        return [Message("No record of past projections was given: no change is published.")]
    if not kept:
        return []
    return [
        Message(
            "{names}: in the past the model did not beat no change by {margin:percent.0}; no change is published.",
            names=", ".join(kept),
            margin=projection().margin,
        )
    ]
