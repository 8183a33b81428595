"""Results do not change unless somebody says why."""

from __future__ import annotations

import pandas as pd
from golden.estimates import FROZEN, lay_out
from golden.frozen import differences, reread


def test_every_kind_of_result_is_as_frozen():
    """Moves, views, messages and libraries change no number: 6,000 people through every public verb."""
    assert differences(reread(lay_out()), pd.read_csv(FROZEN)) == []
