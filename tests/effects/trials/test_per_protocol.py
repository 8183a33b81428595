"""Start now or never, and those who drop out: who is cut where, what weights stand in for them, and when none can."""

from __future__ import annotations

import time

import made
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from published import beside

from analysis import effects
from analysis.effects.trials.censoring import (
    cut_leavers,
    fit_dropout,
    follow_protocol,
    protocol_cells,
    weigh_stayers,
)
from analysis.effects.trials.emulate import Emulation, prepare
from analysis.effects.trials.expand import expand
from analysis.effects.trials.itt import leave_groups_out
from analysis.effects.trials.methods import refit
from analysis.effects.trials.per_protocol import _refit_weighted, _risks, protocol_influences
from analysis.effects.trials.question import Question

MONTHS, HORIZON = 30, 18


def world(people: int, drops: float, seed: int = 1) -> pd.DataFrame:
    """Half start in month 6; the course works while people stay on it; the high leave it thrice as often, and rise."""
    rng = np.random.default_rng(seed)
    high, starts = rng.random(people) < 0.4, rng.random(people) < 0.5
    rows, on, gone = [], np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
    for period in range(6, MONTHS):
        on = starts if period == 6 else on & ~(rng.random(people) < drops * np.where(high, 3.0, 1.0))
        event = rng.random(people) < 0.01 * np.where(high, 3.0, 1.0) * np.where(on, 2.0, 1.0)
        rows.append(pd.DataFrame({
            "person_id": np.arange(people), "period": period, "event": event.astype(int), "eligible": int(period == 6),
            "on": on.astype(int), "score": np.where(high, "high", "low"),
        })[~gone])  # fmt: skip
        gone |= event
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(score=pd.Categorical(frame["score"], ["low", "high"]))


def ask(frame, **more):
    return effects.emulate_trials(frame, treatment="on", covariates=["score"], horizons=(HORIZON,), estimand="per_protocol",
                                  emulation=effects.Emulation(primary=HORIZON, groups=20, **more))  # fmt: skip


def difference(found) -> pd.Series:
    return found.table.query("estimand == 'risk_difference'").iloc[0]


def test_rows_of_the_published_expansion():
    """C14b: 1558 person-trial months by intention to treat, 500 where both arms leave as they stop to comply."""
    frame = beside("data_censored.csv").rename(columns={"id": "person_id", "outcome": "event"})
    trials = expand(frame, treatment="treatment", columns=[], least=0)
    assert trials.people.length.sum() == 1558
    assert cut_leavers(trials, both=True)[0].length.sum() == 500


def test_weights_of_those_who_stay_are_those_of_a_regression_on_months():
    """The same hazard of dropping out as a logistic regression with a row a person and month."""
    trials = expand(world(1500, 0.02), treatment="on", columns=["score"])
    people, left = cut_leavers(trials, both=True)
    found = fit_dropout(trials, people, left, ["score"], HORIZON)
    who = np.flatnonzero((people.arm == 1) & (people.length > 0))
    lived = np.minimum(people.length[who] - (~left[who]), HORIZON)
    person, month = np.repeat(who, lived), np.concatenate([np.arange(one) for one in lived])
    drops = left[person] & (month == people.length[person] - 1)
    high = (trials.patterns["score"].to_numpy() == "high")[people.pattern[person]]
    design = np.column_stack([np.ones(len(month)), month / (HORIZON - 1), high])
    wanted = sm.Logit(drops.astype(float), design).fit(disp=0)
    assert found.hazard.theta == pytest.approx(wanted.params, abs=1e-6)
    weight = weigh_stayers(found, HORIZON)
    one = np.flatnonzero(found.rows == who[0])[0]
    own = design[: HORIZON - 1].copy()
    own[:, 1], own[:, 2] = np.arange(HORIZON - 1) / (HORIZON - 1), high[person == who[0]][0]
    assert weight[one, 1:] == pytest.approx(1 / np.cumprod(1 - wanted.predict(own)), rel=1e-6)


