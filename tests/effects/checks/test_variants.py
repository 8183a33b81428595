"""Variants of the data for the checks: each is what it says, of the same people."""

from __future__ import annotations

import pytest

from analysis import careers, effects, synthetic


@pytest.fixture(scope="module")
def reg():
    return synthetic.make_registry(1500, 3)


def test_every_variant_changes_what_it_says(reg):
    """Lags, other courses, other events, other people and a later end; asked settings go along."""
    asked = {"start": "2019-01-01", "end": "2024-06-30"}
    main, found = careers.build_trial_spells(reg, **asked), effects.build_variants(reg, **asked)
    assert [*found][:2] == ["lag", "unrelated"] and len(found) == 8
    spec = {name: one.spec for name, one in found.items()}
    assert [spec[name]["lag"] for name in ("lag", "lag_12", "month_off")] == [effects.rule().lag, 12, 1]
    assert spec["unrelated"]["exposure"] != main.spec["exposure"] and spec["same_month"]["same_month"] == "before"
    assert spec["later_end"]["months"] > main.spec["months"] and spec["later_end"]["start"] == asked["start"]
    leaving = main.frame["event"] == careers.EVENTS.index("transfer_out")
    assert leaving.any() and (found["transfer_out"].frame.loc[leaving, "event"] == 1).all()
    new = main.frame["tenure_band"] == "<24"
    assert main.frame.loc[new, "eligible"].any() and not found["settled"].frame.loc[new, "eligible"].any()


def test_only_what_is_named_is_built(reg):
    """The rule itself needs two: a benchmark of many provinces builds no more."""
    assert [*effects.build_variants(reg, names=("unrelated", "lag"))] == ["unrelated", "lag"]
