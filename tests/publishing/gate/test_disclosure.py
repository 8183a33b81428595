"""Nothing that points at a few people leaves, in any column, and official figures leave exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from official import DAY, FLOWS, bridge, census

from analysis.errors import PublishingError
from analysis.estimate import RESULTS, Estimate
from analysis.project import reference
from analysis.publishing.gate.disclosure import COUNTS, limits, most, protect, protect_counts, rounded
from analysis.publishing.views import attainment
from analysis.words import speaking

LEAST, BASE = limits()
quick = settings(max_examples=30, deadline=None)
OFFICIAL = set(reference("disclosure.yml")["official"]["terms"])


@st.composite
def groups(draw):
    has, studying = draw(st.integers(0, 80)), draw(st.integers(0, 40))
    return {
        "members": max(1, has + studying + draw(st.integers(0, 60))),
        "has": has,
        "studying": studying,
        "on_schedule": draw(st.integers(0, studying)),
        "both": draw(st.integers(0, has)),
        "unverified": draw(st.integers(0, has)),
    }


counts = st.one_of(st.none(), st.integers(0, 60), st.integers(0, 4_000))
numbers = st.floats(0.001, 0.999)
any_row = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["cox_efron", "km", "census", "gcomp"]),
        "estimand": st.sampled_from(["risk", "risk_difference", "hazard_ratio", "probability", "test", "attainment"]),
        "population": st.sampled_from(["female", "unit:U1", "at_risk"]),
        "term": st.sampled_from(["x", "x[a]", "has", "members", "left", "opening"]),
        **{name: st.one_of(st.none(), numbers) for name in ("estimate", "std_error", "statistic", "p_value")},
        **dict.fromkeys(COUNTS, counts),
    }
)


@quick
@given(rows=st.lists(any_row, min_size=1, max_size=6))
def test_no_small_or_exact_count_leaves_in_any_row(rows):
    """Whatever an estimator fills in, no count below the limit, no unrounded count and no complement of a few leaves."""
    out = protect(Estimate(table=rows, spec={}))
    shown = out[list(COUNTS)].to_numpy()
    shown = shown[~np.isnan(shown)]
    assert (shown >= LEAST).all() and (shown % BASE == 0).all()
    assert len(out) == len(rows)
    for row, (_, left) in zip(rows, out.iterrows(), strict=True):
        small = [row[name] for name in COUNTS if row[name] is not None and row[name] < LEAST]
        exposed = row["n"] if row["n_exposed"] is None else row["n_exposed"]
        if row["n_event"] is not None and exposed is not None:
            small += [LEAST - 1] if exposed - row["n_event"] < LEAST else []
        if small or row["n"] is None:
            assert left["suppressed"] and left[[*RESULTS, *COUNTS]].isna().all()


@quick
@given(n=st.integers(20, 5_000), part=st.floats(0, 1))
def test_a_plain_share_is_made_of_rounded_heads(n, part):
    """From a share and its n the exact heads cannot be solved, and its interval and error are too coarse for it."""
    event = int(part * n)
    row = {"method": "km", "estimand": "risk", "population": "female", "n": n, "n_event": event, "estimate": event / n,
           "std_error": 0.0123456, "conf_low": event / n * 0.987654, "conf_high": min(1, event / n * 1.012345)}  # fmt: skip
    out = protect(Estimate(table=[row], spec={})).iloc[0]
    if min(event, n - event) < LEAST:
        assert out["suppressed"] and np.isnan(out["estimate"])
        return
    assert out["estimate"] == min(rounded([event], BASE)[0] / rounded([n], BASE)[0], 1)
    assert np.isnan(out["std_error"]) and out["conf_low"] == round(out["conf_low"], 2)


def test_a_share_from_a_model_stays_a_model_s_share():
    """A risk that is no plain proportion (censoring, weights) is not replaced by one, only shortened."""
    row = {
        "method": "aalen_johansen",
        "estimand": "risk",
        "n": 200,
        "n_event": 60,
        "estimate": 0.3456789,
        "std_error": 0.0345678,
    }
    out = protect(Estimate(table=[row], spec={})).iloc[0]
    assert (out["estimate"], out["std_error"]) == (0.346, 0.035)


def test_ratios_keep_too_few_digits_to_solve_for_counts():
    """A standard error to sixteen digits is a sum of one over counts, so it leaves with two."""
    row = {"method": "logit", "estimand": "odds_ratio", "n": 431, "n_exposed": 57, "n_event": 23, "estimate": 1.23456789,
           "std_error": np.sqrt(1 / 23 + 1 / 34 + 1 / 101 + 1 / 273), "conf_low": 0.987654, "conf_high": 2.3456789, "p_value": 1e-7}  # fmt: skip
    out = protect(Estimate(table=[row], spec={})).iloc[0]
    assert out[["estimate", "std_error", "conf_low", "conf_high", "p_value"]].to_list() == [
        1.23,
        0.29,
        0.988,
        2.35,
        1e-7,
    ]
    assert out[["n", "n_exposed", "n_event"]].to_list() == [430, 55, 25]


def test_a_group_of_two_leaves_nothing():
    """With every optional column filled, two people leave no number at all."""
    row = {"method": "cox_efron", "estimand": "risk", "population": "unit:U1", "outcome": "x", "term": "x", "time": 12.0,
           "estimate": 0.5, "std_error": 0.3, "conf_low": 0.1, "conf_high": 0.9, "statistic": 1.0, "p_value": 0.3,
           "n": 2, "n_exposed": 1, "n_event": 1, "n_effective": 1.9}  # fmt: skip
    out = protect(Estimate(table=[row], spec={}))
    assert out[[*RESULTS, *COUNTS]].isna().all(axis=None) and out["suppressed"].all()


@quick
@given(group=groups())
def test_official_rows_are_exact_and_the_others_protected(group):
    """The province's own figures leave as they are; readings beside them are rounded or gone."""
    estimate = census(**group)
    out = protect(estimate).set_index(["estimand", "term"])
    true = estimate.table.set_index(["estimand", "term"])
    for key, row in out.iterrows():
        if key[1] in OFFICIAL and key != ("attainment", "studying"):
            assert row["estimate"] == true.loc[key, "estimate"] and not row["suppressed"]
        elif not row["suppressed"] and key[0] == "attainment":
            assert row["n_event"] % BASE == 0 and row["n_event"] >= LEAST
            assert row["estimate"] == min(row["n_event"] / group["members"], 1)


