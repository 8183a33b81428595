"""Protected rows -> the sentences of a page: its answer and its readings, in either language."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.project import reference
from analysis.publishing.gate.disclosure import most
from analysis.publishing.views.layout import heads_of
from analysis.registry import Finding
from analysis.targets import judge
from analysis.text import Text
from analysis.words import day, escape, label, percent

ORDER = ("not_assessable", "missed", "open", "pending", "met")
PAGE_STATUS = {"open": "push"}


def target_answer(rows: pd.DataFrame, lang: str, *, final: bool) -> dict[str, str]:
    """Answer where each target stands, from its official rows; the status is the worst of them."""
    table = heads_of(rows).reset_index()
    if table.empty or not table["members"].gt(0).any():
        return {"html": Text("The targets cannot be assessed: the groups have no members on that day.",
                             "Không đánh giá được: các nhóm không có thành viên vào ngày đó.").say(lang),
                "status": "not_assessable"}  # fmt: skip
    verdicts = [target_verdict(row, final) for _, row in table.iterrows()]
    sentences = [_one_target(row, verdict, lang) for (_, row), verdict in zip(table.iterrows(), verdicts, strict=True)]
    if len(table) > 1:
        reached = sum(verdict in ("met", "pending") for verdict in verdicts)
        when = table["date"].iloc[0]
        head = Text(
            f"On {day(when, 'en')}, {reached} of {len(table)} targets are reached under the headline reading.",
            f"Ngày {day(when, 'vi')}, {reached} trong {len(table)} chỉ tiêu đạt theo cách hiểu chính.",
        )
        sentences.insert(0, head.say(lang))
    worst = min(verdicts, key=ORDER.index)
    return {"html": "<br>".join(map(escape, sentences)), "status": PAGE_STATUS.get(worst, worst)}


def target_verdict(row: pd.Series, final: bool) -> str:
    """Judge from protected heads: unverified degrees may be as many as what is shown of them allows."""
    if not row["members"] > 0:
        return "not_assessable"
    return judge({**row.to_dict(), "unverified": most(row["unverified"], row["has"])}, final=final)


def _one_target(row: pd.Series, verdict: str, lang: str) -> str:
    if verdict == "not_assessable":
        return Text(f"{row['outcome']}: not assessable, the group has no members on that day.",
                    f"{row['outcome']}: không đánh giá được, nhóm không có thành viên vào ngày đó.").say(lang)  # fmt: skip
    entry = reference("targets.yml")["targets"][row["outcome"]]
    share = percent(row["counted"] / row["members"], lang)
    goal = percent(entry["share"], lang, 0)
    tail = {
        "met": Text("reached", "đạt"),
        "pending": Text("reached if degrees not yet verified hold", "đạt nếu văn bằng chưa xác minh được công nhận"),
        "missed": Text(
            f"{row['short']:.0f} {'person' if row['short'] == 1 else 'people'} short", f"thiếu {row['short']:.0f} người"
        ),
        "open": Text(f"{row['short']:.0f} more needed", f"cần thêm {row['short']:.0f} người"),
    }[verdict]
    heads = f"{row['counted']:.0f}/{row['members']:.0f}"
    return Text(
        f"{row['outcome']}: {share} ({heads}, of whom {row['studying']:.0f} studying) against {goal}: {tail.en}.",
        f"{row['outcome']}: {share} ({heads}, trong đó {row['studying']:.0f} đang học) so với mức {goal}: {tail.vi}.",
    ).say(lang)


def registry_answer(rows: pd.DataFrame, lang: str, *, errors: int, warnings: int, synthetic: bool) -> dict[str, str]:
    """Answer whether the registry can carry the questions."""
    text = Text(
        f"The registry keeps every rule of its contract; {warnings} warnings travel with the pages."
        if not errors
        else f"The registry breaks {errors} rules of its contract.",
        f"Dữ liệu đáp ứng mọi quy tắc của hợp đồng dữ liệu; {warnings} cảnh báo đi kèm các trang."
        if not errors
        else f"Dữ liệu vi phạm {errors} quy tắc của hợp đồng dữ liệu.",
    )
    more = (
        Text(" All people in it are invented.", " Mọi người trong đó đều là mô phỏng.") if synthetic else Text("", "")
    )
    return {"html": escape(text.say(lang) + more.say(lang)), "status": "info"}


def limits_html(rows: pd.DataFrame, lang: str, *, lines: Sequence[Text]) -> str:
    """Lay out the limits of a page as a list."""
    return "<ul>" + "".join(f"<li>{escape(line.say(lang))}</li>" for line in lines) + "</ul>"


def findings_html(rows: pd.DataFrame, lang: str, *, findings: Sequence[Finding]) -> str:
    """Lay out what the registry's check found, without rows of people."""
    lines = []
    for finding in findings:
        place = " · ".join(part for part in (label(finding.table, lang, "tables"), finding.column) if part)
        lines.append(f"<li>{escape(place)}: {escape(finding.what.say(lang))}. {escape(finding.fix.say(lang))}</li>")
    empty = Text("No errors and no warnings.", "Không có lỗi và cảnh báo.").say(lang)
    return f"<ul>{''.join(lines)}</ul>" if lines else f"<p>{empty}</p>"


def bounds_html(rows: pd.DataFrame, lang: str) -> str:
    """Say how far unverified degrees move each target: the share with and without them."""
    table, lines = heads_of(rows).reset_index(), []
    for _, row in table.iterrows():
        name = row["outcome"]
        if not row["members"] > 0:
            continue
        if pd.isna(row["unverified"]):
            text = Text(
                f"{name}: too few unverified degrees to show their number.",
                f"{name}: số văn bằng chưa xác minh quá ít để nêu.",
            )
        else:
            low, high = (row["counted"] - row["unverified"]) / row["members"], row["counted"] / row["members"]
            text = Text(
                f"{name}: from {percent(low, 'en')} (no unverified degree holds) to {percent(high, 'en')} (all hold); the "
                "number unverified is rounded.",
                f"{name}: từ {percent(low, 'vi')} (không văn bằng chưa xác minh nào được công nhận) đến "
                f"{percent(high, 'vi')} (mọi văn bằng được công nhận); số chưa xác minh đã làm tròn.",
            )
        lines.append(f"<li>{escape(text.say(lang))}</li>")
    head = Text("What unverified degrees could change:", "Văn bằng chưa xác minh có thể làm thay đổi:").say(lang)
    return f"<p>{escape(head)}</p><ul>{''.join(lines)}</ul>"
