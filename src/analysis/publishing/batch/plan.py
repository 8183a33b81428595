"""plan.yml -> jobs, typed and checked; and the key that says whether a job has to run again."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import project
from analysis.errors import PublishingError
from analysis.publishing.batch.parameters import (
    declared,
    fill_parameters,
    from_text,
    notebook_path,
    read_cells,
    read_plan,
)
from analysis.registry.sources.folder import source_files

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One notebook with one set of parameters: `run` is its entry in the plan, `slug` names its page, `order` its place on the site."""

    run: str
    slug: str
    notebook: str
    lang: str
    group: str
    order: int
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name the job with its language, as messages do."""
        return f"{self.slug} ({self.lang})"


def list_jobs(
    *,
    data: str | None = None,
    only: Sequence[str] = (),
    languages: Sequence[str] = (),
    changes: Mapping[str, str] | None = None,
) -> list[Job]:
    """Expand plan.yml into jobs, every parameter checked before anything runs.

    `only` keeps runs by name or slug, `changes` sets parameters (text from the command line) in every run that has
    them. Raises PublishingError for what the plan or the notebooks do not know.
    """
    plan = read_plan()
    data = data or plan["data"]
    languages = list(languages) or plan["site"]["languages"]
    jobs, order = [], 0
    for run, entry in plan["runs"].items():
        _check_entry(run, entry, plan)
        for values in _each(entry.get("each", {})):
            order += 1
            slug = _slug(run, values)
            if only and run not in only and slug not in only:
                continue
            given = {
                **entry.get("parameters", {}),
                **values,
                "data": str(data),
                **_changed(entry["notebook"], changes or {}),
            }
            for lang in languages:
                parameters = fill_parameters(entry["notebook"], {**given, "lang": lang})
                jobs.append(
                    Job(
                        run=run,
                        slug=slug,
                        notebook=entry["notebook"],
                        lang=lang,
                        group=entry["group"],
                        order=order,
                        parameters=parameters,
                    )
                )
    _refuse_unknown(only, changes or {}, plan)
    _refuse_twins(plan)
    return jobs


def _each(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _slug(run: str, values: Mapping[str, Any]) -> str:
    return "-".join([run, *(str(value).lower() for value in values.values())])


def _slugs(plan: Mapping[str, Any]) -> list[str]:
    return [_slug(run, values) for run, entry in plan["runs"].items() for values in _each(entry.get("each", {}))]


def _refuse_twins(plan: Mapping[str, Any]) -> None:
    """Refuse page names that are no plain file names, or that two runs share."""
    slugs = _slugs(plan)
    wrong = sorted({slug for slug in slugs if not SLUG.fullmatch(slug) or slugs.count(slug) > 1})
    if wrong or not slugs:
        raise PublishingError(
            en=f"plan.yml needs runs, and page names that differ and hold only a-z, 0-9, - and _; wrong: {wrong}.",
            vi=f"plan.yml cần có lượt chạy, tên trang phải khác nhau và chỉ gồm a-z, 0-9, - và _; sai: {wrong}.",
        )


def _changed(notebook: str, changes: Mapping[str, str]) -> dict[str, Any]:
    return {key: from_text(notebook, key, text) for key, text in changes.items() if key in declared(notebook)}


def _check_entry(run: str, entry: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    entry = entry if isinstance(entry, Mapping) else {}
    unknown = sorted(set(entry) - {"notebook", "group", "parameters", "each", "titles"})
    if unknown or "notebook" not in entry or entry.get("group") not in plan["groups"]:
        raise PublishingError(
            en=f"plan.yml, run {run!r}: needs a notebook and a group of {list(plan['groups'])}; unknown keys: {unknown}.",
            vi=f"plan.yml, lượt {run!r}: cần notebook và nhóm thuộc {list(plan['groups'])}; khóa lạ: {unknown}.",
        )
    notebook_path(entry["notebook"])


def _refuse_unknown(only: Sequence[str], changes: Mapping[str, str], plan: Mapping[str, Any]) -> None:
    slugs = _slugs(plan)
    strange = [name for name in only if name not in {*slugs, *plan["runs"]}]
    if strange:
        raise PublishingError(
            en=f"plan.yml has no run {', '.join(strange)}; the runs are {', '.join(sorted(slugs))}.",
            vi=f"plan.yml không có lượt {', '.join(strange)}; các lượt là {', '.join(sorted(slugs))}.",
        )
    known = {key for entry in plan["runs"].values() for key in declared(entry["notebook"])}
    strange = [name for name in changes if name not in known]
    if strange:
        raise PublishingError(
            en=f"No notebook of the plan has the parameter {', '.join(strange)}; there are {', '.join(sorted(known))}.",
            vi=f"Không notebook nào có tham số {', '.join(strange)}; các tham số là {', '.join(sorted(known))}.",
        )


def job_key(job: Job, data_hash: str) -> str:
    """Hash all that a run depends on: notebook, parameters, data, package, reference data, lock, Python."""
    cells = read_cells(job.notebook)
    settings = {key: value for key, value in job.parameters.items() if key != "data"}
    parts = [cells, settings, data_hash, code_hash(), platform.python_version()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@functools.cache
def code_hash() -> str:
    """Hash the package's code, the reference and published data, the plan's rules and the lock."""
    root, package = project.root(), Path(__file__).resolve().parents[2]
    files = [
        *package.rglob("*.py"),
        *(root / "data/reference").iterdir(),
        *(root / "data/published").glob("*"),
        root / "requirements.lock",
        root / "plan.yml",
    ]
    total = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


@functools.cache
def data_hash(path: str) -> str:
    """Hash a registry's files: bytes, and the synthetic truth that a page may show beside them."""
    place = project.find(path)
    total = hashlib.sha256()
    for file in [*source_files(place), *([place / "truth.yml"] if (place / "truth.yml").is_file() else [])]:
        with file.open("rb") as stream:
            total.update(file.name.encode() + hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()
