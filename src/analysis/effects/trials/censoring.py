"""Start now or never: controls leave the month they start, and those who stay stand for them by weight.

Who drops out of the course may leave too, with those who stay on it standing for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.effects.trials.cells import Cells, count_cells, number_entries, weigh_cells
from analysis.effects.trials.dropping import Dropping, fit_dropping, step_dropping, weigh_stayers
from analysis.effects.trials.expand import People, Trials, enter, find_intakes
from analysis.effects.trials.initiation import Starting, fit_starting, lay_out_starting, recount, step_starting
from analysis.text import Text

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


def weigh(
    one: Protocol,
    starting: Starting,
    dropping: Dropping | None,
    cap: float = CAP,
    gone: np.ndarray | None = None,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Weights by month of the person-trials of one trial after the other, so that no table of all is laid out.

    One over the chance of not having started, or dropped out, since; 0 for people flagged `gone`.
    """
    trials, people = one.trials, one.people
    first, kept = int(one.cells.months.min()), _log_kept(one, starting)
    if dropping is not None:
        stays, place = weigh_stayers(dropping, one.months), np.zeros(len(people), dtype="int64")
        place[dropping.rows] = np.arange(len(dropping.rows))
    edges = np.searchsorted(people.trial, np.arange(len(trials.months) + 1))
    for month, rows in zip(trials.months, map(slice, edges[:-1], edges[1:]), strict=True):
        begun = int(month) - first + 1
        table = kept[:, begun : begun + one.months][people.person[rows]]
        table = np.exp(table[:, :1] - table)
        mine = people.arm[rows] == 1
        table[mine] = 1.0 if dropping is None else stays[place[rows][mine]]
        if gone is not None:
            table[gone[people.person[rows]]] = 0.0
        yield rows, np.minimum(table, cap, out=table)


def _log_kept(one: Protocol, starting: Starting) -> np.ndarray:
    """Log chance of not having started by the end of each month, by person; column 0 is before the first."""
    first, last = int(one.cells.months.min()), int(one.trials.months.max()) + one.months
    kept = np.zeros((len(one.trials.ids), last - first + 2), dtype="float32")
    share = starting.share[starting.place[one.code]]
    month = one.cells.months[one.entered.trial]
    inside = month < last
    kept[one.entered.person[inside], month[inside] - first + 1] = np.log1p(-np.minimum(share[inside], 1 - 1e-9))
    return np.cumsum(kept, axis=1)


def protocol_cells(one: Protocol, numbered: tuple, cap: float = CAP, without: np.ndarray | None = None) -> Cells:
    """Weighted counts of the trials; `without` flags people to leave out, the chances estimated anew."""
    starting, dropping = one.starting, one.dropping
    if without is not None:
        gone = without[one.entered.person]
        codes = (one.code[gone], (one.cells.trial, one.cells.arm, one.cells.pattern))
        fewer = one.cells.less(count_cells(one.trials, one.entered.of(gone), 1, numbered=codes))
        starting = step_starting(recount(starting, fewer))
        dropping = None if dropping is None else step_dropping(dropping, one.trials, without)
    return weigh_cells(
        one.trials, one.people, one.months, weigh(one, starting, dropping, cap, without), numbered=numbered
    )


def share_capped(one: Protocol, cap: float = CAP) -> float:
    """Share of the months followed whose weight the cap holds down."""
    over, followed = 0, 0
    for rows, table in weigh(one, one.starting, one.dropping, np.inf):
        inside = np.arange(one.months) < one.people.length[rows, None]
        over, followed = over + np.count_nonzero(table[inside] > cap), followed + np.count_nonzero(inside)
    return over / max(followed, 1)
