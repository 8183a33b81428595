"""The page of the public functions says what the code does today."""

from __future__ import annotations

from analysis import project, targets
from analysis.publishing.pages.api import ROOMS, find_public, sign, write_api

PAGE = project.root() / "docs" / "API.md"


def test_the_page_is_in_step_with_the_code():
    """Protects: docs/API.md is what the docstrings give; `make api` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == write_api()


def test_every_public_name_has_a_section():
    """Protects: nothing that a package offers is missing from the page, methods of its classes too."""
    text = PAGE.read_text(encoding="utf-8")
    names = [name for room in ROOMS for name, _ in find_public(room)]
    assert {"careers.build_spells", "sensitivity.partial_r2", "Estimate.export", "registry.Registry.has"} <= set(names)
    assert [name for name in names if f"\n### {name}\n" not in text] == []


def test_signatures_are_read_as_they_are_written():
    """Protects: no quotes around types, and records and named tuples look like functions."""
    assert sign(targets.is_final) == "(on: Day, target: str | None = None) -> bool"
    assert sign(targets.Limits).startswith("(capacity: int | None = None, per_unit: int | None = None")
