"""What an emulation was made of, as tidy tables: its protocol, flow, trials, methods and coefficients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.effects.rows import LEVEL, wald
from analysis.effects.trials.columns import join_levels
from analysis.effects.trials.itt import Run
from analysis.effects.trials.methods import JOINED, MODELLED, POPULATIONS, WEIGHTED, crude_risks, risks_by_method
from analysis.effects.trials.question import split_terms
from analysis.effects.trials.specify import THIN
from analysis.estimate import Estimate
from analysis.words import Message

ARMS = {"baseline": ("said", "starters", "others"), "followed": ("said", "people", "risen", "left", "lost")}
MOST_LEVELS = 12  # of a covariate that is laid out by level


def describe_run(run: Run) -> dict[str, pd.DataFrame]:
    """Lay out the tables of one emulation: `flow`, `baseline`, `followed`, `trials`, `methods`, `coefficients`."""
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
        "baseline": _baseline(run),
        "followed": _followed(run),
        "trials": _trials(run),
        "methods": _methods(run),
        "coefficients": pd.concat(coefficients, ignore_index=True),
    }


def covariance_of_gaps(run: Run) -> pd.DataFrame:
    """Covariance of the modelled differences, a row and a column a horizon."""
    influence = run.modelled[1]
    size = len(run.horizons)
    gaps = influence[size:] - influence[:size]
    table = pd.DataFrame(gaps @ gaps.T, index=run.horizons, columns=run.horizons)
    return table.rename_axis("time").reset_index()


def band_together(found: Estimate, *, draws: int = 20_000, seed: int = 0) -> Estimate:
    """Give the differences of `found` with intervals that hold the true curve together at 95 percent, run `band`.

    The normal limits that the largest of the standardised differences stays within, drawn `draws` times from `seed`.
    `found` is what `emulate_trials` gave; all its horizons are taken.
    Source: Montiel Olea and Plagborg-Moller (2019), J. Appl. Econom. 34:1-17.

    >>> effects.band_together(effect, draws=500).table[["run", "time"]].values.tolist()
    [['band', 12.0], ['band', 24.0], ['band', 36.0]]
    """
    if found.status == "blocked":
        return found
    rows = found.pick(estimand="risk_difference", method=MODELLED, population="eligible").table.dropna(
        subset="estimate"
    )
    spread = found.details["covariance"].set_index("time").loc[rows["time"]][rows["time"].astype(int)].to_numpy()
    error = np.sqrt(np.diag(spread))
    drawn = np.random.default_rng(seed).multivariate_normal(np.zeros(len(rows)), spread / np.outer(error, error), draws)
    wide = float(np.quantile(np.abs(drawn).max(axis=1), LEVEL))
    ends = wald(rows["estimate"].to_numpy(), error, "sup_t", wide)
    return replace(found, table=rows.assign(**ends, run="band"))


def describe_arms(found: Estimate) -> tuple[pd.DataFrame, ...]:
    """Give the tables of who is compared and of what became of both arms.

    `found` is what `emulate_trials` gave; without rows where nothing was fitted.

    >>> [len(table) for table in effects.describe_arms(effect)]
    [2, 2]
    """
    return tuple(found.details.get(name, pd.DataFrame(columns=columns)) for name, columns in ARMS.items())


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


def _baseline(run: Run) -> pd.DataFrame:
    """People of each arm, once, by level of each covariate as their first trial in it starts; thin levels joined."""
    people, inside = run.trials.people, run.fit.parts[0].trials[run.trials.people.trial]
    counts = {}
    for arm, who in ((1, "starters"), (0, "others")):
        mine = np.flatnonzero(inside & (people.arm == arm))
        first = mine[np.unique(people.person[mine], return_index=True)[1]]  # person-trials are sorted by trial
        counts[who] = np.bincount(people.pattern[first], minlength=len(run.trials.patterns))
    patterns, number = run.trials.patterns, pd.DataFrame(counts)
    names = [name for name in split_terms(*run.question.covariates) if patterns[name].nunique() <= MOST_LEVELS]
    patterns = patterns[names].astype("category")
    rows = []
    for name, joined in join_levels(patterns, names, number.to_numpy(), THIN).items():
        held = number.groupby(patterns[name].astype(str).to_numpy(), sort=False).sum()
        held = held.reindex([str(level) for level in patterns[name].cat.categories if str(level) in held.index])
        for _, some in held[held.any(axis=1)].groupby(lambda level, to=joined: to.get(level, level), sort=False):
            terms = [f"{name}[{level}]" for level in some.index]
            rows.append((Message("{terms:labels}", terms=terms), *some.sum()))
    return pd.DataFrame(rows, columns=ARMS["baseline"])


def _followed(run: Run) -> pd.DataFrame:
    """People of each arm, and of those the ones with the outcome, with an exit first, and lost, by the last horizon."""
    people, part = run.trials.people, run.fit.parts[0]
    inside, last = part.trials[people.trial], max(part.horizons)
    within, rows = people.length <= last, []
    for arm, who in ((1, Message("those who start")), (0, Message("those who do not start"))):
        mine = inside & (people.arm == arm)
        ends = (people.event == 1) & within, (people.event == 2) & within, (people.event == 0) & (people.length < last)
        rows.append((who, people.heads(mine), *(people.heads(mine & end) for end in ends)))
    return pd.DataFrame(rows, columns=ARMS["followed"])


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
    """Give the differences of `found` at one `horizon` by every method and population, each a `run`.

    `found` is what `emulate_trials` gave; the default is its primary horizon. Methods without an interval of their own
    (see `Emulation.everything`) give points only. A per-protocol answer is one row, named `per_protocol`, or `stays_on`
    where drop-outs leave.

    >>> effects.compare_methods(effect, horizon=36).table["run"].tolist()[:3]
    ['pooled_logistic', 'weighting', 'doubly_robust']
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
