"""Published studies computed anew with the estimators of this package: one function a case, frame in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.effects.arms.balance import weigh_arms
from analysis.effects.arms.pooled import SQUARED, TIME, estimate_survival, expand_periods
from analysis.effects.arms.regression import Regression, fit_linear, fit_propensity
from analysis.effects.rows import WIDE
from analysis.estimate import Estimate, pick
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import check_proportionality, fit_hazards

SQUARED_TOO = ("age", "smokeintensity", "smokeyrs", "wt71")
LEVELS = ("education", "exercise", "active")
SMOKER = ["sex", "race", *LEVELS, *SQUARED_TOO, *(f"{name}_squared" for name in SQUARED_TOO)]
LATER = "smkintensity82_71"  # a change up to 1982: in the book's standardised hazard, though it comes after quitting
YEARS = 120


def prepare_smokers(frame: pd.DataFrame) -> pd.DataFrame:
    """Prepare the follow-up of smokers (NHEFS): squares, levels, months from January 1983 to death or December 1992."""
    squares = {f"{name}_squared": frame[name] ** 2 for name in SQUARED_TOO}
    levels = {name: frame[name].astype("int64").astype("str") for name in LEVELS}
    died = frame["death"] == 1
    months = np.where(died, (frame["yrdth"] - 83) * 12 + frame["modth"], YEARS).astype("int64")
    return frame.assign(
        **squares,
        **levels,
        qsmk=frame["qsmk"].astype("int64"),
        person_id=np.arange(len(frame)),
        start=0,
        stop=months,
        event=died.astype("int64"),
    )


def reproduce_smoking(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce What If: quitting smoking, weight gain to 1982 and death to 1992."""
    people = prepare_smokers(frame)
    return {**_weight_gain(people.dropna(subset="wt82_71")), **_deaths(people)}


def _weight_gain(people: pd.DataFrame) -> dict[str, float]:
    model = fit_propensity(people, "qsmk", SMOKER)
    plain, stable = (weigh_arms(model.fitted, people["qsmk"], stabilised=one) for one in (False, True))
    people = people.assign(plain=plain, stable=stable, product=people["qsmk"] * people["smokeintensity"])
    naive, weighted, stabilised = (
        _table(fit_linear(people, "wt82_71", ["qsmk"], weights=name)).loc["qsmk"] for name in (None, "plain", "stable")
    )
    error = weighted["robust_std_error"]
    line = _table(fit_linear(people, "wt82_71", ["qsmk", "product", *SMOKER]))["coefficient"]
    gain = line["qsmk"] + line["product"] * people["smokeintensity"].mean()
    stay = (people["wt82_71"] - line["qsmk"] * people["qsmk"] - line["product"] * people["product"]).mean()
    return {
        "naive": naive["coefficient"],
        **_coefficients(model, "propensity_{}"),
        **_spread("weight", plain),
        "weighted": weighted["coefficient"],
        "weighted_error": error,
        "weighted_low": weighted["coefficient"] - WIDE * error,
        "weighted_high": weighted["coefficient"] + WIDE * error,
        **_spread("stabilised", stable),
        "stabilised": stabilised["coefficient"],
        "outcome_quit": line["qsmk"],
        "outcome_product": line["product"],
        "standardised": gain,
        "standardised_stay": stay,
        "standardised_quit": stay + gain,
    }


def _deaths(people: pd.DataFrame) -> dict[str, float]:
    probability = fit_propensity(people, "qsmk", SMOKER).fitted
    people = people.assign(weight=weigh_arms(probability, people["qsmk"], stabilised=True))
    months = expand_periods(people[["person_id", "start", "stop", "event", "qsmk", "weight", LATER, *SMOKER]])
    observed = estimate_incidence(people, by="qsmk", horizons=(YEARS,))
    crude, weighted, standardised = (
        estimate_survival(months, exposure="qsmk", horizons=(YEARS,), **asked)
        for asked in ({}, {"weights": "weight"}, {"covariates": [*SMOKER, LATER]})
    )
    stay, quit_ = _staying(observed, YEARS)
    return {
        "person_months": len(months),
        "log_rank": _statistic(observed),
        "observed_stay": stay,
        "observed_quit": quit_,
        **_clock("hazard", crude),
        **_clock("weighted", weighted),
        **_survival("survival_weighted", weighted),
        **_survival("survival_standardised", standardised),
    }


