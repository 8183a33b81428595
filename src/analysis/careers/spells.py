"""Start-stop spells: who is at risk of what, from when to when, in which state; and who is not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.careers.covariates import FIXED, LEVELS, FirstCourse, first_courses, left_out, state_codes
from analysis.careers.flow import EVENTS, Followed, lay_out_flow, no_one_left, say_asides
from analysis.careers.outcomes import OUTCOMES, first_events, rises_of
from analysis.careers.states import (
    FAR,
    Clock,
    courses,
    degree_months,
    earliest,
    in_service,
    latest,
    main_posts,
    make_clock,
    month_numbers,
    per_person,
)
from analysis.errors import CareersError
from analysis.registry.contract import TRAINING_KIND
from analysis.registry.store import Registry
from analysis.text import Text

LEAVERS = Text(
    "leavers_included: risks need the people who left; registry.yml says that leavers are not in the data. "
    "Ask for an extract with leavers and set leavers_included: true.",
    "leavers_included: tính nguy cơ cần cả những người đã rời công vụ; registry.yml cho biết "
    "dữ liệu không có họ. Hãy xin dữ liệu có người đã rời và ghi leavers_included: true.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spells:
    """Intervals at risk, with nothing changing inside each.

    `frame`: `person_id`, `start`, `stop` (months since the first day of the month of `spec["start"]`; the interval
    is (start, stop], month m is (m, m+1]), `event` (place in `EVENTS`: 0 censored, 1 the outcome, 2.. the exits) and
    the covariates, categories with the reference first. `ever_trained` looks into the future: it is there to show the
    naive answer, never to estimate an effect. `flow`: `step`, `vi`, `en`, `people` left, `removed`, and `count` (of
    what the row names). `spec` is what was asked (for trials also `left_out`: covariates without their table); `notes` are
    sentences that must travel with the numbers; `missing` says why nothing may be estimated from them.
    """

    frame: pd.DataFrame
    flow: pd.DataFrame
    spec: Mapping[str, Any]
    notes: tuple[Text, ...] = ()
    missing: tuple[Text, ...] = ()


def build_spells(
    reg: Registry,
    *,
    outcome: str = "higher_post",
    exposure: str = "postgraduate",
    start: str = "2019-01-01",
    end: str = "2024-12-31",
) -> Spells:
    """Turn a registry into start-stop spells at risk of `outcome`, with training of kind `exposure` varying in time.

    What is dated in a month counts from the month's end, so that an event of that month comes before it. People enter
    at the first month begun in service, without such a course or degree before; they leave at the first event, or at
    the end of the month of the earlier of `end` and the registry's `as_of`. A promotion wins a tie with an exit.
    """
    clock = check_asked(reg, outcome, exposure, start, end)
    posts = main_posts(reg, clock)
    post = latest(clock, posts["row"].to_numpy(), posts["month"].to_numpy())
    rises = rises_of(reg, clock, posts, post, outcome)
    inside = in_service(reg, clock)
    entry = inside.argmax(axis=1)
    event, stop = first_events(reg, clock, rises, entry)
    entered = np.arange(len(clock.people)), entry
    covered = (post[entered] >= 0) & (np.append(posts["ended"].to_numpy(), -FAR)[post[entered]] >= entry + clock.first)
    degree = _first_degree(reg, clock, exposure)
    steps = {
        "in_service": inside.any(axis=1),
        "post_history": covered,
        "no_earlier_course": _first_start(reg, clock, exposure) >= entry + clock.first,
        "no_earlier_degree": degree >= entry + clock.first,
        "below_top": rises.room[entered],
    }
    followed = Followed(np.logical_and.reduce(list(steps.values())), entry, stop, event)
    if not followed.keep.any():
        raise no_one_left(steps)
    first = first_courses(reg, clock, exposure, entry)
    asides = _asides(clock, followed, inside, first, degree)
    return Spells(
        frame=_lay_out_rows(reg, clock, followed, state_codes(reg, clock, posts, post, first), first.started < FAR),
        flow=lay_out_flow(steps, followed, outcome, asides),
        spec=_say_asked(reg, clock, outcome=outcome, exposure=exposure, start=start, end=end),
        notes=(*left_out(reg), *say_asides(asides, followed.keep)),
    )


def _first_start(reg: Registry, clock: Clock, exposure: str) -> np.ndarray:
    taken = courses(reg, clock, exposure)
    return earliest(clock, taken["row"].to_numpy(), taken["month"].to_numpy())


def _first_degree(reg: Registry, clock: Clock, exposure: str) -> np.ndarray:
    if exposure == "postgraduate":
        return degree_months(reg, clock)
    return np.full(len(clock.people), FAR)


def _asides(
    clock: Clock, followed: Followed, inside: np.ndarray, first: FirstCourse, degree: np.ndarray
) -> dict[str, np.ndarray]:
    """Flag what bears on the reading: returns after an exit, broken and further courses, degrees without a course."""
    again = inside & (np.arange(clock.count) >= followed.stop[:, None])
    stop = followed.stop + clock.first
    return {
        "later_return": again.any(axis=1) & (followed.event > 1),
        "study_stopped": (first.stopped + 1 < stop) & (first.stopped != first.completed),
        "later_course": first.second + 1 < stop,
        "degree_without_course": (degree + 1 < stop) & (first.started == FAR),
    }


def _lay_out_rows(
    reg: Registry, clock: Clock, followed: Followed, codes: Mapping[str, np.ndarray], ever: np.ndarray
) -> pd.DataFrame:
    """Cut each person's follow-up where any state changes: one row an interval, in the order of person and time."""
    kept = np.flatnonzero(followed.keep)
    pattern = np.zeros((len(kept), clock.count), dtype="int64")
    for name, matrix in codes.items():
        pattern = pattern * len(LEVELS[name]) + matrix[kept]
    columns, entry, stop = np.arange(clock.count), followed.entry[kept, None], followed.stop[kept, None]
    changed = np.ones(pattern.shape, dtype=bool)
    changed[:, 1:] = pattern[:, 1:] != pattern[:, :-1]
    begins = (columns == entry) | (changed & (columns > entry) & (columns < stop))
    row, column = np.nonzero(begins)
    last = np.append(row[1:] != row[:-1], True)
    person = kept[row]
    frame = {
        "person_id": clock.people[person],
        "start": column,
        "stop": np.where(last, followed.stop[person], np.append(column[1:], 0)),
        "event": np.where(last, followed.event[person], 0),
    }
    for name in LEVELS:
        if name in codes:
            frame[name] = label_codes(codes[name][person, column], LEVELS[name])
    frame["ever_trained"] = ever[person]
    for name, levels in FIXED.items():
        values = per_person(clock, reg["people"], name).cat.set_categories(levels)
        frame[name] = values.array[person]
    return pd.DataFrame(frame)


