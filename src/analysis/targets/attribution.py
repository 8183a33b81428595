"""What of a target is the project's: three answers, in increasing claim, side by side and never added."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.estimate import Estimate, tidy
from analysis.registry import Registry
from analysis.targets.flows import label_moves
from analysis.targets.groups import Roster, call_roster, counted, day_of, is_elected, milestone, state_on
from analysis.text import Text

LEAST_ENROLMENTS = 5  # before the project and since: fewer cannot tell two rates apart
LEAST_MONTHS = 12
RATIOS = ("risk_ratio", "hazard_ratio")
TERMS = ("accounting", "counterfactual", "through_promotion")


def attribute(
    reg: Registry,
    *,
    target: str,
    on: str | pd.Timestamp | None = None,
    effect: Estimate | pd.DataFrame | None = None,
    draws: int = 4000,
    seed: int = 20210910,
) -> Estimate:
    """Say how many heads of a target on a day are the project's, by three definitions (`heads` rows).

    `accounting`: who counts and whose latest postgraduate course the project paid; no effect. `counterfactual`: of
    those who count by a course begun since the project, how many would not if members had enrolled at the rate before
    it (median and 90 percent interval of Gamma posteriors of both rates; assumes that nothing else changed the rate).
    `through_promotion`: newcomers promoted after the project's course who would not be there without the effect,
    n (1 - 1 / ratio) with the `effect` row of the latest time (`risk_ratio` or `hazard_ratio`, from `effects`); a blocked
    estimate says why not.
    What cannot be identified is empty and its reason is in the notes.
    """
    day, start = day_of(reg, on), milestone("baseline")
    roster = call_roster(reg, target)
    counts = counted(state_on(roster, day), "has_or_studying")
    base = {"method": "attribution", "estimand": "heads", "population": "ALL", "outcome": target, "date": day,
            "n": len(counts)}  # fmt: skip
    spec = {"target": target, "on": f"{day:%Y-%m-%d}", "draws": draws, "seed": seed}
    if counts.empty:
        reason = Text("The group has no members on the day asked for.", "Nhóm không có thành viên vào ngày được hỏi.")
        rows = [{**base, "term": term} for term in TERMS]
        return Estimate(table=rows, spec=spec, notes=(reason,), status="blocked")
    latest = _latest_course(roster, day).reindex(counts.index[counts])
    paid = int((latest["funder"] == "project_02").sum())
    since = int((latest["started"] > start).sum())
    answers = [
        ({"estimate": paid, "n_event": paid, "interval": "none"}, None),
        _counterfactual(reg, roster, start, day, since, np.random.default_rng(seed).spawn(1)[0], draws),
        _through_promotion(_promoted(reg, roster, target, start, day), effect),
    ]
    rows = [{**base, "term": term, **values} for term, (values, _) in zip(TERMS, answers, strict=True)]
    reasons = tuple(reason for _, reason in answers if reason)
    return Estimate(table=rows, spec=spec, notes=(_caution(), *reasons), status="warned" if reasons else "ok")


def _latest_course(roster: Roster, day: pd.Timestamp) -> pd.DataFrame:
    courses = roster.courses[
        (roster.courses["started"] <= day) & ~roster.courses["outcome"].isin(["dropped", "suspended"])
    ]
    courses = courses.sort_values(["started", "course_id"]).drop_duplicates("person_id", keep="last")
    return courses.set_index("person_id")[["funder", "started"]]


def count_enrolments(roster: Roster, first: pd.Timestamp, last: pd.Timestamp) -> tuple[int, int]:
    """Count courses begun by members who did not count, and their person-months, month by month between two days."""
    months = pd.date_range(first, last, freq="ME")
    begun, exposed = 0, 0
    for day, end in zip(months, months[1:], strict=False):
        free = state_on(roster, day)
        free = free.index[~counted(free, "has_or_studying")]
        starts = roster.courses[(roster.courses["started"] > day) & (roster.courses["started"] <= end)]
        begun += int(starts.loc[starts["person_id"].isin(free), "person_id"].nunique())
        exposed += len(free)
    return begun, exposed


def _counterfactual(
    reg: Registry, roster: Roster, start: pd.Timestamp, day: pd.Timestamp, since: int, rng, draws: int
) -> tuple[dict[str, Any], Text | None]:
    """Thin the enrolments since the project to the rate before it."""
    first = max(pd.Timestamp(reg.meta["covers_from"]), start - pd.DateOffset(years=3))
    spans = [(one.to_period("M") - two.to_period("M")).n for one, two in ((start, first), (day, start))]
    if min(spans) < LEAST_MONTHS:
        return {}, Text(
            f"Counterfactual not identifiable: {spans[0]} months seen before the project and {spans[1]} since, of "
            f"{LEAST_MONTHS} needed.",
            f"Không xác định được phản thực: thấy {spans[0]} tháng trước Đề án và {spans[1]} tháng sau, cần {LEAST_MONTHS}.",
        )
    (n0, t0), (n1, t1) = count_enrolments(roster, first, start), count_enrolments(roster, start, day)
    if min(n0, n1) < LEAST_ENROLMENTS:
        return {}, Text(
            f"Counterfactual not identifiable: fewer than {LEAST_ENROLMENTS} members enrolled before or since the project.",
            f"Không xác định được phản thực: dưới {LEAST_ENROLMENTS} thành viên đi học trước hoặc sau khi có Đề án.",
        )
    ratio = (rng.gamma(n0 + 0.5, size=draws) / t0) / (rng.gamma(n1 + 0.5, size=draws) / t1)
    kept = rng.binomial(since, np.minimum(ratio, 1.0))
    heads = np.where(ratio > 1, -rng.poisson(since * np.maximum(ratio - 1, 0)), since - kept)
    low, middle, high = np.quantile(heads, [0.05, 0.5, 0.95])
    return {"estimate": middle, "conf_low": low, "conf_high": high, "conf_level": 0.9, "n_event": since,
            "interval": "posterior"}, None  # fmt: skip


def _promoted(reg: Registry, roster: Roster, target: str, start: pd.Timestamp, day: pd.Timestamp) -> int | None:
    """Newcomers since the project who count and were promoted after its course; None for seats, which are elected."""
    if is_elected(target):
        return None
    ends = [counted(state_on(roster, one), "has_or_studying") for one in (start, day)]
    moves = label_moves(reg, roster, (ends[0], ends[1]), (start, day), seats=False)
    return int((moves["counts"] & (moves["kind"] == "promoted_after_project")).sum())


def _through_promotion(
    people: int | None, effect: Estimate | pd.DataFrame | None
) -> tuple[dict[str, Any], Text | None]:
    """Switch the effect of training on promotion off."""
    if people is None:
        return {}, Text("Through promotion not identifiable: members of this group are elected, and no effect on election is estimated.",
                        "Không xác định được phần qua thăng tiến: thành viên nhóm này do bầu, chưa ước lượng tác động đến việc bầu.")  # fmt: skip
    if isinstance(effect, Estimate):
        if effect.status == "blocked":
            en, vi = (" ".join(note.say(lang) for note in effect.notes) for lang in ("en", "vi"))
            return {}, Text(f"Through promotion not assessable, the effect of training on promotion being withheld. {en}",
                            f"Không đánh giá được phần qua thăng tiến, vì tác động của đào tạo đến thăng tiến không được nêu. {vi}")  # fmt: skip
        effect = effect.table
    rows = None if effect is None else tidy(effect).query("estimand in @RATIOS and estimate > 0")
    if rows is None or rows.empty:
        return {}, Text("Through promotion not assessable: no usable ratio of a training effect was given.",
                        "Không đánh giá được phần qua thăng tiến: chưa có tỷ số tác động đào tạo dùng được.")  # fmt: skip
    row = rows.sort_values("time", kind="stable").iloc[-1]
    heads = {name: people * (1 - 1 / row[name]) for name in ("estimate", "conf_low", "conf_high") if row[name] > 0}
    if "estimate" not in heads or len(heads) < 3:
        return {}, Text("Through promotion not assessable: the effect given has no interval.",
                        "Không đánh giá được phần qua thăng tiến: tác động được cho không có khoảng tin cậy.")  # fmt: skip
    return {**heads, "conf_level": row["conf_level"], "n_event": people, "interval": "effect"}, None


def _caution() -> Text:
    return Text(
        "Three definitions side by side: they overlap and are never added, and the accounting one is no effect.",
        "Ba định nghĩa đặt cạnh nhau: chúng chồng lên nhau, không được cộng, và con số kế toán không phải là tác động.",
    )
