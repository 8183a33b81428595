"""A cohort is people of one day: it starts at the owner's heads, never grows past them, and covers what came."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from groups import course, degree, group
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import synthetic
from analysis.errors import TargetsError
from analysis.registry import Registry
from analysis.targets import follow_cohort, measure_attainment, target_ids
from analysis.targets.outlook import cohort as room
from analysis.targets.outlook.backtest import known_on
from analysis.targets.outlook.rates import Rates

END = pd.Timestamp("2025-06-30")


@pytest.fixture(scope="module")
def province() -> Registry:
    return synthetic.make_registry(3_000, 5)


def calm(panel, draws, seed):
    """Rates at which nobody leaves and nobody drops out."""
    rates, rng = ahead(panel, draws, seed)
    monthly = {kind: values * (kind not in ("quit", "drop")) for kind, values in rates.monthly.items()}
    return Rates(monthly, *rates[1:]), rng


ahead = room.rates_ahead


def holding(estimate, name="T1") -> list[float]:
    rows = estimate.table[estimate.table["outcome"] == name]
    return rows.sort_values("date")["estimate"].tolist()


def test_known_facts_alone_move_a_calm_cohort(monkeypatch):
    """Of four one has a degree and retires in 2027, one finishes in 2026, one has a degree and stays, one never studied:
    two hold one on the day, three in December 2026, two from 2027 on; the fourth is never counted."""
    monkeypatch.setattr(room, "rates_ahead", calm)
    reg = group(4, qualifications=[degree("P1"), degree("P3")], training=[course("P2", "2024-06-01", "2026-02-01")])
    people = reg["people"]
    born = people["birth_date"].mask(people["person_id"] == "P1", pd.Timestamp("1970-06-15"))
    reg.tables["people"] = people.assign(birth_date=born)
    found = follow_cohort(reg, until="2030-12-31", draws=100)
    assert holding(found) == [2, 2, 3, 2, 2, 2, 2] and found.table.query("outcome == 'T1'")["n"].eq(3).all()


def test_a_cohort_starts_at_the_heads_of_the_targets_page(province):
    """On the day itself: who has the degree and who counts, as measure_attainment says, without an interval."""
    reg = known_on(province, END)
    rows = follow_cohort(reg, until="2026-12-31", draws=100).table.set_index(["outcome", "date"]).sort_index()
    for name in target_ids():
        heads = measure_attainment(reg, target=name).table.query("estimand == 'heads'").set_index("term")["estimate"]
        first = rows.loc[name, END]
        assert first["estimate"] == first["conf_low"] == first["conf_high"] == heads["has"]
        assert first["n"] == heads["counted"]
    assert set(rows["estimand"]) == {"heads"}, "no share and no probability"


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), years=st.integers(1, 6))
def test_nobody_joins_a_cohort(province, seed, years):
    """Whatever is drawn, there are never more people than were followed, and each day of the answer is a December."""
    panel = room.watch_past(known_on(province, END))
    days = pd.DatetimeIndex([END, *pd.date_range(END, periods=years, freq="YE-DEC")])
    heads, size = room.carry_cohort(panel, days, 60, seed)
    assert (heads <= size[:, None]).all() and (heads >= 0).all() and len(heads) == years + 1
    assert (heads[0] == heads[0][:, :1]).all()


def test_days_are_decembers_and_the_last_one(province):
    """An end within a year is a day of its own; a past day, none, or one of this month is refused; nobody is said."""
    reg = known_on(province, END)
    days = follow_cohort(reg, until="2027-06-30", draws=100).table["date"].drop_duplicates()
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2025-06-30", "2025-12-31", "2026-12-31", "2027-06-30"]
    for until in ("2025-06-30", "soon"):
        with pytest.raises(TargetsError):
            follow_cohort(reg, until=until)
    early = dataclasses.replace(reg, as_of=pd.Timestamp("2025-12-10"))
    for known, until in (
        (early, "2030-12-31"),
        (dataclasses.replace(reg, as_of=pd.Timestamp("2025-06-10")), "2025-06-30"),
    ):
        with pytest.raises(TargetsError, match="whole months"):
            follow_cohort(known, until=until)
    nobody = follow_cohort(group({"P1": {"ended": "2022-01-01"}}), until="2030-12-31")
    assert nobody.status == "blocked" and np.isnan(nobody.table["estimate"]).all()
