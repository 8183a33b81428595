"""Simulated figures leave whole and unsure, or not at all; nothing computed is never shown as none or as certain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.estimate import Estimate, blocked
from analysis.publishing.drawing.svg import render
from analysis.publishing.gate.disclosure import limits, protect, protect_counts
from analysis.publishing.views import outlook, planner
from analysis.targets import plan_classes
from analysis.words import Message, speaking

LEAST, BASE = limits()
DAYS = pd.date_range("2023-12-31", periods=4, freq="ME")
WHY = Message("{target}: no forecast, since the group ends on {ends:day}.",
              target="T1", ends=pd.Timestamp("2025-06-30"))  # fmt: skip


def forecast(widths=(0, 1, 4, 6), members=60, population="ALL") -> Estimate:
    """A fan that widens, with what holds on its last day."""
    base = {"method": "stock_flow", "population": population, "outcome": "T1", "n": members, "date": DAYS[-1]}
    rows = [{**base, "estimand": "heads", "term": "counted", "date": day, "estimate": 40, "conf_low": 40 - wide // 2,
             "conf_high": 40 + wide - wide // 2, "conf_level": level}
            for day, wide in zip(DAYS, widths, strict=True) for level in (0.8, 0.5)]  # fmt: skip
    rows += [{**base, "estimand": "heads", "term": term, "estimate": value}
             for term, value in (("need", 42), ("shortfall", 1.234))]  # fmt: skip
    rows += [{**base, "estimand": "heads", "term": "margin", "estimate": value} for value in range(-10, 10)]
    rows += [{**base, "estimand": "probability", "term": "met", "estimate": 0.0001}]
    return Estimate(table=rows, spec={})


def asked(eligible: int, members: int = 60) -> Estimate:
    """A plan whose curve ends with the last of those who may be sent."""
    base = {"method": "planning", "population": "ALL", "outcome": "T1", "date": DAYS[-1]}
    rows = [{**base, "estimand": "heads", "term": "eligible", "estimate": eligible},
            {**base, "estimand": "heads", "term": "expected_gap", "estimate": 3},
            {**base, "estimand": "heads", "term": "extra[0.8]", "estimate": None}]  # fmt: skip
    rows += [{**base, "estimand": "probability", "term": "met_with_extra", "estimate": 0.02 * one, "n_exposed": one}
             for one in range(eligible + 1)]  # fmt: skip
    return Estimate(table=rows, spec={})


def refused() -> Estimate:
    base = {"method": "stock_flow", "population": "ALL", "outcome": "T1", "date": DAYS[-1]}
    terms = [("heads", "counted"), ("heads", "need"), ("probability", "met")]
    return blocked([{**base, "estimand": estimand, "term": term} for estimand, term in terms], {}, WHY)


def test_what_is_all_but_known_is_left_out():
    """A month in which the outcome is sure would tell who retires or graduates; today's number is official."""
    rows = protect(forecast())
    shown = rows[rows["term"].eq("counted") & rows["estimate"].notna()]
    assert shown["date"].unique().tolist() == [DAYS[0], DAYS[2], DAYS[3]]
    assert rows.loc[rows["term"].eq("need"), "estimate"].item() == 42
    assert set(rows.loc[rows["suppressed"], "why"]) == {"sure"}, "nobody is told that they are few"


def test_who_of_a_cohort_stays_is_hidden_where_it_is_all_but_known():
    """The same limit as for a fan: a December that is sure would tell who retires; the first day is official."""
    table = forecast().table
    held = table[table["term"].eq("counted")].assign(term="holding")
    shown = protect(Estimate(table=held, spec={})).dropna(subset="estimate")
    assert shown["date"].unique().tolist() == [DAYS[0], DAYS[2], DAYS[3]]


def test_a_last_day_that_is_known_hides_all_of_it():
    """Need, outcomes and chance would give the heads back."""
    rows = protect(forecast(widths=(0, 0, 1, 1)))
    assert rows.loc[rows["date"].eq(DAYS[-1]), "estimate"].isna().all()


@pytest.mark.parametrize(("changed", "why"), [({"members": LEAST - 1}, "few"), ({"population": "U1"}, "part")])
def test_only_whole_groups_of_enough_people_leave(changed, why):
    """A unit, or a handful, has no projection on a page, and each for its own reason."""
    rows = protect(forecast(**changed))
    assert rows["estimate"].isna().all() and set(rows["why"]) == {why}


def test_a_chance_is_never_none_or_certain():
    """A probability from draws is kept off both ends, and said in words there."""
    met = protect(forecast()).set_index("term").loc["met", "estimate"]
    assert met == 0.01 and outlook.chance(met) == "< 1%"
    assert outlook.chance(0.995).startswith("> 99")


