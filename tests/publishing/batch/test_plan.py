"""The plan becomes typed jobs, and a job's key changes with all that it depends on and with nothing else."""

from __future__ import annotations

import dataclasses

import nbformat
import pytest
from nbformat.v4 import new_output
from small_project import PARAMETERS, forget, make_notebook, refused, write_plan

from analysis.publishing.batch.plan import data_hash, job_key, list_jobs


def plan_of(root, runs, **changes):
    write_plan(root, runs, **changes)
    forget()


def test_each_makes_one_run_a_value_and_language(small):
    """`each` is multiplied out, every job has its page name and keeps its place on the site."""
    site = {"title": {"vi": "a", "en": "b"}, "intro": {"vi": "a", "en": "b"}, "languages": ["vi", "en"]}
    plan_of(
        small,
        {"one": {}, "grid": {"each": {"fault": ["A", "b"], "then": ["x"]}, "parameters": {"as_of": "2024-12-31"}}},
        site=site,
    )
    jobs = list_jobs()
    assert [(job.slug, job.lang, job.order) for job in jobs] == [
        ("one", "vi", 1), ("one", "en", 1), ("grid-a-x", "vi", 2), ("grid-a-x", "en", 2), ("grid-b-x", "vi", 3), ("grid-b-x", "en", 3)
    ]  # fmt: skip
    assert jobs[2].parameters == {"data": "data/tiny", "as_of": "2024-12-31", "lang": "vi", "fault": "A", "then": "x"}
    assert jobs[3].name == "grid-a-x (en)"


def test_runs_are_picked_by_name_or_page_and_keep_their_order(small):
    """Asking for some runs changes nothing about them."""
    plan_of(small, {"one": {}, "grid": {"each": {"fault": ["a", "b"]}}})
    assert [job.slug for job in list_jobs(only=["grid"])] == ["grid-a", "grid-b"]
    assert [(job.slug, job.order) for job in list_jobs(only=["grid-b"])] == [("grid-b", 3)]


def test_changes_and_data_reach_every_run_that_has_them(small):
    """A parameter set on the command line wins over the plan, typed as declared."""
    plan_of(small, {"one": {"parameters": {"fault": "a"}}})
    job = list_jobs(changes={"fault": "b"}, data="elsewhere", languages=["vi"])[0]
    assert (job.parameters["fault"], job.parameters["data"], job.lang) == ("b", "elsewhere", "vi")


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
    ],
)
def test_a_wrong_plan_is_refused_before_anything_runs(small, runs, words):
    """Unknown notebooks, keys and groups, and page names that clash or leave the folder, stop the plan."""
    plan_of(small, runs)
    assert words in refused(list_jobs).en


def test_an_unknown_request_lists_what_there_is(small):
    """A misspelt run or parameter is never silently ignored."""
    plan_of(small, {"one": {}, "grid": {"each": {"fault": ["a"]}}})
    assert "the runs are grid-a, one" in refused(list_jobs, only=["two"]).en
    assert "as_of, data, fault, lang, then" in refused(list_jobs, changes={"colour": "red"}).en


def key():
    forget()
    job = list_jobs()[0]
    return job_key(job, data_hash(job.parameters["data"]))


def test_the_key_does_not_change_by_itself_or_with_outputs(small):
    """Opening and running a notebook in JupyterLab, or touching files, makes nothing stale."""
    before = key()
    path = small / "notebooks/90_try.ipynb"
    run = nbformat.read(path, as_version=4)
    run.cells[3].outputs, run.cells[3].execution_count = [new_output("stream", text="x")], 7
    run.metadata["language_info"] = {"name": "python", "version": "3.12"}
    nbformat.write(run, path)
    (small / "data/tiny/people.csv").touch()
    assert key() == before


def edit_source(root):
    changed = make_notebook()
    changed.cells[-1].source += "\n# more"
    nbformat.write(changed, root / "notebooks/90_try.ipynb")


def edit_prose(root):
    changed = make_notebook()
    changed.cells[0].source += " Thêm."
    nbformat.write(changed, root / "notebooks/90_try.ipynb")


def edit_tags(root):
    changed = make_notebook()
    changed.cells[0].metadata["tags"] = ["vi", "explore"]
    nbformat.write(changed, root / "notebooks/90_try.ipynb")


def edit_default(root):
    nbformat.write(
        make_notebook(PARAMETERS.replace('then: str = "none"', 'then: str = "x"')), root / "notebooks/90_try.ipynb"
    )


def append(name):
    def edit(root):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write("\n")

    return edit


EDITS = {
    "source": edit_source, "prose": edit_prose, "tags": edit_tags, "default": edit_default, "plan": append("plan.yml"),
    "data": append("data/tiny/people.csv"), "truth": append("data/tiny/truth.yml"), "rules": append("data/reference/rules.yml"),
    "lock": append("requirements.lock"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_key_changes_with_all_that_a_run_depends_on(small, edit):
    """Notebook, prose, tags, parameters, data, truth, rules, plan and lock: each makes a run stale."""
    before = key()
    edit(small)
    assert key() != before


def test_the_key_changes_with_code_and_with_parameters_but_not_with_where_data_lie(small, monkeypatch):
    """Another version of the package is another result; the same data in another folder are not."""
    before, job = key(), list_jobs()[0]
    data = data_hash(job.parameters["data"])
    other = dataclasses.replace(job, parameters={**job.parameters, "data": "elsewhere"})
    assert job_key(other, data) == before
    changed = dataclasses.replace(job, parameters={**job.parameters, "fault": "x"})
    assert job_key(changed, data) != before and job_key(job, "other") != before
    monkeypatch.setattr("analysis.publishing.batch.plan.code_hash", lambda: "another")
    assert job_key(job, data) != before
