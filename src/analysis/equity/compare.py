"""A group's rate against that of its reference: crude, and like with like, within strata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.equity.groups import Group

ALLOWABLE = ("sector", "staff_kind", "grade_band", "tenure_band", "age")  # what neither training nor rating decides
DECIDED = ("planned", "rating")  # what the system itself decides: adjusted for in a second version only
LEVEL, Z = 0.95, 1.959963984540054
LEAST, SURE, SHORT = 0.8, 0.8, 2  # of the two keys: the ratio, how sure it is below, and people short


class Comparison(NamedTuple):
    """A group beside its reference.

    `observed` events of the group and those `expected` at the reference's rates; their `ratio` with the standard
    `error` of its logarithm, by person; the `crude` ratio; the share of the group's time with somebody of the
    reference in its stratum (`matched`): only that is compared. `time` and `events` are all of the group's and
    (`of_reference`) all of the reference's; `people` are of the group, `with_event` those of them with an event.
    """

    observed: float
    expected: float
    ratio: float
    error: float
    crude: float
    matched: float
    time: float
    events: float
    of_reference: tuple[float, float]
    people: int
    with_event: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 percent interval of the ratio, on its logarithm."""
        low, high = np.exp(np.array([-Z, Z]) * self.error)
        return self.ratio * low, self.ratio * high

    @property
    def chance_below(self) -> float:
        """How probable it is that the ratio is below `LEAST`."""
        return float(ndtr((np.log(LEAST) - np.log(self.ratio)) / self.error))

    @property
    def flagged(self) -> bool:
        """Say whether both keys turn: a ratio below `LEAST`, surely so, and at least `SHORT` people short."""
        return self.ratio < LEAST and self.chance_below >= SURE and self.expected - self.observed >= SHORT


def compare(cells: pd.DataFrame, group: Group, over: Sequence[str]) -> Comparison:
    """Compare events per time in `cells` (rows of `tally_risk`) of a group and its reference.

    One ratio of rates within the strata of `over` (columns that name the group itself are not used), by Mantel and
    Haenszel: it holds where strata are many and small, and where whoever has the event is at no further risk, which
    makes rates of small strata too high. The error comes from each person's share in the estimating equation.
    Source: Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 15.
    """
    side = group.side(cells)
    mine = cells[side >= 0]
    one = side[side >= 0] == 1
    names = [name for name in over if name in mine and not _tells(group, name)]
    stratum = mine.groupby(names, observed=True).ngroup().to_numpy() if names else np.zeros(len(mine), dtype=int)
    time, events = mine["time"].to_numpy(float), mine["events"].to_numpy(float)
    size = int(stratum.max(initial=0)) + 1
    t0, d0, t1, d1 = [np.bincount(stratum[who], values[who], size) for who in (~one, one) for values in (time, events)]
    met = (t0 > 0) & (t1 > 0)
    share = np.divide(t0, t0 + t1, out=np.zeros(size), where=met)  # of the reference in the stratum's time
    above, below = float(d1 @ share), float(d0 @ (met - share))
    ratio, observed = above / below if below else np.nan, float(d1[met].sum())
    rate = np.divide(d0 + d1, t0 + ratio * t1, out=np.zeros(size), where=met & (below > 0))
    weight = np.where(one, share[stratum], -ratio * (met - share)[stratum])
    left = events - np.where(one, ratio, 1.0) * rate[stratum] * time
    pulls = np.bincount(mine["person"].to_numpy(), weight * left)
    error = float(np.sqrt((pulls**2).sum())) / above if above and below else np.nan
    expected = observed / ratio if above and below else 0.0
    total = (float(t1.sum()), float(d1.sum()), (float(t0.sum()), float(d0.sum())))
    return Comparison(
        observed, expected, ratio, error, _crude(*total), float(t1[met].sum() / max(t1.sum(), 1e-9)), *total,
        *(int(mine.loc[who, "person"].nunique()) for who in (one, one & (events > 0))),
    )  # fmt: skip


def _tells(group: Group, name: str) -> bool:
    """Say whether a column tells the group from its reference."""
    return group.focal.get(name) != group.reference.get(name)


def _crude(time: float, events: float, reference: tuple[float, float]) -> float:
    other, happened = reference
    return events * other / (time * happened) if time and happened else np.nan
