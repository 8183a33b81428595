"""Step curves of one group: staying (Kaplan-Meier) and cumulative incidences (Aalen-Johansen), and their variance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

Interval = Literal["log-log", "log"]


@dataclass(frozen=True)
class Steps:
    """Curves of one group at its T event times.

    `at_risk` and `events` (by code) at each time; `before` and `staying` the probability of no event just before and
    just after it; `incidence` (by code) after it; `first` and `last` bound the time anyone is followed.
    """

    times: np.ndarray
    at_risk: np.ndarray
    events: Mapping[int, np.ndarray]
    before: np.ndarray
    staying: np.ndarray
    incidence: Mapping[int, np.ndarray]
    first: float
    last: float

    def known(self, time: float) -> bool:
        """Say whether curves are known so far: somebody is followed, or all had an event."""
        return time <= self.last or bool(len(self.staying) and self.staying[-1] == 0)

    def at(self, curve: np.ndarray, time: float, start: float = 0.0) -> float:
        """Give a curve's value at a time."""
        place = np.searchsorted(self.times, time, side="right") - 1
        return float(curve[place]) if place >= 0 else start


def build_steps(times: np.ndarray, at_risk: np.ndarray, events: Mapping[int, np.ndarray], span: tuple) -> Steps:
    """Build the curves of a group from numbers at risk and events at its event times.

    Source: Aalen and Johansen (1978), Scand. J. Stat. 5:141-150.
    """
    total = sum(events.values()) if events else np.zeros(len(times))
    staying = np.cumprod(1 - total / at_risk)
    staying[np.abs(staying) < 1e-15] = 0.0
    before = np.append(1.0, staying[:-1]) if len(times) else staying
    incidence = {code: np.cumsum(before * number / at_risk) for code, number in events.items()}
    return Steps(times, at_risk, events, before, staying, incidence, *span)


def variance_of(steps: Steps, gain: Mapping[int, np.ndarray], stay: np.ndarray) -> float:
    """Give the variance of a sum over event times that is linear in the hazards.

    `gain[code]` is what an event of a code at each time adds, `stay` what staying goes on to add, both a person still
    there. With one kind of event the increments are binomial (Greenwood), with several those of Aalen (1978), tied
    events drawn without replacement.
    """
    n = steps.at_risk
    scale = (steps.before / n) ** 2
    if len(steps.events) == 1:
        ((code, number),) = steps.events.items()
        return float((scale * number * (n - number) / n * (gain[code] - stay) ** 2).sum())
    each = (number * after_tie(number, n) * (gain[code] - stay) ** 2 for code, number in steps.events.items())
    return float(sum((scale * one).sum() for one in each))


def after_tie(number: np.ndarray | float, of: np.ndarray) -> np.ndarray:
    """Correct a variance for tied events, drawn without replacement."""
    return np.where(np.asarray(number) > 1, 1 - (number - 1) / np.where(of != 1, of - 1, 1.0), 1.0)


def incidence_error(steps: Steps, code: int | None, time: float) -> float:
    """Standard error of the incidence of one event at a time, or of staying (None)."""
    upto = _upto(steps, time)
    end = steps.at(steps.staying, time, 1.0) if code is None else steps.at(steps.incidence[code], time)
    curve = np.zeros(len(upto.times)) if code is None else upto.incidence[code]
    left = np.where(upto.staying > 0, upto.staying, 1.0)
    stay = np.where(upto.staying > 0, (end - curve) / left, 0.0)
    one = np.ones(len(upto.times))
    return float(np.sqrt(variance_of(upto, {k: one * (k == code) for k in upto.events}, stay)))


def _upto(steps: Steps, time: float) -> Steps:
    kept = slice(0, np.searchsorted(steps.times, time, side="right"))
    return Steps(steps.times[kept], steps.at_risk[kept], {k: v[kept] for k, v in steps.events.items()},
                 steps.before[kept], steps.staying[kept], {k: v[kept] for k, v in steps.incidence.items()},
                 steps.first, steps.last)  # fmt: skip


def mean_time(steps: Steps, code: int | None, end: float, origin: float) -> tuple[float, float]:
    """Mean time up to `end` spent after an event of one code, or without any event (None), and its standard error."""
    upto = _upto(steps, end)
    curve = upto.staying if code is None else upto.incidence[code]
    start = 1.0 if code is None else 0.0
    edges = np.concatenate([[origin], upto.times, [end]])
    pieces = np.append(start, curve) * np.diff(edges)
    total = pieces.sum()
    later = (total - np.cumsum(pieces)[:-1]) if len(upto.times) else np.zeros(0)
    rest = end - upto.times
    ahead = later if code is None else later - curve * rest
    stay = np.where(upto.staying > 0, ahead / np.where(upto.staying > 0, upto.staying, 1.0), 0.0)
    gain = {k: rest * (k == code) for k in upto.events}
    return float(total), float(np.sqrt(variance_of(upto, gain, stay)))


def risk_interval(risk: float, error: float, level: float, form: str) -> tuple[float, float]:
    """Interval of a risk from that of staying out of it, on the log or log-log scale; within 0 and 1."""
    stay, z = 1 - risk, ndtri(0.5 + level / 2)
    if not 0 < stay < 1 or not error > 0:
        return np.nan, np.nan
    if form == "log":
        half = z * error / stay
        return max(1 - stay * np.exp(half), 0.0), min(1 - stay * np.exp(-half), 1.0)
    half = z * error / (stay * np.log(stay))
    low, high = sorted((1 - stay ** np.exp(half), 1 - stay ** np.exp(-half)))
    return float(low), float(high)


def median_time(steps: Steps, level: float, form: str) -> tuple[float, float, float]:
    """Time by which half have had an event, and its interval, where that of staying covers a half; NaN if never."""
    high, low = [], []
    for time, staying in zip(steps.times, steps.staying, strict=True):
        error = incidence_error(steps, None, time)
        edges = risk_interval(1 - staying, error, level, form)
        high.append(1 - edges[0] if np.isfinite(edges[0]) else staying)
        low.append(1 - edges[1] if np.isfinite(edges[1]) else staying)
    middle, first, last = (_crossing(steps.times, np.asarray(curve)) for curve in (steps.staying, low, high))
    return middle, first, last


def _crossing(times: np.ndarray, curve: np.ndarray) -> float:
    under = np.flatnonzero(curve <= 0.5 + 1e-12)
    if not len(under):
        return np.nan
    first = under[0]
    if abs(curve[first] - 0.5) > 1e-12:
        return float(times[first])
    after = np.flatnonzero(curve < 0.5 - 1e-12)
    return float(times[first] + times[after[0]]) / 2 if len(after) else float(times[first])
