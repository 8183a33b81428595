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
LOOKS = (
    "publishing/views",
    "publishing/pages",
    "publishing/batch",
    "words.py",
    "cli.py",
)  # what no run's rows depend on
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
    """Hash what decides the rows of a run: the package but for its looks, reference and published data, the lock."""
    root = project.root()
    looks = [PACKAGE / part for part in LOOKS]
    code = [file for file in PACKAGE.rglob("*.py") if not any(file.is_relative_to(part) for part in looks)]
    reference = [file for file in (root / "data/reference").iterdir() if file.name != WORDS]
    return hash_files([*code, *reference, *(root / "data/published").glob("*"), root / "requirements.lock"])


@functools.cache
def look_hash() -> str:
    """Hash what decides how rows look: views, pages, templates, words and their translations."""
    files = [file for part in LOOKS[:2] for file in (PACKAGE / part).rglob("*") if file.suffix != ".pyc"]
    words = [PACKAGE / "words.py", *(project.root() / "data/reference" / name for name in (WORDS, "labels.yml"))]
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
