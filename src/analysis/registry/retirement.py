"""When each person reaches the retirement age of the year in which it is reached."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import reference

YEARS = np.arange(1950, 2151)
JANUARY_1970 = 1970 * 12


def retirement_dates(sex: pd.Series, birth_date: pd.Series) -> pd.Series:
    """Give the first day no longer in service: the first of the month after the one in which the age is reached.

    The age is that of the year in which it is reached (NĐ 135/2020, `rules.yml`). A birth date known by year alone
    is stored as 1 January, as the decree asks. Index of `birth_date`; empty where sex or birth date is.
    """
    birth = birth_date.to_numpy("datetime64[M]")
    born = np.where(np.isnat(birth), 0, birth.astype("int64")) + JANUARY_1970
    reached = np.full(len(birth), np.datetime64("NaT", "M"), dtype="datetime64[M]")
    for one in ("female", "male"):
        known = (sex == one).to_numpy(bool, na_value=False) & ~np.isnat(birth)
        reached[known] = (month_reached(born[known], ages_by_year(one)) - JANUARY_1970).astype("datetime64[M]")
    dates = (reached + np.timedelta64(1, "M")).astype("datetime64[ms]")
    return pd.Series(dates, index=birth_date.index, name="retires")


def ages_by_year(sex: str) -> np.ndarray:
    """Give the retirement age in months for each of `YEARS`."""
    ages = np.zeros(len(YEARS), dtype="int64")
    for age in reference.retirement_ages(sex):
        grown = 12 * age.years + age.months + age.step_months * (YEARS - age.since.year)
        ages = np.where((age.since.year <= YEARS) | (ages == 0), np.minimum(grown, 12 * age.last_years), ages)
    return ages


def month_reached(born: np.ndarray, ages: np.ndarray) -> np.ndarray:
    """Give the month (year * 12 + month - 1) in which people born in month `born` first reach the age of that year.

    The age grows by less than a year a year, so the last birth month that reaches it within a year grows with the year.
    """
    last_born = YEARS * 12 + 11 - ages
    return born + ages[np.minimum(np.searchsorted(last_born, born), len(YEARS) - 1)]
