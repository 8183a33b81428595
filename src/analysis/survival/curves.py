"""Curves of risk over time by group: Kaplan-Meier and Aalen-Johansen with late entry and competing exits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import EffectsError
from analysis.estimate import Estimate, blocked
from analysis.survival.counts import Counts, count_frame
from analysis.survival.frames import check_spells
from analysis.survival.grouptests import GroupCounts, gray, log_rank
from analysis.survival.steps import (
    INTERVALS,
    Steps,
    build_steps,
    incidence_error,
    mean_time,
    median_time,
    risk_interval,
)
from analysis.text import Text

LEVEL = 0.95
STAYING = "event_0"
GROUP = " group"


def estimate_incidence(
    frame: pd.DataFrame | Counts,
    *,
    by: str | Sequence[str] | None = None,
    horizons: Sequence[float] | None = (12, 24, 36, 60),
    interval: str = "log-log",
    restricted_to: float | None = None,
    strata: Sequence[str] = (),
) -> Estimate:
    """Estimate the risk of each event over time by group, from start-stop rows (start, stop] or counts of them.

    `frame` has person_id, start, stop, event (0 censored, 1 the outcome, 2.. competing exits) and the columns `by`.
    Rows: `risk` a group, event and horizon (None: every event time); `probability` of no event yet (outcome
    `event_0`); `restricted_mean` time up to `restricted_to` (the last horizon all groups reach) without and after
    each event; with groups a `test` of equal hazards (log-rank) and, with competing events, of equal incidences
    (Gray), within `strata`. `interval`: `log-log` or `log` of the probability of staying out.
    Where nobody is followed to a horizon the row is empty and a note says so; nothing is extrapolated.
    Raises EffectsError for a frame or setting that breaks its contract. `details`: `curves`, `medians`, `fit`.
    Source: Aalen and Johansen (1978), Scand. J. Stat. 5:141-150; Gray (1988), Ann. Stat. 16:1141-1154.
    """
    by = [] if by is None else [by] if isinstance(by, str) else list(by)
    spec = {"by": by, "horizons": None if horizons is None else [*horizons], "interval": interval,
            "restricted_to": restricted_to, "strata": [*strata]}  # fmt: skip
    counts = _count(frame, by, list(strata), horizons, interval)
    named, by = " x ".join(by), [GROUP] if GROUP in counts.patterns else by
    codes = sorted(counts.events)
    groups = {term: group_steps(counts, rows, codes) for term, rows in find_groups(counts, by)}
    if not codes:
        return blocked([{"estimand": "risk", "outcome": "event_1", "term": term} for term in groups], spec,
                       Text("event: there are no events.", "event: không có sự kiện nào."))  # fmt: skip
    people = _people(counts, by)
    table, notes = [], []
    for term, steps in groups.items():
        times = steps.times if horizons is None else horizons
        base = {"term": term, "population": "at_risk", **people.get(term, {})}
        table += [base | row for time in times for row in risk_rows(steps, codes, time, interval)]
        notes += _say_limits(term, steps, times)
    end = restricted_to if restricted_to is not None else _common_end(groups, horizons)
    for term, steps in groups.items():
        base = {"term": term, "population": "at_risk", **people.get(term, {})}
        table += [base | row for row in mean_rows(steps, codes, end)]
    if len(groups) > 1:
        table += compare_groups(counts, by, list(strata), codes, named)
    for row in table:
        row["n_event"] = row.pop(f"n_{row['outcome']}", row.get("n_event"))
        for code in codes:
            row.pop(f"n_event_{code}", None)
    details = {"curves": lay_out_curves(groups, codes), "medians": lay_out_medians(groups, interval),
               "fit": pd.DataFrame({"rows": [counts.rows], "people": [counts.people]})}  # fmt: skip
    status = "warned" if notes else "ok"
    return Estimate(table=table, spec=spec, notes=tuple(notes), status=status, details=details)


def _count(frame: Any, by: list[str], strata: list[str], horizons: Any, interval: str) -> Counts:
    if interval not in INTERVALS:
        raise EffectsError(en=f"interval is {interval!r}; allowed: {', '.join(INTERVALS)}.",
                           vi=f"interval là {interval!r}; được phép: {', '.join(INTERVALS)}.")  # fmt: skip
    if horizons is not None and not (len(horizons) and np.isfinite(np.asarray(horizons, dtype="float64")).all()):
        raise EffectsError(en=f"horizons is {horizons!r}; give times, or None for every event time.",
                           vi=f"horizons là {horizons!r}; hãy ghi các mốc, hoặc None để lấy mọi thời điểm.")  # fmt: skip
    if isinstance(frame, Counts):
        missing = [name for name in (*by, *strata) if name not in frame.patterns]
        if missing or frame.weight_sums is not None:
            raise EffectsError(
                en=f"Counts are by {list(frame.patterns)}; missing: {missing}. Curves need them, and no weights.",
                vi=f"Số đếm theo {list(frame.patterns)}; thiếu: {missing}. Đường cong cần đủ cột, không trọng số.",
            )
        return frame
    people = check_spells(frame, [*by, *strata], error=EffectsError)
    if by:
        frame = frame.assign(**{GROUP: _join(frame, by)})
    return count_frame(frame, people, [*([GROUP] if by else []), *strata])


def _join(frame: pd.DataFrame, by: list[str]) -> pd.Categorical:
    """Name each row's group; groups of several columns are joined by a comma, in the order of their levels."""
    return pd.Categorical.from_codes(*_number_groups(frame, by))


