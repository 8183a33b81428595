import csv

import numpy as np
import pandas as pd
import pytest
from build import build_registry

from analysis import project, registry, synthetic
from analysis.careers import appointable, sendable
from analysis.errors import CareersError

RATED = [{"year": year, "rating": "good"} for year in range(2010, 2025)]
STANDINGS = {"found", "derived", "assumed"}


def failing(rows, month, check=sendable, **asked):
    rows = {"posts": [{}], "ratings": RATED, **rows}
    gates = check(build_registry(rows), [month], **asked)
    return {rule for rule, fails in gates.fails.items() if fails[0, 0]}


def test_an_ordinary_person_may_be_sent():
    """Whom no rule bars is allowed: gates do not bar by default."""
    assert failing({}, "2020-06") == set()


@pytest.mark.parametrize(
    ("recruited", "month", "fails"),
    [("2017-06-20", "2020-05", {"service"}), ("2017-06-20", "2020-06", set()), ("2017-06-20", "2020-07", set())],
)
def test_exactly_three_years_of_service_are_enough(recruited, month, fails):
    """The limit of service is reached in its month, not the month after."""
    assert failing({"people": [{"recruited": recruited}], "posts": [{"started": recruited}]}, month) == fails


@pytest.mark.parametrize(
    ("born", "month", "fails"),
    [
        ("1980-06-20", "2020-06", set()),
        ("1980-06-20", "2020-07", {"age"}),
        ("1980-06-20", "2025-06", {"age"}),
        ("1980-06-20", "2025-07", {"age"}),
        ("1982-06-20", "2025-06", {"age"}),
        ("1982-06-20", "2025-07", set()),
    ],
)
def test_forty_is_not_too_old_and_the_limit_moves_in_2025(born, month, fails):
    """The month of the birthday still counts, and the decree of 2025 counts from its day."""
    assert failing({"people": [{"birth_date": born}]}, month) - {"ratings"} == fails


@pytest.mark.parametrize(
    ("ratings", "fails"),
    [
        ({2018: "good", 2019: "excellent"}, set()),
        ({2018: "good"}, {"ratings"}),
        ({2019: "good"}, {"ratings"}),
        ({2017: "good", 2018: "good"}, {"ratings"}),
        ({2018: "fair", 2019: "good"}, {"ratings"}),
        ({2018: "good", 2019: "poor"}, {"ratings"}),
        ({}, {"ratings"}),
    ],
)
def test_both_years_just_before_must_be_rated_good(ratings, fails):
    """Good years further back make up for no bad one."""
    rows = [{"year": year, "rating": rating} for year, rating in ratings.items()]
    assert failing({"ratings": rows}, "2020-01") == fails
    assert failing({"ratings": rows}, "2020-12") == fails


@pytest.mark.parametrize(
    ("month", "line", "fails"),
    [
        ("2020-04", "state", set()),
        ("2020-05", "state", {"discipline"}),
        ("2021-04", "state", {"discipline"}),
        ("2021-05", "state", set()),
        ("2022-10", "party", {"discipline"}),
        ("2022-11", "party", set()),
    ],
)
def test_a_warning_bars_twelve_months_or_thirty_in_the_party_line(month, line, fails):
    """A window of discipline is as long as the line asked for says."""
    assert failing({"discipline": [{"kind": "warning", "started": "2020-04-10"}]}, month, line=line) == fails


def test_a_degree_or_a_course_bars_from_the_month_after():
    """What is dated in a month does not bar that month."""
    course = {"training": [{"started": "2020-09-10", "expected_end": "2022-09-01"}]}
    assert failing(course, "2020-09") == set()
    assert failing(course, "2020-10") == {"course"}
    assert failing(course, "2023-09") == {"course"}
    assert failing(course, "2023-10") == set()
    degree = {"qualifications": [{"level": "master", "awarded": "2020-09-10"}]}
    assert failing(degree, "2020-09") == set()
    assert failing(degree, "2020-10") == {"degree"}
    assert failing({"qualifications": [{"level": "bachelor", "awarded": "2010-06-01"}]}, "2020-10") == set()


