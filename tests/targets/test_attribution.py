"""Three answers about the project, and the reasons where there is none."""

from __future__ import annotations

import pandas as pd
import pytest
from groups import course, degree, group

from analysis.estimate import Estimate, blocked
from analysis.targets.attribution import attribute, count_enrolments
from analysis.targets.groups import call_roster, find_target
from analysis.words import Message

DONE = {"ended": "2021-12-01", "outcome": "completed"}


def answers(reg, target="T1", **asked):
    estimate = attribute(reg, target=target, **asked)
    return estimate.table.set_index("term"), " ".join(note.say("en") for note in estimate.notes)


def staff(before, since, members=60):
    """Members of the provincial committee, of whom some enrolled before the project and some since."""
    first = [course(f"P{one}", "2019-04-01", "2021-04-01", funder="self") for one in range(1, before + 1)]
    later = [course(f"P{one}", "2023-04-01", "2025-04-01") for one in range(before + 1, before + since + 1)]
    seats = {f"P{one}": {"started": "2017-01-01"} for one in range(1, members + 1)}
    return group(
        seats, training=first + later, qualifications=[degree(row["person_id"], "2021-04-01") for row in first]
    )


def test_accounting_counts_whom_the_project_paid():
    """Ten paid by the project count today; six who paid themselves are not the project's."""
    rows, words = answers(staff(6, 20))
    assert rows.loc["accounting", "estimate"] == 20
    assert "no effect" in words


def test_counterfactual_thins_enrolments_to_the_rate_before():
    """About three times the rate of before: about two thirds of those who enrolled since would not have."""
    rows, _ = answers(staff(6, 20))
    one = rows.loc["counterfactual"]
    assert 8 <= one["estimate"] <= 18 and one["conf_low"] <= one["estimate"] <= one["conf_high"] <= 20
    again, _ = answers(staff(6, 20))
    assert again.loc["counterfactual", "estimate"] == one["estimate"]


@pytest.mark.parametrize(("before", "since", "on"), [(2, 20, None), (6, 2, None), (6, 20, "2022-01-31")])
def test_counterfactual_is_refused_where_rates_cannot_be_told_apart(before, since, on):
    """Too few enrolments before or since, or too short a time: a reason instead of a number."""
    rows, words = answers(staff(before, since), on=on)
    assert pd.isna(rows.loc["counterfactual", "estimate"]) and "not identifiable" in words


def test_rates_before_and_since_are_of_whole_years_of_intakes():
    """Six a year enrol each April, before and since: 21 months with two Aprils are one year, and the rate has not moved."""
    starts = [f"{year}-04-05" for year in range(2019, 2024) for _ in range(6)]
    taken = [course(f"P{one}", day, "2029-04-01") for one, day in enumerate(starts, start=1)]
    reg = group({f"P{one}": {"started": "2017-01-01"} for one in range(1, 61)}, training=taken)
    roster, start = call_roster(reg, find_target("T1").group), pd.Timestamp("2021-09-10")
    assert count_enrolments(roster, pd.Timestamp("2018-08-10"), start)[0] == 18
    assert count_enrolments(roster, start, pd.Timestamp("2023-06-30"))[0] == 6
    found, _ = answers(reg, on="2023-06-30")
    assert abs(found.loc["counterfactual", "estimate"]) <= 6, "of twelve since: no more than their rate by chance"


def effect(**row):
    given = {
        "estimand": "risk_ratio",
        "estimate": 2.0,
        "conf_low": 1.25,
        "conf_high": 4.0,
        "conf_level": 0.95,
        "time": 36.0,
    }
    return pd.DataFrame([given | row])


def promoted(people=4):
    posts = [
        {"person_id": f"P{one}", "started": "2023-01-01", "decision": "higher_appointment", "division_leader": True}
        for one in range(1, people + 1)
    ]
    old = {"person_id": "P9", "started": "2018-01-01", "division_leader": True}
    return group(
        {},
        posts=[*posts, old],
        training=[course(row["person_id"], "2019-10-01", "2021-10-01", **DONE) for row in posts],
        qualifications=[degree(row["person_id"], "2021-12-01") for row in posts],
    )


