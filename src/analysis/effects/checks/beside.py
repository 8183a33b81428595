"""Answers side by side, and what may not be shown where the verdict forbids it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.effects.checks.verdict import VERDICTS, verdict_words
from analysis.effects.trials.methods import MODELLED
from analysis.effects.trials.report import PROTOCOL
from analysis.estimate import Estimate, blocked
from analysis.text import Text


def lay_beside(found: Estimate, *, horizon: int | None = None) -> Estimate:
    """Give the differences at one horizon by every method and population, each a `run`: as estimated, or points only.

    Methods without an interval of their own (see `Emulation.everything`) have an empty one. A per-protocol answer is one
    row, named `per_protocol`, or `stays_on` where drop-outs leave.
    """
    if found.status == "blocked":
        return found
    chosen = found.spec["primary"] if horizon is None else horizon
    table = found.table
    if found.spec["estimand"] == "per_protocol":
        run = "stays_on" if found.spec["drop_outs"] == "leave" else "per_protocol"
        return replace(
            found, table=table[(table["estimand"] == "risk_difference") & (table["time"] == chosen)].assign(run=run)
        )
    known = table[(table["estimand"] == "risk_difference") & (table["time"] == chosen)].set_index(
        ["method", "population"]
    )
    rows = []
    others = found.details["beside"]
    for one in others[(others["time"] == chosen) & (others["method"] != "unadjusted")].to_dict("records"):
        key = (one["method"], one["population"])
        heads = known.loc[(MODELLED, "eligible")]
        row = known.loc[key].to_dict() if key in known.index else {
            **heads[["estimand", "outcome", "term", "time", "n", "n_exposed", "n_event"]].to_dict(),
            "estimate": one["risk_difference"], "interval": "none",
        }  # fmt: skip
        run = one["method"] if one["population"] == "eligible" else f"{one['method']}_{one['population']}"
        rows.append({**row, "method": one["method"], "population": one["population"], "run": run})
    return replace(found, table=pd.DataFrame(rows))


def withhold(found: Estimate, checked: Estimate, *, unless: Sequence[str] = VERDICTS[:3]) -> Estimate:
    """Give a result without its numbers where the verdict of its checks is not one of `unless`, and say that it is why.

    By default only what cannot be assessed is withheld.
    """
    verdict = checked.spec["verdict"]
    if verdict in unless or found.status == "blocked":
        return found
    said = verdict_words(verdict)
    return blocked(found.table.to_dict("records"), found.spec, Text(f"{said.en}.", f"{said.vi}."), *checked.notes)


def trial_protocol() -> pd.DataFrame:
    """Lay out the protocol of the trial that is emulated: `part`, `en`, `vi`."""
    return pd.DataFrame([(name, said.en, said.vi) for name, said in PROTOCOL], columns=["part", "en", "vi"])
