"""Figures of change: the share month by month, and the bridge between two days."""

from __future__ import annotations

import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.project import reference
from analysis.publishing.views.layout import source_line, wrap
from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, day, label, number, percent, signed

BREAKS = ("2020-10-14", "2021-09-10")  # congress of the province; project 02-ĐA/TU


def _keep_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the two lines of each target that has any value."""
    line = rows[(rows["estimand"] == "attainment") & rows["term"].isin(["has", "has_or_studying"])]
    return line[line["estimate"].notna().groupby(line["outcome"]).transform("any")]


def _keep_heads(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the flows in heads of the targets of which none is hidden, so that they add up."""
    heads = rows[rows["estimand"] == "heads"]
    whole = heads[heads["estimate"].notna().groupby(heads["outcome"]).transform("all")]
    return whole[whole["estimate"].ne(0) | whole["term"].isin(["opening", "closing"])]  # what moved nobody is no bar


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """First and last headline share of each target, and its goal."""
    line = rows[(rows["term"] == "has_or_studying") & rows["estimate"].notna()].sort_values("date")
    ends = line.groupby("outcome").agg(
        first=("estimate", "first"), last=("estimate", "last"), since=("date", "first"), until=("date", "last")
    )
    return ends.assign(goal=[reference("targets.yml")["targets"][name]["share"] for name in ends.index])


def _history_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    ends = _ends(rows)
    risen, reached = int((ends["last"] > ends["first"]).sum()), int((ends["last"] >= ends["goal"]).sum())
    title = Text(
        f"{risen} of {len(ends)} shares rose; {reached} stand at or above their line",
        f"{risen} trong {len(ends)} tỷ lệ tăng; {reached} tỷ lệ đạt hoặc vượt mức chỉ tiêu",
    )
    if len(ends) == 1:
        one = ends.iloc[0]
        moved, above = one["last"] - one["first"], one["last"] >= one["goal"]
        title = Text(
            f"The share {'rose' if moved >= 0 else 'fell'} by {number(100 * abs(moved), 'en', 1)} points and "
            f"{'stands at or above' if above else 'stays below'} the {percent(one['goal'], 'en', 0)} line",
            f"Tỷ lệ {'tăng' if moved >= 0 else 'giảm'} {number(100 * abs(moved), 'vi', 1)} điểm và "
            f"{'đạt' if above else 'còn dưới'} mức {percent(one['goal'], 'vi', 0)}",
        )
    if ends.empty:
        title = Text("The course of the shares", "Diễn biến các tỷ lệ")
    parts = [
        Text(
            f"{name}: from {percent(one['first'], 'en')} on {day(one['since'], 'en')} to {percent(one['last'], 'en')} on "
            f"{day(one['until'], 'en')}, goal {percent(one['goal'], 'en', 0)}",
            f"{name}: từ {percent(one['first'], 'vi')} ngày {day(one['since'], 'vi')} đến {percent(one['last'], 'vi')} ngày "
            f"{day(one['until'], 'vi')}, mức chỉ tiêu {percent(one['goal'], 'vi', 0)}",
        ).say(lang)
        for name, one in ends.iterrows()
    ]
    caption = Text(
        "Share of members, month by month: who has or is studying, and who has the degree. Upright lines: congress of "
        "October 2020, project of September 2021. ",
        "Tỷ lệ thành viên theo tháng: đã có hoặc đang học, và đã có bằng. Vạch đứng: đại hội tháng 10/2020, Đề án tháng "
        "9/2021. ",
    )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang) + source_line(lang)}


def _history(rows: pd.DataFrame, *, style: Style) -> Figure:
    line, names = rows, sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    figure, grid = style.panels(names, 2.6 if len(names) > 1 else 3.0)
    for axes, name in zip(grid, names, strict=True):
        _one_history(axes, line[line["outcome"] == name], reference("targets.yml")["targets"][name]["share"], style)
    return figure


def _one_history(axes: Axes, line: pd.DataFrame, goal: float, style: Style) -> None:
    first, last = line["date"].min(), line["date"].max()
    for term, meaning in (("has_or_studying", "studying"), ("has", "has")):
        one = line[line["term"] == term].sort_values("date")
        if one["estimate"].isna().all():
            continue
        end = one["estimate"].dropna().iloc[-1]
        axes.plot(one["date"], one["estimate"], color=style.colour(meaning), lw=2.2, drawstyle="steps-post")
        axes.annotate(f"{percent(end, style.lang)}\n{_short_term(term, style.lang)}", (last, end), xytext=(7, 0),
                      textcoords="offset points", va="bottom" if term != "has" else "top", fontsize=8,
                      color=style.tone("ink"), annotation_clip=False, bbox=style.plate())  # fmt: skip
        axes.plot(last, end, "o", ms=5, color=style.colour(meaning), clip_on=False, zorder=4)
    axes.axhline(goal, color=style.colour("target"), lw=1.4, ls=(0, (5, 3)))
    word = Text(f"target {percent(goal, 'en', 0)}", f"mức {percent(goal, 'vi', 0)}").say(style.lang)
    axes.annotate(
        word, (first, goal), xytext=(2, 3), textcoords="offset points", fontsize=8.5, color=style.colour("target")
    )
    for when in BREAKS:
        if first <= pd.Timestamp(when) <= last:
            axes.axvline(pd.Timestamp(when), color=style.tone("muted"), lw=0.8, ls=(0, (1, 2)))
    shares = line["estimate"]
    axes.set_ylim(max(0, min(shares.min(), goal) - 0.08), min(1, max(shares.max(), goal) + 0.08))
    axes.set_xlim(first, last + max(last - first, pd.Timedelta(days=30)) * (0.3 if style.narrow else 0.28))
    axes.set_xticks(
        [
            pd.Timestamp(year, 1, 1)
            for year in range(first.year, last.year + 1)
            if year % 2 == 0 and pd.Timestamp(year, 1, 1) >= first
        ]
    )
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    axes.yaxis.set_major_formatter(lambda value, _: percent(value, style.lang, 0))
    axes.grid(axis="y")


