"""Protected rows -> tables of traps: what a right comparison still does not say."""

from __future__ import annotations

import pandas as pd

from analysis.publishing.views.tables import FEW, html_table
from analysis.text import Text
from analysis.words import number

ROWS = {
    "risk_ratio": Text("Those who start, against those who do not: ratio of risks at 36 months (trials)",
                       "Người đi học so với người không đi: tỷ số nguy cơ ở 36 tháng (thử nghiệm)"),
    "hazard_ratio": Text("Everyone, where courses help against where they do nothing: ratio of monthly hazards",
                         "Mọi người, nơi khóa học có ích so với nơi không: tỷ số nguy cơ tức thời hằng tháng"),
}  # fmt: skip


def fixed_posts_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out how much more those who start rise where posts are fixed, and how much more everyone together does."""
    cells = []
    for estimand, words in ROWS.items():
        row = rows[(rows["estimand"] == estimand) & rows["estimate"].notna()]
        span = FEW.say(lang)
        if len(row):
            low, high = (number(row[end].iloc[0], lang, 2) for end in ("conf_low", "conf_high"))
            span = f"{number(row['estimate'].iloc[0], lang, 2)} ({low} – {high})"
        cells.append([words.say(lang), span])
    names = Text("Who is compared", "So sánh ai"), Text("Ratio", "Tỷ số")
    title = Text(
        "With a fixed number of posts, one person's gain is another's wait",
        "Khi số chức vụ cố định, người này lên thì người khác chờ",
    )
    note = Text(
        "Synthetic province of its own, courses helping much, promotions a month fixed. 95% intervals.",
        "Tỉnh mô phỏng riêng, khóa học rất có ích, số lượt lên chức mỗi tháng cố định. Khoảng tin cậy 95 %.",
    )
    return {
        "title": title.say(lang),
        "html": html_table([one.say(lang) for one in names], cells),
        "note": note.say(lang),
    }
