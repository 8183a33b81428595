"""What an emulation was made of, as tidy tables: its protocol, flow, trials, methods and coefficients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, POPULATIONS, WEIGHTED, crude_risks, risks_by_method
from analysis.estimate import Estimate
from analysis.words import Message

PROTOCOL = (
    (
        "eligibility",
        Message(
            "Those whom the dated rules would allow to be sent, with no earlier start or qualification of the kind"
        ),
    ),
    ("strategies", Message("Start the course now, or do not start now")),
    ("assignment", Message("Not at random: made comparable by what is known as the trial starts")),
    ("time zero", Message("The month of the intake, for everyone")),
    ("outcome", Message("A higher post before any exit; exits compete")),
    ("estimand", Message("Difference in cumulative incidence, whatever happens later (intention to treat)")),
    ("analysis", Message("Pooled logistic hazards standardised over all eligible person-trials; sandwich by person")),
)


def describe_run(run: Run) -> dict[str, pd.DataFrame]:
    """Lay out the tables of one emulation: `flow`, `trials`, `methods`, `coefficients`."""
    coefficients = [
        pd.DataFrame(
            {
                "event": event,
                "term": one.terms.names,
                "coefficient": one.theta,
                "model_std_error": np.sqrt(np.diag(one.inverse)),
            }
        )
        for event, one in run.fit.hazards.items()
    ]
    return {
        "flow": _flow(run),
        "trials": _trials(run),
        "methods": _methods(run),
        "coefficients": pd.concat(coefficients, ignore_index=True),
    }


def _flow(run: Run) -> pd.DataFrame:
    people, part = run.trials.people, run.fit.parts[0]
    inside = part.trials[people.trial]
    steps = [
        ("eligible", Message("eligible in at least one trial"), inside | True),
        ("followed", Message("in trials followed {follow} months", follow=part.follow), inside),
        ("starters", Message("who start in one of them"), inside & (people.arm == 1)),
    ]
    rows: list[tuple] = [("people", Message("people in the rows"), len(run.trials.ids), None)]
    rows += [(step, said, people.heads(some), int(some.sum())) for step, said, some in steps]
    table = pd.DataFrame(rows, columns=["step", "said", "people", "person_trials"])
    return table.astype({"people": "Int64", "person_trials": "Int64"})


def _trials(run: Run) -> pd.DataFrame:
    """Month, starters, controls and events of both by the first horizons' end, a row a trial."""
    people, part, size = run.trials.people, run.fit.parts[0], len(run.trials.months)
    happened = (people.event == 1) & (people.length <= part.follow)
    months, counts = run.trials.months, {}
    for arm, who in ((0, "controls"), (1, "starters")):
        mine = people.arm == arm
        counts[who] = np.bincount(people.trial[mine], minlength=size)
        counts[f"events_{who}"] = np.bincount(people.trial[mine & happened], minlength=size)
    followed = np.minimum(run.trials.last - months, part.follow)
    return pd.DataFrame({"month": months, "followed": followed, "counted": part.trials, **counts})


def _methods(run: Run) -> pd.DataFrame:
    """Point estimates of every method at each horizon, the unadjusted one first."""
    found = {("unadjusted", "eligible"): crude_risks(run.cells, run.fit)}
    found |= risks_by_method(run.cells, run.fit, (MODELLED, WEIGHTED, JOINED), POPULATIONS)
    rows = [
        (*key, horizon, none, some, some - none)
        for key, risks in found.items()
        for horizon, none, some in zip(run.horizons, *risks, strict=True)
    ]
    return pd.DataFrame(rows, columns=["method", "population", "time", "risk_0", "risk_1", "risk_difference"])


def compare_methods(found: Estimate, *, horizon: int | None = None) -> Estimate:
    """Give the differences at one horizon by every method and population, each a `run`: as estimated, or points only.

    Methods without an interval of their own (see `Emulation.everything`) have an empty one. A per-protocol answer is
    one row, named `per_protocol`, or `stays_on` where drop-outs leave.
    """
    if found.status == "blocked":
        return found
    time = found.spec["primary"] if horizon is None else horizon
    rows = found.table[(found.table["estimand"] == "risk_difference") & (found.table["time"] == time)]
    if found.spec["estimand"] == "per_protocol":
        return replace(
            found, table=rows.assign(run="stays_on" if found.spec["drop_outs"] == "leave" else "per_protocol")
        )
    methods = found.details["methods"].query("time == @time and method != 'unadjusted'")
    table = methods[["method", "population", "risk_difference"]].merge(rows, how="left", on=["method", "population"])
    main = rows.iloc[0][["estimand", "outcome", "term", "time", "n", "n_exposed", "n_event"]].to_dict()
    table = table.fillna({**main, "estimate": table.pop("risk_difference"), "interval": "none"})
    return replace(
        found,
        table=table.assign(run=table["method"] + table["population"].map({"eligible": "", "starters": "_starters"})),
    )
