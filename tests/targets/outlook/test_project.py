"""Projections carry known facts exactly, give the same draws to all groups, and refuse what cannot be told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from groups import course, degree, group

from analysis import synthetic
from analysis.errors import TargetsError
from analysis.registry import Registry
from analysis.targets import target_ids
from analysis.targets.outlook import ahead as outlook
from analysis.targets.outlook.ahead import busy_months, look_ahead, watch_past
from analysis.targets.outlook.backtest import METHODS, central_mass, known_on, score_past, score_rows, skill_of
from analysis.targets.outlook.panel import watch_groups
from analysis.targets.outlook.paths import Busy, Congress, Plan
from analysis.targets.outlook.project import project
from analysis.targets.outlook.rates import Rates, count_history, draw_rates
from analysis.targets.outlook.simulate import carry_forward

DAY = pd.Timestamp("2023-12-31")
CALM = Busy()


@pytest.fixture(scope="module")
def province() -> Registry:
    return synthetic.make_registry(1_500, 5)


@pytest.fixture(scope="module")
def known(province) -> Registry:
    return known_on(province, DAY)


def still(groups: int, draws: int = 50, **rates) -> Rates:
    """Rates at which nothing happens, save those given."""
    shapes = {"quit": 2, "move": groups * 3, "enrol": groups * 3, "drop": 1, "fill": groups, "enter": groups,
              "pass": (groups + 1) * groups, "climb": 18, "rise": 18}  # fmt: skip
    monthly = {kind: np.full((size, draws), rates.get(kind, 0.0)) for kind, size in shapes.items()}
    mix = np.zeros((groups, 4, draws))
    mix[:, 0] = 1
    return Rates(monthly=monthly, mix=mix, young=np.full(groups, 0.5), policy=np.ones(draws),
                 rungs=np.ones((3, draws)))  # fmt: skip


def plan(months, **ahead) -> Plan:
    return Plan(months=months, shock_sd=0.0, course=24, **ahead)


def carried(reg, rates, how, targets=("T1",)):
    panel = watch_groups(reg, targets, pd.DatetimeIndex([DAY - pd.DateOffset(months=1), DAY]))
    return carry_forward(panel._replace(wait=np.array([2])), rates, how, np.random.default_rng(1))


def test_known_facts_are_carried_exactly():
    """Where nothing happens by chance: one retires in her month, one graduates, waits two months and has the degree."""
    reg = group(4, qualifications=[degree("P1")], training=[course("P2", "2022-06-01", "2024-06-01")])
    born = reg["people"]["birth_date"].mask(reg["people"]["person_id"] == "P1", pd.Timestamp("1968-01-15"))
    reg = dataclasses.replace(reg, tables={**reg.tables, "people": reg["people"].assign(birth_date=born)})
    paths = carried(reg, still(1), plan(12, marks=(5, 9)))
    assert (paths.members == paths.members[:, :, :1]).all(), "nothing is left to chance"
    assert (
        paths.members[:, 0, 0].tolist() == [4] * 6 + [3] * 7
    )  # 56 years and 4 months in May 2024: June is the first month without her
    assert paths.counted[:, 0, 0].tolist() == [2] * 6 + [0, 0, 1, 1, 1, 1, 1]
    assert paths.held[:, 0, 0].tolist() == [1, 1], "one has the degree until she retires, then the other gets his"


def test_one_person_in_two_groups_leaves_both():
    """The same people serve all groups: who leaves the service leaves every group in the same draw."""
    reg = group(
        {"P1": {}, "P2": {}},
        posts=[{"person_id": "P1", "division_leader": True}, {"person_id": "P2", "division_leader": True}],
    )
    paths = carried(reg, still(2, 400, quit=0.05), plan(12), ("T1", "T4"))
    assert (paths.members[-1, 0] == paths.members[-1, 1]).all()
    assert 0 < paths.members[-1, 0].mean() < 2


def test_a_congress_turns_seats_over_and_fills_them():
    """Nearly all change hands in the month of the congress and no seat stays empty."""
    reg = group(4, qualifications=[degree(f"P{one}") for one in range(1, 5)])
    turn = Congress(0, 2024 * 12 + 2 - 1970 * 12, 0.95, 0.0)
    paths = carried(reg, still(1, 400), plan(6, congresses=(turn,)))
    assert (paths.members == 4).all()
    assert paths.counted[2, 0].mean() == 4 and paths.counted[3, 0].mean() == pytest.approx(0.2, abs=0.1)


def test_posts_change_hands_more_often_about_a_congress():
    """Three times as many newcomers in the busy months, as many as ever in the others; seats know nothing of it."""
    reg = group({"P1": {}}, posts=[{"person_id": "P1", "division_leader": True}])
    now = 2023 * 12 + 11 - 1970 * 12
    busy = Busy(frozenset({now + 3, now + 4}), 3.0, 0.0)
    rates = still(1, 2000, enter=0.5)
    paths = carried(reg, rates, plan(6, busy=busy), ("T4",))
    new = np.diff(paths.members[:, 0].mean(axis=1))
    assert new == pytest.approx([0.5, 0.5, 1.5, 1.5, 0.5, 0.5], abs=0.12)


def test_months_about_a_congress_are_known_and_tell_no_calm_rate(monkeypatch):
    """From May to December 2020: a projection from before lets posts change hands more often in them; one from after
    takes no calm rate from them."""
    province = synthetic.make_registry(6_000, 1)
    first = 2020 * 12 + 4 - 1970 * 12
    assert busy_months() == {first + step for step in range(8)}

    def look(known: str, day: str):
        reg = known_on(province, pd.Timestamp(known))
        return look_ahead(watch_past(reg), pd.Timestamp(day), draws=200, seed=1)

    def stay(ahead) -> float:
        return float((ahead.paths.final >> 3 & 1).mean())  # of real people, in the fourth group at the end

    def calm_rate(ahead) -> float:
        return float(ahead.rates.monthly["enter"][3].mean())

    before, after = look("2019-12-31", "2020-12-31"), look("2021-12-31", "2022-12-31")
    monkeypatch.setattr(outlook, "busy_months", lambda more=(): set())
    quiet_before, quiet_after = look("2019-12-31", "2020-12-31"), look("2021-12-31", "2022-12-31")
    assert stay(before) < stay(quiet_before)
    assert calm_rate(before) == calm_rate(quiet_before)
    assert calm_rate(after) < 0.9 * calm_rate(quiet_after)


def test_posts_still_busy_after_a_congress_are_said(province):
    """In November 2020 the congresses are over and appointments are not: the prior is used, so the reader is told."""
    known = known_on(province, pd.Timestamp("2020-10-31"))
    estimate = project(known, deadline="2020-12-31", draws=100, seed=1)
    assert any("congress" in note.say("en") for note in estimate.notes)
    assert (estimate.table["term"] == "met[wider]").any()
    late = project(known_on(province, pd.Timestamp("2020-12-31")), deadline="2021-12-31", draws=100, seed=1)
    assert not any("congress" in note.say("en") for note in late.notes)


def test_every_head_of_the_tally_is_a_cell(known):
    """Running tallies never drift from the people: recount the cells at the end."""
    panel = watch_past(known)
    ahead = look_ahead(panel, pd.Timestamp("2025-06-30"), draws=150, seed=3)
    real = (ahead.paths.final >> np.arange(4)[:, None, None]) & 1
    assert (real.sum(axis=1) <= ahead.paths.members[-1]).all()
    assert (ahead.paths.counted >= 0).all() and (ahead.paths.counted <= ahead.paths.members).all()
    assert ahead.paths.members[0, :, 0].tolist() == panel.member[:, :, -1].sum(axis=1).tolist()


def test_rates_count_what_happened():
    """One of two members enrols in a year: one event, and the prior pulls the rest."""
    reg = group(2, training=[course("P1", "2023-05-01", "2025-05-01")], as_of="2023-12-31")
    days = pd.date_range("2022-12-31", DAY, freq="ME")
    history = count_history(watch_groups(reg, ("T1",), days))
    assert history.seen["enrol"].events.sum() == 1 and history.seen["enrol"].exposure.sum() == 12 + 5
    assert history.seen["quit"].exposure.sum() == 24 and history.seen["quit"].events.sum() == 0
    drawn = draw_rates(history, 500, np.random.default_rng(1), prior_events=2)
    assert drawn.monthly["drop"].mean() < 0.05 and drawn.monthly["quit"].mean() < 0.02, "unseen events stay rare"
    assert all((values >= 0).all() and (values <= 1).all() for kind, values in drawn.monthly.items() if kind != "enter")
    assert drawn.mix.sum(axis=1) == pytest.approx(1)


def test_projection_of_a_province(known):
    """All rows stand; probabilities are never 0 or 1; all four is never likelier than one; the order of rows is nothing."""
    estimate = project(known, draws=200)
    chances = estimate.table[estimate.table["estimand"] == "probability"].set_index("outcome")["estimate"]
    assert set(chances.index) == {"T1", "T2", "T3", "T4", "ALL"} and chances.between(0, 1, inclusive="neither").all()
    assert chances["ALL"] <= chances.min() + 1e-12
    fan = estimate.table[estimate.table["term"].eq("counted") & estimate.table["outcome"].eq("T4")]
    assert len(fan) == 19 * 2 and fan["date"].nunique() == 19
    dots = estimate.table[estimate.table["term"].eq("margin")]
    share = dots["estimate"].ge(0).groupby(dots["outcome"]).mean()
    assert (share - chances[share.index]).abs().max() < 0.06, "twenty dots and the chance tell the same"
    turned = {name: table.iloc[::-1].reset_index(drop=True) for name, table in known.tables.items()}
    pd.testing.assert_frame_equal(project(dataclasses.replace(known, tables=turned), draws=200).table, estimate.table)
    alone = project(known, target="T2", draws=200).table
    assert alone[alone["term"] == "met"]["estimate"].item() == chances["T2"]


def test_a_congress_ahead_is_shown_with_a_wider_prior(province):
    """Before the congresses of 2020 the wider prior is beside, and the reader is told that the turnover is not known."""
    estimate = project(known_on(province, pd.Timestamp("2019-12-31")), deadline="2020-12-31", draws=200)
    assert set(estimate.table.query("term == 'met[wider]'")["outcome"]) == {"T1", "T2", "T3", "T4"}
    assert any("congress" in note.say("en") for note in estimate.notes)


@pytest.mark.parametrize("asked", [{"deadline": "2023-12-31"}, {"deadline": "soon"}, {"draws": 10}, {"target": "T9"}])
def test_impossible_projections_are_refused(known, asked):
    """A deadline that is past or no day, too few draws, an unknown target."""
    with pytest.raises(TargetsError):
        project(known, **asked)


def blocked_reason(reg, **asked) -> str:
    estimate = project(reg, target="T1", **{"draws": 100, "deadline": "2025-06-30", **asked})
    assert estimate.status == "blocked" and estimate.table["estimate"].isna().all()
    return estimate.notes[0].say("en")


def test_what_cannot_be_projected_says_why():
    """Past the end of the group, nobody in the group, no leavers in the file, too short a history."""
    reg = group(5, as_of="2023-12-31")
    assert "no forecast, since the group ends on 30 June 2025" in blocked_reason(reg, deadline="2030-12-31")
    assert "no members" in blocked_reason(group({"P1": {"ended": "2022-01-01"}}, as_of="2023-12-31"))
    assert "people who left" in blocked_reason(dataclasses.replace(reg, meta={**reg.meta, "leavers_included": False}))
    young = dataclasses.replace(reg, meta={**reg.meta, "covers_from": DAY - pd.DateOffset(months=6)})
    assert "months of history" in blocked_reason(young)


@pytest.mark.parametrize("spread", [0.7, 2, 12])
def test_a_perfect_projection_covers_at_its_level(spread):
    """Heads are whole: closed intervals cover too much in small groups, the share of the mass does not."""
    rng = np.random.default_rng(7)
    drawn = np.round(rng.normal(30, spread, 20_000))
    came = np.round(rng.normal(30, spread, 4_000))
    assert np.mean([central_mass(drawn, one, 0.8) for one in came]) == pytest.approx(0.8, abs=0.02)


def test_mass_of_an_outcome_that_was_never_drawn():
    """Between draws it is inside or out; beyond them it is out."""
    drawn = np.array([1, 2, 4, 5])
    assert [central_mass(drawn, one, 0.8) for one in (0, 3, 9)] == [0.0, 1.0, 0.0]


def test_the_model_is_better_only_where_it_beats_no_change_by_the_margin():
    """Half of the error of no change is enough, a twentieth is not, and no error to beat is none beaten."""
    cases = pd.DataFrame({"target": ["T1", "T2", "T3"], "actual": [10, 40, 5], "model": [12, 21, 5], "no_change": [14, 20, 5],
                          "straight_line": [10, 40, 5]})  # fmt: skip
    skill = skill_of(cases)["skill"]
    assert skill["T1"] == pytest.approx(0.5) and np.isnan(skill["T3"])
    rows = pd.DataFrame(score_rows(cases.assign(inside=1.0), 0.10)).query("estimand == 'points'")
    assert rows["term"].tolist() == ["skill[model]", "skill[no_change]", "skill[no_change]"]


def test_past_projections_are_scored(province):
    """Each December known then, up to the last day that was looked at."""
    record = score_past(known_on(province, pd.Timestamp("2018-12-31")), draws=100)
    skill = record.table["term"].str.startswith("skill[")
    assert set(record.table.loc[~skill, "term"]) == {"coverage", *(f"error[{one}]" for one in METHODS)}
    assert record.table.loc[skill, "outcome"].is_unique and set(record.table.loc[skill, "outcome"]) <= set(target_ids())
    assert (record.details["origins"]["origin"] == pd.Timestamp("2017-12-31")).all()
    assert record.table["date"].eq(pd.Timestamp("2018-12-31")).all()
    assert score_past(group(3, as_of="2016-06-30")).status == "blocked"
