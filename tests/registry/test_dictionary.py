"""The data dictionary and the sample workbook stay what the contract says."""

from __future__ import annotations

import re

from analysis import project, registry
from analysis.registry.contract import CODES, TABLES
from analysis.registry.dictionary import write_dictionary
from analysis.registry.store import META


def test_the_dictionary_is_in_step_with_the_contract():
    """Protects: data/README.md says what the code checks; `python -m analysis.registry.dictionary` writes it again."""
    assert (project.root() / "data" / "README.md").read_text(encoding="utf-8") == write_dictionary()


def test_the_dictionary_names_everything():
    """Protects: every table, column, code and key is there, and what may be kept in data/ comes first."""
    text = write_dictionary()
    for name in [*TABLES, *META, *(column for table in TABLES.values() for column in table.names())]:
        assert name in text
    assert all(f"`{code}`" in text for codes in CODES.values() for code in codes)
    assert text.index("never data about real people") < text.index("## registry.yml")
    assert "- [" not in text and not re.search(r"\|\s*\|\s*\|", text)


def test_the_sample_workbook_is_read_without_errors():
    """Protects: the first thing that a reader tries works: a Vietnamese workbook of 400 people or more, all invented."""
    path = project.root() / "data" / "sample" / "ho_so.xlsx"
    assert [one.line().say("en") for one in registry.check(path) if one.severity == "error"] == []
    reg = registry.load(path)
    assert len(reg["people"]) >= 400 and reg.meta["synthetic"] is True and reg.absent == frozenset()
    assert "synthetic" in str(reg.meta["source"])
    assert {one.rule for one in reg.findings} <= {"unverified"}
    assert "nobody in it exists" in (path.parent / "README.md").read_text(encoding="utf-8").lower()
