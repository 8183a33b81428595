"""Should a difference be believed: every check of it in one table, from the same trials and from variants of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.effects.checks.placebo import Placebo, draw_placebos, look_before
from analysis.effects.checks.sensitivity import benchmark_bounds
from analysis.effects.checks.variants import vary_specifications
from analysis.effects.checks.verdict import COPIED, NOT_ASSESSABLE, Check, judge, verdict_rows
from analysis.effects.rows import label_row
from analysis.effects.trials.columns import lay_out_columns
from analysis.effects.trials.emulate import Emulation, estimate_difference, prepare
from analysis.effects.trials.initiation import weigh_entries
from analysis.effects.trials.itt import Rows, Run, lay_out, model_covariance
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, Part, risks_by_method
from analysis.effects.trials.question import Question
from analysis.errors import Blocked
from analysis.estimate import Estimate, blocked
from analysis.reference import VerdictRule, verdict_rule

NOT_BEFORE = ("tenure_band",)
EARLY, UNRELATED = 6, "unrelated"  # begun in any month: trials a quarter of a year apart are enough for a control
Row = Mapping[str, Any]


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

    `frame` and settings as for `emulate_trials`. `variants` names other frames of the same people (`build_variants`):
    `lag` and `unrelated`, which the rule needs, and any others, which are shown. Rows: `risk_difference` a `run` (main,
    early, each variant), the main `risk_ratio`, those that figures need (observed, placebo, specification, balance), a
    `check` each (1 held, 0 did not, empty: not made) and the `verdict`, named by `term` (see `read_verdict`).
    `details`: `checks` (check, passed, value, limit), `specifications`, `bounds`. The verdict is also in
    `spec["verdict"]`; blocked with `not_assessable` where the main difference is.
    """
    chosen, variants = emulation or Emulation(primary=verdict_rule().horizon), variants or {}
    horizon, question = chosen.primary, Question(treatment, eligible, covariates, confounders)
    spec = {**asdict(question), "horizon": horizon, "variants": [*variants], "seed": seed}
    try:
        run = prepare(frame, question, (horizon,), chosen)
    except Blocked as why:
        row = label_row("risk_difference", treatment, horizon, MODELLED, run="main")
        return blocked([row, *verdict_rows(NOT_ASSESSABLE, (), row)], {**spec, "verdict": NOT_ASSESSABLE}, *why.reasons)
    others = {
        name: found
        for name, one in variants.items()
        if (found := estimate_difference(one, question, replace(chosen, apart=3) if name == UNRELATED else chosen))
    }
    (part,) = run.fit.parts
    run = replace(run, fit=replace(run.fit, parts=(replace(part, horizons=(EARLY, horizon)),)))
    laid = {(row["time"], row["estimand"]): row for row in lay_out(run, *model_covariance(run))}
    main, early = (laid[time, "risk_difference"] for time in (horizon, EARLY))
    checks, details, shown = _run_checks(run, main, early, others, seed)
    word, reasons = judge(checks)
    table = [
        {**main, "run": "main"},
        *({**row, "run": name} for name, row in others.items()),
        {**early, "run": "early"},
        *shown,
        {**laid[horizon, "risk_ratio"], "run": "main"},
        *verdict_rows(word, checks, main),
    ]
    return Estimate(
        table=pd.DataFrame(table),
        spec={**spec, "verdict": word},
        notes=tuple(reasons),
        details={"checks": pd.DataFrame([one._asdict() for one in checks]), **details},
        status="ok" if word == "supported" else "warned",
    )


def _run_checks(
    run: Run, main: Row, early: Row, others: Mapping[str, Row], seed: int
) -> tuple[list[Check], dict[str, pd.DataFrame], Rows]:
    asked, (part,), (initiation,), horizon = verdict_rule(), run.fit.parts, run.fit.initiations, main["time"]
    z, strict = norm.ppf(0.5 + asked.level / 2), norm.ppf(0.5 + asked.control_level / 2)
    side = np.sign(main["estimate"])
    placebo = draw_placebos(run, part, initiation, horizon, draws=asked.placebo_draws, seed=seed)
    timeless = (":".join(one for one in name.split(":") if one not in NOT_BEFORE) for name in run.question.covariates)
    before = look_before(run, part, [name for name in timeless if name])
    balance = measure_arms(run, part)
    worst = float(balance["weighted"].abs().max())
    table = vary_specifications(run, horizon)
    same = float((np.sign(table["risk_difference"]) == side).mean())
    bounds = _bounds(run, part, horizon, asked)
    left = (bounds["side"] * bounds["estimate"] - z * bounds["std_error"]).min() if len(bounds) else np.nan
    checks = [
        _stands("interval", main, side, z),
        Check("placebo", placebo.p_value <= asked.placebo_p, placebo.p_value, asked.placebo_p),
        _nothing("negative_outcome", before and before._asdict(), strict),
        _nothing("negative_exposure", others.get(UNRELATED), strict),
        Check("early", bool(early["estimate"] < z * early["std_error"]), early["estimate"] / early["std_error"], z),
        _stands("lag", others.get("lag"), side, z),
        _agree(run, main, asked.apart),
        Check("balance", worst <= asked.balance, worst, asked.balance),
        Check("specifications", same >= asked.same_side, same, asked.same_side),
        Check("benchmark", None if np.isnan(left) else bool(left > 0), left, 0.0),
    ]
    return checks, {"specifications": table, "bounds": bounds}, _figure_rows(main, placebo, table, balance)


