"""Start now or never: controls leave the month they start, and those who stay stand for them by weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .cells import Cells, count_cells, number_entries
from .expansion import People, Trials, enter, find_intakes
from .weighting import Starting, fit_starting, lay_out_starting, recount, step_starting

CAP = 10.0


@dataclass(frozen=True, eq=False)
class Protocol:
    """People of the trials with controls cut at their own start, and what their weights are made of.

    `entered` are the person-months in which a start was possible, in `cells` of one month; `starting` the chance of it.
    """

    trials: Trials
    people: People
    months: int
    entered: People
    code: np.ndarray
    cells: Cells
    starting: Starting


def follow_protocol(trials: Trials, months: int, covariates: Sequence[str]) -> Protocol | str:
    """Cut controls at their own start and fit the chance of starting month by month, or name what separates it.

    Source: Hernan and Robins (2016), Am. J. Epidemiol. 183:758-764; Danaei et al. (2013), Stat. Methods Med. Res. 22:70-96.
    """
    begun = find_intakes(trials.rows, 1, 1)
    every = replace(trials, months=begun, people=enter(trials.rows, begun))
    numbered = number_entries(every, every.people)
    cells = count_cells(every, every.people, 1, numbered=numbered)
    starting = fit_starting(lay_out_starting(cells, np.ones(len(begun), dtype=bool), covariates))
    if isinstance(starting, str):
        return starting
    return Protocol(trials, cut_controls(trials), months, every.people, numbered[0], cells, starting)


def cut_controls(trials: Trials) -> People:
    """End the follow-up of controls with the month before they start: a start comes before an event of its month."""
    rows, people = trials.rows, trials.people
    treated = rows[rows["treated"] == 1].drop_duplicates("person")
    first = np.full(len(trials.ids), np.iinfo("int32").max)
    first[treated["person"].to_numpy()] = treated["start"].to_numpy()
    until = first[people.person] - trials.months[people.trial]
    cut = (people.arm == 0) & (until < people.length)
    return replace(
        people, length=np.where(cut, until, people.length).astype("int16"), event=np.where(cut, 0, people.event)
    )


def weigh(one: Protocol, starting: Starting, cap: float = CAP) -> np.ndarray:
    """Weights of person-trials by month: for controls, one over the chance of not having started since."""
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
    return np.minimum(weight, cap)


def protocol_cells(one: Protocol, numbered: tuple, cap: float = CAP, without: np.ndarray | None = None) -> Cells:
    """Weighted counts of the trials; `without` flags people to leave out, the chance of starting estimated anew."""
    if without is None:
        return count_cells(one.trials, one.people, one.months, weight=weigh(one, one.starting, cap), numbered=numbered)
    gone = without[one.entered.person]
    codes = (one.code[gone], (one.cells.trial, one.cells.arm, one.cells.pattern))
    fewer = one.cells.less(count_cells(one.trials, one.entered.of(gone), 1, numbered=codes))
    starting = step_starting(recount(one.starting, fewer))
    weight = weigh(one, starting, cap)
    weight[without[one.people.person]] = 0.0
    return count_cells(one.trials, one.people, one.months, weight=weight, numbered=numbered)
