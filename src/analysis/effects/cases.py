"""Published studies computed anew with the estimators of this package: one function a case, frame in, numbers out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.effects.arms.balance import weigh_arms
from analysis.effects.arms.linear import fit_linear
from analysis.effects.arms.pooled import SQUARED, TIME, estimate_survival, expand_periods
from analysis.effects.arms.propensity import fit_propensity
from analysis.estimate import Estimate
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import fit_hazards
from analysis.survival.proportionality import check_proportionality

SMOKER = [
    "sex", "race", "age", "age_squared", "education", "smokeintensity", "smokeintensity_squared", "smokeyrs",
    "smokeyrs_squared", "exercise", "active", "wt71", "wt71_squared",
]  # fmt: skip
LATER = "smkintensity82_71"  # a change up to 1982: in the book's standardised hazard, though it comes after quitting
YEARS = 120


def prepare_smokers(frame: pd.DataFrame) -> pd.DataFrame:
    """Prepare the follow-up of smokers (NHEFS): squares, levels, months from January 1983 to death or December 1992."""
    squares = {f"{name}_squared": frame[name] ** 2 for name in ("age", "smokeintensity", "smokeyrs", "wt71")}
    levels = {name: frame[name].astype("int64").astype("str") for name in ("education", "exercise", "active")}
    died = frame["death"] == 1
    months = np.where(died, (frame["yrdth"] - 83) * 12 + frame["modth"], YEARS).astype("int64")
    return frame.assign(**squares, **levels, qsmk=frame["qsmk"].astype("int64"), person_id=np.arange(len(frame)), start=0,
                        stop=months, event=died.astype("int64"))  # fmt: skip


def reproduce_smoking(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce What If: quitting smoking, weight gain to 1982 and death to 1992."""
    people = prepare_smokers(frame)
    return {**_weight_gain(people.dropna(subset="wt82_71")), **_deaths(people)}


def _weight_gain(people: pd.DataFrame) -> dict[str, float]:
    model = fit_propensity(people, "qsmk", SMOKER)
    plain, stable = (weigh_arms(model.fitted, people["qsmk"], stabilised=one) for one in (False, True))
    people = people.assign(plain=plain, stable=stable, product=people["qsmk"] * people["smokeintensity"])
    naive, weighted, stabilised = (_row(fit_linear(people, "wt82_71", ["qsmk"], weights=name).coefficients, "qsmk")
                                   for name in (None, "plain", "stable"))  # fmt: skip
    half = norm.ppf(0.975) * weighted["robust_std_error"]
    reasons, line = (one.coefficients.set_index("term")["coefficient"]
                     for one in (model, fit_linear(people, "wt82_71", ["qsmk", "product", *SMOKER])))  # fmt: skip
    gain = line["qsmk"] + line["product"] * people["smokeintensity"].mean()
    quit_share = line["qsmk"] * people["qsmk"].mean() + line["product"] * people["product"].mean()
    stay = people["wt82_71"].mean() - quit_share
    return {
        "naive": naive["coefficient"],
        **{f"propensity_{name}": reasons[name] for name in ("sex", "race", "age")},
        **{f"weight_{name}": value for name, value in _spread(plain).items()},
        "weighted": weighted["coefficient"], "weighted_error": weighted["robust_std_error"],
        "weighted_low": weighted["coefficient"] - half, "weighted_high": weighted["coefficient"] + half,
        **{f"stabilised_{name}": value for name, value in _spread(stable).items()},
        "stabilised": stabilised["coefficient"],
        "outcome_quit": line["qsmk"], "outcome_product": line["product"], "standardised": gain,
        "standardised_stay": stay, "standardised_quit": stay + gain,
    }  # fmt: skip


def _deaths(people: pd.DataFrame) -> dict[str, float]:
    probability = fit_propensity(people, "qsmk", SMOKER).fitted
    people = people.assign(weight=weigh_arms(probability, people["qsmk"], stabilised=True))
    kept = ["person_id", "start", "stop", "event", "qsmk", "weight", LATER, *SMOKER]
    months = expand_periods(people[kept])
    observed = estimate_incidence(people, by="qsmk", horizons=(YEARS,))
    crude, weighted, standardised = (
        estimate_survival(months, exposure="qsmk", horizons=(YEARS,), **asked)
        for asked in ({}, {"weights": "weight"}, {"covariates": [*SMOKER, LATER]})
    )
    stay, quit_ = _staying(observed, YEARS)
    return {
        "person_months": len(months), "log_rank": _statistic(observed), "observed_stay": stay, "observed_quit": quit_,
        **_clock("hazard", crude), **_clock("weighted", weighted),
        **_survival("survival_weighted", weighted), **_survival("survival_standardised", standardised),
    }  # fmt: skip


def _clock(name: str, estimate: Estimate) -> dict[str, float]:
    """Give the coefficients of quitting as the book has them: on surviving, so with the sign turned."""
    beta = -estimate.details["coefficients"].set_index("term")["coefficient"]
    return {f"{name}_quit": beta["qsmk"], f"{name}_quit_time": beta[f"qsmk:{TIME}"], f"{name}_quit_square": beta[f"qsmk:{SQUARED}"]}  # fmt: skip


