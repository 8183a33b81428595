"""Emulated trials: published numbers, the same answer however the rows come, and refusals with a reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made import world
from published import beside

from analysis import effects
from analysis.careers.spells import Spells
from analysis.effects.trials.cells import count_cells
from analysis.effects.trials.expand import expand
from analysis.errors import EffectsError
from analysis.words import Message

SEQ = {
    "constant": -6.828506, "arm": 0.189350, "follow_up": 0.033715, "follow_up^2": -0.00014691, "trial": 0.0445662,
    "trial^2": 0.00057878, "sex": 0.1271724, "N": 0.0032907, "L": -0.0133924, "P": 0.2007241,
}  # fmt: skip


@pytest.fixture(scope="module")
def frame():
    return world()


@pytest.fixture(scope="module")
def found(frame):
    return effects.emulate_trials(
        frame, covariates=["score"], horizons=(6, 12, 24), emulation=effects.Emulation(primary=24)
    )


def gap(estimate, horizon, method="pooled_logistic", population="eligible"):
    asked = "estimand == 'risk_difference' and time == @horizon and method == @method and population == @population"
    return estimate.table.query(asked).iloc[0]


def test_seqtarget_coefficients_and_rows():
    """C14: the published expansion and coefficients of SEQTaRget's own data and terms, to 1e-5."""
    rows = beside("SEQdata.csv.gz").rename(columns={"ID": "person_id", "time": "period", "outcome": "event"})
    trials = expand(rows, treatment="tx_init", columns=["sex", "N", "L", "P"], least=0)
    assert trials.people.length.sum() == 248_485
    assert (trials.people.event == 1).sum() == 6_360
    one = effects.emulate_trials(rows, treatment="tx_init", covariates=["sex", "N", "L", "P"],
                                 emulation=effects.Emulation(model="quadratic", least=0))  # fmt: skip
    seen = one.details["coefficients"].query("event == 1").set_index("term")["coefficient"]
    assert seen[list(SEQ)].to_numpy() == pytest.approx(list(SEQ.values()), abs=1e-5)


def test_rows_come_as_the_architecture_says(found):
    """One row an estimand, term and time; risks an arm, their difference and their ratio agree with each other."""
    table = found.table
    assert not table.duplicated(["estimand", "term", "time"]).any()
    assert set(table["estimand"]) == {"risk", "risk_difference", "risk_ratio"}
    wide = {key: part.set_index("time")["estimate"] for key, part in table.groupby(["estimand", "term"])}
    none, some = wide[("risk", "trained[0]")], wide[("risk", "trained[1]")]
    assert np.allclose(wide[("risk_difference", "trained")], some - none)
    assert np.allclose(wide[("risk_ratio", "trained")], some / none)
    assert (table["n"] <= 1500).all()


def test_limits_that_hold_together_are_wider_and_no_wider_than_bonferroni(found):
    """The band of all horizons lies between the pointwise intervals and those of one test a horizon, and needs no more."""
    band, alone = effects.band_together(found).table, found.pick(estimand="risk_difference").table
    wide = (band["conf_high"] - band["estimate"]) / band["std_error"]
    assert [*band["std_error"]] == pytest.approx([*alone["std_error"]], rel=1e-9)
    assert wide.max() == pytest.approx(wide.min()) and 1.97 < wide.max() < 2.394  # 0.05 / 3 to either side
    never = effects.emulate_trials(world(people=50), covariates=["score"], horizons=(6,))
    assert effects.band_together(never).status == "blocked"


def test_both_arms_add_up(found):
    """The levels of a covariate hold everybody of an arm once, and nobody ends in more ways than there are people."""
    baseline, followed = effects.describe_arms(found)
    starters, others = followed["people"]
    assert (baseline["starters"].sum(), baseline["others"].sum()) == (starters, others)
    assert (followed[["risen", "left", "lost"]].max(axis=1) <= followed["people"]).all()
    assert baseline[["starters", "others"]].min().min() >= 10


def test_spells_shuffled_or_renamed_give_the_same(frame, found):
    """Person-periods, the same rows as spells, shuffled and relabelled people: one answer, and inputs untouched."""
    before = frame.copy(deep=True)
    spells = frame.rename(columns={"period": "start"}).assign(stop=frame["period"] + 1)
    mixed = spells.sample(frac=1, random_state=3)
    mixed["person_id"] = "p" + mixed["person_id"].astype("str")
    again = effects.emulate_trials(
        mixed, covariates=["score"], horizons=(6, 12, 24), emulation=effects.Emulation(primary=24)
    )
    for name in ("estimate", "std_error", "n", "n_event"):
        assert np.allclose(again.table[name], found.table[name], rtol=1e-7)
    pd.testing.assert_frame_equal(frame, before)


def test_counts_of_two_halves_add_up(frame):
    """Cells are additive over people: those of all, less those of one half, are those of the other half alone."""
    odd = frame["person_id"] % 2 == 1
    trials, half = (expand(part, treatment="trained", columns=["score"], least=0) for part in (frame, frame[~odd]))
    whole, code = count_cells(trials, trials.people, 12)
    gone = np.flatnonzero(trials.ids[trials.people.person] % 2 == 1)
    left, (alone, _) = whole.less(trials.people.of(gone), code[gone]), count_cells(half, half.people, 12)
    kept = left.at_risk[:, 0] > 0
    assert (whole.at_risk[:, 0] > left.at_risk[:, 0]).any()
    for name in ("trial", "arm", "pattern", "at_risk"):
        assert np.array_equal(getattr(left, name)[kept], getattr(alone, name))
    assert all(np.array_equal(left.events[event][kept], alone.events[event]) for event in (1, 2))


