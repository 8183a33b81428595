"""The registry's contract: its tables, columns and codes, in the words of the data dictionary."""

from __future__ import annotations

from typing import NamedTuple

from analysis.project import reference
from analysis.words import Message

CODES = {
    listing: tuple(labels) for listing, labels in reference("labels.yml").items()
}  # a code is one that has a label
SEX, ETHNICITY, STAFF_KIND = CODES["sex"], CODES["ethnicity"], CODES["staff_kind"]
TRAINING_KIND, COURSE_LEVEL = CODES["training_kind"], CODES["course_level"]
MODE, PLACE, FUNDER = CODES["mode"], CODES["place"], CODES["funder"]
EXIT, SANCTION, DECISION = CODES["exit"], CODES["sanction"], CODES["decision"]
POSTGRADUATE = ("master", "doctor", "specialist_1", "specialist_2")
POLITICAL_THEORY = tuple(one for one in COURSE_LEVEL if one not in POSTGRADUATE)
AWARDS = {  # the levels of each kind of qualification
    "professional": ("bachelor", *POSTGRADUATE),
    "political_theory": POLITICAL_THEORY,
    "state_management": ("officer", "principal_officer", "senior_officer"),
    "defence": ("group_1", "group_2", "group_3", "group_4"),
    "language": ("level_1", "level_2", "level_3", "level_4", "level_5", "level_6"),
    "minority_language": (),
    "digital": ("basic", "advanced"),
}
PRECISION = ("day", "month", "year")


class Column(NamedTuple):
    """One column: `kind` is text, date, bool, int, number or code; `filled` says that it may not be empty.

    `codes` are the values allowed, `listing` the name of the code list in `CODES`.
    """

    name: str
    kind: str
    filled: bool
    about: Message
    codes: tuple = ()
    default: object = None
    listing: str = ""


class Table(NamedTuple):
    """One table: its key, whether a registry must have it, and its columns."""

    name: str
    key: tuple[str, ...]
    required: bool
    about: Message
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def names(self, kind: str | None = None) -> list[str]:
        """List column names, all or of one kind."""
        return [column.name for column in self.columns if kind in (None, column.kind)]


def _text(name, about, filled=True):
    return Column(name, "text", filled, Message(about))


def _date(name, about, filled=True):
    return Column(name, "date", filled, Message(about))


def _code(name, listing, about, filled=True, default=None):
    return Column(name, "code", filled, Message(about), CODES[listing], default, listing)


def _flag(name, about):
    return Column(name, "bool", True, Message(about), default=False)


def _whole(name, codes, about, filled=True):
    return Column(name, "int", filled, Message(about), codes)


def _office(about):
    return Column("office", "code", False, about, CODES["office"], listing="office")


def _money(name, about):
    return Column(name, "number", False, about)


def _wanted(year):
    """Give the columns that say which training a row of a plan or of needs is about."""
    return (
        year,
        _text("unit_id", "unit", filled=False),
        _code("kind", "training_kind", "kind of training"),
        _code("level", "course_level", "level", filled=False),
        _text("field", "field", filled=False),
    )


PERSON = _text("person_id", "opaque identifier of one employee")
STARTED = _date("started", "first day in the state")
ENDED = _date("ended", "first day no longer in the state; empty while it lasts", filled=False)  # fmt: skip
GRADES = tuple(range(9))

