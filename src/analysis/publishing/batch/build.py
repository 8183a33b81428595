"""The batch: check everything, run what is stale, then make pages and the site from what the gate released."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis import project
from analysis.errors import PublishingError
from analysis.publishing.batch.parameters import read_cells, read_plan
from analysis.publishing.batch.plan import Job, data_hash, job_key
from analysis.publishing.batch.run import (
    EXECUTED,
    Outcome,
    obey_signals,
    read_receipt,
    run_folder,
    run_until_told,
    sweep,
)
from analysis.publishing.pages.page import build_page
from analysis.publishing.pages.site import build_site, write_text
from analysis.registry import load
from analysis.text import Text

PATIENCE = 10  # seconds that a worker has to end its kernel
SHOWN_VERSIONS = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "papermill")


def build(
    jobs: Sequence[Job],
    out: Path,
    *,
    plan: Sequence[Job] = (),
    workers: int = 2,
    force: bool = False,
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Run the stale jobs, then build every page and the index into `out/site`; gives the outcomes of what ran.

    `plan` holds all jobs of the plan where `jobs` are some of them: pages of the others stay, labelled where stale.
    A failed run leaves the page of its last good run in place, labelled on the index. Raises PublishingError where
    another build writes to `out`, RegistryError where the registry breaks its contract; nothing is touched then.
    """
    with only_writer(out):
        sweep(out)
        data = project.find(jobs[0].parameters["data"]).resolve()
        keys = {job: key_of(job) for job in map(_hashable, jobs)}
        stale = [job for job in keys if force or not is_fresh(job, keys[job], out)]
        for day in sorted({job.parameters["as_of"] for job in stale}):
            load(data, as_of=day)
        outcomes = list(_run_all(stale, keys, out, str(data), workers, tell))
        failures = {outcome.job.name: outcome.message for outcome in outcomes if outcome.message}
        others = {job: key_of(job) for job in map(_hashable, plan) if job not in keys and read_receipt(out, job)}
        publish(keys | others, out, failures)
    return outcomes


def _hashable(job: Job) -> Job:
    return job if isinstance(job.parameters, Frozen) else Job(**{**vars(job), "parameters": Frozen(job.parameters)})


class Frozen(dict):
    """Parameters of a job that serve in a key: nobody changes them."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted((key, repr(value)) for key, value in self.items())))


def key_of(job: Job) -> str:
    """Give the key of a job: it changes when anything that the run depends on changes."""
    return job_key(job, data_hash(str(project.find(job.parameters["data"]))))


def is_fresh(job: Job, key: str, out: Path) -> bool:
    """Say whether the last good run of a job still stands."""
    receipt = read_receipt(out, job)
    return receipt is not None and receipt.get("key") == key


def _run_all(stale, keys, out: Path, data: str, workers: int, tell) -> Iterator[Outcome]:
    if not stale:
        return
    stamp = code_stamp()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(stale)), mp_context=context, initializer=obey_signals) as pool:
        futures = {pool.submit(run_until_told, job, keys[job], out, data, stamp): job for job in stale}
        try:
            for future in as_completed(futures):
                outcome = _outcome_of(future, futures[future])
                if tell:
                    tell(outcome)
                yield outcome
        except BaseException:
            _stop_workers()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _outcome_of(future: Future, job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome(job, 0.0, Text("the process that ran it was killed", "tiến trình chạy nó đã bị dừng đột ngột"))


def _stop_workers() -> None:
    """Tell the workers to end their kernels and go; those that do not go are killed, and their kernels follow."""
    children = multiprocessing.active_children()
    for child in children:
        child.terminate()
    for child in children:
        child.join(PATIENCE)
    for child in children:
        child.kill()


def publish(keys: Mapping[Job, str], out: Path, failures: Mapping[str, Text]) -> None:
    """Build every page from the last good runs, and the index; pages of runs that left the plan are removed."""
    plan, site = read_plan(), out / "site"
    jobs = sorted(keys, key=lambda job: (job.order, job.lang))
    receipts = {(job.slug, job.lang): read_receipt(out, job) for job in jobs}
    standing = [job for job in jobs if receipts[job.slug, job.lang]]
    entries = []
    for job in jobs:
        receipt = receipts[job.slug, job.lang]
        entry = {"slug": job.slug, "lang": job.lang, "order": job.order, "group": plan["groups"][job.group][job.lang],
                 "title": page_title(job), "failed": job.name in failures, "stale": False, "html_path": "",
                 "reason": failures[job.name].say(job.lang) if job.name in failures else "", "as_of": job.parameters["as_of"]}  # fmt: skip
        if receipt:
            html = build_page(
                run_folder(out, job) / EXECUTED, {**receipt, "title": page_title(job)}, lang=job.lang,
                siblings=neighbours(job, standing), site_title=plan["site"]["title"][job.lang],
            )  # fmt: skip
            write_text(site / job.lang / f"{job.slug}.html", html)
            answer = receipt.get("answer") or {"html": "", "status": "info", "status_word": ""}
            entry |= {"html_path": f"{job.lang}/{job.slug}.html", "stale": receipt["key"] != keys[job], "as_of": receipt["as_of"],
                      "answer_html": answer["html"], "status": answer["status"], "status_word": answer["status_word"],
                      "synthetic": receipt["synthetic"], "parameters": receipt["parameters"]}  # fmt: skip
        entries.append(entry)
    build_site(entries, site, site=plan["site"])
    wanted = {f"{job.lang}/{job.slug}.html" for job in standing}
    for page in [*site.glob("vi/*.html"), *site.glob("en/*.html")]:
        if page.name != "index.html" and f"{page.parent.name}/{page.name}" not in wanted:
            page.unlink()


def neighbours(job: Job, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """List the links of a page: home, its twin in the other language, and the pages of its language."""
    home = "../index.html" if job.lang == "vi" else "index.html"
    links: list[dict[str, Any]] = [{"rel": "home", "href": home}]
    for one in jobs:
        if one.slug == job.slug and one.lang != job.lang:
            links.append({"rel": "other", "href": f"../{one.lang}/{one.slug}.html"})
        elif one.lang == job.lang:
            links.append(
                {"rel": "page", "href": f"{one.slug}.html", "title": page_title(one), "here": one.slug == job.slug}
            )
    return links


@functools.cache
def _titles(notebook: str) -> dict[str, str]:
    cells = read_cells(notebook)
    return {
        lang: next(cell.source.splitlines()[0].lstrip("# ") for cell in cells
                   if cell.kind == "markdown" and lang in cell.tags)
        for lang in ("vi", "en")
    }  # fmt: skip


def page_title(job: Job) -> str:
    """Give the page's title: the one that plan.yml has for its run, else the notebook's first line."""
    titles = read_plan()["runs"].get(job.run, {}).get("titles", {})
    named = next((titles[str(value)] for value in job.parameters.values() if str(value) in titles), None)
    return named[job.lang] if named else _titles(job.notebook)[job.lang]


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


@contextlib.contextmanager
def only_writer(out: Path) -> Iterator[None]:
    """Hold the output folder alone; the lock dies with the process."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as handle:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            error = PublishingError(
                en=f"Another build is writing to {out.name}/. Wait for it to end, or give another --out.",
                vi=f"Một lượt dựng khác đang ghi vào {out.name}/. Hãy đợi, hoặc chọn --out khác.",
            )
            error.exit_code = 3
            raise error from None
        yield
