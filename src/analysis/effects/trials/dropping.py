"""Those who started stand, while they stay, for those who drop out: the chance of dropping out, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.effects.trials.cells import Cells, count_cells, number_entries
from analysis.effects.trials.columns import Terms, lay_out_columns
from analysis.effects.trials.expand import People, Trials
from analysis.effects.trials.hazards import Hazard, chances, fit_hazard, linear, step_from
from analysis.effects.trials.specify import PER_PARAMETER, join_thin_levels
from analysis.text import Text


@dataclass(frozen=True, eq=False)
class Dropping:
    """The fitted `hazard` of dropping out at the end of a month, among those who started: `rows` of the trials' people,
    laid out as `people` with the counts `cells` and the entry `code` of each; nobody drops out after month `last`.
    """

    rows: np.ndarray
    people: People
    code: np.ndarray
    cells: Cells
    hazard: Hazard
    last: int


def fit_dropping(
    trials: Trials, people: People, left: np.ndarray, covariates: Sequence[str], months: int
) -> Dropping | Text:
    """Fit a constant, a trend and the covariates at the start, or say why: ten drop-outs a parameter are asked for.

    `left` marks the people whose follow-up was cut as they dropped out.
    """
    rows = np.flatnonzero(people.arm == 1)
    last = int(people.length[rows][left[rows]].max(initial=0))  # later the course is over
    ended_otherwise = ~left[rows]  # nobody drops out at the end of such a month
    stays = np.minimum(people.length[rows] - ended_otherwise, last)
    rows, stays = rows[stays > 0], stays[stays > 0]
    mine = people.of(rows)
    mine = replace(mine, arm=np.zeros_like(mine.arm), length=stays.astype("int16"), event=left[rows].astype("int8"))
    number = number_entries(trials, mine)
    cells = count_cells(trials, mine, months, numbered=number)
    terms, happened = _terms(cells, covariates), int(cells.events[1].sum())
    if happened < PER_PARAMETER * terms.size:
        return Text(
            f"Leaving at a drop-out: not assessable, too few drop-outs for weights of {terms.size} parameters "
            f"({PER_PARAMETER} a parameter are needed).",
            f"Ngừng theo dõi khi bỏ học: không đánh giá được, quá ít lượt bỏ học cho trọng số có {terms.size} tham số "
            f"(mỗi tham số cần {PER_PARAMETER} lượt).",
        )
    found = fit_hazard(cells, terms, 1)
    if isinstance(found, str):
        return Text(f"{found}: separates those who drop out.", f"{found}: tách hẳn người bỏ học.")
    return Dropping(rows, mine, number[0], cells, found, last)


def _terms(cells: Cells, covariates: Sequence[str]) -> Terms:
    columns = lay_out_columns(cells.patterns, covariates, join_thin_levels(cells, covariates, 1)[0])
    months = np.arange(cells.follow) / max(cells.follow - 1, 1)
    pairs = [(0, 0), (0, 1), *((2 + place, 0) for place in range(len(columns.names)))]

    def build(begun: np.ndarray, arm: np.ndarray, pattern: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(arm)), arm, columns.table[pattern]])

    return Terms(("constant", "constant:follow_up1", *columns.names), np.array(pairs), build,
                 np.column_stack([np.ones(cells.follow), months]), np.zeros(1, dtype=int), int(cells.months.min()),
                 2 + len(columns.names))  # fmt: skip


def step_dropping(one: Dropping, trials: Trials, gone: np.ndarray) -> Dropping:
    """Estimate again without the people flagged `gone`."""
    out = gone[one.people.person]
    cells, place = one.cells, (one.cells.trial, one.cells.arm, one.cells.pattern)
    fewer = cells.less(count_cells(trials, one.people.of(out), cells.follow, numbered=(one.code[out], place)))
    return replace(one, hazard=replace(one.hazard, theta=step_from(fewer, one.hazard)))


def weigh_stayers(one: Dropping, months: int) -> np.ndarray:
    """Weights by month of the people of `rows`: one over the chance of not having dropped out before it."""
    kept = np.zeros((len(one.cells.trial), months))
    for rows in one.cells.blocks():
        begun = int(one.cells.months[one.cells.trial[rows.start]])
        columns = one.hazard.terms.columns(one.cells, rows)
        share = chances(linear(one.hazard.terms, one.hazard.theta, columns, begun))
        share[:, one.last :] = 0.0
        kept[rows, 1:] = np.cumsum(np.log1p(-np.minimum(share, 1 - 1e-9)), axis=1)[:, : months - 1]
    return np.exp(-kept)[one.code]
