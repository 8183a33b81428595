"""Simple comparisons that mislead, on the same scale as the trials, so that the bias is seen; and the planted truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.rows import label_row, wald
from analysis.effects.trials.expand import Trials, end_of_follow_up, expand
from analysis.effects.trials.question import require
from analysis.errors import Blocked, EffectsError, check_lists
from analysis.estimate import Estimate, blocked
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import fit_hazards
from analysis.survival.standardise import standardise_incidence

TREATMENT, LANDMARK = "trained", 12


def compare_ever_trained(frame: pd.DataFrame, *, horizons: Sequence[int] = (12, 24, 36)) -> Estimate:
    """Compare those who ever start with those who never do, followed from the first month they could have started.

    `frame` as `emulate_trials` takes; rows: `risk_difference` at the `horizons` (months). Misleading by design: it
    looks into the future, and the months before a start are immortal.

    >>> effects.compare_ever_trained(spells.frame, horizons=[36]).table["estimate"].round(2).tolist()
    [0.12]
    """
    return _compare(frame, "ever_trained", horizons, lambda people: people.assign(group=people["first"].notna()))


def compare_landmark(frame: pd.DataFrame, *, horizons: Sequence[int] = (12, 24, 36)) -> Estimate:
    """Compare, among those still there a year on, those who had started by then with the others.

    `frame` as `emulate_trials` takes; rows: `risk_difference` at the `horizons` (months). No immortal time, but nothing
    is adjusted for, and later starters count as untrained.
    Source: Anderson, Cain and Gelber (1983), J. Clin. Oncol. 1:710-719.

    >>> effects.compare_landmark(spells.frame, horizons=[36]).table["estimate"].round(2).tolist()
    [0.09]
    """

    def group(people: pd.DataFrame) -> pd.DataFrame:
        people = people[people["stop"] > LANDMARK]
        return people.assign(stop=people["stop"] - LANDMARK, group=people["first"] < LANDMARK)

    return _compare(frame, f"landmark_{LANDMARK}", horizons, group)


def compare_time_varying(
    frame: pd.DataFrame, *, covariates: Sequence[str] = (), horizons: Sequence[int] = (12, 24, 36), draws: int = 50
) -> Estimate:
    """Compare a life trained throughout with one never trained, by a Cox model in which training varies in time.

    `frame` as `emulate_trials` takes, with the `covariates`; rows: `risk_difference` at the `horizons` (months),
    intervals from `draws` bootstraps of people (0: none). One hazard ratio stands for study time and for all years
    after; covariates are taken as they change.

    >>> effects.compare_time_varying(spells.frame, horizons=[36], draws=0).table["estimand"].tolist()
    ['risk_difference']
    """
    method = "time_varying_cox"
    check_lists(EffectsError, covariates=covariates, horizons=horizons)
    try:
        rows, trials = _follow(frame, covariates)
    except Blocked as why:
        return _withheld(why, method, horizons)
    own = rows.assign(
        person_id=rows["person"],
        start=rows["start"] - rows["zero"],
        stop=rows["stop"] - rows["zero"],
        treated=pd.Categorical(rows["treated"].astype("int64"), [0, 1]),
        **{name: trials.patterns[name].array[rows["pattern"].to_numpy()] for name in covariates},
    )
    found = standardise_incidence(
        own[["person_id", "start", "stop", "event", "treated", *covariates]],
        exposure="treated",
        covariates=covariates,
        horizons=horizons,
        draws=draws,
    )
    on = own[own["treated"] == 1]
    table = found.pick(estimand="risk_difference", outcome="event_1").table.assign(
        run=method,
        method=method,
        term=TREATMENT,
        population="at_entry",
        n_exposed=on["person_id"].nunique(),
        n_event=on.loc[on["event"] == 1, "person_id"].nunique(),
    )
    return replace(found, table=table, details={})


def _withheld(why: Blocked, method: str, horizons: Sequence[int]) -> Estimate:
    row = {"run": method, "method": method, "estimand": "risk_difference", "outcome": "event_1", "term": TREATMENT}
    return blocked([{**row, "time": horizon} for horizon in horizons], {"method": method}, *why.reasons)


def _follow(frame: Any, columns: Sequence[str] = ()) -> tuple[pd.DataFrame, Trials]:
    """Rows of people from their first eligible month to their first event, with that month as `zero`.

    Raises Blocked with what spells miss.
    """
    require(frame, *columns)
    trials = expand(frame, treatment=TREATMENT, columns=columns, least=0)
    rows = trials.rows
    zero = rows[rows["eligible"]].drop_duplicates("person").set_index("person")["start"]
    rows = rows.assign(zero=rows["person"].map(zero))
    rows = rows[rows["start"] >= rows["zero"]]
    end = pd.Series(end_of_follow_up(rows))
    last = end.groupby(rows["person"].to_numpy()).transform("first").to_numpy()
    return rows[np.arange(len(rows)) <= last].astype({"zero": "int64"}), trials


def _compare(
    frame: Any, method: str, horizons: Sequence[int], group: Callable[[pd.DataFrame], pd.DataFrame]
) -> Estimate:
    """Compare two groups of people, who are marked from their months from the first eligible one: to the first event
    (`stop`), and to the first start (`first`, NaN: none).
    """
    check_lists(EffectsError, horizons=horizons)
    try:
        rows, trials = _follow(frame)
    except Blocked as why:
        return _withheld(why, method, horizons)
    last = rows.drop_duplicates("person", keep="last").set_index("person")
    treated = trials.rows[trials.rows["treated"] == 1].drop_duplicates("person").set_index("person")["start"]
    months = {"stop": last["stop"] - last["zero"], "first": treated.reindex(last.index) - last["zero"]}
    people = group(last.assign(start=0, **months).rename_axis("person_id").reset_index())
    found = estimate_incidence(people, by="group", horizons=horizons)
    risks = found.pick(estimand="risk", outcome="event_1").table.set_index(["time", "term"])
    table = []
    for horizon in horizons if people["group"].nunique() == 2 else ():
        none, some = (risks.loc[(horizon, str(flag)), :] for flag in (False, True))
        happened = people["group"] & (people["event"] == 1) & (people["stop"] <= horizon)
        heads = {"n": len(people), "n_exposed": people["group"].sum(), "n_event": happened.sum()}
        row = label_row("risk_difference", TREATMENT, horizon, method, "first_eligible", run=method, **heads)
        error = np.hypot(none["std_error"], some["std_error"])
        table.append(row | wald(some["estimate"] - none["estimate"], error))
    return Estimate(table=pd.DataFrame(table), spec={"method": method, "horizons": [*horizons]}, notes=found.notes)


def compare_worlds(one: pd.DataFrame, other: pd.DataFrame) -> Estimate:
    """Compare how fast everyone in world `one` rises with everyone in the `other`: start-stop rows of each.

    A hazard ratio `works`, nothing adjusted for: two synthetic worlds that differ in one thing need no adjustment.
    People live in both and may rise more than once: all rows of a person go together in the variance.

    >>> effects.compare_worlds(frame, frame).table["estimate"].round(2).tolist()
    [1.0]
    """
    frames = []
    for works, world in ((1, one), (0, other)):
        rows = getattr(world, "frame", world)[["person_id", "start", "stop", "event"]]
        own = f"{1 - works} " + rows["person_id"].astype("str")
        frames.append(rows.assign(who=rows["person_id"], works=works, person_id=own))
    return fit_hazards(pd.concat(frames, ignore_index=True), covariates=["works"], cluster="who")


def planted_differences(truth: Mapping[str, Any]) -> Estimate:
    """Give the planted risk differences of trials followed 36 months by horizon; no rows where none were planted.

    `truth` is what a synthetic province says of itself (`registry.read_truth`).

    >>> len(effects.planted_differences({}).table)
    0
    """
    planted = truth.get("risk_differences") or {}
    rows = [
        label_row(
            "risk_difference", "planted", int(time), "planted", estimate=one.get("complete_36", one)["risk_difference"]
        )
        for time, one in planted.items()
    ]
    return Estimate(table=pd.DataFrame(rows), spec={})
