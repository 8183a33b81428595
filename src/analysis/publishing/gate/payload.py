"""What the release gate marks and a page may show: the MIME type, the roles and their fields, the digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any

from analysis.errors import PublishingError
from analysis.text import Text

MIME = "application/vnd.analysis.released+json"

ROLES: dict[str, dict[str, type]] = {
    "answer": {"html": str, "status": str, "status_word": str},
    "facts": {"items": list},
    "lead": {"title": str, "caption": str, "alt": str, "images": dict},
    "figure": {"title": str, "caption": str, "alt": str, "images": dict},
    "table": {"title": str, "html": str},
    "text": {"html": str},
    "limits": {"html": str},
}

STATUSES = (
    "met", "on_track", "supported", "push", "suggestive", "unlikely",
    "missed", "pending", "unclear", "not_distinguishable", "not_assessable", "info",
)  # fmt: skip

NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def digest_payload(payload: dict) -> str:
    """Hash a payload, its digest left out: sha256 of the canonical JSON."""
    bare = {key: value for key, value in payload.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_payload(payload: Any, released: Collection[str], where: Text) -> dict:
    """Give back a payload that the gate released and that has what its role needs; refuse any other."""
    if not isinstance(payload, dict):
        raise _refuse(where, "an output is not a JSON object", "một kết quả không phải là đối tượng JSON")
    name = payload.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _refuse(where, f"an output has no proper name ({name!r})", f"một kết quả không có tên đúng ({name!r})")
    digest = digest_payload(payload)
    if payload.get("digest") != digest or digest not in released:
        raise _refuse(
            where,
            f"output '{name}' is not in the release record, or was changed after it",
            f"kết quả '{name}' không có trong biên bản công bố, hoặc đã bị sửa sau đó",
        )
    for en, vi in _faults(payload):
        raise _refuse(where, f"output '{name}': {en}", f"kết quả '{name}': {vi}")
    return payload


def _faults(payload: dict) -> list[tuple[str, str]]:
    """Everything that a payload's role asks for and it does not have."""
    role = payload.get("role")
    if role not in ROLES:
        known = ", ".join(ROLES)
        return [(f"unknown role {role!r}; one of {known}", f"vai trò lạ {role!r}; phải là một trong {known}")]
    faults = [
        (f"field '{field}' is missing or is not a {kind.__name__}", f"thiếu trường '{field}' hoặc sai kiểu")
        for field, kind in ROLES[role].items()
        if not isinstance(payload.get(field), kind)
    ]
    if not faults and role in ("lead", "figure"):
        faults += _figure_faults(payload)
    if not faults and role == "facts" and not all(_is_fact(item) for item in payload["items"]):
        faults.append(("every item needs a label and a value in words", "mỗi mục cần nhãn và giá trị bằng chữ"))
    if not faults and role == "answer" and payload["status"] not in STATUSES:
        known = ", ".join(STATUSES)
        faults.append((f"unknown status; one of {known}", f"trạng thái lạ; phải là một trong {known}"))
    return faults


def _figure_faults(payload: dict) -> list[tuple[str, str]]:
    """A figure needs words: a title, a text for those who do not see it, and the light wide drawing."""
    faults = []
    if not payload["title"].strip():
        faults.append(("a figure needs a title that says its message", "hình phải có tiêu đề nêu thông điệp"))
    if not payload["alt"].strip():
        faults.append(("a figure needs a text alternative (alt)", "hình phải có lời mô tả thay thế (alt)"))
    if not isinstance(payload["images"].get("wide_light"), str):
        faults.append(("a figure needs the image 'wide_light'", "hình phải có ảnh 'wide_light'"))
    return faults


def _is_fact(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("label"), str) and isinstance(item.get("value"), str)


def _refuse(where: Text, en: str, vi: str) -> PublishingError:
    return PublishingError(en=f"{where.en}: {en}.", vi=f"{where.vi}: {vi}.")
