"""Whether the arms are alike: standardised differences, weights and what they cost, overlap of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.arms.matrix import check_columns, read_treatment
from analysis.effects.arms.propensity import read_weights
from analysis.errors import EffectsError
from analysis.estimate import Estimate
from analysis.text import Text

DENOMINATORS = ("pooled", "treated")
PROPORTIONS = ("standardised", "raw")
TARGETS = ("ate", "att", "atc", "overlap")


def measure_balance(
    frame: pd.DataFrame,
    treatment: str,
    covariates: Sequence[str],
    *,
    weights: str | None = None,
    denominator: str = "pooled",
    proportions: str = "standardised",
) -> Estimate:
    """Measure how far apart the arms are in each covariate, one row a person; with `weights`, also after weighting.

    Rows by `method` `unweighted` and `weighted`: `standardised_difference` (treated minus others over the standard
    deviation of the unweighted arms, pooled or of the treated), for levels and two-valued numbers the difference of
    proportions, over the deviation of a proportion, or as it is (`proportions="raw"`, estimand
    `proportion_difference`, as MatchIt and cobalt print); `variance_ratio` of numbers; `effective_size` an arm.
    `n_exposed` people with a level (for numbers: treated), `n_event` the treated among them. `details`: `weights`.
    Raises EffectsError for a column that is absent, incomplete or no treatment.
    Source: Austin (2009), Stat. Med. 28:3083-3107; weighted variances as in cobalt (Greifer).
    """
    treated, number = read_treatment(frame, treatment), read_weights(frame, weights)
    check_columns(frame, covariates)
    _check_word("denominator", denominator, DENOMINATORS)
    _check_word("proportions", proportions, PROPORTIONS)
    rows: list[dict[str, Any]] = []
    for method, used in [("unweighted", np.ones(len(frame)))] + ([("weighted", number)] if weights else []):
        for name in covariates:
            for term, values in _columns(frame[name]):
                rows += [row | {"method": method} for row in
                         _compare(term, values, treated, used, denominator, proportions)]  # fmt: skip
        rows += [{"method": method, "estimand": "effective_size", "term": f"{treatment}[{int(arm)}]",
                  "estimate": effective_size(used[treated == arm]), "n": (treated == arm).sum()}
                 for arm in (True, False)]  # fmt: skip
    spec = {"treatment": treatment, "covariates": [*covariates], "weights": weights, "denominator": denominator,
            "proportions": proportions}  # fmt: skip
    flat = sorted({row["term"] for row in rows if np.isnan(row["estimate"])})
    notes = [Text(f"{', '.join(flat)}: nothing varies in an arm, so no standardised difference or ratio is given.",
                  f"{', '.join(flat)}: không thay đổi trong một nhóm nên không có chênh lệch chuẩn hóa.")] if flat else []  # fmt: skip
    return Estimate(table=pd.DataFrame(rows).assign(population="at_entry", outcome=treatment), spec=spec,
                    notes=tuple(notes), details={"weights": summarise_weights(number, treated)})  # fmt: skip


def effective_size(weights: np.ndarray) -> float:
    """Give the number of equally weighted people that weights are worth: (sum w)^2 / sum w^2. Source: Kish (1965)."""
    weights = np.asarray(weights, dtype="float64")
    squares = (weights**2).sum()
    return float(weights.sum() ** 2 / squares) if squares > 0 else 0.0


def summarise_weights(weights: np.ndarray, treated: np.ndarray) -> pd.DataFrame:
    """Summarise weights an arm and in all: people, mean, least, percentiles 1 and 99, most, effective size."""
    rows = []
    for arm, members in (("all", np.ones(len(treated), dtype=bool)), ("treated", treated), ("untreated", ~treated)):
        one = np.asarray(weights, dtype="float64")[members]
        rows.append({"arm": arm, "people": len(one), "mean": one.mean(), "least": one.min(), "p1": np.quantile(one, 0.01),
                     "p99": np.quantile(one, 0.99), "most": one.max(), "effective_size": effective_size(one)})  # fmt: skip
    return pd.DataFrame(rows)


def weigh_arms(
    probability: np.ndarray,
    treated: np.ndarray,
    estimand: str = "ate",
    *,
    stabilised: bool = False,
    cap: float | None = None,
) -> np.ndarray:
    """Give weights that make the arms alike, from the probability of being treated (one a person, between 0 and 1).

    `estimand`: `ate` (everyone: 1/p and 1/(1-p)), `att` (like the treated), `atc` (like the others), `overlap`.
    `stabilised` multiplies each arm by its share; `cap` lowers weights above that quantile (0.99: the largest 1%) to it.
    Raises EffectsError for probabilities of 0 or 1, an unknown estimand, or a cap that is no share.
    Source: Cole and Hernán (2008), Am. J. Epidemiol. 168:656-664; Li, Morgan and Zaslavsky (2018), JASA 113:390-400.
    """
    p, treated = np.asarray(probability, dtype="float64"), np.asarray(treated, dtype=bool)
    _check_word("estimand", estimand, TARGETS)
    outside = int((~((p > 0) & (p < 1))).sum())
    if outside or len(p) != len(treated) or (cap is not None and not 0 < cap <= 1):
        raise EffectsError(
            en=f"probability: {outside} of {len(p)} are not between 0 and 1, for {len(treated)} people, cap {cap}; nobody "
            "may be certain to be in an arm, and a cap is a share. Restrict the comparison or correct the model.",
            vi=f"probability: {outside} trong {len(p)} giá trị không nằm giữa 0 và 1, cho {len(treated)} người, cap {cap}; "
            "không ai được chắc chắn thuộc một nhóm, và cap là một tỷ lệ. Hãy thu hẹp so sánh hoặc sửa mô hình.",
        )
    own = np.where(treated, p, 1 - p)
    weights = {"ate": np.ones(len(p)), "att": p, "atc": 1 - p, "overlap": p * (1 - p)}[estimand] / own
    if stabilised:
        weights = weights * np.where(treated, treated.mean(), 1 - treated.mean())
    return weights if cap is None else np.minimum(weights, np.quantile(weights, cap))


def measure_overlap(probability: np.ndarray, treated: np.ndarray, *, bins: int = 10) -> pd.DataFrame:
    """Count people an arm in equal bins of the probability of being treated.

    Gives columns `low`, `high`, `treated`, `untreated` (people) and `share` (treated among them; empty where nobody is).
    """
    treated = np.asarray(treated, dtype=bool)
    edges = np.linspace(0, 1, bins + 1)
    one, other = (np.histogram(np.asarray(probability)[arm], edges)[0] for arm in (treated, ~treated))
    both = one + other
    share = np.divide(one, both, out=np.full(bins, np.nan), where=both > 0)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "treated": one, "untreated": other, "share": share})


def _check_word(name: str, seen: object, allowed: Sequence[str]) -> None:
    if seen not in allowed:
        raise EffectsError(en=f"{name} is {seen!r}; allowed: {', '.join(allowed)}.",
                           vi=f"{name} là {seen!r}; được phép: {', '.join(allowed)}.")  # fmt: skip


def _columns(column: pd.Series) -> list[tuple[str, np.ndarray]]:
    """Pair terms with numbers: the column itself, or an indicator a level."""
    if pd.api.types.is_numeric_dtype(column):
        return [(str(column.name), column.to_numpy(dtype="float64"))]
    levels = column.astype("category").cat.remove_unused_categories().cat.categories
    return [(f"{column.name}[{level}]", (column == level).to_numpy(dtype="float64")) for level in levels]


def _compare(term: str, values: np.ndarray, treated: np.ndarray, weights: np.ndarray, denominator: str,
             proportions: str) -> list[dict[str, Any]]:  # fmt: skip
    """Compare the arms in one column: rows of the difference, and of the ratio of variances for numbers."""
    proportion = set(np.unique(values)) <= {0.0, 1.0}
    one, other = (np.average(values[arm], weights=weights[arm]) for arm in (treated, ~treated))
    plain = np.ones(len(values))
    spreads = [_variance(values[arm], plain[arm], proportion) for arm in (treated, ~treated)]
    scale = np.sqrt(spreads[0] if denominator == "treated" else np.mean(spreads))
    raw = proportion and proportions == "raw"
    difference = one - other if raw else (one - other) / scale if scale > 0 else np.nan
    counts = {"n": len(values), "n_exposed": treated.sum()}
    if proportion:
        counts |= {"n_exposed": values.sum(), "n_event": values[treated].sum()}
    estimand = "proportion_difference" if raw else "standardised_difference"
    rows = [{"estimand": estimand, "term": term, "estimate": difference, **counts}]
    if not proportion:
        top, bottom = (_variance(values[arm], weights[arm], False) for arm in (treated, ~treated))
        ratio = top / bottom if bottom > 0 else np.nan
        rows.append({"estimand": "variance_ratio", "term": term, "estimate": ratio, **counts})
    return rows


def _variance(values: np.ndarray, weights: np.ndarray, proportion: bool) -> float:
    total = weights.sum()
    mean = weights @ values / total
    if proportion:
        return float(mean * (1 - mean))
    left = total**2 - (weights**2).sum()
    return float(total * (weights @ (values - mean) ** 2) / left) if left > 0 else np.nan
