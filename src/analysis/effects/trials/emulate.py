"""Sequential target trials: what starting now does to the risk of the outcome, exits competing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd

from analysis.effects.rows import label_row
from analysis.effects.trials.cells import count_cells
from analysis.effects.trials.expand import LEAST_STARTERS, expand
from analysis.effects.trials.itt import Rows, Run, intend, lay_out, model_influences
from analysis.effects.trials.methods import MODELLED, fit_models, split_parts
from analysis.effects.trials.per_protocol import never_start
from analysis.effects.trials.question import Question, check_support, require
from analysis.effects.trials.report import covariance_of_gaps, describe_run
from analysis.errors import Blocked, EffectsError, check_lists, check_options
from analysis.estimate import Estimate, blocked
from analysis.words import Message

Estimand = Literal["itt", "per_protocol"]
Model = Literal["spline", "quadratic"]
DropOuts = Literal["stay", "leave"]
LEAST = {"primary": 1, "least": 0, "apart": 1, "groups": 2}


@dataclass(frozen=True, kw_only=True)
class Emulation:
    """How trials are laid out and fitted.

    `primary`: months that a trial must be followed to count at all horizons up to it. A trial starts in each month
    with `least` starters (0: with someone eligible), `apart` months from each other at least. `model`: `spline`, or the
    `quadratic` terms of SEQTaRget.
    `everything`: rows of the weighted and the doubly robust answer, of starters and of restricted means too, by leaving
    out `groups` groups of people in turn. `drop_outs`: per protocol those who started `stay`, or `leave` when their
    treatment ends, the others weighted for them. Raises EffectsError for a word or number that cannot be.

    >>> yearly = effects.Emulation(primary=12, model="quadratic")
    >>> effects.emulate_trials(spells, horizons=[12], emulation=yearly).spec["primary"]
    12
    """

    primary: int = 36
    least: int = LEAST_STARTERS
    apart: int = 1
    model: Model = "spline"
    everything: bool = False
    groups: int = 100
    drop_outs: DropOuts = "stay"

    def __post_init__(self):
        check_options(EffectsError, model=(self.model, Model), drop_outs=(self.drop_outs, DropOuts))
        for name, least in LEAST.items():
            seen = getattr(self, name)
            if seen != int(seen) or seen < least:
                raise EffectsError(
                    "{name} is {seen!r}; give a whole number of {least} or more.", name=name, seen=seen, least=least
                )


def emulate_trials(
    frame: pd.DataFrame,
    *,
    treatment: str = "trained",
    covariates: Sequence[str] = (),
    confounders: Sequence[str] | None = None,
    horizons: Sequence[int] = (12, 24, 36),
    estimand: Estimand = "itt",
    emulation: Emulation | None = None,
) -> Estimate:
    """Emulate a trial in every intake: those eligible who start now against those who do not, followed alike.

    `frame`: start-stop rows (or spells) in whole months, or person-period rows with `period`; `event` 0, 1 the outcome,
    2.. exits; `eligible` and `treatment` 0 or 1; `covariates` count as at the trial's start (`a:b` crosses two).
    Hazards are pooled logistic with follow-up splines by arm; `confounders` (default: all) also act by arm. `estimand`:
    `itt`, or `per_protocol` (start now or never: controls leave when they start, weighted for it; see
    `Emulation.drop_outs`).
    Rows, for all eligible person-trials at each of the `horizons` (months): `risk` an arm (`treatment[1]`,
    `treatment[0]`), `risk_difference`, `risk_ratio`; intervals from a sandwich by person, or leave-one-group-out
    (`emulation`). `n_event`: people of the arm with the outcome within the horizon of a trial, once each; of a
    difference, of those who start. `details`: `trials`, `flow`, `baseline`, `followed`, `methods`, `coefficients`,
    `covariance`. Blocked, with the reason, where the data cannot carry it.
    Source: Hernan and Robins (2016), Am. J. Epidemiol. 183:758-764; Danaei et al. (2013), Stat. Methods Med. Res.
    22:70-96.

    >>> found = effects.emulate_trials(spells, covariates=["sex"], horizons=[36])
    >>> found.status, found.table["estimate"].round(2).tolist()
    ('ok', [0.06, 0.18, 0.12, 3.14])
    """
    check_options(EffectsError, estimand=(estimand, Estimand))
    chosen, own = choose(emulation), covariates if confounders is None else confounders
    check_lists(EffectsError, covariates=covariates, confounders=own, horizons=horizons)
    question = Question(treatment, covariates, own)
    asked = _whole(horizons)
    spec = {**asdict(question), "horizons": asked, "estimand": estimand, **asdict(chosen)}
    empty = _empty_rows(asked, treatment)
    try:
        run = prepare(frame, question, asked, chosen)
        if estimand == "per_protocol":
            rows, notes = never_start(run, both=chosen.drop_outs == "leave")
        else:
            rows, notes = intend(run, everything=chosen.everything)
    except Blocked as why:
        return blocked(empty, spec, *why.reasons)
    said = (*run.reasons, *run.fit.notes, *notes)
    details = describe_run(run) | ({} if estimand == "per_protocol" else {"covariance": covariance_of_gaps(run)})
    rows += [row for row in empty if row["time"] not in run.horizons]
    return Estimate(table=pd.DataFrame(rows), spec=spec, notes=said, status="warned" if said else "ok", details=details)


def choose(emulation: Emulation | None, **default: Any) -> Emulation:
    """Give the settings asked for, or those of the rule; refuses what is no `Emulation`."""
    if not isinstance(emulation, Emulation | None):
        raise EffectsError("emulation is {seen!r}; give effects.Emulation(...).", seen=emulation)
    return emulation or Emulation(**default)


def prepare(frame: Any, question: Question, horizons: Sequence[int], emulation: Emulation) -> Run:
    """Lay trials out and fit them; raises Blocked with what stands in the way."""
    require(frame, *question.covariates, *question.confounders)
    least, apart = emulation.least, emulation.apart
    trials = expand(frame, treatment=question.treatment, columns=question.columns, least=least, apart=apart)
    if not len(trials.people):
        raise Blocked(
            Message(
                "No month has {least} eligible people who start: there is no trial to emulate.", least=max(least, 1)
            )
        )
    good, reasons = check_support(trials, horizons, emulation.primary)
    parts = split_parts(trials, good, emulation.primary)
    quadratic = emulation.model == "quadratic"
    months = int(trials.people.length.max()) if quadratic else max(part.follow for part in parts)
    cells, code = count_cells(trials, trials.people, months)
    fit = fit_models(cells, parts, question, emulation.model)
    return Run(question, trials, cells, code, fit, emulation.groups, tuple(reasons))


class Gap(NamedTuple):
    """The `row` of a difference, and each person's `influence` on it: errors of several go together by person."""

    row: dict[str, Any]
    influence: pd.Series


def estimate_gap(frame: Any, question: Question, emulation: Emulation) -> Gap | None:
    """Give the difference at the primary horizon; None where it cannot be had."""
    try:
        run = prepare(frame, question, (emulation.primary,), emulation)
    except Blocked:
        return None
    risks, influence = model_influences(run)
    rows = lay_out(run, risks, influence @ influence.T)
    row = next(row for row in rows if row["estimand"] == "risk_difference")
    return Gap(row, pd.Series(influence[1] - influence[0], run.trials.ids))


def _whole(horizons: Sequence[int]) -> list[int]:
    whole = [int(one) for one in horizons]
    if not whole or min(whole) < 1 or whole != [*horizons]:
        raise EffectsError("horizons are {horizons!r}; give whole months of 1 or more.", horizons=list(horizons))
    return sorted(set(whole))


def _empty_rows(horizons: Sequence[int], treatment: str) -> Rows:
    arms = [("risk", f"{treatment}[{arm}]") for arm in (0, 1)]
    kinds = [*arms, ("risk_difference", treatment), ("risk_ratio", treatment)]
    return [label_row(kind, term, horizon, MODELLED) for horizon in horizons for kind, term in kinds]
