"""One hazard model from counts: laid out, checked, fitted, or the reasons why it cannot be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from analysis.survival.counts import Counts
from analysis.survival.design import Design, code_covariates, find_dependent, find_trouble
from analysis.survival.likelihoods import Maximum, cox, discrete, first_effects, maximise
from analysis.survival.risksets import Block, Stratum, lay_out, lay_out_pooled
from analysis.text import Text


class Asked(NamedTuple):
    """What model was asked for."""

    covariates: tuple[str, ...]
    model: str = "cox"
    ties: str = "efron"
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


def fit_counts(counts: Counts, asked: Asked) -> Fitted | list[Text]:
    """Fit a model to counts, or say what stands in its way."""
    design = code_covariates(counts.patterns, asked.covariates)
    trouble = find_trouble(counts, design, asked.event)
    if trouble:
        return trouble
    width = len(design.terms)
    laid = (lay_out_pooled if asked.pooled else lay_out)(counts, asked.strata, asked.event, width)
    if asked.model == "cox":
        evaluate, start = cox(laid, design, asked.ties), np.zeros(width)
    else:
        laid = [one for one in laid if not _certain(one)] if asked.pooled else drop_certain(laid)
        if not laid:
            return [Text("event: everyone at risk has the event whenever it happens.",
                         "event: ai đang theo dõi cũng có sự kiện mỗi khi nó xảy ra.")]  # fmt: skip
        evaluate = discrete(laid, design, asked.model)
        start = np.append(np.zeros(width), first_effects(laid, asked.model))
    number = sum(float(one.tied @ one.mean_weight) for one in laid)
    first = evaluate(start)
    dependent = find_dependent(first.information, design.terms, number)
    if dependent:
        return dependent
    maximum = maximise(evaluate, start, first, width)
    if maximum.runaway is not None:
        name = design.terms[maximum.runaway] if width else "constant"
        return [Text(f"{name}: the fit did not converge; its coefficient grows without end, as when it separates the "
                     "events. Join its levels or leave it out.",
                     f"{name}: ước lượng không hội tụ; hệ số tăng mãi, như khi biến tách hẳn các sự kiện. "
                     "Hãy gộp mức hoặc bỏ ra.")]  # fmt: skip
    inverse = np.linalg.inv(maximum.point.information)
    scale = design.scale
    return Fitted(design, laid, maximum, maximum.theta[:width] / scale, inverse / scale / scale[:, None])


def _certain(stratum: Stratum) -> bool:
    at_risk = sum(block.total(np.ones((len(block.rows), 1)))[:, 0] for block in stratum.blocks)
    return bool((stratum.tied * stratum.mean_weight >= at_risk * (1 - 1e-12)).all())


def drop_certain(laid: list[Stratum]) -> list[Stratum]:
    """Leave out the times at which everyone at risk has the event: they say nothing about the covariates."""
    kept = []
    for one in laid:
        at_risk = sum(block.total(np.ones((len(block.rows), 1)))[:, 0] for block in one.blocks)
        open_ = one.tied * one.mean_weight < at_risk * (1 - 1e-12)
        if open_.all():
            kept.append(one)
        elif open_.any():
            kept.append(_at_times(one, open_))
    return kept


def _at_times(one: Stratum, keep: np.ndarray) -> Stratum:
    blocks = []
    at = np.append(np.cumsum(keep) - keep, keep.sum())
    for block in one.blocks:
        moved = block.change
        change = sparse.csr_array((moved.data, at[moved.indices], moved.indptr), shape=(moved.shape[0], keep.sum() + 1))
        table = None if block.at_risk is None else block.at_risk[:, keep]
        blocks.append(Block(block.rows, table, change, sparse.csr_array(block.events[:, np.flatnonzero(keep)])))
    return Stratum(one.place, one.times[keep], one.tied[keep], one.mean_weight[keep], tuple(blocks))