def test_through_promotion_switches_the_effect_off():
    """With twice the chance of promotion, half of the four promoted after the project's course are due to it."""
    rows, _ = answers(promoted(), "T4", effect=effect())
    one = rows.loc["through_promotion"]
    assert one[["estimate", "conf_low", "conf_high"]].tolist() == pytest.approx([2.0, 0.8, 3.0])


@pytest.mark.parametrize("given", [None, effect(estimate=None), effect(conf_low=None), effect(estimand="risk")])
def test_through_promotion_needs_a_ratio_with_an_interval(given):
    """No effect, a blocked one, or one without an interval gives a reason; so do elected groups."""
    rows, words = answers(promoted(), "T4", effect=given)
    assert pd.isna(rows.loc["through_promotion", "estimate"]) and "not assessable" in words
    elected, words = answers(staff(6, 20), effect=effect())
    assert pd.isna(elected.loc["through_promotion", "estimate"]) and "elected" in words


def test_an_effect_that_its_checks_do_not_carry_moves_no_head():
    """A withheld effect gives its own reason, and never a number."""
    why = Message("Not distinguishable from selection.")
    withheld = blocked(effect().to_dict("records"), {}, why)
    rows, words = answers(promoted(), "T4", effect=withheld)
    assert pd.isna(rows.loc["through_promotion", "estimate"]) and "Not distinguishable" in words
    carried = Estimate(table=effect(), spec={})
    assert answers(promoted(), "T4", effect=carried)[0].loc["through_promotion", "estimate"] == pytest.approx(2.0)


def released(*more: dict, **row) -> pd.DataFrame:
    """Rows as another run releases them: columns of the gate beside those of a result."""
    rows = pd.concat([effect(**row), pd.DataFrame(list(more))], ignore_index=True)
    return rows.assign(suppressed=False, computed=True, page="effect-checks")


@pytest.mark.parametrize("word", ["supported", "suggestive"])
def test_released_rows_of_another_run_carry_the_effect(word):
    """The rows that a run released say as much as its estimate: a verdict that carries the effect lets it move heads."""
    rows, _ = answers(promoted(), "T4", effect=released({"estimand": "verdict", "term": word}))
    assert rows.loc["through_promotion", "estimate"] == pytest.approx(2.0)


@pytest.mark.parametrize("word", ["not_distinguishable", "not_assessable"])
def test_a_released_verdict_that_carries_nothing_moves_no_head(word):
    """The numbers may stand in the rows: where the verdict forbids it they are not used, and the reader is told why."""
    rows, words = answers(promoted(), "T4", effect=released({"estimand": "verdict", "term": word}))
    assert pd.isna(rows.loc["through_promotion", "estimate"])
    assert "withheld" in words and Message("{word:label.verdicts}", word=word).say("en") in words


def test_released_rows_without_numbers_are_withheld():
    """A result emptied at the gate is not the same as none given."""
    rows, words = answers(promoted(), "T4", effect=released(estimate=None, conf_low=None, conf_high=None))
    assert pd.isna(rows.loc["through_promotion", "estimate"]) and "withheld" in words


def test_ratios_of_several_methods_are_not_chosen_from():
    """A page releases the effect by many methods and populations: which of them counts heads is said, not guessed."""
    other = {"estimand": "risk_ratio", "method": "weighting", "estimate": 5.0, "conf_low": 4.0, "conf_high": 6.0}
    rows, words = answers(promoted(), "T4", effect=released({**released().iloc[-1].to_dict(), **other}))
    assert pd.isna(rows.loc["through_promotion", "estimate"]) and "one method and population" in words


def test_an_empty_group_is_blocked():
    """Nobody, no attribution."""
    assert attribute(group({}), target="T1").status == "blocked"
