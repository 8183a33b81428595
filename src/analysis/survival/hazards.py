"""Hazards from start-stop rows or their counts: Cox, logit and cloglog, by cause, with clustered variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import EffectsError
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.design import empty_levels
from analysis.survival.fit import Asked, Fitted, fit_counts
from analysis.survival.frames import People, check_spells, code_people
from analysis.survival.risksets import has_one_period
from analysis.survival.variance import cox_scores, discrete_scores, find_spans, sum_of_squares
from analysis.text import Text

MODELS = {"cox": "hazard_ratio", "logit": "odds_ratio", "cloglog": "hazard_ratio"}
TIES = ("efron", "breslow")
LEVEL = 0.95
FEW = 40


def fit_hazards(
    frame: pd.DataFrame | Counts,
    *,
    covariates: Sequence[str],
    model: str = "cox",
    ties: str = "efron",
    strata: Sequence[str] = (),
    weights: str | None = None,
    cluster: str | None = None,
    event: int = 1,
) -> Estimate:
    """Fit the cause-specific hazard of `event` on start-stop rows (start, stop], or on counts of them by pattern.

    `frame` has person_id, start, stop, event and the covariates; other events leave the risk set. Numbers and bools
    are one column, levels are compared with their first. `model`: `cox`, or `logit` or `cloglog` with an effect a
    period (with `stop` among the covariates, one row a period: a constant instead). `strata` have their own baseline,
    `weights` names a column, `cluster` one whose rows go together (a person, a unit) in the variance.
    Rows: `hazard_ratio` (`odds_ratio` for logit) a term, standard error on the log scale, Wald interval.
    Raises EffectsError for a frame or setting that breaks its contract; where nothing can be estimated the result is
    blocked and names the column. `details`: `coefficients`, `covariance`, `fit` (rows and people used).
    Source: Efron (1977), J. Am. Stat. Assoc. 72:557-565; Lin and Wei (1989), J. Am. Stat. Assoc. 84:1074-1078.
    """
    asked = check_asked(Asked(tuple(covariates), model, ties, tuple(strata), event))
    counts, people = count_for(frame, asked, weights, cluster)
    spec = {"model": model, "covariates": [*covariates], "ties": ties, "strata": [*strata], "weights": weights,
            "cluster": cluster, "event": event}  # fmt: skip
    fitted = fit_counts(counts, asked)
    if isinstance(fitted, list):
        return blocked(lay_out_rows(counts, asked, _terms(counts, asked)), spec, *fitted)
    covariance, clusters, notes = fitted.covariance, None, _notes(counts, asked, weights, cluster)
    if cluster is not None:
        members = people if cluster == "person_id" else code_people(frame[cluster])
        covariance, clusters = cluster_variance(frame, counts, asked, fitted, weights, members), members.count
        if clusters < FEW:
            notes.append(Text(f"{cluster}: only {clusters} clusters; the clustered standard errors are too small.",
                              f"{cluster}: chỉ có {clusters} cụm; sai số chuẩn theo cụm bị nhỏ hơn thật."))  # fmt: skip
    return Estimate(
        table=fill_rows(lay_out_rows(counts, asked, _terms(counts, asked)), fitted.beta, covariance),
        spec=spec,
        notes=tuple(notes),
        details=lay_out_details(counts, fitted, covariance, clusters),
    )


def check_asked(asked: Asked) -> Asked:
    """Refuse settings that are not among the allowed."""
    for name, seen, allowed in (("model", asked.model, MODELS), ("ties", asked.ties, TIES)):
        if seen not in allowed:
            raise EffectsError(en=f"{name} is {seen!r}; allowed: {', '.join(allowed)}.",
                               vi=f"{name} là {seen!r}; được phép: {', '.join(allowed)}.")  # fmt: skip
    if not isinstance(asked.event, (int, np.integer)) or asked.event < 1:
        raise EffectsError(en=f"event is {asked.event!r}; it must be 1, 2, ....", vi=f"event là {asked.event!r}; phải là 1, 2, ....")  # fmt: skip
    if asked.pooled and asked.model == "cox":
        raise EffectsError(
            en="covariates: stop cannot be a covariate of a Cox model, which leaves time free. Use logit or cloglog.",
            vi="covariates: stop không thể là biến của mô hình Cox. Hãy dùng logit hoặc cloglog.",
        )
    return asked


def count_for(frame: pd.DataFrame | Counts, asked: Asked, weights: str | None, cluster: str | None = None):
    """Check and count a frame by the columns of a model: (counts, people); counts are taken as they are."""
    if isinstance(frame, Counts):
        missing = [name for name in asked.columns if name not in frame.patterns]
        if missing or weights is not None or cluster is not None:
            raise EffectsError(
                en=f"Counts are by {list(frame.patterns)}: they lack {missing}, carry their weights and know no "
                "clusters. Count by these columns and with these weights; give the rows for clusters.",
                vi=f"Số đếm theo {list(frame.patterns)}: thiếu {missing}, đã mang sẵn trọng số và không biết cụm. "
                "Hãy đếm theo các cột này và với trọng số đó; muốn có cụm hãy đưa các dòng.",
            )
        counts, people = frame, None
    else:
        needed = [*asked.columns, *([cluster] if cluster else [])]
        people = check_spells(frame, needed, weights=weights, apart=asked.strata, error=EffectsError)
        counts = count_frame(frame, people, asked.columns, weights)
    if asked.pooled and not has_one_period(counts):
        raise EffectsError(
            en="stop: with stop as a covariate each row must be one period of the same length. Cut the rows into "
            "periods, or leave stop out to have an effect a period.",
            vi="stop: khi stop là biến thì mỗi dòng phải là một kỳ dài như nhau. Hãy cắt dòng theo kỳ, hoặc bỏ stop.",
        )
    return counts, people


def cluster_variance(frame: pd.DataFrame, counts: Counts, asked: Asked, fitted: Fitted, weights: str | None,
                     members: People) -> np.ndarray:  # fmt: skip
    """Give the sandwich variance of the coefficients, scores summed within clusters."""
    design, theta = fitted.design, fitted.maximum.theta
    spans = find_spans(
        frame, counts, asked.strata, fitted.laid, event=asked.event, weights=weights, pooled=asked.pooled
    )
    if asked.model == "cox":
        scores, width = cox_scores(fitted.laid, design, theta, asked.ties), 4 * len(fitted.beta)
    else:
        scores = discrete_scores(fitted.laid, design, theta, asked.model)
        width = 4 * len(fitted.beta) + 6 * len(theta)
    meat = sum_of_squares(scores, spans, members.code, width)
    bread = fitted.covariance * fitted.design.scale
    return bread @ meat @ bread.T


def _terms(counts: Counts, asked: Asked) -> list[tuple[str, str]]:
    """Pair each covariate with the levels it has a row for; `""` for numbers."""
    pairs = []
    for name in asked.covariates:
        column = counts.patterns[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = [*map(str, column.cat.remove_unused_categories().cat.categories)]
            pairs += [(name, level) for level in levels[1:] or levels]
        else:
            pairs.append((name, ""))
    return pairs


def lay_out_rows(counts: Counts, asked: Asked, terms: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Lay out a row a term with the people behind it and no numbers yet."""
    seen = counts.people_by.set_index(["column", "level"])
    happened = f"event_{asked.event}" if f"event_{asked.event}" in seen else None
    effective = np.nan
    if counts.weight_sums is not None and counts.weight_sums[1] > 0:
        effective = counts.weight_sums[0] ** 2 / counts.weight_sums[1]
    method = f"cox_{asked.ties}" if asked.model == "cox" else asked.model
    rows = []
    for name, level in terms:
        people = seen.loc[(name, level)] if (name, level) in seen.index else None
        rows.append({
            "method": method, "estimand": MODELS[asked.model], "population": "at_risk",
            "outcome": f"event_{asked.event}", "term": f"{name}[{level}]" if level else name, "se_scale": "log",
            "conf_level": LEVEL, "interval": "wald", "n": counts.people,
            "n_exposed": 0 if people is None else people["people"],
            "n_event": 0 if people is None or happened is None else people[happened], "n_effective": effective,
        })  # fmt: skip
    return rows


