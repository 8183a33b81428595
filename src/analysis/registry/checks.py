"""The contract's rules: row by row with pandera, then across rows and tables."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis import project
from analysis.registry.contract import POLITICAL_THEORY, POSTGRADUATE, TABLES, Table
from analysis.registry.findings import ERROR, WARNING, Finding, found, show
from analysis.registry.keys import look_up, take
from analysis.registry.retirement import retirement_dates
from analysis.registry.timeline import SOURCE, check_timeline
from analysis.text import Text

Frames = Mapping[str, pd.DataFrame]
Places = Mapping[str, np.ndarray]


def _ordered(first: str, later: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows[first].isna() | rows[later].isna() | (rows[first] < rows[later])


def _order_rule(first: str, later: str) -> tuple[str, str, Text, Text, Callable]:
    what = Text(f"{first} is not before {later}", f"{first} không trước {later}")
    return f"{first}_before_{later}", later, what, SOURCE, _ordered(first, later)


def _known_start(rows: pd.DataFrame) -> pd.Series:
    open_nomination = rows["outcome"].isna() & rows["nominated"].notna()
    return rows["started"].notna() | rows["outcome"].eq("not_started") | open_nomination


def _fitting_level(rows: pd.DataFrame) -> pd.Series:
    levels = {"postgraduate": POSTGRADUATE, "political_theory": POLITICAL_THEORY}
    fits = [rows["kind"].eq(kind) & rows["level"].isin(allowed) for kind, allowed in levels.items()]
    return rows["level"].isna() | np.logical_or(*fits)


LEVEL_RULE = (
    "level_of_kind", "level",
    Text("the level does not go with the kind of training", "trình độ không hợp với loại đào tạo"),
    Text(f"Postgraduate: {', '.join(POSTGRADUATE)}; political_theory: {', '.join(POLITICAL_THEORY)}; else empty.",
         f"Sau đại học: {', '.join(POSTGRADUATE)}; lý luận chính trị: {', '.join(POLITICAL_THEORY)}; còn lại để trống."),
    _fitting_level,
)  # fmt: skip
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
        LEVEL_RULE,
    ],
    "training_plan": [LEVEL_RULE],
    "planning": [_order_rule("started", "ended")],
    "discipline": [_order_rule("started", "ended")],
    "units": [_order_rule("valid_from", "valid_to")],
}  # fmt: skip


@functools.cache
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
    people, units = present["people"], present["units"]
    person = {
        name: look_up(rows["person_id"], people["person_id"]) for name, rows in present.items() if "person_id" in rows
    }
    unit = look_up(present["posts"]["unit_id"], units["unit_id"])
    findings: list[Finding] = []
    for name, rows in present.items():
        findings += check_rows(TABLES[name], rows)
        findings += _unique(TABLES[name], rows, person.get(name))
    findings += _references(present, person)
    findings += check_timeline(present, person, extracted)
    findings += _one_post_at_a_time(present["posts"], person["posts"])
    findings += _awards(present, person)
    findings += _unit_tree(units)
    findings += _unit_validity(present["posts"], units, unit, extracted)
    if "planning" in present:
        findings += _planning_age(present["planning"], people, person["planning"])
    return findings + _warnings(present)


def _unique(table: Table, rows: pd.DataFrame, person: np.ndarray | None) -> list[Finding]:
    keys = rows[list(table.key)]
    if person is not None and table.name != "people" and (person >= 0).all():
        keys = keys.assign(person_id=person)
    twice = keys.duplicated(keep=False)
    if not twice.any():
        return []
    key = " + ".join(table.key)
    what = Text(f"several rows share the key {key}", f"nhiều dòng trùng khóa {key}")
    fix = Text("Remove the copies, or tell the rows apart.", "Bỏ dòng trùng, hoặc phân biệt các dòng.")
    return [found(ERROR, table.name, "duplicate_key", what, fix, column=table.key[0], rows=rows.index[twice])]


def _references(tables: Frames, person: Places) -> list[Finding]:
    findings = []
    for name, rows in tables.items():
        for column in ("person_id", "unit_id", "parent_id", "successor_id"):
            if column not in rows or column in TABLES[name].key[:1] and name in ("people", "units"):
                continue
            where = "people" if column == "person_id" else "units"
            places = person[name] if where == "people" else look_up(rows[column], tables["units"]["unit_id"])
            lost = rows[column].notna() & (places < 0)
            if lost.any():
                what = Text(f"{column} is not in {where}", f"{column} không có trong bảng {where}")
                fix = Text(f"Add it to {where}, or correct it.", f"Thêm vào {where}, hoặc sửa lại.")
                index = rows.index[lost]
                findings.append(found(ERROR, name, f"unknown_{column}", what, fix, column=column, rows=index))
    return findings


def _one_post_at_a_time(posts: pd.DataFrame, person: np.ndarray) -> list[Finding]:
    held = pd.DataFrame({"person": person, "started": posts["started"], "ended": posts["ended"]}, index=posts.index)
    held = held[~posts["concurrent"] & (person >= 0)].sort_values(["person", "started"], kind="stable")
    until = held["ended"].fillna(pd.Timestamp("9999-12-31")).groupby(held["person"]).cummax().shift()
    overlap = held["person"].eq(held["person"].shift()) & (held["started"] < until)
    if not overlap.any():
        return []
    what = Text(
        "begins while another non-concurrent post is held", "bắt đầu khi đang giữ chức vụ khác, không phải kiêm nhiệm"
    )
    fix = Text("End the earlier post, or mark one as concurrent.", "Kết thúc chức vụ trước, hoặc ghi kiêm nhiệm.")
    index = held.index[overlap].sort_values()
    return [found(ERROR, "posts", "two_posts", what, fix, column="started", rows=index)]


def _awards(tables: Frames, person: Places) -> list[Finding]:
    """A degree earned by a course was not awarded before that course started."""
    courses, degrees = tables["training"], tables["qualifications"]
    done = (courses["outcome"].eq("completed") & courses["level"].isin(POSTGRADUATE)).to_numpy(bool)
    begun = pd.DataFrame(
        {"person": person["training"], "level": courses["level"].astype("object"), "begun": courses["started"]}
    )
    held = pd.DataFrame({"person": person["qualifications"], "level": degrees["level"].astype("object")})
    first = begun[done & (person["training"] >= 0)].groupby(["person", "level"])["begun"].min()
    held = held[held["level"].isin(POSTGRADUATE).to_numpy() & (person["qualifications"] >= 0)]
    last = degrees["awarded"].loc[held.index].groupby([held["person"], held["level"]]).transform("max")
    early = last < held.join(first, on=["person", "level"])["begun"]
    if not early.any():
        return []
    what = Text(
        "the only degree of a level was awarded before its course started",
        "văn bằng duy nhất ở trình độ này được cấp trước khi khóa học bắt đầu",
    )
    rows = early.index[early]
    return [found(ERROR, "qualifications", "award_before_course", what, SOURCE, column="awarded", rows=rows)]


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


def _unit_validity(
    posts: pd.DataFrame, units: pd.DataFrame, unit: np.ndarray, extracted: pd.Timestamp
) -> list[Finding]:
    opens, closes = take(units["valid_from"], unit), take(units["valid_to"], unit)
    closed = posts["ended"].isna() & (closes <= extracted)
    bad = (posts["started"] < opens) | (posts["started"] >= closes) | (posts["ended"] > closes) | closed
    if not bad.any():
        return []
    what = Text("the post is held while its unit does not exist", "chức vụ giữ khi đơn vị không tồn tại")
    fix = Text(
        "End the post with the unit, or use the unit that took over.", "Kết thúc cùng đơn vị, hoặc dùng đơn vị kế thừa."
    )
    return [found(ERROR, "posts", "unit_not_valid", what, fix, column="unit_id", rows=posts.index[bad])]


def _planning_age(planning: pd.DataFrame, people: pd.DataFrame, person: np.ndarray) -> list[Finding]:
    late = planning["started"] >= take(retirement_dates(people["sex"], people["birth_date"]), person)
    if not late.any():
        return []
    what = Text("planned after the age of retirement", "được quy hoạch sau tuổi nghỉ hưu")
    return [found(ERROR, "planning", "planned_retired", what, SOURCE, column="started", rows=planning.index[late])]


def _warnings(tables: Frames) -> list[Finding]:
    findings = []
    degrees = tables["qualifications"]
    postgraduate = degrees["level"].isin(POSTGRADUATE)
    unchecked = postgraduate & ~degrees["verified"]
    if unchecked.any():
        share = unchecked.sum() / postgraduate.sum()
        what = Text(
            f"{share:.0%} of postgraduate degrees are not verified",
            f"{100 * share:.0f} % văn bằng sau đại học chưa xác minh",
        )
        fix = Text("Verify them; targets are shown with bounds.", "Cần xác minh; chỉ tiêu được nêu kèm khoảng.")
        rows = degrees.index[unchecked]
        findings.append(found(WARNING, "qualifications", "unverified", what, fix, column="verified", rows=rows))
    missing = look_up(tables["people"]["person_id"], tables["posts"]["person_id"]) < 0
    if missing.any():
        what = Text("people without any post", "người không có vị trí công tác nào")
        fix = Text("Add their posts; they are left out of the analysis.", "Bổ sung vị trí; nếu không sẽ bị loại.")
        rows = tables["people"].index[missing]
        findings.append(found(WARNING, "people", "no_post", what, fix, column="person_id", rows=rows))
    done = tables["training"]["outcome"].isin(["completed", "dropped"]) & tables["training"]["ended"].isna()
    if done.any():
        what = Text("a finished course has no end", "khóa học đã xong nhưng không có ngày kết thúc")
        findings.append(found(WARNING, "training", "no_end", what, SOURCE, column="ended", rows=done.index[done]))
    return findings + _unknown_fields(tables)


def _unknown_fields(tables: Frames) -> list[Finding]:
    known = pd.read_csv(project.root() / "data" / "reference" / "fields.csv", dtype="str")["code"]
    findings = []
    for name, rows in tables.items():
        strange = (
            rows["field"].notna() & (look_up(rows["field"], known) < 0) if "field" in rows else pd.Series(dtype=bool)
        )
        if strange.any():
            what = Text("the field is not in fields.csv", "chuyên ngành không có trong fields.csv")
            codes = ", ".join(known)
            fix = Text(f"Use one of {codes}.", f"Dùng một trong các mã {codes}.")
            where = {"column": "field", "rows": rows.index[strange], "seen": show(rows["field"][strange].unique())}
            findings.append(found(WARNING, name, "unknown_field", what, fix, **where))
    return findings
