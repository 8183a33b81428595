"""Answers of fitted trials as rows: risks an arm, their difference and ratio, each with the interval made for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm, t

from analysis.effects.trials.cells import Cells, count_cells
from analysis.effects.trials.expand import Trials
from analysis.effects.trials.gformula import choose_population, influences
from analysis.effects.trials.initiation import losses
from analysis.effects.trials.jackknife import group_people, leave_one_out
from analysis.effects.trials.methods import JOINED, MODELLED, WEIGHTED, Fit, mean_months, refit, risks_by_method
from analysis.text import Text

LEVEL = 0.95
APART = 0.25
SAID = {WEIGHTED: Text("Weighting", "Cách gán trọng số"), JOINED: Text("The doubly robust answer", "Cách kết hợp")}
SANDWICH, GROUPS_OUT = "sandwich", "leave_one_group_out"


@dataclass(frozen=True, eq=False)
class Run:
    """One emulation: its trials, counts, the entry of each person-trial, the fit, its name, and why horizons are missing."""

    trials: Trials
    cells: Cells
    numbered: tuple
    fit: Fit
    treatment: str
    groups: int
    reasons: tuple[Text, ...] = ()

    @property
    def horizons(self) -> list[int]:
        """Horizons in the order of the parts."""
        return [horizon for part in self.fit.parts for horizon in part.horizons]


def intend(run: Run, *, everything: bool) -> tuple[list[dict[str, Any]], list[Text]]:
    """Rows by intention to treat, and where methods disagree by more than a standard error."""
    risks, covariance = model_covariance(run, "eligible")
    rows = lay_out(run, risks, covariance, MODELLED, "eligible", None)
    lost = sum(losses(run.cells, part.trials, max(part.horizons)) for part in run.fit.parts)
    methods = (MODELLED, WEIGHTED) if lost else (MODELLED, WEIGHTED, JOINED)
    notes = [] if not lost else [
        Text("Some people are lost before a horizon: the doubly robust answer is not given.",
             "Có người mất dấu trước mốc: không nêu kết quả bền vững kép.")]  # fmt: skip
    beside = risks_by_method(run.cells, run.fit, methods)
    notes += _disagreements(run, beside, risks, covariance)
    if everything:
        starters, own = model_covariance(run, "starters")
        rows += lay_out(run, starters, own, MODELLED, "starters", None)
        more, said = _leave_out(run, methods, covariance)
        rows, notes = rows + more, notes + said
    return rows, notes


def model_covariance(run: Run, population: str) -> tuple[np.ndarray, np.ndarray]:
    """Risks by the model (2 x horizons) and their covariance, influences summed by person.

    Source: Liang and Zeger (1986), Biometrika 73:13-22, carried on to the risks.
    """
    people, risks, tables = run.trials.people, [], []
    for part in run.fit.parts:
        arm = 1 if population == "starters" else None
        inside = part.trials[people.trial] & (people.arm == 1 if arm else True)
        chosen = choose_population(run.cells, part.trials, arm)
        own = influences(
            run.cells, people, run.numbered[0], run.fit.hazards, chosen, part.horizons, inside.astype("float64")
        )
        by_person = [np.bincount(people.person, column, minlength=len(run.trials.ids)) for column in own.T]
        tables.append(np.stack(by_person).reshape(2, len(part.horizons), -1))
        one = Fit(run.fit.hazards, (part,))
        risks.append(risks_by_method(run.cells, one, (MODELLED,), (population,))[(MODELLED, population)])
    table = np.concatenate(tables, axis=1)
    flat = table.reshape(-1, table.shape[-1])
    return np.concatenate(risks, axis=1), flat @ flat.T


def lay_out(
    run: Run, risks: np.ndarray, covariance: np.ndarray, method: str, population: str, degrees: int | None
) -> list[dict[str, Any]]:
    """Lay out risks, differences and ratios; `degrees` of freedom where groups were left out, else a sandwich."""
    wide = norm.ppf(0.5 + LEVEL / 2) if degrees is None else t.ppf(0.5 + LEVEL / 2, degrees)
    base = {"method": method, "population": population, "outcome": "event_1", "conf_level": LEVEL,
            "interval": SANDWICH if degrees is None else GROUPS_OUT}  # fmt: skip
    rows, size = [], risks.shape[1]
    for place, horizon in enumerate(run.horizons):
        none, some = risks[:, place]
        pair = covariance[np.ix_([place, size + place], [place, size + place])]
        heads = count_heads(run, horizon, population)
        gap = float(np.sqrt(max(pair[0, 0] + pair[1, 1] - 2 * pair[0, 1], 0)))
        for arm, risk in ((0, none), (1, some)):
            error = float(np.sqrt(pair[arm, arm]))
            rows.append({**base, **heads[arm], "estimand": "risk", "term": f"{run.treatment}[{arm}]", "time": horizon,
                         "estimate": risk, "std_error": error, "se_scale": "identity",
                         "conf_low": max(risk - wide * error, 0.0), "conf_high": min(risk + wide * error, 1.0)})  # fmt: skip
        both = {**base, **heads["both"], "term": run.treatment, "time": horizon}
        rows.append({**both, "estimand": "risk_difference", "estimate": some - none, "std_error": gap, "se_scale": "identity",
                     "conf_low": some - none - wide * gap, "conf_high": some - none + wide * gap})  # fmt: skip
        rows.append({**both, "estimand": "risk_ratio", **_ratio(none, some, pair, wide)})
    return rows


def _ratio(none: float, some: float, pair: np.ndarray, wide: float) -> dict[str, Any]:
    if not (none > 0 and some > 0):
        return {}
    slope = np.array([-1 / none, 1 / some])
    error = float(np.sqrt(max(slope @ pair @ slope, 0)))
    ratio = some / none
    return {"estimate": ratio, "std_error": error, "se_scale": "log",
            "conf_low": ratio * np.exp(-wide * error), "conf_high": ratio * np.exp(wide * error)}  # fmt: skip


def count_heads(run: Run, horizon: int, population: str) -> dict[Any, dict[str, int]]:
    """Distinct people behind the rows of a horizon, by arm and for both: n, n_exposed, and n_event (of those who start)."""
    part = next(part for part in run.fit.parts if horizon in part.horizons)
    people, found = run.trials.people, {}
    inside = part.trials[people.trial]
    happened = inside & (people.event == 1) & (people.length <= horizon)

    def heads(chosen: np.ndarray) -> int:
        return len(np.unique(people.person[chosen]))

    for arm in (0, 1):
        mine = people.arm == arm
        found[arm] = {"n": heads(inside & mine), "n_event": heads(happened & mine)}
    found["both"] = {"n": heads(inside), "n_exposed": found[1]["n"], "n_event": found[1]["n_event"]}
    return found


def _disagreements(run: Run, beside: dict, risks: np.ndarray, covariance: np.ndarray) -> list[Text]:
    """Say which methods differ from the model by more than one standard error, and at which horizons."""
    size, far = risks.shape[1], {}
    for place, horizon in enumerate(run.horizons):
        variance = (
            covariance[place, place] + covariance[size + place, size + place] - 2 * covariance[place, size + place]
        )
        for (method, _), other in beside.items():
            apart = (other[1, place] - other[0, place]) - (risks[1, place] - risks[0, place])
            if abs(apart) > np.sqrt(variance):
                far.setdefault(method, []).append(str(horizon))
    return [Text(f"{SAID[method].en} differs from the outcome model by more than one standard error at {', '.join(some)} months.",
                 f"{SAID[method].vi} lệch mô hình kết quả hơn một sai số chuẩn ở tháng {', '.join(some)}.")
            for method, some in far.items()]  # fmt: skip


def _leave_out(run: Run, methods: Sequence[str], covariance: np.ndarray) -> tuple[list[dict[str, Any]], list[Text]]:
    """Rows of the other methods and of restricted means, with intervals by leaving groups of people out."""
    group = group_people(run.trials.ids, run.groups)[run.trials.people.person]
    others = [(method, population) for method in methods[1:] for population in ("eligible", "starters")]
    size = len(run.horizons)

    def results(cells: Cells, fit: Fit) -> np.ndarray:
        found = risks_by_method(cells, fit, (MODELLED,)) | risks_by_method(
            cells, fit, methods[1:], ("eligible", "starters")
        )
        means = mean_months(cells, fit)
        return np.concatenate(
            [found[(MODELLED, "eligible")].ravel(), *(found[key].ravel() for key in others), means.ravel()]
        )

    def without(one: int) -> np.ndarray:
        gone = np.flatnonzero(group == one)
        some = count_cells(
            run.trials,
            run.trials.people.of(gone),
            run.cells.follow,
            numbered=(run.numbered[0][gone], *run.numbered[1:]),
        )
        cells = run.cells.less(some)
        return results(cells, refit(run.fit, cells))

    full = results(run.cells, run.fit)
    found, _ = leave_one_out(without, run.groups)
    apart = found - found.mean(axis=0)
    every = (run.groups - 1) / run.groups * apart.T @ apart
    rows: list[dict[str, Any]] = []
    for place, (method, population) in enumerate(others, start=1):
        span = slice(2 * size * place, 2 * size * (place + 1))
        rows += lay_out(run, full[span].reshape(2, size), every[span, span], method, population, run.groups - 1)
    start = 2 * size * (len(others) + 1)
    rows += _mean_rows(run, full[start:], every[start:, start:])
    return rows, _compare_errors(run, every[: 2 * size, : 2 * size], covariance)


def _mean_rows(run: Run, full: np.ndarray, covariance: np.ndarray) -> list[dict[str, Any]]:
    wide, parts = t.ppf(0.5 + LEVEL / 2, run.groups - 1), len(run.fit.parts)
    rows = []
    for place, part in enumerate(run.fit.parts):
        heads = count_heads(run, max(part.horizons), "eligible")
        none, some = full[place], full[parts + place]
        pick = np.zeros((3, len(full)))
        pick[[0, 1], [place, parts + place]] = 1
        pick[2] = pick[1] - pick[0]
        for term, value, chosen, who in ((f"{run.treatment}[0]", none, pick[0], 0), (f"{run.treatment}[1]", some, pick[1], 1),
                                         (run.treatment, some - none, pick[2], "both")):  # fmt: skip
            error = float(np.sqrt(chosen @ covariance @ chosen))
            rows.append({"method": MODELLED, "population": "eligible", "outcome": "event_1", "estimand": "restricted_mean",
                         "term": term, "time": max(part.horizons), "estimate": value, "std_error": error, "se_scale": "identity",
                         "conf_low": value - wide * error, "conf_high": value + wide * error, "conf_level": LEVEL,
                         "interval": GROUPS_OUT, **heads[who]})  # fmt: skip
    return rows


def _compare_errors(run: Run, groups: np.ndarray, sandwich: np.ndarray) -> list[Text]:
    size, notes = len(run.horizons), []
    for place, horizon in enumerate(run.horizons):
        one, two = (
            np.sqrt(max(m[place, place] + m[size + place, size + place] - 2 * m[place, size + place], 0))
            for m in (groups, sandwich)
        )
        if abs(one / two - 1) > APART:
            notes.append(Text(f"{horizon} months: the two standard errors of the difference are more than 25% apart.",
                              f"{horizon} tháng: hai sai số chuẩn của hiệu lệch nhau hơn 25 %."))  # fmt: skip
    return notes
