"""The README's lines say what was released, whatever sign it has, and that it is not shown where it is not."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import TRIAL, attainment, shown, verdict

from analysis.publishing.pages.readme import EFFECT, TARGETS, found_lines, found_table


@pytest.fixture
def runs(tmp_path):
    """Released rows of the two runs, the effect as asked."""

    def write(estimate):
        main = {**TRIAL, "method": "pooled_logistic", "run": "pooled_logistic", "estimand": "risk_difference", "term": "trained",
                "time": 36, "n_exposed": 455, "n_event": 65, "estimate": estimate}  # fmt: skip
        effect = pd.concat([shown([main]), verdict("not_distinguishable")], ignore_index=True)
        for slug, rows in ((TARGETS, attainment()), (EFFECT, effect)):
            (tmp_path / slug).mkdir(exist_ok=True)
            rows.to_parquet(tmp_path / slug / "rows.parquet", index=False)
        return tmp_path

    return write


@pytest.mark.parametrize(("estimate", "said"), [(0.014, "14 more of a thousand"), (-0.012, "12 fewer of a thousand")])
def test_an_effect_is_said_by_its_sign(runs, estimate, said):
    """Fewer are fewer, not minus so many more."""
    lines = found_lines(runs(estimate))
    assert said in lines and "455 people started" in lines and "not distinguishable" in lines


def test_a_withheld_effect_is_said_to_be_not_shown(runs):
    """A verdict that keeps the number back leaves a sentence, not a traceback."""
    folder = runs(None)
    assert "is not shown. Verdict by rules set beforehand: not distinguishable" in found_lines(folder)
    assert "Promoted within" not in found_table(folder)
