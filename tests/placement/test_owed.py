"""Who owes what an office asks for: by hand, exactly where every certificate is on file, within bounds where some are lost."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter

import pandas as pd
import pytest
import yaml
from build import build_registry
from five_registries import five

from analysis import placement, project
from analysis.standards import standards
from analysis.synthetic import Settings, make_registry
from analysis.synthetic.parameters import Paper
from analysis.words import speaking

OFFICE = "deputy_secretary_commune"  # asks for the intermediate level since 8/2/2022
LADDER = ("elementary", "intermediate", "advanced", "bachelor")
SEEDS = (3, 8, 21)


@functools.cache
def province(seed: int, lost: float = 0.0):
    return make_registry(4_000, seed, dataclasses.replace(Settings(), paper=Paper(certificates_lost=lost)))


def states(reg) -> dict:
    """The four states of all together, as `count_owed` gives them."""
    table = placement.count_owed(reg).pick(outcome="ALL", population="ALL").table
    return {term: int(value) for term, value in zip(table["term"], table["estimate"], strict=True) if value == value}


def one_holder(appointed="2023-05-01", office=OFFICE, **more):
    """A registry of one holder of an office, and of another person, who has a certificate so that the kind is there."""
    posts = [
        {"started": "2012-01-01", "ended": appointed},
        {"started": appointed, "grade": 1, "decision": "first_appointment", "office": office, "staff_kind": "cadre"},
        {"person_id": "P2", "office": None},
    ]
    other = [certificate("elementary", person_id="P2")]
    people = [{"person_id": "P1"}, {"person_id": "P2"}]
    as_of = more.pop("as_of", "2025-06-30")
    rows = {"people": people, "posts": posts, **more, "qualifications": [*more.get("qualifications", ()), *other]}
    return build_registry(rows, as_of=as_of)


def certificate(level, awarded="2015-01-01", **more) -> dict:
    return {"kind": "political_theory", "level": level, "awarded": awarded, "field": None, **more}


def theory(level, started, ended=None, outcome=None) -> dict:
    return {"kind": "political_theory", "level": level, "started": started, "expected_end": "2025-12-01", "ended": ended,
            "outcome": outcome, "mode": "in_service", "funder": "other_budget"}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "unknown"),
        ({"qualifications": [certificate("intermediate", verified=True)]}, "held_verified"),
        ({"qualifications": [certificate("intermediate")]}, "held"),
        ({"qualifications": [certificate("advanced")]}, "held"),
        ({"qualifications": [certificate("elementary")]}, "unknown"),
        ({"qualifications": [certificate("elementary", highest=True)]}, "owed"),
        ({"qualifications": [certificate("elementary", highest=True), certificate("advanced")]}, "held"),
        ({"training": [theory("intermediate", "2022-01-01", "2022-10-01", "completed")]}, "held"),
        ({"training": [theory("intermediate", "2025-01-01")]}, "owed"),
        ({"training": [theory("advanced", "2025-01-01")]}, "unknown"),
        ({"training": [theory("intermediate", "2022-01-01", "2022-10-01", "dropped")]}, "unknown"),
        ({"qualifications": [certificate("officer", kind="state_management")]}, "unknown"),
    ],
)
def test_a_level_is_owed_only_where_the_file_shows_it(more, state):
    """No record is unknown, never owed; a lower level is owed only if stated as the highest; whoever studies it lacks it."""
    told = states(one_holder(**more))
    assert told["asked"] == 1 and {one: told[one] for one in told if one in placement.owed.STATES and told[one]} == {
        state: 1
    }


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"qualifications": [certificate("intermediate", "2024-02-01")]}, "owed"),
        ({"qualifications": [certificate("advanced", "2024-02-01")]}, "unknown"),
        ({"qualifications": [certificate("intermediate", "2023-05-01")]}, "held"),
        ({"training": [theory("intermediate", "2023-09-01", "2024-06-01", "completed")]}, "owed"),
        ({"training": [theory("intermediate", "2022-09-01", "2023-06-01", "dropped")]}, "owed"),
    ],
)
def test_an_appointment_is_judged_on_its_own_day(more, state):
    """What was earned afterwards was owed then; a higher level earned afterwards does not say what was held before."""
    rows = placement.count_appointed_owing(one_holder(**more), year=2023).pick(outcome="ALL", population="ALL").table
    assert rows.loc[rows["estimate"] == 1, "term"].tolist() == [state, "asked"] or set(
        rows.loc[rows["estimate"] == 1, "term"]
    ) == {state, "asked"}


@pytest.mark.parametrize(
    ("appointed", "office", "asks"),
    [
        ("2022-02-07", OFFICE, None),
        ("2022-02-08", OFFICE, "intermediate"),
        ("2025-08-28", "division_head_province", "intermediate"),
        ("2025-08-29", "division_head_province", "advanced"),
        ("2024-06-01", "unit_head_district", None),
    ],
)
def test_a_requirement_dated_later_touches_no_earlier_appointment(appointed, office, asks):
    """The requirement of the day of appointment counts, not today's; an office without a standard asks for nothing."""
    reg = one_holder(appointed, office, as_of="2026-06-30", qualifications=[certificate("elementary", highest=True)])
    rows = placement.count_owed(reg).table
    owed = rows[(rows["term"] == "owed") & (rows["population"] == "ALL") & (rows["estimate"] == 1)]["outcome"].tolist()
    assert sorted(owed) == ([] if asks is None else ["ALL", f"political_theory[{asks}]"])


