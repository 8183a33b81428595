"""A fault in the input: where it is, which rule it breaks, what was seen, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analysis.errors import RegistryError
from analysis.text import Text, user_language

SHOWN = 5
ERROR, WARNING = "error", "warning"
LONG_NUMBER = re.compile(r"\d{3}")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule broken in one column of one table, with the rows that break it.

    `rows` are the first few row numbers of the source (line of a CSV, row of a sheet, row of a Parquet file);
    `seen` never holds an identifier or a name.
    """

    severity: str
    table: str
    rule: str
    what: Text
    fix: Text
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0
    seen: str = ""
    file: str = ""

    def line(self, lang: str | None = None) -> str:
        """Say the finding in one line."""
        vi = (lang or user_language()) == "vi"
        place = " · ".join(part for part in (self.file, self.table, self.column) if part)
        numbers = ", ".join(map(str, self.rows)) + (", …" if self.count > len(self.rows) else "")
        rows = f" ({self.count} dòng: {numbers})" if vi else f" ({self.count} rows: {numbers})"
        seen = (f"; thấy: {self.seen}" if vi else f"; seen: {self.seen}") if self.seen else ""
        words = {"error": ("error", "lỗi"), "warning": ("warning", "cảnh báo")}[self.severity][vi]
        return f"[{words}] {place}: {self.what.say(lang)}{rows if self.rows else ''}{seen}. {self.fix.say(lang)}"


def found(severity: str, table: str, rule: str, what: Text, fix: Text, **where) -> Finding:
    """Build a finding; `rows` may be any index of row numbers, of which the first few are kept."""
    rows = where.pop("rows", ())
    return Finding(
        severity=severity, table=table, rule=rule, what=what, fix=fix,
        rows=tuple(int(row) for row in rows[:SHOWN]), count=len(rows), **where,
    )  # fmt: skip


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
    signs = ("9" if sign.isdigit() else "A" if sign.isupper() else "a" if sign.isalpha() else sign for sign in text)
    return "".join(signs)


def in_file(findings: list[Finding], file: str) -> list[Finding]:
    """Say in which file or sheet the findings are."""
    return [replace(finding, file=file) for finding in findings]


def stop_on_errors(findings: list[Finding]) -> None:
    """Raise one RegistryError that lists every error."""
    errors = [finding for finding in findings if finding.severity == ERROR]
    if not errors:
        return
    lines = {lang: "\n".join(f"  {finding.line(lang)}" for finding in errors) for lang in ("en", "vi")}
    error = RegistryError(
        en=f"The registry breaks its contract in {len(errors)} ways:\n{lines['en']}",
        vi=f"Dữ liệu vi phạm hợp đồng dữ liệu ở {len(errors)} điểm:\n{lines['vi']}",
    )
    error.findings = tuple(findings)
    raise error
