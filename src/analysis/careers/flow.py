"""Who is followed and who is not: step by step, with nobody leaving in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.outcomes import EXIT_WORDS, OUTCOMES
from analysis.errors import CareersError
from analysis.registry.contract import EXIT
from analysis.words import Message

EVENTS = ("censored", "outcome", *EXIT)
STEPS = {
    "registry": Message("people in the registry"),
    "in_service": Message("in service for a month of the follow-up"),
    "post_history": Message("with a post of their own at entry"),
    "no_earlier_course": Message("with no such course begun before entry"),
    "no_earlier_degree": Message("with no postgraduate degree before entry"),
    "below_top": Message("who can still reach the outcome"),
    "at_risk": Message("people at risk"),
    "person_months": Message("person-months at risk"),
}
ASIDES = {
    "later_return": Message("came back after an exit; not followed again"),
    "study_stopped": Message(
        "stopped studying without completing (dropped, suspended or past the limit); untrained from that month's end"
    ),
    "later_course": Message("began a further such course; only the first counts"),
    "degree_without_course": Message(
        "gained a postgraduate degree in follow-up without a course in the registry; untrained here"
    ),
}


class Followed(NamedTuple):
    """Who is followed (`keep`, one flag a person), from column `entry` to column `stop`, and the event there."""

    keep: np.ndarray
    entry: np.ndarray
    stop: np.ndarray
    event: np.ndarray


def lay_out_flow(
    steps: Mapping[str, np.ndarray], followed: Followed, outcome: str, asides: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Say step by step who is left, then what was followed and how it ended, then asides that bear on the reading.

    `steps` and `asides`: one flag a person. `removed` over the steps sums to those who are not at risk.
    """
    left = np.ones(len(followed.keep), dtype=bool)
    rows: list[tuple] = [("registry", STEPS["registry"], len(left), 0, len(left))]
    for step, stays in steps.items():
        before, left = left.sum(), left & stays
        rows.append((step, STEPS[step], left.sum(), before - left.sum(), left.sum()))
    people, months = left.sum(), (followed.stop - followed.entry)[left].sum()
    rows += [
        ("at_risk", STEPS["at_risk"], people, 0, people),
        ("person_months", STEPS["person_months"], people, None, months),
    ]
    ends = np.bincount(followed.event[left], minlength=len(EVENTS))
    words = (Message("followed to the end"), OUTCOMES[outcome], *EXIT_WORDS.values())
    rows += [(name, said, number, None, number) for name, said, number in zip(EVENTS, words, ends, strict=True)]
    counts = {name: (flags & left).sum() for name, flags in asides.items()}
    rows += [(name, ASIDES[name], number, None, number) for name, number in counts.items()]
    table = pd.DataFrame(rows, columns=["step", "said", "people", "removed", "count"])
    return table.astype({"people": "Int64", "removed": "Int64", "count": "Int64"})


def say_asides(asides: Mapping[str, np.ndarray], keep: np.ndarray) -> tuple[Message, ...]:
    """Say the asides that concern someone, without their number: the flow holds it."""
    return tuple(
        Message("Some people {what}.", what=ASIDES[name]) for name, flags in asides.items() if (flags & keep).any()
    )


def no_one_left(steps: Mapping[str, np.ndarray]) -> CareersError:
    """Name the step after which no one is left."""
    left = np.logical_and.accumulate(list(steps.values())).sum(axis=1)
    return CareersError(
        "people: at least one must be at risk; no one is left after the step '{step}'. Widen start and "
        "end, or check the tables that this step reads.",
        step=STEPS[list(steps)[int((left == 0).argmax())]],
    )
