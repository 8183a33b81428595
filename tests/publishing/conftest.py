"""A small project of its own for a test."""

from __future__ import annotations

import pytest
from small_project import forget, make_project


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Nothing of the project is remembered afterwards."""
    make_project(tmp_path, {"try": {}})
    monkeypatch.setenv("ANALYSIS_ROOT", str(tmp_path))
    forget()
    yield tmp_path
    forget()
