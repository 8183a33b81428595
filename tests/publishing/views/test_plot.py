"""A view is found by its name, and an estimate is drawn by the view made for its rows."""

from __future__ import annotations

import pytest
from made import make_frame, world
from matplotlib.text import Text as Label
from shown_rows import GROUPS, attained, balance, flows, ratios

from analysis import effects
from analysis.errors import PublishingError
from analysis.estimate import Estimate
from analysis.publishing import views
from analysis.publishing.drawing.style import NOTHING
from analysis.publishing.views.plot import VIEWS, name_of_view
from analysis.words import say, speaking


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
    frame = world(1, 1500)
    emulated = effects.emulate_trials(
        frame, covariates=["score"], horizons=(12, 24), emulation=effects.Emulation(primary=24)
    )
    unit = {
        "method": "callaway_santanna",
        "estimand": "mean_difference",
        "outcome": "share",
        "conf_low": -0.1,
        "conf_high": 0.3,
    }
    event_study = [{**unit, "term": "event_time", "time": time, "estimate": 0.1} for time in (-1, 0, 1)]
    made += [
        emulated,
        emulated.pick(estimand="risk_difference"),
        emulated.pick(estimand="risk_ratio", time=24),
        effects.estimate_incidence(make_frame(1), by="sex", horizons=(3, 6, 9)),
        effects.fit_hazards(make_frame(1), covariates=["score"], model="logit"),
        Estimate(table=event_study, spec={}),
    ]
    with speaking(lang):
        drawn = [views.plot(one) for one in made]
        words = [" ".join(text.get_text() for text in one.findobj(Label)) for one in drawn]
        assert not any(NOTHING.say()[:12] in one for one in words)
        assert not any(say("hazard ratio (log axis)") in one for one in words[5:])
        assert all(views.plot(one).axes for one in made)
    assert list(GROUPS) == ["T1", "T2", "T3", "T4"]
