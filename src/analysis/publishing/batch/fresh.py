"""What a run and a page depend on, as hashes: a run on code, data and rows it reads, a page on words and looks too."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis import project
from analysis.publishing.batch.parameters import read_cells
from analysis.publishing.batch.plan import Job
from analysis.registry.sources.folder import source_files

PACKAGE = Path(__file__).resolve().parents[2]
APART = ("publishing/pages", "publishing/batch", "cli.py")  # what no run's rows depend on
LOOKS = ("publishing/views", "publishing/drawing", "publishing/pages", "publishing/batch/draw.py", "words.py")
WORDS = "words.yml"


def hash_files(files: Iterable[Path]) -> str:
    """Hash files by name and bytes."""
    total = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@functools.cache
def code_hash() -> str:
    """Hash what decides the rows of a run: package, reference and published data, the lock.

    Views are of it, for they say which rows leave and which of their counts are of people, and so are `words.py`, which
    packs messages, and the kernel's settings in `run.py`; pages, templates and translations are not.
    """
    root = project.root()
    apart = [PACKAGE / part for part in APART]
    code = [file for file in PACKAGE.rglob("*.py") if not any(file.is_relative_to(part) for part in apart)]
    code.append(PACKAGE / "publishing/batch/run.py")
    reference = [file for file in (root / "data/reference").iterdir() if file.name != WORDS]
    return hash_files([*code, *reference, *(root / "data/published").glob("*"), root / "requirements.lock"])


@functools.cache
def look_hash() -> str:
    """Hash what decides how rows look: views, pages, templates, what draws them, words and their translations."""
    parts = [PACKAGE / part for part in LOOKS]
    files = [file for part in parts for file in (part, *part.rglob("*")) if file.suffix != ".pyc"]
    words = [project.root() / "data/reference" / name for name in (WORDS, "labels.yml")]
    return hash_files([*files, *words, *(PACKAGE.parents[1] / "locale").glob("*.po")])


@functools.cache
def data_hash(path: str) -> str:
    """Hash a registry's files: bytes, and the synthetic truth that a page may show beside them."""
    place = project.find(path)
    return hash_files([*source_files(place), place / "truth.yml"])


def job_key(job: Job, read: Mapping[str, Path]) -> str:
    """Hash all that the rows of a job depend on; `read` are the files of rows that it reads, by run."""
    code = [cell.source for cell in read_cells(job.notebook) if cell.kind == "code"]
    settings = {key: value for key, value in job.parameters.items() if key != "data"}
    rows = {run: hash_files([file]) for run, file in read.items()}
    return _hash(code, settings, rows, data_hash(str(job.parameters["data"])), code_hash(), platform.python_version())


def page_key(*place: Any, files: Iterable[Path] = ()) -> str:
    """Hash what a page depends on: what the run left and the notebook's words (`files`), looks, and where it stands."""
    return _hash([hash_files([file]) for file in files], look_hash(), *place)
