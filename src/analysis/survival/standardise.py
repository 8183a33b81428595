"""Cause-specific hazards put together into the risks a whole population would have in each arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import EffectsError
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.design import Covariate, Design
from analysis.survival.fit import Asked, Fitted, fit_counts
from analysis.survival.frames import People, check_spells, numbers
from analysis.survival.hazards import check_asked
from analysis.survival.likelihoods import LINKS, risk_parts, sum_stratum
from analysis.survival.patterns import code_column, number_patterns
from analysis.survival.risksets import BLOCK, stratum_of
from analysis.text import Text

LEVEL = 0.95
WEIGHT = " weight"
MOST_ARMS = 20


def standardise_incidence(
    frame: pd.DataFrame,
    *,
    exposure: str,
    covariates: Sequence[str] = (),
    horizons: Sequence[float] = (12, 24, 36, 60),
    model: str = "cox",
    strata: Sequence[str] = (),
    draws: int = 200,
    seed: int = 0,
) -> Estimate:
    """Estimate the risk of each event if everyone had each level of `exposure` throughout, covariates as at entry.

    The hazard of each event is fitted as by `fit_hazards`; for each person's covariates at entry the hazards of all
    events make cumulative incidences, and these are averaged over people. Rows: `risk` a level and event,
    `probability` of none (`event_0`), `risk_difference` and `risk_ratio` against the first level, at each horizon.
    Intervals and errors come from `draws` bootstraps of people (0: none). Assumes no unmeasured common causes of
    exposure and events, and that hazards are right as modelled.
    Raises EffectsError for a frame or setting that breaks its contract; blocked where a hazard cannot be fitted.
    Source: Andersen, Geskus, de Witte and Putter (2012), Int. J. Epidemiol. 41:861-870.
    """
    asked = check_asked(Asked((exposure, *covariates), model, "efron", tuple(strata)))
    people = check_spells(frame, asked.columns, error=EffectsError)
    levels = code_column(frame[exposure]).levels
    if len(levels) > MOST_ARMS or asked.pooled or not len(horizons):
        raise EffectsError(
            en=f"exposure: {exposure} has {len(levels)} levels; give a few levels, at least one horizon, and no stop.",
            vi=f"exposure: {exposure} có {len(levels)} mức; cần vài mức, ít nhất một mốc, và không có stop.",
        )
    spec = {"exposure": exposure, "covariates": [*covariates], "horizons": [*horizons], "model": model,
            "strata": [*strata], "draws": draws, "seed": seed}  # fmt: skip
    point = _risks(frame, people, asked, horizons, None)
    if isinstance(point, list):
        return blocked([{"estimand": "risk", "outcome": "event_1", "term": f"{exposure}[{level}]"} for level in levels],
                       spec, *point)  # fmt: skip
    drawn = _bootstrap(frame, people, asked, horizons, draws, seed, point.index)
    notes = [] if len(drawn) == draws else [
        Text(f"{draws - len(drawn)} of {draws} bootstrap draws could not be fitted and are left out.",
             f"{draws - len(drawn)} trong {draws} lần lấy mẫu lại không ước lượng được và bị bỏ.")]  # fmt: skip
    rows = lay_out_rows(point, drawn, model, people.count)
    return Estimate(table=rows, spec=spec, notes=tuple(notes))


def _bootstrap(frame, people: People, asked: Asked, horizons, draws: int, seed: int, index: pd.Index) -> np.ndarray:
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(draws):
        number = rng.multinomial(people.count, np.full(people.count, 1 / people.count)).astype("float64")
        risks = _risks(frame, people, asked, horizons, number)
        if not isinstance(risks, list):
            drawn.append(risks.reindex(index).to_numpy())
    return np.array(drawn).reshape(len(drawn), len(index))


def _risks(frame: pd.DataFrame, people: People, asked: Asked, horizons: Sequence[float], number: np.ndarray | None):
    """Give risks by (estimand, outcome, term, time) with each person counted `number` times, or reasons why not."""
    if number is None:
        counts, number = count_frame(frame, people, asked.columns), np.ones(people.count)
    else:
        weighted = frame.assign(**{WEIGHT: number[people.code]})
        counts = count_frame(weighted, people, asked.columns, WEIGHT)
    fits = {}
    for code in sorted(counts.events):
        fits[code] = fit_counts(counts, asked._replace(event=code))
        if isinstance(fits[code], list):
            return fits[code]
    if not fits:
        return [Text("event: there are no events.", "event: không có sự kiện nào.")]
    pattern = number_patterns({name: code_column(frame[name]) for name in counts.patterns}, len(frame))[1]
    first = _first_rows(people, numbers(frame["start"]))
    weight = np.bincount(pattern[first], number[people.code[first]], minlength=len(counts.patterns))
    return _assemble(counts, asked, fits, weight / weight.sum(), horizons)


def _first_rows(people: People, start: np.ndarray) -> np.ndarray:
    order = np.lexsort((start, people.code))
    return order[np.append(True, people.code[order][1:] != people.code[order][:-1])]


def _assemble(counts: Counts, asked: Asked, fits: dict[int, Fitted], weight: np.ndarray, horizons) -> pd.Series:
    exposure = asked.covariates[0]
    column = counts.patterns[exposure]
    coded = code_column(column)
    used = np.unique(coded.code)
    found: dict[tuple, float] = {}
    for code in used:
        row = int(np.flatnonzero(coded.code == code)[0])
        term = f"{exposure}[{coded.levels[code]}]"
        curves = _mean_curves(counts, asked, fits, weight, row, np.asarray(horizons, dtype="float64"))
        for event, values in curves.items():
            estimand = "probability" if event == 0 else "risk"
            for time, value in zip(horizons, values, strict=True):
                found[(estimand, f"event_{event}", term, float(time))] = value
    reference = f"{exposure}[{coded.levels[used[0]]}]"
    for (estimand, outcome, term, time), value in list(found.items()):
        if estimand == "risk" and term != reference:
            other = found[(estimand, outcome, reference, time)]
            found[("risk_difference", outcome, term, time)] = value - other
            found[("risk_ratio", outcome, term, time)] = value / other if other > 0 else np.nan
    return pd.Series(found)


def _mean_curves(counts: Counts, asked: Asked, fits: dict[int, Fitted], weight: np.ndarray, row: int, horizons):
    """Average incidences at horizons over patterns, the exposure of all set to that of pattern `row`."""
    group = stratum_of(counts, asked.strata)
    totals = {code: np.zeros(len(horizons)) for code in (0, *fits)}
    for place in np.unique(group[weight > 0]):
        rows = np.flatnonzero((group == place) & (weight > 0))
        times = np.unique(np.concatenate([np.zeros(0), *(one.times for fit in fits.values() for one in fit.laid if one.place == place)]))  # fmt: skip
        at = np.searchsorted(times, horizons, side="right")
        size = max(BLOCK // max(len(times), 1), 1)
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            hazards = {code: _hazard(fit, asked, place, part, row, times) for code, fit in fits.items()}
            for code, curve in assemble_curves(hazards, discrete=asked.model != "cox").items():
                start = float(code == 0)
                mean = np.append(start * weight[part].sum(), weight[part] @ curve)
                totals[code] += mean[at]
    return totals


def assemble_curves(hazards: dict[int, np.ndarray], *, discrete: bool) -> dict[int, np.ndarray]:
    """Turn hazards by event (patterns x times) into incidences and the probability of none (0); they sum to one."""
    total = sum(hazards.values())
    leaving = np.minimum(total, 1.0) if discrete else -np.expm1(-total)
    staying = np.cumprod(1 - leaving, axis=1)
    before = np.column_stack([np.ones(len(total)), staying[:, :-1]])
    share = before * leaving / np.where(total > 0, total, 1.0)
    return {0: staying} | {code: np.cumsum(share * hazard, axis=1) for code, hazard in hazards.items()}


def _hazard(fit: Fitted, asked: Asked, place: int, rows: np.ndarray, row: int, times: np.ndarray) -> np.ndarray:
    """Give the hazard of one event by pattern and time, with the exposure of all set to that of pattern `row`."""
    design, columns = fit.design, len(fit.beta)
    table, offset = np.zeros((len(rows), len(times))), columns
    x = Design(tuple(_set(one, rows, row, one.name == asked.covariates[0]) for one in design.covariates)).block(slice(None))  # fmt: skip
    eta = x @ fit.maximum.theta[:columns]
    for stratum in fit.laid:
        if stratum.place == place:
            at = np.searchsorted(times, stratum.times)
            if asked.model == "cox":
                sums = sum_stratum(stratum, risk_parts(stratum, design, fit.maximum.theta[:columns]), asked.ties)
                table[:, at] = np.outer(np.exp(eta), sums.ties.a)
            else:
                effects = fit.maximum.theta[offset : offset + len(stratum.times)]
                every = (eta[:, None] + effects).ravel()
                table[:, at] = LINKS[asked.model](every, np.zeros(len(every)), np.zeros(len(every)))[3].reshape(
                    len(eta), -1
                )
        offset += len(stratum.times)
    return table


def _set(one: Covariate, rows: np.ndarray, row: int, fixed: bool) -> Covariate:
    return one._replace(column=np.full(len(rows), one.column[row]) if fixed else one.column[rows])


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
            row |= {"std_error": np.std(spread, ddof=1) if len(spread) > 2 else np.nan, "conf_low": low, "conf_high": high,
                    "interval": "bootstrap_percentile"}  # fmt: skip
        rows.append(row)
    return rows