@quick
@given(group=groups())
def test_no_reading_can_be_subtracted_from_an_official_figure(group):
    """What is left of an exact figure once a rounded one is taken away is never a few people."""
    out = protect(census(**group)).set_index(["estimand", "term"])
    has, either = group["has"], group["has"] + group["studying"]
    for term, true in (("has_and_studying", group["both"]), ("has_or_on_schedule", has + group["on_schedule"])):
        if not out.loc[("attainment", term), "suppressed"]:
            assert min(abs(true - has), abs(true - either), true, group["members"] - true) >= LEAST
        elif out.loc[("attainment", term), "why"] == "near":
            assert min(abs(true - has), abs(true - either)) < LEAST <= min(true, group["members"] - true)
        else:
            assert out.loc[("attainment", term), "why"] == "few"
            assert min(true, group["members"] - true) < LEAST, "called few although only its nearness hides it"
    shown = out.loc[("heads", "unverified"), "estimate"]
    if group["unverified"] < LEAST:
        assert np.isnan(shown)
    elif has - group["unverified"] < LEAST:
        assert shown == has
    else:
        assert shown == has or abs(shown - group["unverified"]) <= BASE / 2
    assert group["unverified"] <= most(shown, has) <= has


@pytest.mark.parametrize("reading", ["has_and_studying", "has_or_on_schedule"])
def test_counted_under_another_reading_is_no_official_figure(reading):
    """Three people who have and study do not leave as `counted`, nor as the difference `need - short`."""
    out = protect(census(100, 50, 30, both=3, on_schedule=3, reading=reading)).set_index(["estimand", "term"])
    assert out.loc[("heads", "members"), "estimate"] == 100
    assert out.loc[("heads", ["short"]), "estimate"].isna().all()
    shown = out.loc[("heads", "counted"), "estimate"]
    assert np.isnan(shown) if reading == "has_and_studying" else shown == 55


