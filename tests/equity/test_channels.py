"""Which way a gap comes: what was planted by stage, nothing where nothing was planted, and what cannot be split."""

from __future__ import annotations

import dataclasses
import functools

import pytest

from analysis.equity import split_gap
from analysis.errors import EquityError
from analysis.synthetic.gaps import planted_gap
from analysis.synthetic.worlds import LARGE, LEVEL_FIELD, STUDY, make_registry

SENT_LESS = dataclasses.replace(STUDY, effect=LARGE, nominated_female=0.5, extracted="2024-10")
LISTED_LESS = dataclasses.replace(LEVEL_FIELD, planning_female=0.4, extracted="2024-10")


@functools.cache
def split(settings, window: int = 60, **asked):
    return split_gap(make_registry(6000, 7, settings), window=window, draws=60, **asked).table.set_index("term")


def test_the_part_through_access_is_the_one_planted():
    """Women are nominated half as often: the interval holds what playing the same people on gives, and lies below 0."""
    rows, truth = split(SENT_LESS), planted_gap(SENT_LESS, 6000, 7, begins="2019-11", months=60)
    for part in ("through_access", "gap"):
        low, high = rows.loc[part, ["conf_low", "conf_high"]]
        assert low <= truth[part] <= high < 0
    assert rows.loc["as_is", "estimate"] == pytest.approx(rows.loc["observed", "estimate"], rel=0.1)


def test_a_gap_by_planning_is_not_taken_for_one_by_access():
    """Women enter the list less: that is the part that closes, and access closes none."""
    rows, truth = split(LISTED_LESS), planted_gap(LISTED_LESS, 6000, 7, begins="2019-11", months=60)
    low, high = rows.loc["through_planning", ["conf_low", "conf_high"]]
    assert low <= truth["through_planning"] <= high < 0
    assert rows.loc["through_access", "conf_low"] <= 0 <= rows.loc["through_access", "conf_high"]


def test_parts_add_up_to_the_gap():
    """What is left is the rest, and each part is as it is less equal."""
    rows = split(SENT_LESS)["estimate"]
    assert rows["through_access"] + rows["through_planning"] + rows["rest"] == pytest.approx(rows["gap"])
    assert rows["as_is"] - rows["access_equal"] == pytest.approx(rows["through_access"])


def test_the_same_seed_gives_the_same_interval():
    """Draws come from the seed alone."""
    reg = make_registry(3000, 7, STUDY)
    one, two = (split_gap(reg, draws=5, seed=3).table for _ in range(2))
    assert one.equals(two)


def test_what_cannot_be_split_says_why():
    """By age nobody can be made equal; few events, no leavers, too long a window, and words that are no group."""
    reg = make_registry(300, 7)
    bare = dataclasses.replace(reg, meta=reg.meta | {"leavers_included": False})
    for found in (
        split_gap(reg, group="age[under_40]"), split_gap(reg, group="ethnicity[other]"), split_gap(bare),
        split_gap(reg, window=90),
    ):  # fmt: skip
        assert found.status == "blocked" and found.notes and found.table["estimate"].isna().all()
    with pytest.raises(EquityError):
        split_gap(reg, group="women")
