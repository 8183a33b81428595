from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from build import build_registry, read_table, show

from analysis.careers import build_spells
from analysis.careers.covariates import LEVELS
from analysis.careers.flow import EVENTS
from analysis.errors import CareersError

PEOPLE = sorted((Path(__file__).parent / "people").glob("*.yml"))
STAYS = {"people": [{}, {"person_id": "P2"}], "posts": [{"person_id": "P2"}]}


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: path.stem)
def test_career(path):
    """A career written by hand gives the spells that its reader expects."""
    career = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert career["protects"].endswith(".")
    for expected in career["expect"]:
        reg = build_registry(career["rows"], **career.get("registry", {}))
        asked = {**career.get("asked", {}), **expected.get("asked", {})}
        if "removed_at" in expected:
            with_stayer = {
                name: [*rows, *STAYS.get(name, [])[-1:]] for name, rows in {**STAYS, **career["rows"]}.items()
            }
            reg = build_registry({**with_stayer, "people": [*career["rows"].get("people", [{}]), {"person_id": "P2"}]})
            flow = build_spells(reg, **asked).flow.set_index("step")
            assert flow["removed"].dropna().loc[lambda removed: removed > 0].to_dict() == {expected["removed_at"]: 1}
            continue
        wanted = read_table(expected["spells"])
        got = show(build_spells(reg, **asked).frame, list(wanted.columns))
        pd.testing.assert_frame_equal(got, wanted, check_dtype=False)


def test_there_are_enough_careers():
    """No hand-written career is lost, and each says what it protects."""
    assert len(PEOPLE) >= 16


def test_flow_accounts_for_everyone():
    """Nobody leaves in silence: the steps remove exactly those who are not at risk."""
    rows = {
        "people": [{"person_id": f"P{number}"} for number in range(6)],
        "posts": [{"person_id": f"P{number}"} for number in range(5)]
        + [{"person_id": "P4", "started": "2020-03-01", "grade": 1, "decision": "first_appointment", "unit_id": "U1"}],
        "training": [{"person_id": "P1", "started": "2018-09-01", "expected_end": "2020-09-01"}],
        "qualifications": [{"person_id": "P2", "awarded": "2010-06-01"}],
        "exits": [{"person_id": "P3", "exited": "2018-05-01", "reason": "resignation"}],
    }
    flow = build_spells(build_registry(rows)).flow.set_index("step")
    assert flow["people"].loc["registry"] == 6
    assert flow["removed"].sum() + flow["people"].loc["at_risk"] == 6
    removed = flow["removed"].loc[["in_service", "post_history", "no_earlier_course", "no_earlier_degree"]]
    assert removed.to_list() == [1, 1, 1, 1]
    assert flow["count"].loc["person_months"] == 72 + 15
    assert flow["people"].loc["outcome"] == 1
    assert flow["people"].loc[list(EVENTS)].sum() == flow["people"].loc["at_risk"]
    assert all(one.say("vi") and one.say("en") for one in flow["said"])


@pytest.mark.parametrize(
    ("asked", "registry", "named"),
    [
        ({"outcome": "salary"}, {}, "higher_post, first_post, seat"),
        ({"exposure": "yoga"}, {}, "postgraduate, political_theory"),
        ({"start": "2022-01-01", "end": "2021-01-01"}, {}, "start, end"),
        ({"start": "1/9/2021"}, {}, "YYYY-MM-DD"),
        ({}, {"leavers_included": False}, "leavers_included"),
        ({}, {"as_of": "2018-12-31"}, "as_of"),
        ({"outcome": "seat"}, {"absent": ["seats"]}, "seats"),
        ({"outcome": "first_post", "start": "2011-01-01", "end": "2011-12-31"}, {}, "no one is left"),
    ],
)
def test_refusals_name_the_thing_and_speak_both_languages(asked, registry, named):
    """What cannot be answered is refused by name, in each language."""
    with pytest.raises(CareersError) as raised:
        build_spells(build_registry({"posts": [{}]}, **registry), **asked)
    assert named in raised.value.text.say("en")
    assert raised.value.text.say("vi") != raised.value.text.say("en")


def test_absent_tables_leave_their_covariates_out_and_say_so():
    """A covariate without its table is left out and named, never filled."""
    reg = build_registry({"posts": [{}]}, absent=["planning", "ratings", "discipline"])
    spells = build_spells(reg)
    assert not {"planned", "rating", "appointable"} & set(spells.frame.columns)
    assert len(spells.notes) == 3 and all(note.say("vi") and note.say("en") for note in spells.notes)


def test_columns_and_levels():
    """Columns, levels and their order are the contract that models are written against."""
    frame = build_spells(build_registry({"posts": [{}]})).frame
    assert [*frame.columns[:4]] == ["person_id", "start", "stop", "event"]
    for name, levels in LEVELS.items():
        if levels == (False, True):
            assert frame[name].dtype == bool
        else:
            assert tuple(frame[name].cat.categories) == levels and not frame[name].cat.ordered
    assert np.issubdtype(frame["start"].dtype, np.integer)


def test_asides_stand_in_the_flow_and_notes():
    """Who came back, stopped studying or began again is counted in the flow and told."""
    rows = {
        "posts": [{}],
        "training": [
            {"course_id": "C1", "started": "2019-09-01", "expected_end": "2021-09-01", "ended": "2020-02-01",
             "outcome": "dropped"},
            {"course_id": "C2", "started": "2021-09-01", "expected_end": "2023-09-01"},
        ],
    }  # fmt: skip
    spells = build_spells(build_registry(rows))
    flow = spells.flow.set_index("step")
    assert flow["people"].loc[["study_stopped", "later_course", "degree_without_course"]].to_list() == [1, 1, 0]
    assert len(spells.notes) == 2


def test_the_registry_is_not_changed():
    """Building spells leaves the registry's tables as they were."""
    reg = build_registry({"posts": [{}], "training": [{"started": "2019-09-01"}]})
    before = {name: table.copy() for name, table in reg.tables.items()}
    build_spells(reg)
    for name, table in reg.tables.items():
        pd.testing.assert_frame_equal(table, before[name])
