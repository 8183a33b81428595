"""Figures and sentences of trials: both languages, both widths, and words where nothing can be shown."""

from __future__ import annotations

import pytest
from shown_rows import TRIAL, trial_rows

from analysis.effects.checks.verdict import list_checks
from analysis.estimate import blocked
from analysis.publishing.gate.disclosure import protect
from analysis.publishing.views import checks as charts_checks
from analysis.publishing.views import trial_words as sentences_trials
from analysis.publishing.views import trials as charts_trials
from analysis.publishing.views.style import THEMES, WIDTHS, Style, house_style
from analysis.text import Text

TITLE = Text("Differences", "Các hiệu")


CHARTS = {
    "curves": (charts_trials.CURVES, {"primary": 36, "truth": {36: 0.02}}),
    "differences": (charts_trials.DIFFERENCES, {"title": TITLE, "truth": 0.02}),
    "placebos": (charts_checks.PLACEBOS, {}),
    "specifications": (charts_checks.SPECIFICATIONS, {}),
    "love": (charts_checks.LOVE, {}),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_chart_draws_and_says_itself(name, lang):
    """In every width and theme, with a title, a caption and a text alternative; and with no rows a sentence instead."""
    chart, options = CHARTS[name]
    for table in (trial_rows(), trial_rows().iloc[:0]):
        said = chart.describe(table, lang, **options)
        assert said["title"] and said["alt"] and "nan" not in said["alt"]
        for width in WIDTHS:
            for theme in THEMES:
                with house_style(theme):
                    assert chart.draw(table, style=Style(lang, theme, width), **options)


@pytest.mark.parametrize("verdict", ["supported", "suggestive", "not_distinguishable"])
def test_the_answer_says_number_interval_and_that_posts_are_few(verdict):
    said = sentences_trials.trial_answer(trial_rows(), "en", verdict=verdict, primary=36)
    assert said["status"] == verdict and "+3.0 points" in said["html"] and "Posts are few" in said["html"]
    assert "Số chức vụ có hạn" in sentences_trials.trial_answer(trial_rows(), "vi", verdict=verdict, primary=36)["html"]


def test_what_cannot_be_assessed_prints_no_effect():
    empty = protect(
        blocked(
            [{**TRIAL, "method": "pooled_logistic", "estimand": "risk_difference", "term": "trained", "time": 36}],
            {},
            Text("why", "vì sao"),
        )
    )
    said = sentences_trials.trial_answer(
        empty, "en", verdict="not_assessable", primary=36, reasons=[Text("No leavers.", "Thiếu người rời.")]
    )
    assert said["status"] == "not_assessable" and "No leavers" in said["html"] and "points" not in said["html"]
    checks = list_checks(blocked([], {"verdict": "not_assessable"}, Text("why", "vì sao")))
    assert "could not be made" in sentences_trials.checks_html(empty, "en", checks=checks)
    answer = sentences_trials.checks_answer(empty, "en", verdict="not_assessable", checks=checks)
    assert answer["status"] == "not_assessable" and "no check could be made" in answer["html"]


def test_tables_and_readings_are_in_both_languages():
    for lang in ("vi", "en"):
        assert "36" in sentences_trials.risk_table(trial_rows(), lang)["html"]
        assert "<p>" in sentences_trials.trial_reading(trial_rows(), lang, primary=36)
        assert "<p>" in sentences_trials.hidden_cause(trial_rows(), lang, primary=36)
        assert sentences_trials.gains_table(trial_rows(), lang)["title"]
