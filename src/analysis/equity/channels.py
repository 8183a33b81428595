"""How much of a gap in promotion would close if access to courses, or planning, were that of the reference."""

from __future__ import annotations

import numpy as np

from analysis.equity.chain import PROCESSES, Board, Hazards, fit_hazards, play, set_board, tell_history
from analysis.equity.compare import LEVEL, Z
from analysis.equity.groups import GROUPS
from analysis.equity.promotion import EVENTS, check_months
from analysis.equity.rising import first_events, follow_rises
from analysis.errors import Blocked, EquityError, check_options
from analysis.estimate import Estimate
from analysis.registry.store import Registry
from analysis.results import Row, entry, give

EQUAL = {  # whose hazards are those of the reference
    "as_is": (),
    "all_equal": PROCESSES,
    "access_equal": ("start",),
    "planning_equal": ("list", "unlist"),
}
PARTS_OF_GAP = {"gap": "all_equal", "through_access": "access_equal", "through_planning": "planning_equal"}
METHOD = "channels"


def split_gap(
    reg: Registry,
    *,
    group: str = "sex[female]",
    start: str = "2019-01-01",
    window: int = 36,
    draws: int = 100,
    seed: int = 0,
) -> Estimate:
    """Say how much of a `group`'s gap in promotion runs through access to postgraduate courses, and through planning.

    Months of appointable people of `reg` from `start` give monthly chances (logit) of a rise, an exit, a first course,
    and entering and leaving the planning list, by the group, allowable covariates, rating, Party, planning, course and
    year. Members open to appointment `window` months ago are played from their states, chances added up: `risk`
    `as_is`, and with the reference's chances of all, of starting, of planning (`..._equal`); `risk_difference` `gap`,
    `through_access`, `through_planning`, `rest`, in shares, each as_is less equal. Interventional, not natural effects:
    no unmeasured common cause of course and promotion is supposed. Intervals: 1.96 deviations over `draws` of the
    coefficients from `seed`. Blocked where leavers or planning are missing, events are few, or age decides access.
    Raises EquityError for a wrong group, day or window.
    Source: Jackson and VanderWeele (2018), Epidemiology 29:825-835.

    >>> split = equity.split_gap(reg, draws=20)
    >>> split.pick(term="gap").table["conf_high"].lt(0).tolist()
    [True]
    """
    check_options(EquityError, group=(group, tuple(GROUPS)))
    check_months(window=window, draws=draws)
    spec = {"group": group, "start": start, "window": window, "draws": draws, "seed": seed, "as_of": reg.as_of}
    base = {"method": METHOD, "population": group, "outcome": "higher_post", "time": window}
    try:
        if "age" in GROUPS[group].focal:
            raise Blocked("Who may be sent is decided by age itself: access to courses by age cannot be made equal.")
        rising = follow_rises(reg, start)
        column = rising.clock.count - window
        if column < 0:
            raise Blocked("Nobody is followed for {months} months yet.", months=window)
        told = tell_history(reg, rising, GROUPS[group])
        short = told.cells.groupby("group")[["rise", "start"]].sum()
        if len(short) < 2 or short.min(axis=None) < EVENTS:
            raise Blocked("Too few rises or courses of the group or its reference to tell by which way a gap comes.")
        board = set_board(rising, told, column, window)
    except Blocked as stop:
        return give(base, [entry("risk_difference", term) for term in (*PARTS_OF_GAP, "rest")], spec, stop.reasons,
                    "blocked")  # fmt: skip
    fitted, rng = fit_hazards(told), np.random.default_rng(seed)
    best = _parts(board, {name: at for name, (at, _) in fitted.items()})
    drawn = [
        _parts(board, {name: rng.multivariate_normal(at, spread) for name, (at, spread) in fitted.items()})
        for _ in range(draws)
    ]
    mine = rising.open[:, column] & (told.side == 1)
    rose = int((first_events(rising, column)[0][mine] == 1).sum())
    counts = {"n": int(mine.sum()), "n_event": rose}
    rows = [entry("risk", "observed", rose / counts["n"], **counts)]
    rows += [_row(term, best[term], np.array([one[term] for one in drawn]), counts) for term in best]
    return give(base, rows, spec)


def _parts(board: Board, hazards: Hazards) -> dict[str, float]:
    """Play each way of being equal, and give the chances and their differences."""
    played = dict(zip(EQUAL, play(board, hazards, EQUAL.values()), strict=True))
    parts = {term: played["as_is"] - played[equal] for term, equal in PARTS_OF_GAP.items()}
    return played | parts | {"rest": parts["gap"] - parts["through_access"] - parts["through_planning"]}


def _row(term: str, value: float, drawn: np.ndarray, counts: Row) -> Row:
    kind = "risk" if term in EQUAL else "risk_difference"
    if len(drawn) < 2:
        return entry(kind, term, value, **counts)
    error = float(drawn.std(ddof=1))
    ends = {"conf_low": value - Z * error, "conf_high": value + Z * error, "conf_level": LEVEL}
    return entry(kind, term, value, std_error=error, interval="draws of coefficients", **ends, **counts)