def _short_term(term: str, lang: str) -> str:
    words = {"has": Text("has", "đã có"), "has_or_studying": Text("or studying", "hoặc đang học")}
    return words[term].say(lang)


def _bridge_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    parts = []
    for name, one in rows.groupby("outcome"):
        steps = ", ".join(
            f"{label(row['term'], lang)} {signed(row['estimate'], lang)}" for _, row in one.iloc[1:-1].iterrows()
        )
        begin, end = number(one["estimate"].iloc[0], lang), number(one["estimate"].iloc[-1], lang)
        parts.append(Text(f"{name} from {begin} to {end}: {steps}", f"{name} từ {begin} đến {end}: {steps}").say(lang))
    caption = Text(
        "People who count under the headline reading; flows of fewer people than may be shown are merged. A person may "
        "be in several groups. ",
        "Số người được tính theo cách hiểu chính; luồng quá ít người được gộp lại. Một người có thể ở nhiều nhóm. ",
    )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": _bridge_title(rows).say(lang), "alt": alt, "caption": caption.say(lang) + source_line(lang)}


def _bridge_title(rows: pd.DataFrame) -> Text:
    """Say what moved most: in heads for one group; groups share people, so heads of several are never added."""
    flows = rows[~rows["term"].isin(["opening", "closing"])].set_index(["outcome", "term"])["estimate"]
    if flows.empty:
        return Text("What moved the targets", "Điều gì làm các chỉ tiêu thay đổi")
    largest = flows.abs().groupby("outcome").idxmax()
    often = largest.str[1].mode().iloc[0]
    if len(largest) > 1:
        times = int((largest.str[1] == often).sum())
        return Text(
            f"In {times} of {len(largest)} groups the largest flow is: {label(often, 'en')}",
            f"Ở {times} trong {len(largest)} nhóm, luồng lớn nhất là: {label(often, 'vi')}",
        )
    change, top = flows.sum(), flows[largest.iloc[0]]
    if len(flows) == 1:
        return Text(
            f"{signed(change, 'en')} people in all, made of flows too small to show apart",
            f"Tổng cộng {signed(change, 'vi')} người, gồm các luồng quá nhỏ để nêu riêng",
        )
    return Text(
        f"{signed(change, 'en')} people in all; the largest flow: {label(often, 'en')} ({signed(top, 'en')} people)",
        f"Tổng cộng {signed(change, 'vi')} người; luồng lớn nhất: {label(often, 'vi')} ({signed(top, 'vi')} người)",
    )


def _bridge(rows: pd.DataFrame, *, style: Style) -> Figure:
    heads, names = rows, sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    bars = int(heads.groupby("outcome").size().max())
    figure, grid = style.panels(names, 0.7 + (0.36 if len(names) > 1 or style.narrow else 0.3) * bars)
    for axes, name in zip(grid, names, strict=True):
        _one_bridge(axes, heads[heads["outcome"] == name].reset_index(drop=True), style, crowded=len(names) > 1)
    return figure


def _one_bridge(axes: Axes, heads: pd.DataFrame, style: Style, *, crowded: bool) -> None:
    level, reach = 0.0, heads["estimate"].abs().max()
    for place, row in heads.iterrows():
        whole, value = row["term"] in ("opening", "closing"), row["estimate"]
        start = 0.0 if whole else level
        colour = style.colour("has" if whole else "gain" if value >= 0 else "loss")
        axes.barh(-place, value, left=start, height=0.6, color=colour, zorder=2)
        level = value if whole else level + value
        edge = max(start, start + value)
        text = number(value, style.lang) if whole else signed(value, style.lang)
        axes.text(edge + reach * 0.02, -place, text, va="center", fontsize=9, weight="bold")
        if place < len(heads) - 1:
            axes.plot([level, level], [-place - 0.3, -place - 0.7], color=style.tone("muted"), lw=0.8)
        reach = max(reach, edge)
    words = [wrap(label(term, style.lang), crowded or style.narrow) for term in heads["term"]]
    axes.set_yticks([-place for place in heads.index], words, fontsize=8.5)
    axes.set_xlim(0, reach * 1.22)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, style.lang))
    axes.set_xlabel("người" if style.lang == "vi" else "people")
    axes.grid(axis="x")


HISTORY = Chart(_history_words, _history, _keep_lines)
WATERFALL = Chart(_bridge_words, _bridge, _keep_heads)