@pytest.mark.parametrize("eligible", [0, 1, LEAST - 1, LEAST, 13, 22])
def test_the_eligible_cannot_be_counted_from_the_curve(eligible):
    """Rounded or hidden, and the curve ends at a multiple of the base whatever their number."""
    rows = protect(asked(eligible))
    count = rows.loc[rows["term"].eq("eligible"), "estimate"].item()
    curve = rows.loc[rows["term"].eq("met_with_extra"), "n_exposed"]
    assert curve.max() % BASE == 0 and rows["n_effective"].isna().all()
    if eligible < LEAST:
        assert np.isnan(count) and curve.max() == 0
    else:
        assert count % BASE == 0
    with speaking("en"):
        cell, alt = planner.extra.data(planner.extra.keep(rows)), planner.extra.say(rows, made="2023-12-31")["alt"]
    assert ("hidden (under 10 people)" in cell) == ("hidden (under 10 people)" in alt) == (eligible < LEAST)
    assert (">–</td>" in cell) == ("80%: –" in alt) == (eligible >= LEAST), "that they do not suffice tells of few"
    extra = rows[rows["term"].eq("extra[0.8]")].iloc[0]
    assert extra["computed"] == (eligible < LEAST), "whether as few would suffice is not told by the row either"


def test_cases_of_a_record_are_no_people():
    """Four past projections are shown; their number does not leave as one of people."""
    rows = [{"method": "backtest", "population": "ALL", "outcome": "T1", "estimand": "heads", "term": f"error[{kind}]",
             "estimate": 1.234, "n": 4} for kind in ("model", "no_change", "straight_line")]  # fmt: skip
    safe = protect(Estimate(table=rows, spec={}))
    assert safe["estimate"].eq(1.23).all() and safe["n"].isna().all()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_cannot_be_projected_is_said_everywhere(lang):
    """Beyond the last comparable day: the sentence with its reason, the table, the figures; never a number."""
    rows, word = protect(refused()), {"en": "not assessable", "vi": "không đánh giá được"}[lang]
    with speaking(lang):
        said = outlook.answer.say(rows, notes=list(refused().notes))
        assert said["status"] == "not_assessable" and WHY.say(lang) in said["html"]
        table = outlook.table.say(rows)["html"]
        assert word in table and "%" not in table and "‹" not in table
        made = {"made": "2023-12-31"}
        for view, said in ((outlook.fan, {}), (planner.extra, made), (outlook.record, {}), (planner.scenarios, made)):
            kept = view.keep(rows)
            words = view.say(kept, **said)
            assert kept.empty and word in words["alt"].lower() and words["title"]
            assert "<svg" in render(view, kept, **said)["wide"]
        assert "%" not in outlook.skill.say(rows)["html"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_record_and_scenarios_draw_in_every_form(lang):
    """Dots for each rule and each scenario; words name what is drawn."""
    base = {"population": "ALL", "date": DAYS[-1]}
    errors = [{**base, "method": "backtest", "outcome": name, "estimand": "heads", "term": f"error[{kind}]", "estimate": value}
              for name in ("T1", "T2") for kind, value in (("model", 1.5), ("no_change", 4), ("straight_line", 2))]  # fmt: skip
    errors.append(
        {**base, "method": "backtest", "outcome": "ALL", "estimand": "probability", "term": "coverage", "estimate": 0.8}
    )
    chances = [{**base, "method": "stock_flow", "run": run, "outcome": "T1", "estimand": "probability", "term": "met",
                "estimate": value, "n": 60} for run, value in (("as_now", 0.3), ("no_project", 0.05), ("congress", 0.9))]  # fmt: skip
    with speaking(lang):
        for view, rows, choices in ((outlook.record, errors, {}), (planner.scenarios, chances, {"made": "2023-12-31"})):
            kept = view.keep(protect(Estimate(table=rows, spec={})))
            assert list(render(view, kept, **choices)) == ["wide", "phone"]
            assert "T1" in view.say(kept, **choices)["alt"]
        said = outlook.skill.say(protect(Estimate(table=errors, spec={})))["html"]
    assert "80%" in said


def test_a_plan_is_counted_by_target_and_mark_never_by_name():
    """Who is sent is counted under each target and mark, which overlap; rounded, and small ones hidden."""
    table = pd.DataFrame({"T1": [True, False], "T4": [True, True], "women": [True, False], "young": [False, False],
                          "minority": [False, True], "people": [12, 30], "certainty": 0.8})  # fmt: skip
    plan = Estimate(table=[], spec={}, details={"plan": table})
    with speaking("en"):
        sent, none = (
            planner.classes.say(protect_counts(plan_classes(plan, one), ["people"]))["html"] for one in (0.8, 0.9)
        )
    for name, people in (
        ("serve T4", 40),
        ("are women", 10),
        ("are of a minority", 30),
        ("serve two targets or more", 10),
    ):
        assert f'<th scope="row">{name}</th><td data-label="Number" class="num">{people}</td>' in sent
    assert (
        "Hidden (protects a number under 10): serve T1; are young." in sent
        and ">12<" not in sent
        and ">42<" not in sent
    )
    assert "no plan" in none


def test_no_plan_is_said():
    """A joint plan that no limits allow is a sentence, not an empty table."""
    rows = Estimate(table=[{"estimand": "heads", "term": "plan[0.8]"}], spec={}).table.assign(suppressed=False)
    with speaking("en"):
        assert "no plan within the limits" in planner.plan.say(rows, certainty=[0.8])["html"]
        assert "no plan" in planner.classes.say(pd.DataFrame({"class": [], "people": []}))["html"]