def label_codes(codes: np.ndarray, levels: tuple) -> np.ndarray | pd.Categorical:
    """Give codes their levels: flags stay flags."""
    if levels == (False, True):
        return codes.astype(bool)
    return pd.Categorical.from_codes(codes, categories=list(levels))


def _say_asked(reg: Registry, clock: Clock, **asked: str) -> dict[str, Any]:
    return {**asked, "as_of": str(reg.as_of.date()), "months": clock.count, "events": dict(enumerate(EVENTS))}


def check_asked(reg: Registry, outcome: str, exposure: str, start: str, end: str, *, leavers: bool = True) -> Clock:
    """Refuse what cannot be answered, and lay out the months from the start to the earlier of the end and `as_of`."""
    for name, vi, seen, allowed in (
        ("outcome", "kết quả", outcome, tuple(OUTCOMES)),
        ("exposure", "loại đào tạo", exposure, TRAINING_KIND),
    ):
        if seen not in allowed:
            words = ", ".join(allowed)
            raise CareersError(
                en=f"{name}: {seen!r} is not one of the allowed words. Use one of: {words}.",
                vi=f"{vi} ({name}): {seen!r} không thuộc các giá trị được phép. Hãy dùng một trong: {words}.",
            )
    first, last = _read_day("start", start), _read_day("end", end)
    if first > last:
        raise CareersError(
            en=f"start, end: follow-up must start before it ends; seen {start} to {end}. Give an earlier start.",
            vi=f"start, end: kỳ theo dõi phải bắt đầu trước khi kết thúc; thấy {start} đến {end}. Hãy lùi start lại.",
        )
    if reg.as_of < first:
        raise CareersError(
            en=f"as_of: the registry is seen on {reg.as_of:%Y-%m-%d}, before follow-up starts on {start}. "
            "Load it as of a later day, or start earlier.",
            vi=f"as_of: dữ liệu được xem tại ngày {reg.as_of:%Y-%m-%d}, trước khi kỳ theo dõi bắt đầu {start}. "
            "Hãy nạp dữ liệu tại ngày muộn hơn, hoặc bắt đầu sớm hơn.",
        )
    if leavers and not reg.meta.get("leavers_included"):
        raise CareersError(en=LEAVERS.en, vi=LEAVERS.vi)
    if outcome == "seat" and not reg.has("seats"):
        raise CareersError(
            en="seats: the outcome seat needs the table seats; it is absent. Add it, or ask for higher_post.",
            vi="seats: kết quả seat cần bảng seats; bảng này không có. Hãy thêm bảng, hoặc chọn higher_post.",
        )
    first_month, last_month = month_numbers([first, min(last, reg.as_of)])
    return make_clock(reg, int(first_month), int(last_month - first_month + 1))


def _read_day(name: str, day: str) -> pd.Timestamp:
    try:
        return pd.to_datetime(day, format="ISO8601")
    except (ValueError, TypeError):
        raise CareersError(
            en=f"{name}: {day!r} is not a day as YYYY-MM-DD. Write for example 2019-01-01.",
            vi=f"{name}: {day!r} không phải ngày dạng YYYY-MM-DD. Ví dụ: 2019-01-01.",
        ) from None


def open_to_appointment(spells: Spells) -> pd.DataFrame:
    """Give the rows in which the rules allow an appointment; all rows where the registry cannot tell."""
    frame = spells.frame
    return frame[frame["appointable"]].reset_index(drop=True) if "appointable" in frame else frame
