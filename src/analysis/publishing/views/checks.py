"""Figures of the checks: balance before and after weighting, placebo dates, and other specifications."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.publishing.views.style import Chart, Style
from analysis.publishing.views.trials import points
from analysis.text import Text
from analysis.words import NOTHING, label, number

PLACEBO, SPECIFICATION, BALANCE = "placebo", "specification", "balance"


def _main(rows: pd.DataFrame, run: str = "main") -> float:
    one = rows[(rows["run"] == run) & rows["estimate"].notna()]
    return float(one["estimate"].iloc[0]) if len(one) else np.nan


def _placebo_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    drawn = rows[(rows["run"] == PLACEBO) & rows["estimate"].notna()]["estimate"]
    seen = _main(rows, "observed")
    if drawn.empty or np.isnan(seen):
        return {"title": Text("Placebo dates", "Ngày học giả").say(lang), "alt": NOTHING.say(lang), "caption": ""}
    beyond = int((drawn.abs() >= abs(seen)).sum())
    title = Text(
        f"{beyond} of {len(drawn)} draws of made-up starters differ as much as the real ones",
        f"{beyond} trong {len(drawn)} lần rút người học giả cho hiệu lớn bằng người học thật",
    )
    alt = Text(
        f"Differences of made-up starters run from {points(drawn.min(), 'en')} to {points(drawn.max(), 'en')}; the real ones: {points(seen, 'en')}.",
        f"Hiệu của người học giả từ {points(drawn.min(), 'vi')} đến {points(drawn.max(), 'vi')}; người học thật: {points(seen, 'vi')}.",
    )
    caption = Text(
        "Starts given at random to people as likely to be sent: their promotions less what the model expects of controls, one dot a draw.",
        "Gán ngẫu nhiên việc đi học cho người có khả năng được cử tương tự: số lên chức trừ mức mô hình chờ đợi ở nhóm chứng, mỗi lần rút một chấm.",
    )
    return {"title": title.say(lang), "alt": alt.say(lang), "caption": caption.say(lang)}


def _placebo(rows: pd.DataFrame, *, style: Style) -> Figure:
    drawn = 100 * rows[(rows["run"] == PLACEBO) & rows["estimate"].notna()]["estimate"].to_numpy()
    seen = 100 * _main(rows, "observed")
    if not len(drawn) or np.isnan(seen):
        return style.nothing()
    figure, axes = style.canvas(2.5)
    wide = max(np.ptp(np.append(drawn, seen)) / (26 if style.narrow else 48), 1e-9)
    bins = np.round(drawn / wide).astype(int)
    height = np.zeros(len(drawn))
    for value in np.unique(bins):
        inside = np.flatnonzero(bins == value)
        height[inside] = np.arange(len(inside))
    axes.plot(bins * wide, height, "o", ms=3.6, color=style.colour("untrained"), alpha=0.8)
    axes.axvline(seen, color=style.colour("trained"), lw=2.4)
    axes.annotate("thật" if style.lang == "vi" else "real", (seen, height.max()), xytext=(5, 0), textcoords="offset points",
                  fontsize=9.5, weight="bold", color=style.colour("trained"), bbox=style.plate())  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(-1, height.max() * 1.15 + 1)
    axes.set_xlabel("hiệu, điểm phần trăm" if style.lang == "vi" else "difference, percentage points")
    return figure


def _specification_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    shown = rows[(rows["run"] == SPECIFICATION) & rows["estimate"].notna()]["estimate"]
    if shown.empty:
        return {
            "title": Text("Other specifications", "Cách tính khác").say(lang),
            "alt": NOTHING.say(lang),
            "caption": "",
        }
    above = int((shown > 0).sum())
    title = Text(f"{above} of {len(shown)} ways to compute it give a difference above zero",
                 f"{above} trong {len(shown)} cách tính cho hiệu lớn hơn 0")  # fmt: skip
    alt = Text(f"From {points(shown.min(), 'en')} to {points(shown.max(), 'en')}, median {points(shown.median(), 'en')}.",
               f"Từ {points(shown.min(), 'vi')} đến {points(shown.max(), 'vi')}, trung vị {points(shown.median(), 'vi')}.")  # fmt: skip
    caption = Text("Every combination of method, population and covariates left out in turn, from the lowest to the highest.",
                   "Mọi kết hợp phương pháp, quần thể và lần lượt bỏ từng biến, xếp từ thấp đến cao.")  # fmt: skip
    return {"title": title.say(lang), "alt": alt.say(lang), "caption": caption.say(lang)}


def _specifications(rows: pd.DataFrame, *, style: Style) -> Figure:
    shown = (
        rows[(rows["run"] == SPECIFICATION) & rows["estimate"].notna()].sort_values("estimate").reset_index(drop=True)
    )
    if shown.empty:
        return style.nothing()
    figure, axes = style.canvas(3.0)
    marks = {"pooled_logistic": ("o", "trained"), "weighting": ("s", "studying"), "doubly_robust": ("^", "gain")}
    for method, (mark, meaning) in marks.items():
        own = shown[shown["method"] == method]
        axes.plot(
            own.index,
            100 * own["estimate"],
            mark,
            ms=5,
            ls="none",
            color=style.colour(meaning),
            label=label(method, style.lang, "methods"),
        )
    axes.axhline(0, color=style.tone("muted"), lw=1)
    axes.axhline(100 * _main(rows), color=style.colour("trained"), lw=1, ls="--")
    axes.set_xticks([])
    axes.set_ylabel("điểm phần trăm" if style.lang == "vi" else "percentage points", fontsize=9)
    axes.legend(frameon=False, fontsize=8.5, loc="upper left", ncols=1 if style.narrow else 3)
    axes.grid(axis="y")
    return figure


def _love_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    shown = rows[(rows["run"] == BALANCE) & rows["estimate"].notna()]
    if shown.empty:
        return {"title": Text("Balance", "Cân bằng").say(lang), "alt": NOTHING.say(lang), "caption": ""}
    worst = shown.assign(size=shown["estimate"].abs()).groupby("method")["size"].max()
    title = Text(
        f"Weighting brings the largest difference between the arms from {number(worst['unweighted'], 'en', 2)} to {number(worst['weighted'], 'en', 2)}",
        f"Gán trọng số đưa chênh lệch lớn nhất giữa hai nhóm từ {number(worst['unweighted'], 'vi', 2)} còn {number(worst['weighted'], 'vi', 2)}",
    )
    parts = [
        f"{label(row['term'], lang)}: {number(row['estimate'], lang, 2)}"
        for _, row in shown[shown["method"] == "unweighted"].iterrows()
    ]
    caption = Text("Standardised differences, starters less others: grey and hollow unweighted, blue weighted; band: up to 0.1.",
                   "Chênh lệch chuẩn hóa, người đi học trừ người khác: xám rỗng chưa gán trọng số, xanh đã gán; dải: đến 0,1.")  # fmt: skip
    return {"title": title.say(lang), "alt": "; ".join(parts) + ".", "caption": caption.say(lang)}


def _love(rows: pd.DataFrame, *, style: Style) -> Figure:
    shown = rows[(rows["run"] == BALANCE) & rows["estimate"].notna()]
    if shown.empty:
        return style.nothing()
    wide = shown.pivot_table(index="term", columns="method", values="estimate", sort=False)
    wide = wide.reindex(wide["unweighted"].abs().sort_values().index)
    figure, axes = style.canvas(0.8 + 0.24 * len(wide), 0.8 + 0.3 * len(wide))
    place = np.arange(len(wide))
    axes.axvspan(-0.1, 0.1, color=style.tone("rule"), alpha=0.5, lw=0)
    axes.hlines(place, wide["unweighted"], wide["weighted"], color=style.tone("rule"), lw=1)
    axes.plot(wide["unweighted"], place, "o", ms=6, color=style.colour("naive"), mfc=style.tone("plate"))
    axes.plot(wide["weighted"], place, "o", ms=5, color=style.colour("trained"))
    axes.axvline(0, color=style.tone("muted"), lw=1)
    axes.set_yticks(place, [label(term, style.lang) for term in wide.index], fontsize=8 if style.narrow else 8.5)
    axes.set_xlabel("chênh lệch chuẩn hóa" if style.lang == "vi" else "standardised difference")
    return figure


PLACEBOS = Chart(_placebo_words, _placebo)
SPECIFICATIONS = Chart(_specification_words, _specifications)
LOVE = Chart(_love_words, _love)
