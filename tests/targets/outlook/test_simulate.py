"""The cells of a simulation hold any number of groups: a further target moves no other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import project as project_folder
from analysis import synthetic
from analysis.errors import TargetsError
from analysis.reference import Group, Target
from analysis.targets.outlook.backtest import known_on
from analysis.targets.outlook.ladder import Ladder
from analysis.targets.outlook.panel import HAS, STUDYING, UNTRAINED, WAITING, Panel
from analysis.targets.outlook.paths import MOST, Layout, Plan
from analysis.targets.outlook.project import project
from analysis.targets.outlook.rates import Rates
from analysis.targets.outlook.simulate import carry_forward

POSTS = Group(table="posts", column="division_leader", values=(True,))


def panel_of(member: np.ndarray, status: np.ndarray, retires: np.ndarray) -> Panel:
    """Two equal days of the people given, retirement the only thing that is sure to come."""
    groups, people = member.shape
    days = pd.DatetimeIndex(["2023-11-30", "2023-12-31"])
    return Panel(
        targets=tuple(Target(id=f"T{one}", share=0.5, group=POSTS) for one in range(groups)), people=pd.Index([f"P{one}" for one in range(people)]), days=days,
        member=np.repeat(member[:, :, None], 2, axis=2), status=np.repeat(status[:, None], 2, axis=1).astype(np.int8),
        retires=648 + retires, born=np.full(people, 100), exits=np.full(people, 30_000), expected=np.full(people, 655),
        body=np.zeros((groups, people), dtype=np.int32), ladder=Ladder(), size=np.full(groups, people), wait=np.array([2]),
    )  # fmt: skip


def still(groups: int, draws: int) -> Rates:
    shapes = {"quit": 2, "move": groups * 3, "enrol": groups * 3, "drop": 1, "fill": groups, "enter": groups,
              "pass": (groups + 1) * groups, "climb": 18, "rise": 18}  # fmt: skip
    mix = np.zeros((groups, 4, draws))
    mix[:, 0] = 1
    monthly = {kind: np.zeros((size, draws)) for kind, size in shapes.items()}
    return Rates(monthly=monthly, mix=mix, young=np.full(groups, 0.5), policy=np.ones(draws),
                 rungs=np.ones((3, draws)))  # fmt: skip


def carried(member: np.ndarray, status: np.ndarray, retires: np.ndarray, groups: int):
    how = Plan(months=18, shock_sd=0.0, course=24, marks=(5, 18))
    panel = panel_of(member[:groups], status, retires)
    return carry_forward(panel, still(groups, 3), how, np.random.default_rng(1))


@settings(max_examples=60)
@given(data=st.data(), people=st.integers(1, 12), groups=st.integers(1, 6), more=st.integers(1, 8))
def test_a_further_target_moves_no_other(data, people, groups, more):
    """Whoever else is watched, members, those who count and those with a degree are the same in the groups watched before.

    Protects from a cell too narrow for its bits: a fifth group once ran into the status and made all targets met.
    """
    flags = st.lists(st.booleans(), min_size=people, max_size=people)
    first = np.array([data.draw(flags) for _ in range(groups)])
    first[0] = True  # everybody is in the first group, so that the same people are carried in both runs
    member = np.vstack([first, [data.draw(flags) for _ in range(more)]])
    kinds = st.sampled_from([UNTRAINED, STUDYING, HAS, WAITING])
    status = np.array(data.draw(st.lists(kinds, min_size=people, max_size=people)))
    retires = np.array(data.draw(st.lists(st.integers(1, 40), min_size=people, max_size=people)))
    few, many = carried(member, status, retires, groups), carried(member, status, retires, groups + more)
    for name in ("members", "counted"):
        assert (getattr(few, name) == getattr(many, name)[:, :groups]).all(), name
    assert (few.held == many.held[:, :groups]).all() and (few.held[1] <= few.members[-1]).all()


def test_a_cell_gives_back_what_was_packed():
    """Groups and status never run into each other, for every number of groups that a cell can hold."""
    for groups in range(1, MOST + 1):
        layout = Layout(groups)
        bits, status = np.meshgrid([0, 1, (1 << groups) - 1], [UNTRAINED, STUDYING, HAS, WAITING])
        cells = layout.pack(bits, status)
        assert (layout.status(cells) == status).all() and (cells & layout.mask == bits).all()
        inside, counted = layout.heads(cells)
        assert (inside == (bits >> np.arange(groups)[:, None, None]) & 1).all()
        assert (counted == inside * np.isin(status, [STUDYING, HAS])).all()


def test_more_groups_than_a_cell_holds_are_refused():
    """A limit that is met with a message, not with a wrong number."""
    with pytest.raises(TargetsError, match=str(MOST)):
        Layout(MOST + 1)


def test_a_fifth_entry_of_the_reference_leaves_the_four_chances_where_they_were(monkeypatch):
    """The whole path from targets.yml: a fifth entry moves the chances of T1 to T4 by no more than other draws would."""
    reg = known_on(synthetic.make_registry(1_500, 5), pd.Timestamp("2023-12-31"))
    before = chances(project(reg, deadline="2025-06-30", draws=400, seed=1))
    targets = project_folder.reference("targets.yml")["targets"]
    monkeypatch.setitem(targets, "T5", {**targets["T3"], "share": 0.3})
    after = chances(project(reg, deadline="2025-06-30", draws=400, seed=1))
    assert list(after.index) == [*before.index, "T5"]
    assert (after[before.index] - before).abs().max() < 0.1


def chances(estimate) -> pd.Series:
    rows = estimate.table[estimate.table["term"] == "met"]
    return rows.set_index("outcome")["estimate"]
