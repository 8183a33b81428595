"""Answers of start now or never as rows, intervals from leaving groups of people out, and what must be said beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.censoring import CAP, Protocol, follow_protocol, protocol_cells, share_capped
from analysis.effects.trials.hazards import fit_carried
from analysis.effects.trials.itt import Run, lay_out
from analysis.effects.trials.jackknife import group_people, leave_one_out
from analysis.effects.trials.methods import MODELLED, Fit, left_out, refit, risks_by_method
from analysis.text import Text


def never_start(
    run: Run, covariates: Sequence[str], confounders: Sequence[str], *, both: bool
) -> tuple[list[dict[str, Any]], list[Text]]:
    """Rows of starting now against never starting; no rows and the reason where weights cannot be had.

    `both`: who drops out is followed no more either.
    """
    protocol = follow_protocol(run.trials, run.cells.follow, covariates, confounders, both=both)
    if isinstance(protocol, Text):
        return [], [protocol]
    cells = protocol_cells(protocol, run.numbered)
    fit = _refit_weighted(run, cells)
    if isinstance(fit, Text):
        return [], [fit]
    group = group_people(run.trials.ids, run.groups)

    def results(some: Cells, one: Fit) -> np.ndarray:
        return risks_by_method(some, one, (MODELLED,))[(MODELLED, "eligible")].ravel()

    def without(one: int) -> np.ndarray:
        some = protocol_cells(protocol, run.numbered, without=group == one)
        return results(some, refit(fit, some))

    full = results(cells, fit)
    found, _ = leave_one_out(without, run.groups)
    apart = found - found.mean(axis=0)
    covariance = (run.groups - 1) / run.groups * apart.T @ apart
    notes = [_never(both), *fit.notes, *_capped(run, protocol, full, both)]
    return lay_out(run, full.reshape(2, -1), covariance, MODELLED, "eligible", run.groups - 1), notes


def _refit_weighted(run: Run, cells: Cells) -> Fit | Text:
    """Fit the same terms to weighted counts; a covariate's term that cut controls leave without events goes, and is named."""
    hazards, gone = {}, []
    for event, one in run.fit.hazards.items():
        hazards[event], dropped = fit_carried(cells, one.terms, event)
        gone += dropped
        if isinstance(hazards[event], str):
            return Text(f"{hazards[event]}: the weighted model did not converge.",
                        f"{hazards[event]}: mô hình có trọng số không hội tụ.")  # fmt: skip
    return Fit(hazards, run.fit.parts, tuple(left_out(name) for name in gone))


def _never(both: bool) -> Text:
    if both:
        return Text(
            "Start now and stay on the course, or never start within the horizon: who starts later or drops out leaves, and those who "
            "stay are weighted for them.",
            "Bắt đầu ngay và học đến cùng, hoặc không bao giờ trong kỳ: ai bắt đầu sau hoặc bỏ học thì rời, người ở lại được gán "
            "trọng số bù.",
        )
    return Text("Start now or never start within the horizon: controls leave in the month they start, and those who stay are weighted for them.",
                "Bắt đầu ngay hoặc không bao giờ trong kỳ: nhóm chứng rời ở tháng họ bắt đầu học, người ở lại được gán trọng số bù.")  # fmt: skip


def _capped(run: Run, protocol: Protocol, full: np.ndarray, both: bool) -> list[Text]:
    """Say what the answer would be without the cap on weights, where the cap holds any."""
    share = share_capped(protocol)
    if share == 0:
        return []
    cells = protocol_cells(protocol, run.numbered, cap=np.inf)
    fit, size = _refit_weighted(run, cells), len(run.horizons)
    last = run.horizons[-1]
    if isinstance(fit, Text):
        return [Text("Start now or never: without the cap on weights the model does not converge; the answer shown is with it.",
                     "Bắt đầu ngay hoặc không bao giờ: không giới hạn trọng số thì mô hình không hội tụ; kết quả nêu là có giới hạn.")]  # fmt: skip
    who = Text("Start now and stay on, or never", "Bắt đầu ngay và không bỏ học, hoặc không bao giờ") if both else Text(
        "Start now or never", "Bắt đầu ngay hoặc không bao giờ")  # fmt: skip
    other = risks_by_method(cells, fit, (MODELLED,))[(MODELLED, "eligible")].ravel()
    with_, none = (100 * (one[2 * size - 1] - one[size - 1]) for one in (full, other))
    return [
        Text(f"{who.en}: weights are capped at {CAP:.0f} ({100 * share:.0f}% of months); without the cap the difference at "
             f"{last} months is {none:+.1f} points, with it {with_:+.1f}.",
             f"{who.vi}: trọng số tối đa là {CAP:.0f} ({100 * share:.0f} % số tháng); không giới hạn thì "
             f"hiệu ở {last} tháng là {_comma(none, '+.1f')} điểm, có giới hạn là {_comma(with_, '+.1f')}."),
    ]  # fmt: skip


def _comma(value: float, form: str) -> str:
    return f"{value:{form}}".replace(".", ",")
