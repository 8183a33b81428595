"""Start now or never: controls leave the month they start, and those who stay stand for them by weight.

Who drops out of the course may leave too, with those who stay on it standing for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells, count_cells, split
from analysis.effects.trials.columns import Terms
from analysis.effects.trials.expand import People, Trials, enter, find_intakes
from analysis.effects.trials.hazards import Hazard, fit_hazard, likelihood
from analysis.effects.trials.initiation import Initiation, fit_initiation, refit_initiation
from analysis.effects.trials.itt import Run
from analysis.effects.trials.logit import Separated, take_steps
from analysis.effects.trials.specify import PER_PARAMETER, build_entry, lay_out_carried
from analysis.errors import Blocked
from analysis.words import Message

CAP = 10.0


@dataclass(frozen=True, eq=False)
class Dropout:
    """The fitted `hazard` of dropping out at the end of a month, among those who started: `rows` of the trials' people,
    laid out as `people` with the counts `cells` and the entry `code` of each; nobody drops out after month `last`.
    """

    rows: NDArray
    people: People
    code: NDArray
    cells: Cells
    hazard: Hazard
    last: int


@dataclass(frozen=True, eq=False)
class Protocol:
    """People of the trials with those cut who leave their arm, and what their weights are made of.

    `entered` are the person-months in which a start was possible, of the entries `code` in `cells` of one month;
    `initiation` the chance of it; `dropout` that of dropping out (None: those who started stay).
    """

    run: Run
    people: People
    entered: People
    code: NDArray
    cells: Cells
    initiation: Initiation
    dropout: Dropout | None = None

    def without(self, flags: NDArray) -> Protocol:
        """Estimate the chances again without the people flagged."""
        gone = flags[self.entered.person]
        fewer = self.cells.less(self.entered.of(gone), self.code[gone])
        dropout = None if self.dropout is None else refit_dropout(self.dropout, flags)
        return replace(self, initiation=refit_initiation(self.initiation, fewer), dropout=dropout)


def follow_protocol(run: Run, *, both: bool = False) -> Protocol:
    """Cut who leaves an arm and fit the chances of it month by month; raises Blocked with what stands in the way.

    `both`: who drops out leaves too, weighted by the confounders.
    Source: Hernan and Robins (2016), Am. J. Epidemiol. 183:758-764; Danaei et al. (2013), Stat. Methods Med. Res.
    22:70-96.
    """
    begun = find_intakes(run.trials.rows, 1)
    every = replace(run.trials, months=begun, people=enter(run.trials.rows, begun))
    cells, code = count_cells(every, every.people, 1)
    try:
        initiation = fit_initiation(cells, np.ones(len(begun), dtype=bool), run.question.covariates)
    except Separated as one:
        raise Blocked(Message("{term}: separates the months in which people start.", term=one.term)) from None
    people, left = cut_leavers(run.trials, both=both)
    dropout = fit_dropout(run.trials, people, left, run.question.confounders, run.cells.follow) if both else None
    return Protocol(run, people, every.people, code, cells, initiation, dropout)


def cut_leavers(trials: Trials, *, both: bool = False) -> tuple[People, NDArray]:
    """End the follow-up of controls (with `both` of all) with the month before they leave their arm; and mark whom.

    A start, or the end of a course, comes before an event of its month.
    """
    rows, people = trials.rows, trials.people
    person, treated = rows["person"].to_numpy(), rows["treated"].to_numpy()
    turns = np.flatnonzero((person[1:] == person[:-1]) & (treated[1:] != treated[:-1])) + 1
    turn = np.append(turns, len(rows))[np.searchsorted(turns, people.row, side="right")]
    until = np.append(rows["start"].to_numpy(), 0)[turn] - trials.months[people.trial]
    cut = (np.append(person, -1)[turn] == people.person) & ((people.arm == 0) | both) & (until < people.length)
    length, event = np.where(cut, until, people.length), np.where(cut, 0, people.event)
    return replace(people, length=length.astype("int16"), event=event), cut


def fit_dropout(trials: Trials, people: People, left: NDArray, covariates: Sequence[str], months: int) -> Dropout:
    """Fit a constant, a trend and the covariates at the start; raises Blocked: ten drop-outs a parameter are asked for.

    `left` marks the people whose follow-up was cut as they dropped out.
    """
    rows = np.flatnonzero(people.arm == 1)
    last = int(people.length[rows][left[rows]].max(initial=0))  # later the course is over
    stays = np.minimum(people.length[rows] - ~left[rows], last)  # nobody drops out as the last month ends otherwise
    rows, stays = rows[stays > 0], stays[stays > 0]
    mine = replace(
        people.of(rows),
        arm=np.zeros(len(rows), dtype="int8"),
        length=stays.astype("int16"),
        event=left[rows].astype("int8"),
    )
    cells, code = count_cells(trials, mine, months)
    columns, _ = lay_out_carried(cells, covariates, 1)
    pairs = [(0, 0), (0, 1), *((2 + place, 0) for place in range(len(columns.names)))]
    basis = np.column_stack([np.ones(months), np.arange(months) / max(months - 1, 1)])
    terms = Terms(
        ("constant", "constant:follow_up1", *columns.names),
        np.array(pairs),
        build_entry(columns.table),
        basis,
        len(pairs),
    )
    if cells.events[1].sum() < PER_PARAMETER * terms.size:
        raise Blocked(
            Message(
                "Leaving at a drop-out: not assessable, too few drop-outs for weights of {size} parameters "
                "({per_parameter} a parameter are needed).",
                size=terms.size,
                per_parameter=PER_PARAMETER,
            )
        )
    try:
        return Dropout(rows, mine, code, cells, fit_hazard(cells, terms, 1, most=0)[0], last)
    except Separated as one:
        raise Blocked(Message("{term}: separates those who drop out.", term=one.term)) from None


def refit_dropout(one: Dropout, flags: NDArray) -> Dropout:
    """Estimate again without the people flagged."""
    gone = flags[one.people.person]
    evaluate = likelihood(one.cells.less(one.people.of(gone), one.code[gone]), one.hazard.terms, 1)
    return replace(one, hazard=replace(one.hazard, theta=take_steps(evaluate, one.hazard.theta)))


def weigh_stayers(one: Dropout, months: int) -> NDArray:
    """Weights by month of the people of `rows`: one over the chance of not having dropped out before it."""
    kept = np.zeros((len(one.cells.trial), months))
    for begun, rows in one.cells.blocks():
        share = one.hazard.chances(one.hazard.terms.columns(one.cells, rows), begun)
        share[:, one.last :] = 0.0
        kept[rows, 1:] = np.cumsum(np.log1p(-np.minimum(share, 1 - 1e-9)), axis=1)[:, : months - 1]
    return np.exp(-kept)[one.code]


def weigh_months(one: Protocol, cap: float, gone: NDArray | None = None) -> Iterator[tuple[slice, NDArray]]:
    """Weights by month of the person-trials of one trial after the other, so that no table of all is laid out.

    One over the chance of not having started, or dropped out, since; 0 for people flagged `gone`.
    """
    trials, people, months = one.run.trials, one.people, one.run.cells.follow
    first, kept = _first_month(one), _log_kept(one)
    if one.dropout is not None:
        stays, place = weigh_stayers(one.dropout, months), np.zeros(len(people), dtype="int64")
        place[one.dropout.rows] = np.arange(len(one.dropout.rows))
    for month, rows in zip(trials.months, split(people.trial, len(trials.months)), strict=True):
        begun = int(month) - first + 1
        table = kept[:, begun : begun + months][people.person[rows]]
        table = np.exp(table[:, :1] - table)
        mine = people.arm[rows] == 1
        table[mine] = 1.0 if one.dropout is None else stays[place[rows][mine]]
        if gone is not None:
            table[gone[people.person[rows]]] = 0.0
        yield rows, np.minimum(table, cap, out=table)


def _first_month(one: Protocol) -> int:
    """Give the first month of a trial or of a start, for a trial may begin before anybody starts."""
    return int(min(one.cells.months.min(), one.run.trials.months.min()))


def _log_kept(one: Protocol) -> NDArray:
    """Log chance of not having started by the end of each month, by person; column 0 is before the first."""
    first, last = _first_month(one), int(one.run.trials.months.max()) + one.run.cells.follow
    kept = np.zeros((len(one.run.trials.ids), last - first + 2), dtype="float32")
    share = one.initiation.share(one.initiation.stratum[one.code])
    month = one.cells.months[one.entered.trial]
    inside = month < last
    kept[one.entered.person[inside], month[inside] - first + 1] = np.log1p(-np.minimum(share[inside], 1 - 1e-9))
    return np.cumsum(kept, axis=1)


def protocol_cells(one: Protocol, cap: float = CAP, without: NDArray | None = None) -> Cells:
    """Weighted counts of the trials; `without` flags people to leave out, the chances estimated anew."""
    fitted = one if without is None else one.without(without)
    return one.run.cells.weigh(one.people, one.run.code, weigh_months(fitted, cap, without))


def share_capped(one: Protocol) -> float:
    """Share of the months followed whose weight the cap holds down."""
    counts = np.zeros(2)
    for rows, table in weigh_months(one, np.inf):
        inside = np.arange(table.shape[1]) < one.people.length[rows, None]
        counts += np.count_nonzero(table[inside] > CAP), np.count_nonzero(inside)
    return counts[0] / max(counts[1], 1)