def test_sandwich_and_groups_left_out_agree(frame):
    """The two intervals of the difference are within a quarter of each other, and all methods see the same world."""
    every = effects.emulate_trials(frame, covariates=["score"], horizons=(12, 24),
                                   emulation=effects.Emulation(primary=24, everything=True, groups=50))  # fmt: skip
    assert not [note for note in every.notes if "25%" in note.say("en")]
    model = gap(every, 24)
    for method in ("weighting", "doubly_robust"):
        other = gap(every, 24, method)
        assert abs(other["estimate"] - model["estimate"]) < 2 * model["std_error"]
        assert 0.5 < other["std_error"] / model["std_error"] < 2


def test_never_starting_is_another_question(frame):
    """Per protocol cuts controls when they start; with no effect both questions are answered by about zero."""
    one = effects.emulate_trials(frame, covariates=["score"], horizons=(12, 24), estimand="per_protocol",
                                 emulation=effects.Emulation(primary=24, groups=20))  # fmt: skip
    assert abs(gap(one, 24)["estimate"]) < 3 * gap(one, 24)["std_error"]
    assert any("never" in note.say("en") for note in one.notes)


def test_a_planted_effect_is_seen_and_none_is_not():
    """A large planted effect leaves 0 out; no effect stays within its error."""
    none, some = (
        effects.emulate_trials(
            world(seed, 4000, effect=size),
            covariates=["score"],
            horizons=(24,),
            emulation=effects.Emulation(primary=24),
        )
        for seed, size in ((5, 0.0), (6, 0.9))
    )
    assert abs(gap(none, 24)["estimate"]) < 3 * gap(none, 24)["std_error"]
    assert gap(some, 24)["conf_low"] > 0.05


def test_nobody_starts_blocks_with_the_reason(frame):
    """Without starters there is no number and one reason."""
    rows = frame[frame["trained"] == 0]
    one = effects.emulate_trials(rows, covariates=["score"], horizons=(12,))
    assert one.status == "blocked"
    assert one.table["estimate"].isna().all()
    assert "start" in one.notes[0].say("en")


def test_a_thin_horizon_is_blocked_and_the_others_stay(frame):
    """A horizon that nobody is followed to is empty; the others keep their numbers."""
    one = effects.emulate_trials(
        frame, covariates=["score"], horizons=(12, 60), emulation=effects.Emulation(primary=12)
    )
    assert one.status == "warned"
    assert one.table.query("time == 60")["estimate"].isna().all()
    assert one.table.query("time == 12")["estimate"].notna().all()


def test_a_covariate_that_separates_the_arms_blocks(frame):
    """A number that everyone who starts shares, and nobody else has, cannot be adjusted for."""
    starts = frame["trained"].astype(float) + 0.001 * frame["person_id"] * frame["trained"]
    one = effects.emulate_trials(frame.assign(marked=starts), covariates=["marked"], horizons=(12,))
    assert one.status == "blocked"
    assert "marked" in one.notes[0].say("en")


@pytest.mark.parametrize("lack", ["planned", "everybody"])
def test_what_the_registry_lacks_blocks_every_answer(frame, lack):
    """No planning dates, or no leavers: each comparison is empty and says which table or people would be needed."""
    absent, missing = {"planned": "planning"} if lack == "planned" else {}, ()
    if lack == "everybody":
        missing = (Message("Ask for an extract with leavers."),)
    spells = Spells(frame=frame, flow=pd.DataFrame(), spec={"left_out": absent}, missing=missing)
    asked = {"covariates": ["score:planned"], "confounders": ["planned"]}
    found = [
        effects.emulate_trials(spells, **asked, horizons=(12,)),
        effects.emulate_trials(spells, **asked, horizons=(12,), estimand="per_protocol"),
        effects.check_effect(spells, **asked),
        effects.compare_gains(spells, by=("score",), kinds={"x": spells}, **asked),
        effects.compare_time_varying(spells, covariates=["planned"], horizons=(12,)),
    ]
    if lack == "everybody":
        found += [
            effects.compare_ever_trained(spells, horizons=(12,)),
            effects.compare_landmark(spells, horizons=(12,)),
        ]
    for one in found:
        assert one.status == "blocked" and one.table["estimate"].isna().all()
        assert ("table planning" if lack == "planned" else "leavers") in one.notes[0].say("en")
    assert found[2].spec["verdict"] == "not_assessable"


def test_bad_input_is_named(frame):
    """A broken frame or setting is refused with the column or word at fault."""
    with pytest.raises(EffectsError, match="eligible"):
        effects.emulate_trials(frame.assign(eligible=2), covariates=["score"])
    with pytest.raises(EffectsError, match="score"):
        effects.emulate_trials(frame.assign(score=np.nan), covariates=["score"])
    with pytest.raises(EffectsError, match="horizons"):
        effects.emulate_trials(frame, covariates=["score"], horizons=(0,))
    with pytest.raises(EffectsError, match="estimand"):
        effects.emulate_trials(frame, covariates=["score"], estimand="late")
