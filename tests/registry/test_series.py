"""How much monthly series swing: by hand, and against chance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from build import build_registry

from analysis import registry


def series(months, as_of="2020-12-31"):
    """Departures in the months given, of a registry that covers 2019 and 2020."""
    people = [{"person_id": f"P{k:04d}"} for k in range(len(months))]
    exits = [{"person_id": f"P{k:04d}", "exited": day, "reason": "resignation"} for k, day in enumerate(months)]
    reg = build_registry({"people": people, "exits": exits}, as_of=as_of)
    reg = dataclasses.replace(reg, meta={**reg.meta, "covers_from": "2019-01-01"})
    return registry.measure_volatility(reg).table.set_index("term")["estimate"]


def test_events_a_month_and_their_spread_by_hand():
    """Protects: months without events count, and the variance is that of all months."""
    found = series(["2019-03-01"] * 12 + ["2020-03-15"] * 12)
    counts = np.zeros(24)
    counts[[2, 14]] = 12
    assert found["a_month[left]"] == 1 and found["spread[left]"] == pytest.approx(counts.var(ddof=1) / counts.mean())


def test_what_comes_by_chance_spreads_by_about_one():
    """Protects: the yardstick of the page."""
    rng = np.random.default_rng(2)
    days = np.datetime64("2019-01-01") + rng.integers(0, 731, 2000)
    assert 0.6 < series([str(day) for day in days])["spread[left]"] < 1.6


def test_a_month_that_is_not_over_is_left_out():
    """Protects: half a month is no quiet month."""
    assert series(["2020-11-10"] * 23, as_of="2020-12-15")["a_month[left]"] == 1


def test_a_series_without_events_has_no_spread():
    """Protects: nothing divided by nothing."""
    assert np.isnan(series(["2019-03-01"])["spread[appointed]"])
