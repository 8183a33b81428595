"""Short and theory courses on paper: the closures of 2021, who breaks off, what a seat costs, and classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic.paper.clerk import Clerk, text
from analysis.synthetic.paper.plan import CLASS, SEAT_COST

CLOSED = ("2021-07-01", "2021-10-31")
SHORT_COST = 2e6  # assumed, VND a seat
MODES = ("full_time", "in_service", "online")


def rewrite_courses(training: pd.DataFrame, clerk: Clerk) -> pd.DataFrame:
    """Give `training` with what is planted on paper in courses that are not postgraduate: they change nothing else."""
    paper, rng = clerk.settings.paper, clerk.later
    ours = ~training["kind"].eq("postgraduate") & training["started"].notna()
    short = ours & ~training["kind"].eq("political_theory")
    moves, breaks, cost, stays = rng.random((4, len(training)))
    closed = short & training["started"].between(*CLOSED)
    mode = training["mode"].mask(closed & training["mode"].eq("full_time") & (moves < paper.moved_online), "online")
    off = short & training["outcome"].eq("completed")
    off &= breaks < paper.short_dropped + paper.online_gap * mode.eq("online")
    by_mode = mode.map(dict(zip(MODES, paper.cost_by_mode, strict=True)))
    seat = training["kind"].map(SEAT_COST).fillna(SHORT_COST) * by_mode
    changed = training.assign(
        mode=mode,
        outcome=training["outcome"].mask(off, "dropped"),
        ended=training["ended"].mask(off, training["started"] + pd.Timedelta(days=1)),
        cost=training["cost"].mask(ours, (seat * (0.8 + 0.4 * cost)).round(-4)),
        class_id=training["class_id"].mask(ours, _classes(training.assign(mode=mode), clerk)),
    )
    return changed[~closed | (stays < paper.closed_starts)].reset_index(drop=True)


def _classes(training: pd.DataFrame, clerk: Clerk) -> pd.Series:
    """Name classes: the people of one district, or of the province, who begin the same in a quarter, in thirties."""
    known = np.flatnonzero(clerk.known)
    homes = pd.Series(clerk.places.district[clerk.state.unit[known]], index=pd.Index(clerk.person(known)))
    place, quarter = training["person_id"].map(homes), training["started"].dt.to_period("Q")
    cells = training.groupby(["kind", "level", "mode", place, quarter], dropna=False, sort=False)
    number, names = pd.factorize(cells.ngroup().to_numpy() * 1000 + cells.cumcount().to_numpy() // CLASS)
    return text(number, [f"K{k:06d}" for k in range(len(names))]).set_axis(training.index)
