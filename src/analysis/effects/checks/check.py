"""Should a difference be believed: every check of it in one table, from the same trials and from variants of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.effects.checks.placebo import Placebo, draw_placebos, look_before
from analysis.effects.checks.sensitivity import benchmark_bounds
from analysis.effects.checks.variants import vary_specifications
from analysis.effects.checks.verdict import COPIED, NOT_ASSESSABLE, Check, judge, verdict_rows
from analysis.effects.rows import label_row, wald
from analysis.effects.trials.columns import join_levels, lay_out_columns
from analysis.effects.trials.emulate import Emulation, choose, estimate_gap, prepare
from analysis.effects.trials.initiation import weigh_entries
from analysis.effects.trials.itt import Rows, Run, lay_out, model_covariance
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, risks_by_method
from analysis.effects.trials.question import Question
from analysis.effects.trials.specify import THIN
from analysis.errors import Blocked, EffectsError, check_lists
from analysis.estimate import Estimate, blocked
from analysis.reference import VerdictRule, verdict_rule

NOT_BEFORE = ("tenure_band",)
EARLY, UNRELATED = 6, "unrelated"  # begun in any month: trials a quarter of a year apart are enough for a control
MISSING = {"estimate": np.nan, "std_error": np.nan}
Row = Mapping[str, Any]


def check_effect(
    frame: Any,
    *,
    covariates: Sequence[str],
    confounders: Sequence[str],
    variants: Mapping[str, Any] | None = None,
    emulation: Emulation | None = None,
) -> Estimate:
    """Check the difference at the primary horizon in every way that the pre-set rule (verdict.yml) asks for.

    `frame`, `covariates`, `confounders` and `emulation` as for `emulate_trials`. `variants` names other frames of the
    same people (`build_variants`): `lag` and `unrelated`, which the rule needs, and any others, which are shown. Rows:
    `risk_difference` a `run` (main, early, each variant), the main `risk_ratio`, those that figures need (observed,
    placebo, specification, balance), the `odds_ratio` of promotions before, a `check` each (1 held, 0 did not, empty:
    not made) and the `verdict`, named by `term` (see `read_verdict`). `details`: `checks` (check, passed, value,
    limit), `specifications`, `bounds`. The verdict is also in `spec["verdict"]`; blocked with `not_assessable` where
    the main difference is.

    >>> found = effects.check_effect(spells, covariates=["sex"], confounders=["sex"])
    >>> found.pick(estimand="verdict").table["term"].tolist()
    ['not_distinguishable']
    """
    check_lists(EffectsError, covariates=covariates, confounders=confounders)
    chosen, variants = choose(emulation, primary=verdict_rule().horizon), variants or {}
    horizon, question = chosen.primary, Question(covariates=covariates, confounders=confounders)
    if horizon <= EARLY:
        raise EffectsError(
            "primary is {horizon} months; the checks need more than the {early} in which a start is too early to tell.",
            horizon=horizon,
            early=EARLY,
        )
    spec = {**asdict(question), "horizon": horizon, "variants": [*variants]}
    try:
        run = prepare(frame, question, (horizon,), chosen)
    except Blocked as why:
        row = label_row("risk_difference", question.treatment, horizon, MODELLED, run="main")
        return blocked([row, *verdict_rows(NOT_ASSESSABLE, (), row)], {**spec, "verdict": NOT_ASSESSABLE}, *why.reasons)
    others = {
        name: found.row
        for name, one in variants.items()
        if (found := estimate_gap(one, question, replace(chosen, apart=3) if name == UNRELATED else chosen))
    }
    (part,) = run.fit.parts
    run = replace(run, fit=replace(run.fit, parts=(replace(part, horizons=(EARLY, horizon)),)))
    laid = {(row["time"], row["estimand"]): row for row in lay_out(run, *model_covariance(run))}
    main, early = (laid[time, "risk_difference"] for time in (horizon, EARLY))
    checks, details, shown = _run_checks(run, main, early, others)
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
    run: Run, main: Row, early: Row, others: Mapping[str, Row]
) -> tuple[list[Check], dict[str, pd.DataFrame], Rows]:
    asked, side = verdict_rule(), np.sign(main["estimate"])
    z, strict = (ndtri(0.5 + level / 2) for level in (asked.level, asked.control_level))

    def near(row: Row) -> float:
        """Give the limit, nearer to 0, of the interval of a difference on the side of the main one."""
        return row["estimate"] - side * z * row["std_error"]

    lag, unrelated = (others.get(name, MISSING) for name in ("lag", UNRELATED))
    placebo = draw_placebos(run, draws=asked.placebo_draws)
    timeless = (":".join(one for one in name.split(":") if one not in NOT_BEFORE) for name in run.question.covariates)
    before, error = look_before(run, [name for name in timeless if name])
    balance, table, bounds = measure_arms(run), vary_specifications(run), _bounds(run, asked)
    worst = float(balance["weighted"].abs().max())
    same = float((np.sign(table["risk_difference"]) == side).mean())
    left = (bounds["side"] * bounds["estimate"] - z * bounds["std_error"]).min() if len(bounds) else np.nan
    apart = _apart(run, main)
    started, risen = (row["estimate"] / row["std_error"] for row in (unrelated, early))
    checks = [
        _check("interval", near(main), 0.0, side * near(main) > 0),
        _check("placebo", placebo.p_value, asked.placebo_p, placebo.p_value <= asked.placebo_p),
        _check("negative_outcome", before / error, strict, abs(before / error) < strict),
        _check("negative_exposure", started, strict, abs(started) < strict),
        _check("early", risen, z, risen < z),
        _check("lag", near(lag), 0.0, side * near(lag) > 0),
        _check("methods", apart, asked.apart, apart <= asked.apart),
        _check("balance", worst, asked.balance, worst <= asked.balance),
        _check("specifications", same, asked.same_side, same >= asked.same_side),
        _check("benchmark", left, 0.0, left > 0),
    ]
    odds = wald(before, error) | {"se_scale": "log", "run": "before", "estimand": "odds_ratio"}
    odds |= {name: np.exp(odds[name]) for name in ("estimate", "conf_low", "conf_high")}
    odds |= {name: main[name] for name in (*COPIED, "term")}
    return checks, {"specifications": table, "bounds": bounds}, [*_figure_rows(main, placebo, table, balance), odds]


def _check(name: str, value: float, limit: float, held: bool) -> Check:
    """Lay a check out; one whose value is no number could not be made."""
    return Check(name, None if np.isnan(value) else bool(held), value, limit)


def _apart(run: Run, main: Row) -> float:
    """Give the largest distance of the other methods' differences from the main one, in its standard errors."""
    risks = np.stack([*risks_by_method(run.cells, run.fit, (MODELLED, WEIGHTED, JOINED)).values()])
    gaps = risks[:, 1, -1] - risks[:, 0, -1] - main["estimate"]
    return float(np.abs(gaps / main["std_error"]).max())


