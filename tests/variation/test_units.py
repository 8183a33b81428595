"""Units compared: their counts, what their people's mix explains, and that units which are alike are never named."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from analysis import variation
from analysis.errors import VariationError
from analysis.synthetic.worlds import STUDY, UNITS_ALIKE, make_registry
from analysis.variation.units import count_units


def cells(rates, mixes, size=150):
    """People of units, each unit with its rate times that of the stratum, and its share of people in the busy one."""
    rng = np.random.default_rng(8)
    rows = []
    for unit, (rate, busy) in enumerate(zip(rates, mixes, strict=True)):
        stratum = rng.random(size) < busy
        events = rng.poisson(60 * rate * np.where(stratum, 0.02, 0.004))
        rows.append(pd.DataFrame({"unit": f"U{unit}", "sector": stratum, "time": 60, "events": events}))
    return pd.concat(rows, ignore_index=True).assign(person=lambda table: np.arange(len(table)))


def test_the_mix_of_people_is_no_merit():
    """Protects: a unit of people who are sent often everywhere is expected to send more."""
    units = count_units(cells([1] * 6, [0.9, 0.9, 0.5, 0.5, 0.1, 0.1]), ["sector"])
    assert (units["seen"] / units["crude"]).max() > 1.4
    assert np.allclose(units["seen"] / units["due"], 1, atol=0.25)


def test_a_large_unit_is_not_held_against_itself():
    """Protects: half of all people send twice as often: their ratio to a unit like all is more than that to everybody."""
    table = pd.concat([cells([2.0], [0.5], 900), cells([1.0] * 6, [0.5] * 6).replace({"U0": "U9"})])
    units = count_units(table.assign(person=np.arange(len(table))), ["sector"])
    plain = table["events"].sum() / table["time"].sum() * units.loc["U0", "time"]
    assert units.loc["U0", "seen"] / units.loc["U0", "due"] > units.loc["U0", "seen"] / plain
    assert units["due"].sum() == pytest.approx(units["seen"].sum(), rel=0.05)


@functools.cache
def province(alike: bool):
    return make_registry(6000, 11, UNITS_ALIKE if alike else STUDY)


def test_units_that_are_alike_are_not_named():
    """Protects: an order that chance has made; the sentence says so, and no row names a unit."""
    found = variation.compare_units(province(True))
    assert set(found.table["population"]) == {"ALL"} and set(found.table["term"]) == {"spread", "alike", "unranked"}
    assert "cannot be ranked" in found.notes[0].say("en")


def test_units_that_differ_are_named_with_rounded_ratios():
    """Protects: names come with their counts, and ratios have no digits from which a count can be solved."""
    found = variation.compare_units(province(False))
    rows = found.pick(term="ratio").table
    seen = found.pick(term="observed").table["estimate"]
    assert len(rows) > 30 and rows["population"].str.contains(" / ").all()
    assert np.allclose(rows["estimate"] * 100, (rows["estimate"] * 100).round())
    assert seen.sum() == found.details["units"]["seen"].sum()
    chances = found.pick(estimand="probability", term="lowest_fifth").table["estimate"]
    assert chances.sum() == pytest.approx(np.ceil(0.2 * len(rows)), abs=0.2)


@pytest.mark.parametrize("measure", ["not_in_time", "owed", "with_degree"])
def test_every_measure_gives_a_spread_and_a_test(measure):
    """Protects: measures of yes and no, whose chance is smaller than that of counts."""
    rows = variation.compare_units(province(False), measure=measure).table.set_index("term")
    assert rows.loc["spread", "conf_high"] >= rows.loc["spread", "estimate"] >= 0
    assert 0 < rows.loc["alike", "p_value"] <= 1


def test_nothing_that_happened_is_blocked():
    """Protects: a comparison of nothing, and a measure that nobody knows."""
    found = variation.compare_units(make_registry(60, 1), start="2025-04-01")
    assert found.status == "blocked" and found.notes
    with pytest.raises(VariationError, match="sending"):
        variation.compare_units(province(True), measure="luck")


def test_a_table_that_is_absent_is_said():
    """Protects: a mix without the planning list that is told as one with it."""
    reg = province(False)
    bare = dataclasses.replace(
        reg, tables={**reg.tables, "planning": reg["planning"].iloc[:0]}, absent=frozenset({"planning"})
    )
    notes = [note.say("en") for note in variation.compare_units(bare).notes]
    assert any("planning is absent" in note for note in notes)
