"""What the trials answer, in words: the verdict first, its number and interval, and why no more can be said."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.effects.checks.sensitivity import e_value, smallest_detectable
from analysis.effects.checks.verdict import check_words, rule, verdict_words
from analysis.publishing.views.tables import FEW, html_table
from analysis.publishing.views.trials import main_rows, points, span
from analysis.text import Text
from analysis.words import escape, label, number, percent

POSTS = Text(
    " Posts are few: the difference is relative to colleagues, no gain for all.",
    " Số chức vụ có hạn: hiệu này là so với đồng nghiệp, không phải lợi ích chung.",
)


def trial_answer(
    rows: pd.DataFrame, lang: str, *, verdict: str, primary: int, reasons: Sequence[Text] = ()
) -> dict[str, str]:
    """Answer whether starting raises the chance of a higher post, in one sentence with its number and verdict."""
    gaps = main_rows(rows).set_index("time") if len(rows) else pd.DataFrame()
    if verdict == "not_assessable" or primary not in gaps.index:
        why = " ".join(reason.say(lang) for reason in reasons)
        text = Text(
            f"Not assessable: the data cannot carry an answer. {why}",
            f"Không đánh giá được: dữ liệu chưa đủ để trả lời. {why}",
        )
        return {"html": escape(text.say(lang)), "status": "not_assessable"}
    row = gaps.loc[primary]
    words = {
        "supported": Text("supported by every check set beforehand", "đạt mọi kiểm tra đã định trước"),
        "suggestive": Text("suggestive only, since not every check holds", "mới là gợi ý, vì chưa đạt mọi kiểm tra"),
        "not_distinguishable": Text("not distinguishable from no effect, or from who is chosen", "chưa phân biệt được với không tác động, hoặc với việc chọn người"),
    }[verdict]  # fmt: skip
    text = Text(
        f"Starting a course now changes the share promoted within {primary} months by {points(row['estimate'], 'en')} "
        f"({span(row, 'en')}): {words.en}.",
        f"Đi học ngay làm tỷ lệ lên chức trong {primary} tháng thay đổi {points(row['estimate'], 'vi')} "
        f"({span(row, 'vi')}): {words.vi}.",
    )
    return {"html": escape(text.say(lang) + POSTS.say(lang)), "status": verdict}


def trial_reading(rows: pd.DataFrame, lang: str, *, primary: int) -> str:
    """Say how far the misleading comparison lies from the proper one."""
    gaps = main_rows(rows).set_index("time") if len(rows) else pd.DataFrame()
    naive = rows[(rows["method"] == "ever_trained") & (rows["time"] == primary) & rows["estimate"].notna()]
    if primary not in gaps.index or naive.empty:
        return f"<p>{Text('The comparison is not shown.', 'Không nêu so sánh.').say(lang)}</p>"
    one, other = gaps.loc[primary, "estimate"], naive["estimate"].iloc[0]
    text = Text(
        f"Within {primary} months the ever-trained comparison gives {points(other, 'en')}, the trials {points(one, 'en')}: what lies between is "
        "who is chosen, and time that had to pass before a course.",
        f"Trong {primary} tháng, so sánh người từng đi học cho {points(other, 'vi')}, còn thử nghiệm mô phỏng cho {points(one, 'vi')}: phần chênh là do "
        "chọn người và do thời gian phải trôi qua trước khóa học.",
    )
    return f"<p>{escape(text.say(lang))}</p>"


def protocol_html(rows: pd.DataFrame, lang: str, *, protocol: pd.DataFrame) -> str:
    """Lay out the protocol of the emulated trial."""
    words = {"eligibility": Text("Eligible", "Đủ điều kiện"), "strategies": Text("Compared", "So sánh"), "assignment": Text("Assignment", "Phân nhóm"),
             "time zero": Text("Time zero", "Mốc bắt đầu"), "outcome": Text("Outcome", "Kết quả"), "estimand": Text("Estimand", "Đại lượng"),
             "analysis": Text("Analysis", "Phân tích")}  # fmt: skip
    cells = [[words[row["part"]].say(lang), row[lang]] for _, row in protocol.iterrows()]
    return html_table([Text("Part", "Phần").say(lang), Text("As emulated", "Như đã mô phỏng").say(lang)], cells)


def risk_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out risks in both arms, difference and ratio by horizon."""
    kept = rows[(rows["population"] == "eligible") & (rows["method"] == "pooled_logistic") & (rows["run"] == "")]
    cells = []
    for time, part in kept.groupby("time"):
        by = part.set_index(["estimand", "term"])
        none, some = (by[by.index.get_level_values(1).str.endswith(f"[{arm}]")] for arm in (0, 1))
        gap, ratio = (part[part["estimand"] == name] for name in ("risk_difference", "risk_ratio"))
        if gap.empty or gap["estimate"].isna().all():
            cells.append([f"{time:.0f}", *[FEW.say(lang)] * 4])
            continue
        gap, ratio = gap.iloc[0], ratio.iloc[0]
        cells.append([f"{time:.0f}", percent(none["estimate"].iloc[0], lang), percent(some["estimate"].iloc[0], lang),
                      f"{points(gap['estimate'], lang)} ({span(gap, lang)})",
                      f"{number(ratio['estimate'], lang, 2)} ({number(ratio['conf_low'], lang, 2)} – {number(ratio['conf_high'], lang, 2)})"])  # fmt: skip
    names = (
        Text("Months", "Tháng"),
        Text("Does not start", "Không đi học"),
        Text("Starts", "Đi học"),
        Text("Difference", "Hiệu"),
        Text("Ratio", "Tỷ số"),
    )
    title = Text(
        "Share promoted, if nobody and if everybody started", "Tỷ lệ lên chức nếu không ai và nếu mọi người đi học"
    )
    note = Text("95% intervals; people counted once a person.", "Khoảng tin cậy 95 %; mỗi người tính một lần.")
    return {
        "title": title.say(lang),
        "html": html_table([one.say(lang) for one in names], cells),
        "note": note.say(lang),
    }


