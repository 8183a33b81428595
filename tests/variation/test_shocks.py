"""Dated events: what is planted comes back, what stands too near is not told, and why is said."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from analysis import variation
from analysis.errors import VariationError
from analysis.estimate import Estimate
from analysis.synthetic.worlds import STUDY, make_registry
from analysis.variation.segments import fit_change
from analysis.variation.series import Series
from analysis.variation.shocks import Frame, _changes


@functools.cache
def found() -> Estimate:
    return variation.assess_events(make_registry(6000, 11, STUDY))


def row(term: str, event: str, series: str) -> pd.Series:
    table = found().pick(method="shock", term=term, population=event, outcome=series).table
    return table.iloc[0]


@pytest.mark.parametrize(
    ("event", "series", "planted"),
    [("project_02", "nominations", 1.9), ("closure_2021", "starts", 0.2), ("suspension_2025", "appointments", 0.15),
     ("decree_29", "appointments", 1.0)],
)  # fmt: skip
def test_what_is_planted_lies_within_the_interval(event, series, planted):
    """Protects: a shock that is there, and none where there is none."""
    level = row("level", event, series)
    assert level["conf_low"] <= planted <= level["conf_high"]


def test_people_are_observed_less_expected():
    """Protects: the number that the page says first."""
    seen, due, gap = (row(term, "project_02", "nominations") for term in ("observed", "expected", "difference"))
    assert gap["estimate"] == pytest.approx(seen["estimate"] - due["estimate"])
    assert gap["conf_low"] < gap["estimate"] < gap["conf_high"] and gap["conf_low"] > 100


@pytest.mark.parametrize(
    ("event", "series", "other"),
    [("project_02", "starts", "closure_2021"), ("project_02", "online", "closure_2021"),
     ("freeze_2024", "appointments", "decree_29")],
)  # fmt: skip
def test_what_stands_too_near_is_not_separable(event, series, other):
    """Protects: a number that may be the work of another event without a known end."""
    reg = make_registry(6000, 11, STUDY)
    one = variation.assess_event(reg, event=event, series=series)
    assert one.status == "blocked" and "not_separable" in set(one.table["term"])
    assert one.notes[0].values["other"] == other and one.table["estimate"].isna().all()


def test_the_months_of_the_closure_are_left_out_before_the_project():
    """Protects: the trend before the closure is carried on, and the page says so."""
    quarters = found().pick(method="series", term="observed", population="project_02", outcome="nominations").table
    assert not quarters["date"].between("2021-07-01", "2021-09-30").any()
    assert any(note.values.get("other") == "closure_2021" for note in found().notes)


def test_too_few_months_before_is_not_assessable():
    """Protects: a trend drawn from nothing."""
    reg = make_registry(2000, 3)
    one = variation.assess_event(reg, event="project_02", series="nominations", start="2020-12-01")
    assert one.status == "blocked" and "not_assessable" in set(one.table["term"])


def test_the_crude_ratio_stands_beside():
    """Protects: the naive answer, before and after without anything else."""
    assert row("crude", "project_02", "nominations")["estimate"] > 1.3


def test_events_and_series_that_nobody_knows_are_refused():
    """Protects: a wrong word."""
    reg = make_registry(300, 1)
    with pytest.raises(VariationError, match="nominations"):
        variation.assess_event(reg, event="project_02", series="luck")
    with pytest.raises(VariationError, match="project_02"):
        variation.assess_event(reg, event="luck", series="starts")


def test_people_more_or_fewer_hold_nought_where_nothing_happened():
    """Protects: the interval of people knows that counts vary by chance; without that every fourth null was a finding."""
    rng, off = np.random.default_rng(5), 0
    for _ in range(150):
        months = 564 + np.arange(102)
        season = np.array([1, 0.8, 1.2, 1, 0.9, 1, 0.7, 1, 1.1, 1, 1, 1.2])[months % 12]
        counts = rng.poisson(20 * season)
        counted = Series(months, np.full(102, 4000), counts, np.full(102, 20.0), np.ones((1, 102), dtype=bool))
        used, since = np.ones(102, dtype=bool), months[-4]
        frame = Frame(used, int(since), (), [])
        rows = {row["term"]: row for row in _changes(counted, frame, fit_change(counted, used, int(since)))}
        off += not rows["difference"]["conf_low"] <= 0 <= rows["difference"]["conf_high"]
    assert off / 150 <= 0.08


def test_what_nobody_can_tell_has_its_reason():
    """Protects: a page that fails; survivors, a day before every event, a day that is none."""
    reg = make_registry(300, 1)
    gone = dataclasses.replace(reg, meta=reg.meta | {"leavers_included": False})
    assert variation.assess_event(gone, event="project_02", series="nominations").status == "blocked"
    assert variation.compare_units(gone).status == "blocked"
    assert variation.assess_events(reg, start="2025-05-01").status == "blocked"
    with pytest.raises(VariationError, match="start"):
        variation.assess_events(reg, start="soon")
