"""A group's rate against that of its reference, like with like: crude, and standardised to the group's own mix."""

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

    `observed` events of the group and those `expected` had each stratum the reference's rate; their `ratio` with the
    standard `error` of its logarithm, by person; the `crude` ratio; the share of the group's time with somebody of the
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

    Indirect standardisation: the reference's rates in the strata of `over` (columns that name the group itself are not
    used), weighed by the group's own time. The error comes from each person's influence, the reference's rates
    uncertain too.
    """
    side = group.side(cells)
    mine = cells[side >= 0]
    one = side[side >= 0] == 1
    names = [name for name in over if name in mine and not _tells(group, name)]
    stratum = mine.groupby(names, observed=True).ngroup().to_numpy() if names else np.zeros(len(mine), dtype=int)
    time, events = mine["time"].to_numpy(float), mine["events"].to_numpy(float)
    size = int(stratum.max(initial=0)) + 1
    t0, d0, t1, d1 = [np.bincount(stratum[who], values[who], size) for who in (~one, one) for values in (time, events)]
    met = t0 > 0
    rate = np.divide(d0, t0, out=np.zeros(size), where=met)
    expected, observed = float(t1[met] @ rate[met]), float(d1[met].sum())
    ratio = observed / expected if expected else np.nan
    weight = np.where(one, 1.0, -ratio * np.divide(t1, t0, out=np.zeros(size), where=met)[stratum])
    left = events - np.where(one, ratio, 1.0) * rate[stratum] * time
    pulls = np.bincount(mine["person"].to_numpy(), weight * left * met[stratum])
    error = float(np.sqrt((pulls**2).sum())) / observed if observed and expected else np.nan
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
