"""What a researcher may get wrong: each input is accepted, or refused in one sentence that names the thing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made import make_frame, world

from analysis import effects
from analysis.errors import EffectsError

SHORT = effects.Emulation(primary=24)


@pytest.fixture(scope="module")
def frame():
    return world()


def ask(frame, **more):
    return effects.emulate_trials(frame, **({"covariates": ["score"], "horizons": (12, 24), "emulation": SHORT} | more))


def in_years(frame):
    return frame.assign(start=frame["period"] / 12, stop=(frame["period"] + 1) / 12).drop(columns="period")


WRONG = {
    "one horizon": ({"horizons": 12}, r"horizons is 12; give a list, as \[12\]"),
    "a word of horizons": ({"horizons": "12"}, "horizons is '12'"),
    "horizons before the start": ({"horizons": [-5]}, r"horizons are \[-5\]"),
    "half months": ({"horizons": [12.5]}, r"horizons are \[12.5\]"),
    "one covariate": ({"covariates": "score"}, r"covariates is 'score'; give a list, as \['score'\]"),
    "the event as a covariate": ({"covariates": ["event"]}, r"\['event'\] cannot be adjusted for"),
    "settings as a table": ({"emulation": {"primary": 24}}, "emulation is {'primary': 24}"),
    "empty settings": ({"emulation": {}}, "emulation is {}"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_setting_is_named(frame, case):
    """One sentence in both languages, naming the setting and what was seen, and no traceback."""
    more, words = WRONG[case]
    with pytest.raises(EffectsError, match=words) as raised:
        ask(frame, **more)
    assert raised.value.text.say("en") != raised.value.text.say("vi")


@pytest.mark.parametrize("wrong", [{"primary": 0}, {"primary": 7.5}, {"apart": 0}, {"groups": 1}, {"least": -1}])
def test_a_number_of_the_settings_that_cannot_be_is_named(wrong):
    """No trial is followed for no months, and no group of people is the only one to leave out."""
    (name,) = wrong
    with pytest.raises(EffectsError, match=f"{name} is .*whole number"):
        effects.Emulation(**wrong)


def test_times_in_years_are_refused_by_name(frame):
    """Times that are no whole months would be cut off, and months of follow-up with them."""
    with pytest.raises(EffectsError, match="start: trials go by the month"):
        ask(in_years(frame))
    with pytest.raises(EffectsError, match="stop: trials go by the month"):
        ask(frame.assign(start=frame["period"], stop=frame["period"] + 0.5).drop(columns="period"))


def test_a_column_with_a_colon_is_refused_and_odd_names_are_taken(frame):
    """A colon crosses two columns; a column named like one of the results, or by no letter, is a column."""
    with pytest.raises(EffectsError, match=r"\['a:b'\] cannot be adjusted for"):
        ask(frame.assign(**{"a:b": frame["score"]}), covariates=["a:b"])
    plain = ask(frame).table["estimate"]
    for name in ("term", ""):
        assert ask(frame.assign(**{name: frame["score"]}), covariates=[name]).table["estimate"].equals(plain)


def test_a_level_that_only_the_ineligible_have_changes_nothing(frame):
    """Nobody in a trial has it: no term, and no word of joined levels."""
    kind = np.where(frame["eligible"] == 0, "only", np.where(frame["person_id"] % 2, "a", "b"))
    for order in (["only", "a", "b"], ["a", "b", "only"]):
        found = ask(frame.assign(kind=pd.Categorical(kind, order)), covariates=["score", "kind"])
        assert found.status == "ok" and found.table["estimate"].notna().all()


def test_trials_may_begin_before_anybody_starts(frame):
    """With an intake every month the first trials have nobody who starts; the weights of never starting hold there."""
    late = frame.assign(trained=np.where(frame["period"] < 6, 0, frame["trained"]))
    every = effects.Emulation(primary=24, least=0, groups=5)
    found = ask(late, estimand="per_protocol", emulation=every)
    assert found.table["estimate"].notna().all()


def test_a_term_that_runs_away_leaves_the_quadratic_model(frame):
    """Nobody of a level has the outcome: its term goes, by name, and every other row stands."""
    risen = frame.groupby("person_id")["event"].transform(lambda one: (one == 1).any())
    safe = pd.Categorical(np.where((frame["person_id"] % 20 == 0) & ~risen, "x", "y"), ["y", "x"])
    found = ask(frame.assign(safe=safe), covariates=["score", "safe"],
                emulation=effects.Emulation(primary=24, model="quadratic"))  # fmt: skip
    assert any("safe[x]" in note.say("en") for note in found.notes)
    assert found.table["estimate"].notna().all()


def test_groups_that_are_not_there_are_named(frame):
    """A group by a column, or a contrast of a group, that is not there."""
    for more, words in (
        ({"by": "score"}, "by is 'score'"),
        ({"by": ["where"]}, r"no column \['where'\]"),
        ({"by": ["score"], "contrasts": [("score[low]", "score[mid]")]}, r"no group \['score\[mid\]'\]"),
    ):
        with pytest.raises(EffectsError, match=words):
            effects.compare_gains(frame, covariates=["score"], confounders=["score"], emulation=SHORT, **more)


def test_one_cluster_has_no_error():
    """Scores of all rows sum to zero: an error of 1e-15 would be printed as a sure answer."""
    found = effects.fit_hazards(make_frame(1).assign(unit=1), covariates=["score"], cluster="unit")
    assert found.status == "blocked" and found.table["std_error"].isna().all()
    assert "one cluster" in found.notes[0].say("en")


def test_settings_of_other_comparisons_are_named():
    """Every call that takes horizons or covariates refuses one word or number in their place, and time before time."""
    frame, rows = make_frame(1), world(people=300).rename(columns={"period": "start"})
    rows = rows.assign(stop=rows["start"] + 1)
    for call in (
        lambda: effects.estimate_incidence(frame, horizons=6),
        lambda: effects.estimate_incidence(frame, horizons=[-6]),
        lambda: effects.standardise_incidence(frame, exposure="sex", horizons=6),
        lambda: effects.compare_ever_trained(rows, horizons=12),
        lambda: effects.compare_landmark(rows, horizons=12),
        lambda: effects.compare_time_varying(rows, horizons=12),
    ):
        with pytest.raises(EffectsError, match="horizons"):
            call()
    with pytest.raises(EffectsError, match="covariates is 'score'"):
        effects.fit_hazards(frame, covariates="score")
    with pytest.raises(EffectsError, match="cannot explain the event"):
        effects.fit_hazards(frame, covariates=["event"])


def test_a_frame_with_odd_times_says_which():
    """Rows of no length say what to do with them."""
    frame = make_frame(1)
    frame.loc[3, "stop"] = frame.loc[3, "start"]
    with pytest.raises(EffectsError, match="leave such rows out"):
        effects.fit_hazards(frame, covariates=["score"])
