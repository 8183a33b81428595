"""What was read of a registry, before it is typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.registry.contract import TABLES
from analysis.registry.findings import ERROR, Finding, found
from analysis.words import Message


@dataclass
class Source:
    """What was read: raw tables (index = row numbers of the source), registry.yml's content, faults, fingerprint."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def absent(self) -> frozenset[str]:
        """Name the tables that were not given."""
        return frozenset(TABLES.keys() - self.tables.keys())

    def fault(self, table: str, rule: str, what: Message, fix: Message, **where: Any) -> None:
        """Note an error of the source."""
        self.findings.append(found(ERROR, table, rule, what, fix, **where))
