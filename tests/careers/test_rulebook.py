"""An official asks what holds on a day and gets it with its source, or that it is not known, in his language."""

from __future__ import annotations

import pytest
from build import build_registry

from analysis.careers.rulebook import count_passing, list_rules, rule_lines
from analysis.errors import CareersError
from analysis.registry.contract import STAFF_KIND
from analysis.words import speaking


def said(lang, on, staff=None):
    with speaking(lang):
        return "\n".join(rule_lines(list_rules(on, staff=staff)))


def test_every_kind_of_staff_has_an_answer_to_every_rule():
    """Kinds for whom the same holds are told together, and nobody is left out."""
    rules = list_rules("2025-07-15")
    told = rules.groupby(["group", "rule"])["staff"].sum()
    assert all(sorted(kinds) == sorted(STAFF_KIND) for kinds in told)


@pytest.mark.parametrize(
    ("lang", "on", "staff", "words"),
    [
        ("en", "2025-07-15", "civil_servant", "civil servants: 540 (from 1 July 2025; found; NĐ 171/2025"),
        ("vi", "2025-07-15", "civil_servant", "Công chức: 540 (từ 01/07/2025; đã tìm thấy nguồn; NĐ 171/2025"),
        ("en", "2025-07-15", "cadre", "cadres: not known: looked for, not found"),
        ("vi", "2024-04-15", "public_employee", "Viên chức: không đặt điều kiện này (từ 21/10/2017"),
        ("en", "2025-10-07", None, "reprimand 12"),
        ("en", "2025-10-08", None, "reprimand 24"),
    ],
)
def test_what_holds_is_said_with_its_day_and_source(lang, on, staff, words):
    """The day before a rule and its first day give two answers, each with where it stands."""
    assert words in said(lang, on, staff)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_code_of_the_files_reaches_the_reader(lang):
    """Names of rules and values are words."""
    assert "_" not in "".join(said(lang, on) for on in ("2018-01-01", "2024-04-15", "2026-05-01"))


@pytest.mark.parametrize("asked", [("2025-13-01", None), ("yesterday", None), ("2025-07-15", "soldier")])
def test_what_is_no_day_or_kind_is_refused(asked):
    """A wrong word is told with what may be written."""
    on, staff = asked
    with pytest.raises(CareersError, match="2025-07-15|cadre"):
        list_rules(on, staff=staff)


def test_whom_the_rules_let_through_is_counted_rule_by_rule():
    """Protects: each rule by itself and all together, of those in service on the day; barred and let through add up."""
    people = [
        {"person_id": "old", "birth_date": "1975-01-01"},
        {"person_id": "fit"},
        {"person_id": "gone"},
    ]
    rows = {
        "people": people,
        "posts": [{"person_id": "old"}, {"person_id": "fit"}, {"person_id": "gone", "ended": "2024-01-01"}],
        "ratings": [
            {"person_id": one, "year": year, "rating": "good"} for one in ("old", "fit") for year in (2022, 2023)
        ],
        "exits": [{"person_id": "gone", "exited": "2024-01-01", "reason": "death"}],
    }
    found = count_passing(build_registry(rows, as_of="2024-06-30")).set_index(["what", "rule"])
    assert found.loc[("sending", "age")].tolist() == [1, 1]
    assert found.loc[("sending", "ratings")].tolist() == [2, 0]
    assert found.loc[("sending", "all")].tolist() == [1, 1]
    assert (found["people"] + found["barred"]).eq(2).all()
