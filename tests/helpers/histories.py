"""Random histories of a group for Hypothesis: overlapping seats, returns, empty months, drop-outs, posts, exits."""

from __future__ import annotations

import pandas as pd
from groups import degree, group
from hypothesis import strategies as st

PEOPLE = [f"P{one}" for one in range(1, 7)]
BODIES = ["province_committee", "province_standing", "district_committee"]
DECISIONS = ["recruitment", "first_appointment", "higher_appointment", "lateral", "reorganisation"]
days = st.dates(pd.Timestamp("2019-01-01").date(), pd.Timestamp("2025-12-31").date()).map(str)
who = st.sampled_from(PEOPLE)


@st.composite
def spells(draw, row):
    """A row with a start and, mostly, an end after it."""
    start, end = sorted(draw(st.tuples(days, days)))
    return {**draw(row), "started": start, **({"ended": end} if start < end and draw(st.booleans()) else {})}


seats = spells(
    st.fixed_dictionaries(
        {"person_id": who, "body": st.sampled_from(BODIES), "unit_id": st.sampled_from(["U1", "U2", None])}
    )
)
studies = spells(
    st.fixed_dictionaries(
        {"person_id": who, "outcome": st.sampled_from(["completed", "dropped", "suspended", None]), "expected_end": days,
         "funder": st.sampled_from(["project_02", "other_budget", "self"])}
    )
)  # fmt: skip
posts = spells(
    st.fixed_dictionaries(
        {"person_id": who, "unit_id": st.sampled_from(["U1", "U2", "U3"]), "decision": st.sampled_from(DECISIONS),
         "standing_committee_managed": st.booleans(), "division_leader": st.booleans()}
    )
)  # fmt: skip
exits = st.fixed_dictionaries(
    {"person_id": who, "exited": days, "reason": st.sampled_from(["retirement", "resignation"])}
)


@st.composite
def histories(draw):
    """A registry of six people in several groups."""
    return group(
        {},
        more_seats=draw(st.lists(seats, min_size=1, max_size=14)),
        posts=draw(st.lists(posts, max_size=10)),
        exits=draw(st.lists(exits, max_size=4)),
        training=draw(st.lists(studies, max_size=8)),
        qualifications=draw(st.lists(st.builds(degree, who, days, verified=st.booleans()), max_size=5)),
        units=[{"unit_id": unit} for unit in ("U1", "U2", "U3")],
    )