def _survival(name: str, estimate: Estimate) -> dict[str, float]:
    risk = estimate.table.set_index("term")["estimate"]
    return {f"{name}_stay": 1 - risk["qsmk[0]"], f"{name}_quit": 1 - risk["qsmk[1]"], name: -risk["qsmk"]}


def reproduce_salespeople(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce the handbook's logistic regression of promotion on sales, customers' rating and performance."""
    people = frame.dropna().astype({"performance": "int64"}).astype({"performance": "str"})
    rows = people.assign(person_id=np.arange(len(people)), start=0, stop=1, event=people["promoted"])
    whole = fit_hazards(rows, covariates=["sales", "customer_rate", "performance"], model="logit")
    beta, fit = _coefficients(whole), whole.details["fit"].iloc[0]
    simple = fit_hazards(rows, covariates=["sales", "customer_rate"], model="logit")
    small = _coefficients(simple)["coefficient"]
    constant = fit_propensity(people, "promoted", ["sales", "customer_rate"]).coefficients["coefficient"].iloc[0]
    return {
        **{name: beta.loc[name, "coefficient"] for name in ("sales", "customer_rate")},
        **{f"{name}_error": beta.loc[name, "std_error"] for name in ("sales", "customer_rate")},
        **{f"performance_{level}": beta.loc[f"performance[{level}]", "coefficient"] for level in (2, 3, 4)},
        "aic": 2 * fit["parameters"] - 2 * fit["loglik"],
        "simple_constant": constant, "simple_sales": small["sales"], "simple_customer_rate": small["customer_rate"],
        "simple_deviance": -2 * simple.details["fit"]["loglik"].iloc[0],
    }  # fmt: skip


def reproduce_retention(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce the handbook's Cox model of leaving a job, its test and its curves."""
    rows = _follow(frame, "month", "left").assign(content=(frame["sentiment"] >= 7).astype("int64"))
    covariates = ["gender", "field", "level", "sentiment"]
    beta = _coefficients(fit_hazards(rows, covariates=covariates))
    staying = _staying(estimate_incidence(rows, by="gender", horizons=(12,)), 12)
    tests = check_proportionality(rows, covariates=covariates).table
    fields = {
        "finance": "Finance",
        "health": "Health",
        "law": "Law",
        "public": "Public/Government",
        "sales": "Sales/Marketing",
    }
    return {
        "gender_m": beta.loc["gender[M]", "coefficient"],
        **{f"field_{name}": beta.loc[f"field[{level}]", "coefficient"] for name, level in fields.items()},
        **{f"level_{level.lower()}": beta.loc[f"level[{level}]", "coefficient"] for level in ("Low", "Medium")},
        "sentiment": beta.loc["sentiment", "coefficient"], "sentiment_error": beta.loc["sentiment", "std_error"],
        "proportionality": tests["statistic"].iloc[-1],
        "staying_women": staying[0], "staying_men": staying[1],
        "log_rank": _statistic(estimate_incidence(rows, by="content", horizons=(12,))),
    }  # fmt: skip


def reproduce_promotion(frame: pd.DataFrame) -> dict[str, float]:
    """Reproduce a Cox model of the years to promotion, and the tests that look at one covariate at a time."""
    names, rows = ["flexible", "diverse", "store"], _follow(frame, "year", "promoted")
    beta = _coefficients(fit_hazards(rows, covariates=names))
    curves = {name: estimate_incidence(rows, by=name, horizons=(7,)) for name in names}
    return {
        **{name: beta.loc[name, "coefficient"] for name in names},
        **{f"{name}_error": beta.loc[name, "std_error"] for name in names},
        **{f"log_rank_{name}": _statistic(curve) for name, curve in curves.items()},
        "staying": _staying(curves["flexible"], 7)[0],
    }  # fmt: skip


CASES: dict[str, Callable[[pd.DataFrame], dict[str, float]]] = {
    "smoking": reproduce_smoking,
    "salespeople": reproduce_salespeople,
    "retention": reproduce_retention,
    "promotion": reproduce_promotion,
}


def _follow(frame: pd.DataFrame, stop: str, event: str) -> pd.DataFrame:
    return frame.assign(person_id=np.arange(len(frame)), start=0, stop=frame[stop], event=frame[event])


def _row(table: pd.DataFrame, term: str) -> pd.Series:
    return table.set_index("term").loc[term]


def _coefficients(estimate: Estimate) -> pd.DataFrame:
    return estimate.details["coefficients"].set_index("term")


def _statistic(estimate: Estimate) -> float:
    return estimate.table.loc[estimate.table["method"] == "log_rank", "statistic"].iloc[0]


def _staying(estimate: Estimate, time: float) -> Sequence[float]:
    """Give the probability of no event by a time, a group, in the order of the groups."""
    rows = estimate.table
    return rows.loc[(rows["estimand"] == "probability") & (rows["time"] == time), "estimate"].tolist()


def _spread(weights: np.ndarray) -> dict[str, float]:
    return {"mean": weights.mean(), "least": weights.min(), "most": weights.max()}
