"""Made-up start-stop spells of any number of people, the same for the same seed, kept as Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

CACHE = Path(__file__).parent / "cache"
MONTHS = 60
PART = 2_000_000
LEVELS = {
    "sex": 2, "ethnicity": 2, "staff_kind": 3, "rating": 4, "age_band": 5, "tenure_band": 5, "province": 11,
}  # fmt: skip
STATES = ("none", "0-11", "12-23", "24+")
TRUTH = np.log([1.0, 1.40, 1.25, 1.10])
COVARIATES = ["training", *LEVELS]


def make_spells(people: int, first: int = 0, seed: int = 20260101) -> pd.DataFrame:
    """Draw people month by month: who enters when, goes to a course, rises, leaves; then cut their time into rows."""
    rng = np.random.default_rng([seed, first])
    code = {name: rng.integers(0, count, people).astype("int8") for name, count in LEVELS.items()}
    slopes = np.random.default_rng(seed)
    eta = sum(slopes.normal(0, 0.3, count)[code[name]] for name, count in LEVELS.items())
    entry = np.where(rng.random(people) < 0.45, rng.integers(0, MONTHS - 6, people), 0).astype("int8")
    trained = np.full(people, 127, dtype="int8")
    stop, event = np.full(people, MONTHS, dtype="int8"), np.zeros(people, dtype="int8")
    inside = np.zeros(people, dtype=bool)
    gone = np.zeros(people, dtype=bool)
    risk = np.exp(eta - 5.1)
    for month in range(MONTHS):
        inside = (entry <= month) & ~gone
        since = month - trained.astype("int16")
        state = np.where(since < 0, 0, np.minimum(since // 12 + 1, 3))
        rises = rng.random(people) < -np.expm1(-risk * np.exp(TRUTH)[state] * (1 + 0.3 * np.sin(month / 6)))
        leaves = rng.random(people) < 0.004 + 0.002 * (code["age_band"] == 4)
        happens = inside & (rises | leaves)
        stop[happens] = month + 1
        event[happens] = np.where(rises[happens], 1, 2)
        gone |= happens
        sent = inside & ~happens & (trained == 127) & (rng.random(people) < 0.030 * np.exp(0.4 * eta))
        trained[sent] = month + 1
    return _cut(np.arange(first, first + people, dtype="int32"), entry, stop, event, trained, code)


def _cut(person, entry, stop, event, trained, code) -> pd.DataFrame:
    ends = np.column_stack([np.minimum(trained.astype("int16") + later, 127) for later in (0, 12, 24)])
    edges = np.column_stack([entry, np.clip(ends, entry[:, None], stop[:, None]), stop]).astype("int8")
    row, state = np.nonzero(edges[:, 1:] > edges[:, :-1])
    frame = {
        "person_id": person[row], "start": edges[row, state], "stop": edges[row, state + 1],
        "event": np.where(edges[row, state + 1] == stop[row], event[row], 0).astype("int8"),
        "training": pd.Categorical.from_codes(state.astype("int8"), list(STATES)),
    }  # fmt: skip
    for name, values in code.items():
        levels = [f"{name}_{place}" for place in range(LEVELS[name])]
        frame[name] = pd.Categorical.from_codes(values[row], levels)
    return pd.DataFrame(frame)


def spells_of(people: int, part: int = PART) -> Path:
    """Folder with the spells of so many people, made if it is not there: at most `part` people a file."""
    folder = CACHE / (f"people_{people}" if part == PART else f"people_{people}_by_{part}")
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, people, part):
        path = folder / f"part_{first // part:03d}.parquet"
        if not path.exists():
            make_spells(min(part, people - first), first).to_parquet(path.with_suffix(".tmp"), index=False)
            path.with_suffix(".tmp").rename(path)
    return folder
