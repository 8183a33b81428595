"""Protected rows -> the sentences of what moved the targets and where they may stand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.estimate import Estimate
from analysis.publishing.views.target_tables import chance
from analysis.text import Text
from analysis.words import day, escape, number, percent, signed

ON_TRACK, PUSH = 0.80, 0.40  # by rule: measures C.2 (10)
PROOF = Text(
    "On two hundred synthetic provinces with a steady calendar, and on two hundred across a congress, the intervals covered about "
    "as often as they say. There the turnover at a congress was what is assumed here; a real province has surprises that none "
    "of the synthetic ones had.",
    "Trên hai trăm tỉnh mô phỏng với lịch bình thường và hai trăm tỉnh qua kỳ đại hội, khoảng dự báo đạt độ phủ gần như đã nêu. Ở "
    "đó mức thay đổi nhân sự khi đại hội đúng như giả định ở đây; tỉnh thật có những bất ngờ mà các tỉnh mô phỏng không có.",
)


def outlook_answer(rows: pd.DataFrame, lang: str, *, reasons: Sequence[Text] = ()) -> dict[str, str]:
    """Answer whether the targets will be met: the chance of each and of all; the status is that of the unlikeliest."""
    met = rows[rows["term"].eq("met") & rows["estimate"].notna()]
    lines = [
        f"{one['outcome']}: {chance(one['estimate'], lang)} ({_word(one['estimate']).say(lang)})"
        for _, one in met.iterrows()
    ]
    said = [reason.say(lang) for reason in reasons]
    if not lines:
        head = Text("The targets cannot be assessed for that day.", "Không đánh giá được các chỉ tiêu vào ngày đó.")
        return {"html": "<br>".join(map(escape, [head.say(lang), *said])), "status": "not_assessable"}
    when = met["date"].iloc[0]
    head = Text(
        f"Chance of reaching the need by {day(when, 'en')}:",
        f"Khả năng đạt số người cần đến {day(when, 'vi')}:",
    )
    whole = rows[rows["term"].eq("met_all") & rows["estimate"].notna()]
    both = [] if whole.empty else [_all(whole["estimate"].iloc[0], lang)]
    least = met["estimate"].min()
    status = "on_track" if least >= ON_TRACK else "push" if least >= PUSH else "unlikely"
    return {"html": "<br>".join(map(escape, [head.say(lang), *lines, *both, *said])), "status": status}


def _all(value: float, lang: str) -> str:
    return Text(
        f"All of them at once: {chance(value, 'en')}, no more than any alone since the same people serve several groups.",
        f"Đạt tất cả cùng lúc: {chance(value, 'vi')}, không cao hơn từng chỉ tiêu vì cùng người thuộc nhiều nhóm.",
    ).say(lang)


def _word(value: float) -> Text:
    if value >= ON_TRACK:
        return Text("on track", "đúng tiến độ")
    return Text("needs a push", "cần đẩy mạnh") if value >= PUSH else Text("unlikely", "khó đạt")


def record_html(rows: pd.DataFrame, lang: str) -> str:
    """Say how past projections did and for which targets the model is published."""
    covers = rows[rows["term"].eq("coverage") & rows["outcome"].eq("ALL")]["estimate"].dropna()
    errors = rows[rows["estimand"].eq("heads")].pivot_table(index="outcome", columns="term", values="estimate")
    if covers.empty or errors.empty:
        return f"<p>{escape(Text('Past projections cannot be assessed: too short a history. No change is published.', 'Không đánh giá được các dự báo trước đây: dữ liệu quá ngắn. Công bố mức giữ nguyên.').say(lang))}</p>"
    lines = []
    for name, one in errors.iterrows():
        model, still, line = (one[f"error[{kind}]"] for kind in ("model", "no_change", "straight_line"))
        lines.append(Text(
            f"{name}: off by {number(model, 'en', 1)} people on average, no change by {number(still, 'en', 1)}, a straight line by "
            f"{number(line, 'en', 1)}.",
            f"{name}: lệch trung bình {number(model, 'vi', 1)} người, giữ nguyên lệch {number(still, 'vi', 1)}, đường thẳng lệch "
            f"{number(line, 'vi', 1)}.",
        ).say(lang))  # fmt: skip
    head = Text(
        f"In past projections the 80 percent interval held the outcome in {percent(covers.iloc[0], 'en', 0)} of cases.",
        f"Trong các dự báo trước đây, khoảng 80 phần trăm chứa kết quả ở {percent(covers.iloc[0], 'vi', 0)} trường hợp.",
    ).say(lang)
    return f"<p>{escape(head)}</p><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def plan_html(rows: pd.DataFrame, lang: str, *, certainty: Sequence[float]) -> str:
    """Say how many people the joint plan sends for each certainty, scored again by simulation, or that none exists."""
    lines = []
    for level in certainty:
        plan, met = (_value(rows, f"{term}[{level}]") for term in ("plan", "met_all"))
        ask = Text(f"{percent(level, 'en', 0)} for all: ", f"{percent(level, 'vi', 0)} cho tất cả: ").say(lang)
        if plan is None or met is None:
            text = Text("no plan within the limits reaches it.", "không có kế hoạch nào trong giới hạn đạt được.")
        else:
            text = Text(
                f"{number(plan, 'en')} people, and by simulation a chance of {chance(met, 'en')}.",
                f"{number(plan, 'vi')} người, mô phỏng lại cho khả năng {chance(met, 'vi')}.",
            )
        lines.append(f"<li>{escape(ask + text.say(lang))}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _value(rows: pd.DataFrame, term: str) -> float | None:
    found = rows.loc[rows["term"].eq(term), "estimate"].dropna()
    return float(found.iloc[0]) if len(found) else None


def intakes_html(rows: pd.DataFrame, lang: str, *, intakes: pd.DataFrame) -> str:
    """Say the last intake that still counts under each reading."""
    if intakes.empty:
        text = Text("No intake can be told from the registry.", "Dữ liệu không cho biết kỳ tuyển sinh nào.")
        return f"<p>{escape(text.say(lang))}</p>"
    words = {
        "has_or_studying": Text("for the headline reading", "theo cách hiểu chính"),
        "has": Text("for a degree in hand", "để kịp có bằng"),
    }
    lines = []
    for row in intakes.itertuples():
        state = Text("still ahead", "còn kịp") if row.open else Text("gone by", "đã qua")
        line = Text(
            f"Last intake that counts {words[row.reading].en}: {row.intake:%m/%Y}, {state.en}.",
            f"Kỳ tuyển sinh cuối còn tính {words[row.reading].vi}: {row.intake:%m/%Y}, {state.vi}.",
        )
        lines.append(f"<li>{escape(line.say(lang))}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def notes_html(rows: pd.DataFrame, lang: str, *, notes: Sequence[Text]) -> str:
    """Lay out the sentences that must travel with the numbers, each once; a plain one where there is none."""
    lines = list(dict.fromkeys(note.say(lang) for note in notes))
    if not lines:
        lines = [Text("Nothing stands in the way of the reading above.", "Không có điều gì cản trở cách đọc ở trên.").say(lang)]  # fmt: skip
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def units_html(rows: pd.DataFrame, lang: str) -> str:
    """Say how much of each share's change came within units and how much by their mix."""
    lines = []
    for name, one in rows.groupby("outcome"):
        within, between = (_value(one, term) for term in ("within", "between"))
        text = Text("too few units to show.", "quá ít đơn vị để nêu.")
        if within is not None and between is not None:
            text = Text(
                f"{signed(100 * within, 'en', 1)} points within units, {signed(100 * between, 'en', 1)} by their mix.",
                f"{signed(100 * within, 'vi', 1)} điểm trong từng đơn vị, {signed(100 * between, 'vi', 1)} điểm do cơ cấu.",
            )
        lines.append(f"<li>{escape(f'{name}: {text.say(lang)}')}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def refusals(estimate: Estimate) -> tuple[Text, ...]:
    """Give the reasons for which targets of an estimate are not assessable."""
    return tuple(note for note in estimate.notes if "not assessable" in note.en)
