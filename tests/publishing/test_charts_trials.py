"""Figures and sentences of trials: both languages, both widths, and words where nothing can be shown."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.effects.verdict import list_checks
from analysis.estimate import Estimate, blocked
from analysis.publishing import charts_checks, charts_trials, sentences_trials
from analysis.publishing.disclosure import protect
from analysis.publishing.figures import THEMES, WIDTHS, Style, house_style
from analysis.text import Text

BASE = {"population": "eligible", "outcome": "event_1", "n": 1000, "conf_level": 0.95, "se_scale": "identity"}
TITLE = Text("Differences", "Các hiệu")


def rows() -> pd.DataFrame:
    table = []
    for time, none, some in ((12, 0.03, 0.02), (24, 0.05, 0.05), (36, 0.07, 0.10)):
        for arm, risk in ((0, none), (1, some)):
            table.append({**BASE, "method": "pooled_logistic", "estimand": "risk", "term": f"trained[{arm}]", "time": time, "estimate": risk,
                          "std_error": 0.01, "conf_low": risk - 0.02, "conf_high": risk + 0.02, "n_event": 60})  # fmt: skip
        gap = {**BASE, "term": "trained", "time": time, "n_exposed": 200, "n_event": 40}
        table.append({**gap, "method": "pooled_logistic", "estimand": "risk_difference", "estimate": some - none, "std_error": 0.01,
                      "conf_low": some - none - 0.02, "conf_high": some - none + 0.02})  # fmt: skip
        table.append(
            {
                **gap,
                "method": "pooled_logistic",
                "estimand": "risk_ratio",
                "estimate": some / none,
                "conf_low": 0.8,
                "conf_high": 2.0,
            }
        )
        table.append(
            {
                **gap,
                "run": "ever_trained",
                "method": "ever_trained",
                "estimand": "risk_difference",
                "estimate": 0.1,
                "conf_low": 0.08,
                "conf_high": 0.12,
            }
        )
    gap = {**BASE, "term": "trained", "time": 36, "n_exposed": 200, "n_event": 40, "estimand": "risk_difference"}
    table += [{**gap, "run": "placebo", "method": "placebo", "estimate": 0.001 * k} for k in range(-20, 20)]
    table += [
        {**gap, "run": "observed", "method": "placebo", "estimate": 0.03},
        {**gap, "run": "main", "method": "pooled_logistic", "estimate": 0.03},
    ]
    table += [{**gap, "run": "specification", "method": "weighting", "estimate": 0.002 * k} for k in range(-3, 20)]
    for method, value in (("unweighted", 0.4), ("weighted", 0.02)):
        table.append({**BASE, "run": "balance", "method": method, "estimand": "standardised_difference", "term": "sex[male]", "estimate": value,
                      "n_exposed": 200, "n_event": 40})  # fmt: skip
    return protect(Estimate(table=table, spec={}))


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
    for table in (rows(), rows().iloc[:0]):
        said = chart.describe(table, lang, **options)
        assert said["title"] and said["alt"] and "nan" not in said["alt"]
        for width in WIDTHS:
            for theme in THEMES:
                with house_style(theme):
                    assert chart.draw(table, style=Style(lang, theme, width), **options)


@pytest.mark.parametrize("verdict", ["supported", "suggestive", "not_distinguishable"])
def test_the_answer_says_number_interval_and_that_posts_are_few(verdict):
    said = sentences_trials.trial_answer(rows(), "en", verdict=verdict, primary=36)
    assert said["status"] == verdict and "+3.0 points" in said["html"] and "Posts are few" in said["html"]
    assert "Số chức vụ có hạn" in sentences_trials.trial_answer(rows(), "vi", verdict=verdict, primary=36)["html"]


def test_what_cannot_be_assessed_prints_no_effect():
    empty = protect(
        blocked(
            [{**BASE, "method": "pooled_logistic", "estimand": "risk_difference", "term": "trained", "time": 36}],
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
        assert "36" in sentences_trials.risk_table(rows(), lang)["html"]
        assert "<p>" in sentences_trials.trial_reading(rows(), lang, primary=36)
        assert "<p>" in sentences_trials.hidden_cause(rows(), lang, primary=36)
        assert sentences_trials.gains_table(rows(), lang)["title"]
