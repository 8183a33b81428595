import dataclasses

import numpy as np
import pandas as pd
from build import build_registry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.careers import build_spells
from analysis.errors import CareersError

START, MONTHS = pd.Timestamp("2019-01-01"), 72
DAYS = st.dates(pd.Timestamp("2016-01-01").date(), pd.Timestamp("2025-03-31").date()).map(str)
PROMOTIONS = ("first_appointment", "higher_appointment")
MOVES = ("lateral", "acting", "reorganisation", "reappointment", *PROMOTIONS, *PROMOTIONS)
gently = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def careers(draw, person):
    """Rows of one person, right by the contract: posts one after the other, at most one exit, two courses."""
    recruited = draw(st.sampled_from(["2012-01-01", "2018-12-15", "2020-05-18", "2024-12-20"]))
    exited = draw(st.none() | DAYS.filter(lambda day: day > recruited))
    days = sorted({recruited, *(day for day in draw(st.lists(DAYS, max_size=4)) if recruited < day < (exited or "9"))})
    posts = [
        {
            "started": day, "ended": after, "grade": draw(st.integers(0, 8 if number else 1)),
            "decision": draw(st.sampled_from(MOVES)) if number else "recruitment",
        }
        for number, (day, after) in enumerate(zip(days, [*days[1:], exited], strict=True))
    ]  # fmt: skip
    starts = draw(st.lists(DAYS, max_size=2, unique=True))
    training = [{"course_id": f"C{number}", **draw(course(start))} for number, start in enumerate(starts)]
    planning = [{"started": day} for day in draw(st.lists(DAYS, max_size=1))]
    degrees = [{"awarded": day} for day in draw(st.lists(DAYS, max_size=1))]
    exits = [{"exited": exited, "reason": draw(st.sampled_from(["retirement", "death"]))}] if exited else []
    people = [{"recruited": recruited}]
    tables = {
        "people": people, "posts": posts, "training": training, "planning": planning, "qualifications": degrees,
        "exits": exits,
    }  # fmt: skip
    return {name: [{"person_id": person, **row} for row in rows] for name, rows in tables.items()}


@st.composite
def course(draw, started):
    first = pd.Timestamp(started)
    ended = first + pd.Timedelta(days=draw(st.integers(1, 1500)))
    outcome = draw(st.sampled_from(["completed", "dropped", None]))
    return {
        "started": started, "expected_end": str((first + pd.DateOffset(years=2)).date()),
        "ended": str(ended.date()) if outcome else None, "outcome": outcome,
    }  # fmt: skip


@st.composite
def registries(draw):
    parts = [draw(careers(f"P{number}")) for number in range(draw(st.integers(1, 4)))]
    return {name: [row for part in parts for row in part[name]] for name in parts[0]}


def spells_of(reg):
    try:
        return build_spells(reg)
    except CareersError:
        return None


@gently
@given(registries())
def test_intervals_of_a_person_join_and_end_with_the_only_event(rows):
    """A person is followed without gap or overlap, and nothing is counted after the event that ends it."""
    spells = spells_of(build_registry(rows))
    if spells is None:
        return
    frame = spells.frame
    assert (frame["start"] < frame["stop"]).all() and frame["stop"].max() <= MONTHS
    same = frame["person_id"] == frame["person_id"].shift()
    assert (frame["start"] == frame["stop"].shift())[same].all()
    assert not frame["event"][frame["person_id"] == frame["person_id"].shift(-1)].any()
    states = frame.columns.difference(["start", "stop", "event"])
    assert (frame[states].astype("str") != frame[states].astype("str").shift()).any(axis=1).all()
    assert frame["person_id"].nunique() == spells.flow.set_index("step").loc["at_risk", "people"]


