"""A run's key changes with all that its rows depend on, a page's with its words too, and neither with anything else."""

from __future__ import annotations

import dataclasses
import shutil

import nbformat
import pytest
from nbformat.v4 import new_output
from small_project import PARAMETERS, forget, make_notebook

from analysis.publishing.batch import fresh
from analysis.publishing.batch.fresh import job_key, page_key
from analysis.publishing.batch.plan import list_jobs


def key():
    forget()
    job = list_jobs()[0]
    return job_key(job, {})


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


def edit_default(root):
    nbformat.write(
        make_notebook(PARAMETERS.replace('then: str = "none"', 'then: str = "x"')), root / "notebooks/90_try.ipynb"
    )


def append(name):
    def edit(root):
        with (root / name).open("a", encoding="utf-8") as file:
            file.write("\n")

    return edit


def edit_words(root):
    """Prose, words and titles: what a page says of rows that stay as they are."""
    edit_prose(root)
    append("data/reference/words.yml")(root)
    append("plan.yml")(root)


EDITS = {
    "source": edit_source, "default": edit_default, "data": append("data/tiny/people.csv"), "truth": append("data/tiny/truth.yml"),
    "rules": append("data/reference/rules.yml"), "lock": append("requirements.lock"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_key_of_a_run_changes_with_all_that_its_rows_depend_on(small, edit):
    """Code, parameters, data, truth, rules and lock: each makes a run stale."""
    before = key()
    edit(small)
    assert key() != before


def test_words_make_no_run_stale_but_every_page(small):
    """A change of prose, of a word or of the plan's titles starts no kernel; the pages are drawn anew."""
    before, look = key(), page_key(files=[small / "notebooks/90_try.ipynb"])
    edit_words(small)
    assert key() == before
    assert page_key(files=[small / "notebooks/90_try.ipynb"]) != look


def test_the_key_changes_with_the_rows_that_are_read(small, tmp_path):
    """A run whose source was made anew is stale, and one whose source came out the same is not."""
    forget()
    job, rows = list_jobs()[0], small / "rows.parquet"
    rows.write_bytes(b"1")
    before = job_key(job, {"first": rows})
    rows.write_bytes(b"1")
    assert job_key(job, {"first": rows}) == before
    rows.write_bytes(b"2")
    assert job_key(job, {"first": rows}) != before


def test_the_key_changes_with_code_and_with_parameters_but_not_with_where_data_lie(small, monkeypatch):
    """Another version of the package is another result; the same data in another folder are not."""
    before, job = key(), list_jobs()[0]
    shutil.copytree(small / "data/tiny", small / "elsewhere")
    other = dataclasses.replace(job, parameters={**job.parameters, "data": "elsewhere"})
    assert job_key(other, {}) == before
    changed = dataclasses.replace(job, parameters={**job.parameters, "fault": "x"})
    assert job_key(changed, {}) != before
    monkeypatch.setattr("analysis.publishing.batch.fresh.code_hash", lambda: "another")
    assert job_key(job, {}) != before


@pytest.fixture
def package(small, monkeypatch):
    """A copy of the package whose files may be changed."""
    copy = small / "src/analysis"
    shutil.copytree(fresh.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fresh, "PACKAGE", copy)
    return copy


DECIDES = [
    "views/attainment.py",
    "views/registry.py",
    "gate/payload.py",
    "batch/run.py",
    "../words.py",
    "../estimate.py",
]
SHOWS = ["drawing/tables.py", "pages/site.py", "pages/template/page.html.j2", "batch/draw.py", "../words.py"]


@pytest.mark.parametrize("part", DECIDES)
def test_a_run_is_made_again_when_code_changes_that_decides_which_rows_leave(package, part):
    """A view says which rows leave and which of its counts are of people: a stricter one must not find an old run fresh."""
    before = key()
    append(part)(package / "publishing")
    assert key() != before


@pytest.mark.parametrize("part", SHOWS)
def test_a_page_is_drawn_again_when_code_changes_that_shows_rows(package, part):
    """What draws is part of a page: no page stays as an earlier version of it would have drawn it."""
    before = page_key()
    append(part)(package / "publishing")
    forget()
    assert page_key() != before


@pytest.mark.parametrize("part", ["pages/site.py", "pages/template/page.html.j2", "batch/draw.py", "batch/plan.py"])
def test_pages_and_plans_make_no_run_stale(package, part):
    """A change of a template starts no kernel."""
    before = key()
    append(part)(package / "publishing")
    assert key() == before
