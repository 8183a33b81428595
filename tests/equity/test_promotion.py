"""Shares, rates and curves of rising: against plain counts, without a gap and with one, and where nothing can be told."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from build import build_registry

from analysis import careers
from analysis.equity import compare_promotion, follow_promotion
from analysis.equity.groups import GROUPS
from analysis.equity.promotion import false_alarm, months_needed
from analysis.errors import EquityError
from analysis.synthetic.worlds import LEVEL_FIELD, STUDY, make_registry

WIDE = dataclasses.replace(LEVEL_FIELD, promotion_female=0.5)


@functools.cache
def province(settings=STUDY, people: int = 6000):
    return make_registry(people, 4, settings)


@functools.cache
def compared(settings=STUDY) -> pd.DataFrame:
    return compare_promotion(province(settings)).table


def of(table: pd.DataFrame, group: str, method: str) -> pd.DataFrame:
    return table[table["population"].eq(group) & table["method"].eq(method)].set_index("term")


def test_shares_are_those_of_a_plain_count():
    """Who was open on 1 July 2022 by the public gates and had room, and who got a first higher grade before leaving."""
    reg, month = province(), pd.Timestamp("2022-07-01")
    gates = careers.appointable(reg, [month])
    posts = reg["posts"][lambda rows: ~rows["concurrent"] & rows["decision"].ne("acting")]
    had = posts[posts["started"] < month].groupby("person_id")["grade"].max()
    later = posts[(posts["started"] >= month) & posts["decision"].isin(["first_appointment", "higher_appointment"])]
    risen = set(later[later["grade"] > later["person_id"].map(had).fillna(0)]["person_id"])
    open_ = [
        one for one, may in zip(gates.people, gates.allowed[:, 0], strict=True) if may and had.get(one, -1) in range(8)
    ]
    women = set(reg["people"].loc[reg["people"]["sex"].eq("female"), "person_id"])
    row = of(compared(), "sex[female]", "selection").loc["group"]
    assert row["n"] == len(women & {*open_}) and row["n_event"] == len(risen & women & {*open_})


def test_standardising_takes_away_what_places_explain():
    """Nobody is treated differently: the crude ratio of women is far below 1, and like with like holds 1."""
    rows = of(compared(LEVEL_FIELD), "sex[female]", "like_with_like")
    assert rows.loc["crude", "conf_high"] < 0.9
    low, high = rows.loc["standardised", ["conf_low", "conf_high"]]
    assert low < 1 < high
    assert not {"gap", "lower"} & {*rows.index}


def test_a_wide_gap_turns_both_keys_and_is_told_in_people():
    """Promoted half as often: flagged, with people short."""
    rows = of(compared(WIDE), "sex[female]", "like_with_like")
    assert "gap" in rows.index and rows.loc["people_short", "estimate"] > 50
    assert "needed" not in rows.index


def test_what_cannot_be_told_says_how_long_it_would_take():
    """A small group gets months of data instead of a finding; fewer than ten rises give nothing else."""
    table = compared()
    words = table[table["estimand"].eq("verdict")].set_index("population")["term"]
    for group, word in words.items():
        rows = of(table, group, "like_with_like")
        assert ("needed" in rows.index) == (word == "cannot_tell")
        assert ("standardised" in rows.index) == (word != "too_few")
    few = compare_promotion(province(people=900)).table
    assert "too_few" in set(few.loc[few["population"].eq("ethnicity[other]"), "term"])


@pytest.mark.parametrize(("sizes", "often"), [((15, 45), 0.41), ((40, 120), 0.32), ((200, 600), 0.14)])
def test_the_four_fifths_rule_misfires_as_often_as_known(sizes, often):
    """With 15 percent chosen of both: 41, 32 and 14 percent of comparisons lie below 0.8 (worked figures)."""
    assert false_alarm(*sizes, 0.15) == pytest.approx(often, abs=0.005)


def test_exact_sums_agree_with_draws():
    """The same by 200,000 draws."""
    rng = np.random.default_rng(1)
    a, b = rng.binomial(30, 0.2, 200_000) / 30, rng.binomial(50, 0.2, 200_000) / 50
    assert false_alarm(30, 50, 0.2) == pytest.approx(np.mean((a < 0.8 * b) & (b > 0)), abs=0.005)


def test_months_needed_grow_with_the_square_of_the_error():
    """An error of 0.0796 tells 0.8 from 1 with power 0.8 already; twice the error needs four times the months."""
    assert months_needed(0.22314 / 2.80159, 60) == pytest.approx(60, rel=1e-3)
    assert months_needed(0.2, 60) == pytest.approx(4 * months_needed(0.1, 60))


def test_curves_without_censoring_are_plain_shares():
    """Everybody is followed to the end: who rose by then, of all."""
    found = follow_promotion(province(), groups=["sex[female]"]).pick(estimand="risk").table
    assert found["estimate"].to_numpy() == pytest.approx((found["n_event"] / found["n"]).to_numpy())
    assert found.groupby("term")["estimate"].apply(lambda one: one.is_monotonic_increasing).all()
    assert set(found["time"]) == {24, 36, 60}


def test_curves_keep_only_those_open_to_the_last_horizon():
    """She may be appointed for 30 months more: in for 24, out for 36; her colleague is in both times."""
    people = [
        {"person_id": f"P{k}", "sex": sex, "birth_date": "1969-06-20"} for k, sex in enumerate(("female", "male"))
    ]
    rises = [
        {"person_id": f"P{k}", "started": "2020-03-10", "grade": 1, "decision": "first_appointment"} for k in (0, 1)
    ]
    posts = [*({"person_id": f"P{k}", "ended": "2020-03-10"} for k in (0, 1)), *rises]
    reg = build_registry({"people": people, "posts": posts})
    for horizon, size in ((24, [1, 1]), (36, [1, 0])):
        rows = follow_promotion(reg, horizons=[horizon], groups=["sex[female]"]).pick(estimand="risk").table
        assert rows.drop_duplicates("term")["n"].tolist() == size


def test_what_is_not_there_is_blocked_or_refused():
    """No leavers, no window so long, no such group, no such day."""
    reg = province(people=300)
    bare = dataclasses.replace(reg, meta=reg.meta | {"leavers_included": False})
    assert compare_promotion(bare).status == follow_promotion(bare).status == "blocked"
    assert follow_promotion(reg, start="2024-01-01").status == "blocked"
    short = compare_promotion(reg, start="2024-01-01")
    assert short.status == "warned" and "selection" not in set(short.table["method"])
    for wrong in ({"window": 0}, {"start": "soon"}):
        with pytest.raises(EquityError):
            compare_promotion(reg, **wrong)
    with pytest.raises(EquityError):
        follow_promotion(reg, groups=["sex[male]"])
    assert set(compared()["population"]) == set(GROUPS)
