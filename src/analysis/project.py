"""Where the project is: its root, its reference data, and paths given relative to either."""

from __future__ import annotations

import csv
import functools
import os
from pathlib import Path
from typing import Any

import yaml

MARKS = ("plan.yml", "data/reference")


class NoProjectError(Exception):
    """There is no project here; said in both languages, since the reader's is not known before the project is."""

    def __str__(self) -> str:
        return (
            "The project was not found: no folder from here upwards holds plan.yml and data/reference. "
            "Run from the project's folder, or set ANALYSIS_ROOT to it.\n"
            "Không tìm thấy dự án: không thư mục nào từ đây trở lên có plan.yml và data/reference. "
            "Hãy chạy trong thư mục dự án, hoặc đặt ANALYSIS_ROOT."
        )


@functools.cache
def root() -> Path:
    """Folder of the project: ANALYSIS_ROOT, the working folder or one above it, or the checkout of this package."""
    asked = os.environ.get("ANALYSIS_ROOT")
    here = Path.cwd()
    places = [Path(asked)] if asked else [here, *here.parents, Path(__file__).resolve().parents[2]]
    for place in places:
        if all((place / mark).exists() for mark in MARKS):
            return place.resolve()
    raise NoProjectError


def find(path: str | Path) -> Path:
    """Resolve a path: as given, from the working folder, else from the project's root (it need not exist)."""
    path = Path(path).expanduser()
    if path.is_absolute() or path.exists():
        return path
    return root() / path


@functools.cache
def reference(name: str) -> Any:
    """Read one file of `data/reference`: YAML, or of a CSV file its rows by `code`."""
    text = (root() / "data" / "reference" / name).read_text(encoding="utf-8")
    if name.endswith(".csv"):
        return {row["code"]: row for row in csv.DictReader(text.splitlines())}
    return yaml.safe_load(text)
