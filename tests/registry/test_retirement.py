import pandas as pd
import pytest

from analysis.registry.retirement import ages_by_year, retirement_dates

# Worked cases of the table annexed to NĐ 135/2020: month and year of birth -> first month of the pension.
CASES = [
    ("male", "1960-12-31", "2021-01-01"),
    ("male", "1961-01-01", "2021-05-01"),
    ("male", "1961-09-30", "2022-01-01"),
    ("male", "1961-10-01", "2022-05-01"),
    ("male", "1962-06-15", "2023-01-01"),
    ("male", "1962-07-15", "2023-05-01"),
    ("male", "1966-03-31", "2028-01-01"),
    ("male", "1966-04-01", "2028-05-01"),
    ("male", "1990-02-28", "2052-03-01"),
    ("female", "1965-12-31", "2021-01-01"),
    ("female", "1966-01-01", "2021-06-01"),
    ("female", "1966-08-31", "2022-01-01"),
    ("female", "1966-09-01", "2022-06-01"),
    ("female", "1967-04-30", "2023-01-01"),
    ("female", "1967-05-01", "2023-06-01"),
    ("female", "1975-04-30", "2035-01-01"),
    ("female", "1975-05-01", "2035-06-01"),
]


@pytest.mark.parametrize(("sex", "born", "retires"), CASES)
def test_worked_cases_of_the_decree(sex, born, retires):
    """The decree's own annexed cases come out to the month."""
    dates = retirement_dates(pd.Series([sex]), pd.Series(pd.to_datetime([born])))
    assert dates[0] == pd.Timestamp(retires)


def test_all_at_once_with_unknown_people_and_the_index_kept():
    """Unknown sex or birth gives no date, and rows keep their labels."""
    sex = pd.Series(pd.Categorical(["male", "female", None, "male"]), index=[7, 3, 5, 1])
    born = pd.Series(pd.to_datetime(["1961-01-15", "1966-01-15", "1970-01-01", None]), index=[7, 3, 5, 1])
    dates = retirement_dates(sex, born)
    assert dates.loc[[7, 3]].to_list() == [pd.Timestamp("2021-05-01"), pd.Timestamp("2021-06-01")]
    assert dates.loc[[5, 1]].isna().all() and dates.index.equals(born.index)


@pytest.mark.parametrize("sex", ["female", "male"])
def test_no_one_born_later_retires_earlier_and_the_age_is_that_of_its_year(sex):
    """The age is that of the year in which it is reached, for every month of birth."""
    born = pd.Series(pd.date_range("1950-01-01", "1999-12-01", freq="MS"))
    dates = retirement_dates(pd.Series([sex] * len(born)), born)
    reached = dates.dt.to_period("M").astype("int64") - 1
    ages = reached - born.dt.to_period("M").astype("int64")
    assert dates.is_monotonic_increasing
    assert (ages.to_numpy() == ages_by_year(sex)[reached // 12 + 1970 - 1950]).all()
