"""The offices of the reference data are those of the contract, each with its place in a form."""

from __future__ import annotations

from analysis.registry.contract import CODES
from analysis.standards import key_offices, offices


def test_offices_are_those_of_the_contract():
    """Protects: a code of an office that one file knows and the other does not."""
    assert tuple(offices()) == CODES["office"]
    for code, office in offices().items():
        assert office.level in CODES["unit_level"] and office.rank in ("head", "deputy")
        assert office.form in {"province": ("9A", ""), "district": ("9B",), "commune": ("9C",)}[office.level], code


def test_key_posts_are_at_every_level():
    """Protects: key posts that vanish with a typing slip."""
    assert {offices()[code].level for code in key_offices()} == set(CODES["unit_level"])
