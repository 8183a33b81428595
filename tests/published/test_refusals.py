"""Bad frames and settings are refused by name; models that cannot be fitted are blocked and say why."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from made import make_frame

from analysis import careers, effects
from analysis.errors import CareersError, EffectsError


def spoil(column, rows, value):
    frame = make_frame(1).astype({"start": "float64", "stop": "float64", "event": "float64", "person_id": "object"})
    frame.index = [f"r{place}" for place in range(len(frame))]
    frame.loc[frame.index[rows], column] = value
    return frame


BAD = {
    "stop before start": (spoil("stop", [3, 5], -1.0), "stop", 2, "r3, r5"),
    "stop at start": (make_frame(1).assign(stop=lambda d: d["start"]), "stop", len(make_frame(1)), "0, 1"),
    "missing start": (spoil("start", [2], np.nan), "start", 1, "r2"),
    "missing stop": (spoil("stop", [2, 4, 6], np.nan), "stop", 3, "r2, r4, r6"),
    "infinite stop": (spoil("stop", [7], np.inf), "stop", 1, "r7"),
    "event between codes": (spoil("event", [1], 1.5), "event", 1, "r1"),
    "event below 0": (spoil("event", [1], -1), "event", 1, "r1"),
    "event missing": (spoil("event", [1], np.nan), "event", 1, "r1"),
    "negative weight": (spoil("weight", [0, 8], -0.1), "weight", 2, "r0, r8"),
    "missing weight": (spoil("weight", [9], np.nan), "weight", 1, "r9"),
    "covariate missing": (spoil("score", [4], np.nan), "score", 1, "r4"),
    "level missing": (spoil("sex", [4, 5], np.nan), "sex", 2, "r4, r5"),
    "person missing": (spoil("person_id", [6], None), "person_id", 1, "r6"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_frames(case):
    """A bad value is named by column, count and row in both languages, and never fitted in silence."""
    frame, column, count, labels = BAD[case]
    with pytest.raises(EffectsError) as raised:
        effects.fit_hazards(frame, covariates=["trained", "score", "sex"], weights="weight")
    for words in map(raised.value.text.say, ("en", "vi")):
        assert f"{column}: " in words and f"({count} " in words and labels in words
    with pytest.raises(CareersError, match=f"{column}: "):
        careers.count_spells(frame, ["trained", "score", "sex"], weights="weight")


def test_overlapping_rows_of_a_person():
    """Nobody is at risk twice at the same time, which would count them double."""
    frame = pd.DataFrame({"person_id": ["a", "a", "b"], "start": [0, 3, 0], "stop": [5, 8, 4], "event": [0, 1, 1]})
    for call in (careers.count_spells, effects.estimate_incidence):
        with pytest.raises((CareersError, EffectsError), match="start: overlaps.*1 rows; first labels: 1"):
            call(frame)


def test_faults_come_all_at_once():
    """One run tells all faults of a frame: nobody mends and reruns once for each."""
    frame = spoil("stop", [3], -1.0)
    frame.loc["r8", "event"] = 0.5
    with pytest.raises(EffectsError, match="stop: (?s:.*)event: "):
        effects.estimate_incidence(frame)


def test_unknown_levels_and_missing_columns():
    """A level or column that is not there is named, with its rows, and not dropped or guessed."""
    frame = make_frame(1).astype({"sex": "str"})
    unknown = frame["sex"] == "m"
    first = ", ".join(map(str, frame.index[unknown][:5]))
    with pytest.raises(CareersError, match="sex: unknown levels 'm'") as raised:
        careers.count_spells(frame, ["sex"], levels={"sex": ["f", "x"]})
    assert f"in {unknown.sum()} rows (first labels: {first})" in raised.value.text.say("en")
    assert f"ở {unknown.sum()} dòng (nhãn đầu: {first})" in raised.value.text.say("vi")
    with pytest.raises(EffectsError, match=r"lacks the columns \['nothing'\]"):
        effects.fit_hazards(frame, covariates=["nothing"])
    with pytest.raises(EffectsError, match="no rows"):
        effects.estimate_incidence(frame.iloc[:0])
    with pytest.raises(CareersError, match="no rows"):
        careers.count_spells(frame.iloc[:0])


@pytest.mark.parametrize("asked", [{"model": "probit"}, {"ties": "exact"}, {"event": 0},
                                   {"model": "cox", "covariates": ["stop"]}, {"model": "logit", "covariates": ["stop"]}])  # fmt: skip
def test_settings(asked):
    """A setting that no method has is refused in both languages, and not taken for the default."""
    with pytest.raises(EffectsError) as raised:
        effects.fit_hazards(make_frame(1), **({"covariates": ["score"]} | asked))
    assert raised.value.text.say("en") != raised.value.text.say("vi")


def test_settings_of_curves_and_counts():
    """Curves and counts refuse what they cannot do, so that no table answers another question."""
    with pytest.raises(EffectsError, match="interval"):
        effects.estimate_incidence(make_frame(1), interval="plain")
    with pytest.raises(EffectsError, match="horizons"):
        effects.estimate_incidence(make_frame(1), horizons=())
    counts = careers.count_spells(make_frame(1), ["sex"])
    with pytest.raises(EffectsError, match="score"):
        effects.fit_hazards(counts, covariates=["score"])
    with pytest.raises(CareersError, match="do not add up"):
        counts + careers.count_spells(make_frame(1), ["region"])


def lonely(**columns):
    return make_frame(2).assign(**columns)


BLOCKED = {
    "no events": (lonely(event=0), ["sex"], "event: nobody has event 1"),
    "constant": (lonely(flat=3), ["sex", "flat"], "flat is constant: everyone has 3"),
    "empty arm": (lonely(arm=pd.Categorical(["no"] * len(make_frame(2)), ["no", "yes"])), ["arm"], "nobody is in yes"),
    "level without events": (
        lonely(place=lambda d: np.where(d["unit"] == 1, "u1", "other"), event=lambda d: d["event"].where(d["unit"] != 1, 0)),
        ["sex", "place"], r"place\[u1\] has people at risk but no events",
    ),
    "bool separates": (
        lonely(late=lambda d: d["unit"] == 1, event=lambda d: d["event"].where(d["unit"] != 1, 0)), ["late"], "late separates",
    ),
    "number separates": (
        pd.DataFrame({"person_id": range(40), "start": 0, "stop": range(1, 41), "event": 1, "lead": np.linspace(9, 0, 40)}),
        ["lead"], "lead: the fit did not converge",
    ),
    "collinear": (lonely(double=lambda d: 2 * d["score"] + 1), ["score", "double"], "double is a combination"),
    "nested levels": (lonely(zone=lambda d: d["region"].astype("str"), zone2=lambda d: "z" + d["region"].astype("str")),
                      ["zone", "zone2"], r"zone2\[z1\] is a combination"),
}  # fmt: skip


@pytest.mark.parametrize("case", BLOCKED)
@pytest.mark.parametrize("model", ["cox", "logit", "cloglog"])
def test_blocked(case, model):
    """Where data cannot tell an effect no number appears, and the reason names the covariate, in both languages."""
    frame, covariates, reason = BLOCKED[case]
    got = effects.fit_hazards(frame, covariates=covariates, model=model)
    assert got.status == "blocked" and got.table["estimate"].isna().all() and len(got.table) >= len(covariates)
    assert any(re.search(reason, note.say("en")) for note in got.notes), got.notes
    assert all(note.say("en") != note.say("vi") for note in got.notes)


def test_a_covariate_that_only_tells_strata_apart_is_named():
    """A covariate swallowed by the strata is named: its absence is no finding of no effect."""
    got = effects.fit_hazards(make_frame(2), covariates=["region"], strata=["region"])
    assert got.status == "blocked" and "region does not vary" in got.notes[0].say("en")


def test_curves_without_events_are_blocked_and_short_follow_up_leaves_blanks():
    """Times that nobody is followed to stay blank with a note: no curve is drawn on as if flat."""
    assert effects.estimate_incidence(make_frame(1).assign(event=0), by="sex").status == "blocked"
    got = effects.estimate_incidence(make_frame(1), horizons=(6, 99))
    rows = got.table[got.table["time"] == 99]
    assert len(rows) and rows["estimate"].isna().all() and "nobody is followed beyond" in got.notes[0].say("en")


def test_results_say_rows_and_people():
    """Counts beside a result are of people, not of their rows, which would make it look far surer."""
    frame = make_frame(4)
    got = effects.fit_hazards(frame, covariates=["trained", "sex"])
    assert got.details["fit"].loc[0, ["rows", "people"]].tolist() == [len(frame), 120]
    exposed = frame.groupby("person_id")["trained"].any().sum()
    assert got.table.set_index("term").loc["trained", ["n", "n_exposed"]].tolist() == [120, exposed]
    events = frame[(frame["event"] == 1) & (frame["sex"] == "m")]["person_id"].nunique()
    assert got.table.set_index("term").loc["sex[m]", "n_event"] == events
