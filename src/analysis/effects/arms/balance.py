"""Whether the arms are alike: standardised differences, weights and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.arms.matrix import check_columns, read_treatment, read_weights
from analysis.errors import EffectsError, check_options
from analysis.estimate import Estimate
from analysis.words import Message

Denominator = Literal["pooled", "treated"]
Proportions = Literal["standardised", "raw"]
Target = Literal["ate", "att", "atc", "overlap"]


def measure_balance(
    frame: pd.DataFrame,
    treatment: str,
    covariates: Sequence[str],
    *,
    weights: str | None = None,
    denominator: Denominator = "pooled",
    proportions: Proportions = "standardised",
) -> Estimate:
    """Measure how far apart the arms of `treatment` are in each of `covariates`; with `weights`, also after weighting.

    `frame` has one row a person. Rows by `method` `unweighted` and `weighted`: `standardised_difference` (treated minus
    others over the standard deviation of the unweighted arms, `denominator` `pooled` or of the `treated`), for levels
    and two-valued numbers the difference of proportions, over the deviation of a proportion, or as it is
    (`proportions="raw"`, estimand `proportion_difference`, as MatchIt and cobalt print); `variance_ratio` of numbers;
    `effective_size` an arm. `n_exposed` people with a level (for numbers: treated), `n_event` the treated among them.
    `details`: `weights`.
    Raises EffectsError for a column that is absent, incomplete or no treatment.
    Source: Austin (2009), Stat. Med. 28:3083-3107; weighted variances as in cobalt (Greifer).

    >>> arms.measure_balance(people, "treat", ["age"]).table["estimand"].tolist()
    ['standardised_difference', 'variance_ratio', 'effective_size', 'effective_size']
    """
    treated, number = read_treatment(frame, treatment), read_weights(frame, weights)
    check_columns(frame, covariates)
    check_options(EffectsError, denominator=(denominator, Denominator), proportions=(proportions, Proportions))
    columns = [pair for name in covariates for pair in _columns(frame[name])]
    rows: list[dict[str, Any]] = []
    for method, used in {"unweighted": np.ones(len(frame)), **({"weighted": number} if weights else {})}.items():
        some = [
            row
            for term, values in columns
            for row in _compare(term, values, treated, used, denominator, proportions == "raw")
        ]
        for arm in (1, 0):
            mine = treated == arm
            size = {"estimate": effective_size(used[mine]), "n": mine.sum()}
            some.append({"estimand": "effective_size", "term": f"{treatment}[{arm}]", **size})
        rows += [row | {"method": method} for row in some]
    asked = {"treatment": treatment, "covariates": [*covariates], "weights": weights}
    spec = {**asked, "denominator": denominator, "proportions": proportions}
    flat = ", ".join(sorted({row["term"] for row in rows if np.isnan(row["estimate"])}))
    notes = (
        (Message("{flat}: nothing varies in an arm, so no standardised difference or ratio is given.", flat=flat),)
        if flat
        else ()
    )
    return Estimate(
        table=pd.DataFrame(rows).assign(population="at_entry", outcome=treatment),
        spec=spec,
        notes=notes,
        details={"weights": summarise_weights(number, treated)},
    )


def effective_size(weights: NDArray) -> float:
    """Give the number of equally weighted people that `weights` are worth: (sum w)^2 / sum w^2. Source: Kish (1965).

    >>> round(arms.effective_size([1, 1, 2]), 2)
    2.67
    """
    weights = np.asarray(weights, dtype="float64")
    squares = (weights**2).sum()
    return float(weights.sum() ** 2 / squares) if squares > 0 else 0.0


def summarise_weights(weights: NDArray, treated: NDArray) -> pd.DataFrame:
    """Summarise weights an arm and in all: people, mean, least, percentiles 1 and 99, most, effective size."""
    rows = []
    for arm, members in (("all", treated | True), ("treated", treated), ("untreated", ~treated)):
        one = weights[members]
        rows.append((arm, len(one), one.mean(), *np.quantile(one, [0, 0.01, 0.99, 1]), effective_size(one)))
    return pd.DataFrame(rows, columns=["arm", "people", "mean", "least", "p1", "p99", "most", "effective_size"])


def weigh_arms(
    probability: Sequence[float] | NDArray | pd.Series,
    treated: Sequence[int] | NDArray | pd.Series,
    estimand: Target = "ate",
    *,
    stabilised: bool = False,
    cap: float | None = None,
) -> NDArray:
    """Give weights that make the arms alike, from each person's `probability` of being `treated` (above 0, below 1).

    `estimand`: `ate` (everyone: 1/p and 1/(1-p)), `att` (like the treated), `atc` (like the others), `overlap`.
    `stabilised` multiplies each arm by its share; `cap` lowers weights above that quantile (0.99: the top 1%) to it.
    Raises EffectsError for probabilities of 0 or 1, an unknown estimand, or a cap that is no share.
    Source: Cole and Hernán (2008), Am. J. Epidemiol. 168:656-664; Li, Morgan and Zaslavsky (2018), JASA 113:390-400.

    >>> arms.weigh_arms([0.5, 0.25], [1, 0]).round(2).tolist()
    [2.0, 1.33]
    """
    p, treated = np.asarray(probability, dtype="float64"), np.asarray(treated, dtype=bool)
    check_options(EffectsError, estimand=(estimand, Target))
    outside = int((~((p > 0) & (p < 1))).sum())
    if outside or len(p) != len(treated) or (cap is not None and not 0 < cap <= 1):
        raise EffectsError(
            "probability: {outside} of {count} are not between 0 and 1, for {people} people, cap {cap}; nobody "
            "may be certain to be in an arm, and a cap is a share. Restrict the comparison or correct the model.",
            outside=outside,
            count=len(p),
            people=len(treated),
            cap=cap,
        )
    own = np.where(treated, p, 1 - p)
    weights = {"ate": 1.0, "att": p, "atc": 1 - p, "overlap": p * (1 - p)}[estimand] / own
    if stabilised:
        weights = weights * np.where(treated, treated.mean(), 1 - treated.mean())
    return weights if cap is None else np.minimum(weights, np.quantile(weights, cap))


def _columns(column: pd.Series) -> list[tuple[str, NDArray]]:
    """Pair terms with numbers: the column itself, or an indicator a level."""
    if pd.api.types.is_numeric_dtype(column):
        return [(str(column.name), column.to_numpy(dtype="float64"))]
    levels = column.astype("category").cat.remove_unused_categories().cat.categories
    return [(f"{column.name}[{level}]", (column == level).to_numpy(dtype="float64")) for level in levels]


def _compare(
    term: str, values: NDArray, treated: NDArray, weights: NDArray, denominator: Denominator, raw: bool
) -> list[dict[str, Any]]:
    """Compare the arms in one column: rows of the difference, and of the ratio of variances for numbers."""
    proportion = bool(np.isin(values, (0, 1)).all())
    arms, even = (treated, ~treated), np.ones(len(values))
    one, other = (np.average(values[arm], weights=weights[arm]) for arm in arms)
    spreads = [_variance(values[arm], even[arm], proportion) for arm in arms]
    scale = 1.0 if proportion and raw else np.sqrt(spreads[0] if denominator == "treated" else np.mean(spreads))
    counts = {"term": term, "n": len(values), "n_exposed": treated.sum()}
    if proportion:
        counts |= {"n_exposed": values.sum(), "n_event": values[treated].sum()}
    found: dict[str, tuple[float, ...]] = {
        "proportion_difference" if proportion and raw else "standardised_difference": (one - other, scale)
    }
    if not proportion:
        found["variance_ratio"] = tuple(_variance(values[arm], weights[arm], False) for arm in arms)
    return [
        {**counts, "estimand": estimand, "estimate": above / below if below > 0 else np.nan}
        for estimand, (above, below) in found.items()
    ]


def _variance(values: NDArray, weights: NDArray, proportion: bool) -> float:
    mean = np.average(values, weights=weights)
    return float(mean * (1 - mean) if proportion else np.cov(values, aweights=weights))
