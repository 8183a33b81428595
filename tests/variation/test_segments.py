"""A change in a series: found where it is, with intervals that know of years, and rarely where nothing happened."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.errors import Blocked
from analysis.variation.segments import expect, fit_change, in_season, try_placebos
from analysis.variation.series import Series

FIRST, SINCE = 564, 620  # 2017-01, 2021-09


def series(rng, level: float, months: int = 92, sd: float = 0.08) -> Series:
    """A series with season, a drift, shocks common to a year, and a level from SINCE on; nothing in three months."""
    number = FIRST + np.arange(months)
    season = np.array([1, 1, 0, 0, 1.3, 1, 0.8, 1, 1, 0, 1, 1.2])[number % 12]
    year = np.exp(sd * rng.standard_normal(20))[(number - FIRST) // 12]
    due = np.full(months, 30.0)
    mean = due * season * year * np.exp(0.03 * (number - SINCE) / 12) * np.where(number >= SINCE, level, 1)
    return Series(number, np.full(months, 5000), rng.poisson(mean), due, np.ones((1, months), dtype=bool))


def test_months_of_a_name_without_any_event_are_left_out():
    """Protects: a calendar in which nothing can happen is not the work of an event."""
    used = in_season(series(np.random.default_rng(1), 1.0))
    assert set(np.arange(FIRST, FIRST + 92)[~used] % 12) == {2, 3, 9}


def test_a_planted_level_is_within_its_interval():
    """Protects: intervals. In 150 series with shocks common to a year at least nine in ten hold the planted level."""
    rng, held, people = np.random.default_rng(3), 0, []
    for _ in range(150):
        made = series(rng, 1.9)
        fit = fit_change(made, in_season(made), SINCE)
        place = len(fit.found) - fit.changes
        error = np.sqrt(fit.spread[place, place])
        held += abs(fit.found[place] - np.log(1.9)) <= 2.45 * error
        used = in_season(made)
        after = expect(fit, made.due[used])[0][fit.after]
        people.append(made.events[used][fit.after].sum() / after.sum())
    assert held >= 138 and np.mean(people) == pytest.approx(1.9, rel=0.08)


def test_dates_on_which_nothing_happened_are_rarely_refused():
    """Protects: the size of the test, years that differ by chance included."""
    rng, refused = np.random.default_rng(4), []
    for _ in range(25):
        made = series(rng, 1.0)
        used = in_season(made) & (made.months < SINCE)
        refused += (try_placebos(made, used) < 0.05).tolist()
    assert len(refused) > 300 and np.mean(refused) <= 0.07


def test_draws_lie_around_what_is_expected():
    """Protects: the interval of people, drawn from coefficients, holds what their best values give."""
    made = series(np.random.default_rng(5), 1.5)
    used = in_season(made)
    fit = fit_change(made, used, SINCE)
    drawn = expect(fit, made.due[used], 400, 1).sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert low < expect(fit, made.due[used]).sum() < high


def test_season_and_trend_that_cannot_be_told_apart_are_blocked():
    """Protects: a change that rests on months of which there is one each."""
    made = series(np.random.default_rng(6), 1.0, months=60)
    with pytest.raises(Blocked):
        fit_change(made, in_season(made) & (made.months >= SINCE - 8), SINCE)
