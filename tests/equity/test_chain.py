"""People played forward: against closed forms, and states told as they were."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit

from analysis.equity.chain import (
    PROCESSES,
    Board,
    Crowd,
    fit_hazards,
    gather,
    play,
    set_board,
    stage_of,
    tell_history,
)  # fmt: skip
from analysis.equity.groups import GROUPS
from analysis.equity.rising import follow_rises
from analysis.errors import Blocked
from analysis.synthetic.worlds import STUDY, make_registry

NEVER = -40.0


def board(months: int, *, starts=(), closes: int = 99, planned: int = 0) -> Board:
    """One person; columns: one, on the list, and the four stages of a course."""
    states = {"planned": np.array([planned])}
    crowd = Crowd(np.ones(1), states, np.array([400]), np.array([closes]), np.array([-1]))
    shapes = np.tile(np.array([[[1, 0, 0, 0, 0, 0]], [[1, 1, 0, 0, 0, 0]]], dtype=float), (months, 1, 1, 1))
    steps, begins = np.arange(months), np.array(starts, dtype=int)
    spread = {"rise": np.ones(months), "start": np.isin(steps, begins).astype(float)}
    return Board(crowd, shapes, slice(2, 6), np.zeros((months, 1), dtype=int), stage_of(steps[:, None] - begins),
                 begins, spread, steps[:, None] < crowd.closes, np.array([True]))  # fmt: skip


def hazards(**given) -> dict:
    """Chances a month; what is not named never happens. Pairs have what being on the list adds."""
    found = {name: np.array([NEVER, 0, 0, 0, 0, 0]) for name in PROCESSES}
    for name, one in given.items():
        found[name] = np.array(one, dtype=float)
    return found


def test_rises_and_exits_compete_as_in_the_closed_form():
    """A chance of 2 percent, a leave of 1 percent, ten months; none after the gate has closed."""
    chances = hazards(rise=[logit(0.02), 0, 0, 0, 0, 0], leave=[logit(0.01), 0, 0, 0, 0, 0])
    assert play(board(10), chances) == pytest.approx(sum(0.02 * (0.98 * 0.99) ** k for k in range(10)))
    assert play(board(10, closes=4), chances) == pytest.approx(sum(0.02 * (0.98 * 0.99) ** k for k in range(4)))


def test_the_list_is_entered_and_left():
    """Only the listed rise: from off the list, by the product of a matrix."""
    chances = hazards(rise=[NEVER, logit(0.1) - NEVER, 0, 0, 0, 0], list=[logit(0.3), 0, 0, 0, 0, 0],
                      unlist=[logit(0.2), 0, 0, 0, 0, 0])  # fmt: skip
    state, risk = np.array([1.0, 0.0]), 0.0
    for _ in range(6):
        risk += 0.1 * state[1]
        state = np.array([state[0], 0.9 * state[1]]) @ np.array([[0.7, 0.3], [0.2, 0.8]])
    assert play(board(6), chances) == pytest.approx(risk)


def test_a_course_counts_by_the_months_since_it_began():
    """It begins in the third month for half; from its second year on twice the odds, until then none."""
    step = np.log(2)
    chances = hazards(rise=[logit(0.02), 0, 0, step, step, step], start=[0.0, 0, 0, 0, 0, 0])
    months, before, after = 20, 0.02, expit(logit(0.02) + step)
    never, some = 1.0, 0.0
    risk = 0.0
    for k in range(months):
        late = after if k - 2 >= 12 else before
        risk += never * before + some * late
        never, some = never * (1 - before), some * (1 - late)
        if k == 2:
            never, some = never / 2, never / 2
    assert play(board(months, starts=[2]), chances) == pytest.approx(risk)


def test_history_adds_up_and_hazards_find_what_is_planted():
    """Person-months are those open; women are sent half as often, and their coefficient says so."""
    reg = make_registry(6000, 7, dataclasses.replace(STUDY, nominated_female=0.5))
    rising = follow_rises(reg, "2019-01-01")
    told = tell_history(reg, rising, GROUPS["sex[female]"])
    assert told.cells["time"].sum() == rising.open.sum()
    assert told.cells["rise"].sum() == ((rising.event == 1) & rising.open).sum()
    at, spread = fit_hazards(told)["start"]
    assert abs(at[1] - np.log(0.5)) < 2.5 * np.sqrt(spread[1, 1])
    crowd = gather(reg, rising, told, 42, 36)
    women = told.side == 1
    assert crowd.weight.sum() == (rising.open[:, 42] & women).sum()
    chance = play(
        set_board(told, crowd, rising.clock, 42, 36), {name: one for name, (one, _) in fit_hazards(told).items()}
    )
    seen = ((rising.event[:, 42:] == 1).any(axis=1) & rising.open[:, 42] & women).sum() / crowd.weight.sum()
    assert chance == pytest.approx(seen, rel=0.1)


def test_without_planning_no_path_through_it_is_told():
    """The table is asked for by its name."""
    reg = make_registry(300, 7)
    bare = dataclasses.replace(
        reg, absent=frozenset({"planning"}), tables={**reg.tables, "planning": reg["planning"].iloc[:0]}
    )
    with pytest.raises(Blocked, match="planning"):
        tell_history(bare, follow_rises(bare, "2019-01-01"), GROUPS["sex[female]"])
