"""Who is followed and who is not: step by step, with nobody leaving in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.careers.outcomes import EXIT_WORDS, OUTCOMES
from analysis.errors import CareersError
from analysis.registry.contract import EXIT
from analysis.text import Text

EVENTS = ("censored", "outcome", *EXIT)
STEPS = {
    "registry": Text("people in the registry", "người có trong dữ liệu"),
    "in_service": Text("in service for a month of the follow-up", "có ít nhất một tháng công tác trong kỳ theo dõi"),
    "post_history": Text("with a post of their own at entry", "có chức vụ, vị trí chính khi bắt đầu theo dõi"),
    "no_earlier_course": Text("with no such course begun before entry", "chưa học khóa cùng loại trước đó"),
    "no_earlier_degree": Text("with no postgraduate degree before entry", "chưa có bằng sau đại học trước đó"),
    "below_top": Text("who can still reach the outcome", "còn có thể đạt kết quả đang xét"),
    "at_risk": Text("people at risk", "người được theo dõi"),
    "person_months": Text("person-months at risk", "tháng-người theo dõi"),
}
ASIDES = {
    "later_return": Text("came back after an exit; not followed again", "trở lại sau khi rời đi; không theo dõi tiếp"),
    "study_stopped": Text(
        "stopped studying without completing (dropped, suspended or past the limit); untrained from that month's end",
        "ngừng học khi chưa hoàn thành (bỏ, tạm dừng hoặc quá hạn); coi là chưa đào tạo từ cuối tháng đó",
    ),
    "later_course": Text(
        "began a further such course; only the first counts", "học thêm khóa cùng loại; chỉ tính khóa đầu"
    ),
    "degree_without_course": Text(
        "gained a postgraduate degree in follow-up without a course in the registry; untrained here",
        "có bằng sau đại học trong kỳ mà không có khóa học trong dữ liệu; coi là chưa đào tạo",
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
    rows = [("registry", STEPS["registry"], len(left), 0, len(left))]
    for step, stays in steps.items():
        before, left = left.sum(), left & stays
        rows.append((step, STEPS[step], left.sum(), before - left.sum(), left.sum()))
    people, months = left.sum(), (followed.stop - followed.entry)[left].sum()
    rows += [
        ("at_risk", STEPS["at_risk"], people, 0, people),
        ("person_months", STEPS["person_months"], people, None, months),
    ]
    ends = np.bincount(followed.event[left], minlength=len(EVENTS))
    words = (Text("followed to the end", "theo dõi đến hết kỳ"), OUTCOMES[outcome], *EXIT_WORDS.values())
    rows += [(name, said, number, None, number) for name, said, number in zip(EVENTS, words, ends, strict=True)]
    counts = {name: (flags & left).sum() for name, flags in asides.items()}
    rows += [(name, ASIDES[name], number, None, number) for name, number in counts.items()]
    table = pd.DataFrame(
        [(step, said.vi, said.en, *numbers) for step, said, *numbers in rows],
        columns=["step", "vi", "en", "people", "removed", "count"],
    )
    return table.astype({"people": "Int64", "removed": "Int64", "count": "Int64"})


def say_asides(asides: Mapping[str, np.ndarray], keep: np.ndarray) -> tuple[Text, ...]:
    """Say the asides that concern someone, without their number: the flow holds it."""
    return tuple(
        Text(f"Some people {ASIDES[name].en}.", f"Có người {ASIDES[name].vi}.")
        for name, flags in asides.items() if (flags & keep).any()
    )  # fmt: skip


def no_one_left(steps: Mapping[str, np.ndarray]) -> CareersError:
    """Name the step after which no one is left."""
    left = np.logical_and.accumulate(list(steps.values())).sum(axis=1)
    emptied = STEPS[list(steps)[int((left == 0).argmax())]]
    return CareersError(
        en=f"people: at least one must be at risk; no one is left after the step '{emptied.en}'. "
        "Widen start and end, or check the tables that this step reads.",
        vi=f"people: cần ít nhất một người được theo dõi; không còn ai sau bước «{emptied.vi}». "
        "Hãy nới start và end, hoặc kiểm tra các bảng mà bước này dùng.",
    )
