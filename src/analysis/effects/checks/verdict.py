"""The verdict on a difference, by a rule set beforehand in `data/reference/verdict.yml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis import project
from analysis.effects.checks.single import Check
from analysis.estimate import Estimate
from analysis.text import Text

VERDICTS = ("supported", "suggestive", "not_distinguishable", "not_assessable")


def rule() -> Mapping:
    """Give the rule."""
    return project.reference("verdict.yml")


def check_words(check: str) -> Text:
    """Say what a check asks."""
    words = rule()["checks"][check]
    return Text(words["en"], words["vi"])


def verdict_words(word: str) -> Text:
    """Say a verdict."""
    words = rule()["words"][word]
    return Text(words["en"], words["vi"])


def judge(checks: Sequence[Check]) -> tuple[str, list[Text]]:
    """Give the verdict and the reasons that kept it from being better.

    A selection check that fails: not distinguishable; that could not be made: suggestive at most. A check of strength
    that fails or could not be made: suggestive. All hold: supported.
    """
    asked, by_name = rule(), {one.check: one for one in checks}
    failed = [
        name for name in (*asked["selection"], *asked["strength"]) if name in by_name and by_name[name].passed is False
    ]
    unmade = [
        name
        for name in (*asked["selection"], *asked["strength"])
        if name not in by_name or by_name[name].passed is None
    ]
    reasons = [_failed(name) for name in failed] + [_unmade(name) for name in unmade]
    if set(failed) & set(asked["selection"]):
        return "not_distinguishable", reasons
    return ("suggestive", reasons) if failed or unmade else ("supported", [])


def _failed(name: str) -> Text:
    said = check_words(name)
    return Text(f"Did not hold: {said.en}.", f"Không đạt: {said.vi}.")


def _unmade(name: str) -> Text:
    said = check_words(name)
    return Text(f"Could not be checked: {said.en}.", f"Không kiểm tra được: {said.vi}.")


def list_checks(found: Estimate) -> pd.DataFrame:
    """List the checks of a result with whether each held; all empty where the difference is not assessable."""
    if "checks" in found.details:
        return found.details["checks"]
    asked = rule()
    return pd.DataFrame({"check": [*asked["selection"], *asked["strength"]], "passed": None})
