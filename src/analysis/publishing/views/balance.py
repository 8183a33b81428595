"""The love plot: how far apart the arms are in each covariate, before weighting in grey and after it in blue."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.publishing.views.layout import wrap
from analysis.publishing.views.style import Chart, Style
from analysis.text import Text
from analysis.words import NOTHING, label, number

APART = ("standardised_difference", "proportion_difference")
NEAR = 0.1
WHEN = {"unweighted": Text("before", "trước"), "weighted": Text("after", "sau")}


def _apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the differences: one row a term and method."""
    return rows[rows["estimand"].isin(APART)].reset_index(drop=True)


def _sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Lay differences out by term, one column a method, the largest before weighting first."""
    shown = _apart(rows).dropna(subset="estimate")
    table = shown.pivot_table(index="term", columns="method", values="estimate", sort=False).reindex(columns=[*WHEN])
    return table.loc[table["unweighted"].abs().sort_values(ascending=False, na_position="last").index]


def _love_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    table = _sides(rows)
    largest = table.abs().max()
    title = Text("How far apart the arms are", "Hai nhóm khác nhau bao nhiêu")
    if pd.notna(largest["unweighted"]) and pd.notna(largest["weighted"]):
        title = Text(
            f"Weighting brings the largest difference from {number(largest['unweighted'], 'en', 2)} to "
            f"{number(largest['weighted'], 'en', 2)}",
            f"Trọng số đưa chênh lệch lớn nhất từ {number(largest['unweighted'], 'vi', 2)} xuống "
            f"{number(largest['weighted'], 'vi', 2)}",
        )
    parts = [f"{label(term, lang)}: " + ", ".join(
        f"{WHEN[method].say(lang)} {number(value, lang, 2)}" for method, value in one.items() if pd.notna(value))
        for term, one in table.iterrows()]  # fmt: skip
    caption = Text(
        "Standardised differences, trained less others; hollow grey before weighting, blue after. Band: within a tenth of a "
        "standard deviation, which is taken for alike.",
        "Chênh lệch chuẩn hóa, nhóm được đào tạo trừ nhóm kia; vòng xám trước khi có trọng số, chấm xanh sau đó. Dải nền: "
        "trong một phần mười độ lệch chuẩn, được coi là tương đương.",
    )
    return {"title": title.say(lang), "alt": "; ".join(parts) + "." if parts else NOTHING.say(lang),
            "caption": caption.say(lang)}  # fmt: skip


def _love(rows: pd.DataFrame, *, style: Style) -> Figure:
    table = _sides(rows)
    if table.empty:
        return style.nothing()
    figure, axes = style.canvas(1.1 + (0.34 if style.narrow else 0.27) * len(table))
    axes.axvspan(-NEAR, NEAR, color=style.tone("rule"), alpha=0.45, lw=0, zorder=0)
    axes.axvline(0, color=style.tone("muted"), lw=1, zorder=1)
    for place, (_, one) in enumerate(table.iterrows()):
        axes.plot(one, [-place] * 2, color=style.tone("rule"), lw=1.2, zorder=1)
        axes.plot(one["unweighted"], -place, "o", ms=6.5, mfc=style.tone("plate"), mew=1.6, color=style.colour("naive"))
        axes.plot(one["weighted"], -place, "o", ms=6.5, color=style.colour("trained"))
    for share, method, meaning in ((0.0, "unweighted", "naive"), (0.3, "weighted", "trained")):
        mark = "○" if method == "unweighted" else "●"
        axes.text(share, 1.0, f"{mark} {WHEN[method].say(style.lang)}", transform=axes.transAxes, va="bottom",
                  fontsize=9, color=style.colour(meaning))  # fmt: skip
    axes.set_yticks(
        -pd.RangeIndex(len(table)), [wrap(label(term, style.lang), style.narrow) for term in table.index], fontsize=8.5
    )
    axes.set_ylim(-len(table) + 0.4, 0.6)
    far = max(table.abs().max().max(), 2 * NEAR) * 1.12
    axes.set_xlim(-far, far)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(lambda value, _: number(value, style.lang, 1 if far > 0.5 else 2))
    axes.set_xlabel(Text("standardised difference", "chênh lệch chuẩn hóa").say(style.lang))
    axes.grid(axis="x")
    return figure


LOVE = Chart(_love_words, _love, _apart)
