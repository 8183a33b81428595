"""The errors a user may meet: one base, one class a room, each with its message; and why a result is blocked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from analysis.words import Message


class AnalysisError(Exception):
    """A fault that names the thing, the rule, what was seen and what to do: a message, or its template and values."""

    exit_code = 2

    def __init__(self, message: str | Message, /, **values: Any):
        self.text = message if isinstance(message, Message) else Message(message, **values)
        super().__init__(self.text)

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


class PlacementError(AnalysisError):
    """A cohort, a year or a day cannot be used."""


class EquityError(AnalysisError):
    """Counts, a group or a stage cannot be compared as asked."""


class VariationError(AnalysisError):
    """A unit, a series or a date cannot be used."""


class PublishingError(AnalysisError):
    """A plan, a parameter or a page breaks a rule."""


class RunError(PublishingError):
    """A run failed; what was published before stays."""

    exit_code = 1


class Blocked(Exception):  # noqa: N818 - no fault of anybody: a result that cannot be carried
    """A result cannot be given, for these reasons; the public verbs catch it and give a blocked `Estimate`.

    Reasons are messages, or one template with its values.
    """

    def __init__(self, *reasons: str | Message, **values: Any):
        self.reasons = tuple(one if isinstance(one, Message) else Message(one, **values) for one in reasons)
        super().__init__(*self.reasons)


def check_options(error: type[AnalysisError], **options: tuple[Any, Any]) -> None:
    """Refuse an option that is not allowed: `name=(what was given, a Literal or a collection of what may be)`."""
    for name, (seen, choices) in options.items():
        allowed = get_args(choices) or choices
        if seen not in allowed:
            raise error(
                "{name} is {seen!r}; allowed: {allowed}.", name=name, seen=seen, allowed=", ".join(map(str, allowed))
            )


def check_lists(error: type[AnalysisError], **lists: Any) -> None:
    """Refuse one word or number where a list is asked for: `name=what was given`."""
    for name, seen in lists.items():
        if isinstance(seen, str) or not isinstance(seen, Iterable):
            raise error("{name} is {seen!r}; give a list, as [{seen!r}].", name=name, seen=seen)
