"""Rows -> display tables: labels, reader's numbers, `few` where a count was hidden; plain HTML that pages style."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.project import reference
from analysis.publishing.views.layout import heads_of, name_of
from analysis.text import Text
from analysis.words import day, escape, label, number, percent

FEW = Text("‹few›", "‹ít›")
NOT_ASSESSABLE = Text("not assessable", "không đánh giá được")
LONG = 100
HEADINGS = {
    "target": Text("Target", "Chỉ tiêu"),
    "reading": Text("Reading", "Cách hiểu"),
    "share": Text("Share", "Tỷ lệ"),
    "heads": Text("Heads", "Số người"),
    "goal": Text("Goal", "Mức"),
    "verdict": Text("Reached", "Đạt"),
    "members": Text("Members", "Thành viên"),
    "has": Text("Has", "Đã có"),
    "studying": Text("Studying", "Đang học"),
    "need": Text("Need", "Cần"),
    "short": Text("Short", "Thiếu"),
    "term": Text("Term", "Nội dung"),
    "estimate": Text("Estimate", "Ước lượng"),
    "interval": Text("95% interval", "Khoảng tin cậy 95%"),
    "exposed": Text("People in it", "Số người"),
    "events": Text("Promotions", "Số lần thăng tiến"),
    "date": Text("Date", "Ngày"),
    "months": Text("Months", "Tháng"),
}


def html_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells as an HTML table whose first column heads its rows; cells carry their heading for phones."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = []
    for row in rows:
        first = f'<th scope="row">{escape(row[0])}</th>'
        rest = "".join(
            f'<td data-label="{escape(name)}">{escape(cell)}</td>'
            for name, cell in zip(columns[1:], row[1:], strict=True)
        )
        body.append(f"<tr>{first}{rest}</tr>")
    return f'<table class="cards"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _headings(names: Sequence[str], lang: str) -> list[str]:
    return [HEADINGS[name].say(lang) for name in names]


def _count(value: float, lang: str) -> str:
    return number(value, lang) if pd.notna(value) else FEW.say(lang)


def absent(row: pd.Series | None, lang: str) -> str:
    """Say why a row shows no number: too few people, or nothing that could be computed."""
    hidden = row is not None and row["suppressed"] and row.get("computed", True)
    return (FEW if hidden else NOT_ASSESSABLE).say(lang)


def hazard_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out hazard ratios with intervals and the people and events behind them."""
    cells = [
        [
            name_of(row, lang),
            number(row["estimate"], lang, 2) or FEW.say(lang),
            f"{number(row['conf_low'], lang, 2)} – {number(row['conf_high'], lang, 2)}"
            if pd.notna(row["estimate"])
            else "",
            _count(row["n_exposed"], lang),
            _count(row["n_event"], lang),
        ]
        for _, row in rows.iterrows()
    ]
    title = Text("Hazard ratios of promotion", "Tỷ số nguy cơ thăng tiến")
    note = Text("Counts rounded; ‹few›: too few to show.", "Số đếm đã làm tròn; ‹ít›: quá ít để nêu.")
    html = html_table(_headings(["term", "estimate", "interval", "exposed", "events"], lang), cells)
    return {"title": title.say(lang), "html": html, "note": note.say(lang)}


def heads_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out the heads of each target: members, has, studying, need, short."""
    table = heads_of(rows).reset_index()
    names = ["members", "has", "studying", "need", "short"]
    cells = [[f"{row['outcome']}", *(number(row[name], lang) for name in names)] for _, row in table.iterrows()]
    title = Text("Heads of each target", "Số người của từng chỉ tiêu")
    note = Text(
        "Official figures, exact. Studying: without a degree yet.",
        "Số liệu chính thức, chính xác. Đang học: chưa có bằng.",
    )
    return {
        "title": title.say(lang),
        "html": html_table(_headings(["target", *names], lang), cells),
        "note": note.say(lang),
    }


def readings_table(rows: pd.DataFrame, lang: str) -> dict[str, str]:
    """Lay out every reading of every target with its share, against the goal."""
    shares = rows[rows["estimand"] == "attainment"]
    goals = reference("targets.yml")["targets"]
    cells = []
    for _, row in shares.iterrows():
        goal = goals[row["outcome"]]["share"]
        cells.append(
            [
                row["outcome"],
                label(row["term"], lang),
                percent(row["estimate"], lang) or absent(row, lang),
                percent(goal, lang, 0),
            ]
        )
    title = Text("Every reading of the wording", "Mọi cách hiểu câu chữ")
    note = Text(
        "Readings that are no official figures are computed from rounded heads; ‹few›: too few people, or too few apart "
        "from an official figure, to show.",
        "Cách hiểu không phải số liệu chính thức được tính từ số đã làm tròn; ‹ít›: quá ít người, hoặc chỉ khác số liệu "
        "chính thức ít người, nên không nêu.",
    )
    columns = _headings(["target", "reading", "share", "goal"], lang)
    return {"title": title.say(lang), "html": html_table(columns, cells), "note": note.say(lang)}


def rows_html(rows: pd.DataFrame, lang: str) -> str:
    """Lay out any rows as the data table behind a figure; of a long history the last day of each year."""
    dated = rows["date"].notna().any()
    if len(rows) > LONG and dated:
        year = rows["date"].dt.year
        rows = rows[rows["date"] == rows.groupby(year)["date"].transform("max")]
    timed, cells = len(rows["time"].dropna().unique()) > 1, []
    for _, row in rows.iterrows():
        value = row["estimate"]
        if row["estimand"] in ("attainment", "risk", "risk_difference", "points"):
            text = percent(value, lang)
        else:
            text = number(value, lang, 0 if row["estimand"] == "heads" else 2)
        if pd.notna(row["conf_low"]):
            ends = (percent(row[end], lang) if row["estimand"] in ("risk", "risk_difference") else number(row[end], lang, 2)
                    for end in ("conf_low", "conf_high"))  # fmt: skip
            text += f" ({' – '.join(ends)})"
        name = name_of(row, lang)
        name = f"{row['outcome']} · {name}" if row["method"] in ("census", "ledger") else name
        when = [day(row["date"], lang)] if dated else [number(row["time"], lang)] if timed else []
        cells.append([name, *when, text or absent(row, lang)])
    head = ["date"] if dated else ["months"] if timed else []
    return html_table(_headings(["term", *head, "estimate"], lang), cells)


def counts_html(frame: pd.DataFrame, lang: str) -> str:
    """Lay out a table of counts; numbers in the reader's marks, hidden ones as `few`."""
    cells = []
    for row in frame.itertuples(index=False):
        cells.append([_count(cell, lang) if _is_number(cell) else str(cell) for cell in row])
    return html_table([str(name) for name in frame.columns], cells)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
