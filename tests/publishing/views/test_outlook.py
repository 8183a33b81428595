"""Figures of projections and plans draw from rows alone, in both languages and widths, and from nothing too."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from analysis.estimate import tidy
from analysis.publishing.views.outlook import EXTRA, FAN
from analysis.publishing.views.style import render

BASE = {"outcome": "T4", "method": "stock_flow"}


def fan_rows() -> pd.DataFrame:
    rows = []
    for month, day in enumerate(pd.date_range("2023-12-31", periods=13, freq="ME")):
        for level, wide in ((0.8, 2), (0.5, 1)):
            rows.append({**BASE, "estimand": "heads", "term": "counted", "date": day, "estimate": 200 + month,
                         "conf_low": 200 + month - wide * month, "conf_high": 200 + month + wide * month, "conf_level": level})  # fmt: skip
    rows.append({**BASE, "estimand": "heads", "term": "need", "date": day, "estimate": 215})
    rows += [{**BASE, "estimand": "heads", "term": "margin", "date": day, "estimate": one - 15} for one in range(20)]
    return tidy(rows + [{**BASE, "outcome": "T3", "estimand": "heads", "term": "counted"}])


def curve_rows() -> pd.DataFrame:
    rows = [
        {**BASE, "estimand": "probability", "term": "met_with_extra", "estimate": one / 12, "n_exposed": one}
        for one in range(11)
    ]
    return tidy(
        rows
        + [
            {
                **BASE,
                "outcome": "T1",
                "estimand": "probability",
                "term": "met_with_extra",
                "estimate": 0.1,
                "n_exposed": 0,
            }
        ]
    )


@pytest.mark.parametrize(("chart", "rows"), [(FAN, fan_rows()), (EXTRA, curve_rows())], ids=["fan", "extra"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_charts_draw_in_every_form(chart, rows, lang):
    """Wide and phone, light and dark; the same rows give the same bytes; words name what is drawn."""
    kept = chart.keep(rows.assign(suppressed=False))
    images = render(functools.partial(chart.draw, kept), lang, everywhere=True)
    assert len(images) == 4 and all("<svg" in one for one in images.values())
    assert images == render(functools.partial(chart.draw, kept), lang, everywhere=True)
    words = chart.describe(kept, lang)
    assert "T4" in words["title"] and "T4" in words["alt"] and "T3" not in words["alt"]
    assert "–" in words["alt"] or chart is FAN, "what cannot be reached is a dash, not a number"


@pytest.mark.parametrize("chart", [FAN, EXTRA])
def test_charts_of_nothing_say_so(chart):
    """Where all is hidden or blocked there is a sentence, never an empty frame."""
    rows = chart.keep(fan_rows().assign(estimate=float("nan"), suppressed=True))
    assert rows.empty and "<svg" in render(functools.partial(chart.draw, rows), "vi", everywhere=False)["wide_light"]
    assert chart.describe(rows, "en")["alt"]