def _plain(run: Run) -> list[str]:
    """List the covariates, uncrossed, in which those eligible differ."""
    used, patterns = np.unique(run.cells.pattern), run.trials.patterns
    return [str(name) for name in patterns if len(pd.unique(patterns[name].iloc[used])) > 1]


def measure_arms(run: Run) -> pd.DataFrame:
    """Standardised differences of the arms by column, unweighted and weighted (by the spread of everyone eligible).

    Levels of fewer than `THIN` starters, or others, are joined to a neighbour: they cannot be alike, nor be told.
    """
    cells, (initiation,), plain = run.cells, run.fit.initiations, _plain(run)
    number = cells.at_risk[:, 0] * (initiation.stratum >= 0.0)
    arms = [np.bincount(cells.pattern, number * (cells.arm == arm), minlength=len(cells.patterns)) for arm in (0, 1)]
    columns = lay_out_columns(cells.patterns, plain, join_levels(cells.patterns, plain, np.column_stack(arms), THIN))
    values = columns.table[cells.pattern]
    spread = np.sqrt(number @ (values - number @ values / number.sum()) ** 2 / number.sum())
    table = pd.DataFrame({"term": columns.names})
    for name, weight in (("unweighted", number), ("weighted", number * weigh_entries(initiation, cells))):
        none, some = (np.average(values, axis=0, weights=weight * (cells.arm == arm)) for arm in (0, 1))
        table[name] = (some - none) / np.where(spread > 0, spread, 1.0)
    return table[spread > 0]


def _bounds(run: Run, asked: VerdictRule) -> pd.DataFrame:
    """What a cause as strong as each benchmark would leave of the difference in a linear model of person-trials."""
    people, known, (part,) = run.trials.people, _plain(run), run.fit.parts
    rows = np.flatnonzero(part.trials[people.trial])
    promoted = (people.event[rows] == 1) & (people.length[rows] <= part.follow)
    kinds, heads = np.unique(run.code[rows] * 2 + promoted, return_counts=True)  # rows alike are one, with their number
    entry, cells = kinds // 2, run.cells
    frame = run.trials.patterns[known].iloc[cells.pattern[entry]].reset_index(drop=True)
    frame = frame.assign(
        promoted=kinds % 2 * 1.0, started=cells.arm[entry] * 1.0, trial=pd.Categorical(cells.trial[entry]), heads=heads
    )
    model: dict[str, Any] = {"outcome": "promoted", "treatment": "started", "covariates": ["trial", *known]}
    model["counts"] = "heads"
    found = [
        benchmark_bounds(frame, **model, benchmark=name, multiples=(asked.benchmark,))
        for name in asked.benchmarks
        if name in known
    ]
    kept = [bound.iloc[[-1]].assign(side=np.sign(bound["estimate"].iloc[0])) for bound in found]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()


def _figure_rows(main: Row, placebo: Placebo, table: pd.DataFrame, balance: pd.DataFrame) -> Rows:
    """Rows that only figures need: draws of placebo starters, other specifications, balance."""
    gap = {**{name: main[name] for name in COPIED}, "estimand": "risk_difference", "term": main["term"]}
    shown: Rows = [
        {"run": "observed", "method": "placebo", "estimate": placebo.estimate},
        *({"run": "placebo", "method": "placebo", "estimate": value} for value in placebo.draws),
        *(
            {"run": "specification", "method": method, "population": population, "estimate": value}
            for method, population, value in table[["method", "population", "risk_difference"]].itertuples(index=False)
        ),
        *(
            {"run": "balance", "estimand": "standardised_difference", "term": term, "method": name, "estimate": value}
            for term, *values in balance.itertuples(index=False)
            for name, value in zip(("unweighted", "weighted"), values, strict=True)
        ),
    ]
    return [gap | one for one in shown]