@quick
@given(group=groups())
def test_a_part_of_the_province_has_no_exact_figure(group):
    """Official figures are for the whole province: a unit's or a sex's group is rounded, its size too."""
    out = protect(census(**group, population="female"))
    shown = out[[*COUNTS]].to_numpy()[~out[list(COUNTS)].isna().to_numpy()]
    assert (shown % BASE == 0).all() and (shown >= LEAST).all()
    heads = out.loc[(out["estimand"] == "heads") & out["estimate"].notna()]
    assert (heads["estimate"] % BASE == 0).all() and (heads["estimate"] >= LEAST).all()
    assert not heads["term"].isin(["need", "short"]).any()


@quick
@given(
    flows=st.tuples(*[st.one_of(st.just(0), st.integers(1, 12), st.integers(0, 80))] * 4),
    opening=st.integers(0, 300),
    more=st.tuples(*[st.integers(0, 30)] * 3),
)
def test_flows_are_merged_until_each_is_safe(flows, opening, more):
    """A flow of a few people never shows, nor can it be solved from the merged one, and what shows still adds up."""
    sizes = (flows[0] + flows[2] + more[0], flows[1] + more[1], flows[3] + more[2])
    out = protect(bridge(opening + flows[2] + flows[3], *sizes, flows))
    assert set(out["estimand"]) == {"heads"}, "parts in points give back how many came and went"
    shown = out.set_index("term")
    single = shown.loc[shown.index.isin(FLOWS)]
    assert single["estimate"].abs().pipe(lambda moved: (moved == 0) | (moved >= LEAST)).all()
    assert shown.loc[shown.index.isin([*FLOWS, "merged"]), "n"].isna().all()
    inner = shown.drop(index=["opening", "closing"])
    assert shown.loc["opening", "estimate"] + inner["estimate"].sum() == shown.loc["closing", "estimate"]
    if "merged" in shown.index:
        assert np.isnan(shown.loc["merged", "n_event"])
        hidden = [heads for name, heads in zip(FLOWS, flows, strict=True) if name not in shown.index]
        assert sum(hidden) >= LEAST or len(hidden) == len(FLOWS)


def test_flows_of_any_name_are_merged():
    """A finer bridge (who paid, why they left) has the same door: a small flow is small under every name."""
    terms = {
        "opening": 100,
        "enrolled[project_02]": 14,
        "enrolled[self]": 3,
        "left[death]": -2,
        "left[retirement]": -25,
        "closing": 90,
    }
    base = {"method": "ledger", "population": "ALL", "outcome": "T1", "date": DAY, "estimand": "heads"}
    rows = [{**base, "term": term, "estimate": heads, "n": 40} for term, heads in terms.items()]
    out = protect(Estimate(table=rows, spec={})).set_index("term")["estimate"]
    assert out.to_dict() == {"opening": 100, "left[retirement]": -25, "merged": 15, "closing": 90}


def test_a_bridge_under_another_reading_is_no_official_account():
    """Opening and closing are exact because the headline is; under another reading they are rounded or gone."""
    out = protect(bridge(103, 200, 30, 20, (12, 15, 11, 13), reading="has_and_studying")).set_index("term")
    assert out.loc["opening", "estimate"] == 105 and out.loc["opening", "n"] % BASE == 0
    assert (out["estimate"] % BASE == 0).all()


@quick
@given(numbers=st.lists(st.integers(0, 40), min_size=1, max_size=8), flow=st.booleans())
def test_tables_of_counts_show_no_few_people(numbers, flow):
    """Small counts are empty, others rounded; one empty cell takes the next smallest with it; labels stay."""
    frame = pd.DataFrame(
        {"kind": [f"k{place}" for place in range(len(numbers))], "people": numbers}, index=[7] * len(numbers)
    )
    kept = frame.copy()
    out = protect_counts(frame, ["people"], flow=flow)
    pd.testing.assert_frame_equal(frame, kept)
    shown = out["people"].dropna()
    assert (shown % BASE == 0).all() and (shown[shown > 0] >= LEAST).all()
    assert list(out["kind"]) == list(frame["kind"])
    hidden = out["people"].isna().sum()
    if not flow:
        assert hidden != 1 or len(numbers) == 1
        assert (shown > 0).all()
    else:
        assert hidden == sum(0 < number < LEAST for number in numbers)


