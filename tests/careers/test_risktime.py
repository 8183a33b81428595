"""Person-months and events added up by person and state, against a count by hand."""

from __future__ import annotations

import numpy as np

from analysis.careers.risktime import tally_risk
from analysis.careers.states import in_service, make_clock
from analysis.synthetic.worlds import make_registry


def test_time_and_events_are_those_put_in():
    """Nothing is lost or counted twice, whoever the person and whatever the state."""
    reg = make_registry(400, 3)
    clock = make_clock(reg, 588, 24)
    inside = in_service(reg, clock)
    rows, columns = np.nonzero(inside)
    events = np.random.default_rng(1).random(len(rows)) < 0.1
    cells = tally_risk(reg, clock, rows, columns, events, {"month": np.broadcast_to(np.arange(24), clock.shape)})
    assert cells["time"].sum() == len(rows) and cells["events"].sum() == events.sum()
    by_month = cells.groupby("month")["time"].sum().to_numpy()
    assert (by_month == inside.sum(axis=0)).all()
    person = cells.groupby("person")["time"].sum()
    assert (person == inside.sum(axis=1)[person.index]).all()
    assert not cells.drop(columns=["time", "events"]).duplicated().any()


def test_a_state_is_that_of_its_month():
    """Age turns forty in the month of the birthday, and sex is the person's own."""
    reg = make_registry(400, 3)
    clock = make_clock(reg, 588, 24)
    rows, columns = np.nonzero(in_service(reg, clock))
    cells = tally_risk(reg, clock, rows, columns, np.zeros(len(rows)))
    people = reg["people"].set_index("person_id").loc[clock.people]
    assert (cells["sex"].astype("str") == people["sex"].astype("str").to_numpy()[cells["person"]]).all()
    born = people["birth_date"].dt.year.to_numpy() * 12 + people["birth_date"].dt.month.to_numpy() - 1 - 1970 * 12
    months = clock.months[columns] - born[rows]
    assert cells.loc[cells["age"].isin(["<30", "30-39"]), "time"].sum() == (months < 480).sum()
