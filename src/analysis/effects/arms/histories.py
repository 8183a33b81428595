"""Weights along histories: how likely what happened to a person was, with and without what changes over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import Blocked, EffectsError, check_options
from analysis.survival.counts import count_frame
from analysis.survival.fit import HazardModel, fit_counts
from analysis.survival.frames import check_spells, numbers
from analysis.survival.likelihoods import risk_parts, sum_stratum
from analysis.survival.patterns import patterns_of

Kind = Literal["start", "censoring"]


def weigh_histories(
    frame: pd.DataFrame,
    *,
    happening: str,
    numerator: Sequence[str],
    denominator: Sequence[str],
    kind: Kind = "start",
) -> np.ndarray:
    """Give each row's stabilised inverse probability weight for the history of one happening up to its end.

    `frame` has rows (start, stop] of person_id in the order of time; `happening` is 0 or 1 a row: 1 from the row in
    which treatment starts (`kind` `start`, followed once until then), or in the row after which a person is lost
    (`censoring`). Two Cox models of it, on `numerator` (what the later model also holds) and on `denominator` (with
    what changes over time), give the probability of what was seen; weights are the ratio, multiplied along rows.
    Raises EffectsError for a broken frame, or where a model cannot be fitted, with the reason.
    Source: Robins, Hernán and Brumback (2000), Epidemiology 11:550-560.

    >>> rows = frame.assign(starts=frame["training"].ne("none") * 1)
    >>> weights = arms.weigh_histories(rows, happening="starts", numerator=["sex"], denominator=["sex", "party"])
    >>> len(weights) == len(rows), round(float(weights.mean()), 2)
    (True, 1.0)
    """
    check_options(EffectsError, kind=(kind, Kind))
    people = check_spells(frame, [happening, *numerator, *denominator], error=EffectsError)
    same = people.code[1:] == people.code[:-1]
    if people.first is None or (frame["start"].to_numpy()[1:][same] < frame["start"].to_numpy()[:-1][same]).any():
        raise EffectsError("person_id, start: rows are not in order. Sort by person_id and start.")
    happened = frame[happening].to_numpy() == 1
    before = pd.Series(happened.astype("int64")).groupby(people.code).cumsum().to_numpy() - happened
    open_ = before == 0
    rows = frame[open_].assign(event=happened[open_].astype("int64"))
    top, bottom = (_probability(rows, covariates, happening, kind) for covariates in (numerator, denominator))
    ratio = np.ones(len(frame))
    ratio[open_] = top / bottom
    return pd.Series(ratio).groupby(people.code).cumprod().to_numpy()


def _probability(rows: pd.DataFrame, covariates: Sequence[str], happening: str, kind: Kind) -> np.ndarray:
    """Give the probability of what each row shows: nothing happened through it, or it did in it."""
    model = HazardModel(tuple(covariates))
    counts = count_frame(rows, check_spells(rows, covariates, error=EffectsError), model.columns)
    try:
        fitted = fit_counts(counts, model)
    except Blocked as why:
        raise EffectsError("{happening}: {reasons}", happening=happening, reasons=[*why.reasons]) from None
    (stratum,), theta = fitted.laid, fitted.maximum.theta
    jumps = sum_stratum(stratum, risk_parts(stratum, fitted.design, theta), model.ties).ties.a
    total = np.append(0.0, np.cumsum(jumps))
    start, stop = (np.searchsorted(stratum.times, numbers(rows[name]), side="right") for name in ("start", "stop"))
    risk = np.exp(fitted.design.block(slice(None)) @ theta)[patterns_of(rows, counts.patterns)]
    none = np.exp(-risk * (total[stop] - total[start]))
    return none if kind == "censoring" else np.where(rows["event"] == 1, 1 - none, none)
