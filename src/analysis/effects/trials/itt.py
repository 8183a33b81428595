"""Intention to treat as rows: risks an arm, their difference and ratio, each with the interval made for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.effects.rows import BOTH, LEVEL, WIDE, contrast_arms
from analysis.effects.trials.cells import Cells
from analysis.effects.trials.expand import Trials
from analysis.effects.trials.gformula import influences
from analysis.effects.trials.methods import (
    JOINED,
    MODELLED,
    POPULATIONS,
    WEIGHTED,
    Fit,
    Risks,
    mean_months,
    refit,
    risks_by_method,
    risks_by_month,
)
from analysis.effects.trials.question import Question
from analysis.reference import verdict_rule
from analysis.words import Message

APART = 0.25
NAMES = {WEIGHTED: Message("Weighting"), JOINED: Message("The doubly robust answer")}
SANDWICH, GROUPS_OUT = "sandwich", "leave_one_group_out"
Rows = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Run:
    """One emulation: its trials, counts, the entry of each person-trial, the fit, and why horizons are missing."""

    question: Question
    trials: Trials
    cells: Cells
    code: NDArray
    fit: Fit
    groups: int
    reasons: tuple[Message, ...] = ()

    @property
    def horizons(self) -> list[int]:
        """Horizons in the order of the parts."""
        return [horizon for part in self.fit.parts for horizon in part.horizons]

    @cached_property
    def modelled(self) -> tuple[NDArray, NDArray]:
        """Risks of everyone eligible by the model, and the influence of each person on them."""
        return model_influences(self)


def intend(run: Run, *, everything: bool) -> tuple[Rows, list[Message]]:
    """Rows by intention to treat, and where methods disagree by more than the rule allows."""
    risks, covariance = model_covariance(run)
    rows = lay_out(run, risks, covariance)
    people = run.trials.people
    lost = any(
        (part.trials[people.trial] & (people.event == 0) & (people.length < max(part.horizons))).any()
        for part in run.fit.parts
    )
    methods = (MODELLED, WEIGHTED) if lost else (MODELLED, WEIGHTED, JOINED)
    notes = [Message("Some people are lost before a horizon: the doubly robust answer is not given.")] if lost else []
    notes += _disagreements(run, risks_by_method(run.cells, run.fit, methods), risks, covariance)
    if everything:
        rows += lay_out(run, *model_covariance(run, "starters"), population="starters")
        more, said = _leave_out(run, methods, covariance)
        rows, notes = rows + more, notes + said
    return rows, notes


def model_covariance(run: Run, population: str = "eligible") -> tuple[NDArray, NDArray]:
    """Risks by the model (2 x horizons) and their covariance."""
    risks, influence = run.modelled if population == "eligible" else model_influences(run, population)
    return risks, influence @ influence.T


def model_influences(run: Run, population: str = "eligible") -> tuple[NDArray, NDArray]:
    """Risks by the model (2 x horizons) and the influence of each person on them (2 * horizons x people).

    Source: Liang and Zeger (1986), Biometrika 73:13-22, carried on to the risks.
    """
    people, tables = run.trials.people, []
    for part in run.fit.parts:
        member = part.trials[people.trial] & ((population == "eligible") | (people.arm == 1))
        own = influences(run.cells, people, run.code, run.fit.hazards, member, part.horizons)
        by_person = [np.bincount(people.person, column, minlength=len(run.trials.ids)) for column in own.T]
        tables.append(np.stack(by_person).reshape(2, len(part.horizons), -1))
    flat = np.concatenate(tables, axis=1).reshape(2 * len(run.horizons), -1)
    return risks_by_method(run.cells, run.fit, (MODELLED,), (population,))[MODELLED, population], flat


def lay_out(
    run: Run,
    risks: NDArray,
    covariance: NDArray,
    method: str = MODELLED,
    population: str = "eligible",
    interval: str = SANDWICH,
) -> Rows:
    """Lay out risks, differences and ratios; intervals are normal, or Student's where groups were left out."""
    rows, size = [], risks.shape[1]
    for place, horizon in enumerate(run.horizons):
        pair = covariance[np.ix_([place, size + place], [place, size + place])]
        kinds, who = ("risk", "risk_difference"), (method, population)
        none, some, gap = _contrast(run, kinds, horizon, risks[:, place], pair, interval, *who)
        for row in (none, some):
            row |= {"conf_low": max(row["conf_low"], 0.0), "conf_high": min(row["conf_high"], 1.0)}
        ratio = gap | {"estimand": "risk_ratio", **_ratio(risks[:, place], pair, _width(run, interval))}
        rows += [none, some, gap, ratio]
    return rows


def _width(run: Run, interval: str) -> float:
    return WIDE if interval == SANDWICH else stdtrit(run.groups - 1, 0.5 + LEVEL / 2)


def _contrast(
    run: Run, kinds: tuple[str, str], time: int, values: NDArray, covariance: NDArray, interval: str, *who: str
) -> Rows:
    """Rows of each arm and of their difference, `who` their method and population."""
    labels = {**dict(zip(("method", "population"), who, strict=True)), "time": time, "outcome": "event_1"}
    more = {**labels, **count_heads(run, time)}
    wide = _width(run, interval)
    return contrast_arms(kinds, run.question.treatment, values, covariance, interval, wide, **more).to_dict("records")


