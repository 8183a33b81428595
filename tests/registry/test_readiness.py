"""Which questions a registry can answer: by hand, and on the bundled province with and without later columns."""

from __future__ import annotations

import dataclasses

import afterwards
import pandas as pd
import pytest
from build import build_registry

from analysis import registry
from analysis.project import reference
from analysis.registry.contract import TABLES
from analysis.registry.readiness import columns_needed


def state(reg, question):
    rows = registry.assess_readiness(reg).set_index("question")
    return rows.loc[question, "state"], rows.loc[question, "lacking"]


def posts(fields):
    people = [{"person_id": f"P{k}"} for k in range(len(fields))]
    rows = [{"person_id": f"P{k}", **({"field": field} if field else {})} for k, field in enumerate(fields)]
    return {"people": people, "posts": rows, "training": [{"person_id": "P0", "started": "2020-01-01", "field": "law"}]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["law"] * 10, ("yes", "")),
        (["law"] * 8 + [None] * 2, ("partly", "posts.field")),
        ([None] * 10, ("no", "posts.field")),
    ],
)
def test_a_column_answers_in_full_in_part_or_not(fields, expected):
    """Protects: nine rows of ten answer, some answer in part, none does not; and what is missing is named."""
    assert state(build_registry(posts(fields)), "field_match") == expected


def test_a_table_that_was_not_given_and_leavers_that_are_missing_are_named():
    """Protects: an absent table is no empty one that would pass, and leavers are a need of their own."""
    assert state(build_registry({}, absent=("needs",)), "needs") == ("no", "needs")
    answered, lacking = state(build_registry(posts(["law"]), leavers_included=False), "sent")
    assert answered == "no" and "leavers" in lacking.split()


def test_without_the_later_columns_the_later_questions_are_not_answered():
    """Protects: a registry of the contract as it was is told what to collect."""
    rows = registry.assess_readiness(afterwards.bare()).set_index("question")["state"]
    assert rows["targets"] == "yes"
    assert (rows[["key_posts", "field_match", "cost", "schools", "needs", "owed", "lecturers"]] == "no").all()


def test_needs_are_tables_and_columns_of_the_contract():
    """Protects: a question whose need no registry could ever meet."""
    for question in reference("questions.yml").values():
        assert set(question["name"]) == {"vi", "en"}
        for need in question["needs"]:
            assert "column" not in need or TABLES[need["table"]].column(need["column"])
    assert len(list(columns_needed())) >= 8


def test_coverage_is_by_person_and_year_and_knows_uneven_blanks():
    """Protects: shares of rows, in all and by year, from the first year covered on, and the test that blanks are spread evenly."""
    rows = {"people": [{"person_id": f"P{k:03d}"} for k in range(400)], "posts": []}
    rows["people"].append({"person_id": "old"})
    rows["posts"].append({"person_id": "old", "started": "2013-01-01"})
    for k in range(400):
        year = 2015 + k % 2
        known = {"field": "law"} if (k % 2 and k % 10) or k % 20 == 0 else {}
        rows["posts"].append({"person_id": f"P{k:03d}", "started": f"{year}-01-01", **known})
    reg = build_registry(rows)
    reg = dataclasses.replace(reg, meta={**reg.meta, "covers_from": "2015-01-01"})
    table = registry.measure_coverage(reg).pick(term="posts.field").table
    shares = table[table["estimand"].eq("rate")].set_index("population")["estimate"]
    known = pd.Series([bool(row.get("field")) for row in rows["posts"][1:]])
    years = pd.Series([row["started"][:4] for row in rows["posts"][1:]])
    assert "2013" not in shares.index
    assert shares["ALL"] == known.mean() and shares["2015"] == known[years == "2015"].mean()
    assert table.loc[table["estimand"].eq("test"), "p_value"].item() < 1e-6
