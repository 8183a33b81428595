"""Figures of the training effect: ratios on a log axis, the naive one in grey, and where person-time lies."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.publishing.views.layout import name_of
from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, label, number, percent

NAIVE = "ever_trained"
PLANTED = {"training[0-11]": "first_year", "training[12-23]": "second_year", "training[24+]": "later"}


def planted_ratios(truth: dict) -> dict[str, float]:
    """Give the planted hazard multipliers by term; empty where nothing was planted."""
    effect = truth.get("effect", {})
    return {term: effect[name] for term, name in PLANTED.items() if name in effect}


def _forest_words(rows: pd.DataFrame, lang: str, truth: dict[str, float] | None = None) -> dict[str, str]:
    shown = rows[rows["estimate"].notna()]
    naive, proper = shown[shown["term"] == NAIVE], shown[shown["term"] != NAIVE]
    title = Text(
        "Promotion rates of those in training, against those not trained",
        "Tốc độ lên chức của người được đào tạo so với người chưa",
    )
    if len(naive) and len(proper):
        after = proper[proper["term"].isin(PLANTED)].iloc[0] if proper["term"].isin(PLANTED).any() else proper.iloc[-1]
        title = Text(
            f"Counting training from the day it happened changes the answer: {number(naive['estimate'].iloc[0], 'en', 2)} "
            f"against {number(after['estimate'], 'en', 2)} ({label(after['term'], 'en')})",
            f"Tính đào tạo từ đúng lúc diễn ra làm đổi kết quả: {number(naive['estimate'].iloc[0], 'vi', 2)} so với "
            f"{number(after['estimate'], 'vi', 2)} ({label(after['term'], 'vi')})",
        )
    parts = [
        f"{name_of(one, lang)}: {number(one['estimate'], lang, 2)} "
        f"({number(one['conf_low'], lang, 2)}–{number(one['conf_high'], lang, 2)})"
        for _, one in shown.iterrows()
    ]
    caption = Text(
        "Hazard ratios of promotion with 95% intervals, log axis; 1 = the same rate as comparable colleagues not trained. "
        "Grey and dotted: the naive comparison. ",
        "Tỷ số nguy cơ thăng tiến với khoảng tin cậy 95%, thang logarit; 1 = bằng đồng nghiệp tương đương chưa đào tạo. "
        "Màu xám, nét chấm: so sánh đơn giản. ",
    )
    more = Text(
        "Diamond: the truth planted in the synthetic province. ", "Hình thoi: giá trị thật đã cài trong tỉnh mô phỏng. "
    )
    people = shown["n"].max()
    size = f"n ≈ {number(people, lang)} người." if lang == "vi" else f"n ≈ {number(people, lang)} people."
    text = caption.say(lang) + (more.say(lang) if truth else "") + (size if len(shown) else "")
    return {"title": title.say(lang), "alt": "; ".join(parts) + "." if parts else NOTHING.say(lang), "caption": text}


def _forest(rows: pd.DataFrame, *, style: Style, truth: dict[str, float] | None = None) -> Figure:
    shown = rows[rows["estimate"].notna()].reset_index(drop=True)
    if shown.empty:
        return style.nothing()
    figure, axes = style.canvas(0.9 + 0.5 * len(shown), 0.9 + 0.62 * len(shown))
    for place, one in shown.iterrows():
        naive = one["term"] == NAIVE
        colour = style.colour("naive" if naive else "trained")
        axes.plot([one["conf_low"], one["conf_high"]], [-place] * 2, color=colour, lw=2.2, ls=":" if naive else "-")
        axes.plot(one["estimate"], -place, "o", ms=8, color=colour, mfc=style.tone("plate") if naive else colour, mew=2)
        axes.annotate(number(one["estimate"], style.lang, 2), (one["estimate"], -place), xytext=(0, 9),
                      textcoords="offset points", ha="center", fontsize=9, weight="bold", color=colour)  # fmt: skip
        if truth and one["term"] in truth:
            axes.plot(truth[one["term"]], -place, "D", ms=6, color=style.colour("truth"), zorder=4)
    axes.axvline(1, color=style.tone("muted"), lw=1)
    axes.set_xscale("log")
    low, high = min(shown["conf_low"].min(), 0.9) / 1.12, max(shown["conf_high"].max(), 1.1) * 1.12
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.1, 0.25, 0.5, 1, 2, 4, 8, 16) if low < tick < high]
    axes.set_xticks(ticks, [number(tick, style.lang, 0 if tick >= 1 else 2 if tick == 0.25 else 1) for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(-shown.index, [_two_lines(name_of(one, style.lang)) for _, one in shown.iterrows()], fontsize=9)
    axes.set_ylim(-len(shown) + 0.4, 0.7)
    axes.set_xlabel("tỷ số nguy cơ (thang logarit)" if style.lang == "vi" else "hazard ratio (log axis)")
    axes.grid(axis="x")
    return figure


def _two_lines(text: str) -> str:
    if len(text) < 20:
        return text
    cut = text.find(" ", len(text) // 2 - 2)
    return text[:cut] + "\n" + text[cut + 1 :] if cut > 0 else text


def _bar_words(rows: pd.DataFrame, lang: str, *, key: str, value: str, title: Text, caption: Text) -> dict[str, str]:
    parts = [
        f"{one[key]}: {number(one[value], lang) or ('ít' if lang == 'vi' else 'few')}" for _, one in rows.iterrows()
    ]
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang)}


def _bars(rows: pd.DataFrame, *, style: Style, key: str, value: str, title: Text, caption: Text) -> Figure:
    shown = rows.reset_index(drop=True)
    if shown[value].isna().all():
        return style.nothing()
    figure, axes = style.canvas(0.5 + 0.36 * len(shown))
    total = shown[value].sum()
    for place, one in shown.iterrows():
        if pd.isna(one[value]):
            axes.text(0, -place, " ‹ít›" if style.lang == "vi" else " ‹few›", va="center", fontsize=9)
            continue
        axes.barh(-place, one[value], height=0.62, color=style.colour("has"))
        text = f"{number(one[value], style.lang)} ({percent(one[value] / total, style.lang, 0)})"
        axes.text(one[value], -place, f" {text}", va="center", fontsize=8.5)
    axes.set_yticks(-shown.index, [_two_lines(str(name)) if style.narrow else str(name) for name in shown[key]])
    axes.set_xlim(0, shown[value].max() * (1.5 if style.narrow else 1.25))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, style.lang))
    axes.xaxis.set_major_locator(MaxNLocator(3 if style.narrow else 6))
    axes.set_xlabel("người" if style.lang == "vi" else "people")
    axes.grid(axis="x")
    return figure


FOREST = Chart(_forest_words, _forest)
BARS = Chart(_bar_words, _bars)
