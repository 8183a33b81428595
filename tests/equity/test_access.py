"""Groups on the way to a course: the stage at which a gap is made is named, and what cannot be told is not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from analysis import equity
from analysis.equity.access import rows_of_gap
from analysis.equity.compare import Comparison
from analysis.equity.groups import GROUPS
from analysis.errors import EquityError
from analysis.synthetic.worlds import GAP_AT_COMPLETION, GAP_AT_NOMINATION, LEVEL_FIELD, make_registry

WOMEN = ["sex[female]"]


def named(world, seed: int = 3) -> list[str]:
    found = equity.compare_access(make_registry(6000, seed, world), since="2015-01-01", groups=WOMEN)
    return found.pick(estimand="verdict").table.sort_values("estimate")["term"].tolist()


@pytest.mark.parametrize(
    ("world", "stage"),
    [(GAP_AT_NOMINATION, "nominated"), (GAP_AT_COMPLETION, "completed"), (LEVEL_FIELD, "none")],
    ids=["nomination", "completion", "level"],
)
def test_the_stage_that_makes_the_gap_is_named(world, stage):
    """Three worlds that differ in one thing; a province each (100 in benchmarks/access.py)."""
    assert named(world)[0] == f"stage[{stage}]"


@pytest.fixture(scope="module")
def found():
    return equity.compare_access(make_registry(3000, 5), since="2016-01-01")


def test_what_rests_on_few_events_has_no_number(found):
    """A ratio of two events would be read; the row stays, empty, and no flag is raised on it."""
    ratios = found.pick(estimand="risk_ratio", term="standardised").table
    few = ratios[ratios["estimate"].isna()]
    assert len(few)
    told = found.pick(estimand="check").table
    assert not set(zip(few["population"], few["outcome"], strict=True)) & set(
        zip(told["population"], told["outcome"], strict=True)
    )


def test_nothing_leaves_that_gives_a_count_back(found):
    """Expected less observed beside their ratio would give the exact count back: pages compute it from rounded counts."""
    assert not found.table["estimand"].isin(["contrast", "heads"]).any()


def test_survivors_are_not_compared():
    """Without those who left every later stage is one of survivors."""
    reg = make_registry(300, 5)
    gone = dataclasses.replace(reg, meta=reg.meta | {"leavers_included": False})
    for call in (equity.compare_access, equity.compare_kinds, equity.describe_sending):
        assert call(gone).status == "blocked"


def test_months_before_the_registry_begins_count_for_nobody():
    """A start long before gives the same rows as the first month covered."""
    reg = make_registry(400, 5)
    early, first = (equity.compare_access(reg, since=day, groups=WOMEN).table for day in ("1990-01-01", "2015-01-01"))
    assert early.drop(columns="date").equals(first.drop(columns="date"))


def test_the_page_is_told_that_the_age_gate_hides_a_gap(found):
    """Young against older is compared only where the rules let the older be sent."""
    assert any("age limit" in note.template for note in found.notes)
    alone = equity.compare_access(make_registry(400, 5), since="2022-01-01", groups=WOMEN)
    assert not alone.notes


def test_without_planning_that_stage_is_left_out_and_said():
    """A registry without planning is compared at the other stages."""
    reg = make_registry(800, 5)
    bare = dataclasses.replace(reg, absent=frozenset({*reg.absent, "planning"}))
    found = equity.compare_access(bare, since="2020-01-01", groups=WOMEN)
    assert "planned" not in set(found.table["outcome"]) and "planning" in found.notes[0].template


@pytest.mark.parametrize("wrong", [{"groups": ["sex[men]"]}, {"groups": "sex[female]"}, {"since": "2031-01-01"}])
def test_what_cannot_be_asked_is_refused(wrong):
    """A group that there is not, a word where a list is asked for, a day after the registry's."""
    with pytest.raises(EquityError):
        equity.compare_access(make_registry(150, 1), **wrong)


def test_a_group_without_events_gets_no_ratio():
    """Nobody of the group was sent: no ratio of nought, no interval of nought."""
    none = Comparison(0, 8.0, 0.0, np.nan, 0.0, 1.0, 800, 0, (1600, 16), 40, 0)
    assert [row["estimate"] for row in rows_of_gap(none, "decided")] == pytest.approx([np.nan], nan_ok=True)


def test_every_group_has_both_sides():
    """A group that is its own reference, or shares people with it, would always be alike."""
    cells = make_cells()
    for name, group in GROUPS.items():
        side = group.side(cells)
        assert {0, 1} <= set(side), name


def make_cells():
    """Everybody there can be, a row each."""
    import itertools

    import pandas as pd

    from analysis.careers.risktime import AGES

    rows = itertools.product(("female", "male"), ("kinh", "khmer", "hoa", "other"), AGES)
    return pd.DataFrame(rows, columns=["sex", "ethnicity", "age"])
