"""Who holds the key posts, and who of them was trained when: by hand and against a walk."""

from __future__ import annotations

import pytest
from build import build_registry
from walk import FIVE, KEY, made_by, rows_by_person

from analysis import placement
from analysis.placement.keyposts import key_holders

POSTGRADUATE = ("master", "doctor", "specialist_1", "specialist_2")


def count_by_walking(reg):
    """Say of each holder when trained, walking through the rows."""
    posts, training, held = (rows_by_person(reg, name) for name in ("posts", "training", "qualifications"))
    told = []
    for person, mine in posts.items():
        office, since, until = None, None, None
        for post in sorted(mine, key=lambda one: one["started"]):
            if post["concurrent"] or post["decision"] in ("acting", "secondment") or post["office"] not in KEY:
                continue
            goes_on = office == post["office"] and (
                post["decision"] in ("reappointment", "reorganisation") or (until and post["started"] <= until)
            )
            since = since if goes_on else post["started"]
            office, until = post["office"], post["ended"]
            if post["started"] <= reg.as_of and not (post["ended"] and post["ended"] <= reg.as_of):
                told.append((person, office, since))
    found = {"holders": 0, "before": 0, "after": 0, "studying": 0, "never": 0}
    for person, since in {person: since for person, _, since in told}.items():
        courses = [c for c in training.get(person, []) if c["kind"] == "postgraduate" and c["started"]]
        open_ = [c for c in courses if c["outcome"] is None]
        done = [c["ended"] for c in courses if c["outcome"] == "completed"]
        done += [q["awarded"] for q in held.get(person, []) if q["level"] in POSTGRADUATE]
        state = "before" if done and min(done) <= since else "after" if done else "studying" if open_ else "never"
        found["holders"] += 1
        found[state] += 1
    return found


@pytest.mark.parametrize("name", FIVE)
def test_counts_are_those_of_walking_through_every_row(name):
    """Protects: holders, and trained before, since, still studying or never, on registries of five other means."""
    reg = made_by(name)
    rows = placement.count_key_posts(reg).pick(population="ALL").table.set_index("term")["estimate"]
    assert rows.astype(int).to_dict() == count_by_walking(reg)


CHAIR = {"grade": 2, "decision": "first_appointment", "office": "committee_chair_commune", "started": "2020-01-01"}
PLAIN = {"ended": "2020-01-01"}


@pytest.mark.parametrize(
    ("posts", "since"),
    [
        ([PLAIN, CHAIR], "2020-01-01"),
        (
            [PLAIN, {**CHAIR, "ended": "2022-01-01"}, {**CHAIR, "started": "2022-01-01", "decision": "reappointment"}],
            "2020-01-01",
        ),
        ([PLAIN, {**CHAIR, "ended": "2021-01-01"}, {**CHAIR, "started": "2022-01-01"}], "2022-01-01"),
        ([PLAIN, {**CHAIR, "decision": "acting"}], None),
        ([PLAIN, {**CHAIR, "concurrent": True}], None),
        ([PLAIN, {**CHAIR, "ended": "2025-06-30"}], None),
        ([PLAIN, {**CHAIR, "office": "division_head_district"}], None),
    ],
    ids=[
        "holds",
        "is reappointed",
        "returns after a break",
        "acts",
        "holds it beside",
        "ended that day",
        "no key office",
    ],
)
def test_who_holds_a_key_post_and_since_when(posts, since):
    """Protects: one rule a case."""
    found = key_holders(build_registry({"posts": posts}))
    assert [f"{day:%Y-%m-%d}" for day in found["since"]] == ([since] if since else [])


def test_parts_add_up_at_every_level_and_office():
    """Protects: before, since, studying and never are all holders of a group, and the levels all holders."""
    table = placement.count_key_posts(made_by("small")).table.set_index(["population", "term"])["estimate"]
    for group in table.index.get_level_values(0).unique():
        assert table[group, "holders"] == sum(table[group, term] for term in ("before", "after", "studying", "never"))
    levels = [one for one in table.index.get_level_values(0).unique() if one.startswith("unit_level")]
    assert sum(table[one, "holders"] for one in levels) == table["ALL", "holders"]


def test_without_offices_it_is_blocked_and_says_why():
    """Protects: no office on file is no key post of 0."""
    estimate = placement.count_key_posts(build_registry({"posts": [{}]}))
    assert estimate.status == "blocked" and "office" in estimate.notes[0].say("en")


def test_a_certificate_counts_for_its_own_kind_only():
    """Protects: a master is no theory certificate, and the other way round."""
    rows = {
        "posts": [PLAIN, CHAIR],
        "qualifications": [{"kind": "political_theory", "level": "advanced", "awarded": "2019-01-01"}],
    }
    for exposure, term in (("political_theory", "before"), ("postgraduate", "never")):
        found = placement.count_key_posts(build_registry(rows), exposure=exposure).pick(population="ALL").table
        assert found.set_index("term")["estimate"][term] == 1
