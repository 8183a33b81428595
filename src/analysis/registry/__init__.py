"""What is known about people: the contract, its sources, and the registry as known on a date."""

from analysis.registry.contract import TABLES
from analysis.registry.describe import (
    count_courses,
    count_people,
    count_tables,
    describe_columns,
    read_truth,
)
from analysis.registry.findings import Finding, list_findings
from analysis.registry.readiness import assess_readiness, measure_coverage
from analysis.registry.series import measure_volatility
from analysis.registry.store import Registry, check, load, save

__all__ = [
    "TABLES",
    "Finding",
    "Registry",
    "assess_readiness",
    "check",
    "count_courses",
    "count_people",
    "count_tables",
    "describe_columns",
    "list_findings",
    "load",
    "measure_coverage",
    "measure_volatility",
    "read_truth",
    "save",
]
