"""Figures of what may come: fans with countable outcomes against the need, and what further enrolments would do."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, day, number, percent

MARKS = (0.5, 0.8, 0.9)


def _keep_fan(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep fan, need and outcomes of the targets that could be carried forward."""
    shown = rows[(rows["estimand"] == "heads") & rows["term"].isin(["counted", "need", "margin"])]
    shown = shown[shown["estimate"].notna()]  # months that are all but certain were emptied by the gate
    whole = shown.groupby("outcome")["term"].transform("nunique") == 3
    return shown[whole]


def _keep_curve(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the probabilities by further enrolments."""
    return rows[(rows["term"] == "met_with_extra") & rows["estimate"].notna()]


def _source(lang: str) -> str:
    text = Text("Source: personnel registry, simulated forward.", "Nguồn: hồ sơ cán bộ, mô phỏng tiếp về sau.")
    return text.say(lang)


def _fan_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    parts, reached = [], []
    for name, one in rows.groupby("outcome"):
        last, need = _last(one), one[one["term"] == "need"].iloc[0]
        outcomes = one.loc[one["term"] == "margin", "estimate"]
        reached.append(f"{name} {int((outcomes >= 0).sum())}")
        parts.append(Text(
            f"{name}: {last['conf_low']:.0f} to {last['conf_high']:.0f} people likely on {day(last['date'], 'en')}, about "
            f"{need['estimate']:.0f} needed",
            f"{name}: có thể từ {last['conf_low']:.0f} đến {last['conf_high']:.0f} người ngày {day(last['date'], 'vi')}, cần "
            f"khoảng {need['estimate']:.0f}",
        ).say(lang))  # fmt: skip
    total = int((rows["term"] == "margin").sum() / max(len(reached), 1))
    title = Text(f"Of {total} equally likely outcomes so many reach the need: {', '.join(reached)}",
                 f"Trong {total} khả năng như nhau, số khả năng đạt: {', '.join(reached)}")  # fmt: skip
    if not reached:
        title = Text("Where the targets may stand", "Các chỉ tiêu có thể ở đâu")
    caption = Text(
        "Bands hold half and four fifths of the simulated outcomes; dashes are the need; each dot is one of the equally "
        "likely outcomes, blue where the need is reached. ",
        "Dải màu chứa một nửa và bốn phần năm kết quả mô phỏng; nét đứt là số người cần; mỗi chấm là một khả năng như "
        "nhau, xanh khi đạt. ",
    )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang) + _source(lang)}


def _last(one: pd.DataFrame) -> pd.Series:
    fan = one[(one["term"] == "counted") & (one["conf_level"] == 0.8)]
    return fan.sort_values("date").iloc[-1]


def _fan(rows: pd.DataFrame, *, style: Style) -> Figure:
    names = sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    figure, grid = style.panels(names, 2.6)
    for axes, name in zip(grid, names, strict=True):
        _one_fan(axes, rows[rows["outcome"] == name], style)
    return figure


def _one_fan(axes: Axes, one: pd.DataFrame, style: Style) -> None:
    fan = one[one["term"] == "counted"].sort_values("date")
    for level, strength in ((0.8, 0.3), (0.5, 0.55)):
        band = fan[fan["conf_level"] == level]
        axes.fill_between(
            band["date"], band["conf_low"], band["conf_high"], color=style.colour("studying"), alpha=strength, lw=0
        )
    middle = fan[fan["conf_level"] == 0.8]
    axes.plot(middle["date"], middle["estimate"], color=style.colour("has"), lw=2)
    need, first, last = one[one["term"] == "need"].iloc[0]["estimate"], fan["date"].min(), fan["date"].max()
    axes.axhline(need, color=style.colour("target"), lw=1.4, ls=(0, (5, 3)))
    word = Text(f"need {number(need, 'en')}", f"cần {number(need, 'vi')}").say(style.lang)
    axes.annotate(
        word, (first, need), xytext=(2, 3), textcoords="offset points", fontsize=8.5, color=style.colour("target")
    )
    _dots(axes, need + one.loc[one["term"] == "margin", "estimate"].to_numpy(), need, last, last - first, style)
    axes.set_xlim(first, last + (last - first) * 0.42)
    middle = first + (last - first) / 2
    axes.set_xticks([first, middle, last])
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%m/%Y"))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: number(value, style.lang))
    axes.grid(axis="y")


def _dots(axes: Axes, heads: np.ndarray, need: float, last: pd.Timestamp, span: pd.Timedelta, style: Style) -> None:
    """Stack the outcomes beside the last day: equal heads side by side."""
    width = max((heads.max() - heads.min()) / 10, 1.0)
    level = np.round(heads / width) * width
    for value in np.unique(level):
        for place, real in enumerate(np.sort(heads[level == value])):
            colour = style.colour("has" if real >= need else "gap")
            axes.plot(last + span * (0.05 + 0.045 * place), value, "o", ms=4.2, color=colour, clip_on=False)


def _curve_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    parts, asked = [], []
    for name, one in rows.groupby("outcome"):
        least = {mark: _least(one, mark) for mark in MARKS}
        asked.append(f"{name} {number(least[0.8], lang) or '–'}")
        words = ", ".join(f"{percent(mark, lang, 0)}: {number(least[mark], lang) or '–'}" for mark in MARKS)
        parts.append(f"{name}: {words}")
    title = Text(f"Further enrolments for four chances in five: {', '.join(asked)}",
                 f"Số người cần cử học thêm để có bốn phần năm khả năng đạt: {', '.join(asked)}")  # fmt: skip
    if not asked:
        title = Text("What further enrolments would do", "Cử thêm người đi học thì sao")
    caption = Text(
        "Probability of reaching the need by the number of eligible members sent now; marks at 50, 80 and 90 percent; a dash "
        "where those eligible do not suffice. ",
        "Xác suất đạt theo số thành viên đủ điều kiện được cử học ngay; dấu mốc 50, 80, 90 phần trăm; gạch ngang khi không đủ "
        "người đủ điều kiện. ",
    )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang) + _source(lang)}


def _least(one: pd.DataFrame, mark: float) -> float | None:
    enough = one.loc[one["estimate"] >= mark, "n_exposed"]
    return float(enough.min()) if len(enough) else None


def _curve(rows: pd.DataFrame, *, style: Style) -> Figure:
    names = sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    figure, axes = style.canvas(3.2)
    for mark in MARKS:
        axes.axhline(mark, color=style.tone("rule"), lw=1.0)
    for place, name in enumerate(names):
        one = rows[rows["outcome"] == name].sort_values("n_exposed")
        colour = [style.colour(meaning) for meaning in ("has", "gap", "gain", "loss")][place % 4]
        axes.plot(one["n_exposed"], one["estimate"], color=colour, lw=2.2, marker="o" if len(one) == 1 else None)
        end = one.iloc[-1]
        axes.annotate(name, (end["n_exposed"], end["estimate"]), xytext=(6, 0), textcoords="offset points", fontsize=9,
                      weight="bold", color=colour, va="center", bbox=style.plate(), annotation_clip=False)  # fmt: skip
        for mark in MARKS:
            least = _least(one, mark)
            if least is not None:
                axes.plot(
                    least, one.loc[one["n_exposed"] == least, "estimate"].iloc[0], "o", ms=5.5, color=colour, zorder=3
                )
    axes.set_ylim(0, 1)
    axes.set_xlim(0, max(rows["n_exposed"].max(), 1) * 1.12)
    axes.set_yticks([0, *MARKS, 1])
    axes.yaxis.set_major_formatter(lambda value, _: percent(value, style.lang, 0))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel(Text("further enrolments", "số người cử học thêm").say(style.lang))
    return figure


FAN = Chart(_fan_words, _fan, _keep_fan)
EXTRA = Chart(_curve_words, _curve, _keep_curve)
