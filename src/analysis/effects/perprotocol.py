"""Start now or never: controls leave the month they start, and those who stay stand for them by weight.

Who drops out of the course may leave too, with those who stay on it standing for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..text import Text
from .cells import Cells, count_cells, number_entries
from .dropping import Dropping, fit_dropping, step_dropping, weigh_stayers
from .expansion import People, Trials, enter, find_intakes
from .weighting import Starting, fit_starting, lay_out_starting, recount, step_starting

CAP = 10.0


@dataclass(frozen=True, eq=False)
class Protocol:
    """People of the trials with those cut who leave their arm, and what their weights are made of.

    `entered` are the person-months in which a start was possible, in `cells` of one month; `starting` the chance of it;
    `dropping` that of dropping out (None: those who started stay).
    """

    trials: Trials
    people: People
    months: int
    entered: People
    code: np.ndarray
    cells: Cells
    starting: Starting
    dropping: Dropping | None = None


def follow_protocol(
    trials: Trials, months: int, covariates: Sequence[str], confounders: Sequence[str], *, both: bool = False
) -> Protocol | Text:
    """Cut who leaves an arm and fit the chances of it month by month, or say what stands in the way.

    `both`: who drops out leaves too, weighted by the `confounders`.
    Source: Hernan and Robins (2016), Am. J. Epidemiol. 183:758-764; Danaei et al. (2013), Stat. Methods Med. Res. 22:70-96.
    """
    begun = find_intakes(trials.rows, 1, 1)
    every = replace(trials, months=begun, people=enter(trials.rows, begun))
    numbered = number_entries(every, every.people)
    cells = count_cells(every, every.people, 1, numbered=numbered)
    starting = fit_starting(lay_out_starting(cells, np.ones(len(begun), dtype=bool), covariates))
    if isinstance(starting, str):
        return Text(
            f"{starting}: separates the months in which people start.", f"{starting}: tách hẳn tháng bắt đầu học."
        )
    people, left = cut_leavers(trials, both=both)
    dropping = fit_dropping(trials, people, left, confounders, months) if both else None
    if isinstance(dropping, Text):
        return dropping
    return Protocol(trials, people, months, every.people, numbered[0], cells, starting, dropping)


def cut_leavers(trials: Trials, *, both: bool = False) -> tuple[People, np.ndarray]:
    """End the follow-up of controls (with `both` of all) with the month before they leave their arm; and mark whom.

    A start, or the end of a course, comes before an event of its month.
    """
    rows, people = trials.rows, trials.people
    person, treated = rows["person"].to_numpy(), rows["treated"].to_numpy()
    turns = np.flatnonzero((person[1:] == person[:-1]) & (treated[1:] != treated[:-1])) + 1
    turn = np.append(turns, len(rows))[np.searchsorted(turns, people.row, side="right")]
    same = np.append(person, -1)[turn] == people.person
    until = np.append(rows["start"].to_numpy(), 0)[turn] - trials.months[people.trial]
    cut = same & ((people.arm == 0) | both) & (until < people.length)
    length, event = np.where(cut, until, people.length), np.where(cut, 0, people.event)
    return replace(people, length=length.astype("int16"), event=event), cut


def weigh(one: Protocol, starting: Starting, dropping: Dropping | None, cap: float = CAP) -> np.ndarray:
    """Weights of person-trials by month: one over the chance of not having started, or dropped out, since."""
    trials, people = one.trials, one.people
    first, last = int(one.cells.months.min()), int(trials.months.max()) + one.months
    kept = np.zeros((len(trials.ids), last - first + 2), dtype="float32")
    share = starting.share[starting.place[one.code]]
    month = one.cells.months[one.entered.trial]
    inside = month < last
    kept[one.entered.person[inside], month[inside] - first + 1] = np.log1p(-np.minimum(share[inside], 1 - 1e-9))
    kept = np.cumsum(kept, axis=1)
    begun = trials.months[people.trial] - first + 1
    at = np.minimum(begun[:, None] + np.arange(one.months), kept.shape[1] - 1)
    weight = np.exp(kept[people.person, begun][:, None] - kept[people.person[:, None], at])
    weight[people.arm == 1] = 1.0
    if dropping is not None:
        weight[dropping.rows] = weigh_stayers(dropping, one.months)
    return np.minimum(weight, cap)


def protocol_cells(one: Protocol, numbered: tuple, cap: float = CAP, without: np.ndarray | None = None) -> Cells:
    """Weighted counts of the trials; `without` flags people to leave out, the chances estimated anew."""
    starting, dropping = one.starting, one.dropping
    if without is not None:
        gone = without[one.entered.person]
        codes = (one.code[gone], (one.cells.trial, one.cells.arm, one.cells.pattern))
        fewer = one.cells.less(count_cells(one.trials, one.entered.of(gone), 1, numbered=codes))
        starting = step_starting(recount(starting, fewer))
        dropping = None if dropping is None else step_dropping(dropping, one.trials, without)
    weight = weigh(one, starting, dropping, cap)
    if without is not None:
        weight[without[one.people.person]] = 0.0
    return count_cells(one.trials, one.people, one.months, weight=weight, numbered=numbered)


def share_capped(one: Protocol, cap: float = CAP) -> float:
    """Share of the months followed whose weight the cap holds down."""
    weight = weigh(one, one.starting, one.dropping, np.inf)
    inside = np.arange(one.months) < one.people.length[:, None]
    return float((weight[inside] > cap).mean())