def test_staying_on_the_course_is_recovered_though_the_strong_drop_out():
    """Truth: the same people when nobody drops out. Following drop-outs as if they stayed halves it."""
    truth = difference(ask(world(40_000, 0.0, seed=9)))["estimate"]
    frame = world(6000, 0.03)
    one = difference(ask(frame, drop_outs="leave"))
    assert abs(one["estimate"] - truth) < 3 * one["std_error"]
    assert difference(ask(frame))["estimate"] < truth - 3 * one["std_error"]


def test_a_handful_of_drop_outs_carries_no_weights():
    """Fewer than ten a parameter: blocked, and the reason says how many there were."""
    found = ask(world(1500, 0.0005), drop_outs="leave")
    assert found.status == "blocked" and difference(found).isna()["estimate"]
    assert "drop-outs" in found.notes[0].say("en") and "bỏ học" in found.notes[0].say("vi")


def test_where_the_cap_bites_the_answer_without_it_is_said():
    """Half of those who wait start every month: who still waits after some stands for far more than ten."""
    rng = np.random.default_rng(4)
    people, high = 3000, rng.random(3000) < 0.4
    rows, on, gone = [], np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
    for period in range(6):
        eligible = ~on
        on = on | (rng.random(people) < 0.5)
        event = rng.random(people) < np.where(high, 0.12, 0.06)
        rows.append(pd.DataFrame({"person_id": np.arange(people), "period": period, "event": event.astype(int), "eligible": eligible.astype(int),
                                  "on": on.astype(int), "score": np.where(high, "high", "low")})[~gone])  # fmt: skip
        gone |= event
    frame = pd.concat(rows, ignore_index=True)
    frame["score"] = pd.Categorical(frame["score"], ["low", "high"])
    found = effects.emulate_trials(frame, treatment="on", covariates=["score"], horizons=(6,), estimand="per_protocol",
                                   emulation=effects.Emulation(primary=6, groups=10))  # fmt: skip
    said = [note for note in found.notes if "capped at 10" in note.say("en")]
    assert len(said) == 1 and "without the cap" in said[0].say("en") and "trọng số tối đa là 10" in said[0].say("vi")
    assert f"with it {100 * difference(found)['estimate']:+.1f} percentage points." in said[0].say("en")


def test_influences_are_those_of_leaving_people_out():
    """The errors of start now or never, weights estimated, agree with refits without one group of people after the other."""
    frame, asked = made.world(5, 600), Question("trained", ["score"], ["score"])
    run = prepare(frame, asked, (12, 24), Emulation(primary=24, least=0, groups=200))
    protocol = follow_protocol(run)
    cells = protocol_cells(protocol)
    fit = _refit_weighted(run, cells)

    def without(flags):
        some = protocol_cells(protocol, without=flags)
        return _risks(some, refit(fit, some)).ravel()

    influence, left_out = protocol_influences(protocol, cells, fit), leave_groups_out(run, without)
    assert influence.sum(axis=1) == pytest.approx(np.zeros(4), abs=1e-9)
    assert np.sqrt(np.diag(influence @ influence.T)) == pytest.approx(np.sqrt(np.diag(left_out)), rel=0.08)


def test_start_now_or_never_takes_no_more_than_five_times_the_other_question():
    """Errors need no refit: CPU of per protocol beside that of intention to treat, three times each, the least of each."""
    frame, took = made.world(2, 1500), {}
    for _ in range(3):
        for estimand in ("itt", "per_protocol"):
            begun = time.process_time()
            effects.emulate_trials(frame, covariates=["score"], horizons=(12, 24), estimand=estimand,
                                   emulation=Emulation(primary=24, least=0))  # fmt: skip
            took.setdefault(estimand, []).append(time.process_time() - begun)
    assert min(took["per_protocol"]) < 5 * min(took["itt"])
