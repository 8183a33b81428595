"""Published answers beside ours: the figure, the table and the sentence of what comes out again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.effects import reproduce
from analysis.effects.validation import read_answers
from analysis.publishing.views.layout import wrap
from analysis.publishing.views.style import Chart, Style
from analysis.publishing.views.tables import html_table
from analysis.text import Text
from analysis.words import escape, number

EDGE = 1.6  # where answers further off than this many tolerances are drawn


def lay_out(cases: Sequence[str]) -> pd.DataFrame:
    """Compare cases with what was published: one row an answer, with its `case`; shares no data with a registry."""
    tables = [reproduce(case).details["comparison"].assign(case=case) for case in cases]
    return pd.concat(tables, ignore_index=True)


def _entry(row: pd.Series) -> dict:
    return read_answers()[row["case"]]["answers"][row["quantity"]]


def _name(row: pd.Series, lang: str, several: bool) -> str:
    case = read_answers()[row["case"]]["title"][lang]
    return f"{case} · {_entry(row)[lang]}" if several else _entry(row)[lang]


def _digits(row: pd.Series) -> int:
    """Give the decimals that show a difference as small as the tolerance."""
    return 0 if row["tolerance"] >= 0.1 else int(np.ceil(-np.log10(row["tolerance"]) - 1e-9))


def _pair(row: pd.Series, lang: str) -> str:
    return f"{_as_printed(row, lang)} → {number(row['reproduced'], lang, _digits(row))}"


def _as_printed(row: pd.Series, lang: str) -> str:
    """Write a published number with the decimals it was printed with, closing zeros apart."""
    return number(row["published"], lang, len(f"{row['published']:.10f}".rstrip("0").partition(".")[2]))


def _lead(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[bool(_entry(row).get("lead")) or not row["within"] for _, row in rows.iterrows()]].reset_index(
        drop=True
    )


def _title(rows: pd.DataFrame) -> Text:
    inside, total = int(rows["within"].sum()), len(rows)
    return Text(f"{inside} of {total} published numbers come out again",
                f"{inside} trong {total} con số đã công bố được tính lại đúng")  # fmt: skip


def _against_words(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    parts = [f"{_entry(row)[lang]}: {_pair(row, lang)}" for _, row in _lead(rows).iterrows()]
    caption = Text(
        "Each point: ours less the published number, in units of the tolerance set for it beforehand; the band holds what "
        "counts as reproduced. Beside it: published → ours. Headline numbers only, and any that were missed; all stand "
        "in the tables.",
        "Mỗi điểm: kết quả của chúng tôi trừ số đã công bố, tính theo sai số cho phép định trước; dải nền là vùng coi như "
        "tính lại đúng. Bên cạnh: công bố → của chúng tôi. Chỉ các con số chính và con số nào lệch; bảng có đủ.",
    )
    return {"title": _title(rows).say(lang), "alt": "; ".join(parts) + ".", "caption": caption.say(lang)}


def _against(rows: pd.DataFrame, *, style: Style) -> Figure:
    shown = _lead(rows)
    heads = shown["case"].ne(shown["case"].shift()).cumsum()
    high = 0.36 if style.narrow else 0.27
    figure, axes = style.canvas(0.8 + high * (len(shown) + 1.2 * heads.max()))
    axes.axvspan(-1, 1, color=style.tone("rule"), alpha=0.45, lw=0, zorder=0)
    axes.axvline(0, color=style.tone("muted"), lw=1, zorder=1)
    places = -(np.arange(len(shown)) + 1.2 * heads.to_numpy())
    for y, (place, row) in zip(places, shown.iterrows(), strict=True):
        at = np.clip(row["difference"] / row["tolerance"], -EDGE, EDGE)
        colour = style.colour("has" if row["within"] else "gap")
        axes.plot(at, y, "o", ms=6.5, color=colour, zorder=3)
        pair = _pair(row, style.lang).replace("→ ", "→\n" if style.narrow else "→ ")
        axes.text(1, y, pair, va="center", ha="right", fontsize=8 if style.narrow else 8.5, color=colour,
                  transform=axes.get_yaxis_transform())  # fmt: skip
        if place == 0 or heads[place] != heads[place - 1]:
            title = read_answers()[row["case"]]["title"][style.lang]
            axes.text(-EDGE, y + 0.95, title, va="center", fontsize=9, weight="bold", clip_on=False, bbox=style.plate())
    names = [wrap(_entry(row)[style.lang], style.narrow) for _, row in shown.iterrows()]
    axes.set_yticks(places, names, fontsize=8 if style.narrow else 8.8)
    axes.set_ylim(places.min() - 0.7, -0.0)
    axes.set_xlim(-EDGE - 0.1, EDGE + (2.4 if style.narrow else 1.7))
    axes.set_xticks([-1, 0, 1], [number(tick, style.lang) for tick in (-1, 0, 1)])
    axes.set_xlabel(Text("difference, in tolerances", "chênh lệch, theo sai số cho phép").say(style.lang), x=0.3)
    return figure


def published_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out published numbers, ours, their difference and whether it is within the tolerance."""
    yes, no = Text("yes", "có").say(lang), Text("no", "không").say(lang)
    several = len(set(rows["case"])) > 1
    cells = [[_name(row, lang, several), _as_printed(row, lang), number(row["reproduced"], lang, _digits(row)),
              number(row["difference"], lang, _digits(row) + 1), number(row["tolerance"], lang, _digits(row)),
              yes if row["within"] else no] for _, row in rows.iterrows()]  # fmt: skip
    columns = [Text("Quantity", "Đại lượng"), Text("Published", "Công bố"), Text("Ours", "Của chúng tôi"),
               Text("Difference", "Chênh lệch"), Text("Tolerance", "Sai số cho phép"), Text("Within", "Trong mức")]  # fmt: skip
    cases = [read_answers()[case] for case in rows["case"].unique()]
    title = "; ".join(case["title"][lang] for case in cases)
    sources = "; ".join(dict.fromkeys(case["source"] for case in cases))
    note = Text(f"Source of the published numbers: {sources}.", f"Nguồn của số đã công bố: “{sources}”.").say(lang)
    return {"title": title, "html": html_table([one.say(lang) for one in columns], cells), "note": note}


def published_answer(rows: pd.DataFrame, lang: str, *, cases: Sequence[str]) -> dict[str, str]:
    """Answer how many published numbers come out again, computed here from public data; the page's rows are not used."""
    compared = lay_out(cases)
    missed = compared[~compared["within"]]
    text = Text(
        f"{_title(compared).en}, each within a tolerance set beforehand, from {len(cases)} public data sets. The "
        "estimators compute what they claim; whether they answer a question about these employees is another matter.",
        f"{_title(compared).vi}, mỗi số trong sai số cho phép định trước, từ {len(cases)} bộ dữ liệu công khai. Các phép "
        "ước lượng tính đúng điều chúng nói; chúng có trả lời được câu hỏi về cán bộ hay không là chuyện khác.",
    ).say(lang)
    if len(missed):
        names = ", ".join(_entry(row)[lang] for _, row in missed.iterrows())
        text += Text(f" Missed: {names}.", f" Lệch: {names}.").say(lang)
    return {"html": escape(text), "status": "missed" if len(missed) else "met"}


AGAINST = Chart(_against_words, _against)
