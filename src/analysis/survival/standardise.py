"""Cause-specific hazards put together into the risks a whole population would have in each arm."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import Blocked, EffectsError, check_lists
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.curves import NO_EVENTS
from analysis.survival.design import Design
from analysis.survival.fit import Fitted, Form, HazardModel, fit_counts
from analysis.survival.frames import People, check_spells, numbers
from analysis.survival.hazards import check_model
from analysis.survival.likelihoods import LINKS, risk_parts, sum_stratum
from analysis.survival.patterns import code_column, patterns_of
from analysis.survival.risksets import BLOCK, stratum_of
from analysis.words import Message

LEVEL = 0.95
WEIGHT = " weight"
MOST_ARMS = 20


def standardise_incidence(
    frame: pd.DataFrame,
    *,
    exposure: str,
    covariates: Sequence[str] = (),
    horizons: Sequence[float] = (12, 24, 36, 60),
    model: Form = "cox",
    strata: Sequence[str] = (),
    draws: int = 200,
    seed: int = 0,
) -> Estimate:
    """Estimate the risk of each event if everyone had each level of `exposure` throughout, covariates as at entry.

    The hazard of each event is fitted on `frame` as by `fit_hazards` (`model`, `strata`), with `covariates`; for each
    person's covariates at entry the hazards of all events make cumulative incidences, and these are averaged over
    people. Rows: `risk` a level and event, `probability` of none (`event_0`), `risk_difference` and `risk_ratio`
    against the first level, at each of the `horizons`.
    Intervals and errors come from `draws` bootstraps of people from `seed` (0: none). Assumes no unmeasured common
    causes of exposure and events, and that hazards are right as modelled.
    Raises EffectsError for a frame or setting that breaks its contract; blocked where a hazard cannot be fitted.
    Source: Andersen, Geskus, de Witte and Putter (2012), Int. J. Epidemiol. 41:861-870.

    >>> effects.standardise_incidence(frame, exposure="sex", horizons=[36], draws=0).status
    'ok'
    """
    check_lists(EffectsError, covariates=covariates, horizons=horizons, strata=strata)
    asked = check_model(HazardModel((exposure, *covariates), model, "efron", tuple(strata)))
    people = check_spells(frame, asked.columns, error=EffectsError)
    levels = code_column(frame[exposure]).levels
    if len(levels) > MOST_ARMS or asked.pooled or not len(horizons):
        raise EffectsError(
            "exposure: {exposure} has {count} levels; give a few levels, at least one horizon, and no stop.",
            exposure=exposure,
            count=len(levels),
        )
    spec = {"exposure": exposure, "covariates": [*covariates], "horizons": [*horizons], "model": model,
            "strata": [*strata], "draws": draws, "seed": seed}  # fmt: skip
    try:
        point = _risks(frame, people, asked, horizons)
    except Blocked as why:
        empty = [{"estimand": "risk", "outcome": "event_1", "term": f"{exposure}[{level}]"} for level in levels]
        return blocked(empty, spec, *why.reasons)
    drawn = _bootstrap(frame, people, asked, horizons, draws, seed, point.index)
    lost = Message(
        "{lost} of {draws} bootstrap draws could not be fitted and are left out.", lost=draws - len(drawn), draws=draws
    )
    notes = () if len(drawn) == draws else (lost,)
    return Estimate(table=lay_out_rows(point, drawn, model, people.count), spec=spec, notes=notes)


def _bootstrap(
    frame: pd.DataFrame,
    people: People,
    model: HazardModel,
    horizons: Sequence[float],
    draws: int,
    seed: int,
    index: pd.Index,
) -> np.ndarray:
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(draws):
        number = rng.multinomial(people.count, np.full(people.count, 1 / people.count)).astype("float64")
        with contextlib.suppress(Blocked):
            drawn.append(_risks(frame, people, model, horizons, number).reindex(index).to_numpy())
    return np.array(drawn).reshape(len(drawn), len(index))


def _risks(
    frame: pd.DataFrame, people: People, model: HazardModel, horizons: Sequence[float], number: np.ndarray | None = None
) -> pd.Series:
    """Give risks by (estimand, outcome, term, time) with each person counted `number` times, by default once."""
    if number is None:
        counts, number = count_frame(frame, people, model.columns), np.ones(people.count)
    else:
        weighted = frame.assign(**{WEIGHT: number[people.code]})
        counts = count_frame(weighted, people, model.columns, WEIGHT)
    fits = {code: fit_counts(counts, model._replace(event=code)) for code in sorted(counts.events)}
    if not fits:
        raise Blocked(NO_EVENTS)
    first = pd.Series(numbers(frame["start"])).groupby(people.code).idxmin().to_numpy()
    pattern = patterns_of(frame, counts.patterns)[first]
    weight = np.bincount(pattern, number[people.code[first]], minlength=len(counts.patterns))
    return _assemble(counts, model, fits, weight / weight.sum(), horizons)


def _assemble(
    counts: Counts, model: HazardModel, fits: dict[int, Fitted], weight: np.ndarray, horizons: Sequence[float]
) -> pd.Series:
    exposure, times = model.covariates[0], np.asarray(horizons, dtype="float64")
    coded = code_column(counts.patterns[exposure])
    used, rows = np.unique(coded.code, return_index=True)
    terms = [f"{exposure}[{coded.levels[code]}]" for code in used]
    found: dict[tuple, float] = {}
    for term, row in zip(terms, rows, strict=True):
        for event, values in _mean_curves(counts, model, fits, weight, int(row), times).items():
            estimand = "risk" if event else "probability"
            for time, value in zip(times.tolist(), values, strict=True):
                found[estimand, f"event_{event}", term, time] = value
    for (estimand, outcome, term, time), value in list(found.items()):
        if estimand == "risk" and term != terms[0]:
            other = found[estimand, outcome, terms[0], time]
            found["risk_difference", outcome, term, time] = value - other
            found["risk_ratio", outcome, term, time] = value / other if other > 0 else np.nan
    return pd.Series(found)


def _mean_curves(
    counts: Counts, model: HazardModel, fits: dict[int, Fitted], weight: np.ndarray, row: int, horizons: np.ndarray
) -> dict[int, np.ndarray]:
    """Average incidences at horizons over patterns, the exposure of all set to that of pattern `row`."""
    group = stratum_of(counts, model.strata)
    totals = {code: np.zeros(len(horizons)) for code in (0, *fits)}
    for place in np.unique(group[weight > 0]):
        rows = np.flatnonzero((group == place) & (weight > 0))
        here = [one.times for fit in fits.values() for one in fit.laid if one.place == place]
        times = np.unique(np.concatenate([np.zeros(0), *here]))
        at = np.searchsorted(times, horizons, side="right")
        size = max(BLOCK // max(len(times), 1), 1)
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            hazards = {code: _hazard(fit, model, place, part, row, times) for code, fit in fits.items()}
            for code, curve in assemble_curves(hazards, discrete=model.form != "cox").items():
                totals[code] += np.append((code == 0) * weight[part].sum(), weight[part] @ curve)[at]
    return totals


def assemble_curves(hazards: dict[int, np.ndarray], *, discrete: bool) -> dict[int, np.ndarray]:
    """Turn hazards by event (patterns x times) into incidences and the probability of none (0); they sum to one."""
    total = sum(hazards.values(), np.zeros(()))
    leaving = np.minimum(total, 1.0) if discrete else -np.expm1(-total)
    staying = np.cumprod(1 - leaving, axis=1)
    before = np.column_stack([np.ones(len(total)), staying[:, :-1]])
    share = before * leaving / np.where(total > 0, total, 1.0)
    return {0: staying} | {code: np.cumsum(share * hazard, axis=1) for code, hazard in hazards.items()}


def _hazard(fit: Fitted, model: HazardModel, place: int, rows: np.ndarray, row: int, times: np.ndarray) -> np.ndarray:
    """Give the hazard of one event by pattern and time, with the exposure of all set to that of pattern `row`."""
    beta, effects = np.split(fit.maximum.theta, [len(fit.beta)])
    table, first = np.zeros((len(rows), len(times))), 0
    exposed = [np.full(len(rows), row) if one.name == model.covariates[0] else rows for one in fit.design.covariates]
    covariates = zip(fit.design.covariates, exposed, strict=True)
    x = Design(tuple(one._replace(column=one.column[who]) for one, who in covariates)).block(slice(None))
    eta = x @ beta
    for stratum in fit.laid:
        if stratum.place == place:
            at = np.searchsorted(times, stratum.times)
            if model.form == "cox":
                sums = sum_stratum(stratum, risk_parts(stratum, fit.design, beta), model.ties)
                table[:, at] = np.outer(np.exp(eta), sums.ties.a)
            else:
                every = np.add.outer(eta, effects[first : first + len(at)])
                none = np.zeros(every.size)
                table[:, at] = LINKS[model.form](every.ravel(), none, none)[3].reshape(every.shape)
        first += len(stratum.times)
    return table


def lay_out_rows(point: pd.Series, drawn: np.ndarray, model: str, people: int) -> list[dict[str, Any]]:
    """Lay out estimates with percentile intervals and standard errors of the draws."""
    rows = []
    for place, ((estimand, outcome, term, time), value) in enumerate(point.items()):
        row = {"method": f"standardised_{model}", "estimand": estimand, "population": "at_entry", "outcome": outcome,
               "term": term, "time": time, "estimate": value, "conf_level": LEVEL, "n": people, "interval": "none",
               "se_scale": "log" if estimand == "risk_ratio" else "identity"}  # fmt: skip
        if len(drawn) > 2:
            values = drawn[:, place]
            low, high = np.nanquantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            spread = np.log(values[values > 0]) if estimand == "risk_ratio" else values
            error = np.std(spread, ddof=1) if len(spread) > 2 else np.nan
            row |= {"std_error": error, "conf_low": low, "conf_high": high, "interval": "bootstrap_percentile"}
        rows.append(row)
    return rows
