"""Rows -> display tables of the targets: pace, definitions, attribution, outlook, enrolments, scenarios."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.estimate import Estimate
from analysis.project import reference
from analysis.publishing.views.tables import NOT_ASSESSABLE, absent, html_table
from analysis.targets.pace import grade
from analysis.text import Text
from analysis.words import day, label, number, percent

TARGET = Text("Target", "Chỉ tiêu")
Shown = dict[str, str]
Cell = Callable[[pd.Series | None], str]


def _lay_out(title: Text, note: Text, columns: list[Text], cells: list[list[str]], lang: str) -> Shown:
    html = html_table([column.say(lang) for column in columns], cells)
    return {"title": title.say(lang), "html": html, "note": note.say(lang)}


def value_of(rows: pd.DataFrame, term: str, write: Callable[[float], str], lang: str) -> str:
    """Write the one value of a term: `few` where it was hidden, not assessable where there is none."""
    row = rows[rows["term"].eq(term)]
    if row.empty or pd.isna(row["estimate"].iloc[0]):
        return absent(None if row.empty else row.iloc[0], lang)
    return write(row["estimate"].iloc[0])


def pace_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay out the three measures of pace and where they disagree."""
    cells = []
    for name, one in rows.groupby("outcome"):
        linear, growth = (_number(one, term) for term in ("linear", "growth"))
        flag = Text("–", "–")
        if linear is not None and growth is not None:
            same = grade(linear) == grade(growth)
            flag = Text("agree", "thống nhất") if same else Text("⚑ disagree", "⚑ không thống nhất")
        cells.append([
            str(name), value_of(one, "linear", lambda value: number(value, lang, 2), lang),
            value_of(one, "gap_closed", lambda value: percent(value, lang, 0), lang),
            value_of(one, "growth", lambda value: number(value, lang, 2), lang), flag.say(lang),
            value_of(one, "gained_a_month", lambda value: number(value, lang, 1), lang),
        ])  # fmt: skip
    columns = [TARGET, Text("Linear pace", "Tốc độ đều"), Text("Way gone", "Đã đi được"), Text("Growth ratio", "Tỷ số tăng trưởng"),
               Text("Methods", "Các cách"), Text("Net heads a month", "Số người tăng mỗi tháng")]  # fmt: skip
    note = Text(
        "One is exactly on course. The growth ratio is that of other trackers, beside for comparison: it flatters a low start. "
        "Net heads a month: over the last twelve months.",
        "Bằng một là đúng tiến độ. Tỷ số tăng trưởng là cách của các bộ theo dõi khác, đặt bên cạnh để so sánh: nó làm đẹp "
        "xuất phát điểm thấp. Số người tăng mỗi tháng: tính trên mười hai tháng gần nhất.",
    )
    return _lay_out(
        Text("Pace since the project, three ways", "Tốc độ từ khi có Đề án, ba cách tính"), note, columns, cells, lang
    )


def _number(rows: pd.DataFrame, term: str) -> float | None:
    value = rows.loc[rows["term"].eq(term), "estimate"].dropna()
    return float(value.iloc[0]) if len(value) else None


def grid_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay out every reading and population on each day: share, and whether it reaches the line."""
    goals, cells = reference("targets.yml")["targets"], []
    if len(rows["outcome"].unique()) > 1:  # several targets on one page: each has its own page with the whole grid
        rows = rows[rows["population"].eq("ALL")]
    days = sorted(rows["date"].dropna().unique())
    for (name, reading, population), one in rows.groupby(["outcome", "term", "population"], sort=False):
        dated, goal = one.set_index("date")[["estimate", "suppressed", "computed"]], goals[name]["share"]
        shown = [_reaches(dated.loc[when], goal, lang) for when in days]
        cells.append([str(name), label(reading, lang), label(population, lang, "populations"), *shown])
    columns = [TARGET, Text("Reading", "Cách hiểu"), Text("Population", "Đối tượng"), *(Text(day(one, "en"), day(one, "vi")) for one in days)]  # fmt: skip
    note = Text(
        "A check mark where the share reaches the line. ‹few›: too few people, or too few apart from an official figure, to "
        "show; figures that are not official are rounded.",
        "Dấu kiểm khi tỷ lệ đạt mức. ‹ít›: quá ít người, hoặc chỉ khác số liệu chính thức ít người, nên không nêu; số không "
        "chính thức đã làm tròn.",
    )
    return _lay_out(Text("The definition grid", "Bảng các định nghĩa"), note, columns, cells, lang)


def _reaches(cell: pd.Series, goal: float, lang: str) -> str:
    if pd.isna(cell["estimate"]):
        return absent(cell, lang)
    return f"{percent(cell['estimate'], lang)} {'✓' if cell['estimate'] >= goal - 1e-9 else '✗'}"


def attribution_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay the three answers side by side, each with its interval."""
    terms, cells = ("accounting", "counterfactual", "through_promotion"), []
    for name, one in rows.groupby("outcome"):
        cells.append([str(name), *(_answer(one[one["term"].eq(term)], lang) for term in terms)])
    columns = [TARGET, *(Text(label(term, "en").capitalize(), label(term, "vi").capitalize()) for term in terms)]
    note = Text(
        "Heads, rounded, with 90 percent intervals (through promotion: 95). Three definitions that overlap and are never added; the accounting one "
        "is no effect. ‹few›: too few people to show; why an answer is not assessable stands below.",
        "Số người, đã làm tròn, kèm khoảng 90 phần trăm (qua thăng tiến: 95). Ba định nghĩa chồng lên nhau, không cộng; cách đếm theo kinh phí "
        "không phải là tác động. ‹ít›: quá ít người để nêu; vì sao không đánh giá được thì ghi ở dưới.",
    )
    return _lay_out(
        Text("What is the project's: three answers", "Phần nào là của Đề án: ba câu trả lời"),
        note,
        columns,
        cells,
        lang,
    )


