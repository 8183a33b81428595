"""Nothing is forecast of a group past its end; a target that is entered with its own day is planned to it."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from analysis import project as project_folder
from analysis import synthetic
from analysis.publishing.gate.disclosure import protect
from analysis.registry import Registry
from analysis.targets import (
    compare_scenarios,
    follow_cohort,
    measure_attainment,
    plan_enrolments,
    project,
    score_past,
    target_ids,
)
from analysis.targets.outlook.ahead import find_day
from analysis.targets.outlook.backtest import known_on

END = pd.Timestamp("2025-06-30")
NEW = {
    "share": 0.4,
    "group": {"table": "posts", "column": "division_leader", "values": [True]},
    "day": pd.Timestamp("2028-12-31").date(),
    "source": "a test",
}


@pytest.fixture(scope="module")
def province() -> Registry:
    return synthetic.make_registry(1_500, 5)


def known(province: Registry, day: str) -> Registry:
    """The registry on a day, which may be after the last that the province has."""
    when = pd.Timestamp(day)
    return known_on(province, when) if when <= province.as_of else dataclasses.replace(province, as_of=when)


def released(reg: Registry, deadline: str | None) -> pd.DataFrame:
    """All that the room says of what is to come, as it may leave."""
    asked = {"deadline": deadline, "draws": 100}
    told = [project(reg, **asked), plan_enrolments(reg, **asked), compare_scenarios(reg, **asked)]
    told += [score_past(reg, draws=100), follow_cohort(reg, until="2030-12-31", draws=100)]
    return pd.concat(map(protect, told), ignore_index=True)


@pytest.mark.parametrize(
    ("as_of", "deadline"),
    [("2022-12-31", "2025-06-30"), ("2023-12-31", "2025-12-31"), ("2024-12-31", None), ("2024-12-31", "2030-12-31"),
     ("2025-06-30", None), ("2025-06-30", "2030-12-31"), ("2025-12-31", "2026-12-31")],
)  # fmt: skip
def test_no_probability_of_a_target_is_dated_after_its_end(province, as_of, deadline):
    """In any build, with any day and deadline: no probability and no heads that count, for a group that is no more."""
    rows = released(known(province, as_of), deadline)
    ahead = rows["estimand"].eq("probability") | rows["term"].isin(["counted", "need", "margin", "shortfall"])
    told = rows[rows["outcome"].isin([*target_ids(), "ALL"]) & ahead & rows["estimate"].notna()]
    assert (told["date"] <= END).all()
    on_the_day = told[told["method"] != "backtest"]
    assert on_the_day.empty == (as_of >= "2025-06-30" or (deadline or "") > "2025-06-30")


def test_a_fan_from_within_a_month_bears_the_ends_of_the_months_simulated(province):
    """From 10 March the first month simulated is April: its heads are dated its last day, not that of March."""
    days = project(known(province, "2025-03-10"), target="T4", draws=100).table.query("term == 'counted'")["date"]
    assert [f"{day:%d/%m}" for day in days.drop_duplicates()] == ["10/03", "30/04", "31/05", "30/06"]


def test_a_deadline_within_this_month_is_what_the_counts_say(province):
    """No month lies ahead, so nothing is uncertain: met or not, and never 99.5 percent."""
    reg = known(province, "2025-06-10")
    found = project(reg, deadline="2025-06-20", draws=100).table
    short = measure_attainment(reg, target="T4").table.set_index("term")["estimate"]["short"]
    met = found.query("term == 'met'").set_index("outcome")["estimate"]
    assert set(met) <= {0.0, 1.0} and met["T4"] == float(short == 0)
    curve = plan_enrolments(reg, target="T4", deadline="2025-06-20", draws=100).table.query("term == 'met_with_extra'")
    assert curve["estimate"].iloc[0] == met["T4"]


def test_a_group_at_its_end_is_refused_in_plain_words(province):
    """On the last day itself, and past it, whatever the deadline: each target says why, once, and in both languages."""
    found = project(known(province, "2025-06-30"), draws=100)
    assert found.status == "blocked" and len(found.notes) == 4
    assert found.notes[0].say("en") == "T1: no forecast, since the group ends on 30 June 2025."
    assert found.notes[0].say("vi") == "T1: không dự báo, vì nhóm này kết thúc hoạt động sau ngày 30/06/2025."


def test_a_target_entered_with_its_own_day_is_planned_to_it(province, monkeypatch):
    """One entry in targets.yml, with source, day and group: forecast and planned beside four that have ended by then."""
    monkeypatch.setitem(project_folder.reference("targets.yml")["targets"], "T5", NEW)
    reg = known(province, "2024-12-31")
    assert find_day("T5") == pd.Timestamp("2028-12-31") and find_day(None) == find_day("T1") == END
    found = project(reg, target="T5", draws=100).table.set_index("term")
    assert found.loc["met", "estimate"] > 0 and found.loc["met", "date"] == pd.Timestamp("2028-12-31")
    plan = plan_enrolments(reg, target="T5", draws=100, certainty=(0.5,)).table
    assert plan.set_index("term").loc["expected_gap", "estimate"] >= 0
    every = project(reg, deadline="2028-12-31", draws=100).table.query("term == 'met'").set_index("outcome")["estimate"]
    assert every.drop("T5").isna().all() and every["T5"] == found.loc["met", "estimate"]
    some = plan_enrolments(reg, deadline="2028-12-31", draws=100, certainty=(0.5,)).table
    assert "ALL" not in set(some["outcome"]), "a plan for one is none for all"
