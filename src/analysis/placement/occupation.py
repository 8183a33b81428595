"""In which state those who were sent are, month after month: Aalen and Johansen's estimator, with errors by person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from analysis.errors import Blocked, PlacementError, check_lists
from analysis.estimate import Estimate
from analysis.placement.sent import MERGED, STATES, Sent, find_sent, states_of
from analysis.registry.store import Registry
from analysis.results import PARTS, entry, give
from analysis.words import Message

LEVEL = 0.95
OFFICES = Message("No office of any post is on file: who took a key post cannot be told, and is left out.")
LEAVERS = Message("Who left is not in the data, so what became of those sent is not assessable.")


def follow_sent(
    reg: Registry,
    *,
    exposure: str = "postgraduate",
    since: str = "2021-09-10",
    until: str | None = None,
    horizons: Sequence[int] = (6, 12, 24, 36, 48),
    fine: bool = True,
) -> Estimate:
    """Follow those in `reg` who started a course of kind `exposure` from `since` (to `until`), month by month.

    Rows: `risk` of being in each state (`STATES`) at each of `horizons`; of the people followed that long (`n`) so many
    were in it (`n_event`). State occupation by Aalen and Johansen (1978), which needs no Markov property where the end
    of follow-up is unrelated to the states (Datta and Satten 2001); errors from each person's influence. Whoever is
    followed for a shorter time counts for that time; without `fine` a move counts as completed and a key post as
    higher. Descriptive: those who complete, or are still there, are not comparable with others. Raises PlacementError
    for a wrong day or kind; blocked where nobody started or leavers are missing.

    >>> placement.follow_sent(reg, since="2016-01-01", horizons=[12]).table["term"].tolist()[:3]
    ['studying', 'completed', 'stopped']
    """
    check_lists(PlacementError, horizons=horizons)
    spec = {"exposure": exposure, "since": since, "until": until, "as_of": reg.as_of, "horizons": list(horizons)}
    base = {"method": "aalen_johansen"}
    empty = [entry("risk", state, time=month) for month in horizons for state in STATES]
    if not reg.meta.get("leavers_included"):
        return give(base, empty, spec, [LEAVERS], "blocked")
    try:
        sent = find_sent(reg, exposure, since, until=until)
        rows = occupy(sent, horizons, fine)
    except Blocked as stop:
        return give(base, empty, spec, stop.reasons, "blocked")
    kept = [row for row in rows if row["n"] and (fine or row["term"] not in MERGED)]
    if not sent.offices:
        return give(base, [row for row in kept if row["term"] != "key"], spec, [OFFICES], "warned")
    return give(base, kept, spec)


def occupy(sent: Sent, horizons: Sequence[int], fine: bool = True) -> list[dict]:
    """Write the rows of state occupation at each horizon that somebody reached."""
    seen = sent.last - sent.people["start"].to_numpy()
    reached = [month for month in horizons if (seen >= month).any()]
    if not reached:
        raise Blocked("Nobody is followed for {months} months yet.", months=min(horizons))
    paths = states_of(sent, sent.people["start"].to_numpy()[:, None] + np.arange(max(reached) + 1), fine)
    shares, influence = aalen_johansen(paths, seen, reached)
    rows = []
    for place, month in enumerate(reached):
        here = paths[seen >= month, month]
        for code, state in enumerate(STATES):
            share, error = shares[place, code], np.sqrt((influence[place, :, code] ** 2).sum())
            counts = {"n": len(here), "n_event": int((here == code).sum())}
            rows.append(
                entry("risk", state, share, time=month, std_error=error, **_ends(share, error), **counts, outcome=PARTS)
            )
    return rows


def aalen_johansen(paths: np.ndarray, seen: np.ndarray, horizons: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Give state occupation (horizons x states) and each person's influence on it (horizons x people x states).

    `paths` are the states of people by months, followed for `seen` months. The matrix of each month holds the shares
    of those in a state who are in each one a month later; their product carries the first month's shares forward.
    """
    people, size = len(paths), len(STATES)
    unit = np.eye(size)
    share = unit[paths[:, 0]].mean(axis=0)
    influence = (unit[paths[:, 0]] - share) / people
    shares, influences = [], []
    for month in range(1, max(horizons) + 1):
        here = seen >= month
        before, after = paths[:, month - 1], paths[:, month]
        count = np.bincount(before[here], minlength=size)
        moves = np.zeros((size, size))
        np.add.at(moves, (before[here], after[here]), 1)
        matrix = np.where(count[:, None] > 0, moves / np.maximum(count, 1)[:, None], unit)
        moved = (unit[after] - matrix[before]) * (share[before] / np.maximum(count[before], 1) * here)[:, None]
        influence = influence @ matrix + moved
        share = share @ matrix
        if month in horizons:
            shares.append(share)
            influences.append(influence)
    return np.array(shares), np.array(influences)


def _ends(share: float, error: float) -> dict:
    """Give the interval on the logit scale; none where everybody or nobody is in the state."""
    if not 0 < share < 1 or error == 0:
        return {}
    half = stats.norm.ppf(0.5 + LEVEL / 2) * error / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-(np.log(share / (1 - share)) + side * half))) for side in (-1, 1))
    return {"conf_low": low, "conf_high": high, "conf_level": LEVEL, "interval": "person influence"}
