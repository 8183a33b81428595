"""Figures of the trials: cumulative promotion in both arms with the difference under it, and differences side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.publishing.views.style import WIDTHS, Chart, Style, quiet
from analysis.text import Text
from analysis.words import NOTHING, label, number, percent, signed

MAIN = "pooled_logistic"
NAIVE = ("ever_trained", "landmark_12", "time_varying_cox", "unadjusted")


def planted_differences(truth: dict) -> dict[int, float]:
    """Give the planted risk differences of trials followed 36 months, by horizon; empty where nothing was planted."""
    found = truth.get("risk_differences") or {}
    return {int(horizon): row.get("complete_36", row)["risk_difference"] for horizon, row in found.items()}


def _of(rows: pd.DataFrame, estimand: str, term: str | None = None) -> pd.DataFrame:
    kept = rows[(rows["estimand"] == estimand) & rows["estimate"].notna()]
    kept = kept[kept["method"] == MAIN] if estimand == "risk" else kept
    return (kept if term is None else kept[kept["term"] == term]).sort_values("time")


def main_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the main answer's differences by horizon."""
    kept = rows[(rows["method"] == MAIN) & (rows["population"] == "eligible") & (rows["run"] == "")]
    return _of(kept, "risk_difference")


def _arms(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    kept = rows[(rows["population"] == "eligible") & (rows["run"] == "")]
    risks = _of(kept, "risk")
    return risks[risks["term"].str.endswith("[0]")], risks[risks["term"].str.endswith("[1]")]


def span(row: pd.Series, lang: str) -> str:
    """Write an interval of a difference in percentage points, the unit left out."""
    low, high = (signed(100 * row[end], lang, 1) for end in ("conf_low", "conf_high"))
    return f"từ {low} đến {high}" if lang == "vi" else f"{low} to {high}"


def points(value: float, lang: str, digits: int = 1) -> str:
    """Write a difference of shares in percentage points."""
    return signed(100 * value, lang, digits) + (" điểm %" if lang == "vi" else " points")


def _curve_words(rows: pd.DataFrame, lang: str, primary: int = 36, truth: dict | None = None) -> dict[str, str]:
    none, some = _arms(rows)
    gaps = main_rows(rows).set_index("time")
    if none.empty or primary not in gaps.index:
        return {"title": Text("Promotion with and without a start", "Thăng tiến khi đi học và khi không").say(lang),
                "alt": NOTHING.say(lang), "caption": ""}  # fmt: skip
    early, last = gaps.iloc[0], gaps.loc[primary]
    a, b = (one[one["time"] == primary]["estimate"].item() for one in (none, some))
    crosses = gaps["estimate"].min() < 0 < last["estimate"]
    title = Text(
        f"If everyone eligible started, {percent(b, 'en')} would be promoted within {primary} months, against {percent(a, 'en')} if nobody did"
        + (": a dip while they study, then a rise" if crosses else ""),
        f"Nếu mọi người đủ điều kiện đi học, {percent(b, 'vi')} lên chức trong {primary} tháng, so với {percent(a, 'vi')} nếu không ai đi"
        + (": tụt lại trong lúc học rồi vượt lên" if crosses else ""),
    )
    alt = Text(
        f"Cumulative promotion by months since the intake. At {primary} months {percent(b, 'en')} if all started, "
        f"{percent(a, 'en')} if none did; difference {points(last['estimate'], 'en')} "
        f"({span(last, 'en')}). At {early.name:.0f} months the "
        f"difference is {points(early['estimate'], 'en')}.",
        f"Tỷ lệ lên chức tích lũy theo số tháng từ khi khai giảng. Ở tháng {primary}: {percent(b, 'vi')} nếu mọi người đi học, "
        f"{percent(a, 'vi')} nếu không ai đi; hiệu {points(last['estimate'], 'vi')} "
        f"({span(last, 'vi')}). Ở tháng {early.name:.0f} hiệu là "
        f"{points(early['estimate'], 'vi')}.",
    )
    caption = Text(
        f"Share promoted before any exit, averaged over everyone eligible; bars and band: 95% intervals. Grey, dotted: ever-trained "
        f"comparison, misleading. {'Diamond: the truth planted in the synthetic province. ' if truth else ''}"
        f"n ≈ {number(last['n'], 'en')} people, {number(last['n_exposed'], 'en')} of whom start.",
        f"Tỷ lệ lên chức trước khi rời đi, tính trung bình cho mọi người đủ điều kiện; vạch và dải: khoảng tin cậy 95 %. Xám, nét chấm: "
        f"so sánh người từng đi học, gây hiểu sai. {'Hình thoi: giá trị thật đã cài trong tỉnh mô phỏng. ' if truth else ''}"
        f"n ≈ {number(last['n'], 'vi')} người, trong đó {number(last['n_exposed'], 'vi')} người đi học.",
    )
    return {"title": title.say(lang), "alt": alt.say(lang), "caption": caption.say(lang)}


def _curves(rows: pd.DataFrame, *, style: Style, primary: int = 36, truth: dict | None = None) -> Figure:
    none, some = _arms(rows)
    gaps = main_rows(rows)
    if none.empty or gaps.empty:
        return style.nothing()
    figure = Figure(figsize=(WIDTHS[style.width], 4.9 if not style.narrow else 5.1), layout="constrained")
    top, low = figure.subplots(2, 1, sharex=True, height_ratios=[1.5, 1])
    for axes in (top, low):
        quiet(axes)
        axes.grid(axis="y")
    for part, meaning, words in ((none, "untrained", Text("does not start", "không đi học")),
                                 (some, "trained", Text("starts now", "đi học ngay"))):  # fmt: skip
        colour = style.colour(meaning)
        time, level = np.append(0, part["time"]), np.append(0, part["estimate"])
        top.plot(time, 100 * level, color=colour, lw=2.2, marker="o", ms=3.5)
        top.vlines(part["time"], 100 * part["conf_low"], 100 * part["conf_high"], color=colour, lw=1.1, alpha=0.7)
        ahead = part["estimate"].iloc[-1] >= max(none["estimate"].iloc[-1], some["estimate"].iloc[-1]) - 1e-12
        top.annotate(words.say(style.lang), (part["time"].iloc[-1], 100 * part["estimate"].iloc[-1]), xytext=(-2, 14 if ahead else -17),
                     textcoords="offset points", ha="right", fontsize=9.5, weight="bold", color=colour, bbox=style.plate())  # fmt: skip
    top.set_ylabel("% lên chức vụ cao hơn" if style.lang == "vi" else "% promoted", fontsize=9)
    top.set_ylim(0, None)
    _strip(low, rows, gaps, style, primary, truth)
    low.set_xlabel("tháng kể từ khi khai giảng" if style.lang == "vi" else "months since the intake")
    low.set_xticks([tick for tick in (0, 12, 24, 36, 48, 60) if tick <= gaps["time"].max()])
    return figure


def _strip(axes: Axes, rows: pd.DataFrame, gaps: pd.DataFrame, style: Style, primary: int, truth: dict | None) -> None:
    colour = style.colour("trained")
    axes.axhline(0, color=style.tone("muted"), lw=1)
    time = np.append(0, gaps["time"])
    axes.fill_between(
        time,
        100 * np.append(0, gaps["conf_low"]),
        100 * np.append(0, gaps["conf_high"]),
        color=colour,
        alpha=0.18,
        lw=0,
    )
    axes.plot(time, 100 * np.append(0, gaps["estimate"]), color=colour, lw=2.2)
    naive = _of(rows[rows["method"] == "ever_trained"], "risk_difference")
    if len(naive):
        axes.plot(naive["time"], 100 * naive["estimate"], color=style.colour("naive"), ls=":", lw=1.8, marker="o", ms=3)
        axes.annotate("từng đi học" if style.lang == "vi" else "ever trained", (naive["time"].iloc[-1], 100 * naive["estimate"].iloc[-1]),
                      xytext=(4, -2), textcoords="offset points", fontsize=8.5, color=style.colour("naive"), bbox=style.plate(),
                      ha="left" if naive["time"].iloc[-1] < gaps["time"].max() else "right")  # fmt: skip
    shown = {horizon: value for horizon, value in (truth or {}).items() if horizon <= gaps["time"].max()}
    axes.plot(
        list(shown),
        [100 * value for value in shown.values()],
        "D",
        ms=6,
        color=style.colour("truth"),
        ls="none",
        zorder=4,
    )
    one = gaps[gaps["time"] == primary]
    if len(one):
        axes.annotate(points(one["estimate"].item(), style.lang), (primary, 100 * one["estimate"].item()), xytext=(0, 9),
                      textcoords="offset points", ha="center", fontsize=9.5, weight="bold", color=colour, bbox=style.plate())  # fmt: skip
    axes.set_ylabel("hiệu, điểm %" if style.lang == "vi" else "difference, points", fontsize=9)


def _name(row: pd.Series, lang: str) -> str:
    return label(row["run"], lang, "runs") if row["run"] else label(row["term"], lang)


def differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep differences with a number."""
    return rows[rows["estimand"] == "risk_difference"]


def _difference_words(
    rows: pd.DataFrame, lang: str, title: Text, primary: int = 36, truth: float | None = None
) -> dict[str, str]:
    shown = differences(rows)
    shown = shown[(shown["time"] == primary) & shown["estimate"].notna()]
    parts = []
    for _, row in shown.iterrows():
        wide = f" ({span(row, lang)})" if pd.notna(row["conf_low"]) else ""
        parts.append(f"{_name(row, lang)}: {points(row['estimate'], lang)}{wide}")
    said = [
        Text(
            f"Difference in the share promoted within {primary} months, percentage points, with 95% intervals.",
            f"Hiệu tỷ lệ lên chức trong {primary} tháng, điểm phần trăm, với khoảng tin cậy 95 %.",
        )
    ]
    if shown["method"].isin(NAIVE).any():
        said.append(Text("Grey and dotted: comparisons that mislead.", "Xám, nét chấm: cách so sánh gây hiểu sai."))
    if truth is not None:
        said.append(
            Text(
                "Orange line: the planted truth of the main question, later starts allowed.",
                "Vạch cam: giá trị thật đã cài của câu hỏi chính, cho phép đi học về sau.",
            )
        )
    return {
        "title": title.say(lang),
        "alt": "; ".join(parts) + "." if parts else NOTHING.say(lang),
        "caption": " ".join(one.say(lang) for one in said),
    }


def _difference_plot(
    rows: pd.DataFrame, *, style: Style, title: Text, primary: int = 36, truth: float | None = None
) -> Figure:
    shown = differences(rows)
    shown = shown[(shown["time"] == primary) & shown["estimate"].notna()].reset_index(drop=True)
    if shown.empty:
        return style.nothing()
    figure, axes = style.canvas(0.9 + 0.42 * len(shown), 0.9 + 0.52 * len(shown))
    for place, row in shown.iterrows():
        naive = row["method"] in NAIVE
        colour = style.colour("naive" if naive else "trained")
        if pd.notna(row["conf_low"]):
            axes.plot(
                [100 * row["conf_low"], 100 * row["conf_high"]],
                [-place] * 2,
                color=colour,
                lw=2,
                ls=":" if naive else "-",
            )
        axes.plot(
            100 * row["estimate"],
            -place,
            "o",
            ms=7,
            color=colour,
            mfc=style.tone("plate") if naive else colour,
            mew=1.8,
        )
        axes.annotate(signed(100 * row["estimate"], style.lang, 1), (100 * row["estimate"], -place), xytext=(0, 7),
                      textcoords="offset points", ha="center", fontsize=8.5, weight="bold", color=colour)  # fmt: skip
    axes.axvline(0, color=style.tone("muted"), lw=1)
    if truth is not None:
        axes.axvline(100 * truth, color=style.colour("truth"), lw=1.6, ls="--")
    names = [_name(row, style.lang) for _, row in shown.iterrows()]
    axes.set_yticks(-shown.index, [_broken(name, style.narrow) for name in names], fontsize=9)
    axes.set_ylim(-len(shown) + 0.4, 0.75)
    axes.set_xlabel("điểm phần trăm" if style.lang == "vi" else "percentage points")
    axes.grid(axis="x")
    return figure


def _broken(text: str, narrow: bool) -> str:
    if len(text) < (18 if narrow else 30):
        return text
    cut = text.find(" ", len(text) // 2 - 3)
    return text[:cut] + "\n" + text[cut + 1 :] if cut > 0 else text


CURVES = Chart(_curve_words, _curves)
DIFFERENCES = Chart(_difference_words, _difference_plot, differences)
