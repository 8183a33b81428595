"""From what happened to the tables: rows, days, texts and codes of the synthetic registry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.registry import contract
from analysis.synthetic.dynamics import ACTING, CONCURRENT
from analysis.synthetic.elections import CONGRESSES, PROVINCE, Committees
from analysis.synthetic.paper.clerk import EMPTY, Clerk, Log, date, text
from analysis.synthetic.paper.offices import MANAGERS, offices_of
from analysis.synthetic.parameters import COMMUNE, DISTRICT_AND_UP, FIELDS, SERVICE, month
from analysis.synthetic.population import NEVER

TITLES = (
    ("Chuyên viên", "Phó Trưởng phòng", "Trưởng phòng", "Trưởng phòng thuộc Sở, Trưởng ban",
     "Phó Giám đốc Sở và tương đương", "Giám đốc Sở và tương đương", "Ủy viên Ban Thường vụ Tỉnh ủy",
     "Phó Bí thư Tỉnh ủy", "Bí thư Tỉnh ủy"),
    ("Công chức cấp xã", "Phó Chủ tịch cấp xã", "Bí thư, Chủ tịch cấp xã"),
    ("Viên chức", "Phó Hiệu trưởng, Phó Trưởng khoa", "Hiệu trưởng, Trưởng khoa", "Phó Giám đốc đơn vị",
     "Giám đốc đơn vị"),
)  # fmt: skip
MOVES = ("lateral", "rotation", "secondment", "acting", "lateral", "reappointment", "reorganisation")


def people_table(clerk: Clerk) -> pd.DataFrame:
    """Lay out the people."""
    who, state = np.flatnonzero(clerk.known), clerk.state
    return clerk.table(
        "people",
        person_id=clerk.person(who),
        sex=np.where(state.female[who], 0, 1),
        birth_date=date(state.born[who], clerk.rng.integers(1, 29, len(who))),
        ethnicity=state.ethnicity[who],
        recruited=date(state.recruited[who]),
        recruited_precision="month",
        party_joined=np.where(clerk.left[who] <= state.party[who], EMPTY, date(state.party[who], 3)),
    )


def posts_table(clerk: Clerk, log: Log) -> pd.DataFrame:
    """Lay out the posts: each ends with the next, or with the exit; posts held beside end by themselves."""
    log = log | {"merger": log["merger"].assign(kind=len(MOVES) - 1)}
    rows = [clerk.keep(log[name]) for name in ("origin", "hired", "promotion", "move", "merger")]
    posts = pd.concat(rows, ignore_index=True).fillna({"kind": -1}).astype("int64")
    posts["beside"] = posts["kind"].isin([ACTING, CONCURRENT])
    posts = posts.sort_values(["person", "beside", "month"], kind="stable", ignore_index=True)
    beside, month_of = posts["beside"], posts["month"]
    following = posts[~beside].groupby("person")["month"].shift(-1).reindex(posts.index, fill_value=NEVER)
    ended = following.fillna(NEVER).mask(beside, month_of + np.where(posts["kind"] == ACTING, 6, 24))
    shut = date(ended)
    shut = np.where(shut > date(month(clerk.settings.extracted)), EMPTY, shut)
    closes = clerk.places.frame["valid_to"].to_numpy()[posts["unit"]]
    limit = np.where(closes < np.datetime64("2025-01-01"), closes, EMPTY)
    shut = np.where(limit < shut, limit, np.where(np.isnat(shut) & beside, limit, shut))
    posts["ended"] = clerk.until(posts["person"], shut)
    return _posts(clerk, posts[~(posts["ended"] <= clerk.covers)])


def _posts(clerk: Clerk, posts: pd.DataFrame) -> pd.DataFrame:
    person, began, unit, grade, sector, kind, beside, ended = (
        posts[name].to_numpy() for name in ("person", "month", "unit", "grade", "sector", "kind", "beside", "ended")
    )
    decisions = np.array([contract.DECISION.index(name) for name in MOVES])
    decision = np.where(kind < 0, np.minimum(grade, 2), decisions[kind])
    grade = np.minimum(grade + (kind == ACTING), 8)
    top = np.array([len(titles) for titles in TITLES])
    title = (np.cumsum(top) - top)[sector] + np.minimum(grade, top[sector] - 1)
    party = clerk.places.frame["kind"].isin(["party", "front"]).to_numpy()[unit]
    cadre = (grade >= 1) & ((sector == COMMUNE) | party)
    asks = np.where(clerk.rng.random(len(unit)) < 0.3, clerk.rng.integers(0, len(FIELDS), len(unit)), -1)
    whole = np.isnat(ended) | (ended == ended.astype("datetime64[M]").astype("datetime64[ms]"))
    division = ((sector == DISTRICT_AND_UP) & (grade >= 1) & (grade <= 3)) | ((sector == SERVICE) & (grade == 3))
    return clerk.table(
        "posts",
        person_id=clerk.person(person),
        unit_id=clerk.unit(unit),
        started=date(began),
        started_precision="month",
        ended=ended,
        ended_precision=text(whole.astype(int), contract.PRECISION),
        title=text(title, [name for titles in TITLES for name in titles]),
        grade=grade,
        staff_kind=np.where(sector == SERVICE, 2, np.where(cadre, 0, 1)),
        decision=decision,
        standing_committee_managed=grade >= 4,
        division_leader=division,
        concurrent=beside,
        teaching=clerk.places.teaching[unit] & (grade <= 2),
        field=text(asks, FIELDS),
        office=offices_of(clerk.places.frame, unit, grade, sector, person),
        managed_by=MANAGERS[grade],
    )


def seats_table(clerk: Clerk, committees: Committees) -> pd.DataFrame:
    """Lay out the seats: each ends at the next congress or with the exit."""
    party = np.flatnonzero(clerk.places.frame["kind"].eq("party"))
    rows = []
    for which, standing, now, congress, who in committees.minutes:
        end = min((m for m in CONGRESSES if m > now and CONGRESSES[m] == min(which, 1)), default=NEVER)
        day = 14 if which == PROVINCE else 5 + which
        body = 2 * min(which, 1) + standing
        one = {
            "unit": party[which],
            "body": body,
            "started": date(now, day if congress else 1),
            "ended": date(end, day),
        }
        rows.append(pd.DataFrame({"who": who, **one}))
    seats = pd.concat(rows, ignore_index=True)
    seats["ended"] = clerk.until(seats["who"], seats["ended"])
    seats = seats[clerk.known[seats["who"]] & ~(seats["ended"] <= seats["started"])]
    return clerk.table(
        "seats",
        person_id=clerk.person(seats["who"]),
        unit_id=clerk.unit(seats["unit"]),
        body=seats["body"].to_numpy(),
        started=seats["started"].to_numpy(),
        ended=seats["ended"].to_numpy(),
    )


def planning_table(clerk: Clerk, log: Log) -> pd.DataFrame:
    """Lay out times on the planning list; those that a post ended end with that month."""
    state, last = clerk.state, month(clerk.settings.extracted)
    who = np.flatnonzero(clerk.known & (state.planned_since < NEVER))
    still = {"person": who, "since": state.planned_since[who], "grade": state.grade[who], "month": NEVER}
    promoted = log["planned_post"].assign(month=log["planned_post"]["month"] + 1)
    ended = [clerk.keep(log["unplanned"]), clerk.keep(promoted)]
    rows = pd.concat([*ended, pd.DataFrame(still)], ignore_index=True)
    rows["until"] = clerk.until(rows["person"], date(rows["month"].where(rows["month"] <= last, NEVER)))
    rows = rows[~(rows["until"] <= clerk.covers)].sort_values(["person", "since"], ignore_index=True)
    return clerk.table(
        "planning",
        person_id=clerk.person(rows["person"]),
        grade=np.minimum(rows["grade"] + 1, 8).astype(np.int64),
        started=date(rows["since"]),
        started_precision="month",
        ended=rows["until"],
        office=_aims(clerk, rows["person"].to_numpy(), rows["grade"].to_numpy()),
    )


def _aims(clerk: Clerk, person: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Give the office that each planned person is planned for: the next one where they serve."""
    unit, sector = clerk.state.unit[person], clerk.state.sector[person]
    return offices_of(clerk.places.frame, unit, np.minimum(grade.astype(int) + 1, 8), sector, person)


