"""The trial that one would run and how it is emulated, part by part, as the guideline TARGET asks."""

from __future__ import annotations

from typing import Any

from analysis.words import Message

PARTS: tuple[tuple[Message, Message, Message], ...] = (
    (
        Message("Eligible"),
        Message(
            "Those whom the dated rules would allow to be sent, with no earlier start or qualification of the kind"
        ),
        Message("The same, by what the tables of careers, planning, ratings and discipline say of that month"),
    ),
    (
        Message("Compared"),
        Message("Start the course now ({course}), or do not start now"),
        Message("A start in that month in the table of courses, or none; later starts and drop-outs are not cut"),
    ),
    (
        Message("Assignment"),
        Message("By lot, and known to all"),
        Message("Not at random: made comparable by what is known as the trial starts"),
    ),
    (Message("Time zero"), Message("The month of the lot"), Message("The month of the intake, for everyone")),
    (
        Message("Follow-up"),
        Message("Until {outcome:label.outcomes}, an exit, or {horizon} months"),
        Message("The same; only trials that can be followed so long count, the last month is {end:day}"),
    ),
    (
        Message("Outcome"),
        Message("Reaching {outcome:label.outcomes} before any exit; exits compete"),
        Message("The first such decision with its day in the table of posts or seats"),
    ),
    (
        Message("Estimand"),
        Message("Difference in cumulative incidence within {horizon} months, whatever happens later"),
        Message("The same, of everyone eligible: what being sent now does, not what finishing does"),
    ),
    (
        Message("Analysis"),
        Message("Shares of both arms compared"),
        Message("Pooled logistic hazards standardised over all eligible person-trials; sandwich by person"),
    ),
    (
        Message("Assumed"),
        Message("That the lot was drawn, and nobody is lost"),
        Message(
            "Given the covariates who is sent is as good as random; everyone could be sent or not; courses of one kind "
            "are one treatment; nobody's course changes another's chance; the models are right"
        ),
    ),
    (
        Message("Missing data"),
        Message("Nothing is missing"),
        Message("A year without a rating is a level of its own; rows without a needed day are refused on reading"),
    ),
)


def describe_protocol(
    *, exposure: str, level: str = "", outcome: str, horizon: int, end: str
) -> list[tuple[Message, Message, Message]]:
    """Give the parts of the target trial and of its emulation, each named, in the words of what is asked.

    `exposure`, `level` and `outcome` are codes as `build_asked` takes them, `horizon` is in months, `end` the last day.
    Source: Cashin et al. (2025), the TARGET statement, JAMA, doi:10.1001/jama.2025.13350.

    >>> parts = effects.describe_protocol(exposure="postgraduate", outcome="higher_post", horizon=36, end="2024-12-31")
    >>> [name.say("en") for name, _, _ in parts][:4]
    ['Eligible', 'Compared', 'Assignment', 'Time zero']
    """
    course = Message("{exposure:label.training_kind}, {level:label.course_level}", exposure=exposure, level=level)
    course = course if level else Message("{exposure:label.training_kind}", exposure=exposure)
    asked: dict[str, Any] = {"course": course, "outcome": outcome, "horizon": horizon, "end": end}
    return [(part, Message(aim.template, **asked), Message(made.template, **asked)) for part, aim, made in PARTS]
