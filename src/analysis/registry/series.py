"""How much the monthly series of a registry swing: what a change from one month to the next may be worth."""

from __future__ import annotations

import pandas as pd

from analysis.estimate import Estimate
from analysis.registry.store import Registry
from analysis.results import entry, give

SERIES = {  # table, date, and what its rows must be
    "nominated": ("training", "nominated", {}),
    "started": ("training", "started", {}),
    "completed": ("training", "ended", {"outcome": ["completed"]}),
    "appointed": ("posts", "started", {"decision": ["first_appointment", "higher_appointment"]}),
    "left": ("exits", "exited", {}),
}


def measure_volatility(reg: Registry) -> Estimate:
    """Measure the swing of each monthly series of `SERIES` from the first whole month of `reg` to its last.

    Rows: `rate` `a_month[...]` (events a month) and `spread[...]` (variance over mean of the months: 1 for events that
    come by chance alone, more where they come in waves), with `n` the people. A series with a spread far above 1 (an
    intake twice a year, a congress, a freeze) tells little by one month.

    >>> registry.measure_volatility(reg).table["term"].tolist()[:2]
    ['a_month[nominated]', 'spread[nominated]']
    """
    first, last = pd.Period(str(reg.meta["covers_from"]), "M"), reg.as_of.to_period("M")
    months = pd.period_range(first, last if reg.as_of.is_month_end else last - 1)
    rows = []
    for name, (table, date, kept) in SERIES.items():
        events = reg[table]
        for column, values in kept.items():
            events = events[events[column].isin(values)]
        month = events[date].dt.to_period("M")
        inside = month.isin(months)
        counts = month[inside].value_counts().reindex(months, fill_value=0)
        people = events.loc[inside, "person_id"].nunique()
        spread = counts.var() / counts.mean() if counts.sum() else None
        told = {f"a_month[{name}]": counts.mean() if counts.sum() else None, f"spread[{name}]": spread}
        rows += [entry("rate", term, value, n=people) for term, value in told.items()]
    return give({"method": "count", "date": reg.as_of}, rows, {"as_of": reg.as_of})
