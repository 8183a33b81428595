"""The contract's rules: row by row with pandera, then across rows and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pa

from ..text import Text
from .contract import POSTGRADUATE, TABLES, Table
from .findings import ERROR, WARNING, Finding, found
from .retirement import retirement_dates

DAY = pd.Timedelta(days=1)
SOURCE = Text("Correct the dates in the source.", "Sửa ngày ở nguồn.")
Frames = Mapping[str, pd.DataFrame]


def _ordered(first: str, later: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[first].isna() | rows[later].isna() | (rows[first] < rows[later])


def _order_rule(first: str, later: str) -> tuple[str, str, Text, Text, Callable]:
    what = Text(f"{first} is not before {later}", f"{first} không trước {later}")
    return f"{first}_before_{later}", later, what, SOURCE, _ordered(first, later)


def _known_start(rows: pd.DataFrame) -> pd.Series:
    open_nomination = rows["outcome"].isna() & rows["nominated"].notna()
    return rows["started"].notna() | rows["outcome"].eq("not_started") | open_nomination


ROW_RULES: dict[str, list[tuple[str, str, Text, Text, Callable]]] = {
    "posts": [_order_rule("started", "ended")],
    "seats": [_order_rule("started", "ended")],
    "training": [
        _order_rule("started", "ended"),
        _order_rule("started", "expected_end"),
        ("start_known", "started",
         Text("a course without a start was not marked not_started and has no open nomination",
              "khóa học không có ngày bắt đầu nhưng không phải not_started, cũng không có ngày được cử"),
         Text("Give the start, or outcome not_started, or the nomination.", "Điền ngày bắt đầu, hoặc not_started, hoặc ngày được cử."),
         _known_start),
        ("never_started", "started",
         Text("a course marked not_started has a start", "khóa học ghi not_started nhưng có ngày bắt đầu"),
         Text("Empty the start, or correct the outcome.", "Bỏ ngày bắt đầu hoặc sửa kết quả."),
         lambda rows: ~(rows["outcome"].eq("not_started") & rows["started"].notna())),
    ],
    "planning": [_order_rule("started", "ended")],
    "discipline": [_order_rule("started", "ended")],
    "units": [_order_rule("valid_from", "valid_to")],
}  # fmt: skip


def table_schema(table: Table) -> pa.DataFrameSchema:
    """Build the pandera schema of one table: emptiness, codes and the rules that hold within a row."""
    columns = {}
    for column in table.columns:
        checks = [pa.Check.isin(column.codes, name="codes")] if column.codes else []
        columns[column.name] = pa.Column(nullable=not column.filled, checks=checks, required=True)
    rules = [pa.Check(test, name=name, ignore_na=False) for name, *_, test in ROW_RULES.get(table.name, [])]
    return pa.DataFrameSchema(columns, checks=rules, strict=False, name=table.name)


def check_rows(table: Table, rows: pd.DataFrame) -> list[Finding]:
    """Check one typed table row by row."""
    try:
        table_schema(table).validate(rows, lazy=True)
    except pa.errors.SchemaErrors as broken:
        cases = broken.failure_cases
    else:
        return []
    known = {name: (column, what, fix) for name, column, what, fix, _ in ROW_RULES.get(table.name, [])}
    findings = []
    for name, failed in cases.groupby("check", sort=True):
        if name in known:  # unfilled cells and unknown codes were already told when the column was parsed
            column, what, fix = known[name]
            index = pd.Index(failed["index"].dropna().unique()).astype("int64").sort_values()
            findings.append(found(ERROR, table.name, name, what, fix, column=column, rows=index))
    return findings


def check_registry(tables: Frames, extracted: pd.Timestamp, absent: frozenset[str] = frozenset()) -> list[Finding]:
    """Check everything that the contract asks of typed tables; tables in `absent` are left alone."""
    present = {name: rows for name, rows in tables.items() if name not in absent}
    findings: list[Finding] = []
    for name, rows in present.items():
        findings += check_rows(TABLES[name], rows)
        findings += _unique(TABLES[name], rows)
    findings += _references(present)
    findings += _timeline(present, extracted)
    findings += _one_post_at_a_time(present["posts"])
    findings += _awards(present)
    findings += _unit_tree(present["units"])
    findings += _unit_validity(present)
    if "planning" in present:
        findings += _planning_age(present)
    return findings + _warnings(present)


def _unique(table: Table, rows: pd.DataFrame) -> list[Finding]:
    twice = rows.duplicated(list(table.key), keep=False)
    if not twice.any():
        return []
    key = " + ".join(table.key)
    what = Text(f"several rows share the key {key}", f"nhiều dòng trùng khóa {key}")
    fix = Text("Remove the copies, or tell the rows apart.", "Bỏ dòng trùng, hoặc phân biệt các dòng.")
    return [found(ERROR, table.name, "duplicate_key", what, fix, column=table.key[0], rows=rows.index[twice])]


def _references(tables: Frames) -> list[Finding]:
    findings = []
    people, units = tables["people"]["person_id"], tables["units"]["unit_id"]
    for name, rows in tables.items():
        for column, known, where in (("person_id", people, "people"), ("unit_id", units, "units"),
                                     ("parent_id", units, "units"), ("successor_id", units, "units")):  # fmt: skip
            if column not in rows or name == where == "people" or (name == "units" and column == "unit_id"):
                continue
            lost = rows[column].notna() & ~_among(rows[column], known)
            if lost.any():
                what = Text(f"{column} is not in {where}", f"{column} không có trong bảng {where}")
                fix = Text(f"Add it to {where}, or correct it.", f"Thêm vào {where}, hoặc sửa lại.")
                findings.append(
                    found(ERROR, name, f"unknown_{column}", what, fix, column=column, rows=rows.index[lost])
                )
    return findings


def _among(values: pd.Series, known: pd.Series) -> pd.Series:
    # Series.isin turns long Arrow text lists into Python objects; an index look-up is twenty times faster
    return pd.Series(pd.Index(known.dropna().unique()).get_indexer(values) >= 0, index=values.index)


STATE_DATES = {
    "posts": ("started", "ended"),
    "seats": ("started", "ended"),
    "training": ("nominated", "started"),
    "qualifications": ("awarded",),
    "planning": ("started", "ended"),
    "discipline": ("started",),
    "exits": ("exited",),
}


def _timeline(tables: Frames, extracted: pd.Timestamp) -> list[Finding]:
    """Nothing before birth + 16 years, after the extract, or after an exit without a return."""
    people = tables["people"].set_index("person_id")
    people = people[~people.index.duplicated()]
    exits = tables["exits"].groupby("person_id", observed=True)["exited"].max()
    posts = tables["posts"]
    hired = posts.loc[posts["decision"].eq("recruitment")].groupby("person_id")["started"].max()
    returned = (hired.reindex(exits.index) >= exits).reindex(exits.index, fill_value=False)
    gone = exits[~returned.to_numpy(dtype=bool, na_value=False)]
    findings = _dates_of(
        "people", tables["people"], ("recruited", "party_joined"), tables["people"], extracted, None, people
    )
    for name, dates in STATE_DATES.items():
        if name in tables:
            rows = tables[name]
            findings += _dates_of(name, rows, dates, rows, extracted, gone if name != "exits" else None, people)
    return findings


def _dates_of(name, rows, dates, owner, extracted, gone, people) -> list[Finding]:
    findings = []
    person = owner["person_id"]
    adult = pd.Series(_plus_years(person.map(people["birth_date"]), 16), index=rows.index)
    left = person.map(gone) if gone is not None else None
    for date in dates:
        limit = extracted + DAY if date in ("ended", "exited") else extracted
        findings += _if_any(name, date, rows[date] < adult, "before_adult", "before the 16th birthday", "trước 16 tuổi")
        findings += _if_any(name, date, rows[date] > limit, "after_extract", "after the day of the extract",
                            "sau ngày trích xuất dữ liệu")  # fmt: skip
        if left is not None:
            late = rows[date] > left if date == "ended" else rows[date] >= left
            findings += _if_any(name, date, late, "after_exit", "after the person left", "sau khi đã rời công vụ")
    if left is not None and name in ("posts", "seats"):
        still = rows["ended"].isna() & left.notna()
        findings += _if_any(name, "ended", still, "open_after_exit", "still open though the person left",
                            "còn mở dù người đó đã rời công vụ")  # fmt: skip
    return findings


def _if_any(table: str, column: str, bad: pd.Series, rule: str, en: str, vi: str) -> list[Finding]:
    bad = bad.fillna(False)
    return [found(ERROR, table, rule, Text(en, vi), SOURCE, column=column, rows=bad.index[bad])] if bad.any() else []


def _plus_years(dates: pd.Series, years: int) -> np.ndarray:
    month = dates.to_numpy().astype("datetime64[M]")
    return ((month + np.timedelta64(12 * years, "M")).astype("datetime64[D]") + (dates.to_numpy().astype("datetime64[D]") - month)).astype(
        "datetime64[ms]"
    )


def _one_post_at_a_time(posts: pd.DataFrame) -> list[Finding]:
    held = posts[~posts["concurrent"]].sort_values(["person_id", "started"], kind="stable")
    same = held["person_id"].eq(held["person_id"].shift())
    before = held["ended"].shift()
    overlap = same & (before.isna() | (held["started"] < before))
    if not overlap.any():
        return []
    what = Text(
        "begins while another non-concurrent post is held", "bắt đầu khi đang giữ chức vụ khác, không phải kiêm nhiệm"
    )
    fix = Text("End the earlier post, or mark one as concurrent.", "Kết thúc chức vụ trước, hoặc ghi kiêm nhiệm.")
    index = held.index[overlap].sort_values()
    return [found(ERROR, "posts", "two_posts", what, fix, column="started", rows=index)]


def _awards(tables: Frames) -> list[Finding]:
    """A degree earned by a course was not awarded before that course started."""
    courses = tables["training"]
    done = courses[courses["outcome"].eq("completed") & courses["level"].isin(POSTGRADUATE)]
    first = (
        done.assign(level=done["level"].astype("str")).groupby(["person_id", "level"])["started"].min().rename("first")
    )
    degrees = tables["qualifications"].assign(level=tables["qualifications"]["level"].astype("str"))
    last = degrees.groupby(["person_id", "level"])["awarded"].transform("max")
    both = degrees.join(first, on=["person_id", "level"])
    early = both["first"].notna() & (last < both["first"])
    what = Text(
        "the only degree of a level was awarded before its course started",
        "văn bằng duy nhất ở trình độ này được cấp trước khi khóa học bắt đầu",
    )
    return (
        [found(ERROR, "qualifications", "award_before_course", what, SOURCE, column="awarded", rows=early.index[early])]
        if early.any()
        else []
    )


def _unit_tree(units: pd.DataFrame) -> list[Finding]:
    parents = units.drop_duplicates("unit_id").set_index("unit_id")["parent_id"]
    above, loop = units["unit_id"].map(parents), pd.Series(False, index=units.index)
    for _ in range(len(parents)):
        loop |= above.eq(units["unit_id"]).fillna(False)
        if above.isna().all() or loop.any():
            break
        above = above.map(parents)
    if not loop.any():
        return []
    what = Text("the unit is its own ancestor", "đơn vị là cấp trên của chính nó")
    fix = Text("Correct parent_id.", "Sửa parent_id.")
    return [found(ERROR, "units", "unit_cycle", what, fix, column="parent_id", rows=units.index[loop])]


def _unit_validity(tables: Frames) -> list[Finding]:
    units = tables["units"].drop_duplicates("unit_id").set_index("unit_id")
    posts = tables["posts"]
    early = posts["started"] < posts["unit_id"].map(units["valid_from"])
    closes = posts["unit_id"].map(units["valid_to"])
    late = (posts["started"] >= closes) | (posts["ended"] > closes)
    bad = (early | late).fillna(False)
    if not bad.any():
        return []
    what = Text("the post is held while its unit does not exist", "chức vụ giữ khi đơn vị không tồn tại")
    fix = Text(
        "End the post with the unit, or use the unit that took over.", "Kết thúc cùng đơn vị, hoặc dùng đơn vị kế thừa."
    )
    return [found(ERROR, "posts", "unit_not_valid", what, fix, column="unit_id", rows=posts.index[bad])]


def _planning_age(tables: Frames) -> list[Finding]:
    people = tables["people"].drop_duplicates("person_id").set_index("person_id")
    retires = retirement_dates(people["sex"], people["birth_date"])
    planning = tables["planning"]
    late = (planning["started"] >= planning["person_id"].map(retires)).fillna(False)
    if not late.any():
        return []
    what = Text("planned after the age of retirement", "được quy hoạch sau tuổi nghỉ hưu")
    return [found(ERROR, "planning", "planned_retired", what, SOURCE, column="started", rows=planning.index[late])]


def _warnings(tables: Frames) -> list[Finding]:
    findings = []
    degrees = tables["qualifications"]
    unchecked = degrees["level"].isin(POSTGRADUATE) & ~degrees["verified"]
    if unchecked.any():
        share = unchecked.sum() / max(int(degrees["level"].isin(POSTGRADUATE).sum()), 1)
        what = Text(
            f"{share:.0%} of postgraduate degrees are not verified",
            f"{100 * share:.0f} % văn bằng sau đại học chưa xác minh",
        )
        fix = Text("Verify them; targets are shown with bounds.", "Cần xác minh; chỉ tiêu được nêu kèm khoảng.")
        findings.append(
            found(
                WARNING, "qualifications", "unverified", what, fix, column="verified", rows=unchecked.index[unchecked]
            )
        )
    missing = ~_among(tables["people"]["person_id"], tables["posts"]["person_id"])
    if missing.any():
        what = Text("people without any post", "người không có vị trí công tác nào")
        fix = Text("Add their posts; they are left out of the analysis.", "Bổ sung vị trí; nếu không sẽ bị loại.")
        rows = tables["people"].index[missing]
        findings.append(found(WARNING, "people", "no_post", what, fix, column="person_id", rows=rows))
    done = tables["training"]["outcome"].isin(["completed", "dropped"]) & tables["training"]["ended"].isna()
    if done.any():
        what = Text("a finished course has no end", "khóa học đã xong nhưng không có ngày kết thúc")
        findings.append(found(WARNING, "training", "no_end", what, SOURCE, column="ended", rows=done.index[done]))
    return findings