def _number_groups(frame: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    number = frame.groupby(list(by), observed=True, sort=True).ngroup().to_numpy()
    first = np.unique(number, return_index=True)[1]
    return number, [", ".join(map(str, key)) for key in frame[list(by)].iloc[first].itertuples(index=False)]


def find_groups(counts: Counts, by: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Give each group's name and its patterns, in the order of the levels."""
    if not by:
        yield "all", np.arange(len(counts.patterns))
        return
    number, names = _number_groups(counts.patterns, by)
    for place, name in enumerate(names):
        yield name, np.flatnonzero(number == place)


def totals(counts: Counts, rows: np.ndarray, codes: Sequence[int]) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Sum numbers at risk and events by code over patterns, at all times of the counts."""
    length = len(counts.times)

    def column_sums(table) -> np.ndarray:
        part = table if len(rows) == len(counts.patterns) else table[rows]
        return np.bincount(part.indices, part.data, minlength=length)

    at_risk = np.append(0.0, np.cumsum(column_sums(counts.change))[:-1])
    return at_risk, {code: column_sums(counts.events[code]) for code in codes}


def group_steps(counts: Counts, rows: np.ndarray, codes: Sequence[int]) -> Steps:
    """Build the curves of a group of patterns."""
    at_risk, events = totals(counts, rows, codes)
    at = np.flatnonzero(sum(events.values()) if codes else np.zeros(len(counts.times)))
    followed = np.flatnonzero(at_risk > 0)
    span = float(counts.times[followed[0] - 1]), float(counts.times[followed[-1]])
    return build_steps(counts.times[at], at_risk[at], {code: number[at] for code, number in events.items()}, span)


def _people(counts: Counts, by: Sequence[str]) -> dict[str, dict]:
    seen = counts.people_by
    one = seen[seen["column"] == (by[0] if by else "")]
    if len(by) > 1 or (by and not (len(one) and (one["level"] != "").all())):
        return {}
    names = {name: f"n_{name}" for name in seen if name.startswith("event_")}
    rows = one.rename(columns={"people": "n", **names}).set_index("level")[["n", *names.values()]]
    return {term or "all": values for term, values in rows.to_dict("index").items()}


def risk_rows(steps: Steps, codes: Sequence[int], time: float, form: str) -> list[dict[str, Any]]:
    """Lay out the risk of each event and the probability of none at a time; empty where nobody is followed so far."""
    rows = []
    method = "kaplan_meier" if len(codes) == 1 else "aalen_johansen"
    known = time <= steps.last or (len(steps.staying) and steps.staying[-1] == 0)
    for code in (*codes, None):
        row = {"method": method, "estimand": "probability" if code is None else "risk", "time": float(time),
               "outcome": STAYING if code is None else f"event_{code}", "se_scale": "identity",
               "conf_level": LEVEL, "interval": form}  # fmt: skip
        if known:
            curve = steps.staying if code is None else steps.incidence[code]
            value, error = steps.at(curve, time, float(code is None)), incidence_error(steps, code, time)
            low, high = risk_interval(value if code is not None else 1 - value, error, LEVEL, form)
            if code is None:
                low, high = 1 - high, 1 - low
            row |= {"estimate": value, "std_error": error, "conf_low": low, "conf_high": high}
        rows.append(row)
    return rows


def mean_rows(steps: Steps, codes: Sequence[int], end: float) -> list[dict[str, Any]]:
    """Lay out mean times up to `end` without any event and after each; empty where nobody is followed so far."""
    rows, z = [], norm.ppf(0.5 + LEVEL / 2)
    origin = min(steps.first, 0.0)
    known = end <= steps.last or (len(steps.staying) and steps.staying[-1] == 0)
    for code in (None, *codes):
        row = {"method": "restricted_mean", "estimand": "restricted_mean", "time": end, "se_scale": "identity",
               "outcome": STAYING if code is None else f"event_{code}", "conf_level": LEVEL, "interval": "wald"}  # fmt: skip
        if known:
            value, error = mean_time(steps, code, end, origin)
            row |= {"estimate": value, "std_error": error, "conf_low": max(value - z * error, 0.0),
                    "conf_high": min(value + z * error, end - origin)}  # fmt: skip
        rows.append(row)
    return rows


def compare_groups(counts: Counts, by: Sequence[str], strata: Sequence[str], codes: Sequence[int], named: str) -> list[dict[str, Any]]:  # fmt: skip
    """Lay out the tests of equal hazards and, with competing events, of equal incidences."""
    groups = [rows for _, rows in find_groups(counts, by)]
    parts = [np.arange(len(counts.patterns))] if not strata else [rows for _, rows in find_groups(counts, strata)]
    tables = []
    for part in parts:
        sums = [totals(counts, np.intersect1d(rows, part), codes) for rows in groups]
        tables.append(GroupCounts(np.array([one[0] for one in sums]),
                                  {code: np.array([one[1][code] for one in sums]) for code in codes}))  # fmt: skip
    rows = []
    for method, test in (("log_rank", log_rank), *((("gray", gray),) if len(codes) > 1 else ())):
        for code in codes:
            found = test(tables, code)
            rows.append({"method": method, "estimand": "test", "population": "at_risk", "outcome": f"event_{code}",
                         "term": named, "statistic": found.statistic, "p_value": found.p_value,
                         "n": counts.people})  # fmt: skip
    return rows


def _common_end(groups: dict[str, Steps], horizons: Sequence[float] | None) -> float:
    reached = min(steps.last for steps in groups.values())
    within = [float(time) for time in horizons or () if time <= reached]
    return max(within) if within else reached


def _say_limits(term: str, steps: Steps, times: Sequence[float]) -> list[Text]:
    notes = []
    if len(times) and max(times) > steps.last and not (len(steps.staying) and steps.staying[-1] == 0):
        notes.append(Text(f"{term}: nobody is followed beyond {steps.last:g}; later horizons are empty.",
                          f"{term}: không ai được theo dõi quá {steps.last:g}; các mốc sau để trống."))  # fmt: skip
    if steps.first > 0:
        notes.append(Text(f"{term}: nobody is followed before {steps.first:g}; the risk counts from there.",
                          f"{term}: không ai được theo dõi trước {steps.first:g}; nguy cơ tính từ mốc đó."))  # fmt: skip
    gaps = np.flatnonzero(steps.staying[:-1] == 0) if len(steps.staying) > 1 else []
    if len(gaps):
        notes.append(Text(f"{term}: all at risk had an event at {steps.times[gaps[0]]:g}, when few had entered; the "
                          "curve stays there though people enter later. Start it after that time.",
                          f"{term}: mọi người đang theo dõi đều có sự kiện tại {steps.times[gaps[0]]:g} khi còn ít người; "
                          "đường cong dừng ở đó dù có người vào sau. Hãy bắt đầu sau mốc này."))  # fmt: skip
    return notes


def lay_out_curves(groups: dict[str, Steps], codes: Sequence[int]) -> pd.DataFrame:
    """Lay out every step of every curve: group, event (0: none), time, risk, numbers at risk and events."""
    parts = []
    for term, steps in groups.items():
        for code in (0, *codes):
            curve = steps.staying if code == 0 else steps.incidence[code]
            parts.append(pd.DataFrame({
                "term": term, "event": code, "time": steps.times.astype("float64"), "estimate": curve,
                "at_risk": steps.at_risk, "events": sum(steps.events.values()) if code == 0 else steps.events[code],
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def lay_out_medians(groups: dict[str, Steps], form: str) -> pd.DataFrame:
    """Lay out the time by which half of each group have had an event of any kind."""
    rows = [(term, *median_time(steps, LEVEL, form)) for term, steps in groups.items()]
    return pd.DataFrame(rows, columns=["term", "median", "conf_low", "conf_high"])