def test_out_of_service_is_a_reason_of_its_own():
    """Who is not in service is not counted under other rules."""
    rows = {"exits": [{"exited": "2020-03-10", "reason": "resignation"}]}
    assert failing(rows, "2020-03") == set()
    assert failing(rows, "2020-04") == {"in_service"}


def test_not_known_is_not_forbidden():
    """No rule on sending public employees after June 2025 was found: nobody is barred by it, and the result says so."""
    rows = {"posts": [{"staff_kind": "public_employee"}], "people": [{"birth_date": "1970-01-01"}]}
    gates = sendable(build_registry(rows), ["2025-06", "2025-07"])
    assert gates.allowed.tolist() == [[True, True]] and gates.unknown.tolist() == [[False, True]]
    said = "".join(note.say("en") for note in gates.notes)
    assert "whom no known rule covers" in said and not any(sign.isdigit() for sign in said), (
        "notes cross the gate as they are"
    )


@pytest.mark.parametrize(("recruited", "allowed"), [("2023-04-10", True), ("2023-05-10", False)])
def test_public_employees_need_their_probation_over_and_no_more(recruited, allowed):
    """The decree of 2017 sets them no age, no years of service and no rating."""
    person = {"birth_date": "1970-01-01", "recruited": recruited}
    rows = {"people": [person], "posts": [{"staff_kind": "public_employee", "started": recruited}]}
    assert sendable(build_registry(rows), ["2024-04"]).allowed.item() == allowed


def test_public_employees_of_april_2024_by_brute_force(tmp_path):
    """Who may be sent, person by person: probation over; commitment and field bar nobody whom the registry can tell."""
    synthetic.write(synthetic.simulate(1_500, 7), tmp_path)
    reg = registry.load(tmp_path)
    day = pd.Period("2024-04", "M")
    gates = sendable(reg, [day])
    allowed = dict(zip(gates.people, gates.allowed[:, 0], strict=True))
    posts = reg["posts"].query("not concurrent").sort_values("started", kind="stable")
    posts = posts[posts["started"].dt.to_period("M") < day].drop_duplicates("person_id", keep="last")
    people = reg["people"].set_index("person_id")
    own = {
        name: dict(list(reg[name].groupby("person_id")))
        for name in ("exits", "qualifications", "training", "discipline")
    }
    checked = 0
    for person in posts.loc[posts["staff_kind"] == "public_employee", "person_id"]:
        rows = {name: some.get(person, reg[name][:0]) for name, some in own.items()}
        gone = (rows["exits"]["exited"].dt.to_period("M") < day).any()
        degree = rows["qualifications"]
        degree = degree[
            degree["level"].isin(["master", "doctor", "specialist_1"]) & (degree["awarded"].dt.to_period("M") < day)
        ]
        course = rows["training"].query("kind == 'postgraduate'").dropna(subset="started")
        under_way = course[(course["started"].dt.to_period("M") < day) & ~(course["ended"].dt.to_period("M") < day)
                           & ~((course["expected_end"] + pd.DateOffset(months=12)).dt.to_period("M") < day)]  # fmt: skip
        barred = rows["discipline"]["started"].dt.to_period("M")
        windows = (
            rows["discipline"]["kind"]
            .astype(str)
            .map({"reprimand": 12, "warning": 12, "demotion": 24, "dismissal": 24})
        )
        barred = ((barred < day) & (barred + windows.astype(int).to_numpy() >= day)).any() if len(barred) else False
        probation = (day - people.loc[person, "recruited"].to_period("M")).n < 12
        assert allowed[person] == (not (gone or len(degree) or len(under_way) or barred or probation)), person
        checked += 1
    assert checked > 300 and sum(allowed.values()) > 300


def test_other_kinds_have_no_rule_of_age_or_degree():
    """Rules of postgraduate courses are not laid on other courses."""
    rows = {"people": [{"birth_date": "1970-01-01"}], "qualifications": [{"level": "master", "awarded": "2010-06-01"}]}
    assert failing(rows, "2020-06", kind="political_theory") == set()


