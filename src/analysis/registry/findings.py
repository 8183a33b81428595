"""A fault in the input: where it is, which rule it breaks, what was seen, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.errors import RegistryError
from analysis.words import Message

SHOWN = 5
ERROR, WARNING = "error", "warning"
LONG_NUMBER = re.compile(r"\d{3}")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One `rule` broken in one `column` of one `table` of a `file`, with the rows that break it.

    `severity` is `error` or `warning`; `what` is wrong and its `fix` are messages; `count` is of the rows, and `rows`
    are their first few numbers in the source (line of a CSV, row of a sheet, row of a Parquet file);
    `seen` never holds an identifier or a name.

    >>> finding = registry.check(folder / "province")[0]
    >>> finding.severity, finding.table, finding.rule
    ('warning', 'qualifications', 'unverified')
    """

    severity: str
    table: str
    rule: str
    what: Message
    fix: Message
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0
    seen: str = ""
    file: str = ""

    def line(self) -> Message:
        """Say the finding in one line.

        >>> registry.check(folder / "province")[0].line().say("en").split(":")[0]
        '[warning] qualifications.parquet · qualifications · verified'
        """
        numbers = ", ".join(map(str, self.rows)) + (", …" if self.count > len(self.rows) else "")
        return Message(
            "[{severity:label.severities}] {place}: {what}{rows}{seen}. {fix}",
            severity=self.severity,
            place=" · ".join(part for part in (self.file, self.table, self.column) if part),
            what=self.what,
            rows=Message(" ({count} rows: {numbers})", count=self.count, numbers=numbers) if self.rows else "",
            seen=Message("; seen: {seen}", seen=self.seen) if self.seen else "",
            fix=self.fix,
        )


def found(severity: str, table: str, rule: str, what: Message, fix: Message, *, rows=(), **where: Any) -> Finding:
    """Build a finding; `rows` may be any index of row numbers, of which the first few are kept."""
    kept = tuple(int(row) for row in rows[:SHOWN])
    return Finding(severity=severity, table=table, rule=rule, what=what, fix=fix, rows=kept, count=len(rows), **where)


def found_in(bad: pd.Series, table: str, rule: str, *said: Message, severity=ERROR, **where: Any) -> list[Finding]:
    """Give the finding about the rows marked in `bad` (index: row numbers of the source), or none where none is."""
    return [found(severity, table, rule, *said, rows=bad.index[bad], **where)] if bad.any() else []


def list_findings(findings: Iterable[Finding]) -> pd.DataFrame:
    """List `findings` for a page: severity, table, column, what and fix (messages); no rows, counts or values.

    >>> registry.list_findings(early.findings).columns.tolist()
    ['severity', 'table', 'column', 'what', 'fix']
    """
    names = ["severity", "table", "column", "what", "fix"]
    return pd.DataFrame([[getattr(one, name) for name in names] for one in findings], columns=names)


def show(values: Iterable[object], limit: int = 4) -> str:
    """Show a few values of the source without those that may say who somebody is.

    Identifiers, dates and names get into any column when columns are shifted. What has a long number, or two words
    with capitals, is shown by its shape alone; so is everything where many values differ, as names do.
    """
    texts = list(dict.fromkeys(str(value)[:30] for value in values))
    many = len(texts) > 2 * SHOWN
    shown = list(dict.fromkeys(_shape(text) if many or _is_personal(text) else text for text in texts))[:limit]
    return ", ".join(map(repr, shown))


def _is_personal(text: str) -> bool:
    return bool(LONG_NUMBER.search(text)) or sum(word[:1].isupper() for word in text.split()) > 1


def _shape(text: str) -> str:
    return "".join("9" if one.isdigit() else "A" if one.isupper() else "a" if one.isalpha() else one for one in text)


def in_files(findings: Iterable[Finding], files: Mapping[str, str]) -> list[Finding]:
    """Say in which file or sheet the findings are; `files` names those of the tables."""
    return [replace(one, file=files.get(one.table, "")) for one in findings]


def stop_on_errors(findings: list[Finding]) -> None:
    """Raise one RegistryError that lists every error."""
    errors = [finding for finding in findings if finding.severity == ERROR]
    if not errors:
        return
    error = RegistryError(
        "The registry breaks its contract in {count} ways:{findings:lines}",
        count=len(errors),
        findings=[one.line() for one in errors],
    )
    error.findings = tuple(findings)
    raise error
