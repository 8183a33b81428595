"""Random start-stop frames with ties, late entry, changing covariates, competing events, weights and units."""

from __future__ import annotations

import numpy as np
import pandas as pd


def make_frame(seed: int = 0, people: int = 120, months: int = 12, changes: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    fixed = {
        "sex": rng.choice(["f", "m"], people),
        "unit": rng.integers(0, 8, people),
        "region": rng.integers(0, 3, people),
    }
    weight = rng.uniform(0.2, 3.0, people).round(2)
    for person in range(people):
        entry = int(rng.integers(0, months // 2))
        end = int(rng.integers(entry + 1, months + 1))
        cuts = np.unique(rng.integers(entry, end, rng.integers(0, changes)))
        edges = [entry, *cuts[cuts > entry], end]
        last = int(rng.choice([0, 1, 1, 2]))
        for place, (start, stop) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
            rows.append(
                (person, start, stop, last if stop == end else 0, bool(place % 2), round(float(rng.normal()), 1))
            )
    frame = pd.DataFrame(rows, columns=["person_id", "start", "stop", "event", "trained", "score"])
    for name, values in fixed.items():
        frame[name] = values[frame["person_id"]]
    frame["sex"] = frame["sex"].astype("category")
    return frame.assign(weight=weight[frame["person_id"]])


def world(seed: int = 0, people: int = 1500, months: int = 40, effect: float = 0.0) -> pd.DataFrame:
    """Person-period rows: a changing score drives starting and the event; exits compete; rows go on after an event."""
    rng = np.random.default_rng(seed)
    rows, score = [], (rng.random(people) < 0.3)
    started, gone = np.full(people, 999), np.zeros(people, dtype=bool)
    for period in range(months):
        score = np.where(rng.random(people) < 0.1, rng.random(people) < 0.3, score)
        eligible = ~gone & (started > period)
        begins = eligible & (period % 6 == 0) & (rng.random(people) < np.where(score, 0.12, 0.04))
        started = np.where(begins, period, started)
        odds = 0.01 * np.where(score, 3.0, 1.0) * np.where(started <= period, np.exp(effect), 1.0)
        event = np.where(rng.random(people) < odds, 1, np.where(rng.random(people) < 0.004, 2, 0))
        rows.append(pd.DataFrame({
            "person_id": np.arange(people), "period": period, "event": event, "eligible": eligible.astype(int),
            "trained": (started <= period).astype(int), "score": np.where(score, "high", "low"),
        })[~gone])  # fmt: skip
        gone |= event == 2
    frame = pd.concat(rows, ignore_index=True)
    return frame.assign(score=pd.Categorical(frame["score"], ["low", "high"]))


def same_counts(one, two):
    """Say whether two counts hold the same numbers; sums of weights may differ by rounding."""
    same = one.patterns.equals(two.patterns) and np.array_equal(one.times, two.times)
    same = same and (one.rows, one.people, [*one.events]) == (two.rows, two.people, [*two.events])
    pairs = [(one.change, two.change), *zip(one.events.values(), two.events.values(), strict=False)]
    return same and all(abs(a - b).max() <= 1e-9 * max(abs(a).max(), 1) for a, b in pairs)
