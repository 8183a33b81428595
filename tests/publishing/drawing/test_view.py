"""A view is a kind of thing on a page, with what that kind needs."""

from __future__ import annotations

import inspect

import pytest

from analysis.publishing.views.plot import VIEWS


@pytest.mark.parametrize("name", VIEWS)
def test_views_take_rows_and_choices_only(name):
    """Choices have defaults or are plain settings; only figures are drawn; only views that take notes get them."""
    view = VIEWS[name]
    assert view.role in ("answer", "figure", "table", "text") and (view.draw is not None) == (view.role == "figure")
    if view.draw is not None:
        assert [*inspect.signature(view.draw).parameters][:2] == ["rows", "style"]
    assert view.noted == (
        name
        in {
            "tables.notes",
            "needs.answer",
            "access.answer",
            "owed.appointed",
            "owed.lecturers_answer",
            "trials.answer",
            "checks.answer",
            "outlook.answer",
            "planner.cohort_answer",
            "afterwards.answer",
            "placed.match",
            "placed.sums",
            "placed.schools",
            "gaps.answer",
        }
    )


def test_views_of_counts_name_the_columns_of_people():
    """The gate protects the columns that are named; the others are labels."""
    named = {name: (view.people, view.flow) for name, view in VIEWS.items() if view.people}
    assert named == {
        "registry.tables": (("rows", "people"), False),
        "registry.staff": (("people",), False),
        "registry.ethnicity": (("people",), False),
        "registry.courses": (("people",), False),
        "registry.flow": (("people", "removed"), True),
        "trials.flow": (("people",), True),
        "trials.baseline": (("starters", "others"), False),
        "trials.followed": (("people", "risen", "left", "lost"), True),
        "planner.classes": (("people",), False),
        "registry.gates": (("people", "barred"), True),
    }
