"""Reference data read as records say what their files say, and nothing is remembered behind the one cache."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, asdict, fields

import pandas as pd
import pytest

from analysis import project, reference
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


@pytest.mark.parametrize(("day", "months"), [("2000-01-01", 480), ("2025-06-29", 480), ("2025-06-30", 540)])
def test_a_rule_holds_from_its_day(day, months):
    """The day on which a rule comes into force is its first; before the first of all, that one holds."""
    assert reference.rule_on("sending", "max_age_months", pd.Timestamp(day)) == months


def test_rules_come_by_date(files):
    """Entries may stand in any order in the file."""
    files["rules.yml"]["sending"]["max_age_months"].reverse()
    assert [rule.value for rule in reference.rules("sending", "max_age_months")] == [480, 540]


def test_events_have_a_first_and_a_last_day():
    """`ended` is the first day after an event; a date alone is both its first and its last day."""
    events = {event.id: event for event in reference.events()}
    assert events["freeze_2024"].last == pd.Timestamp("2024-12-31")
    assert events["province_ends"].first == events["province_ends"].last == DAY


def test_names_of_reference_data_are_labels():
    """Targets, readings, monitors and events are called by the names in their files, in each language."""
    for lang in ("vi", "en"):
        with speaking(lang):
            assert label("T1", "targets") == project.reference("targets.yml")["targets"]["T1"]["name"][lang]
            assert all(label(event.id, "events") != event.id for event in reference.events())
            assert label("lecturers", "monitors") != "lecturers" and label("has", "readings") != "has"
