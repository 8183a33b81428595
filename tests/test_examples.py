"""Every public function shows how it is called, names what it takes, and the example runs."""

from __future__ import annotations

import doctest
import inspect
import re

import pytest

from analysis.publishing.pages.api import ROOMS, SETUP, find_public

PUBLIC = {name: item for room in ROOMS for name, item in find_public(room)}
LINES = 20  # of a docstring


@pytest.fixture(scope="module")
def names() -> dict:
    """What examples use, made once: a registry, its spells, a result."""
    made: dict = {}
    exec(SETUP, made)
    return made


def said(name: str) -> tuple[str, list[doctest.Example]]:
    """The prose of a docstring, and its examples."""
    text = inspect.getdoc(PUBLIC[name]) or ""
    return text.partition(">>>")[0], doctest.DocTestParser().get_examples(text)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_runs_and_gives_what_it_says(name, names, monkeypatch):
    """Who copies an example from a docstring gets what is printed under it."""
    monkeypatch.setenv("ANALYSIS_LANG", "en")
    _, examples = said(name)
    assert 1 <= len(examples) <= 3, f"{name} needs an example of one to three lines"
    case = doctest.DocTest(examples, dict(names), name, None, None, None)
    found: list[str] = []
    failed, tried = doctest.DocTestRunner().run(case, out=found.append)
    assert tried == len(examples) and not failed, "".join(found)
    assert examples[-1].want, f"{name}: the example shows nothing"


@pytest.mark.parametrize("name", PUBLIC)
def test_the_docstring_names_each_parameter(name):
    """A setting that is not named in the words cannot be used without reading the code."""
    prose, _ = said(name)
    given = [one for one in inspect.signature(PUBLIC[name]).parameters if one != "self"]
    assert [one for one in given if not re.search(rf"`{one}\b", prose)] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_the_docstring_fits_a_screen(name):
    """Help that has to be scrolled is not read, and its first line alone says what a function does."""
    lines = (inspect.getdoc(PUBLIC[name]) or "").splitlines()
    assert len(lines) <= LINES and lines[0].endswith(".") and not lines[1]


def test_a_wrong_example_is_found():
    """The run itself: an output that is not the one printed is a failure."""
    case = doctest.DocTest(doctest.DocTestParser().get_examples(">>> 1 + 1\n3"), {}, "wrong", None, None, None)
    assert doctest.DocTestRunner().run(case, out=lambda text: None).failed == 1
