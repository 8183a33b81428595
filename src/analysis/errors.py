"""The errors a user may meet: one base, one class a room, each with its sentence in both languages."""

from __future__ import annotations

from analysis.text import Text


class AnalysisError(Exception):
    """A fault that names the thing, the rule, what was seen and what to do."""

    exit_code = 2

    def __init__(self, en: str, vi: str):
        super().__init__(en, vi)
        self.text = Text(en, vi)

    def __str__(self) -> str:
        return self.text.say()


class RegistryError(AnalysisError):
    """The registry cannot be read or breaks its contract; `findings` lists every fault."""

    findings: tuple = ()


class CareersError(AnalysisError):
    """People, rules or spells do not allow what was asked."""


class EffectsError(AnalysisError):
    """A frame or a setting given to an estimator breaks its contract."""


class TargetsError(AnalysisError):
    """A target, a reading or a date cannot be used."""


class PublishingError(AnalysisError):
    """A plan, a parameter or a page breaks a rule."""


class RunError(PublishingError):
    """A run failed; what was published before stays."""

    exit_code = 1
