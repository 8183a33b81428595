"""A target is an entry of targets.yml and nothing else: what the code knows of it stands in its record."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import pandas as pd
import pytest

import analysis
from analysis import project as folder
from analysis import synthetic, targets
from analysis.errors import TargetsError
from analysis.targets.groups import find_monitor, find_target
from analysis.targets.outlook.backtest import known_on
from analysis.targets.outlook.rates import home_of

FIFTH = {"share": 0.55, "group": {"table": "posts", "column": "teaching", "values": [True]},
         "name": {"vi": "giảng viên", "en": "lecturers"}, "standing": "assumed"}  # fmt: skip


@pytest.fixture
def fifth(monkeypatch):
    """A fifth entry of targets.yml, of the group that is only watched today."""
    monkeypatch.setitem(folder.reference("targets.yml")["targets"], "T5", FIFTH)


@pytest.fixture(scope="module")
def province():
    return synthetic.make_registry(1_500, 5)


def test_no_target_is_named_in_the_code():
    """T1 to T4 stand in targets.yml alone, and in examples of docstrings."""
    named = []
    for path in Path(analysis.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        named += [path for text in texts if re.fullmatch(r"T\d", text)]
    assert named == []


def test_an_entry_is_read_once_into_a_record(fifth):
    """What an entry leaves out has a meaning: no last day, no congress, the last place among the groups of a member."""
    first, last = find_target("T1"), find_target("T5")
    assert first.elected and first.ends == pd.Timestamp("2025-06-30") and first.congress == "provincial_congress_14"
    assert not last.elected and (last.ends, last.congress, last.home) == (pd.Timestamp.max, "", math.inf)
    assert find_monitor("lecturers") == last.group
    for find in (find_target, find_monitor):
        with pytest.raises(TargetsError, match="T1, T2|lecturers"):
            find("T9")


def test_a_member_of_several_groups_follows_the_order_of_the_reference(fifth):
    """The order T2, T4, T3, T1 that the rates were chosen with, and a further target after all of them."""
    groups = [find_target(name) for name in targets.target_ids()]
    several = pd.DataFrame(
        [[1, 1, 1, 1, 1], [1, 0, 1, 1, 1], [1, 0, 1, 0, 1], [1, 0, 0, 0, 1], [0, 0, 0, 0, 1]]
    ).astype(bool)
    assert home_of(groups, several.to_numpy().T).tolist() == [1, 3, 2, 0, 4]


def test_a_fifth_target_flows_through_every_question(province, fifth):
    """One entry more, no line of code: measured, bridged, paced, projected and planned."""
    known = known_on(province, pd.Timestamp("2023-12-31"))
    own = targets.measure_attainment(province, target="T5").table.set_index(["estimand", "term"])["estimate"]
    watched = targets.monitor_group(province).table.set_index(["estimand", "term"])["estimate"]
    assert own["attainment", "has"] == watched["attainment", "has"] and own["heads", "need"] > 0
    for verb in (targets.bridge, targets.split_units):
        moved = verb(province, target="T5", start="2021-09-10", end="2025-06-30").table
        points = moved[moved["estimand"] == "points"].set_index("term")["estimate"]
        assert points.drop("closing").sum() == pytest.approx(points["closing"])
    assert targets.measure_pace(province, target="T5").table["estimate"].notna().all()
    asked = {"deadline": "2025-06-30", "draws": 100, "seed": 1}
    ahead = targets.project(known, **asked)
    assert set(ahead.table["outcome"]) == {"T1", "T2", "T3", "T4", "T5", "ALL"} and ahead.table["date"].notna().all()
    late = targets.project(known, **{**asked, "deadline": "2026-06-30"}).table
    assert late[late["term"] == "met"].set_index("outcome")["estimate"].notna()[["T1", "T5"]].tolist() == [False, True]
    plan = targets.plan_enrolments(known, certainty=(0.5,), **asked)
    assert plan.table.set_index(["outcome", "term"]).loc[("T5", "eligible"), "estimate"] > 0
    classes = targets.plan_classes(plan, 0.5)
    assert classes.empty or "serve_T5" in set(classes["class"])


def test_a_further_target_moves_no_census(province, monkeypatch):
    """Heads and flows of the four are the same whether a fifth is watched or not."""

    def rows() -> list[pd.DataFrame]:
        return [targets.measure_attainment(province, target=name).table for name in ("T1", "T2", "T3", "T4")]

    before = rows()
    monkeypatch.setitem(folder.reference("targets.yml")["targets"], "T5", FIFTH)
    for one, other in zip(before, rows(), strict=True):
        pd.testing.assert_frame_equal(one, other)
