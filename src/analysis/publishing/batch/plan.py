"""plan.yml -> jobs, typed and checked, in the order in which they can be run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from analysis.errors import PublishingError, check_options
from analysis.publishing.batch.parameters import declared, fill_parameters, from_text, notebook_path, read_plan

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")
SHOWN = ("picture", "claim")  # what the home page takes from a run
KEYS = {"notebook", "group", "parameters", "each", "titles", "reads"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One notebook with one set of parameters.

    `run` is its entry in the plan, `slug` names its page, `order` its place on the site, `reads` the slugs of the runs
    whose released rows it reads.
    """

    run: str
    slug: str
    notebook: str
    group: str
    order: int
    parameters: Mapping[str, Any]
    reads: tuple[str, ...] = ()


def list_jobs(
    *, data: str | None = None, only: Sequence[str] = (), changes: Mapping[str, str] | None = None
) -> list[Job]:
    """Expand plan.yml into jobs, every parameter checked before anything runs, each after those whose rows it reads.

    `only` keeps runs by name or slug, and what they read; `changes` sets parameters (text from the command line) in
    every run that has them. Raises PublishingError for what the plan, its site or the notebooks do not know.
    """
    plan = read_plan()
    made: list[Job] = []
    for run, entry in plan["runs"].items():
        _check_entry(run, entry, plan["groups"])
        notebook, grid = entry["notebook"], entry.get("each", {})
        told = {
            key: from_text(notebook, key, text) for key, text in (changes or {}).items() if key in declared(notebook)
        }
        for values in itertools.product(*grid.values()):
            given = {**entry.get("parameters", {}), **dict(zip(grid, values, strict=True))}
            job = Job(
                run=run,
                slug="-".join([run, *(str(value).lower() for value in values)]),
                notebook=notebook,
                group=entry["group"],
                order=len(made) + 1,
                parameters=fill_parameters(notebook, {**given, "data": str(data or plan["data"]), **told}),
                reads=tuple(entry.get("reads", ())),
            )
            made.append(job)
    _refuse_unknown(only, changes or {}, made)
    slugs = [job.slug for job in made]
    wrong = sorted({slug for slug in slugs if not SLUG.fullmatch(slug) or slugs.count(slug) > 1})
    if wrong or not slugs:
        raise PublishingError(
            "plan.yml needs runs, and page names that differ and hold only a-z, 0-9, - and _; wrong: {wrong}.",
            wrong=wrong,
        )
    check_options(
        PublishingError, **{f"plan.yml, site.{key}": (plan["site"].get(key, slugs[0]), slugs) for key in SHOWN}
    )
    jobs = dict(zip(slugs, made, strict=True))
    order = _in_order(jobs)
    wanted = {slug for slug, job in jobs.items() if not only or job.run in only or slug in only}
    for slug in reversed(order):
        if slug in wanted:
            wanted |= set(jobs[slug].reads)
    return [jobs[slug] for slug in order if slug in wanted]


def _in_order(jobs: Mapping[str, Job]) -> list[str]:
    """Order slugs so that each comes after what it reads, as near to the plan's order as that allows."""
    for slug, job in jobs.items():
        strange = [one for one in job.reads if one not in jobs or one == slug]
        if strange:
            raise PublishingError(
                "plan.yml, run {slug!r} reads {strange}, which is no other run; the runs are {known}.",
                slug=slug,
                strange=", ".join(strange),
                known=", ".join(jobs),
            )
    try:
        return list(TopologicalSorter({slug: job.reads for slug, job in jobs.items()}).static_order())
    except CycleError as circle:
        raise PublishingError(
            "plan.yml: these runs read each other in a circle: {circle}.", circle=" → ".join(circle.args[1])
        ) from None


def _check_entry(run: str, entry: Any, groups: Mapping[str, Any]) -> None:
    entry = entry if isinstance(entry, Mapping) else {}
    unknown = sorted(set(entry) - KEYS)
    if unknown or "notebook" not in entry or entry.get("group") not in groups:
        raise PublishingError(
            "plan.yml, run {run!r}: needs a notebook and a group of {groups}; unknown keys: {unknown}.",
            run=run,
            groups=list(groups),
            unknown=unknown,
        )
    notebook_path(entry["notebook"])


def _refuse_unknown(only: Sequence[str], changes: Mapping[str, str], jobs: Sequence[Job]) -> None:
    slugs, runs = ({getattr(job, name) for job in jobs} for name in ("slug", "run"))
    strange = [name for name in only if name not in slugs | runs]
    if strange:
        raise PublishingError(
            "plan.yml has no run {strange}; the runs are {slugs}.",
            strange=", ".join(strange),
            slugs=", ".join(sorted(slugs)),
        )
    known = {key for job in jobs for key in job.parameters}
    strange = [name for name in changes if name not in known]
    if strange:
        raise PublishingError(
            "No notebook of the plan has the parameter {strange}; there are {known}.",
            strange=", ".join(strange),
            known=", ".join(sorted(known)),
        )
