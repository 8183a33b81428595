"""Sequential target trials: what starting now does to the risk of the outcome, exits competing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.effects.trials.cells import count_cells, number_entries
from analysis.effects.trials.expand import expand
from analysis.effects.trials.itt import Run, intend
from analysis.effects.trials.jackknife import GROUPS
from analysis.effects.trials.lacking import find_lacking
from analysis.effects.trials.methods import MODELLED, fit_study, split_parts
from analysis.effects.trials.per_protocol import never_start
from analysis.effects.trials.report import describe_run
from analysis.effects.trials.support import check_support
from analysis.errors import EffectsError
from analysis.estimate import Estimate, blocked
from analysis.text import Text

ESTIMANDS = ("itt", "per_protocol")
INTAKES = {"month": (5, 1), "quarter": (5, 3), "every": (0, 1)}


@dataclass(frozen=True, kw_only=True)
class Emulation:
    """How trials are laid out and fitted.

    `primary`: months that a trial must be followed to count at all horizons up to it. `intakes`: a trial in each
    `month` or month of a `quarter` with five starters, or in `every` month with someone eligible, `apart` months from
    each other at least. `end`: last month of follow-up. `model`: `spline`, or the `quadratic` terms of SEQTaRget. `everything`: rows of the weighted and the
    doubly robust answer, of starters and of restricted means too, by leaving out `groups` groups of people in turn.
    `drop_outs`: per protocol those who started `stay`, or `leave` when their treatment ends, the others weighted for them.
    """

    primary: int = 36
    intakes: str = "month"
    apart: int = 1
    end: int | None = None
    model: str = "spline"
    everything: bool = False
    groups: int = GROUPS
    drop_outs: str = "stay"


def emulate_trials(
    frame: pd.DataFrame,
    *,
    treatment: str = "trained",
    eligible: str = "eligible",
    covariates: Sequence[str] = (),
    confounders: Sequence[str] | None = None,
    horizons: Sequence[int] = (12, 24, 36),
    estimand: str = "itt",
    emulation: Emulation | None = None,
) -> Estimate:
    """Emulate a trial in every intake: those eligible who start now against those who do not, followed alike.

    `frame`: start-stop rows (or spells), or person-period rows with `period`; `event` 0, 1 the outcome, 2.. exits;
    `eligible` and `treatment` 0 or 1; covariates count as at the trial's start (`a:b` crosses two). Hazards are pooled
    logistic with follow-up splines by arm; `confounders` (default: all) also act by arm. `estimand`: `itt`, or
    `per_protocol` (start now or never: controls leave when they start, weighted for it; see `Emulation.drop_outs`).
    Rows, for all eligible person-trials at each horizon: `risk` an arm (`treatment[1]`, `treatment[0]`),
    `risk_difference`, `risk_ratio`; intervals from a sandwich by person, or leave-one-group-out. `details`: `trials`,
    `flow`, `protocol`, `beside` (other methods), `coefficients`. Blocked where the data cannot carry it, with the reason.
    Source: Hernan and Robins (2016), Am. J. Epidemiol. 183:758-764; Danaei et al. (2013), Stat. Methods Med. Res. 22:70-96.
    """
    chosen = emulation or Emulation()
    confounders = tuple(covariates) if confounders is None else tuple(confounders)
    asked = _check(horizons, estimand, chosen)
    spec = {"treatment": treatment, "covariates": [*covariates], "confounders": [*confounders], "horizons": asked,
            "estimand": estimand, **asdict(chosen)}  # fmt: skip
    empty = _empty_rows(asked, treatment)
    run = prepare(frame, treatment=treatment, eligible=eligible, covariates=covariates, confounders=confounders,
                  horizons=asked, emulation=chosen)  # fmt: skip
    if not isinstance(run, Run):
        return blocked(empty, spec, *run)
    if estimand == "per_protocol":
        rows, notes = never_start(run, covariates, confounders, both=chosen.drop_outs == "leave")
    else:
        rows, notes = intend(run, everything=chosen.everything)
    if not rows:
        return blocked(empty, spec, *notes)
    return Estimate(
        table=[*rows, *(row for row in empty if row["time"] not in run.horizons)],
        spec=spec,
        notes=tuple([*run.reasons, *run.fit.notes, *notes]),
        status="warned" if run.reasons or run.fit.notes or notes else "ok",
        details=describe_run(run, getattr(frame, "spec", {})),
    )


def prepare(
    frame: Any, *, treatment: str, eligible: str, covariates: Sequence[str], confounders: Sequence[str],
    horizons: Sequence[int], emulation: Emulation,
) -> Run | list[Text]:  # fmt: skip
    """Lay trials out and fit them, or say what stands in the way."""
    columns = dict.fromkeys(part for name in (*covariates, *confounders) for part in name.split(":"))
    if lacking := find_lacking(frame, [*columns]):
        return lacking
    least, grid = INTAKES[emulation.intakes]
    trials = expand(
        frame, treatment=treatment, eligible=eligible, columns=[*columns], least=least, grid=grid, last=emulation.end,
        apart=emulation.apart,
    )  # fmt: skip
    if not len(trials.months) or not len(trials.people):
        return [_no_trials(least)]
    good, reasons = check_support(trials, horizons, emulation.primary)
    if not good:
        return reasons
    parts = split_parts(trials.months, trials.last, good, emulation.primary)
    quadratic = emulation.model == "quadratic"
    months = int(trials.people.length.max()) if quadratic else max(part.follow for part in parts)
    numbered = number_entries(trials, trials.people)
    cells = count_cells(trials, trials.people, months, numbered=numbered)
    fit = fit_study(cells, parts, covariates, confounders, emulation.model)
    if isinstance(fit, list):
        return fit
    return Run(trials, cells, numbered, fit, treatment, emulation.groups, tuple(reasons))


def _check(horizons: Sequence[int], estimand: str, chosen: Emulation) -> list[int]:
    for name, seen, allowed in (("estimand", estimand, ESTIMANDS), ("intakes", chosen.intakes, tuple(INTAKES)),
                                ("model", chosen.model, ("spline", "quadratic")),
                                ("drop_outs", chosen.drop_outs, ("stay", "leave"))):  # fmt: skip
        if seen not in allowed:
            raise EffectsError(en=f"{name} is {seen!r}; allowed: {', '.join(allowed)}.",
                               vi=f"{name} là {seen!r}; được phép: {', '.join(allowed)}.")  # fmt: skip
    whole = [int(one) for one in horizons]
    if not whole or min(whole) < 1 or any(one != float(two) for one, two in zip(whole, horizons, strict=True)):
        raise EffectsError(en=f"horizons are {list(horizons)!r}; give whole months of 1 or more.",
                           vi=f"horizons là {list(horizons)!r}; cần số tháng nguyên từ 1 trở lên.")  # fmt: skip
    return sorted(set(whole))


def _no_trials(least: int) -> Text:
    return Text(f"No month has {max(least, 1)} eligible people who start: there is no trial to emulate.",
                f"Không tháng nào có {max(least, 1)} người đủ điều kiện bắt đầu học: không có thử nghiệm nào để mô phỏng.")  # fmt: skip


def _empty_rows(horizons: Sequence[int], treatment: str) -> list[dict[str, Any]]:
    base = {"method": MODELLED, "population": "eligible", "outcome": "event_1"}
    kinds = (
        ("risk", f"{treatment}[0]"),
        ("risk", f"{treatment}[1]"),
        ("risk_difference", treatment),
        ("risk_ratio", treatment),
    )
    return [{**base, "estimand": kind, "term": term, "time": horizon} for horizon in horizons for kind, term in kinds]
