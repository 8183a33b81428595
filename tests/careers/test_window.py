"""Which months are known whole between a day and the day of the registry."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.careers.window import last_whole_month, months_since
from analysis.errors import CareersError
from analysis.synthetic.worlds import make_registry


def test_a_month_that_has_begun_is_not_known_whole():
    """On the 29th of June the last whole month is May."""
    assert last_whole_month(pd.Timestamp("2025-06-29")) + 1 == last_whole_month(pd.Timestamp("2025-06-30"))


@pytest.mark.parametrize("since", ["2030-01-01", "soon", "2024-13-01"])
def test_a_day_that_cannot_be_is_refused_in_the_room_that_asked(since):
    """The error names the parameter and is the caller's."""
    with pytest.raises(CareersError, match="since"):
        months_since(make_registry(150, 1), since, CareersError)
