"""What the registry holds: said and drawn in both languages, whatever is hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from shown_rows import cases_of, check_drawing, check_words, said

from analysis.publishing.views.registry import findings
from analysis.words import Message, speaking


@pytest.mark.parametrize("case", cases_of("registry"))
def test_words_are_of_one_language_and_whole(case):
    """Titles, captions, cells and sentences exist whatever is hidden, in the reader's language, without `nan`."""
    check_words(case)


@pytest.mark.parametrize("case", cases_of("registry", "figure"))
def test_labels_of_a_drawing_are_legible(case):
    """No two labels lie on each other and none is cut off, in either language, on a page or a phone."""
    check_drawing(case)


def test_the_registry_says_how_many_rules_are_broken():
    """Errors and warnings are told apart, and invented people are called so."""
    good, bad = said("registry answer", "en")["html"], said("registry answer bad", "en")["html"]
    assert (
        "no error; to be kept in mind: " in good
        and "invented" in good
        and "breaks 1 rules" in bad
        and "invented" not in bad
    )


def test_findings_are_escaped_and_hold_no_rows():
    """A strange value in the source is text on the page, and nothing of a person is there."""
    rows = pd.DataFrame(
        [
            {
                "severity": "warning",
                "table": "people",
                "column": "birth_date",
                "what": Message("odd <days>"),
                "fix": Message("Fix it."),
            }
        ]
    )
    with speaking("en"):
        assert findings.say(rows)["html"] == "<ul><li>people: odd &lt;days&gt;. Fix it.</li></ul>"


def test_what_is_hidden_says_why():
    """A bar, a cell or a step that may not be shown is named with its reason, not as zero; nobody left out is a dash."""
    assert (
        "Cán bộ: ẩn (tránh lộ số dưới 10)" in said("staff", "vi")["alt"]
        and "Cán bộ: 0" not in said("staff", "vi")["alt"]
    )
    assert (
        "Hidden (protects a number under 10): " in said("staff", "en")["table_html"]
        and "Kind of staff" in said("staff", "en")["table_html"]
    )
    flow = said("registry flow", "en")["html"]
    assert (
        ">–<" in flow
        and ">0<" not in flow
        and "hidden (protects a number under 10)" in flow
        and "people at risk" in flow
    )
