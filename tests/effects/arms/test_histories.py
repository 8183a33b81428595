"""Weights along histories: what must hold, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published import follow

from analysis import effects
from analysis.errors import EffectsError


def made(people=4000, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=people)
    trained = (rng.random(people) < 1 / (1 + np.exp(-x))).astype(int)
    risk = np.minimum(0.02 * np.exp(0.5 * x), 0.5)
    when = rng.geometric(risk)
    return follow(pd.DataFrame({"x": x, "trained": trained}), np.minimum(when, 24), (when <= 24).astype(int))


def history():
    rows = effects.arms.expand_periods(made(400, seed=5)).rename(columns={"trained": "ever"})
    rng = np.random.default_rng(1)
    rows["cd"] = rng.normal(size=len(rows)).round(2)
    starts = rng.random(len(rows)) < 0.08 * np.exp(0.6 * rows["cd"]).clip(upper=4)
    return rows.assign(started=starts.groupby(rows["person_id"]).cummax().astype(int), event=0)


def test_weights_along_histories():
    """Weights average one, vary with what changes over time, stay after a start, and leave the rows as they were."""
    rows = history()
    kept = rows.copy()
    same = effects.arms.weigh_histories(rows, happening="started", numerator=["x"], denominator=["x"])
    assert same == pytest.approx(np.ones(len(rows)))
    weight = effects.arms.weigh_histories(rows, happening="started", numerator=["x"], denominator=["x", "cd"])
    assert weight.mean() == pytest.approx(1, abs=0.1) and weight.min() > 0 and weight.std() > 0.05
    after = rows["started"].eq(1) & rows.groupby("person_id")["started"].shift(fill_value=0).eq(1)
    assert (pd.Series(weight)[after] == pd.Series(weight).groupby(rows["person_id"]).shift()[after]).all()
    pd.testing.assert_frame_equal(rows, kept)


def test_histories_that_are_refused():
    """Rows out of order, a model that cannot be fitted and an unknown kind are told, never weighed."""
    rows = history()
    asked = {"happening": "started", "numerator": ["x"], "denominator": ["x", "cd"]}
    with pytest.raises(EffectsError, match="Sort by person_id"):
        effects.arms.weigh_histories(rows.iloc[::-1], **asked)
    with pytest.raises(EffectsError, match="started: .*constant"):
        effects.arms.weigh_histories(rows.assign(cd=1.0), **asked)
    with pytest.raises(EffectsError, match="kind is 'end'"):
        effects.arms.weigh_histories(rows, **asked, kind="end")
