"""What a build tells of runs that it did not make, and what the home page takes from a run's record."""

from __future__ import annotations

import json

from made_pages import SITE, make_record, payload
from small_project import forget, refused, write_plan

from analysis.publishing.batch import build as batch
from analysis.publishing.batch.draw import draw_home
from analysis.publishing.batch.plan import list_jobs
from analysis.publishing.batch.run import Outcome
from analysis.words import Message


def build(root, monkeypatch, *only, fail=()):
    """Build some runs, of which those to `fail` do; gives the home page."""
    monkeypatch.setattr(batch, "run_stale", lambda jobs, *_, **__: [
        Outcome(job, 0.0, Message("run {slug} broke", slug=job.slug) if job.slug in fail else None) for job in jobs
    ])  # fmt: skip
    batch.build(list_jobs(only=only), root / "reports", plan=list_jobs())
    return (root / "reports/site/en/index.html").read_text(encoding="utf-8")


def test_a_partial_build_remembers_the_failures_of_runs_that_it_did_not_touch(small, monkeypatch):
    """Building one page does not make another's failed run unheard of; asking for that run again does."""
    write_plan(small, {"one": {}, "two": {}, "three": {}})
    forget()
    assert "run two broke" in build(small, monkeypatch, fail=["two"])
    home = build(small, monkeypatch, "one", fail=["one"])
    assert "run one broke" in home and "run two broke" in home
    assert "run two broke" in build(small, monkeypatch, "three")
    home = build(small, monkeypatch, "two")
    assert "run two broke" not in home and "run one broke" in home


def test_the_home_page_draws_no_picture_that_the_gate_did_not_seal(tmp_path):
    """A figure changed after its release, or never released, is refused on the home page as on its own."""
    lead, made, home = (
        payload("attainment.bullets", "where", lead=True),
        tmp_path / "page.json",
        tmp_path / "index.html",
    )
    record = {**make_record([lead]), "outputs": {"cell": [lead]}}
    made.write_text(json.dumps(record), encoding="utf-8")
    draw_home([], "en", SITE, home, made)
    assert 'id="where"' in home.read_text(encoding="utf-8")
    for changed in ({"outputs": {"cell": [{**lead, "choices": {"x": 1}}]}}, {"released": []}):
        made.write_text(json.dumps({**record, **changed}), encoding="utf-8")
        assert "release record" in refused(draw_home, [], "en", SITE, home, made).say("en")


def test_a_home_page_without_a_picture_stands(tmp_path):
    """Where the run of the picture was never made the home page has none."""
    draw_home([], "en", SITE, tmp_path / "index.html", tmp_path / "none.json")
    assert "<figure" not in (tmp_path / "index.html").read_text(encoding="utf-8")