def test_one_suppressed_cell_takes_a_second():
    """With one cell empty the rest of the total would give it back."""
    out = protect_counts(pd.DataFrame({"kind": list("abc"), "people": [3, 40, 25]}), ["people"])
    assert out["people"].isna().to_list() == [True, False, True]


@pytest.mark.parametrize("column", [[3, 12], [3.5, 12.0], ["x", 12], [np.int64(3), None]])
def test_a_column_of_numbers_without_protection_is_refused(column):
    """A forgotten column name in `people` stops the page instead of leaking."""
    with pytest.raises(PublishingError, match="small"):
        protect_counts(pd.DataFrame({"people": [20, 30], "small": column}), ["people"])
    with pytest.raises(PublishingError, match="ghost"):
        protect_counts(pd.DataFrame({"kind": ["a"]}), ["ghost"])


@pytest.mark.parametrize(
    ("counted", "studying", "unverified", "status"),
    [(70, 10, 0, "pending"), (70, 10, 3, "pending"), (79, 10, 9, "met"), (78, 10, 0, "pending"), (90, 10, 12, "met"),
     (81, 10, 12, "pending"), (82, 10, 12, "met"), (69, 10, 0, "missed"), (95, 5, 88, "pending")],
)  # fmt: skip
def test_a_verdict_never_claims_more_than_the_hidden_numbers_allow(counted, studying, unverified, status):
    """Hidden or rounded unverified degrees are taken at their most: `met` is said only where it holds whatever they are."""
    estimate = census(100, counted - studying, studying, unverified=unverified)
    assert attainment.answer.say(protect(estimate), final=True)["status"] == status


@quick
@given(group=groups(), lang=st.sampled_from(["vi", "en"]))
def test_every_figure_of_the_targets_draws_whatever_is_hidden(group, lang):
    """Hidden rows never stop a page: the words of each figure exist for every group."""
    rows = protect(census(**group))
    with speaking(lang):
        for view in (attainment.bullets, attainment.readings):
            assert all(view.say(view.keep(rows)).values())


def test_a_hidden_row_names_the_limit_that_hides_it():
    """Few people, an unknown number of them, and what other figures would give back are three reasons; what is shown has none."""
    base = {"method": "pooled_logistic", "population": "eligible", "outcome": "event_1", "estimand": "risk"}
    rows = [
        {**base, "term": "shown", "estimate": 0.2, "n": 500, "n_event": 100},
        {**base, "term": "few", "estimate": 0.01, "n": 500, "n_event": 5},
        {**base, "term": "others", "estimate": 0.99, "n": 500, "n_event": 495},
        {**base, "term": "no n", "estimate": 0.2},
        {**base, "term": "no events", "estimate": 0.2, "n": 500},
        {"method": "census", "population": "female", "outcome": "T4", "estimand": "heads", "term": "need", "estimate": 200, "n": 500},
    ]  # fmt: skip
    safe = protect(Estimate(table=rows, spec={}))
    assert safe["why"].tolist() == ["", "few", "few", "unknown", "unknown", "derived"]
    assert safe["suppressed"].tolist() == [why != "" for why in safe["why"]]


def parts(sizes, **more):
    rows = [{"estimand": "heads", "outcome": "parts", "method": "count", "population": "ALL", "term": f"part_{k}",
             "estimate": size, "n": sum(sizes), **more} for k, size in enumerate(sizes)]  # fmt: skip
    return protect(Estimate(table=rows, spec={}))["estimate"].notna().tolist()


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((100, 50, 30), [True, True, True]),
        ((100, 50, 30, 6), [True, True, False, False]),
        ((100, 50, 6, 5), [True, True, False, False]),
        ((100, 50, 30, 6, 0), [True, True, False, False, False]),
    ],
)
def test_parts_of_a_whole_do_not_tell_a_hidden_one(sizes, shown):
    """Protects: where the hidden parts are few together, the next smallest is hidden with them."""
    assert parts(sizes) == shown


