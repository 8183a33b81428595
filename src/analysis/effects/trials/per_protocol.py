"""Start now or never as rows, intervals from leaving groups of people out, and what must be said with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.censoring import CAP, Protocol, follow_protocol, protocol_cells, share_capped, weigh_months
from analysis.effects.trials.expand import People
from analysis.effects.trials.gformula import average, gradients, model_risks
from analysis.effects.trials.hazards import Hazard, fit_hazard
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
    risks = _risks(cells, fit)
    notes = [STAY_ON if both else NEVER, *fit.notes, *_capped(run, protocol, risks, both)]
    if not both:
        influence = protocol_influences(protocol, cells, fit)
        return lay_out(run, risks, influence @ influence.T), notes

    def without(flags: NDArray) -> NDArray:
        some = protocol_cells(protocol, without=flags)
        return _risks(some, refit(fit, some)).ravel()

    return lay_out(run, risks, leave_groups_out(run, without), interval=GROUPS_OUT), notes


def protocol_influences(one: Protocol, cells: Cells, fit: Fit) -> NDArray:
    """Influence of each person on the weighted risks (2 * horizons in the order of the parts x people).

    By the person's own risk, through the hazards, and through the chance of a start that the weights are made of.
    Source: Robins and Rotnitzky (1995), J. Am. Stat. Assoc. 90:122-129, carried on to the risks.
    """
    people, size, found = one.people, len(one.run.trials.ids), []
    place = _strata_by_month(one)
    for part in fit.parts:
        base = part.people(cells)
        modelled = model_risks(cells, fit.hazards, base, part.horizons)
        member = part.trials[people.trial] / base.sum()
        total = ((modelled - average(modelled, base))[one.run.code] * member[:, None, None]).reshape(len(people), -1)
        slopes = gradients(cells, fit.hazards, base, part.horizons)
        drift = np.zeros((total.shape[1], len(one.initiation.table)))
        for month, (rows, weight) in zip(one.run.trials.months, weigh_months(one, CAP), strict=True):
            mine, code = people.of(np.arange(rows.start, rows.stop)), one.run.code[rows]
            where = np.where(mine.arm[:, None] == 0, place(int(month), mine.person), -1)
            for event, hazard in fit.hazards.items():
                for k, pull in enumerate(_pulls(cells, int(month), hazard, mine, code, slopes[event] @ hazard.inverse)):
                    pull *= weight
                    total[rows, k] += pull.sum(axis=1)
                    later = np.cumsum((pull * (weight < CAP))[:, ::-1], axis=1)[:, ::-1]
                    drift[k] += np.bincount(where[where >= 0], later[where >= 0], minlength=drift.shape[1])
        by_person = [np.bincount(people.person, column, minlength=size) for column in total.T]
        found.append((np.stack(by_person) + _through_starts(one, drift)).reshape(2, len(part.horizons), size))
    return np.concatenate(found, axis=1).reshape(-1, size)


def _pulls(
    cells: Cells, month: int, one: Hazard, people: People, code: NDArray, directions: NDArray
) -> Iterator[NDArray]:
    """Each person's scores by month of follow-up times a direction of the parameters, direction by direction."""
    entries = np.flatnonzero(cells.months[cells.trial] == month)
    columns, basis, months = one.terms.columns(cells, entries), one.terms.months(month), cells.follow
    inside, length = people.length <= months, np.minimum(people.length, months).astype("int64")
    followed = length - ((people.event == 1) & inside) if one.event == 2 else length
    entry = code - entries[0] if len(entries) else code
    left = -one.chances(columns, month)[entry] * (np.arange(months) < followed[:, None])
    ends = np.flatnonzero((people.event == one.event) & inside)
    left[ends, length[ends] - 1] += 1
    for direction in directions:
        yield left * (columns @ one.terms.matrix(direction) @ basis.T)[entry]


def _strata_by_month(one: Protocol) -> Callable[[int, NDArray], NDArray]:
    """Give what tells, of people of a trial's month, the stratum of starting by month of follow-up, -1 for none.

    None is in the first month: weights begin after it.
    """
    first, months = int(min(one.cells.months.min(), one.run.trials.months.min())), one.run.cells.follow
    last = int(max(one.cells.months.max(), one.run.trials.months.max() + months))
    table = np.full((len(one.run.trials.ids), last - first + 1), -1, dtype="int32")
    table[one.entered.person, one.cells.months[one.entered.trial] - first] = one.initiation.stratum[one.code]

    def place(month: int, person: NDArray) -> NDArray:
        strata = table[person, month - first : month - first + months]
        strata[:, 0] = -1
        return strata

    return place


def _through_starts(one: Protocol, drift: NDArray) -> NDArray:
    """Influence of each person through the chance of a start; `drift`: what a log odds moves (k x strata)."""
    model, strata = one.initiation, one.initiation.stratum[one.code]
    share = model.share(np.arange(len(model.table)))
    number = np.bincount(strata[strata >= 0], minlength=len(share))
    information = (model.table * (number * share * (1 - share))[:, None]).T @ model.table
    moved = np.linalg.solve(information, model.table.T @ (share * drift).T).T @ model.table.T
    score = np.where(strata >= 0, (one.entered.arm == 1) - share[strata], 0.0)
    size = len(one.run.trials.ids)
    return np.stack([np.bincount(one.entered.person, score * by[strata], minlength=size) for by in moved])


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