def test_a_reappointment_keeps_the_day_of_appointment():
    """Whoever is confirmed in the same office is not appointed anew, so an earlier appointment stays free."""
    posts = [
        {"started": "2018-01-01", "ended": "2023-01-01", "grade": 1, "office": OFFICE, "decision": "first_appointment"},
        {"started": "2023-01-01", "grade": 1, "office": OFFICE, "decision": "reappointment"},
    ]
    rows = {"posts": posts, "qualifications": [certificate("elementary", highest=True)]}
    assert states(build_registry(rows)).get("asked") is None
    posts[1]["decision"] = "lateral"
    assert states(build_registry(rows))["owed"] == 1


def test_a_standard_binds_its_kinds_of_staff_only():
    """The decree of 2024 speaks of civil servants: a cadre who heads a department owes nothing by it."""
    for staff, owes in (("civil_servant", 1), ("cadre", 0)):
        post = {
            "started": "2024-06-01",
            "grade": 5,
            "office": "department_head",
            "decision": "higher_appointment",
            "staff_kind": staff,
        }
        told = states(build_registry({"posts": [post], "qualifications": [certificate("intermediate", highest=True)]}))
        assert told.get("owed", 0) == owes


def brute(reg) -> dict[str, Counter]:
    """Count who is asked and who holds no such certificate and completed no such course, one holder after the other."""
    entries = yaml.safe_load((project.root() / "data/reference/standards.yml").read_text(encoding="utf-8"))
    best: dict[str, int] = {}
    for row in reg["qualifications"].itertuples():
        if row.kind == "political_theory":
            best[row.person_id] = max(best.get(row.person_id, -1), LADDER.index(row.level))
    for row in reg["training"].itertuples():
        if row.kind == "political_theory" and row.outcome == "completed":
            best[row.person_id] = max(best.get(row.person_id, -1), LADDER.index(row.level))
    asked, lacking = Counter(), Counter()
    posts = reg["posts"][~reg["posts"]["concurrent"]].sort_values("started")
    for person, rows in posts.groupby("person_id"):
        now = rows[~(rows["ended"] <= reg.as_of)]
        if now.empty or pd.isna(now.iloc[-1]["office"]):
            continue
        day, office = None, None
        for row in rows.itertuples():
            goes_on = row.decision in ("reappointment", "reorganisation") and row.office == office
            day, office = (day if goes_on else row.started), row.office
        steps = [
            LADDER.index(entry["level"])
            for entry in entries
            if office in entry["offices"]
            and pd.Timestamp(entry["from"]) <= day < pd.Timestamp(entry.get("until", "2200-01-01"))
            and now.iloc[-1]["staff_kind"] in entry.get("staff", [now.iloc[-1]["staff_kind"]])
        ]
        if steps:
            for name in ("ALL", f"office[{office}]"):
                asked[name] += 1
                lacking[name] += best.get(person, -1) < max(steps)
    return {"asked": asked, "lacking": lacking}


