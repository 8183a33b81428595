"""Reference data read as records say what their files say, and nothing is remembered behind the one cache."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, asdict, fields

import pandas as pd
import pytest

from analysis import project, reference
from analysis.registry.contract import STAFF_KIND
from analysis.words import label, speaking

DAY = pd.Timestamp("2025-06-30")


@pytest.fixture
def files(monkeypatch):
    """Reference files that a test may change."""
    read = {name: copy.deepcopy(project.reference(name)) for name in
            ("targets.yml", "rules.yml", "events.yml", "verdict.yml", "disclosure.yml", "words.yml", "labels.yml")}  # fmt: skip
    monkeypatch.setattr(reference, "reference", read.__getitem__)
    return read


def test_targets_say_what_their_file_says():
    """A target's share and group decide everything after it: they are the file's, in the file's order."""
    entries = project.reference("targets.yml")["targets"]
    assert list(reference.targets()) == list(entries)
    for name, target in reference.targets().items():
        assert (target.id, target.share) == (name, entries[name]["share"])
        assert list(target.group.values) == entries[name]["group"]["values"]
        assert (target.ends == DAY) == ("ends" in entries[name]) and target.congress == entries[name].get(
            "congress", ""
        )


def test_a_further_target_is_read_at_once(files):
    """A target is one entry in targets.yml: nothing else keeps a list of them."""
    files["targets.yml"]["targets"]["T5"] = {**files["targets.yml"]["targets"]["T4"], "share": 0.2}
    assert list(reference.targets())[-1] == "T5" and reference.targets()["T5"].share == 0.2


def test_records_hold_every_entry_of_their_files():
    """A setting that a record left out would be set in the file and never used."""
    verdict = {
        name: tuple(one) if isinstance(one, list) else one for name, one in project.reference("verdict.yml").items()
    }
    assert asdict(reference.verdict_rule()) == verdict
    assert asdict(reference.projection()) == project.reference("targets.yml")["projection"]
    official = {field.name for field in fields(reference.Disclosure)} - {"min_cell", "round_base"}
    assert official == set(project.reference("disclosure.yml")["official"]) - {"standing", "source"}
    with pytest.raises(FrozenInstanceError):
        reference.projection().margin = 0.5


def test_the_smallest_count_has_a_floor(files):
    """However low the limit of disclosure is set, it never falls below its floor."""
    files["disclosure.yml"]["min_cell"] = {"value": 3, "least": 7}
    assert reference.disclosure().min_cell == 7


@pytest.mark.parametrize(
    ("day", "staff", "says", "months"),
    [
        ("1990-01-01", "cadre", "rule", 480),
        ("2025-06-30", "civil_servant", "rule", 480),
        ("2025-07-01", "civil_servant", "rule", 540),
        ("2024-04-15", "public_employee", "none", None),
        ("2025-07-01", "public_employee", "unknown", None),
        ("2025-07-01", "cadre", "unknown", None),
    ],
)
def test_a_rule_holds_from_its_day_for_its_kind_of_staff(day, staff, says, months):
    """The day on which a rule comes into force is its first; before the first of all, that one holds."""
    rule = reference.rule_on("sending", "max_age_months", pd.Timestamp(day), staff)
    assert (rule.says, rule.value) == (says, months)


@pytest.mark.parametrize(("group", "name"), reference.dated_rules(), ids=lambda part: part)
@pytest.mark.parametrize("staff", STAFF_KIND)
def test_each_day_has_exactly_one_of_a_rule_none_or_unknown(group, name, staff):
    """No day from 2017 to 2026 is left open, and none is claimed twice: an official can ask about any of them."""
    entries = reference.rules(group, name, staff)
    assert len({entry.since for entry in entries}) == len(entries), "two rules of one day for the same people"
    spans = [(entry.since, entry.until or pd.Timestamp.max) for entry in entries]
    for day in pd.date_range("2017-01-01", "2026-12-31"):
        assert sum(since <= day < until for since, until in spans) == 1, day
    for entry in entries:
        assert entry.says in ("rule", "none", "unknown")
        assert (entry.value is not None) == (entry.says == "rule"), "a value, or that there is none"


def test_a_value_stands_on_where_what_came_after_is_not_known():
    """A projection past a rule's end takes the last one known, whosever it was."""
    assert reference.last_value("appointment", "months_in_post", pd.Timestamp("2026-05-01")) == 24
    assert reference.last_value("planning_structure", "women_share", pd.Timestamp("2026-05-01")) == 0.25


def test_rules_come_by_date(files):
    """Entries may stand in any order in the file."""
    files["rules.yml"]["sending"]["max_age_months"].reverse()
    known = [rule.value for rule in reference.rules("sending", "max_age_months", "civil_servant")]
    assert known == [480, 480, 540]


def test_events_have_a_first_and_a_last_day():
    """`ended` is the first day after an event; a date alone is both its first and its last day."""
    events = {event.id: event for event in reference.events()}
    assert events["freeze_2024"].last == pd.Timestamp("2025-03-06")
    assert events["province_ends"].first == events["province_ends"].last == DAY


def test_events_that_touch_a_series_have_a_short_name():
    """A table names them in a cell; a paper in force and a closure have no known end, a congress and a freeze have."""
    events = {event.id: event for event in reference.events()}
    for lang in ("vi", "en"):
        with speaking(lang):
            assert all(label(one.id, "shocks") != one.id for one in events.values() if one.touches)
    assert [events[one].ends for one in ("decree_29", "closure_2021", "freeze_2024", "provincial_congress_14")] == [
        0,
        0,
        1,
        1,
    ]


def test_names_of_reference_data_are_labels():
    """Targets, readings, monitors and events are called by the names in their files, in each language."""
    for lang in ("vi", "en"):
        with speaking(lang):
            assert label("T1", "targets") == project.reference("targets.yml")["targets"]["T1"]["name"][lang]
            assert all(label(event.id, "events") != event.id for event in reference.events())
            assert label("lecturers", "monitors") != "lecturers" and label("has", "readings") != "has"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_whom_a_course_is_for_is_said_in_words(lang):
    """A page never shows an effect among some people without saying who they are."""
    with speaking(lang):
        assert all(label(one, "among") != one for one in ("sendable", *reference.verdict_rule().among))