def _answer(row: pd.DataFrame, lang: str) -> str:
    if row.empty or pd.isna(row["estimate"].iloc[0]):
        return absent(None if row.empty else row.iloc[0], lang)
    one = row.iloc[0]
    text = number(one["estimate"], lang)
    if pd.isna(one["conf_low"]):
        return text
    return f"{text} ({number(one['conf_low'], lang)} – {number(one['conf_high'], lang)})"


def outlook_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay out each target's likely heads, need, chance and what lasts; not assessable where it is."""
    final, cells = rows[rows["conf_level"].ne(0.5)], []
    for name, one in final[final["outcome"].ne("ALL")].groupby("outcome"):
        last = one[one["date"].eq(one["date"].max())]
        heads = value_of(last, "counted", lambda value: number(value, lang), lang)
        row = last[last["term"].eq("counted")]
        if len(row) and pd.notna(row["conf_low"].iloc[0]):
            low, high = row["conf_low"].iloc[0], row["conf_high"].iloc[0]
            heads += f" ({number(low, lang)} – {number(high, lang)})"
        cells.append([
            str(name), heads, value_of(last, "need", lambda value: number(value, lang), lang),
            value_of(last, "met", lambda value: chance(value, lang), lang),
            value_of(last, "published", lambda value: number(value, lang), lang),
            value_of(last, "durable", lambda value: percent(value, lang, 0), lang),
        ])  # fmt: skip
    columns = [TARGET, Text("Likely heads", "Số người có thể"), Text("Need", "Cần"), Text("Chance of meeting", "Khả năng đạt"),
               Text("Published", "Công bố"), Text("Still held 24 months on", "Còn giữ sau 24 tháng")]  # fmt: skip
    note = Text(
        "Median and 80 percent interval. Published: the model's median where its record beats no change by the margin, else "
        "today's number. Still held: share of the members on the last day who are there with a degree two years later.",
        "Trung vị và khoảng 80 phần trăm. Công bố: trung vị của mô hình nếu trước đây nó tốt hơn mức giữ nguyên đủ xa, nếu "
        "không là số hiện nay. Còn giữ: tỷ lệ thành viên ngày cuối còn ở nhóm và có bằng sau hai năm.",
    )
    return _lay_out(Text("Where each target may stand", "Mỗi chỉ tiêu có thể ở đâu"), note, columns, cells, lang)


def chance(value: float, lang: str) -> str:
    """Write a probability; never none and never certain."""
    if value <= 0.01:
        return "< 1" + percent(1, lang, 0).removeprefix("100").replace(" ", "")
    if value >= 0.99:
        return "> 99" + percent(1, lang, 0).removeprefix("100").replace(" ", "")
    return percent(value, lang, 0)


