"""One hazard model from counts: laid out, checked, fitted, or the reasons why it cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from analysis.errors import Blocked
from analysis.survival.counts import Counts
from analysis.survival.design import Design, code_covariates, find_dependent, find_trouble
from analysis.survival.likelihoods import SEEN, Maximum, cox, discrete, first_effects, maximise
from analysis.survival.risksets import Block, Stratum, lay_out, move, pool_periods
from analysis.words import Message

Form = Literal["cox", "logit", "cloglog"]
Ties = Literal["efron", "breslow"]


class HazardModel(NamedTuple):
    """A model of the cause-specific hazard of `event`; `form` is the link, or `cox` with time left free."""

    covariates: tuple[str, ...]
    form: Form = "cox"
    ties: Ties = "efron"
    strata: tuple[str, ...] = ()
    event: int = 1

    @property
    def pooled(self) -> bool:
        """Say whether `stop` is a covariate, so that the model has a constant and no effects of times."""
        return "stop" in self.covariates

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns whose distinct values are the patterns."""
        return tuple(dict.fromkeys((*self.covariates, *self.strata)))


class Fitted(NamedTuple):
    """A fitted model: `beta` and `covariance` on the scale of the columns as given, `maximum` on that of the design."""

    design: Design
    laid: list[Stratum]
    maximum: Maximum
    beta: np.ndarray
    covariance: np.ndarray


def fit_counts(counts: Counts, model: HazardModel) -> Fitted:
    """Fit a model to counts; raises Blocked with what stands in its way."""
    design = code_covariates(counts.patterns, model.covariates)
    find_trouble(counts, design, model.event)
    width = len(design.terms)
    pooled = pool_periods(counts, model.event) if model.pooled else counts
    laid = lay_out(pooled, model.strata, model.event, width)
    if model.form == "cox":
        evaluate, start = cox(laid, design, model.ties), np.zeros(width)
    else:
        laid = [left for one in laid if (left := _uncertain(one, model.pooled)) is not None]
        if not laid:
            raise Blocked(Message("event: everyone at risk has the event whenever it happens."))
        evaluate = discrete(laid, design, model.form, SEEN)
        start = np.append(np.zeros(width), first_effects(laid, model.form))
    number = sum(float(one.tied @ one.mean_weight) for one in laid)
    first = evaluate(start)
    dependent = find_dependent(first.information, design.terms, number)
    if dependent:
        raise Blocked(*dependent)
    maximum = maximise(evaluate, start, first, width)
    if maximum.runaway is not None:
        name = design.terms[maximum.runaway] if width else "constant"
        raise Blocked(
            Message(
                "{name}: the fit did not converge; its coefficient grows without end, as when it separates the "
                "events. Join its levels or leave it out.",
                name=name,
            )
        )
    if model.form == "cloglog":
        maximum = replace(maximum, point=discrete(laid, design, model.form)(maximum.theta))
    inverse, scale = np.linalg.inv(maximum.point.information), design.scale
    return Fitted(design, laid, maximum, maximum.theta[:width] / scale, inverse / scale / scale[:, None])


def _uncertain(one: Stratum, pooled: bool) -> Stratum | None:
    """Leave out the times at which everyone at risk has the event: they say nothing about the covariates."""
    open_ = one.tied * one.mean_weight < one.at_risk() * (1 - 1e-12)
    if open_.all() or (pooled and open_.any()):
        return one
    return _at_times(one, open_) if open_.any() else None


def _at_times(one: Stratum, keep: np.ndarray) -> Stratum:
    blocks = []
    at = np.append(np.cumsum(keep) - keep, keep.sum())
    for block in one.blocks:
        table = None if block.at_risk is None else block.at_risk[:, keep]
        events = sparse.csr_array(block.events[:, np.flatnonzero(keep)])
        blocks.append(Block(block.rows, table, move(block.change, at, keep.sum() + 1), events))
    return Stratum(one.place, one.times[keep], one.tied[keep], one.mean_weight[keep], tuple(blocks))
