"""Parameters are refused before a kernel starts, with what is allowed, in the user's language."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from small_project import PARAMETERS, forget, refused, write_plan

from analysis.publishing.batch import parameters
from analysis.publishing.batch.parameters import check_parameters, declared, fill_parameters, from_text

GOOD = {"data": "data/tiny", "as_of": "2025-06-30", "fault": "none", "then": "none"}


def notebook(root, *sources):
    cells = [new_code_cell(source, metadata={"tags": ["parameters"]}) for source in sources]
    nbformat.write(new_notebook(cells=cells), root / "notebooks/90_try.ipynb")
    forget()


def test_defaults_are_read_from_the_notebook(small):
    """The notebook's own cell is the one place where a parameter, its type and its default are declared."""
    assert declared("90_try")["as_of"] == ("str", "2025-06-30")
    assert fill_parameters("90_try", {"fault": "ours"}) == {**GOOD, "data": "data", "fault": "ours"}


@pytest.mark.parametrize(
    ("change", "en", "vi"),
    [
        ({"then": "later"}, "then: 'later' is not one of none, slow", "then: 'later' không thuộc none, slow"),
        ({"as_of": "2025-02-30"}, "is not a day as YYYY-MM-DD", "không phải ngày dạng YYYY-MM-DD"),
        ({"as_of": "30/06/2025"}, "is not a day", "không phải ngày"),
        ({"as_of": "20250630"}, "is not a day", "không phải ngày"),
        ({"fault": 3}, "fault: 3 is not of type str", "fault: 3 không phải kiểu str"),
        ({"fault": None}, "fault: None is not of type str", "không phải kiểu str"),
        ({"fault": ("a",)}, "is not of type str", "không phải kiểu str"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(small, change, en, vi):
    """One message says which parameter, what was given, and what may be given."""
    write_plan(small, {"try": {}}, parameters={"as_of": {"date": True}, "then": {"values": ["none", "slow"]}})
    forget()
    text = refused(check_parameters, "90_try", {**GOOD, **change})
    assert en in text.say("en") and vi in text.say("vi")


def test_all_faults_are_told_at_once(small):
    """Three mistakes are one message, not three runs."""
    given = {key: value for key, value in GOOD.items() if key != "fault"} | {"then": 3, "as_of": "x"}
    text = refused(check_parameters, "90_try", given)
    assert all(
        part in text.say("en") for part in ("fault: missing", "then:", "as_of:")
    ) and "fault: bị thiếu" in text.say("vi")


def test_unknown_names_are_refused_from_outside_and_ignored_inside(small):
    """A misspelt name from the plan stops; a notebook may pass all its globals."""
    text = refused(fill_parameters, "90_try", {"colour": "red"})
    assert (
        "'colour'" in text.say("en")
        and "data, as_of, fault, then" in text.say("en")
        and "không có tham số" in text.say("vi")
    )
    assert check_parameters("90_try", {**GOOD, "pd": object()}) == GOOD


def test_ranges_of_numbers_and_days(small):
    """least and most of plan.yml hold for numbers and days, a bool is no number, and 1 is a float."""
    notebook(small, 'k: int = 3\nx: float = 0.5\nday: str = "2020-01-01"\nyes: bool = True\nmany: list = [1]')
    rules = {"k": {"least": 1, "most": 5}, "day": {"date": True, "least": "2019-01-01", "most": "2021-01-01"}}
    write_plan(small, {"try": {}}, parameters=rules)
    forget()
    good = {"k": 5, "x": 1, "day": "2019-01-01", "yes": False, "many": []}
    assert check_parameters("90_try", good) == good
    for change in (
        {"k": 6},
        {"k": 0},
        {"k": True},
        {"k": 2.0},
        {"x": "1"},
        {"day": "2021-01-02"},
        {"yes": 1},
        {"many": (1,)},
    ):
        text = refused(check_parameters, "90_try", {**good, **change})
        assert next(iter(change)) in text.say("en")
    assert "outside 1 to 5" in refused(check_parameters, "90_try", {**good, "k": 6}).say("en")


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ((), "has 0 cells tagged"),
        ((PARAMETERS, PARAMETERS), "has 2 cells tagged"),
        (("x = 1",), "line 1"),
        (("x: int = 1\ny: int = 2 * 3",), "line 2"),
        (("x: int",), "line 1"),
        (("import os",), "line 1"),
        (("x: tuple = (1,)",), "type one of str, int"),
        (("x: list[int] = []",), "line 1"),
        (("x: int = __import__('os').getpid()",), "line 1"),
        (("x: int = = 1",), "line 1"),
    ],
)
def test_the_parameters_cell_is_literals_and_there_is_one(small, sources, words):
    """Values are read without running them, so the cell may hold nothing else; the message names the line."""
    notebook(small, *sources)
    assert words in refused(declared, "90_try").say("en")


def test_a_notebook_that_is_none_is_named(small):
    """A missing or broken file is one sentence with the notebooks that there are."""
    assert "90_try" in refused(declared, "91_other").say("en")
    (small / "notebooks/90_try.ipynb").write_text("{")
    forget()
    assert "no valid notebook" in refused(declared, "90_try").say("en")


def test_text_from_the_command_line_takes_the_declared_type(small):
    """007 is not 7 and `no` is not False: what does not fit the type stays text and is then refused."""
    notebook(small, 'k: int = 3\ns: str = "a"\nyes: bool = True\nmany: list = [1]')
    asked = {"k": "5", "s": "007", "yes": "false", "many": "['a']", "other": "x"}
    assert {key: from_text("90_try", key, text) for key, text in asked.items()} == {
        "k": 5, "s": "007", "yes": False, "many": ["a"], "other": "x"
    }  # fmt: skip
    for key, text in {"k": "007", "yes": "no", "many": "a,b"}.items():
        assert from_text("90_try", key, text) == text
        refused(fill_parameters, "90_try", {key: text})


@pytest.mark.parametrize("text", ["runs: [", "runs: {}\n", "", "- a"])
def test_a_plan_that_is_none_is_refused(small, text):
    """A broken plan.yml is one sentence that names the file, never a traceback."""
    (small / "plan.yml").write_text(text)
    forget()
    assert "plan.yml" in refused(parameters.read_plan).say("en")
