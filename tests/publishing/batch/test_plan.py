"""The plan becomes typed jobs, in an order in which each finds the rows that it reads."""

from __future__ import annotations

import pytest
from small_project import forget, refused, write_plan

from analysis.publishing.batch.plan import list_jobs


def plan_of(root, runs, **changes):
    write_plan(root, runs, **changes)
    forget()


def test_each_makes_one_run_a_value(small):
    """`each` is multiplied out, every job has its page name and keeps its place on the site."""
    plan_of(
        small,
        {"one": {}, "grid": {"each": {"fault": ["A", "b"], "then": ["x"]}, "parameters": {"as_of": "2024-12-31"}}},
    )
    jobs = list_jobs()
    assert [(job.slug, job.order) for job in jobs] == [("one", 1), ("grid-a-x", 2), ("grid-b-x", 3)]
    assert jobs[1].parameters == {"data": "data/tiny", "as_of": "2024-12-31", "fault": "A", "then": "x"}


def test_runs_are_picked_by_name_or_page_and_keep_their_place(small):
    """Asking for some runs changes nothing about them."""
    plan_of(small, {"one": {}, "grid": {"each": {"fault": ["a", "b"]}}})
    assert [job.slug for job in list_jobs(only=["grid"])] == ["grid-a", "grid-b"]
    assert [(job.slug, job.order) for job in list_jobs(only=["grid-b"])] == [("grid-b", 3)]


def test_a_run_comes_after_what_it_reads_and_brings_it_along(small):
    """Rows are read only once they are there: whoever asks for a reader gets what it reads, and what that reads, first."""
    plan_of(
        small,
        {
            "last": {"reads": ["middle-a"]},
            "middle": {"reads": ["first"], "each": {"fault": ["a"]}},
            "first": {},
            "apart": {},
        },
    )
    assert [job.slug for job in list_jobs(only=["last"])] == ["first", "middle-a", "last"]
    assert {job.slug: job.order for job in list_jobs()} == {"last": 1, "middle-a": 2, "first": 3, "apart": 4}


def test_changes_and_data_reach_every_run_that_has_them(small):
    """A parameter set on the command line wins over the plan, typed as declared."""
    plan_of(small, {"one": {"parameters": {"fault": "a"}}})
    job = list_jobs(changes={"fault": "b"}, data="elsewhere")[0]
    assert (job.parameters["fault"], job.parameters["data"]) == ("b", "elsewhere")


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ({"one": {"notebook": "99_none"}}, "no notebook '99_none'"),
        ({"one": {"group": "other"}}, "a group of ['g']"),
        ({"one": {"colour": 1}}, "unknown keys: ['colour']"),
        ({"one": {"parameters": {"colour": 1}}}, "no parameter 'colour'"),
        ({"one": {"parameters": {"as_of": "soon"}}}, "is not a day"),
        ({"one": {"each": {"fault": ["a"]}}, "one-a": {}}, "wrong: ['one-a']"),
        ({"one": {"each": {"fault": ["a", "A"]}}}, "wrong: ['one-a']"),
        ({"one": {"each": {"fault": ["../../etc"]}}}, "wrong: ['one-../../etc']"),
        ({"one": {"each": {"fault": ["x" * 300]}}}, "page names"),
        ({}, "needs runs"),
        ({"one": {"reads": ["two"]}}, "reads two, which is no other run"),
        ({"one": {"reads": ["one"]}}, "reads one, which is no other run"),
        ({"one": {"reads": ["two"]}, "two": {"reads": ["one"]}}, "in a circle: "),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_runs(small, runs, words):
    """Unknown notebooks, keys and groups, and page names that clash or leave the folder, stop the plan."""
    plan_of(small, runs)
    assert words in refused(list_jobs).say("en")


def test_an_unknown_request_lists_what_there_is(small):
    """A misspelt run or parameter is never silently ignored."""
    plan_of(small, {"one": {}, "grid": {"each": {"fault": ["a"]}}})
    assert "the runs are grid-a, one" in refused(list_jobs, only=["two"]).say("en")
    assert "as_of, data, fault, then" in refused(list_jobs, changes={"colour": "red"}).say("en")


@pytest.mark.parametrize("key", ["picture", "claim"])
def test_a_home_page_that_takes_from_no_run_is_refused(small, key):
    """A misspelt run of the home page's picture or claim stops the plan, and says which there are."""
    site = {"title": {"en": "Try"}, "intro": {"en": "Try."}, "languages": ["en"]}
    runs = {"one": {}, "grid": {"each": {"fault": ["a"]}}}
    plan_of(small, runs, site={**site, key: "grid-a"})
    assert list_jobs(only=["one"])
    plan_of(small, runs, site={**site, key: "oen"})
    assert f"site.{key} is 'oen'; allowed: one, grid-a" in refused(list_jobs, only=["one"]).say("en")
