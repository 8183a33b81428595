"""A view is found by its name, and an estimate is drawn by the view made for its rows."""

from __future__ import annotations

import pytest
from shown_rows import GROUPS, attained, balance, flows, ratios

from analysis import effects
from analysis.errors import PublishingError
from analysis.estimate import Estimate
from analysis.publishing import views
from analysis.publishing.views.plot import VIEWS, name_of_view
from analysis.words import speaking


def test_views_are_found_by_name():
    """The page builder finds what a run named, and a wrong name is one message with the known ones."""
    assert views.find_view("trials.curves") is views.trials.curves
    assert all(name_of_view(view) == name for name, view in VIEWS.items())
    with pytest.raises(PublishingError, match=r"no view 'trials.curve'; there are .*trials\.curves"):
        views.find_view("trials.curve")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_estimate_is_drawn_by_the_view_of_its_rows(lang):
    """Who explores sees a target in bullets, flows in a bridge, ratios in a forest, balance, published answers."""
    made = [
        attained("T2"),
        Estimate(table=flows(["T1"]).drop(columns=["suppressed", "computed", "why"], errors="ignore"), spec={}),
        Estimate(table=ratios().drop(columns=["suppressed", "computed", "why"], errors="ignore"), spec={}),
        Estimate(table=balance().drop(columns=["suppressed", "computed", "why"], errors="ignore"), spec={}),
        effects.reproduce("promotion"),
    ]
    with speaking(lang):
        assert all(views.plot(one).axes for one in made)
    assert list(GROUPS) == ["T1", "T2", "T3", "T4"]
