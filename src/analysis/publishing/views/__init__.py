"""Protected rows to figures, tables and sentences, one file a question."""

from analysis.publishing.views import (
    attainment,
    change,
    checks,
    forest,
    outlook,
    planner,
    published,
    registry,
    tables,
    trials,
    validation,
)
from analysis.publishing.views.plot import find_view, plot

__all__ = [
    "attainment",
    "change",
    "checks",
    "find_view",
    "forest",
    "outlook",
    "planner",
    "plot",
    "published",
    "registry",
    "tables",
    "trials",
    "validation",
]