def small_tables(clerk: Clerk, log: Log) -> dict[str, pd.DataFrame]:
    """Lay out ratings, discipline and exits."""
    ratings, barred, gone = (clerk.keep(log[name]) for name in ("rating", "discipline", "exit"))
    year = 1970 + ratings["month"] // 12 - 1
    seen = year >= int(clerk.settings.covers_from[:4])
    fired = gone[gone["reason"] == contract.EXIT.index("dismissal")]
    who = np.concatenate([barred["person"], fired["person"]])
    began = np.concatenate([barred["month"], fired["month"]])
    kind = np.where(np.arange(len(who)) >= len(barred), 3, clerk.rng.integers(0, 4, len(who)) == 0)
    over = np.where((kind == 3) | (began + 12 > month(clerk.settings.extracted)), NEVER, began + 12)
    discipline = clerk.table(
        "discipline",
        person_id=clerk.person(who),
        started=date(began),
        started_precision="month",
        ended=clerk.until(who, date(over)),
        kind=kind,
    )
    ratings = clerk.table(
        "ratings",
        person_id=clerk.person(ratings["person"][seen]),
        year=year[seen].to_numpy("int64"),
        rating=3 - ratings["rating"][seen].to_numpy(),
    )
    exits = clerk.table(
        "exits",
        person_id=clerk.person(gone["person"]),
        exited=clerk.exited[gone["person"]],
        reason=gone["reason"].to_numpy(),
    )
    discipline = discipline[~(discipline["ended"] <= clerk.covers)].reset_index(drop=True)
    return {"ratings": ratings, "discipline": discipline, "exits": exits}
