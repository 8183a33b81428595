"""A small version of benchmarks/projection.py: ten provinces with yearly shocks, known to December 2022."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from groups import group
from projection import score_world, summarise

from analysis.targets.outlook.ahead import look_ahead
from analysis.targets.outlook.panel import watch_groups


@pytest.mark.long
@pytest.mark.parametrize("world", ["steady", "congress", "cohort"])
def test_ten_provinces_are_covered(world):
    """Pooled over four groups and ten provinces the 80 percent interval covers about so much (two standard errors)."""
    table = summarise(score_world(world, 10, people=6_000, draws=400, jobs=1))["scores"]
    assert 0.64 <= table.loc["all", "inside"] <= 0.93
    assert world == "cohort" or table.loc["all", "brier"] < 0.25
    if world != "congress":
        assert table.loc["all", "model"] < 0.8 * table.loc["all", "no_change"]


@pytest.mark.long
def test_a_large_projection_takes_seconds():
    """4,000 draws of four groups over 60 months: about 20 s on one core (CPU time, so that a busy machine is no matter)."""
    posts = [
        {"person_id": f"P{one}", "standing_committee_managed": one % 5 == 0, "division_leader": one % 5 > 0,
         "started": f"{2015 + one % 8}-03-01"}
        for one in range(1, 1200)
    ]  # fmt: skip
    seats = [
        {
            "person_id": f"P{one}",
            "body": "province_committee" if one % 9 == 0 else "district_committee",
            "started": "2020-10-14",
        }
        for one in range(1, 400)
    ]
    reg = group({}, more_seats=seats, posts=posts, as_of="2023-12-31")
    days = pd.date_range("2020-12-31", "2023-12-31", freq="ME")
    panel = watch_groups(reg, ("T1", "T2", "T3", "T4"), days)
    begun = time.process_time()
    ahead = look_ahead(panel, pd.Timestamp("2028-12-31"), draws=4000, seed=1)
    assert ahead.paths.counted.shape == (61, 4, 4000)
    assert time.process_time() - begun < 40
