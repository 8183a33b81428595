"""Two shares: the worked figures of the field, whole heads, and what cannot be compared."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.equity import compare_shares
from analysis.errors import EquityError


def rows(*given):
    return compare_shares(*given).table.set_index("term")


def test_twelve_of_eighty_against_forty_of_a_hundred_and_sixty():
    """Ratio 0.60 (score 0.33 to 1.05), 0.84 below four fifths, Fisher 0.10, 4 short of four fifths and 8 of parity."""
    found = rows(12, 80, 40, 160)
    assert found.loc["ratio", ["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx(
        [0.60, 0.33, 1.05], abs=0.005
    )
    assert found.loc["below[0.8]", "estimate"] == pytest.approx(0.84, abs=0.005)
    assert found.loc["fisher", "p_value"] == pytest.approx(0.10, abs=0.005)
    assert found.loc[["shortfall[0.8]", "shortfall[1.0]"], "estimate"].tolist() == [4, 8]


def test_nobody_chosen_still_has_an_interval_and_an_equal_share_no_shortfall():
    """A ratio of 0 has an upper end, and people missing are whole heads or none."""
    none = rows(0, 20, 10, 40)
    assert none.loc["ratio", "estimate"] == 0 and 0 < none.loc["ratio", "conf_high"] < 2
    assert none.loc["shortfall[1.0]", "estimate"] == 5
    assert rows(15, 60, 40, 160).loc[["shortfall[0.8]", "shortfall[1.0]"], "estimate"].tolist() == [0, 0]


def test_the_interval_holds_the_ratio_at_every_edge():
    """All of the reference, all of the group, nobody: score intervals stay real and around what was seen."""
    for given in ((5, 20, 20, 20), (48, 50, 30, 30), (10, 10, 20, 20), (1, 3, 5, 5), (0, 20, 10, 40), (20, 20, 5, 20)):
        low, point, high = rows(*given).loc["ratio", ["conf_low", "estimate", "conf_high"]]
        assert 0 <= low <= point < high
    assert rows(5, 20, 20, 20).loc["ratio", ["conf_low", "conf_high"]].tolist() == pytest.approx(
        [0.111, 0.472], abs=5e-3
    )
    assert rows(12.0, 80.0, 40.0, 160.0).loc["ratio", "estimate"] == 0.6


def test_inside_the_edges_the_interval_is_that_of_statsmodels():
    """The same score interval as another program, where that one does not break."""
    rng = np.random.default_rng(2)
    for _ in range(40):
        m, n = rng.integers(10, 200, 2)
        a, b = rng.integers(2, m - 1), rng.integers(2, n - 1)
        wanted = confint_proportions_2indep(a, m, b, n, compare="ratio", method="score")
        assert rows(a, m, b, n).loc["ratio", ["conf_low", "conf_high"]].tolist() == pytest.approx(wanted, rel=1e-4)


def test_what_cannot_be_compared_is_blocked_or_refused():
    """An empty group has no ratio; counts that cannot be are no counts."""
    assert compare_shares(0, 0, 5, 10).status == compare_shares(3, 10, 0, 10).status == "blocked"
    for wrong in ((5, 4, 1, 2), (-1, 4, 1, 2), (1.5, 4, 1, 2), (float("nan"), 4, 1, 2)):
        with pytest.raises(EquityError, match="whole"):
            compare_shares(*wrong)