def _stands(name: str, row: Row | None, side: float, z: float) -> Check:
    """Check that the interval of a difference leaves 0 out, on the side of the main one."""
    if row is None:
        return Check(name, None, np.nan, 0.0)
    limit = row["estimate"] - side * z * row["std_error"]
    return Check(name, bool(side * limit > 0), limit, 0.0)


def _nothing(name: str, row: Row | None, strict: float) -> Check:
    """Check that something which should be nothing is."""
    z = row["estimate"] / row["std_error"] if row else np.nan
    return Check(name, bool(abs(z) < strict) if row else None, z, strict)


def _agree(run: Run, main: Row, apart: float) -> Check:
    """Check the largest distance of the other methods' differences from the main one, in its standard errors."""
    risks = np.stack([*risks_by_method(run.cells, run.fit, (MODELLED, WEIGHTED, JOINED)).values()])
    gaps = risks[:, 1, -1] - risks[:, 0, -1] - main["estimate"]
    largest = float(np.abs(gaps / main["std_error"]).max())
    return Check("methods", largest <= apart, largest, apart)


def _plain(run: Run) -> list[str]:
    """List the covariates, uncrossed, in which those eligible differ."""
    used, patterns = np.unique(run.cells.pattern), run.trials.patterns
    return [str(name) for name in patterns if len(pd.unique(patterns[name].iloc[used])) > 1]


def measure_arms(run: Run, part: Part) -> pd.DataFrame:
    """Standardised differences of the arms by column, unweighted and weighted (by the spread of everyone eligible)."""
    columns, cells, (initiation,) = lay_out_columns(run.cells.patterns, _plain(run)), run.cells, run.fit.initiations
    number = cells.at_risk[:, 0] * (initiation.stratum >= 0.0)
    values = columns.table[cells.pattern]
    spread = np.sqrt(number @ (values - number @ values / number.sum()) ** 2 / number.sum())
    table = pd.DataFrame({"term": columns.names})
    for name, weight in (("unweighted", number), ("weighted", number * weigh_entries(initiation, cells))):
        arms = [weight * (cells.arm == arm) for arm in (0, 1)]
        none, some = (own @ values / own.sum() for own in arms)
        table[name] = (some - none) / np.where(spread > 0, spread, 1.0)
    return table[spread > 0]


def _bounds(run: Run, part: Part, horizon: int, asked: VerdictRule) -> pd.DataFrame:
    """What a cause as strong as each benchmark would leave of the difference in a linear model of person-trials."""
    people, known = run.trials.people, _plain(run)
    rows = np.flatnonzero(part.trials[people.trial])
    frame = run.trials.patterns[known].iloc[people.pattern[rows]].reset_index(drop=True)
    promoted = (people.event[rows] == 1) & (people.length[rows] <= horizon)
    frame = frame.assign(
        promoted=promoted * 1.0, started=people.arm[rows] * 1.0, trial=pd.Categorical(people.trial[rows])
    )
    found = []
    for name in [name for name in asked.benchmarks if name in known]:
        bound = benchmark_bounds(
            frame,
            outcome="promoted",
            treatment="started",
            covariates=["trial", *known],
            benchmark=name,
            multiples=(asked.benchmark,),
        )
        found.append(bound.iloc[[-1]].assign(side=np.sign(bound["estimate"].iloc[0])))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _figure_rows(main: Row, placebo: Placebo, table: pd.DataFrame, balance: pd.DataFrame) -> Rows:
    """Rows that only figures need: draws of placebo starters, other specifications, balance."""
    bare = {name: main[name] for name in COPIED}
    gap = {**bare, "estimand": "risk_difference", "term": main["term"]}
    rows = [{**gap, "run": "observed", "method": "placebo", "estimate": placebo.estimate}]
    rows += [{**gap, "run": "placebo", "method": "placebo", "estimate": value} for value in placebo.draws]
    rows += [
        {**gap, "run": "specification", "method": method, "population": population, "estimate": value}
        for method, population, value in table[["method", "population", "risk_difference"]].itertuples(index=False)
    ]
    return rows + [
        {
            **bare,
            "run": "balance",
            "estimand": "standardised_difference",
            "term": term,
            "method": name,
            "estimate": value,
        }
        for term, *values in balance.itertuples(index=False)
        for name, value in zip(("unweighted", "weighted"), values, strict=True)
    ]