@gently
@given(registries(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    """Files come in any order: the same rows shuffled give the same spells."""
    reg = build_registry(rows)
    shuffled = {}
    for name, table in reg.tables.items():
        order = list(range(len(table)))
        random.shuffle(order)
        shuffled[name] = table.iloc[order]
    first, second = spells_of(reg), spells_of(dataclasses.replace(reg, tables=shuffled))
    assert (first is None) == (second is None)
    if first is not None:
        pd.testing.assert_frame_equal(first.frame, second.frame)
        pd.testing.assert_frame_equal(first.flow, second.flow)


@gently
@given(registries())
def test_spells_agree_with_walking_month_by_month(rows):
    """The matrices say what a slow walk through each person's months says."""
    spells = spells_of(build_registry(rows))
    got = {} if spells is None else dict(tuple(spells.frame.groupby("person_id")))
    for person in rows["people"]:
        name = person["person_id"]
        own = {table: [row for row in rows[table] if row["person_id"] == name] for table in rows}
        walked = walk(person, own)
        if name not in got:
            assert walked == []
            continue
        months = got[name].loc[got[name].index.repeat(got[name]["stop"] - got[name]["start"])]
        last = np.append((months["stop"] != months["stop"].shift(-1)).to_numpy()[:-1], True)
        columns = months["training"].astype("str"), months["planned"], months["grade_band"].astype("str")
        assert list(zip(*columns, np.where(last, months["event"], 0), strict=True)) == walked
        assert got[name]["start"].iloc[0] + len(walked) == got[name]["stop"].iloc[-1]


def walk(person, own):
    """Follow one person by plain dates: (training, planned, grade band, event) a month; empty if not at risk."""
    for row in (row for rows in own.values() for row in rows):
        row.update({key: pd.Timestamp(value) for key, value in row.items() if key in DATES and value is not None})
    firsts = [START + pd.DateOffset(months=month) for month in range(MONTHS)]
    entry = next((first for first in firsts if serves(person, own, first)), None)
    if entry is None or not covering(own["posts"], entry) or highest(own["posts"], entry) == 8:
        return []
    if any(row["started"] < entry for row in own["training"]) or any(
        q["awarded"] < entry for q in own["qualifications"]
    ):
        return []
    months = []
    for first in firsts[firsts.index(entry) :]:
        after = first + pd.DateOffset(months=1)
        event = event_between(own, first, after)
        months.append(
            (trained(own["training"], first), listed(own["planning"], first), band(own["posts"], first), event)
        )
        if event:
            break
    return months


DATES = {"recruited", "exited", "started", "ended", "expected_end", "awarded"}


def serves(person, own, first):
    return person["recruited"] < first and not any(row["exited"] < first for row in own["exits"])


def covering(posts, first):
    return [row for row in posts if row["started"] < first and (row["ended"] is None or row["ended"] >= first)]


def highest(posts, first):
    return max((row["grade"] for row in posts if row["started"] < first and row["decision"] != "acting"), default=0)


def event_between(own, first, after):
    for row in own["posts"]:
        higher = row["grade"] > highest(own["posts"], row["started"])
        if first <= row["started"] < after and row["decision"] in PROMOTIONS and higher:
            return 1
    return next(
        (2 if row["reason"] == "retirement" else 6 for row in own["exits"] if first <= row["exited"] < after), 0
    )


def trained(training, first):
    begun = sorted((row for row in training if row["started"] < first), key=lambda row: row["started"])
    if not begun:
        return "none"
    row = begun[0]
    if row["outcome"] == "completed" and row["ended"] < first:
        since = (first.to_period("M") - row["ended"].to_period("M")).n - 1
        return "0-11" if since < 12 else "12-23" if since < 24 else "24+"
    over = row["ended"] is not None and row["ended"] < first
    late = row["expected_end"].to_period("M") + 12 < first.to_period("M")
    return "none" if over or late else "studying"


def listed(planning, first):
    return any(row["started"] < first for row in planning)


def band(posts, first):
    held = [row["grade"] for row in posts if row["started"] < first and row["decision"] != "acting"]
    return "0" if held[-1] == 0 else "1-2" if held[-1] < 3 else "3+"