def test_groups_of_one_kind_do_not_tell_a_hidden_one():
    """Protects: the whole of a term less its other groups."""
    rows = [{"estimand": "heads", "method": "trained", "outcome": "ALL", "term": "classes", "population": name,
             "estimate": size, "n": 500} for name, size in
            (("ALL", 86), ("staff_level[province]", 6), ("staff_level[district]", 60), ("staff_level[commune]", 20))]  # fmt: skip
    assert protect(Estimate(table=rows, spec={}))["estimate"].notna().tolist() == [True, False, True, False]


def test_groups_that_are_compared_do_not_tell_a_hidden_one():
    """Protects: all minorities less the Khmer and the Hoa are the others, in shares and ratios too; women are no part."""
    sizes = {"ethnicity[minority]": 136, "ethnicity[khmer]": 109, "ethnicity[hoa]": 23, "ethnicity[other]": 4,
             "sex[female]:ethnicity[minority]": 12, "sex[female]": 300}  # fmt: skip
    for estimand in ("risk", "risk_ratio"):
        rows = [{"estimand": estimand, "method": "selection", "term": "group", "population": name, "estimate": size / 3000,
                 "n": 3000, "n_event": size} for name, size in sizes.items()]  # fmt: skip
        safe = protect(Estimate(table=rows, spec={}))
        assert safe["why"].tolist() == ["", "", "cover", "few", "", ""]


def compared(*rows: tuple, method: str = "access", estimand: str = "risk") -> pd.DataFrame:
    """Rows of groups: name, people, people with an event."""
    base = {"method": method, "estimand": estimand, "outcome": "started", "term": "at_stage"}
    return protect(Estimate(table=[{**base, "population": name, "n": n, "n_event": hit, "estimate": hit / n}
                                   for name, n, hit in rows], spec={}))  # fmt: skip


@pytest.mark.parametrize("estimand", ["risk", "rate"])
def test_a_hidden_minority_is_covered_in_shares_and_rates_alike(estimand):
    """Who are neither Khmer nor Hoa could be had as what is left of all minorities."""
    rows = [("ethnicity[minority]", 400, 103), ("ethnicity[khmer]", 300, 87), ("ethnicity[hoa]", 80, 14),
            ("ethnicity[other]", 20, 2)]  # fmt: skip
    hidden = compared(*rows, estimand=estimand).set_index("population")["why"]
    assert hidden["ethnicity[other]"] == "few" and hidden["ethnicity[hoa]"] == "cover"
    assert hidden["ethnicity[minority]"] == hidden["ethnicity[khmer]"] == ""


def test_a_ratio_is_hidden_where_a_side_of_it_is():
    """The other side's share and the ratio would give the hidden one back."""
    base = {"method": "access", "outcome": "started", "n": 60}
    rows = [
        {**base, "estimand": "risk", "term": "at_stage", "population": "sex[female]", "n_event": 40, "estimate": 2 / 3},
        {**base, "estimand": "risk", "term": "at_stage", "population": "reference[sex[female]]", "n_event": 54,
         "estimate": 0.9},
        {**base, "estimand": "risk_ratio", "term": "crude", "population": "sex[female]", "n_event": 40, "estimate": 0.74},
        {**base, "estimand": "risk_ratio", "term": "crude", "population": "ethnicity[minority]", "n_event": 40,
         "estimate": 0.9},
    ]  # fmt: skip
    out = protect(Estimate(table=rows, spec={}))
    assert out["why"].tolist() == ["", "few", "cover", ""]


def test_a_crossed_group_that_leaves_few_of_a_whole_is_hidden():
    """Minority women and all minorities: the men would be what is left."""
    out = compared(
        ("ethnicity[minority]", 300, 100), ("sex[female]:ethnicity[minority]", 200, 93), ("sex[female]", 600, 300)
    )
    assert out.set_index("population")["why"].to_dict() == {
        "ethnicity[minority]": "", "sex[female]:ethnicity[minority]": "cover", "sex[female]": "",
    }  # fmt: skip


def test_a_difference_of_shown_counts_may_be_none():
    """Nobody more or fewer than expected is an answer, not a small group."""
    row = {"method": "shock", "estimand": "heads", "term": "difference", "estimate": -4.0, "n": 5000, "n_event": 315}
    assert protect(Estimate(table=[row], spec={}))["estimate"].tolist() == [-5.0]