def fill_rows(rows: list[dict[str, Any]], beta: np.ndarray, covariance: np.ndarray) -> list[dict[str, Any]]:
    """Fill rows of ratios with estimates and Wald intervals."""
    z = norm.ppf(0.5 + LEVEL / 2)
    error = np.sqrt(np.diag(covariance))
    filled = {"estimate": np.exp(beta), "std_error": error, "conf_low": np.exp(beta - z * error),
              "conf_high": np.exp(beta + z * error)}  # fmt: skip
    return [row | {name: values[place] for name, values in filled.items()} for place, row in enumerate(rows)]


def _notes(counts: Counts, asked: Asked, weights: str | None, cluster: str | None) -> list[Text]:
    notes = []
    for name in asked.covariates:
        empty = ", ".join(f"{name}[{level}]" for level in empty_levels(counts.patterns[name]))
        if empty:
            notes.append(Text(f"{empty}: nobody is at risk in it; it has no row.",
                              f"{empty}: không ai thuộc mức này; không có dòng."))  # fmt: skip
    if counts.weight_sums is not None and cluster is None:
        notes.append(Text("weights without a cluster: standard errors take a weight for so many people. Cluster by "
                          "person_id where weights are not counts.",
                          "có trọng số mà không có cụm: sai số chuẩn coi trọng số là số người. Hãy đặt cụm theo "
                          "person_id nếu trọng số không phải số đếm."))  # fmt: skip
    return notes


def lay_out_details(counts: Counts, fitted: Fitted, covariance: np.ndarray, clusters: int | None) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Lay out coefficients, their covariance and what the fit used."""
    terms, best = fitted.design.terms, fitted.maximum
    coefficients = pd.DataFrame({
        "term": terms, "coefficient": fitted.beta, "std_error": np.sqrt(np.diag(covariance)),
        "model_std_error": np.sqrt(np.diag(fitted.covariance)),
    })  # fmt: skip
    fit = pd.DataFrame({
        "loglik": [best.point.loglik], "loglik_null": [best.start.loglik], "rows": [counts.rows],
        "people": [counts.people], "patterns": [len(counts.patterns)], "steps": [best.steps],
        "parameters": [len(best.theta)], "clusters": [clusters],
    })  # fmt: skip
    matrix = pd.DataFrame(covariance, index=terms, columns=terms).rename_axis("term").reset_index()
    return {"coefficients": coefficients, "covariance": matrix, "fit": fit}
