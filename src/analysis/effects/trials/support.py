"""Which horizons the trials can carry: followed long enough, with people and events in both arms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.effects.trials.expand import Trials
from analysis.text import Text

LEAST_PEOPLE, LEAST_EVENTS, WINDOW = 20, 5, 12


def check_support(trials: Trials, horizons: Sequence[int], primary: int) -> tuple[list[int], list[Text]]:
    """Give the horizons with follow-up and, in the months before each, enough people and events an arm; and why not others."""
    good, reasons = [], []
    for horizon in horizons:
        longest = max(horizon, primary) if trials.complete(max(horizon, primary)).any() else horizon
        flags = trials.complete(longest)
        if not flags.any():
            reasons.append(Text(f"{horizon} months: no trial can be followed so long.",
                                f"{horizon} tháng: không thử nghiệm nào theo dõi được lâu như vậy."))  # fmt: skip
            continue
        short = [_short_arm(trials, flags, horizon, arm) for arm in (1, 0)]
        if any(short):
            reasons += [text for text in short if text]
        else:
            good.append(horizon)
    return good, reasons


def _short_arm(trials: Trials, flags: np.ndarray, horizon: int, arm: int) -> Text | None:
    first, people = max(horizon - WINDOW, 0), trials.people
    inside = flags[people.trial] & (people.arm == arm) & (people.length > first)
    number = len(np.unique(people.person[inside]))
    events = int((inside & (people.event == 1) & (people.length <= horizon)).sum())
    if number >= LEAST_PEOPLE and events >= LEAST_EVENTS:
        return None
    who = ("those who start", "nhóm bắt đầu học") if arm else ("those who do not start", "nhóm không bắt đầu học")
    return Text(
        f"{horizon} months: {who[0]} have too few people at risk or events in the last {min(WINDOW, horizon)} months "
        f"(at least {LEAST_PEOPLE} people and {LEAST_EVENTS} events are needed).",
        f"{horizon} tháng: {who[1]} có quá ít người theo dõi hoặc sự kiện trong {min(WINDOW, horizon)} tháng cuối "
        f"(cần ít nhất {LEAST_PEOPLE} người và {LEAST_EVENTS} sự kiện).",
    )