def test_gates_have_one_row_a_person_and_one_column_a_month_asked_for():
    """Months may be asked for in any order and with gaps; people come sorted."""
    rows = {
        "people": [{"person_id": "P2"}, {"person_id": "P1", "recruited": "2019-01-01"}],
        "posts": [{"person_id": "P2"}, {"person_id": "P1", "started": "2019-01-01"}],
        "ratings": [{"person_id": name, **row} for name in ("P1", "P2") for row in RATED],
    }
    gates = sendable(build_registry(rows), ["2022-03", "2021-09", pd.Timestamp("2024-01-15")])
    assert gates.people.to_list() == ["P1", "P2"]
    assert gates.months.astype("str").to_list() == ["2022-03", "2021-09", "2024-01"]
    assert gates.allowed.tolist() == [[True, False, True], [True, True, True]]
    assert {rule: fails.sum() for rule, fails in gates.fails.items() if fails.any()} == {"service": 1}


def test_an_absent_table_is_said_not_guessed():
    """A rule that cannot be checked is named, and bars nobody."""
    gates = sendable(build_registry({"posts": [{}]}, absent=["ratings", "discipline"]), ["2020-06"])
    assert not {"ratings", "discipline"} & set(gates.fails) and len(gates.notes) == 2
    assert gates.allowed.all()


@pytest.mark.parametrize("asked", [{"kind": "yoga"}, {"line": "army"}])
def test_unknown_words_are_refused(asked):
    """A mistyped kind or line is told with what may be asked for."""
    with pytest.raises(CareersError, match="allowed"):
        failing({}, "2020-06", **asked)


def test_no_month_is_refused():
    """No months give no empty answer but a refusal."""
    with pytest.raises(CareersError, match="months"):
        sendable(build_registry({"posts": [{}]}), [])


@pytest.mark.parametrize(
    ("month", "fails"), [("2020-05", {"tenure"}), ("2021-05", {"tenure"}), ("2021-06", set()), ("2022-06", set())]
)
def test_two_years_in_post_before_the_next(month, fails):
    """The time in post that the rules ask for is reached in its month, not the month after."""
    rows = {"posts": [{"ended": "2019-06-20"}, {"started": "2019-06-20", "grade": 1, "decision": "first_appointment"}]}
    assert failing(rows, month, check=appointable) == fails


@pytest.mark.parametrize(("month", "fails"), [("2017-12", set()), ("2018-01", {"age"})])
def test_a_full_term_must_fit_before_retirement(month, fails):
    """The age that bars an appointment is the person's own, by sex and year."""
    rows = {"people": [{"sex": "female", "birth_date": "1967-04-30"}]}
    assert failing(rows, month, check=appointable) == fails


def leaves(node):
    if isinstance(node, dict) and ("from" in node or "sex" in node or "overrun_months" in node):
        yield node
    else:
        for part in node.values() if isinstance(node, dict) else node:
            yield from leaves(part)


def test_every_rule_and_event_has_a_source_and_a_standing():
    """No rule or event stands without saying whether it was found, derived or assumed."""
    rules = list(leaves(project.reference("rules.yml")))
    assert len(rules) > 20
    events = project.reference("events.yml")
    assert len({event["id"] for event in events}) == len(events)
    for entry in [*rules, *events]:
        assert entry["source"] and entry["standing"] in STANDINGS
    assert all(event["vi"] and event["en"] and (("date" in event) ^ ("started" in event)) for event in events)


def test_reference_lists_hold_the_grades_and_the_fields():
    """Every grade and field that a registry may hold is listed."""
    folder = project.root() / "data" / "reference"
    grades = list(csv.DictReader((folder / "grades.csv").open(encoding="utf-8")))
    fields = list(csv.DictReader((folder / "fields.csv").open(encoding="utf-8")))
    assert [int(row["grade"]) for row in grades] == list(range(9))
    assert {row["standing"] for row in [*grades, *fields]} <= STANDINGS
    assert len(fields) == 9 and {row["shortage"] for row in fields} == {"true", "false"}
    assert all(np.array([[*row.values()] for row in [*grades]], dtype=object).ravel() != "")
