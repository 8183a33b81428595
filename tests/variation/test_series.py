"""Monthly series against counts made in another way, and what is due to those at risk."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from analysis.synthetic.worlds import make_registry
from analysis.variation.series import LONG, SERIES, count_months


@functools.cache
def province():
    return make_registry(2000, 6)


def by_month(days: pd.Series, counted) -> np.ndarray:
    months = days.dropna().dt.to_period("M").value_counts()
    every = pd.PeriodIndex(pd.Series(counted.months).to_numpy().astype("datetime64[M]"), freq="M")
    return months.reindex(every, fill_value=0).to_numpy()


@pytest.mark.parametrize("name", SERIES)
def test_what_happened_is_part_of_what_could(name):
    """Protects: nobody counts who was not at risk, and what is due adds up to what happened."""
    counted = count_months(province(), name, "2018-01-01")
    assert (counted.events <= counted.time).all() and counted.events.sum() > 0
    assert counted.due.sum() == pytest.approx(counted.events.sum())
    assert counted.inside.sum(axis=0).tolist() == counted.time.tolist() and len(counted.months) == 90


def test_only_whole_months_count():
    """Protects: a month that the registry knows half of is no fall."""
    reg = make_registry(300, 1)
    object.__setattr__(reg, "as_of", pd.Timestamp("2025-06-15"))
    assert len(count_months(reg, "starts", "2025-01-01").months) == 5


def test_people_who_begin_a_short_course_are_counted_once_a_month():
    """Protects: the series of starts and the share online, against the table of courses itself."""
    rows = province()["training"]
    rows = rows[~rows["kind"].isin(LONG) & rows["started"].notna()]
    once = rows.assign(month=rows["started"].dt.to_period("M")).drop_duplicates(["person_id", "month"])
    starts, online = (count_months(province(), name, "2018-01-01") for name in ("starts", "online"))
    assert abs(starts.events - by_month(once["started"], starts)).max() <= 1
    alone = rows[rows["mode"].eq("online")].assign(month=lambda table: table["started"].dt.to_period("M"))
    alone = alone.drop_duplicates(["person_id", "month"])
    assert (online.events == by_month(alone["started"], online)).all()


def test_leaving_of_ones_own_wish_is_counted_in_its_month():
    """Protects: retirement at age, deaths and transfers are no resignation; who came in the same month is not counted."""
    rows = province()["exits"]
    rows = rows[rows["reason"].isin(["resignation", "early_retirement"])]
    counted = count_months(province(), "resignations", "2018-01-01")
    more = by_month(rows["exited"], counted) - counted.events
    assert more.min() == 0 and more.sum() <= 0.02 * counted.events.sum()
