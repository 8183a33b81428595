"""Start now or never as rows, intervals from leaving groups of people out, and what must be said with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.censoring import CAP, Protocol, follow_protocol, protocol_cells, share_capped
from analysis.effects.trials.hazards import fit_hazard
from analysis.effects.trials.itt import GROUPS_OUT, Rows, Run, lay_out, leave_groups_out
from analysis.effects.trials.logit import Separated
from analysis.effects.trials.methods import MODELLED, Fit, refit, risks_by_method, say_dropped
from analysis.errors import Blocked
from analysis.words import Message

STAY_ON = Message(
    "Start now and stay on the course, or never start within the horizon: who starts later or drops out "
    "leaves, and those who stay are weighted for them."
)
NEVER = Message(
    "Start now or never start within the horizon: controls leave in the month they start, and those who "
    "stay are weighted for them."
)


def never_start(run: Run, *, both: bool) -> tuple[Rows, list[Message]]:
    """Rows of starting now against never starting; raises Blocked where weights cannot be had.

    `both`: who drops out is followed no more either.
    """
    protocol = follow_protocol(run, both=both)
    cells = protocol_cells(protocol)
    fit = _refit_weighted(run, cells)

    def without(flags: NDArray) -> NDArray:
        some = protocol_cells(protocol, without=flags)
        return _risks(some, refit(fit, some)).ravel()

    risks, covariance = _risks(cells, fit), leave_groups_out(run, without)
    notes = [STAY_ON if both else NEVER, *fit.notes, *_capped(run, protocol, risks, both)]
    return lay_out(run, risks, covariance, interval=GROUPS_OUT), notes


def _risks(cells: Cells, fit: Fit) -> NDArray:
    return risks_by_method(cells, fit, (MODELLED,))[MODELLED, "eligible"]


def _refit_weighted(run: Run, cells: Cells) -> Fit:
    """Fit the same terms to weighted counts; a covariate's term that is left without events goes, and is named."""
    hazards, notes = {}, []
    for event, one in run.fit.hazards.items():
        try:
            hazards[event], dropped = fit_hazard(cells, one.terms, event)
        except Separated as why:
            raise Blocked(Message("{term}: the weighted model did not converge.", term=why.term)) from None
        notes += say_dropped(dropped)
    return Fit(hazards, run.fit.parts, run.fit.initiations, tuple(notes))


def _capped(run: Run, protocol: Protocol, capped: NDArray, both: bool) -> list[Message]:
    """Say what the answer would be without the cap on weights, where the cap holds any."""
    share = share_capped(protocol)
    if share == 0:
        return []
    cells = protocol_cells(protocol, cap=np.inf)
    try:
        free = _risks(cells, _refit_weighted(run, cells))
    except Blocked:
        return [
            Message(
                "Start now or never: without the cap on weights the model does not converge; the answer shown is "
                "with it."
            )
        ]
    who = Message("Start now and stay on, or never") if both else Message("Start now or never")
    return [
        Message(
            "{who}: weights are capped at {cap:number} ({share:percent.0} of months); without the cap the difference "
            "at {last} months is {free:points}, with it {capped:points}.",
            who=who,
            cap=CAP,
            share=share,
            last=run.horizons[-1],
            free=free[1, -1] - free[0, -1],
            capped=capped[1, -1] - capped[0, -1],
        )
    ]
