"""People played forward: against closed forms, and states told as they were."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit

from analysis.equity.chain import (
    PROCESSES,
    Board,
    fit_hazards,
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
    """One person; columns: one, the group, on the list, a leader on it, and the four stages of a course."""
    off, on = [1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]
    shapes = np.tile(np.array([[off], [on]], dtype=float), (months, 1, 1, 1))
    steps, begins = np.arange(months), np.array(starts, dtype=int)
    spread = {"rise": np.ones(months), "start": np.isin(steps, begins).astype(float)}
    return Board(np.ones(1), shapes, np.array([planned]), np.zeros((months, 1), dtype=int),
                 stage_of(steps[:, None] - begins), begins, spread, steps[:, None] < [closes], np.array([True]))  # fmt: skip


def chances(base: float, group: float = 0, listed: float = 0, *stages: float) -> np.ndarray:
    """What is added on the logit scale: by being of the group, on the list, and by the stages of a course."""
    return np.array([base, group, listed, 0, *stages, *[0.0] * (4 - len(stages))])


def hazards(**given) -> dict:
    """Chances a month; what is not named never happens."""
    return {name: given.get(name, chances(NEVER)) for name in PROCESSES}


def test_rises_and_exits_compete_as_in_the_closed_form():
    """A chance of 2 percent, a leave of 1 percent, ten months; none after the gate has closed."""
    given = hazards(rise=chances(logit(0.02)), leave=chances(logit(0.01)))
    for closes in (10, 4):
        risk = sum(0.02 * (0.98 * 0.99) ** k for k in range(closes))
        assert play(board(10, closes=closes), given) == pytest.approx([risk])


def test_an_equal_process_has_the_chance_of_the_reference():
    """The group has half the odds; played as the reference, all of them, and other processes stay as they are."""
    given = hazards(rise=chances(logit(0.02), -np.log(2)), leave=chances(logit(0.01)))
    less, as_reference, leaving = play(board(5), given, [(), ("rise",), ("leave",)])
    small = expit(logit(0.02) - np.log(2))
    assert less == leaving == pytest.approx(sum(small * ((1 - small) * 0.99) ** k for k in range(5)))
    assert as_reference == pytest.approx(sum(0.02 * (0.98 * 0.99) ** k for k in range(5)))


def test_the_list_is_entered_and_left():
    """Only the listed rise: from off the list, by the product of a matrix."""
    rise = chances(NEVER, 0, logit(0.1) - NEVER)
    given = hazards(rise=rise, list=chances(logit(0.3)), unlist=chances(logit(0.2)))
    state, risk = np.array([1.0, 0.0]), 0.0
    for _ in range(6):
        risk += 0.1 * state[1]
        state = np.array([state[0], 0.9 * state[1]]) @ np.array([[0.7, 0.3], [0.2, 0.8]])
    assert play(board(6), given) == pytest.approx([risk])


def test_a_course_counts_by_the_months_since_it_began():
    """It begins in the third month for half; from its second year on twice the odds, until then none."""
    step = np.log(2)
    given = hazards(rise=chances(logit(0.02), 0, 0, 0, step, step, step), start=chances(0.0))
    months, before, after = 20, 0.02, expit(logit(0.02) + step)
    never, some = 1.0, 0.0
    risk = 0.0
    for k in range(months):
        late = after if k - 2 >= 12 else before
        risk += never * before + some * late
        never, some = never * (1 - before), some * (1 - late)
        if k == 2:
            never, some = never / 2, never / 2
    assert play(board(months, starts=[2]), given) == pytest.approx([risk])


def test_history_adds_up_and_hazards_find_what_is_planted():
    """Person-months are those open; women are sent half as often, and their coefficient says so."""
    reg = make_registry(6000, 7, dataclasses.replace(STUDY, nominated_female=0.5))
    rising = follow_rises(reg, "2019-01-01")
    told = tell_history(reg, rising, GROUPS["sex[female]"])
    assert told.cells["time"].sum() == rising.open.sum()
    assert told.cells["rise"].sum() == ((rising.event == 1) & rising.open).sum()
    at, spread = fit_hazards(told)["start"]
    assert abs(at[1] - np.log(0.5)) < 2.5 * np.sqrt(spread[1, 1])
    seated = set_board(rising, told, 42, 36)
    women = rising.open[:, 42] & (told.side == 1)
    assert seated.weight.sum() == women.sum()
    (chance,) = play(seated, {name: one for name, (one, _) in fit_hazards(told).items()})
    seen = ((rising.event[:, 42:] == 1).any(axis=1) & women).sum() / women.sum()
    assert chance == pytest.approx(seen, rel=0.1)


def test_without_planning_no_path_through_it_is_told():
    """The table is asked for by its name."""
    reg = make_registry(300, 7)
    bare = dataclasses.replace(
        reg, absent=frozenset({"planning"}), tables={**reg.tables, "planning": reg["planning"].iloc[:0]}
    )
    with pytest.raises(Blocked, match="planning"):
        tell_history(bare, follow_rises(bare, "2019-01-01"), GROUPS["sex[female]"])
