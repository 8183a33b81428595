"""Simple comparisons that mislead, on the same scale as the trials, so that the bias is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.effects.trials.expand import end_of_follow_up, expand
from analysis.effects.trials.lacking import find_lacking
from analysis.estimate import Estimate, blocked
from analysis.survival.curves import estimate_incidence
from analysis.survival.hazards import fit_hazards
from analysis.survival.standardise import standardise_incidence
from analysis.text import Text

LEVEL = 0.95


def compare_ever_trained(
    frame: pd.DataFrame,
    *,
    treatment: str = "trained",
    eligible: str = "eligible",
    horizons: Sequence[int] = (12, 24, 36),
) -> Estimate:
    """Compare those who ever start with those who never do, followed from the first month they could have started.

    Misleading by design: it looks into the future, and the months before a start are immortal.
    """
    if lacking := find_lacking(frame):
        return _not_told(lacking, "ever_trained", treatment, horizons)
    people = _first_eligible(frame, treatment, eligible)
    people = people.assign(ever=people["first"].notna())
    return _difference(people.assign(start=0), "ever", treatment, horizons, "ever_trained")


def compare_landmark(
    frame: pd.DataFrame, *, treatment: str = "trained", eligible: str = "eligible", landmark: int = 12,
    horizons: Sequence[int] = (12, 24, 36),
) -> Estimate:  # fmt: skip
    """Compare, among those still there `landmark` months on, those who had started by then with the others.

    No immortal time, but nothing is adjusted for, and later starters count as untrained.
    Source: Anderson, Cain and Gelber (1983), J. Clin. Oncol. 1:710-719.
    """
    if lacking := find_lacking(frame):
        return _not_told(lacking, f"landmark_{landmark}", treatment, horizons)
    people = _first_eligible(frame, treatment, eligible)
    people = people[people["stop"] > landmark]
    people = people.assign(start=0, stop=people["stop"] - landmark, early=people["first"].fillna(np.inf) < landmark)
    return _difference(people, "early", treatment, horizons, f"landmark_{landmark}")


def compare_time_varying(
    frame: pd.DataFrame, *, treatment: str = "trained", eligible: str = "eligible", covariates: Sequence[str] = (),
    horizons: Sequence[int] = (12, 24, 36), draws: int = 50, seed: int = 0,
) -> Estimate:  # fmt: skip
    """Compare a life trained throughout with one never trained, by a Cox model in which training varies in time.

    One hazard ratio stands for study time and for all years after; covariates are taken as they change.
    """
    if lacking := find_lacking(frame, covariates):
        return _not_told(lacking, "time_varying_cox", treatment, horizons)
    rows, trials = _followed(frame, treatment, eligible, covariates)
    own = rows.assign(person_id=rows["person"], start=rows["start"] - rows["zero"], stop=rows["stop"] - rows["zero"])
    for name in covariates:
        own[name] = trials.patterns[name].array[rows["pattern"].to_numpy()]
    own["treated"] = pd.Categorical(own["treated"].astype("int64"), [0, 1])
    wanted = ["person_id", "start", "stop", "event", "treated", *covariates]
    found = standardise_incidence(
        own[wanted], exposure="treated", covariates=covariates, horizons=horizons, draws=draws, seed=seed
    )
    table = found.table.query("estimand == 'risk_difference' and outcome == 'event_1'")
    table = table.assign(run="time_varying_cox", method="time_varying_cox", term=treatment, population="at_entry", n_exposed=_heads(own, 1),
                         n_event=_events(own))  # fmt: skip
    return Estimate(table=table, spec=found.spec, notes=found.notes, status=found.status)


def _not_told(reasons: Sequence[Text], method: str, treatment: str, horizons: Sequence[int]) -> Estimate:
    row = {"run": method, "method": method, "estimand": "risk_difference", "outcome": "event_1", "term": treatment}
    return blocked([{**row, "time": horizon} for horizon in horizons], {"method": method}, *reasons)


def _heads(own: pd.DataFrame, level: int) -> int:
    return int(own.loc[own["treated"].astype("int64") == level, "person_id"].nunique())


def _events(own: pd.DataFrame) -> int:
    treated = own["treated"].astype("int64") == 1
    return int(own.loc[treated & (own["event"] == 1), "person_id"].nunique())


def _followed(frame: pd.DataFrame, treatment: str, eligible: str, columns: Sequence[str] = ()):
    """Rows of people from their first eligible month to their first event, with that month as `zero`."""
    trials = expand(frame, treatment=treatment, eligible=eligible, columns=columns, least=0)
    rows = trials.rows
    zero = rows[rows["eligible"]].drop_duplicates("person").set_index("person")["start"]
    rows = rows.assign(zero=rows["person"].map(zero))
    rows = rows[rows["zero"].notna() & (rows["start"] >= rows["zero"])]
    end = end_of_follow_up(*(rows[name].to_numpy() for name in ("person", "start", "stop", "event")))
    first = np.flatnonzero(np.append(True, np.diff(rows["person"].to_numpy()) != 0))
    last = np.zeros(len(rows), dtype="int64")
    last[first] = end[first]
    last = np.maximum.accumulate(last)
    return rows[np.arange(len(rows)) <= last].astype({"zero": "int64"}), trials


def _first_eligible(frame: pd.DataFrame, treatment: str, eligible: str) -> pd.DataFrame:
    """One row a person: months from the first eligible month to the first event, and to the first start (NaN: none)."""
    rows, trials = _followed(frame, treatment, eligible)
    last = rows.drop_duplicates("person", keep="last").set_index("person")
    treated = trials.rows[trials.rows["treated"] == 1].drop_duplicates("person").set_index("person")["start"]
    return pd.DataFrame({
        "person_id": last.index, "stop": (last["stop"] - last["zero"]).to_numpy(), "event": last["event"].to_numpy(),
        "first": (treated.reindex(last.index) - last["zero"]).to_numpy(),
    })  # fmt: skip


def _difference(people: pd.DataFrame, group: str, treatment: str, horizons: Sequence[int], method: str) -> Estimate:
    found = estimate_incidence(people, by=group, horizons=horizons)
    risks = found.table.query("estimand == 'risk' and outcome == 'event_1'")
    rows, wide = [], norm.ppf(0.5 + LEVEL / 2)
    for horizon in horizons:
        one, two = (risks[(risks["time"] == horizon) & risks["term"].str.contains(str(flag))] for flag in (False, True))
        if len(one) != 1 or len(two) != 1:
            continue
        gap = two["estimate"].item() - one["estimate"].item()
        error = float(np.hypot(one["std_error"].item(), two["std_error"].item()))
        rows.append({
            "run": method, "method": method, "estimand": "risk_difference", "population": "first_eligible", "outcome": "event_1",
            "term": treatment, "time": horizon, "estimate": gap, "std_error": error, "se_scale": "identity",
            "conf_low": gap - wide * error, "conf_high": gap + wide * error, "conf_level": LEVEL, "interval": "wald",
            "n": len(people), "n_exposed": int(people[group].sum()),
            "n_event": int((people[group] & (people["event"] == 1) & (people["stop"] <= horizon)).sum()),
        })  # fmt: skip
    return Estimate(table=rows, spec={"method": method, "horizons": [*horizons]}, notes=found.notes)


def compare_worlds(one: pd.DataFrame, other: pd.DataFrame) -> Estimate:
    """Compare how fast everyone in one world rises with everyone in another: start-stop rows of each.

    A hazard ratio `works`, nothing adjusted for: two synthetic worlds that differ in one thing need no adjustment.
    People live in both and may rise more than once: all rows of a person go together in the variance.
    """
    frames = [getattr(frame, "frame", frame) for frame in (one, other)]
    rows = [
        frame[["start", "stop", "event"]].assign(
            who=frame["person_id"], works=1 - place, person_id=f"{place} " + frame["person_id"].astype("str")
        )
        for place, frame in enumerate(frames)
    ]
    return fit_hazards(pd.concat(rows, ignore_index=True), covariates=["works"], cluster="who")
