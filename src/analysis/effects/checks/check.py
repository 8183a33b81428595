"""Should a difference be believed: every check of it in one table, from the same trials and from variants of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.effects.checks.placebo import draw_placebos, look_before
from analysis.effects.checks.sensitivity import benchmark_bounds
from analysis.effects.checks.single import Check, check_balance, check_methods, measure_arms
from analysis.effects.checks.variants import vary_specifications
from analysis.effects.checks.verdict import judge, rule
from analysis.effects.trials.emulate import Emulation, prepare
from analysis.effects.trials.itt import MODELLED, Run, lay_out, model_covariance
from analysis.estimate import Estimate, blocked
from analysis.text import Text

NOT_BEFORE = ("tenure_band",)
EARLY, UNRELATED = 6, "unrelated"


def check_effect(
    frame: Any,
    *,
    covariates: Sequence[str],
    confounders: Sequence[str],
    treatment: str = "trained",
    eligible: str = "eligible",
    variants: Mapping[str, Any] | None = None,
    emulation: Emulation | None = None,
    seed: int = 0,
) -> Estimate:
    """Check the difference at the primary horizon in every way that the pre-set rule (verdict.yml) asks for.

    `frame` and settings as for `emulate_trials`. `variants` names other frames of the same people: `lag` (a start counts
    some months on; the rule needs it), `unrelated` (starts of a course that should do nothing; needed too) and any others,
    which are shown. Rows: `risk_difference` a `run` (main, early, each variant), and those that figures need (observed, placebo,
    specification, balance). `details`: `checks` (check, passed, value, limit), `specifications`, `bounds`, `verdict`.
    The verdict is also in `spec["verdict"]`; blocked with `not_assessable` where the main difference is.
    """
    chosen = emulation or Emulation(primary=rule()["horizon"])
    horizon = chosen.primary
    settings = {"treatment": treatment, "eligible": eligible, "covariates": covariates, "confounders": confounders}
    run = prepare(frame, **settings, horizons=(horizon,), emulation=chosen)
    spec = {**settings, "horizon": horizon, "variants": [*(variants or {})], "seed": seed}
    if not isinstance(run, Run):
        return _not_assessable(spec, treatment, horizon, run)
    run = replace(run, fit=replace(run.fit, parts=(replace(run.fit.parts[0], horizons=(EARLY, horizon)),)))
    early, main = _gaps(run)
    others = {name: _variant(one, settings, horizon, _spaced(chosen, name)) for name, one in (variants or {}).items()}
    checks, details, shown = _run_checks(run, main, early, others, covariates, confounders, horizon, seed)
    word, reasons = judge(checks)
    rows = [{**main, "run": "main"}, *({**row, "run": name} for name, row in others.items() if row)]
    rows += [{**early, "run": "early"}, *shown]
    details["checks"] = pd.DataFrame([one._asdict() for one in checks])
    details["verdict"] = pd.DataFrame(
        [{"word": word, "en": reason.en, "vi": reason.vi} for reason in reasons or [Text("", "")]]
    )
    return Estimate(table=rows, spec={**spec, "verdict": word}, notes=tuple(reasons), details=details,
                    status="ok" if word == "supported" else "warned")  # fmt: skip


def _not_assessable(spec: dict, treatment: str, horizon: int, reasons: Sequence[Text]) -> Estimate:
    row = {"run": "main", "method": "pooled_logistic", "estimand": "risk_difference", "population": "eligible",
           "outcome": "event_1", "term": treatment, "time": horizon}  # fmt: skip
    return blocked([row], {**spec, "verdict": "not_assessable"}, *reasons)


def _gaps(run: Run) -> list[dict[str, Any]]:
    risks, covariance = model_covariance(run, "eligible")
    rows = lay_out(run, risks, covariance, MODELLED, "eligible", None)
    return [row for row in rows if row["estimand"] == "risk_difference"]


def _spaced(chosen: Emulation, name: str) -> Emulation:
    """Courses that begin in any month would make a trial a month: a quarter of a year apart is enough for a control."""
    return replace(chosen, apart=3) if name == UNRELATED else chosen


def _variant(frame: Any, settings: dict, horizon: int, chosen: Emulation) -> dict[str, Any] | None:
    run = prepare(frame, **settings, horizons=(horizon,), emulation=chosen)
    return _gaps(run)[0] if isinstance(run, Run) else None


def _run_checks(
    run, main, early, others, covariates, confounders, horizon, seed
) -> tuple[list[Check], dict[str, pd.DataFrame], list[dict[str, Any]]]:
    asked, part = rule(), next(one for one in run.fit.parts if horizon in one.horizons)
    z, strict = norm.ppf(0.5 + asked["level"] / 2), norm.ppf(0.5 + asked["control_level"] / 2)
    side, error = np.sign(main["estimate"]), main["std_error"]
    limit = main["estimate"] - side * z * error
    checks = [Check("interval", bool(side * limit > 0), limit, 0.0)]
    placebo = draw_placebos(run, part, horizon, draws=asked["placebo_draws"], seed=seed)
    checks.append(Check("placebo", placebo.p_value <= asked["placebo_p"], placebo.p_value, asked["placebo_p"]))
    names = [one for name in covariates for one in [_without_time(name)] if one]
    before = look_before(run, part, names)
    checks.append(Check("negative_outcome", None if before is None else abs(before.estimate / before.std_error) < strict,
                        np.nan if before is None else before.estimate / before.std_error, strict))  # fmt: skip
    checks.append(_control(others.get(UNRELATED), strict))
    checks.append(
        Check("early", bool(early["estimate"] < z * early["std_error"]), early["estimate"] / early["std_error"], z)
    )
    checks.append(_lagged(others.get("lag"), side, z))
    checks += [
        check_methods(run, main, horizon, asked["apart"]),
        check_balance(run, part, confounders, asked["balance"]),
    ]
    table = vary_specifications(run, covariates, confounders, horizon)
    same = float((np.sign(table["risk_difference"]) == side).mean())
    checks.append(Check("specifications", same >= asked["same_side"], same, asked["same_side"]))
    bounds = _bounds(run, part, horizon, asked)
    left = (bounds["side"] * bounds["estimate"] - z * bounds["std_error"]).min() if len(bounds) else np.nan
    checks.append(Check("benchmark", None if np.isnan(left) else bool(left > 0), left, 0.0))
    shown = _figure_rows(run, main, placebo, table, measure_arms(run, part, _plain(run)))
    return checks, {"specifications": table, "bounds": bounds}, shown


def _plain(run: Run) -> list[str]:
    """List the covariates, uncrossed, in which those eligible differ."""
    used, patterns = np.unique(run.cells.pattern), run.trials.patterns
    return [name for name in patterns if len(pd.unique(patterns[name].iloc[used])) > 1]


def _without_time(name: str) -> str:
    return ":".join(part for part in name.split(":") if part not in NOT_BEFORE)


def _control(row: dict | None, strict: float) -> Check:
    if row is None:
        return Check("negative_exposure", None, np.nan, strict)
    z = row["estimate"] / row["std_error"]
    return Check("negative_exposure", bool(abs(z) < strict), z, strict)


def _lagged(row: dict | None, side: float, z: float) -> Check:
    if row is None:
        return Check("lag", None, np.nan, 0.0)
    limit = row["estimate"] - side * z * row["std_error"]
    return Check("lag", bool(side * limit > 0), limit, 0.0)


def _bounds(run: Run, part, horizon: int, asked: Mapping) -> pd.DataFrame:
    """What a cause as strong as each benchmark would leave of the difference in a linear model of person-trials."""
    people, patterns = run.trials.people, run.trials.patterns
    rows = np.flatnonzero(part.trials[people.trial])
    known = _plain(run)
    frame = patterns[known].iloc[people.pattern[rows]].reset_index(drop=True)
    promoted = (people.event[rows] == 1) & (people.length[rows] <= horizon)
    frame = frame.assign(promoted=promoted.astype("float64"), started=people.arm[rows].astype("float64"),
                         trial=pd.Categorical(people.trial[rows]))  # fmt: skip
    found = []
    for name in asked["benchmarks"]:
        if name in known:
            bound = benchmark_bounds(frame, outcome="promoted", treatment="started", covariates=["trial", *known],
                                     benchmark=name, multiples=(asked["benchmark"],))  # fmt: skip
            found.append(bound.iloc[[-1]].assign(side=np.sign(bound["estimate"].iloc[0])))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _figure_rows(run: Run, main: dict, placebo, table: pd.DataFrame, balance: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows that only figures need: draws of placebo starters, other specifications, balance."""
    bare = {
        name: main[name] for name in ("n", "n_exposed", "n_event", "population", "outcome", "term", "time", "method")
    }
    gap = {**bare, "estimand": "risk_difference"}
    rows = [{**gap, "run": "observed", "method": "placebo", "estimate": placebo.estimate}]
    rows += [{**gap, "run": "placebo", "method": "placebo", "estimate": value} for value in placebo.draws]
    rows += [{**gap, "run": "specification", "method": one["method"], "population": one["population"], "estimate": one["risk_difference"]}
             for one in table.to_dict("records")]  # fmt: skip
    for one in balance.to_dict("records"):
        rows += [{**bare, "run": "balance", "estimand": "standardised_difference", "term": one["term"], "method": name,
                  "estimate": one[name]} for name in ("unweighted", "weighted")]  # fmt: skip
    return rows
