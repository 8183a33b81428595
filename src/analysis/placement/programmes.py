"""Schools that teach the same courses: do their students finish in time alike, and may they be ranked at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import PlacementError, check_options
from analysis.estimate import Estimate
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.results import Row, entry, give
from analysis.shrinkage import LEVEL, posterior, shape_by_moments
from analysis.words import Message

GRACE = 6  # months past the expected end that still are in time
ALIKE_FROM = 0.05  # p-value of the test of equal shares from which schools are not ranked
MIX = ("level", "mode", "place")  # what schools may differ in without being better or worse
NONE = Message("No school of any course is on file, or one only: schools cannot be compared.")
UNRANKED = Message(
    "The schools cannot be ranked: differences as large come about by chance in {p_value:percent.0} of cases without "
    "any."
)


def compare_programmes(reg: Registry, *, exposure: str = "postgraduate") -> Estimate:
    """Compare the schools in `reg` by who did not finish courses of kind `exposure` in time, case mix adjusted.

    In time: completed within `GRACE` months of the expected end, of courses whose limit has passed; who left the
    service first is left out. Rows: `rate` by school (`population`): those not in time over those expected had every
    stratum of level, mode and place its overall share, shrunken towards 1 (gamma-Poisson, moments) with its interval;
    and the `test` that all are alike (chi-squared of observed and expected, errors by class where classes are on file).
    Where that cannot be refused a note says that they cannot be ranked. Who chose the school is not in the data.
    Source: Clayton and Kaldor (1987), Biometrics 43:671-681. Raises PlacementError for an unknown kind; blocked under
    two schools.

    >>> placement.compare_programmes(reg).table["estimand"].iloc[-1]
    'test'
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    spec, base = {"exposure": exposure, "as_of": reg.as_of}, {"method": "indirect", "date": reg.as_of}
    schools = _expected(reg, exposure)
    if len(schools) < 2:
        return give(base, [entry("rate", "not_in_time")], spec, [NONE], "blocked")
    seen, due = schools["late"].to_numpy(float), schools["expected"].to_numpy()
    spread = np.maximum(schools["variance"].to_numpy(), 1e-9)
    statistic = float(((seen - due) ** 2 / spread).sum())
    p_value = float(stats.chi2.sf(statistic, len(schools) - 1))
    shape, likeness = shape_by_moments(seen, due, spread), spread / np.maximum(schools["binomial"].to_numpy(), 1e-9)
    ratios: list[Row] = [{"estimate": 1.0}] * len(schools)
    if np.isfinite(shape):
        told = {"conf_level": LEVEL, "interval": "posterior"}
        found = zip(*posterior(seen / likeness, due / likeness, shape), strict=True)
        ratios = [{"estimate": mean, "conf_low": low, "conf_high": high, **told} for mean, low, high in found]
    rows = [
        entry("rate", "not_in_time", **ratio, population=name, n=size, n_event=late)
        for ratio, name, size, late in zip(ratios, schools.index, schools["size"], seen, strict=True)
    ]
    rows.append(entry("test", "alike", statistic=statistic, p_value=p_value, n=int(schools["size"].sum())))
    notes = [Message(UNRANKED.template, p_value=p_value)] if p_value >= ALIKE_FROM else []
    return give(base, rows, spec, notes)


def _expected(reg: Registry, exposure: str) -> pd.DataFrame:
    """Give each school the courses whose limit has passed (`size`), those not in time (`late`) and those `expected`."""
    rows = reg["training"]
    limit = rows["expected_end"] + pd.DateOffset(months=GRACE)
    left = reg["exits"].groupby("person_id")["exited"].min().reindex(rows["person_id"]).set_axis(rows.index)
    gone = rows["outcome"].isna() & (left <= limit)  # no fault of the school
    rows = rows[rows["kind"].eq(exposure) & rows["provider"].notna() & (limit <= reg.as_of) & ~gone]
    in_time = rows["outcome"].eq("completed") & (rows["ended"] <= limit[rows.index])
    rows = rows.assign(late=~in_time)
    strata = rows.groupby(list(MIX), observed=True, dropna=False)["late"]
    share = strata.transform("mean")
    rows = rows.assign(expected=share, binomial=share * (1 - share), off=rows["late"] - share)
    own = rows["off"] - rows.groupby("provider")["off"].transform("mean")
    classes = rows["class_id"].where(rows["class_id"].notna(), rows["course_id"] + " " + rows["person_id"])
    by_class = own.groupby([rows["provider"], classes]).sum().pow(2).groupby("provider").agg(["sum", "size"])
    totals = {name: (name, "sum") for name in ("late", "expected", "binomial")}
    schools = rows.groupby("provider").agg(size=("late", "size"), **totals)
    clustered = by_class["sum"] * by_class["size"] / (by_class["size"] - 1).clip(lower=1)
    return schools.assign(variance=np.maximum(schools["binomial"], clustered))
