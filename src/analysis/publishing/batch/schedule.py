"""Runs in an order in which each finds the rows it reads: what is ready runs, what needs a failed run is not built."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from analysis.publishing.batch.fresh import job_key
from analysis.publishing.batch.plan import Job
from analysis.publishing.batch.run import Outcome, obey_signals, read_record, run_folder, run_until_told
from analysis.publishing.gate.payload import ROWS
from analysis.words import Message

PATIENCE = 10  # seconds that a worker has to end its kernel


def key_of(job: Job, out: Path) -> str:
    """Give the key of a job as what it reads stands now: it changes when anything that its rows depend on changes."""
    return job_key(job, {run: run_folder(out, run) / ROWS for run in job.reads})


def is_fresh(job: Job, out: Path) -> bool:
    """Say whether the last good run of a job still stands."""
    record = read_record(out, job.slug)
    return bool(record) and record["key"] == key_of(job, out)


def run_stale(
    jobs: Sequence[Job], out: Path, data: str, stamp: dict[str, Any], *, workers: int, force: bool
) -> Iterator[Outcome]:
    """Run the stale jobs, each after those that it reads; `jobs` are in such an order. Fresh ones give no outcome."""
    waiting, failed = list(jobs), set[str]()
    running: dict[Future[Outcome], Job] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=obey_signals) as pool:
        try:
            while waiting or running:
                unready = {one.slug for one in [*waiting, *running.values()]}
                for job in [one for one in waiting if not unready & set(one.reads)]:
                    waiting.remove(job)
                    lost = [run for run in job.reads if run in failed]
                    if lost:
                        failed.add(job.slug)
                        yield Outcome(job, 0.0, Message("not built: needs {runs}", runs=", ".join(lost)))
                    elif force or not is_fresh(job, out):
                        running[pool.submit(run_until_told, job, key_of(job, out), out, data, stamp)] = job
                if not running:
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    outcome = _outcome_of(future, running.pop(future))
                    failed |= {outcome.job.slug} if outcome.message else set()
                    yield outcome
        except BaseException:
            _stop_workers()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _outcome_of(future: Future[Outcome], job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome(job, 0.0, Message("the process that ran it was killed"))


def _stop_workers() -> None:
    """Tell the workers to end their kernels and go; those that do not go are killed, and their kernels follow."""
    children = multiprocessing.active_children()
    for child in children:
        child.terminate()
    for child in children:
        child.join(PATIENCE)
    for child in children:
        child.kill()
