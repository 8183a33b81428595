"""One emulation, laid out and fitted: its parts by length of follow-up, its models, and its risks by every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import cross
from analysis.effects.trials.gformula import Population, choose_population, curves_of, standardise
from analysis.effects.trials.hazards import Hazard, chances, fit_carried, linear, step_from
from analysis.effects.trials.initiation import (
    Starting,
    fit_starting,
    joined_risks,
    lay_out_starting,
    recount,
    step_starting,
    weigh_entries,
    weighted_risks,
)
from analysis.effects.trials.specify import default_terms, quadratic_terms
from analysis.text import Text

MODELLED, WEIGHTED, JOINED = "pooled_logistic", "weighting", "doubly_robust"
POPULATIONS = {"eligible": None, "starters": 1}


@dataclass(frozen=True, eq=False)
class Part:
    """Horizons that share a population: the trials (flags) that can be followed for `follow` months."""

    follow: int
    horizons: tuple[int, ...]
    trials: np.ndarray
    starting: Starting | None


@dataclass(frozen=True, eq=False)
class Fit:
    """Fitted hazards by event, and parts with their chances of starting."""

    hazards: dict[int, Hazard]
    parts: tuple[Part, ...]
    notes: tuple[Text, ...] = ()


def split_parts(months: np.ndarray, last: int, horizons: Sequence[int], primary: int) -> list[Part]:
    """Group horizons by the population that they are averaged over: trials followed to the primary one, or longer."""
    found: dict[int, list[int]] = {}
    for horizon in sorted(horizons):
        longest = primary if (months + primary <= last).any() else horizon
        found.setdefault(max(horizon, longest), []).append(int(horizon))
    return [Part(follow, tuple(some), months + follow <= last, None) for follow, some in found.items()]


def fit_study(
    cells: Cells, parts: Sequence[Part], covariates: Sequence[str], confounders: Sequence[str], model: str,
    exits: Hazard | None = None,
) -> Fit | list[Text]:  # fmt: skip
    """Fit the hazards of both events and the chance of starting in each part, or say what stands in the way.

    `exits` is taken as the hazard of exits where it is given.
    """
    fitted, hazards, notes = [], {}, []
    flat = [name for name in covariates if _is_constant(cells, name)]
    if flat:
        return [_constant(name) for name in flat]
    for part in parts:
        starting = fit_starting(lay_out_starting(cells, part.trials, covariates))
        if isinstance(starting, str):
            return [_separates(starting)]
        fitted.append(Part(part.follow, part.horizons, part.trials, starting))
    for event in (1, 2):
        if event == 2 and (exits is not None or not cells.events[2].any()):
            hazards |= {2: exits} if exits is not None else {}
            continue
        if model == "quadratic":
            terms = quadratic_terms(cells, covariates)
        else:
            terms, said = default_terms(cells, covariates, confounders, event)
            notes += said if event == 1 else []
        found, dropped = fit_carried(cells, terms, event)
        if isinstance(found, str):
            return [_ran_away(found)]
        hazards[event] = found
        notes += [left_out(name) for name in dropped]
    return Fit(hazards, tuple(fitted), tuple(notes))


def _is_constant(cells: Cells, name: str) -> bool:
    used = np.unique(cells.pattern)
    return cross(cells.patterns, name).iloc[used].nunique() < 2


def _constant(name: str) -> Text:
    return Text(f"{name} is constant among those eligible. Leave it out of the covariates.",
                f"{name} không thay đổi giữa những người đủ điều kiện. Hãy bỏ biến này.")  # fmt: skip


def _ran_away(term: str) -> Text:
    return Text(f"{term}: the outcome model did not converge; it separates the events. Join its levels or leave it out.",
                f"{term}: mô hình kết quả không hội tụ; biến tách hẳn sự kiện. Hãy gộp mức hoặc bỏ ra.")  # fmt: skip


def _separates(term: str) -> Text:
    return Text(f"{term}: separates those who start from those who do not. Join its levels or leave it out.",
                f"{term}: tách hẳn người bắt đầu học với người không. Hãy gộp mức hoặc bỏ ra.")  # fmt: skip


def left_out(term: str) -> Text:
    """Say that a term is left out of the outcome model."""
    return Text(f"{term} is left out of the model: too few events to tell it.",
                f"{term} không vào mô hình: quá ít sự kiện để ước lượng.")  # fmt: skip


def refit(fit: Fit, cells: Cells, steps: int = 2) -> Fit:
    """Fit again on counts over the same entries, some steps from where the fit stands, weights estimated anew."""
    hazards = {}
    for event, hazard in fit.hazards.items():
        hazards[event] = Hazard(hazard.terms, event, step_from(cells, hazard, steps), hazard.inverse, hazard.maximum)
    parts = tuple(Part(part.follow, part.horizons, part.trials, step_starting(recount(part.starting, cells), steps))
                  for part in fit.parts)  # fmt: skip
    return Fit(hazards, parts, fit.notes)


def risks_by_method(
    cells: Cells, fit: Fit, methods: Sequence[str], populations: Sequence[str] = ("eligible",)
) -> dict[tuple[str, str], np.ndarray]:
    """Risks in each arm at every horizon (2 x horizons in the order of the parts), by method and population."""
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for part in fit.parts:
        at = np.array(part.horizons) - 1
        modelled = model_entries(cells, fit, part) if JOINED in methods else None
        for population in populations:
            arm = POPULATIONS[population]
            weight = weigh_entries(part.starting, cells, arm)
            for method in methods:
                if method == MODELLED:
                    one = standardise(
                        cells, fit.hazards, choose_population(cells, part.trials, arm), max(part.horizons)
                    )[:, at]
                elif method == WEIGHTED:
                    one = weighted_risks(cells, weight, part.horizons)
                else:
                    one = joined_risks(cells, weight, modelled, part.horizons, arm)
                found.setdefault((method, population), []).append(one)
    return {key: np.concatenate(values, axis=1) for key, values in found.items()}


def crude_risks(cells: Cells, fit: Fit) -> np.ndarray:
    """Risks in each arm with nothing adjusted for."""
    return np.concatenate([weighted_risks(cells, part.trials[cells.trial].astype("float64"), part.horizons)
                           for part in fit.parts], axis=1)  # fmt: skip


def model_entries(cells: Cells, fit: Fit, part: Part) -> np.ndarray:
    """Modelled risks of every entry of a part in each arm (E x 2 x horizons); 0 for entries outside."""
    table = np.zeros((len(cells.trial), 2, len(part.horizons)))
    for rows in cells.blocks():
        place = int(cells.trial[rows.start])
        if part.trials[place]:
            begun = int(cells.months[place])
            for arm in (0, 1):
                hazards = {event: chances(linear(one.terms, one.theta, one.terms.columns(cells, rows, arm), begun)[:, : max(part.horizons)])
                           for event, one in fit.hazards.items()}  # fmt: skip
                table[rows, arm] = curves_of(hazards)[0][:, np.array(part.horizons) - 1]
    return table


def mean_months(cells: Cells, fit: Fit) -> np.ndarray:
    """Mean months after the outcome within each part's longest horizon, in each arm (2 x parts), by the model."""
    found = []
    for part in fit.parts:
        population: Population = choose_population(cells, part.trials)
        found.append(standardise(cells, fit.hazards, population, max(part.horizons)).sum(axis=1))
    return np.stack(found, axis=1)
