"""The batch: check everything, run what is stale, then draw the pages and the site from what the gate released."""

from __future__ import annotations

import functools
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis import project
from analysis.publishing.batch.files import only_writer, read_json, write_text
from analysis.publishing.batch.fresh import page_key
from analysis.publishing.batch.parameters import notebook_path, read_cells, read_plan
from analysis.publishing.batch.plan import Job
from analysis.publishing.batch.run import Outcome, obey_signals, read_record, run_folder, sweep
from analysis.publishing.batch.schedule import is_fresh, run_stale
from analysis.publishing.gate.payload import PAGE
from analysis.publishing.pages.prose import SOURCE, check_prose, place_of, read_prose
from analysis.registry import load
from analysis.words import Message, pack, unpack

SHOWN_VERSIONS = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "papermill")
STATE, FAILURES = "pages.json", "failures"
HOMES = {"vi": "index.html", "en": "en/index.html"}


def build(
    jobs: Sequence[Job],
    out: Path,
    *,
    plan: Sequence[Job] = (),
    workers: int = 2,
    force: bool = False,
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run the stale jobs, then draw the changed pages and the index into `out/site`; gives the outcomes of what ran.

    `plan` holds all jobs of the plan where `jobs` are some of them: pages of the others stay, labelled where stale.
    A failed run leaves the page of its last good run in place, labelled on the index, where it stays told until the run
    is asked for again. Raises PublishingError where
    another build writes to `out` or a translation did not follow, RegistryError where the registry breaks its contract;
    nothing is touched then.
    """
    with only_writer(out):
        sweep(out)
        check_translations({job.notebook for job in jobs})
        data = str(project.find(jobs[0].parameters["data"]).resolve())
        stale = [job for job in jobs if force or not is_fresh(job, out)]
        for day in sorted({job.parameters["as_of"] for job in stale}):
            load(data, as_of=day)
        outcomes = []
        if stale:
            for outcome in run_stale(jobs, out, data, code_stamp(), workers=workers, force=force):
                outcomes.append(outcome)
                if tell:
                    tell(outcome)
        named = {job.slug for job in jobs}
        told = unpack(read_json(out / STATE).get(FAILURES, []))
        failures = {slug: message for slug, message in told if slug not in named}
        failures |= {outcome.job.slug: outcome.message for outcome in outcomes if outcome.message}
        others = [job for job in plan if job.slug not in named and (job.slug in failures or read_record(out, job.slug))]
        publish([*jobs, *others], out, failures, workers)
    return outcomes


def check_translations(notebooks: set[str]) -> None:
    """Refuse notebooks whose prose has no translation of its present words, before anything runs."""
    for lang in read_plan()["site"]["languages"]:
        for notebook in sorted(notebooks) if lang != SOURCE else ():
            check_prose(
                notebook, [(cell.id, cell.source) for cell in read_cells(notebook) if cell.kind == "markdown"], lang
            )


def publish(jobs: Sequence[Job], out: Path, failures: Mapping[str, Message], workers: int) -> None:
    """Draw the pages whose runs or words changed, then the index; pages of runs that left the plan are removed."""
    site, before = read_plan()["site"], read_json(out / STATE)
    jobs = sorted(jobs, key=lambda job: job.order)
    records = {job.slug: read_record(out, job.slug) for job in jobs}
    drawn = draw_changed([job for job in jobs if records[job.slug]], out, workers, before)
    picture = run_folder(out, site.get("picture", "")) / PAGE
    for lang in site["languages"]:
        home = HOMES[lang]
        cards = [_card(job, lang, records[job.slug], failures.get(job.slug), drawn, out) for job in jobs]
        key = page_key(cards, site, files=[picture])
        if not _stands(home, key, out, before):
            _drawing().draw_home(cards, lang, site, out / "site" / home, picture)
        drawn[home] = {"key": key}
    told = [[job.slug, pack(failures[job.slug])] for job in jobs if job.slug in failures]
    write_text(out / STATE, json.dumps({**drawn, FAILURES: told}, ensure_ascii=False))
    for page in [page for lang in HOMES for page in (out / "site" / lang).glob("*.html")]:
        if f"{page.parent.name}/{page.name}" not in drawn:
            page.unlink()


def _card(
    job: Job, lang: str, record: Mapping[str, Any], failure: Message | None, drawn: Mapping[str, dict], out: Path
) -> dict[str, Any]:
    """Say of a page what its card on the home page says."""
    return {
        "slug": job.slug,
        "lang": lang,
        "title": page_title(job, lang),
        "group": read_plan()["groups"][job.group][lang],
        "order": job.order,
        "stands": bool(record),
        "stale": bool(record) and not is_fresh(job, out),
        "failed": failure is not None,
        "reason": failure.say(lang) if failure else "",
        "as_of": record.get("as_of", job.parameters["as_of"]),
        "synthetic": record.get("synthetic", False),
        "answer": drawn.get(f"{lang}/{job.slug}.html", {}).get("answer") or {},
    }


def draw_changed(jobs: Sequence[Job], out: Path, workers: int, before: Mapping[str, dict]) -> dict[str, dict]:
    """Draw the pages that are not as last drawn, and remember what they depended on; gives all pages by place."""
    now, changed = {}, {}
    for job, lang in itertools.product(jobs, read_plan()["site"]["languages"]):
        name, place, made = f"{lang}/{job.slug}.html", place_on_site(job, jobs, lang), run_folder(out, job.slug) / PAGE
        key = page_key(place, files=[made, notebook_path(job.notebook), place_of(job.notebook, lang)])
        now[name] = {"key": key, "answer": before.get(name, {}).get("answer")}
        if not _stands(name, key, out, before):
            changed[name] = (job.notebook, made, out / "site" / name, lang, place)
    for name, answer in zip(changed, _draw_all([*changed.values()], workers), strict=True):
        now[name]["answer"] = answer
    return now


def _stands(name: str, key: str, out: Path, before: Mapping[str, dict]) -> bool:
    """Say whether a page of the site was drawn from what it would be drawn from now."""
    return before.get(name, {}).get("key") == key and (out / "site" / name).is_file()


def _draw_all(asked: list[tuple], workers: int) -> list[dict[str, str]]:
    """Draw pages, in processes of their own where there are several."""
    if not asked:
        return []
    draw_page = _drawing().draw_page
    if len(asked) == 1:
        return [draw_page(*asked[0])]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(asked)), mp_context=context, initializer=obey_signals) as pool:
        return list(pool.map(draw_page, *zip(*asked, strict=True)))


def _drawing() -> Any:
    """Load what draws pages only where one is drawn: matplotlib and nbconvert take seconds."""
    return import_module("analysis.publishing.batch.draw")


def place_on_site(job: Job, jobs: Sequence[Job], lang: str) -> dict[str, Any]:
    """Say where a page stands: its title, home, its twin in the other language, and the pages of its language."""
    site = read_plan()["site"]
    twin = next((one for one in site["languages"] if one != lang), "")
    return {
        "slug": job.slug,
        "title": page_title(job, lang),
        "site_title": site["title"][lang],
        "home": os.path.relpath(HOMES[lang], lang),
        "other": f"../{twin}/{job.slug}.html" * bool(twin),
        "siblings": [
            {"href": f"{one.slug}.html", "title": page_title(one, lang)} for one in jobs if one.slug != job.slug
        ],
    }


@functools.cache
def _titles(notebook: str, lang: str) -> str:
    cell = next(cell for cell in read_cells(notebook) if cell.kind == "markdown")
    words = cell.source if lang == SOURCE else read_prose(place_of(notebook, lang))[cell.id][1]
    return words.splitlines()[0].lstrip("# ")


def page_title(job: Job, lang: str) -> str:
    """Give the page's title: the one that plan.yml has for its run, else the notebook's first line."""
    titles = read_plan()["runs"].get(job.run, {}).get("titles", {})
    named = next((titles[str(value)] for value in job.parameters.values() if str(value) in titles), None)
    return named[lang] if named else _titles(job.notebook, lang)


@functools.cache
def code_stamp() -> dict[str, Any]:
    """Say which code made a page: commit, whether the tree was changed since, versions."""

    def git(*words: str) -> str:
        try:
            done = subprocess.run(["git", *words], cwd=project.root(), capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    versions = {"python": ".".join(map(str, sys.version_info[:3]))} | {name: version(name) for name in SHOWN_VERSIONS}
    return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain")), "versions": versions}