def _ratio(risks: NDArray, pair: NDArray, wide: float) -> dict[str, Any]:
    if not (risks > 0).all():
        return dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high"), np.nan)
    none, some = risks
    slope, ratio = np.array([-1 / none, 1 / some]), some / none
    error = float(np.sqrt(max(slope @ pair @ slope, 0)))
    return {
        "estimate": ratio,
        "std_error": error,
        "se_scale": "log",
        "conf_low": ratio * np.exp(-wide * error),
        "conf_high": ratio * np.exp(wide * error),
    }


def count_heads(run: Run, horizon: int) -> dict[str, list[float]]:
    """Distinct people behind the rows of a horizon, by arm and for both; `n_event` of both is of those who start."""
    people, part = run.trials.people, next(part for part in run.fit.parts if horizon in part.horizons)
    inside, arms = part.trials[people.trial], [people.arm == arm for arm in (0, 1)]
    happened = inside & (people.event == 1) & (people.length <= horizon)
    none, some = (people.heads(inside & mine) for mine in arms)
    events = [people.heads(happened & mine) for mine in arms]
    return {
        "n": [none, some, people.heads(inside)],
        "n_exposed": [np.nan, np.nan, some],
        "n_event": [*events, events[1]],
    }


def _gap_error(covariance: NDArray, place: int) -> float:
    """Standard error of the difference at the horizon in a place, from the covariance of all risks."""
    pair = [place, len(covariance) // 2 + place]
    return float(np.sqrt(max(BOTH[2] @ covariance[np.ix_(pair, pair)] @ BOTH[2], 0)))


def _disagreements(run: Run, others: Risks, risks: NDArray, covariance: NDArray) -> list[Message]:
    """Say which methods differ from the model by more than the rule allows, and at which horizons."""
    notes, apart = [], verdict_rule().apart
    for (method, _), other in others.items():
        gaps = np.abs(np.diff(other - risks, axis=0)[0])
        far = [
            str(horizon)
            for place, horizon in enumerate(run.horizons)
            if gaps[place] > apart * _gap_error(covariance, place)
        ]
        if far:
            notes.append(
                Message(
                    "{method} differs from the outcome model by more than {apart:number.1} of its standard errors at "
                    "{horizons} months.",
                    method=NAMES[method],
                    apart=apart,
                    horizons=", ".join(far),
                )
            )
    return notes


def leave_groups_out(run: Run, estimate: Callable[[NDArray], NDArray]) -> NDArray:
    """Covariance of results by leaving out one group of people after the other: `estimate` gets flags of who is out.

    Groups go by a hash of the label, the same on every machine.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, 11; in groups, Shao and Tu (1995), 2.3.
    """
    group = pd.util.hash_array(run.trials.ids.astype("str").to_numpy(dtype=object)) % run.groups
    found = np.stack([estimate(group == one) for one in range(run.groups)])
    apart = found - found.mean(axis=0)
    return (run.groups - 1) / run.groups * apart.T @ apart


def _leave_out(run: Run, methods: Sequence[str], sandwich: NDArray) -> tuple[Rows, list[Message]]:
    """Rows of the other methods and of restricted means, with intervals by leaving groups of people out."""
    keys = [(MODELLED, "eligible"), *((method, who) for method in methods[1:] for who in POPULATIONS)]

    def results(cells: Cells, fit: Fit) -> NDArray:
        months = risks_by_month(cells, fit)
        found = risks_by_method(cells, fit, methods, POPULATIONS, months)
        return np.concatenate([*(found[key].ravel() for key in keys), mean_months(cells, fit, months).ravel()])

    def without(flags: NDArray) -> NDArray:
        gone = np.flatnonzero(flags[run.trials.people.person])
        cells = run.cells.less(run.trials.people.of(gone), run.code[gone])
        return results(cells, refit(run.fit, cells))

    full, every = results(run.cells, run.fit), leave_groups_out(run, without)
    size, rows = 2 * len(run.horizons), []
    for place, key in enumerate(keys[1:], start=1):
        span = slice(size * place, size * (place + 1))
        rows += lay_out(run, full[span].reshape(2, -1), every[span, span], *key, GROUPS_OUT)
    last = size * len(keys)
    for place, part in enumerate(run.fit.parts):
        pair = [last + place, last + len(run.fit.parts) + place]
        kinds, time = ("restricted_mean",) * 2, max(part.horizons)
        rows += _contrast(run, kinds, time, full[pair], every[np.ix_(pair, pair)], GROUPS_OUT, MODELLED, "eligible")
    notes = [
        Message("{horizon} months: the two standard errors of the difference are more than 25% apart.", horizon=horizon)
        for place, horizon in enumerate(run.horizons)
        if abs(_gap_error(every[:size, :size], place) / _gap_error(sandwich, place) - 1) > APART
    ]
    return rows, notes
