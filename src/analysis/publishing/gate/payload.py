"""What crosses the gate: protected rows, the name of a view and its choices, sealed by a digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import PublishingError
from analysis.words import Message, pack, unpack

MIME = "application/vnd.analysis.released+json"
PAGE, ROWS = "page.json", "rows.parquet"  # what a run leaves: its record and the rows that it released
RECEIPT = "application/vnd.analysis.receipt+json"
STATUSES = (
    "met", "on_track", "supported", "shrunk", "shrunk_pending", "push", "suggestive", "unlikely",
    "missed", "pending", "unclear", "not_distinguishable", "not_assessable", "info", "usable", "known",
)  # fmt: skip
NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
PLAIN = str | int | float | bool
DTYPES = {"date": "datetime64[ms]", "flag": "bool", "number": "float64", "words": "object", "text": "str"}  # by kind


def seal(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give a payload with its digest: sha256 of the canonical JSON of the rest."""
    bare = {key: value for key, value in payload.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**bare, "digest": hashlib.sha256(text.encode()).hexdigest()}


def open_payload(payload: Any, released: set[str]) -> dict[str, Any]:
    """Give a payload that is sealed and in the release record; raises PublishingError for any other."""
    name = payload.get("name") if isinstance(payload, dict) else None
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PublishingError("An output has no proper name ({name!r}).", name=name)
    if payload.get("digest") not in released or seal(payload) != payload:
        raise PublishingError("Output '{name}' is not in the release record, or was changed after it.", name=name)
    return payload


def check_choices(view: str, choices: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse whatever is no choice: a view says only what stands in protected rows, so it is handed no other result."""
    lists = {key: list(value) if isinstance(value, list | tuple) else [value] for key, value in choices.items()}
    wrong = sorted(key for key, values in lists.items() if not all(isinstance(one, PLAIN | None) for one in values))
    if wrong:
        raise PublishingError(
            "View {view}: {wrong} are no choices. Give strings, numbers or lists of them; results reach a view as rows "
            "only.",
            view=view,
            wrong=", ".join(wrong),
        )
    return {key: list(value) if isinstance(value, tuple) else value for key, value in choices.items()}


def pack_rows(rows: pd.DataFrame) -> dict[str, Any]:
    """Lay rows out as JSON, a list a column in their order; one without any value is told by its kind alone."""
    packed = []
    for name, column in rows.items():
        kind = _kind(column)
        values = column.dt.strftime("%Y-%m-%d") if kind == "date" else column
        held = [None if not isinstance(one, Message) and pd.isna(one) else pack(one) for one in values]
        packed.append(
            {"name": str(name), "kind": kind} | ({"values": held} if any(one is not None for one in held) else {})
        )
    return {"count": len(rows), "columns": packed}


def unpack_rows(packed: Mapping[str, Any]) -> pd.DataFrame:
    """Give back the rows that `pack_rows` laid out."""
    count = packed["count"]
    table = pd.DataFrame(index=range(count))
    for column in packed["columns"]:
        values = [unpack(one) if isinstance(one, dict) else one for one in column.get("values", [None] * count)]
        table[column["name"]] = pd.Series(values, dtype=DTYPES[column["kind"]])
    return table


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_bool_dtype(column):
        return "flag"
    if pd.api.types.is_numeric_dtype(column):
        return "number"
    if any(isinstance(one, bool | np.bool_) for one in column):  # as text it would come back true whatever it was
        raise PublishingError("Column {name}: yes and no stand among other values or gaps.", name=column.name)
    return "words" if any(isinstance(one, Message) for one in column) else "text"