def told_by(estimate, term: str) -> dict:
    rows = estimate.table[(estimate.table["outcome"] == "ALL") & (estimate.table["term"] == term)]
    return dict(zip(rows["population"], rows["estimate"].astype("int64"), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_owers_come_back_exactly_where_nothing_is_lost(seed):
    """With every certificate on file the number owing is the planted one, by office, and nobody is unknown."""
    reg = province(seed)
    estimate, truth = placement.count_owed(reg), brute(reg)
    owed, asked = told_by(estimate, "owed"), told_by(estimate, "asked")
    assert truth["asked"]["ALL"] > 50 and truth["lacking"]["ALL"] > 2
    assert {name: asked[name] for name in truth["asked"]} == dict(truth["asked"])
    assert {name: owed[name] for name in truth["asked"]} == {name: truth["lacking"][name] for name in truth["asked"]}
    assert set(told_by(estimate, "unknown").values()) == {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_with_a_fifth_of_the_records_lost_the_truth_lies_within_the_bounds(seed):
    """Lost certificates become unknown, never owed: in every cell the truth is from owed to owed and unknown together."""
    truth, lossy = brute(province(seed))["lacking"], province(seed, 0.2)
    assert len(lossy["qualifications"]) < len(province(seed)["qualifications"])
    estimate = placement.count_owed(lossy)
    owed, unknown = told_by(estimate, "owed"), told_by(estimate, "unknown")
    assert unknown["ALL"] > 0
    assert all(
        owed[name] <= truth[name] <= owed[name] + unknown[name] for name in owed if not name.startswith("office_")
    )
    for year in (2022, 2023, 2024):
        whole = placement.count_appointed_owing(province(seed), year=year)
        less = placement.count_appointed_owing(lossy, year=year)
        for name, low in told_by(less, "owed").items():
            high = low + told_by(less, "unknown")[name]
            assert (
                low <= told_by(whole, "owed")[name] + told_by(whole, "unknown")[name]
                and told_by(whole, "owed")[name] <= high
            )


@pytest.mark.parametrize("drop", [0.2, 0.5])
def test_bounds_hold_whichever_records_are_removed(drop):
    """Removing any certificates from the file, not only those that the province plants as lost, never makes anybody owe."""
    reg = province(SEEDS[0])
    truth = brute(reg)["lacking"]["ALL"]
    for seed in range(5):
        awards = reg["qualifications"]
        kept = awards[
            awards["kind"].ne("political_theory")
            | ~awards.index.isin(awards.sample(frac=drop, random_state=seed).index)
        ]
        told = states(dataclasses.replace(reg, tables={**reg.tables, "qualifications": kept}))
        assert told["owed"] <= truth <= told["owed"] + told["unknown"]


def test_the_share_planted_is_the_share_owed():
    """About 12 in 100 of those asked owe it in the default province, 0 where none is planted."""
    told = [states(province(seed)) for seed in SEEDS]
    assert 0.07 < sum(one["owed"] for one in told) / sum(one["asked"] for one in told) < 0.17
    none = make_registry(2_000, 3, dataclasses.replace(Settings(), paper=Paper(owed=0.0)))
    assert states(none)["owed"] <= 2, "only those who were studying at the end"


def test_order_and_names_change_nothing():
    """Identifiers and the order of rows decide nothing."""
    key = ["outcome", "population", "term"]
    for call in (placement.count_owed, placement.count_queue):
        one, other = (
            call(reg).table.sort_values(key, ignore_index=True) for reg in (five()["simulated"], five()["disguised"])
        )
        pd.testing.assert_frame_equal(one, other)


def test_the_queue_counts_the_planned_who_lack_the_level():
    """One planned person is shown to lack the level, one is unknown, one holds it; two completed it in 24 months."""
    people = [f"P{k}" for k in range(1, 6)]
    reg = build_registry(
        {
            "people": [{"person_id": one} for one in people],
            "posts": [{"person_id": one, "staff_kind": "cadre"} for one in people],
            "planning": [{"person_id": one, "started": "2024-01-01", "office": OFFICE} for one in people[:3]],
            "qualifications": [
                certificate("elementary", person_id="P1", highest=True),
                certificate("intermediate", person_id="P3"),
            ],
            "training": [
                {**theory("intermediate", "2024-01-01", "2024-10-01", "completed"), "person_id": one}
                for one in people[3:]
            ],
        }
    )
    rows = placement.count_queue(reg).table.set_index("term")
    told = rows["estimate"]
    assert (told["planned"], told["owed"], told["unknown"], told["held"], told["trained"]) == (3, 1, 1, 1, 2)
    assert (rows.loc["clears", "conf_low"], rows.loc["clears", "conf_high"]) == (12, 24)


def test_a_queue_that_nobody_leaves_has_no_end():
    """Where nobody completed the level in two years the months are empty: neither 0 nor a large number."""
    reg = one_holder(planning=[{"person_id": "P2", "started": "2024-01-01", "office": OFFICE}])
    rows = placement.count_queue(reg).table.set_index("term")
    assert rows.loc["unknown", "estimate"] == 1 and pd.isna(rows.loc["clears", "estimate"])


def test_what_is_missing_blocks_with_its_reason():
    """A registry without offices, certificates or a planning list gets a reason and no number."""
    bare = build_registry({"posts": [{}]}, absent=("planning",))
    office = {"posts": [{"office": OFFICE, "started": "2023-01-01"}]}
    cases = [
        (placement.count_owed(bare), "posts names its office"),
        (placement.count_appointed_owing(bare, year=2024), "posts names its office"),
        (placement.count_queue(bare), "no planning list"),
        (placement.count_owed(build_registry(office)), "no certificate of political theory"),
        (
            placement.count_queue(build_registry({"posts": [{}], "planning": [{"started": "2024-01-01"}]})),
            "planning list names its office",
        ),
    ]
    with speaking("en"):
        for estimate, reason in cases:
            assert estimate.status == "blocked" and reason in estimate.notes[0].say(), reason
            assert estimate.table["estimate"].isna().all() and len(estimate.table)


def test_standards_name_offices_and_levels_that_are_known():
    """A misspelt office would ask nobody for anything, and say so nowhere."""
    known = project.reference("offices.yml")
    for one in standards():
        assert set(one.offices) <= set(known) and one.level in LADDER and one.since < one.until
        assert one.standing in ("found", "assumed") and one.source and one.rule
        assert one.standing == "found" or one.note, "what is assumed says what the source says"
