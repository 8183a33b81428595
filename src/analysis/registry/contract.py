"""The registry's contract: its tables, columns and codes, in the words of the data dictionary."""

from __future__ import annotations

from typing import NamedTuple

from analysis.text import Text

SEX = ("female", "male")
ETHNICITY = ("kinh", "khmer", "hoa", "other")
STAFF_KIND = ("cadre", "civil_servant", "public_employee")
DECISION = (
    "recruitment", "first_appointment", "higher_appointment", "lateral", "rotation", "secondment",
    "acting", "reappointment", "reorganisation",
)  # fmt: skip
BODY = ("province_committee", "province_standing", "district_committee", "district_standing", "commune_committee")
TRAINING_KIND = (
    "postgraduate", "political_theory", "state_management", "defence", "language", "minority_language",
    "digital", "professional", "study_tour",
)  # fmt: skip
POSTGRADUATE = ("master", "doctor", "specialist_1", "specialist_2")
POLITICAL_THEORY = ("elementary", "intermediate", "advanced", "bachelor")
COURSE_LEVEL = (*POSTGRADUATE, *POLITICAL_THEORY)
DEGREE = ("bachelor", *POSTGRADUATE)
MODE = ("full_time", "in_service", "online", "practice")
PLACE = ("home", "abroad")
FUNDER = ("project_02", "other_budget", "self")
OUTCOME = ("completed", "dropped", "suspended", "not_started")
RATING = ("excellent", "good", "fair", "poor")
SANCTION = ("reprimand", "warning", "demotion", "dismissal")
EXIT = ("retirement", "early_retirement", "resignation", "transfer_out", "death", "dismissal")
UNIT_LEVEL = ("province", "district", "commune")
UNIT_KIND = ("party", "state", "front", "service")
PRECISION = ("day", "month", "year")
CODES = {
    "sex": SEX, "ethnicity": ETHNICITY, "staff_kind": STAFF_KIND, "decision": DECISION, "body": BODY,
    "training_kind": TRAINING_KIND, "course_level": COURSE_LEVEL, "degree": DEGREE, "mode": MODE, "place": PLACE,
    "funder": FUNDER, "outcome": OUTCOME, "rating": RATING, "sanction": SANCTION, "exit": EXIT,
    "unit_level": UNIT_LEVEL, "unit_kind": UNIT_KIND,
}  # fmt: skip


class Column(NamedTuple):
    """One column: `kind` is text, date, bool, int, number or code; `filled` says that it may not be empty.

    `codes` are the values allowed, `listing` the name of the code list in `CODES`.
    """

    name: str
    kind: str
    filled: bool
    about: Text
    codes: tuple = ()
    default: object = None
    listing: str = ""


class Table(NamedTuple):
    """One table: its key, whether a registry must have it, and its columns."""

    name: str
    key: tuple[str, ...]
    required: bool
    about: Text
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def names(self, kind: str | None = None) -> list[str]:
        """List column names, all or of one kind."""
        return [column.name for column in self.columns if kind in (None, column.kind)]


def _text(name, en, vi, filled=True):
    return Column(name, "text", filled, Text(en, vi))


def _date(name, en, vi, filled=True):
    return Column(name, "date", filled, Text(en, vi))


def _code(name, listing, en, vi, filled=True):
    return Column(name, "code", filled, Text(en, vi), CODES[listing], listing=listing)


def _flag(name, en, vi, default=False):
    return Column(name, "bool", True, Text(en, vi), default=default)


def _whole(name, codes, en, vi):
    return Column(name, "int", True, Text(en, vi), codes)


PERSON = _text("person_id", "opaque identifier of one employee", "mã số của một người, không mang nghĩa")
STARTED = _date("started", "first day in the state", "ngày đầu ở trạng thái")
ENDED = _date("ended", "first day no longer in the state; empty while it lasts",
              "ngày đầu không còn ở trạng thái; để trống nếu còn", filled=False)  # fmt: skip
