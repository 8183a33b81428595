"""Who gains: contrasts and tests that know which people and controls groups share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made import world

from analysis import effects
from analysis.effects.checks.subgroups import _covariance, _gap
from analysis.effects.trials.question import Question

SHORT = effects.Emulation(primary=24)
ASKED = {"covariates": ["score"], "confounders": ["score"], "emulation": SHORT}


@pytest.fixture(scope="module")
def frame():
    rows = world(4, 4000)
    return rows.assign(
        half=np.where(rows["person_id"] % 2, "odd", "even"), third=np.where(rows["person_id"] % 3, "other", "some")
    )


def test_groups_of_other_people_are_independent(frame):
    """The contrast of two groups without a person in common has the error of two independent differences."""
    found = effects.compare_gains(frame, by=["half"], contrasts=[("half[odd]", "half[even]")], **ASKED)
    rows, contrast = found.table.set_index("term"), found.pick(estimand="contrast").table.iloc[0]
    gaps = rows.loc[["half[odd]", "half[even]"]]
    assert contrast["estimate"] == pytest.approx(-np.diff(gaps["estimate"])[0])
    assert contrast["std_error"] == pytest.approx(np.hypot(*gaps["std_error"]))
    test = found.pick(estimand="test").table.iloc[0]
    assert test["statistic"] == pytest.approx((contrast["estimate"] / contrast["std_error"]) ** 2)


def test_kinds_that_share_their_controls_are_no_independent_answers(frame):
    """Two kinds of course with the same controls: the contrast is surer than independence says."""
    starts = frame["trained"] == 1
    kinds = {}
    for one in ("odd", "even"):
        other = frame.loc[starts & (frame["half"] != one), "person_id"].unique()
        kinds[one] = frame.assign(eligible=frame["eligible"].where(~frame["person_id"].isin(other), 0))
    found = effects.compare_gains(frame, kinds=kinds, contrasts=[("kind[odd]", "kind[even]")], **ASKED)
    gaps, contrast = found.pick(estimand="risk_difference").table, found.pick(estimand="contrast").table.iloc[0]
    assert contrast["std_error"] < 0.99 * np.hypot(*gaps["std_error"])


def test_the_covariance_of_two_groups_is_that_of_leaving_people_out(frame):
    """Groups that share half their people: the covariance agrees with refitting without one fiftieth after the other."""
    some, asked = frame[frame["person_id"] < 1500], Question(covariates=["score"], confounders=["score"])
    first, second = (lambda rows: rows["half"] == "odd"), (lambda rows: rows["third"] == "other")

    def both(rows):
        return [
            _gap(rows.assign(eligible=rows["eligible"].astype(bool) & one(rows)), asked, SHORT)
            for one in (first, second)
        ]

    cut = some["person_id"] % 50
    found = np.array([[gap.row["estimate"] for gap in both(some[cut != one])] for one in range(50)])
    apart = found - found.mean(axis=0)
    assert _covariance(both(some)) == pytest.approx(49 / 50 * apart.T @ apart, rel=0.35)


def test_crossed_groups_are_those_of_both_columns(frame):
    """`a:b` takes each pair of levels, and leaves both columns out of the adjustment."""
    found = effects.compare_gains(frame, by=["half:third"], covariates=["score", "half", "third:score"],
                                  confounders=["score"], emulation=SHORT)  # fmt: skip
    assert [*found.pick(estimand="risk_difference").table["term"]] == [
        f"half:third[{one}:{other}]" for one in ("even", "odd") for other in ("other", "some")
    ]
    alone = frame[(frame["half"] == "odd") & (frame["third"] == "some")]
    plain = effects.compare_gains(alone, by=["half"], **ASKED).table.iloc[0]
    crossed = found.table.set_index("term").loc["half:third[odd:some]"]
    assert crossed["estimate"] == pytest.approx(plain["estimate"])
    assert crossed["n"] == plain["n"]


@pytest.mark.long
def test_a_world_without_differences_shows_none():
    """Of 60 worlds in which no group gains, at most a tenth (and five by chance) have a group flagged at 5%, by Holm."""
    flagged = 0
    for seed in range(60):
        rows = world(1000 + seed, 2500)
        groups = {"half": rows["person_id"] % 2, "third": rows["person_id"] % 3}
        rows = rows.assign(**{name: pd.Categorical(values.astype("str")) for name, values in groups.items()})
        found = effects.compare_gains(rows, by=["half", "third", "score"], **ASKED)
        flagged += bool((found.pick(estimand="test").table["p_value"] < 0.05).any())
    assert flagged <= 6