PEOPLE = Table(
    "people", ("person_id",), True,
    Message("one row a person ever in service since the registry begins"),
    (
        PERSON,
        _code("sex", "sex", "sex"),
        _date("birth_date", "birth date"),
        _code("ethnicity", "ethnicity", "ethnicity"),
        _date("recruited", "first recruitment"),
        _date("party_joined", "admission to the Party, empty if none", filled=False),
    ),
)  # fmt: skip
POSTS = Table(
    "posts", ("person_id", "unit_id", "started", "title", "concurrent"), True,
    Message("one row a post held"),
    (
        PERSON,
        _text("unit_id", "unit of the post"),
        STARTED, ENDED,
        _text("title", "title as in the source"),
        _whole("grade", GRADES, "grade 0 to 8, see grades.csv; 0 = no leadership post"),
        _code("staff_kind", "staff_kind", "kind of staff"),
        _code("decision", "decision", "decision that gave the post"),
        _flag("standing_committee_managed", "managed by the provincial Standing Committee"),
        _flag("division_leader", "leader or manager of division level and equivalent"),
        _flag("concurrent", "held beside another post"),
        _flag("teaching", "lecturer at a training institution"),
        _text("field", "field that the post asks for, see fields.csv", filled=False),
        _office(Message("office, see offices.yml; empty: none of them, or not known")),
        _code("managed_by", "manager", "the level that manages the holder", filled=False),
    ),
)  # fmt: skip
SEATS = Table(
    "seats", ("person_id", "body", "started"), False,
    Message("one row a committee seat held"),
    (
        PERSON,
        _text("unit_id", "unit of the body, may be empty", filled=False),
        _code("body", "body", "the committee"),
        STARTED, ENDED,
    ),
)  # fmt: skip
TRAINING = Table(
    "training", ("person_id", "course_id"), True,
    Message("one row a course taken or nominated for"),
    (
        PERSON,
        _text("course_id", "course"),
        _code("kind", "training_kind", "kind of training"),
        _code("level", "course_level", "level, for postgraduate and political theory", filled=False),
        _text("field", "field of study, see fields.csv", filled=False),
        _code("mode", "mode", "mode"),
        _code("place", "place", "place"),
        _code("funder", "funder", "who pays"),
        _date("nominated", "nomination, may be empty", filled=False),
        _date("started", "start; empty only if never started or still open", filled=False),
        _date("expected_end", "expected end", filled=False),
        _date("ended", "actual end, empty while under way", filled=False),
        _code("outcome", "outcome", "result; empty = under way", filled=False),
        _money("cost", Message("cost in VND")),
        _money("cost_tuition", Message("fees in that cost, VND")),
        _money("cost_allowance", Message("allowances in that cost, VND")),
        _text("class_id", "class", filled=False),
        _text("provider", "who teaches", filled=False),
        _code("linked", "yes_no", "a joint programme with a school elsewhere", filled=False),
        _date("commitment_until", "last day of the service owed, where a paper says it", filled=False),
        _money("repaid", Message("sum paid back, VND")),
    ),
)  # fmt: skip
QUALIFICATIONS = Table(
    "qualifications", ("person_id", "kind", "level", "awarded"), True,
    Message("one row a degree or certificate held"),
    (
        PERSON,
        _code("kind", "award_kind", "kind; empty: professional", filled=False, default="professional"),
        _code("level", "award_level", "level"),
        _text("field", "field, see fields.csv", filled=False),
        _date("awarded", "date of award"),
        _flag("verified", "the degree has been verified"),
        _flag("highest", "the file states that nothing higher of its kind is held"),
        _text("equivalent", "the foreign or older award that it stands for, as in the source", filled=False),
    ),
)  # fmt: skip
PLANNING = Table(
    "planning", ("person_id", "grade", "started"), False,
    Message("one row a time on the planning list (quy hoạch)"),
    (
        PERSON,
        _whole("grade", GRADES, "grade planned for"),
        STARTED, ENDED,
        _office(Message("office planned for, see offices.yml")),
    ),
)  # fmt: skip
RATINGS = Table(
    "ratings", ("person_id", "year"), False,
    Message("one row a yearly rating"),
    (
        PERSON,
        _whole("year", (), "year rated"),
        _code("rating", "rating", "rating"),
    ),
)  # fmt: skip
DISCIPLINE = Table(
    "discipline", ("person_id", "started", "kind"), False,
    Message("one row a disciplinary decision"),
    (PERSON, STARTED, ENDED, _code("kind", "sanction", "sanction")),
)  # fmt: skip
EXITS = Table(
    "exits", ("person_id", "exited"), True,
    Message("one row a leaving of the service"),
    (
        PERSON,
        _date("exited", "first day no longer in service"),
        _code("reason", "exit", "reason"),
    ),
)  # fmt: skip
TRAINING_PLAN = Table(
    "training_plan", ("year", "unit_id", "kind", "level", "field", "staff_level"), False,
    Message("one row a planned group of seats"),
    (
        *_wanted(_whole("year", (), "year of the plan")),
        _code("staff_level", "unit_level", "level of the staff that the seats are for", filled=False),
        _whole("seats", (), "seats planned"),
        _whole("classes", (), "classes planned", filled=False),
        _money("budget", Message("sum planned, VND")),
    ),
)  # fmt: skip
NEEDS = Table(
    "needs", ("year", "unit_id", "kind", "level", "field", "source"), False,
    Message("one row a need for training that a unit reported"),
    (
        *_wanted(_whole("year", (), "year of the need")),
        _whole("people", (), "people who need it"),
        _text("source", "the paper that says so", filled=False),
    ),
)  # fmt: skip
ESTABLISHMENTS = Table(
    "establishments", ("unit_id", "year"), False,
    Message("one row a unit's establishment in a year"),
    (
        _text("unit_id", "unit"),
        _whole("year", (), "year"),
        _whole("posts", (), "posts assigned", filled=False),
        _whole("lecturers", (), "lecturers assigned", filled=False),
        _whole("seats", (), "committee seats assigned", filled=False),
    ),
)  # fmt: skip
UNITS = Table(
    "units", ("unit_id",), True,
    Message("one row a unit"),
    (
        _text("unit_id", "opaque identifier of a unit"),
        _text("name_vi", "Vietnamese name"),
        _text("name_en", "English name", filled=False),
        _text("parent_id", "unit above, empty at the top", filled=False),
        _code("level", "unit_level", "level of the unit"),
        _code("kind", "unit_kind", "kind"),
        _date("valid_from", "first day of the unit", filled=False),
        _date("valid_to", "first day the unit is no more", filled=False),
        _text("successor_id", "unit that took over", filled=False),
        _text("origin", "former province, in a merged one", filled=False),
    ),
)  # fmt: skip

TABLES = {
    table.name: table
    for table in (
        PEOPLE, POSTS, SEATS, TRAINING, QUALIFICATIONS, PLANNING, RATINGS, DISCIPLINE, EXITS, TRAINING_PLAN, NEEDS,
        ESTABLISHMENTS, UNITS,
    )
}  # fmt: skip
REQUIRED = tuple(name for name, table in TABLES.items() if table.required)
