"""The offices of posts, as the Party's forms name them: where they stand, and which are key posts (offices.yml)."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.project import reference


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office: the `form` that counts it (9A, 9B, 9C), the `level` of its unit, its `rank`, and if it is `key`."""

    form: str
    level: str
    rank: str
    key: bool


def offices() -> dict[str, Office]:
    """Give the offices by their codes."""
    return {code: Office(**entry) for code, entry in reference("offices.yml").items()}


def key_offices() -> tuple[str, ...]:
    """List the offices that are key posts."""
    return tuple(code for code, office in offices().items() if office.key)