def extra_table(rows: pd.DataFrame, lang: str, *, certainty: list[float]) -> Shown:
    """Lay out the eligible, the expected gap, and the enrolments that each certainty asks."""
    cells = []
    for name, one in rows[rows["outcome"].ne("ALL")].groupby("outcome"):
        asked = [_enough(one, f"extra[{level}]", lang) for level in certainty]
        whole = [value_of(one, term, lambda value: number(value, lang), lang) for term in ("eligible", "expected_gap")]
        cells.append([str(name), *whole, *asked])
    columns = [TARGET, Text("Eligible", "Đủ điều kiện"), Text("Expected gap", "Số thiếu dự kiến"),
               *(Text(f"For {percent(one, 'en', 0)}", f"Để có {percent(one, 'vi', 0)}") for one in certainty)]  # fmt: skip
    note = Text(
        "Members sent now, beyond those who enrol anyway. Filling the expected gap gives about even odds at best. The eligible "
        "are counted and rounded; ‹few›: fewer than may be shown, so training alone cannot carry the target.",
        "Số thành viên cử đi ngay, ngoài người tự đi học. Lấp đúng số thiếu dự kiến thì khả năng đạt cao nhất chỉ khoảng một "
        "nửa. Số đủ điều kiện đã làm tròn; ‹ít›: ít hơn mức được nêu, nên chỉ riêng đào tạo không đủ.",
    )
    return _lay_out(Text("What it would take", "Cần làm thêm bao nhiêu"), note, columns, cells, lang)


def _enough(rows: pd.DataFrame, term: str, lang: str) -> str:
    row, stock = rows[rows["term"].eq(term)], rows[rows["term"].eq("eligible")]
    if row.empty or stock.empty:
        return NOT_ASSESSABLE.say(lang)
    if pd.notna(row["estimate"].iloc[0]):
        return number(row["estimate"].iloc[0], lang)
    if stock["suppressed"].iloc[0]:
        return absent(stock.iloc[0], lang)
    return Text("not by training alone", "không thể chỉ bằng đào tạo").say(lang)


def scenario_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay out the chance of each target under each scenario."""
    met = rows[rows["term"].eq("met")]
    names, cells = sorted(met["outcome"].unique()), []
    for run, one in met.groupby("run", sort=False):
        by_name = one.set_index("outcome")["estimate"]
        shown = [NOT_ASSESSABLE.say(lang) if pd.isna(by_name[name]) else chance(by_name[name], lang) for name in names]
        cells.append([label(run, lang, "scenarios"), *shown])
    columns = [Text("Scenario", "Kịch bản"), *(Text(name, name) for name in names)]
    note = Text(
        "Probability of reaching the need on the last day, all scenarios from the same draws; all else as now.",
        "Xác suất đạt số người cần vào ngày cuối, mọi kịch bản dùng chung các lượt mô phỏng; còn lại giữ như hiện nay.",
    )
    return _lay_out(Text("Scenarios", "Các kịch bản"), note, columns, cells, lang)


def monitor_table(rows: pd.DataFrame, lang: str) -> Shown:
    """Lay out a group that is watched without a target."""
    groups, cells = reference("targets.yml")["monitors"], []
    for name, one in rows.groupby("outcome"):
        share = [value_of(one, term, lambda value: percent(value, lang), lang) for term in ("has", "has_or_studying")]
        size = value_of(one, "members", lambda value: number(value, lang), lang)
        cells.append([groups[name]["name"][lang], size, *share])
    columns = [Text("Group", "Nhóm"), Text("Members", "Thành viên"), Text("Has", "Đã có"), Text("Has or is studying", "Đã có hoặc đang học")]  # fmt: skip
    note = Text(
        "Watched, not judged: this group has no target. Rounded.",
        "Theo dõi, không xếp loại: nhóm này không có chỉ tiêu. Đã làm tròn.",
    )
    return _lay_out(Text("Lecturers", "Giảng viên"), note, columns, cells, lang)


CLASSES = Text("Whom the joint plan sends", "Kế hoạch chung cử ai")
MARKS = {"women": Text("women", "nữ"), "young": Text("young", "trẻ"), "minority": Text("minority", "dân tộc thiểu số")}


def plan_frame(plan: Estimate, lang: str, *, level: float) -> pd.DataFrame:
    """Count the plan's people for one certainty by target served and by mark, overlapping; classes would be too few."""
    columns = [Text("People who", "Những người").say(lang), Text("Number", "Số người").say(lang)]
    table = plan.details.get("plan", pd.DataFrame())
    if table.empty or not table["certainty"].eq(level).any():
        return pd.DataFrame([[Text("no plan", "không có kế hoạch").say(lang), float("nan")]], columns=columns)
    table = table[table["certainty"].eq(level)]
    groups = [name for name in reference("targets.yml")["targets"] if name in table]
    several = table[groups].sum(axis=1) > 1
    said = {name: Text(f"serve {name}", f"thuộc {name}") for name in groups}
    said |= {mark: Text(f"are {word.en}", f"là {word.vi}") for mark, word in MARKS.items()}
    rows = [[said[name].say(lang), float(table.loc[table[name].astype(bool), "people"].sum())] for name in said]
    rows.append([Text("serve two targets or more", "thuộc hai chỉ tiêu trở lên").say(lang), float(table.loc[several, "people"].sum())])  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
