"""Figures beside a projection: its record against simple rules, and the chances under scenarios."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.publishing.views.layout import wrap
from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, label, number, percent

RULES = {"error[model]": "has", "error[no_change]": "naive", "error[straight_line]": "truth"}


def _keep_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the errors in heads that could be computed."""
    return rows[rows["term"].isin(RULES) & rows["estimate"].notna()]


def _keep_chances(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the probabilities of meeting that could be computed."""
    return rows[rows["term"].eq("met") & rows["estimate"].notna()]


def _error_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    table = rows.pivot_table(index="outcome", columns="term", values="estimate")
    title = Text("How past projections did", "Các dự báo trước đây ra sao")
    if len(table):
        better = int((table["error[model]"] < table["error[no_change]"]).sum())
        title = Text(
            f"In {better} of {len(table)} groups past projections came closer than no change",
            f"Ở {better} trong {len(table)} nhóm, dự báo trước đây sát hơn mức giữ nguyên",
        )
    parts = [
        f"{name}: " + ", ".join(f"{label(term, lang)} {number(one[term], lang, 1)}" for term in RULES)
        for name, one in table.iterrows()
    ]
    caption = Text(
        "Mean error in heads of projections a year ahead, made anew from each earlier December as it was known then; few "
        "Decembers, so it proves little. ",
        "Sai số trung bình (số người) của dự báo trước một năm, làm lại từ từng tháng 12 với dữ liệu biết khi đó; ít tháng 12 "
        "nên chưa chứng minh được nhiều. ",
    )
    return {
        "title": title.say(lang),
        "alt": "; ".join(parts) + "." if parts else NOTHING.say(lang),
        "caption": caption.say(lang) + _source(lang),
    }


def _source(lang: str) -> str:
    return Text("Source: personnel registry, simulated forward.", "Nguồn: hồ sơ cán bộ, mô phỏng tiếp về sau.").say(
        lang
    )


def _errors(rows: pd.DataFrame, *, style: Style) -> Figure:
    names = sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    figure, axes = style.canvas(0.9 + 0.55 * len(names))
    table = rows.pivot_table(index="outcome", columns="term", values="estimate")
    for place, name in enumerate(names):
        one = table.loc[name]
        axes.plot([one.min(), one.max()], [-place, -place], color=style.tone("rule"), lw=2, zorder=1)
        for term, meaning in RULES.items():
            axes.plot(one[term], -place, "o", ms=8, color=style.colour(meaning), zorder=3)
    _key(axes, style)
    axes.set_yticks([-place for place in range(len(names))], names, fontsize=9.5, weight="bold")
    axes.set_ylim(-len(names) + 0.5, 0.6)
    axes.set_xlim(0, rows["estimate"].max() * 1.1 + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, style.lang))
    axes.set_xlabel(Text("people off, on average", "số người lệch trung bình").say(style.lang))
    axes.grid(axis="x")
    return figure


def _key(axes, style: Style) -> None:
    for place, (term, meaning) in enumerate(RULES.items()):
        axes.annotate(f"● {label(term, style.lang)}", (place * (0.36 if style.narrow else 0.22), 1.0), xycoords="axes fraction",
                      xytext=(0, 4), textcoords="offset points", fontsize=8, color=style.tone("ink"), annotation_clip=False)  # fmt: skip
        axes.annotate("●", (place * (0.36 if style.narrow else 0.22), 1.0), xycoords="axes fraction", xytext=(0, 4),
                      textcoords="offset points", fontsize=8, color=style.colour(meaning), annotation_clip=False)  # fmt: skip


def _chance_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    title = Text("What other courses would bring", "Các hướng đi khác đem lại gì")
    now = rows[rows["run"].eq("as_now")].set_index("outcome")["estimate"]
    others = rows[~rows["run"].eq("as_now")]
    if len(now) and len(others):
        gain = others.assign(gain=others["estimate"] - others["outcome"].map(now)).groupby("run")["gain"].mean()
        best = gain.idxmax()
        title = Text(
            f"Most would be gained by: {label(best, 'en', 'scenarios')}",
            f"Hiệu quả nhất là: {label(best, 'vi', 'scenarios')}",
        )
    parts = [
        f"{label(run, lang, 'scenarios')}: "
        + ", ".join(f"{one['outcome']} {percent(one['estimate'], lang, 0)}" for _, one in some.iterrows())
        for run, some in rows.groupby("run", sort=False)
    ]
    caption = Text(
        "Probability of reaching the need on the last day under each scenario, all else as now. ",
        "Xác suất đạt số người cần vào ngày cuối theo từng kịch bản, còn lại giữ như hiện nay. ",
    )
    return {
        "title": title.say(lang),
        "alt": "; ".join(parts) + "." if parts else NOTHING.say(lang),
        "caption": caption.say(lang) + _source(lang),
    }


def _chances(rows: pd.DataFrame, *, style: Style) -> Figure:
    names = sorted(rows["outcome"].unique())
    if not names:
        return style.nothing()
    runs = list(dict.fromkeys(rows["run"]))
    figure, grid = style.panels(names, 0.75 + 0.3 * len(runs))
    for axes, name in zip(grid, names, strict=True):
        one = rows[rows["outcome"].eq(name)].set_index("run")["estimate"].reindex(runs)
        for place, (run, value) in enumerate(one.items()):
            axes.plot([0, 1], [-place, -place], color=style.tone("rule"), lw=1, zorder=1)
            if pd.isna(value):
                continue
            axes.plot(value, -place, "o", ms=7, color=style.colour("naive" if run == "as_now" else "has"), zorder=3)
            axes.annotate(percent(value, style.lang, 0), (value, -place), xytext=(7 if value < 0.8 else -7, 0),
                          textcoords="offset points", va="center", ha="left" if value < 0.8 else "right", fontsize=8.5,
                          bbox=style.plate(), zorder=2)  # fmt: skip
        words = [wrap(label(run, style.lang, "scenarios"), True) for run in runs]
        axes.set_yticks([-place for place in range(len(runs))], words, fontsize=8)
        axes.set_ylim(-len(runs) + 0.4, 0.6)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 0.8, 1])
        axes.xaxis.set_major_formatter(lambda value, _: percent(value, style.lang, 0))
        axes.grid(axis="x")
    return figure


RECORD = Chart(_error_words, _errors, _keep_errors)
SCENARIOS = Chart(_chance_words, _chances, _keep_chances)
