"""One emulation, laid out and fitted: its parts by length of follow-up, its models, and its risks by every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import cross
from analysis.effects.trials.expand import Trials
from analysis.effects.trials.gformula import average, model_risks
from analysis.effects.trials.hazards import Hazard, fit_hazard, likelihood
from analysis.effects.trials.initiation import (
    Initiation,
    fit_initiation,
    joined_risks,
    refit_initiation,
    weigh_entries,
    weighted_risks,
)
from analysis.effects.trials.logit import Separated, take_steps
from analysis.effects.trials.question import Question
from analysis.effects.trials.specify import default_terms, quadratic_terms
from analysis.errors import Blocked
from analysis.words import Message

MODELLED, WEIGHTED, JOINED = "pooled_logistic", "weighting", "doubly_robust"
POPULATIONS = ("eligible", "starters")
Risks = dict[tuple[str, str], NDArray]


@dataclass(frozen=True, eq=False)
class Part:
    """Horizons that share a population: the trials (flags) that can be followed for `follow` months."""

    follow: int
    horizons: tuple[int, ...]
    trials: NDArray

    def people(self, cells: Cells, population: str = "eligible") -> NDArray:
        """Count a population by entry."""
        return cells.at_risk[:, 0] * (self.trials[cells.trial] & ((population == "eligible") | (cells.arm == 1)))


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted hazards by event, and parts with the chance of starting in each."""

    hazards: dict[int, Hazard]
    parts: tuple[Part, ...]
    initiations: tuple[Initiation, ...]
    notes: tuple[Message, ...] = ()


def split_parts(trials: Trials, horizons: Sequence[int], primary: int) -> tuple[Part, ...]:
    """Group horizons by the population that they are averaged over: trials followed to the primary one, or longer."""
    found: dict[int, list[int]] = {}
    for horizon in sorted(horizons):
        follow = max(horizon, primary) if trials.complete(primary).any() else horizon
        found.setdefault(follow, []).append(int(horizon))
    return tuple(Part(follow, tuple(some), trials.complete(follow)) for follow, some in found.items())


def fit_models(
    cells: Cells, parts: Sequence[Part], question: Question, model: str = "spline", exits: Hazard | None = None
) -> Fit:
    """Fit the hazards of both events and the chance of starting in each part; raises Blocked with the reasons.

    `exits` is taken as the hazard of exits where it is given.
    """
    used = np.unique(cells.pattern)
    flat = [name for name in question.covariates if cross(cells.patterns, name).iloc[used].nunique() < 2]
    if flat:
        raise Blocked(
            *[
                Message("{name} is constant among those eligible. Leave it out of the covariates.", name=name)
                for name in flat
            ]
        )
    try:
        starts = tuple(fit_initiation(cells, part.trials, question.covariates) for part in parts)
    except Separated as one:
        raise Blocked(
            Message(
                "{term}: separates those who start from those who do not. Join its levels or leave it out.",
                term=one.term,
            )
        ) from None
    hazards, notes = {} if exits is None else {2: exits}, []
    for event in (1, 2):
        if event in hazards or not cells.events[event].any():
            continue
        if model == "quadratic":
            terms = quadratic_terms(cells, question.covariates)
        else:
            terms, said = default_terms(cells, question.covariates, question.confounders, event)
            notes += said if event == 1 else []
        try:
            hazards[event], dropped = fit_hazard(cells, terms, event)
        except Separated as one:
            raise Blocked(
                Message(
                    "{term}: the outcome model did not converge; it separates the events. Join its levels or leave it "
                    "out.",
                    term=one.term,
                )
            ) from None
        notes += say_dropped(dropped)
    return Fit(hazards, tuple(parts), starts, tuple(notes))


def say_dropped(terms: Sequence[str]) -> list[Message]:
    """Say which terms are left out of the outcome model."""
    return [Message("{term:label} is left out of the model: too few events to tell it.", term=term) for term in terms]


def refit(fit: Fit, cells: Cells) -> Fit:
    """Fit again on counts over the same entries, some steps from where the fit stands, weights estimated anew."""
    hazards = {
        event: replace(one, theta=take_steps(likelihood(cells, one.terms, event), one.theta))
        for event, one in fit.hazards.items()
    }
    return replace(fit, hazards=hazards, initiations=tuple(refit_initiation(one, cells) for one in fit.initiations))


def risks_by_month(cells: Cells, fit: Fit) -> list[NDArray]:
    """Modelled risk of each entry in each arm by each month up to the longest horizon (E x 2 x months), by part."""
    return [model_risks(cells, fit.hazards, part.people(cells), range(1, max(part.horizons) + 1)) for part in fit.parts]


def risks_by_method(
    cells: Cells,
    fit: Fit,
    methods: Sequence[str],
    populations: Sequence[str] = ("eligible",),
    months: Sequence[NDArray] | None = None,
) -> Risks:
    """Risks in each arm at every horizon (2 x horizons in the order of the parts), by method and population.

    `months` are the risks by month, where they are known.
    """
    found: dict[tuple[str, str], list[NDArray]] = {}
    for place, (part, initiation) in enumerate(zip(fit.parts, fit.initiations, strict=True)):
        if months is None:
            modelled = model_risks(cells, fit.hazards, part.people(cells), part.horizons)
        else:
            modelled = months[place][:, :, np.asarray(part.horizons) - 1]
        for population in populations:
            base, weight = part.people(cells, population), weigh_entries(initiation, cells, population == "starters")
            for method in methods:
                if method == MODELLED:
                    risks = average(modelled, base)
                elif method == WEIGHTED:
                    risks = weighted_risks(cells, weight, part.horizons)
                else:
                    risks = joined_risks(cells, weight, modelled, part.horizons, base)
                found.setdefault((method, population), []).append(risks)
    return {key: np.concatenate(risks, axis=1) for key, risks in found.items()}


def crude_risks(cells: Cells, fit: Fit) -> NDArray:
    """Risks in each arm with nothing adjusted for."""
    return np.concatenate(
        [weighted_risks(cells, part.trials[cells.trial] * 1.0, part.horizons) for part in fit.parts], axis=1
    )


def mean_months(cells: Cells, fit: Fit, months: Sequence[NDArray]) -> NDArray:
    """Mean months after the outcome within each part's longest horizon, in each arm (2 x parts), by the model.

    `months` are the modelled risks by month.
    """
    found = [average(some, part.people(cells)).sum(axis=1) for part, some in zip(fit.parts, months, strict=True)]
    return np.stack(found, axis=1)
