"""Hazards from start-stop rows or their counts: Cox, logit and cloglog, by cause; and whether ratios last over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from analysis.errors import Blocked, EffectsError, check_lists, check_options
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.design import empty_levels
from analysis.survival.fit import Fitted, Form, HazardModel, Ties, fit_counts
from analysis.survival.frames import People, check_spells, code_people
from analysis.survival.likelihoods import cox
from analysis.survival.risksets import Stratum, has_one_period
from analysis.survival.variance import sandwich
from analysis.words import Message

RATIOS = {"cox": "hazard_ratio", "logit": "odds_ratio", "cloglog": "hazard_ratio"}
LEVEL = 0.95
FEW = 40


def fit_hazards(
    frame: pd.DataFrame | Counts,
    *,
    covariates: Sequence[str],
    model: Form = "cox",
    ties: Ties = "efron",
    strata: Sequence[str] = (),
    weights: str | None = None,
    cluster: str | None = None,
    event: int = 1,
) -> Estimate:
    """Fit the cause-specific hazard of `event` on start-stop rows (start, stop], or on counts of them by pattern.

    `frame` has person_id, start, stop, event and the `covariates`; other events leave the risk set. Numbers and bools
    are one column, levels are compared with their first. `model`: `cox` (`ties`: `efron` or `breslow`), or `logit` or
    `cloglog` with an effect a period (with `stop` among the covariates, one row a period: a constant instead). `strata`
    have their own baseline, `weights` names a column, `cluster` one whose rows go together (a person, a unit) in the
    variance.
    Rows: `hazard_ratio` (`odds_ratio` for logit) a term, standard error on the log scale, Wald interval.
    Raises EffectsError for a frame or setting that breaks its contract; where nothing can be estimated the result is
    blocked and names the column. `details`: `coefficients`, `covariance`, `fit` (rows and people used).
    Source: Efron (1977), J. Am. Stat. Assoc. 72:557-565; Lin and Wei (1989), J. Am. Stat. Assoc. 84:1074-1078.

    >>> effects.fit_hazards(frame, covariates=["sex"]).table[["term", "estimate"]].round(2).values.tolist()
    [['sex[male]', 1.88]]
    """
    check_lists(EffectsError, covariates=covariates, strata=strata)
    asked = check_model(HazardModel(tuple(covariates), model, ties, tuple(strata), event))
    counts, members = count_for(frame, asked, weights, cluster)
    spec = {"model": model, "covariates": [*covariates], "ties": ties, "strata": [*strata], "weights": weights,
            "cluster": cluster, "event": event}  # fmt: skip
    rows = lay_out_rows(counts, asked)
    try:
        if cluster is not None and members is not None and members.count < 2:
            raise Blocked(
                "{cluster}: all rows are of one cluster; clustered errors need at least two, and {few} to be trusted. "
                "Choose another column, or leave cluster out.",
                cluster=cluster,
                few=FEW,
            )
        fitted = fit_counts(counts, asked)
    except Blocked as why:
        return blocked(rows, spec, *why.reasons)
    covariance, clusters, notes = fitted.covariance, None, _notes(counts, asked, weights, cluster)
    if cluster is not None and members is not None:
        covariance, clusters = sandwich(frame, counts, asked, fitted, weights, members.code), members.count
        if clusters < FEW:
            notes.append(
                Message(
                    "{cluster}: only {clusters} clusters; the clustered standard errors are too small.",
                    cluster=cluster,
                    clusters=clusters,
                )
            )
    details = lay_out_details(counts, fitted, covariance, clusters)
    return Estimate(table=fill_rows(rows, fitted.beta, covariance), spec=spec, notes=tuple(notes), details=details)


def check_proportionality(
    frame: pd.DataFrame | Counts,
    *,
    covariates: Sequence[str],
    ties: Ties = "efron",
    strata: Sequence[str] = (),
    weights: str | None = None,
) -> Estimate:
    """Test that the hazard ratio of each covariate, and of all of them, does not change as time goes on.

    `frame`, `covariates`, `ties`, `strata` and `weights` as for `fit_hazards`. Rows: `test` a covariate (all its levels
    together) and one for `all`: the score test for a product of the covariate with one less the probability of no event
    so far (Kaplan-Meier).
    Raises EffectsError for a frame that breaks its contract; blocked where the model cannot be fitted.
    Source: Grambsch and Therneau (1994), Biometrika 81:515-526.

    >>> effects.check_proportionality(frame, covariates=["sex"]).table["term"].tolist()
    ['sex', 'all']
    """
    check_lists(EffectsError, covariates=covariates, strata=strata)
    asked = check_model(HazardModel(tuple(covariates), "cox", ties, tuple(strata)))
    counts, _ = count_for(frame, asked, weights)
    spec = {"covariates": [*covariates], "ties": ties, "strata": [*strata], "weights": weights, "transform": "km"}
    base = {"method": "zph_km", "estimand": "test", "population": "at_risk", "outcome": "event_1", "n": counts.people}
    try:
        fitted = fit_counts(counts, asked)
    except Blocked as why:
        return blocked([base | {"term": term} for term in (*covariates, "all")], spec, *why.reasons)
    owners = fitted.design.owners
    sets = {name: np.flatnonzero(owners == place) for place, name in enumerate(covariates)}
    tests = score_tests(counts, asked, fitted, {**sets, "all": np.arange(len(owners))})
    rows = [base | {"term": term, "statistic": value, "p_value": chdtrc(df, value)} for term, value, df in tests]
    return Estimate(table=rows, spec=spec, details={"tests": pd.DataFrame(tests, columns=["term", "statistic", "df"])})


def check_model(model: HazardModel) -> HazardModel:
    """Refuse settings that are not among the allowed."""
    check_options(EffectsError, model=(model.form, Form), ties=(model.ties, Ties))
    if not isinstance(model.event, int | np.integer) or model.event < 1:
        raise EffectsError("event is {event!r}; it must be 1, 2, ....", event=model.event)
    if own := {"person_id", "event"} & {*model.covariates}:
        raise EffectsError("covariates: {own} cannot explain the event. Leave it out.", own=sorted(own))
    if model.pooled and model.form == "cox":
        raise EffectsError(
            "covariates: stop cannot be a covariate of a Cox model, which leaves time free. Use logit or cloglog."
        )
    return model


def count_for(
    frame: pd.DataFrame | Counts, model: HazardModel, weights: str | None, cluster: str | None = None
) -> tuple[Counts, People | None]:
    """Check and count a frame by the columns of a model, and give its clusters; counts are taken as they are."""
    if isinstance(frame, Counts):
        missing = [name for name in model.columns if name not in frame.patterns]
        if missing or weights is not None or cluster is not None:
            raise EffectsError(
                "Counts are by {patterns}: they lack {missing}, carry their weights and know no clusters. Count by "
                "these columns and with these weights; give the rows for clusters.",
                patterns=list(frame.patterns),
                missing=missing,
            )
        counts, members = frame, None
    else:
        needed = [*model.columns, *([cluster] if cluster else [])]
        people = check_spells(frame, needed, weights=weights, apart=model.strata, error=EffectsError)
        counts = count_frame(frame, people, model.columns, weights)
        members = people if cluster in (None, "person_id") else code_people(frame[cluster])
    if model.pooled and not has_one_period(counts):
        raise EffectsError(
            "stop: with stop as a covariate each row must be one period of the same length. Cut the rows into "
            "periods, or leave stop out to have an effect a period."
        )
    return counts, members


def _terms(counts: Counts, model: HazardModel) -> list[tuple[str, str]]:
    """Pair each covariate with the levels it has a row for; `""` for numbers."""
    pairs = []
    for name in model.covariates:
        column, levels = counts.patterns[name], [""]
        if isinstance(column.dtype, pd.CategoricalDtype):
            there = [*map(str, column.cat.remove_unused_categories().cat.categories)]
            levels = there[1:] or there
        pairs += [(name, level) for level in levels]
    return pairs


def lay_out_rows(counts: Counts, model: HazardModel) -> list[dict[str, Any]]:
    """Lay out a row a term with the people behind it and no numbers yet."""
    seen = counts.people_by.set_index(["column", "level"]).to_dict("index")
    effective = np.nan
    if counts.weight_sums is not None and counts.weight_sums[1] > 0:
        effective = counts.weight_sums[0] ** 2 / counts.weight_sums[1]
    method, outcome = f"cox_{model.ties}" if model.form == "cox" else model.form, f"event_{model.event}"
    return [
        {
            "method": method, "estimand": RATIOS[model.form], "population": "at_risk", "outcome": outcome,
            "term": f"{name}[{level}]" if level else name, "se_scale": "log", "conf_level": LEVEL, "interval": "wald",
            "n": counts.people, "n_exposed": seen.get((name, level), {}).get("people", 0),
            "n_event": seen.get((name, level), {}).get(outcome, 0), "n_effective": effective,
        }
        for name, level in _terms(counts, model)
    ]  # fmt: skip


def fill_rows(rows: list[dict[str, Any]], beta: np.ndarray, covariance: np.ndarray) -> list[dict[str, Any]]:
    """Fill rows of ratios with estimates and Wald intervals."""
    z = ndtri(0.5 + LEVEL / 2)
    error = np.sqrt(np.diag(covariance))
    filled = {
        "estimate": np.exp(beta),
        "std_error": error,
        "conf_low": np.exp(beta - z * error),
        "conf_high": np.exp(beta + z * error),
    }
    return [row | {name: values[place] for name, values in filled.items()} for place, row in enumerate(rows)]


def _notes(counts: Counts, model: HazardModel, weights: str | None, cluster: str | None) -> list[Message]:
    notes = []
    for name in model.covariates:
        empty = ", ".join(f"{name}[{level}]" for level in empty_levels(counts.patterns[name]))
        if empty:
            notes.append(Message("{empty}: nobody is at risk in it; it has no row.", empty=empty))
    if counts.weight_sums is not None and cluster is None:
        notes.append(
            Message(
                "weights without a cluster: standard errors take a weight for so many people. Cluster by person_id "
                "where weights are not counts."
            )
        )
    return notes


def lay_out_details(
    counts: Counts, fitted: Fitted, covariance: np.ndarray, clusters: int | None
) -> dict[str, pd.DataFrame]:
    """Lay out coefficients, their covariance and what the fit used."""
    terms, best = fitted.design.terms, fitted.maximum
    coefficients = pd.DataFrame(
        {
            "term": terms,
            "coefficient": fitted.beta,
            "std_error": np.sqrt(np.diag(covariance)),
            "model_std_error": np.sqrt(np.diag(fitted.covariance)),
        }
    )
    fit = pd.DataFrame({
        "loglik": [best.point.loglik], "loglik_null": [best.start.loglik], "rows": [counts.rows],
        "people": [counts.people], "patterns": [len(counts.patterns)], "steps": [best.steps],
        "parameters": [len(best.theta)], "clusters": [clusters],
    })  # fmt: skip
    matrix = pd.DataFrame(covariance, index=terms, columns=terms).rename_axis("term").reset_index()
    return {"coefficients": coefficients, "covariance": matrix, "fit": fit}


def score_tests(
    counts: Counts, model: HazardModel, fitted: Fitted, sets: dict[str, np.ndarray]
) -> list[tuple[str, float, int]]:
    """Test products of sets of columns with time: (term, statistic, degrees of freedom)."""
    gains = _gains(counts, fitted.laid)
    theta = fitted.maximum.theta
    plain, once, twice = (
        cox(fitted.laid, fitted.design, model.ties, powers)(theta)
        for powers in (None, gains, [gain**2 for gain in gains])
    )
    known = once.information @ np.linalg.solve(plain.information, once.information)
    spread = twice.information - known

    def statistic(at: np.ndarray) -> float:
        return float(once.score[at] @ np.linalg.solve(spread[np.ix_(at, at)], once.score[at]))

    return [(term, statistic(at), len(at)) for term, at in sets.items()]


def _gains(counts: Counts, laid: Sequence[Stratum]) -> list[np.ndarray]:
    """Give one less the Kaplan-Meier curve just before each event time, less its mean over events."""
    at_risk, events = counts.totals([1])
    at = np.flatnonzero(events[1])
    staying = np.cumprod(1 - events[1][at] / at_risk[at])
    gain = 1 - np.append(1.0, staying[:-1])
    places = [np.searchsorted(counts.times[at], one.times) for one in laid]
    tied = (np.bincount(place, one.tied, minlength=len(at)) for place, one in zip(places, laid, strict=True))
    number = sum(tied, np.zeros(len(at)))
    gain = gain - gain @ number / number.sum()
    return [gain[place] for place in places]