def _clock(name: str, estimate: Estimate) -> dict[str, float]:
    """Give the coefficients of quitting as the book has them: on surviving, so with the sign turned."""
    terms = {"quit": "qsmk", "quit_time": f"qsmk:{TIME}", "quit_square": f"qsmk:{SQUARED}"}
    return {f"{name}_{key}": -_table(estimate)["coefficient"][term] for key, term in terms.items()}


def _survival(name: str, estimate: Estimate) -> dict[str, float]:
    risk = estimate.table.set_index("term")["estimate"]
    return {f"{name}_stay": 1 - risk["qsmk[0]"], f"{name}_quit": 1 - risk["qsmk[1]"], name: -risk["qsmk"]}


def reproduce_salespeople(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce the handbook's logistic regression of promotion on sales, customers' rating and performance."""
    people = frame.dropna().astype({"performance": "int64"}).astype({"performance": "str"})
    rows, names = _follow(people.assign(time=1), "time", "promoted"), ["sales", "customer_rate"]
    whole, simple = (fit_hazards(rows, covariates=some, model="logit") for some in ([*names, "performance"], names))
    fit, small = (one.details["fit"].iloc[0] for one in (whole, simple))
    return {
        **_coefficients(whole),
        "aic": 2 * fit["parameters"] - 2 * fit["loglik"],
        **_coefficients(fit_propensity(people, "promoted", names), "simple_{}"),
        "simple_deviance": -2 * small["loglik"],
    }


def reproduce_retention(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce the handbook's Cox model of leaving a job, its test and its curves."""
    rows = _follow(frame, "month", "left").assign(content=(frame["sentiment"] >= 7).astype("int64"))
    covariates = ["gender", "field", "level", "sentiment"]
    women, men = _staying(estimate_incidence(rows, by="gender", horizons=(12,)), 12)
    return {
        **_coefficients(fit_hazards(rows, covariates=covariates)),
        "proportionality": check_proportionality(rows, covariates=covariates).table["statistic"].iloc[-1],
        "staying_women": women,
        "staying_men": men,
        "log_rank": _statistic(estimate_incidence(rows, by="content", horizons=(12,))),
    }


def reproduce_promotion(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce a Cox model of the years to promotion, and the tests that look at one covariate at a time."""
    names, rows = ["flexible", "diverse", "store"], _follow(frame, "year", "promoted")
    curves = {name: estimate_incidence(rows, by=name, horizons=(7,)) for name in names}
    return {
        **_coefficients(fit_hazards(rows, covariates=names)),
        **{f"log_rank_{name}": _statistic(curve) for name, curve in curves.items()},
        "staying": _staying(curves["flexible"], 7)[0],
    }


CASES: dict[str, Callable[[pd.DataFrame], dict[str, float]]] = {
    "smoking": reproduce_smoking,
    "salespeople": reproduce_salespeople,
    "retention": reproduce_retention,
    "promotion": reproduce_promotion,
}


def _follow(frame: pd.DataFrame, stop: str, event: str) -> pd.DataFrame:
    return frame.assign(person_id=np.arange(len(frame)), start=0, stop=frame[stop], event=frame[event])


def _table(fitted: Estimate | Regression) -> pd.DataFrame:
    """Give the coefficients of a model by term."""
    table = fitted.details["coefficients"] if isinstance(fitted, Estimate) else fitted.coefficients
    return table.set_index("term")


def _coefficients(fitted: Estimate | Regression, label: str = "{}") -> dict[str, float]:
    """Give coefficients, and errors as `_error`, as the published answers name them (`field[Law/...]`: field_law)."""
    named = [label.format(term.split("/")[0].strip("]").replace("[", "_").lower()) for term in _table(fitted).index]
    table = _table(fitted).set_axis(named)
    return {**table["coefficient"], **table["std_error"].add_suffix("_error")}


def _statistic(estimate: Estimate) -> float:
    return pick(estimate.table, method="log_rank")["statistic"].iloc[0]


def _staying(estimate: Estimate, time: float) -> Sequence[float]:
    """Give the probability of no event by a time, a group, in the order of the groups."""
    return pick(estimate.table, estimand="probability", time=time)["estimate"].tolist()


def _spread(name: str, weights: np.ndarray) -> dict[str, float]:
    return {f"{name}_mean": weights.mean(), f"{name}_least": weights.min(), f"{name}_most": weights.max()}
