"""The verdict under every definition, and the warning where it depends on one."""

from __future__ import annotations

import pandas as pd
from groups import course, degree, group

from analysis.targets.grid import grid_definitions


def test_the_grid_says_when_the_verdict_depends_on_the_reading():
    """Seven of ten with those who study, three with a degree; one is lent out; in May one fewer studied."""
    studying = [course(f"P{one}") for one in (4, 5, 6)] + [course("P7", "2025-06-10")]
    lent = [{"person_id": "P10", "decision": "secondment"}]
    reg = group(10, qualifications=[degree(f"P{one}") for one in (1, 2, 3)], training=studying, posts=lent)
    found = grid_definitions(reg, target="T1", days=["2025-06-30"])
    cells = found.details["verdicts"].set_index(["reading", "population"])["reached"]
    assert cells["has_or_studying", "ALL"] and not cells["has", "ALL"]
    assert cells["has_or_studying", "not_seconded"] and not cells["has_or_studying", "quarter_average"]
    rows = found.table.set_index(["term", "population"])
    assert rows.loc[("has_or_studying", "not_seconded"), "n"] == 9
    assert rows.loc[("has_or_studying", "quarter_average"), "estimate"] == (6 + 6 + 7) / 30
    assert "depends on the definition" in found.notes[0].en


def test_a_plain_verdict_has_no_warning_and_nobody_is_blocked():
    """All with a degree and studying: every cell agrees. Nobody: not assessable."""
    reg = group(2, qualifications=[degree("P1"), degree("P2")], training=[course("P1"), course("P2")])
    assert grid_definitions(reg, target="T1", days=["2025-06-30"]).status == "ok"
    empty = grid_definitions(group({}), target="T1", days=["2025-06-30"])
    assert empty.status == "blocked" and empty.table["estimate"].isna().all()
    assert isinstance(empty.table, pd.DataFrame)
