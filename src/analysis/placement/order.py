"""Which came first, the course or the post; and who holds degrees in the fields that are short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.careers.outcomes import PROMOTIONS
from analysis.careers.states import FAR, earliest, main_posts, make_clock, month_numbers
from analysis.careers.window import months_since
from analysis.errors import PlacementError, check_options
from analysis.estimate import Estimate
from analysis.placement.keyposts import first_trained
from analysis.registry.contract import POSTGRADUATE, TRAINING_KIND
from analysis.registry.describe import in_service_on
from analysis.registry.store import Registry
from analysis.results import PARTS, entry, give
from analysis.words import Message

YEAR = 12
NOBODY = Message("Nobody was appointed to a higher post from {since:day} on.")
NO_FIELDS = Message("No field of any degree is on file: degrees by field are not assessable.")


def order_of_training(reg: Registry, *, exposure: str = "postgraduate", since: str = "2021-09-10") -> Estimate:
    """Say of those in `reg` first appointed higher from `since` on when they began a course of kind `exposure`.

    Rows: `heads` `appointed` and of them `course_first` (began before the month of the appointment or had the degree),
    `within_year` (in the month or the 12 after it), `later`, and `never`, with `n` the appointed. The last appointments
    had less time to be followed by a course. Raises PlacementError for a wrong kind or day.

    >>> placement.order_of_training(reg, since="2016-01-01").table["term"].tolist()
    ['appointed', 'course_first', 'within_year', 'later', 'never']
    """
    check_options(PlacementError, exposure=(exposure, TRAINING_KIND))
    first, last = months_since(reg, since, PlacementError)
    spec, base = {"exposure": exposure, "since": since, "as_of": reg.as_of}, {"method": "order", "date": reg.as_of}
    clock = make_clock(reg, min(first, last), 1)
    posts = main_posts(reg, clock)
    up = (
        posts["decision"].isin(PROMOTIONS)
        & (posts["grade"] > posts["bar"])
        & posts["started"].ge(pd.Timestamp(since))
        & posts["month"].le(last)
    )
    month = earliest(clock, posts["row"].to_numpy()[up], posts["month"].to_numpy()[up])
    who = np.flatnonzero(month < FAR)
    if not len(who):
        reason = Message(NOBODY.template, since=pd.Timestamp(since))
        return give(base, [entry("heads", "appointed")], spec, [reason], "blocked")
    done, _ = first_trained(reg, exposure)
    begun = reg["training"][reg["training"]["kind"].eq(exposure)].groupby("person_id")["started"].min()
    started = np.minimum(*(month_numbers(one.reindex(clock.people)) for one in (done, begun)))
    gap = (started - month)[who]
    never = started[who] >= FAR
    flags = {
        "course_first": gap < 0,
        "within_year": (gap >= 0) & (gap <= YEAR),
        "later": (gap > YEAR) & ~never,
        "never": never,
    }
    heads = {"appointed": len(who), **{name: int(flag.sum()) for name, flag in flags.items()}}
    rows = [entry("heads", term, float(count), n=len(who), outcome=PARTS) for term, count in heads.items()]
    return give(base, rows, spec)


def count_fields(reg: Registry, *, since: str = "2021-09-10") -> Estimate:
    """Count those in service with a postgraduate degree by field on the day `since` and that of `reg`; and starts.

    Rows: `heads` a `field[...]` in `term`, with `population` `then`, `now`, or `started` (people who began a course in
    that field since). Who holds two counts in both fields. Blocked where no field is on file. Raises PlacementError for
    a wrong day.

    >>> sorted(set(placement.count_fields(reg, since="2020-12-31").table["population"]))
    ['now', 'started', 'then']
    """
    months_since(reg, since, PlacementError)
    day, base = pd.Timestamp(since), {"method": "fields", "date": reg.as_of}
    awards, courses = reg["qualifications"], reg["training"]
    awards = awards[awards["level"].isin(POSTGRADUATE) & awards["field"].notna()]
    courses = courses[courses["kind"].eq("postgraduate") & courses["started"].ge(day) & courses["field"].notna()]
    parts = {
        "then": awards[awards["awarded"].le(day) & awards["person_id"].isin(in_service_on(reg, day))],
        "now": awards[awards["person_id"].isin(in_service_on(reg, reg.as_of))],
        "started": courses,
    }
    spec = {"since": since, "as_of": reg.as_of}
    if awards.empty:
        return give(base, [entry("heads", "field")], spec, [NO_FIELDS], "blocked")
    rows = [
        entry("heads", f"field[{field}]", float(count), population=name, n=part["person_id"].nunique())
        for name, part in parts.items()
        for field, count in part.groupby("field")["person_id"].nunique().items()
    ]
    return give(base, rows, spec)
