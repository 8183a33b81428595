"""The registry as an object, and the ways in and out: load, check, save."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import yaml

from analysis import project
from analysis.errors import RegistryError
from analysis.registry.checks import check_registry
from analysis.registry.contract import REQUIRED, TABLES
from analysis.registry.findings import ERROR, WARNING, Finding, found, in_file, stop_on_errors
from analysis.registry.history import as_known
from analysis.registry.sources.cells import type_table
from analysis.registry.sources.folder import Source, read_source
from analysis.registry.sources.workbook import write_workbook
from analysis.text import Text

META = {
    "name": (str, Text("name of the registry", "tên bộ dữ liệu")),
    "extracted": (date, Text("day of the extract, YYYY-MM-DD", "ngày trích xuất, YYYY-MM-DD")),
    "covers_from": (date, Text("first day covered, YYYY-MM-DD", "ngày bắt đầu có dữ liệu, YYYY-MM-DD")),
    "leavers_included": (bool, Text("whether people who left are there: true or false", "có người đã rời công vụ: true hoặc false")),
    "synthetic": (bool, Text("whether the people are invented: true or false", "dữ liệu mô phỏng: true hoặc false")),
    "declaration": (str, Text("that the data hold nothing on the state-secret list", "xác nhận dữ liệu không thuộc danh mục bí mật nhà nước")),
    "source": (str, Text("where the data come from", "nguồn dữ liệu")),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Registry:
    """Typed tables by the contract, as known at the end of the day `as_of`.

    `meta` holds the keys of registry.yml; `findings` the warnings that travel with every page;
    `fingerprint` is the SHA-256 of the source files; `absent` names the optional tables that were not given.
    """

    tables: Mapping[str, pd.DataFrame]
    meta: Mapping[str, object]
    as_of: pd.Timestamp
    findings: tuple[Finding, ...] = ()
    fingerprint: str = ""
    absent: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def has(self, *names: str) -> bool:
        """Say whether all these tables were given."""
        return all(name not in self.absent for name in names)


def load(path: str | Path, as_of: str | None = None) -> Registry:
    """Load a registry as it was known at the end of the day `as_of` (default: the day of the extract).

    `path` is a folder of Parquet or CSV files or an .xlsx workbook, looked for from the working folder, then from
    the project's root. Raises RegistryError that lists every fault at once.
    """
    tables, source, findings = _examine(path)
    stop_on_errors(findings)
    extracted = pd.Timestamp(source.meta["extracted"])
    day = _as_of_day(as_of, source.meta)
    return Registry(
        tables={name: rows.reset_index(drop=True) for name, rows in as_known(tables, day, extracted).items()},
        meta=source.meta,
        as_of=day,
        findings=tuple(findings),
        fingerprint=source.fingerprint,
        absent=frozenset(set(TABLES) - set(source.tables)),
    )


def check(path: str | Path) -> list[Finding]:
    """List every finding in a source; raises RegistryError only where there is nothing to read."""
    return _examine(path)[2]


def _examine(path: str | Path) -> tuple[dict[str, pd.DataFrame], Source, list[Finding]]:
    if "://" in str(path):
        raise RegistryError(
            en="A database URL cannot be read by this version. Export each table to a Parquet or CSV file.",
            vi="Phiên bản này chưa đọc cơ sở dữ liệu qua URL. Hãy xuất mỗi bảng ra tệp Parquet hoặc CSV.",
        )
    source = read_source(project.find(path))
    findings = [*source.findings, *_check_meta(source)]
    tables = {}
    for name, table in TABLES.items():
        if name in source.tables:
            tables[name], faults = type_table(table, source.tables[name])
            findings += in_file(faults, source.files[name])
            if table.required and source.tables[name].empty and name != "exits":
                findings += in_file([_empty(name)], source.files[name])
        else:
            tables[name] = type_table(table, pd.DataFrame(columns=table.names()))[0]
            findings += [_missing_table(name)] if name in REQUIRED and not _told(source, name) else []
    if not any(finding.severity == ERROR for finding in findings):
        absent = frozenset(set(TABLES) - set(source.tables))
        faults = check_registry(tables, pd.Timestamp(source.meta["extracted"]), absent)
        findings += [fault for one in faults for fault in in_file([one], source.files.get(one.table, ""))]
    return tables, source, findings


def _told(source: Source, name: str) -> bool:
    return any(finding.table == name and finding.severity == ERROR for finding in source.findings)


def _missing_table(name: str) -> Finding:
    about = TABLES[name].about
    what = Text(f"the table is missing ({about.en})", f"thiếu bảng ({about.vi})")
    fix = Text(
        f"Add {name}.parquet, {name}.csv or a sheet of that name.",
        f"Thêm {name}.parquet, {name}.csv hoặc trang tính cùng tên.",
    )
    return found(ERROR, name, "missing_table", what, fix)


def _empty(name: str) -> Finding:
    return found(ERROR, name, "empty_table", Text("the table has no rows", "bảng không có dòng nào"),
                 Text("Export it again.", "Xuất lại dữ liệu."))  # fmt: skip


def _check_meta(source: Source) -> list[Finding]:
    findings = []
    for key, (kind, about) in META.items():
        value = source.meta.get(key)
        if isinstance(value, datetime):
            value = value.date()
        if kind is date and isinstance(value, str):
            value = pd.to_datetime(value, format="%Y-%m-%d", errors="coerce")
            value = None if pd.isna(value) else value.date()
        if kind is bool and str(value).strip().casefold() in ("true", "false"):
            value = str(value).strip().casefold() == "true"
        if kind is str and value is not None:
            value = str(value).strip()
        if not isinstance(value, kind) or value == "":
            what = Text(f"{key} is missing or wrong", f"{key} bị thiếu hoặc sai")
            fix = Text(f"Write {key}: {about.en}.", f"Ghi {key}: {about.vi}.")
            findings.append(found(ERROR, "registry", "bad_meta", what, fix, column=key, file="registry.yml"))
        source.meta[key] = value
    if not findings and source.meta["covers_from"] > source.meta["extracted"]:
        what = Text("covers_from is after extracted", "covers_from sau extracted")
        fix = Text("Correct the dates.", "Sửa ngày.")
        findings.append(found(ERROR, "registry", "bad_meta", what, fix, column="covers_from"))
    if not findings and not source.meta["leavers_included"]:
        what = Text("people who left are not included: no hazard or promotion effect can be estimated",
                    "không có người đã rời công vụ: không ước lượng được nguy cơ hay tác động thăng tiến")  # fmt: skip
        fix = Text("Ask for an export with leavers.", "Hãy xin dữ liệu gồm cả người đã rời công vụ.")
        findings.append(found(WARNING, "registry", "no_leavers", what, fix, column="leavers_included"))
    return findings


def _as_of_day(as_of: str | None, meta: Mapping[str, object]) -> pd.Timestamp:
    extracted, covers_from = pd.Timestamp(meta["extracted"]), pd.Timestamp(meta["covers_from"])
    day = extracted if as_of is None else pd.to_datetime(str(as_of), format="%Y-%m-%d", errors="coerce")
    if pd.isna(day) or not covers_from <= day <= extracted:
        raise RegistryError(
            en=f"as_of {as_of!r} is not a day from {covers_from:%Y-%m-%d} to {extracted:%Y-%m-%d}, which the registry "
            "covers. Give a day in between as YYYY-MM-DD.",
            vi=f"as_of {as_of!r} không phải ngày trong khoảng {covers_from:%Y-%m-%d} đến {extracted:%Y-%m-%d} mà dữ "
            "liệu có. Hãy ghi một ngày trong khoảng đó, dạng YYYY-MM-DD.",
        )
    return day


def save(registry: Registry, out: str | Path) -> Path:
    """Write a registry to a new folder of Parquet files, or to a new .xlsx workbook with Vietnamese headers.

    What is saved is what the registry shows: its day of the extract is `as_of`, since nothing later is in it.
    Refuses to overwrite; writes beside the place and moves, so that a half-written registry is never seen.
    """
    out = Path(out)
    if out.exists():
        raise RegistryError(
            en=f"{out.name!r} exists already and is left alone. Give a new path.",
            vi=f"{out.name!r} đã có sẵn và được giữ nguyên. Hãy chọn đường dẫn mới.",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    meta = {**registry.meta, "extracted": registry.as_of.date()}
    present = {name: registry[name] for name in TABLES if name not in registry.absent}
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".save-") as work:
        place = Path(work) / (f"new{out.suffix}" if out.suffix == ".xlsx" else "new")
        if out.suffix == ".xlsx":
            write_workbook(present, meta, place)
        else:
            place.mkdir()
            for name, rows in present.items():
                rows.to_parquet(place / f"{name}.parquet", index=False)
            text = yaml.safe_dump(meta, allow_unicode=True, sort_keys=False)
            (place / "registry.yml").write_text(text, encoding="utf-8")
        shutil.move(place, out) if os.name == "nt" else os.replace(place, out)
    return out
