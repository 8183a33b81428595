"""The planted gap: none where all are treated alike, and of the very people whom the registry has."""

from __future__ import annotations

import dataclasses

from analysis.equity.rising import follow_rises
from analysis.synthetic.gaps import planted_gap
from analysis.synthetic.worlds import LARGE, LEVEL_FIELD, STUDY, make_registry

ASKED = {"begins": "2020-05", "months": 36, "plays": 2}


def test_without_planted_factors_there_is_no_gap_at_all():
    """Both worlds share their random numbers, so that nothing is left but 0."""
    found = planted_gap(LEVEL_FIELD, 2000, 3, **ASKED)
    assert (found["through_access"], found["through_planning"], found["gap"]) == (0, 0, 0) and found["as_is"] > 0


def test_each_stage_makes_its_own_part():
    """Nominated less often only: all of the gap runs through access, and it is one where courses help."""
    sent = dataclasses.replace(LEVEL_FIELD, effect=LARGE, nominated_female=0.3)
    found = planted_gap(sent, 4000, 3, **(ASKED | {"months": 48}))
    assert found["gap"] == found["through_access"] < 0 == found["through_planning"]


def test_the_people_are_those_of_the_registry():
    """As many women may be appointed in that month by the dated rules as are played, but for a sanction's last day."""
    found = planted_gap(STUDY, 2000, 3, **ASKED)
    reg = make_registry(2000, 3, STUDY)
    rising = follow_rises(reg, "2020-05-01")
    women = reg["people"].set_index("person_id").loc[rising.clock.people, "sex"].eq("female").to_numpy()
    assert abs(found["n"] - (rising.open[:, 0] & women).sum()) <= 3


def test_minorities_have_a_gap_of_their_own():
    """The factor is that of the group asked for."""
    found = planted_gap(dataclasses.replace(LEVEL_FIELD, promotion_minority=0.5), 2000, 3, group="minority", **ASKED)
    assert found["gap"] < -0.01 and found["through_access"] == 0
