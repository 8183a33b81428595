"""Whether hazard ratios of a Cox model stay the same over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2

from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts
from analysis.survival.fit import Asked, Fitted, fit_counts
from analysis.survival.hazards import check_asked, count_for
from analysis.survival.likelihoods import cox
from analysis.survival.risksets import Stratum


def check_proportionality(
    frame: pd.DataFrame | Counts,
    *,
    covariates: Sequence[str],
    ties: str = "efron",
    strata: Sequence[str] = (),
    weights: str | None = None,
) -> Estimate:
    """Test that the hazard ratio of each covariate, and of all of them, does not change as time goes on.

    Takes what `fit_hazards` takes. Rows: `test` a covariate (all its levels together) and one for `all`: the score
    test for a product of the covariate with one less the probability of no event so far (Kaplan-Meier).
    Raises EffectsError for a frame that breaks its contract; blocked where the model cannot be fitted.
    Source: Grambsch and Therneau (1994), Biometrika 81:515-526.
    """
    asked = check_asked(Asked(tuple(covariates), "cox", ties, tuple(strata)))
    counts, _ = count_for(frame, asked, weights)
    spec = {"covariates": [*covariates], "ties": ties, "strata": [*strata], "weights": weights, "transform": "km"}
    base = {"method": "zph_km", "estimand": "test", "population": "at_risk", "outcome": "event_1", "n": counts.people}
    fitted = fit_counts(counts, asked)
    if isinstance(fitted, list):
        return blocked([base | {"term": term} for term in (*covariates, "all")], spec, *fitted)
    owners = fitted.design.owners
    sets = {name: np.flatnonzero(owners == place) for place, name in enumerate(covariates)}
    tests = _score_tests(counts, asked, fitted, {**sets, "all": np.arange(len(owners))})
    rows = [base | {"term": term, "statistic": value, "p_value": chi2.sf(value, df)} for term, value, df in tests]
    freedom = pd.DataFrame(tests, columns=["term", "statistic", "df"])
    return Estimate(table=rows, spec=spec, details={"tests": freedom})


def _score_tests(counts: Counts, asked: Asked, fitted: Fitted, sets: dict) -> list[tuple[str, float, int]]:
    gains = _gains(counts, fitted.laid)
    theta = fitted.maximum.theta
    plain, once, twice = (
        cox(fitted.laid, fitted.design, asked.ties, powers)(theta)
        for powers in (None, gains, [gain**2 for gain in gains])
    )
    known = once.information @ np.linalg.solve(plain.information, once.information)
    spread = twice.information - known
    tests = []
    for term, at in sets.items():
        score = once.score[at]
        tests.append((term, float(score @ np.linalg.solve(spread[np.ix_(at, at)], score)), len(at)))
    return tests


def _gains(counts: Counts, laid: Sequence[Stratum]) -> list[np.ndarray]:
    """Give one less the Kaplan-Meier curve just before each event time, less its mean over events."""
    length = len(counts.times)
    at_risk = np.append(0.0, np.cumsum(np.bincount(counts.change.indices, counts.change.data, minlength=length))[:-1])
    events = np.bincount(counts.events[1].indices, counts.events[1].data, minlength=length)
    at = np.flatnonzero(events)
    staying = np.cumprod(1 - events[at] / at_risk[at])
    gain = 1 - np.append(1.0, staying[:-1])
    number = sum(np.bincount(np.searchsorted(counts.times[at], one.times), one.tied, minlength=len(at)) for one in laid)
    gain = gain - gain @ number / number.sum()
    return [gain[np.searchsorted(counts.times[at], one.times)] for one in laid]
