"""Figures of the targets: bullets in heads, history against the need, readings side by side, the bridge."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from analysis.project import reference
from analysis.publishing.views.layout import heads_of, source_line, wrap
from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, label, number, percent

SHOWN = ("members", "has", "studying", "counted", "need", "short")


def _keep_bullets(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the heads that the bullets show, of the targets that have members."""
    heads = rows[(rows["estimand"] == "heads") & rows["term"].isin(SHOWN)]
    return heads[heads["estimate"].notna().groupby([heads["outcome"], heads["date"]]).transform("all")]


def _keep_readings(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the shares; what is hidden is left out of the figure and named in its table."""
    return rows[rows["estimand"] == "attainment"]


def _bullet_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    table = heads_of(rows)
    met = 0 if table.empty else int((table["short"] == 0).sum())
    title = Text(
        f"{met} of {len(table)} targets reach the heads they need",
        f"{met} trong {len(table)} chỉ tiêu đạt số người cần",
    )
    if table.empty:
        title = Text("The heads of the targets", "Số người của các chỉ tiêu")
    if len(table) == 1:
        one = table.iloc[0]
        title = (
            Text("The group has the heads it needs", "Nhóm đã đủ số người cần")
            if one["short"] == 0
            else Text(f"{one['short']:.0f} more people are needed", f"Còn thiếu {one['short']:.0f} người")
        )
    parts = [
        Text(
            f"{name}: {one['has']:.0f} with a degree and {one['studying']:.0f} studying of {one['members']:.0f} members, "
            f"{one['need']:.0f} needed",
            f"{name}: {one['has']:.0f} người có bằng, {one['studying']:.0f} người đang học trên {one['members']:.0f} "
            f"thành viên, cần {one['need']:.0f}",
        ).say(lang)
        for (name, _), one in table.iterrows()
    ]
    caption = Text(
        "Bars are shares of each group's members; the upright mark is the number of people needed. ",
        "Thanh là tỷ lệ trong số thành viên của nhóm; vạch đứng là số người cần. ",
    )
    if len(table) == 1:
        caption = Text(
            "Bars count people; the upright mark is the number needed. ",
            "Thanh là số người; vạch đứng là số người cần. ",
        )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang) + source_line(lang)}


def _bullets(rows: pd.DataFrame, *, style: Style) -> Figure:
    table = heads_of(rows).reset_index("date", drop=True)
    if table.empty:
        return style.nothing()
    rows_high = 1.0 if style.narrow else 0.8
    figure, axes = style.canvas(0.7 + rows_high * len(table), 0.8 + rows_high * len(table))
    widest = table["members"].max()
    shares = len(table) > 1  # groups of very different size share an axis of percent of members
    for place, (name, one) in enumerate(table.iterrows()):
        scale = one["members"] if shares else 1.0
        y = -place
        axes.barh(y, one["members"] / scale, height=0.46, color=style.tone("rule"), zorder=1)
        axes.barh(y, one["has"] / scale, height=0.46, color=style.colour("has"), zorder=2)
        axes.barh(
            y, one["studying"] / scale, left=one["has"] / scale, height=0.46, color=style.colour("studying"), zorder=2
        )
        axes.plot([one["need"] / scale] * 2, [y - 0.33, y + 0.27], color=style.colour("target"), lw=3, zorder=3)
        title = name if style.narrow else f"{name} · {_short_name(name, style.lang)}"
        axes.text(0, y + 0.36, title, va="bottom", fontsize=9.5, weight="bold")
        axes.text(one["members"] / scale, y + 0.36, _bullet_count(one, style.lang), va="bottom", ha="right", fontsize=8.5,
                  color=style.tone("muted"))  # fmt: skip
    axes.set_ylim(-len(table) + 0.55, 0.85)
    axes.set_xlim(0, (1.0 if shares else widest) * 1.004)
    axes.set_yticks([])
    axes.grid(axis="x")
    if shares:
        axes.xaxis.set_major_formatter(lambda value, _: percent(value, style.lang, 0))
    else:
        axes.xaxis.set_major_formatter(lambda value, _: number(value, style.lang))
    _bullet_key(axes, style)
    return figure


def _short_name(name: str, lang: str) -> str:
    text = reference("targets.yml")["targets"].get(name, {}).get("name", {}).get(lang, "")
    return text if len(text) <= 52 else text[:50].rsplit(" ", 1)[0] + " …"


def _bullet_count(one: pd.Series, lang: str) -> str:
    counted, need = number(one["counted"], lang), number(one["need"], lang)
    return f"{counted} / cần {need}" if lang == "vi" else f"{counted} / {need} needed"


def _bullet_key(axes, style: Style) -> None:
    items = [("has", "has"), ("studying", "studying"), ("need", "target")]
    text = [(label(term, style.lang), style.colour(meaning)) for term, meaning in items]
    for place, (word, colour) in enumerate(text):
        axes.annotate(f"■ {word}", (place * (0.34 if style.narrow else 0.2), -0.0), xycoords="axes fraction",
                      xytext=(0, -32), textcoords="offset points", fontsize=8.5, color=colour, annotation_clip=False)  # fmt: skip


def _reading_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    shares = rows[(rows["estimand"] == "attainment") & rows["estimate"].notna()]
    title = Text("The readings of the wording", "Các cách hiểu câu chữ")
    if len(shares):
        spread = shares.groupby("outcome")["estimate"].agg(lambda one: one.max() - one.min()).max()
        title = Text(
            f"The reading of one sentence moves a target by up to {number(100 * spread, 'en')} points",
            f"Cách hiểu một câu chữ làm chỉ tiêu thay đổi đến {number(100 * spread, 'vi')} điểm",
        )
    parts = [
        f"{one['outcome']}, {label(one['term'], lang)}: {percent(one['estimate'], lang)}"
        for _, one in shares.iterrows()
    ]
    caption = Text(
        "Each point is one reading of the wording; the upright mark is the target. Readings other than the two official "
        "ones are rounded, and left out where they differ from those by few people. ",
        "Mỗi chấm là một cách hiểu; vạch đứng là mức chỉ tiêu. Các cách hiểu ngoài hai cách chính thức được làm tròn, và "
        "không nêu nếu chỉ khác hai cách ấy ít người. ",
    )
    alt = "; ".join(parts) + "." if parts else NOTHING.say(lang)
    return {"title": title.say(lang), "alt": alt, "caption": caption.say(lang) + source_line(lang)}


def _reading_dots(rows: pd.DataFrame, *, style: Style) -> Figure:
    shares = rows[(rows["estimand"] == "attainment") & rows["estimate"].notna()].reset_index(drop=True)
    if shares.empty:
        return style.nothing()
    shares["place"] = [
        -(place + 0.7 * (sorted(shares["outcome"].unique()).index(name)))
        for place, name in enumerate(shares["outcome"])
    ]
    figure, axes = style.canvas(0.7 + 0.3 * len(shares) + 0.2 * shares["outcome"].nunique())
    for name, group in shares.groupby("outcome"):
        goal = reference("targets.yml")["targets"][name]["share"]
        axes.plot(
            [goal, goal],
            [group["place"].max() + 0.45, group["place"].min() - 0.45],
            color=style.colour("target"),
            lw=2.4,
        )
        axes.text(0.0, group["place"].max() + 0.55, name, weight="bold", fontsize=9, va="bottom")
    for _, one in shares.iterrows():
        axes.plot([0, one["estimate"]], [one["place"]] * 2, color=style.tone("rule"), lw=1.2, zorder=1)
        axes.plot(
            one["estimate"],
            one["place"],
            "o",
            ms=7,
            color=style.colour("has" if one["term"] == "has" else "studying"),
            zorder=3,
        )
        axes.annotate(percent(one["estimate"], style.lang), (one["estimate"], one["place"]), xytext=(8, 0),
                      textcoords="offset points", va="center", fontsize=8.5, bbox=style.plate(), zorder=4)  # fmt: skip
    axes.set_yticks(
        shares["place"], [wrap(label(term, style.lang), style.narrow) for term in shares["term"]], fontsize=8.5
    )
    axes.set_xlim(0, min(1.0, shares["estimate"].max() + 0.16))
    axes.set_ylim(shares["place"].min() - 0.6, 1.1)
    axes.xaxis.set_major_formatter(lambda value, _: percent(value, style.lang, 0))
    axes.grid(axis="x")
    return figure


BULLETS = Chart(_bullet_words, _bullets, _keep_bullets)
READINGS = Chart(_reading_words, _reading_dots, _keep_readings)
