"""Start-stop frames as estimators take them: checked once, every fault named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..errors import EffectsError

TIMES = ("person_id", "start", "stop", "event")


def check_spells(frame: pd.DataFrame, covariates: Sequence[str] = ()) -> None:
    """Refuse a start-stop frame that breaks its contract; the error lists every fault with column and rows."""
    missing = [name for name in (*TIMES, *covariates) if name not in frame]
    if missing:
        raise EffectsError(
            en=f"The frame lacks the columns {missing}; a start-stop frame has {list(TIMES)} and the covariates.",
            vi=f"Bảng thiếu các cột {missing}; bảng khoảng thời gian cần {list(TIMES)} và các biến.",
        )
    if frame.empty:
        raise EffectsError(
            en="The frame has no rows: nobody is at risk.", vi="Bảng không có dòng nào: không ai trong diện theo dõi."
        )
    faults = [fault for fault in _faults(frame, covariates) if fault[2].any()]
    if faults:
        raise EffectsError(en=_tell(faults, frame, 0), vi=_tell(faults, frame, 1))


def _faults(frame: pd.DataFrame, covariates: Sequence[str]):
    start, stop = (pd.to_numeric(frame[name], errors="coerce") for name in ("start", "stop"))
    event = pd.to_numeric(frame["event"], errors="coerce")
    lost = ~np.isfinite(start) | ~np.isfinite(stop)
    yield "start, stop", ("a time is missing or no number", "thiếu mốc thời gian hoặc không phải số"), lost
    yield "stop", ("stop is not after start", "stop không sau start"), ~lost & (stop <= start)
    bad_event = event.isna() | (event < 0) | (event != event.round())
    yield "event", ("not a whole number of 0 or more", "không phải số nguyên không âm"), bad_event
    yield "person_id", ("missing", "bị thiếu"), frame["person_id"].isna()
    for name in covariates:
        yield name, ("a value is missing", "thiếu giá trị"), frame[name].isna()
    order = np.lexsort((start, pd.factorize(frame["person_id"])[0]))
    person = frame["person_id"].to_numpy()[order]
    overlap = np.zeros(len(frame), dtype=bool)
    overlap[order[1:]] = (person[1:] == person[:-1]) & (
        start.to_numpy()[order[1:]] < stop.to_numpy()[order[:-1]] - 1e-9
    )
    yield "start", ("overlaps an earlier row of the same person", "chồng lên dòng trước của cùng một người"), overlap


def _tell(faults: list, frame: pd.DataFrame, lang: int) -> str:
    lines = []
    for column, what, bad in faults:
        labels = ", ".join(map(str, frame.index[np.asarray(bad)][:5]))
        count = int(np.sum(bad))
        words = (f"{column}: {what[0]} in {count} rows (first labels: {labels})",
                 f"{column}: {what[1]} ở {count} dòng (nhãn đầu: {labels})")  # fmt: skip
        lines.append(words[lang])
    head = ("The frame cannot be used; no row is dropped in silence. Correct: ",
            "Không dùng được bảng; không dòng nào bị bỏ âm thầm. Cần sửa: ")  # fmt: skip
    return head[lang] + "; ".join(lines) + "."
