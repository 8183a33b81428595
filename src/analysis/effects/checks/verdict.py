"""The verdict on a difference, by a rule set beforehand in `data/reference/verdict.yml`, and what it hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.estimate import Estimate, blocked
from analysis.reference import verdict_rule
from analysis.words import Message

NOT_ASSESSABLE = "not_assessable"
VERDICTS = ("supported", "suggestive", "not_distinguishable", NOT_ASSESSABLE)
COPIED = ("method", "population", "outcome", "time", "n", "n_exposed", "n_event")


class Check(NamedTuple):
    """One check: whether it held (None: it could not be made), what was seen, and what was allowed."""

    check: str
    passed: bool | None
    value: float = np.nan
    limit: float = np.nan


def check_words(check: str) -> Message:
    """Say what a check asks."""
    return Message("{check:label.checks}", check=check)


def verdict_words(word: str) -> Message:
    """Say a verdict."""
    return Message("{word:label.verdicts}", word=word)


def judge(checks: Sequence[Check]) -> tuple[str, list[Message]]:
    """Give the verdict and the reasons that kept it from being better.

    A selection check that fails: not distinguishable; that could not be made: suggestive at most. A check of strength
    that fails or could not be made: suggestive. All hold: supported.
    """
    passed = {one.check: one.passed for one in checks}
    asked = verdict_rule()
    names = asked.selection + asked.strength
    failed = [name for name in names if passed.get(name) is False]
    unmade = [name for name in names if passed.get(name) is None]
    reasons = [Message("Requirement that did not hold: {said}.", said=check_words(name)) for name in failed]
    reasons += [Message("Requirement that could not be checked: {said}.", said=check_words(name)) for name in unmade]
    if set(failed) & set(asked.selection):
        return "not_distinguishable", reasons
    return "suggestive" if reasons else "supported", reasons


def verdict_rows(word: str, checks: Sequence[Check], main: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lay out rows of each check (estimate 1 held, 0 did not, empty: not made) and of the verdict, named by `term`."""
    bare = {name: main.get(name) for name in COPIED}
    said = [("check", one.check, np.nan if one.passed is None else float(one.passed)) for one in checks]
    return [
        {**bare, "run": kind, "estimand": kind, "term": term, "estimate": value}
        for kind, term, value in (*said, ("verdict", word, np.nan))
    ]


def _rows(found: Estimate | pd.DataFrame, estimand: str) -> pd.DataFrame:
    table = found.table if isinstance(found, Estimate) else found
    return table[table["estimand"] == estimand]


def read_verdict(found: Estimate | pd.DataFrame) -> str:
    """Give the verdict in rows of `check_effect`; `not_assessable` where there is none.

    `found` is what `check_effect` gave, or its released rows.

    >>> effects.read_verdict(checked)
    'not_distinguishable'
    """
    return next(iter(_rows(found, "verdict")["term"]), NOT_ASSESSABLE)


def list_checks(found: Estimate | pd.DataFrame) -> pd.DataFrame:
    """List the checks in rows of `check_effect` as `check` and `passed`; None where one could not be made.

    `found` is what `check_effect` gave, or its released rows.

    >>> effects.list_checks(checked)["check"].head(2).tolist()
    ['interval', 'placebo']
    """
    seen = _rows(found, "check").set_index("term")["estimate"].dropna()
    names = verdict_rule().selection + verdict_rule().strength
    passed = [bool(seen[name]) if name in seen else None for name in names]
    return pd.DataFrame({"check": names, "passed": pd.Series(passed, dtype="object")})


def withhold(found: Estimate, checked: Estimate | pd.DataFrame, *, unless: Sequence[str] = VERDICTS[:3]) -> Estimate:
    """Give the result `found` without its numbers where the verdict of its checks is not one of `unless`, and say why.

    `checked` is what `check_effect` gave, or its released rows. By default only what cannot be assessed is withheld.

    >>> effects.withhold(effect, checked).status, effects.withhold(effect, checked, unless=["supported"]).status
    ('ok', 'blocked')
    """
    verdict = read_verdict(checked)
    if verdict in unless or found.status == "blocked":
        return found
    reasons: Sequence[Message] = ()
    if isinstance(checked, Estimate):
        reasons = checked.notes
    elif _rows(checked, "verdict").empty:
        reasons = (Message("The checks hold no verdict on it: make both with the same settings."),)
    elif verdict != NOT_ASSESSABLE:
        reasons = judge([Check(*row) for row in list_checks(checked).itertuples(index=False)])[1]
    return blocked(found.table, found.spec, Message("{said}.", said=verdict_words(verdict)), *reasons)
