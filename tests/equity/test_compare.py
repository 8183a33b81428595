"""A group beside its reference: by hand, without a gap, and with errors that know whose months they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.equity.compare import compare
from analysis.equity.groups import GROUPS

WOMEN = GROUPS["sex[female]"]


def cells(rows: list[tuple]) -> pd.DataFrame:
    names = ["person", "sex", "sector", "time", "events"]
    return pd.DataFrame(rows, columns=names)


def test_rates_are_compared_within_strata():
    """Women sit where hardly anybody is sent: half as often at first sight, twice as often within each sector."""
    frame = cells([
        (0, "female", "a", 100, 2), (1, "female", "b", 10, 4),
        (2, "male", "a", 50, 0), (3, "male", "a", 50, 1), (4, "male", "b", 100, 20),
    ])  # fmt: skip
    found = compare(frame, WOMEN, ["sector"])
    assert found.ratio == pytest.approx(2)
    assert found.expected == pytest.approx(6 / 2)
    assert found.crude == pytest.approx((6 / 110) / (21 / 200))
    assert found.matched == 1 and found.people == 2 and found.with_event == 2


def test_many_small_strata_in_which_the_event_ends_the_risk_give_no_bias():
    """Whoever is sent leaves the risk: dividing by the time of a small stratum makes its rate too high."""
    rng, logs = np.random.default_rng(3), []
    for _ in range(200):
        size = 600
        sex, sector = rng.random(size) < 0.6, rng.integers(0, 150, size)
        wait = rng.geometric(0.05, size)
        frame = pd.DataFrame({
            "person": np.arange(size), "sex": np.where(sex, "female", "male"), "sector": sector,
            "time": np.minimum(wait, 24), "events": (wait <= 24).astype(float),
        })  # fmt: skip
        logs.append(np.log(compare(frame, WOMEN, ["sector"]).ratio))
    assert abs(np.mean(logs)) < 3 * np.std(logs) / np.sqrt(200)


def test_time_without_anybody_beside_it_is_not_compared():
    """Where the reference never is, nothing can be said: the share that can is."""
    frame = cells([(0, "female", "a", 60, 3), (1, "female", "c", 40, 9), (2, "male", "a", 60, 3)])
    found = compare(frame, WOMEN, ["sector"])
    assert (found.matched, found.observed, found.ratio) == (0.6, 3, 1)
    assert not found.flagged


def test_what_names_the_group_is_never_adjusted_for():
    """Comparing the young with others within each age would compare nobody."""
    frame = cells([(0, "female", "a", 10, 1), (1, "male", "a", 10, 2)]).assign(age=["30-39", "50+"])
    assert compare(frame, GROUPS["age[under_40]"], ["sector", "age"]).ratio == pytest.approx(0.5)


def test_the_interval_holds_the_planted_ratio():
    """In 600 draws of people who are sent more than once, about 95 percent; errors by month alone would be too small."""
    rng, inside, ratio = np.random.default_rng(7), 0, 0.7
    for _ in range(600):
        size = 400
        own = rng.gamma(1.0, 1.0, size)  # people differ: their events come together
        sex, sector = rng.random(size) < 0.5, rng.integers(0, 3, size)
        rate = np.array([0.02, 0.05, 0.1])[sector] * np.where(sex, ratio, 1) * own
        frame = pd.DataFrame({
            "person": np.arange(size), "sex": np.where(sex, "female", "male"), "sector": sector,
            "time": 24, "events": rng.poisson(24 * rate),
        })  # fmt: skip
        low, high = compare(frame, WOMEN, ["sector"]).interval
        inside += low <= ratio <= high
    assert 0.92 <= inside / 600 <= 0.98