def checks_html(rows: pd.DataFrame, lang: str, *, checks: pd.DataFrame) -> str:
    """Lay out each check, whether it held, and what it would break."""
    result = {
        True: Text("holds", "đạt"),
        False: Text("does not hold", "không đạt"),
        None: Text("could not be made", "không kiểm tra được"),
    }
    breaks = {
        True: Text("told apart from selection", "tách khỏi việc chọn người"),
        False: Text("strength of the claim", "độ chắc của kết luận"),
    }
    asked = rule()
    cells = []
    for name, passed in zip(checks["check"], checks["passed"], strict=True):
        held = None if passed is None or pd.isna(passed) else bool(passed)
        cells.append(
            [check_words(name).say(lang), result[held].say(lang), breaks[name in asked["selection"]].say(lang)]
        )
    names = (Text("Check", "Kiểm tra"), Text("Result", "Kết quả"), Text("What it bears on", "Điều bị ảnh hưởng"))
    return html_table([one.say(lang) for one in names], cells)


def checks_answer(
    rows: pd.DataFrame, lang: str, *, verdict: str, checks: pd.DataFrame, reasons: Sequence[Text] = ()
) -> dict[str, str]:
    """Say the verdict, how many checks hold, and why it is no better."""
    held = (
        int(sum(one is not None and not pd.isna(one) and bool(one) for one in checks["passed"])) if len(checks) else 0
    )
    why = " ".join(reason.say(lang) for reason in reasons)
    said = Text(f"{held} of {len(checks)} checks hold", f"{held} trong {len(checks)} kiểm tra đạt")
    if verdict == "not_assessable":
        said = Text("no check could be made", "chưa kiểm tra được điều nào")
    text = Text(f"{verdict_words(verdict).en}: {said.en}. {why}", f"{verdict_words(verdict).vi}: {said.vi}. {why}")
    return {"html": escape(text.say(lang).strip()), "status": verdict}


def gains_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out the difference by group, and the tests of equal differences."""
    cells = []
    for _, row in rows[rows["estimand"] == "risk_difference"].iterrows():
        shown = pd.notna(row["estimate"])
        wide = span(row, lang) if shown else ""
        cells.append(
            [
                label(row["term"], lang),
                points(row["estimate"], lang) if shown else FEW.say(lang),
                wide,
                number(row["n_exposed"], lang),
            ]
        )
    names = (
        Text("Group", "Nhóm"),
        Text("Difference", "Hiệu"),
        Text("95% interval", "Khoảng tin cậy 95%"),
        Text("Starters", "Người đi học"),
    )
    title = Text("Who gains: differences by group", "Ai được lợi: hiệu theo nhóm")
    tests = rows[(rows["estimand"] == "test") & rows["p_value"].notna()]
    said = "; ".join(
        f"{label(row['term'], lang)}: p = {number(row['p_value'], lang, 2)}" for _, row in tests.iterrows()
    )
    note = Text(
        f"Tests of equal differences, by Holm: {said}." if said else "",
        f"Kiểm định hiệu bằng nhau, theo Holm: {said}." if said else "",
    )
    return {
        "title": title.say(lang),
        "html": html_table([one.say(lang) for one in names], cells),
        "note": note.say(lang),
    }


def hidden_cause(rows: pd.DataFrame, lang: str, *, primary: int) -> str:
    """Say by the E-value how strong an unmeasured cause would have to be to make the ratio seen."""
    one = rows[(rows["estimand"] == "risk_ratio") & (rows["time"] == primary) & rows["estimate"].notna()]
    gap = main_rows(rows)
    gap = gap[gap["time"] == primary]
    if one.empty or gap.empty:
        return f"<p>{Text('Not shown.', 'Không nêu.').say(lang)}</p>"
    ratio = one.iloc[0]
    found = e_value(ratio["estimate"], ratio["conf_low"], ratio["conf_high"])
    least = smallest_detectable(gap["std_error"].iloc[0])
    text = Text(
        f"To make a ratio of {number(ratio['estimate'], 'en', 2)} out of nothing, a hidden cause would have to be {number(found.point, 'en', 2)} "
        f"times as common among starters and raise promotion {number(found.point, 'en', 2)} times; to move the interval to no effect, "
        f"{number(found.limit, 'en', 2)} times. Such a study finds differences of {points(least, 'en')} with a power of 80 percent.",
        f"Để tự tạo ra tỷ số {number(ratio['estimate'], 'vi', 2)} từ không có gì, một nguyên nhân ẩn phải gặp ở người đi học nhiều gấp {number(found.point, 'vi', 2)} "
        f"lần và làm tăng thăng tiến {number(found.point, 'vi', 2)} lần; để đưa khoảng tin cậy về không tác động: {number(found.limit, 'vi', 2)} lần. "
        f"Nghiên cứu như vậy tìm ra hiệu từ {points(least, 'vi')} với lực 80 phần trăm.",
    )
    return f"<p>{escape(text.say(lang))}</p>"
