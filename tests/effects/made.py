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
