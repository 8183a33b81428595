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


def test_the_expected_events_are_the_references_rates_in_the_groups_own_mix():
    """Women sit where hardly anybody is sent: the crude ratio says 0.5, like with like 1.25."""
    frame = cells([
        (0, "female", "a", 100, 1), (1, "female", "b", 10, 4),
        (2, "male", "a", 50, 0), (3, "male", "a", 50, 2), (4, "male", "b", 100, 20),
    ])  # fmt: skip
    found = compare(frame, WOMEN, ["sector"])
    assert found.expected == pytest.approx(100 * 2 / 100 + 10 * 0.2)
    assert found.ratio == pytest.approx(5 / 4)
    assert found.crude == pytest.approx((5 / 110) / (22 / 200))
    assert found.matched == 1 and found.people == 2


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