GRADES = tuple(range(9))

PEOPLE = Table(
    "people", ("person_id",), True,
    Text("one row a person ever in service since the registry begins", "mỗi người từng công tác một dòng"),
    (
        PERSON,
        _code("sex", "sex", "sex", "giới tính"),
        _date("birth_date", "birth date", "ngày sinh"),
        _code("ethnicity", "ethnicity", "ethnicity", "dân tộc"),
        _date("recruited", "first recruitment", "ngày được tuyển dụng lần đầu"),
        _date("party_joined", "admission to the Party, empty if none", "ngày vào Đảng, để trống nếu chưa", filled=False),
    ),
)  # fmt: skip
POSTS = Table(
    "posts", ("person_id", "unit_id", "started", "title", "concurrent"), True,
    Text("one row a post held", "mỗi chức vụ, vị trí đã giữ một dòng"),
    (
        PERSON,
        _text("unit_id", "unit of the post", "mã đơn vị"),
        STARTED, ENDED,
        _text("title", "title as in the source", "chức danh như trong hồ sơ"),
        _whole("grade", GRADES, "grade 0 to 8, see grades.csv; 0 = no leadership post", "bậc chức vụ 0 đến 8; 0 = không giữ chức vụ"),
        _code("staff_kind", "staff_kind", "kind of staff", "loại: cán bộ, công chức, viên chức"),
        _code("decision", "decision", "decision that gave the post", "hình thức quyết định"),
        _flag("standing_committee_managed", "managed by the provincial Standing Committee", "thuộc diện Ban Thường vụ Tỉnh ủy quản lý"),
        _flag("division_leader", "leader or manager of division level and equivalent", "lãnh đạo, quản lý cấp phòng và tương đương"),
        _flag("concurrent", "held beside another post", "kiêm nhiệm"),
        _flag("teaching", "lecturer at a training institution", "giảng viên cơ sở đào tạo"),
        _text("field", "field that the post asks for, see fields.csv", "chuyên ngành mà vị trí yêu cầu", filled=False),
    ),
)  # fmt: skip
SEATS = Table(
    "seats", ("person_id", "body", "started"), False,
    Text("one row a committee seat held", "mỗi nhiệm kỳ cấp ủy một dòng"),
    (
        PERSON,
        _text("unit_id", "unit of the body, may be empty", "mã đơn vị, có thể trống", filled=False),
        _code("body", "body", "the committee", "cấp ủy"),
        STARTED, ENDED,
    ),
)  # fmt: skip
TRAINING = Table(
    "training", ("person_id", "course_id"), True,
    Text("one row a course taken or nominated for", "mỗi khóa học đã học hoặc được cử một dòng"),
    (
        PERSON,
        _text("course_id", "course", "mã khóa học"),
        _code("kind", "training_kind", "kind of training", "loại đào tạo, bồi dưỡng"),
        _code("level", "course_level", "level, for postgraduate and political theory", "trình độ, với sau đại học và lý luận chính trị", filled=False),
        _text("field", "field of study, see fields.csv", "chuyên ngành đào tạo", filled=False),
        _code("mode", "mode", "mode", "hình thức đào tạo"),
        _code("place", "place", "place", "nơi đào tạo"),
        _code("funder", "funder", "who pays", "nguồn kinh phí"),
        _date("nominated", "nomination, may be empty", "ngày được cử, có thể trống", filled=False),
        _date("started", "start; empty only if never started or still open", "ngày bắt đầu; chỉ trống nếu không học hoặc chưa bắt đầu", filled=False),
        _date("expected_end", "expected end", "ngày dự kiến kết thúc", filled=False),
        _date("ended", "actual end, empty while under way", "ngày kết thúc, trống nếu đang học", filled=False),
        _code("outcome", "outcome", "result; empty = under way", "kết quả; trống = đang học", filled=False),
        Column("cost", "number", False, Text("cost in VND", "chi phí, đồng")),
    ),
)  # fmt: skip
QUALIFICATIONS = Table(
    "qualifications", ("person_id", "level", "awarded"), True,
    Text("one row a degree held", "mỗi văn bằng một dòng"),
    (
        PERSON,
        _code("level", "degree", "level", "trình độ"),
        _text("field", "field, see fields.csv", "chuyên ngành", filled=False),
        _date("awarded", "date of award", "ngày cấp bằng"),
        _flag("verified", "the degree has been verified", "đã xác minh văn bằng"),
    ),
)  # fmt: skip
PLANNING = Table(
    "planning", ("person_id", "grade", "started"), False,
    Text("one row a time on the planning list (quy hoạch)", "mỗi lần được quy hoạch một dòng"),
    (PERSON, _whole("grade", GRADES, "grade planned for", "bậc chức vụ được quy hoạch"), STARTED, ENDED),
)  # fmt: skip
RATINGS = Table(
    "ratings", ("person_id", "year"), False,
    Text("one row a yearly rating", "mỗi năm xếp loại một dòng"),
    (
        PERSON,
        _whole("year", (), "year rated", "năm xếp loại"),
        _code("rating", "rating", "rating", "xếp loại"),
    ),
)  # fmt: skip
DISCIPLINE = Table(
    "discipline", ("person_id", "started", "kind"), False,
    Text("one row a disciplinary decision", "mỗi quyết định kỷ luật một dòng"),
    (PERSON, STARTED, ENDED, _code("kind", "sanction", "sanction", "hình thức kỷ luật")),
)  # fmt: skip
EXITS = Table(
    "exits", ("person_id", "exited"), True,
    Text("one row a leaving of the service", "mỗi lần rời khỏi công vụ một dòng"),
    (
        PERSON,
        _date("exited", "first day no longer in service", "ngày đầu không còn công tác"),
        _code("reason", "exit", "reason", "lý do"),
    ),
)  # fmt: skip
TRAINING_PLAN = Table(
    "training_plan", ("year", "unit_id", "kind", "level", "field"), False,
    Text("one row a planned group of seats", "mỗi chỉ tiêu đào tạo theo kế hoạch một dòng"),
    (
        _whole("year", (), "year of the plan", "năm kế hoạch"),
        _text("unit_id", "unit", "mã đơn vị", filled=False),
        _code("kind", "training_kind", "kind of training", "loại đào tạo, bồi dưỡng"),
        _code("level", "course_level", "level", "trình độ", filled=False),
        _text("field", "field", "chuyên ngành", filled=False),
        _whole("seats", (), "seats planned", "số chỉ tiêu"),
    ),
)  # fmt: skip
UNITS = Table(
    "units", ("unit_id",), True,
    Text("one row a unit", "mỗi đơn vị một dòng"),
    (
        _text("unit_id", "opaque identifier of a unit", "mã đơn vị"),
        _text("name_vi", "Vietnamese name", "tên đơn vị"),
        _text("name_en", "English name", "tên tiếng Anh", filled=False),
        _text("parent_id", "unit above, empty at the top", "mã đơn vị cấp trên, trống nếu cao nhất", filled=False),
        _code("level", "unit_level", "level", "cấp"),
        _code("kind", "unit_kind", "kind", "khối"),
        _date("valid_from", "first day of the unit", "ngày thành lập", filled=False),
        _date("valid_to", "first day the unit is no more", "ngày đầu không còn đơn vị", filled=False),
        _text("successor_id", "unit that took over", "mã đơn vị kế thừa", filled=False),
    ),
)  # fmt: skip

TABLES = {
    table.name: table
    for table in (
        PEOPLE, POSTS, SEATS, TRAINING, QUALIFICATIONS, PLANNING, RATINGS, DISCIPLINE, EXITS, TRAINING_PLAN, UNITS,
    )
}  # fmt: skip
REQUIRED = tuple(name for name, table in TABLES.items() if table.required)
