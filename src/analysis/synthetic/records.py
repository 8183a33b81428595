"""From what happened to the eleven tables: rows, days, texts and codes of the synthetic registry."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.registry import contract
from analysis.synthetic.clerk import EMPTY, Clerk, date, text
from analysis.synthetic.dynamics import ACTING, CONCURRENT, Log
from analysis.synthetic.elections import CONGRESSES, PROVINCE, Committees
from analysis.synthetic.parameters import FIELDS, SERVICE, month
from analysis.synthetic.places import Places
from analysis.synthetic.population import NEVER, State

TITLES = (
    ("Chuyên viên", "Phó Trưởng phòng", "Trưởng phòng", "Trưởng phòng thuộc Sở, Trưởng ban",
     "Phó Giám đốc Sở và tương đương", "Giám đốc Sở và tương đương", "Ủy viên Ban Thường vụ Tỉnh ủy",
     "Phó Bí thư Tỉnh ủy", "Bí thư Tỉnh ủy"),
    ("Công chức cấp xã", "Phó Chủ tịch cấp xã", "Bí thư, Chủ tịch cấp xã"),
    ("Viên chức", "Phó Hiệu trưởng, Phó Trưởng khoa", "Hiệu trưởng, Trưởng khoa", "Phó Giám đốc đơn vị",
     "Giám đốc đơn vị"),
)  # fmt: skip
MOVES = ("lateral", "rotation", "secondment", "acting", "lateral", "reappointment")


def people_table(clerk: Clerk, state: State) -> pd.DataFrame:
    """Lay out the people."""
    who = np.flatnonzero(clerk.known)
    size = len(who)
    return pd.DataFrame(
        {
            "person_id": clerk.person(who),
            "sex": text(np.where(state.female[who], 0, 1), contract.SEX),
            "birth_date": date(state.born[who], clerk.rng.integers(1, 29, size)),
            "ethnicity": text(state.ethnicity[who], contract.ETHNICITY),
            "recruited": date(state.recruited[who]),
            "recruited_precision": "month",
            "party_joined": np.where(clerk.left[who] <= state.party[who], EMPTY, date(state.party[who], 3)),
        }
    )


def posts_table(clerk: Clerk, log: Log, places: Places) -> pd.DataFrame:
    """Lay out the posts: each ends with the next, or with the exit; posts held beside end by themselves."""
    rows = {name: clerk.keep(log[name]) for name in ("origin", "hired", "promotion", "move", "merger")}
    size = {name: len(value["person"]) for name, value in rows.items()}
    decisions = {
        "origin": np.where(rows["origin"]["grade"] == 0, 0, np.where(rows["origin"]["grade"] == 1, 1, 2)),
        "hired": np.zeros(size["hired"], int),
        "promotion": np.where(rows["promotion"]["grade"] == 1, 1, 2),
        "move": np.array([contract.DECISION.index(name) for name in MOVES])[rows["move"]["kind"]],
        "merger": np.full(size["merger"], contract.DECISION.index("reorganisation")),
    }
    table = {
        name: np.concatenate([rows[key][name] for key in rows])
        for name in ("person", "month", "unit", "grade", "sector")
    }
    table["decision"] = np.concatenate([decisions[key] for key in rows])
    kind = np.concatenate([rows[key]["kind"] if key == "move" else np.full(size[key], -1) for key in rows])
    beside = (kind == ACTING) | (kind == CONCURRENT)
    order = np.lexsort((table["month"], beside, table["person"]))
    table, kind, beside = {name: value[order] for name, value in table.items()}, kind[order], beside[order]
    follows = (table["person"][1:] == table["person"][:-1]) & ~beside[1:] & ~beside[:-1]
    ended = np.full(len(kind), NEVER, dtype=np.int64)
    ended[:-1][follows] = table["month"][1:][follows]
    ended[beside] = table["month"][beside] + np.where(kind[beside] == ACTING, 6, 24)
    shut = date(ended)
    shut = np.where(shut > np.datetime64(month(clerk.settings.extracted), "M").astype("datetime64[ms]"), EMPTY, shut)
    closes = places.frame["valid_to"].to_numpy()[table["unit"]]
    limit = np.where(closes < np.datetime64("2025-01-01"), closes, EMPTY)
    shut = np.where(limit < shut, limit, np.where(np.isnat(shut) & beside, limit, shut))
    return _posts(clerk, table, clerk.until(table["person"], shut), kind, places)


def _posts(
    clerk: Clerk, table: dict[str, np.ndarray], ended: np.ndarray, kind: np.ndarray, places: Places
) -> pd.DataFrame:
    seen = np.isnat(ended) | (ended > clerk.covers)
    table, ended, kind = {name: value[seen] for name, value in table.items()}, ended[seen], kind[seen]
    grade, sector, unit = table["grade"] + (kind == ACTING), table["sector"], table["unit"]
    base = np.cumsum([0, *(len(titles) for titles in TITLES)])[:-1]
    top = np.array([len(titles) for titles in TITLES])
    title = base[sector] + np.minimum(grade, top[sector] - 1)
    party = places.frame["kind"].isin(["party", "front"]).to_numpy()[unit]
    cadre = (grade >= 1) & ((sector == 1) | party)
    asks = np.where(clerk.rng.random(len(unit)) < 0.3, clerk.rng.integers(0, len(FIELDS), len(unit)), -1)
    whole = np.isnat(ended) | (ended == ended.astype("datetime64[M]").astype("datetime64[ms]"))
    beside = (kind == ACTING) | (kind == CONCURRENT)
    return pd.DataFrame(
        {
            "person_id": clerk.person(table["person"]),
            "unit_id": pd.Series(places.frame["unit_id"].array.take(unit)),
            "started": date(table["month"]),
            "started_precision": "month",
            "ended": ended,
            "ended_precision": text(whole.astype(int), contract.PRECISION),
            "title": text(title, [name for titles in TITLES for name in titles]),
            "grade": grade.astype(np.int64),
            "staff_kind": text(np.where(sector == SERVICE, 2, np.where(cadre, 0, 1)), contract.STAFF_KIND),
            "decision": text(table["decision"], contract.DECISION),
            "standing_committee_managed": grade >= 4,
            "division_leader": ((sector == 0) & (grade >= 1) & (grade <= 3)) | ((sector == SERVICE) & (grade == 3)),
            "concurrent": beside,
            "teaching": places.teaching[unit] & (grade <= 2),
            "field": text(asks, FIELDS),
        }
    )


def seats_table(clerk: Clerk, committees: Committees, places: Places) -> pd.DataFrame:
    """Lay out the seats: each ends at the next congress or with the exit."""
    party = places.frame.index[places.frame["kind"].eq("party")].to_numpy()
    rows = []
    for entry in committees.minutes:
        province = entry.which == PROVINCE
        end = min((m for m in CONGRESSES if m > entry.now and CONGRESSES[m] == min(entry.which, 1)), default=NEVER)
        size = len(entry.who)
        rows.append(
            pd.DataFrame(
                {
                    "person": entry.who,
                    "unit": party[entry.which],
                    "body": (0 if province else 2) + entry.standing,
                    "started": date(np.full(size, entry.now), _congress_day(entry.which) if entry.congress else 1),
                    "ended": date(np.full(size, end), _congress_day(entry.which)),
                }
            )
        )
    seats = pd.concat(rows, ignore_index=True)
    who = seats["person"].to_numpy()
    ended = clerk.until(who, seats["ended"].to_numpy())
    started = seats["started"].to_numpy()
    keep = clerk.known[who] & (np.isnat(ended) | (ended > started))
    return pd.DataFrame(
        {
            "person_id": clerk.person(who[keep]),
            "unit_id": pd.Series(places.frame["unit_id"].array.take(seats["unit"].to_numpy()[keep])),
            "body": text(seats["body"].to_numpy()[keep], contract.BODY),
            "started": started[keep],
            "ended": ended[keep],
        }
    )


def _congress_day(which: int) -> int:
    return 14 if which == PROVINCE else 5 + which


def planning_table(clerk: Clerk, log: Log, state: State) -> pd.DataFrame:
    """Lay out times on the planning list; those that a post ended end with that month."""
    ended = [clerk.keep(log["unplanned"]), clerk.keep(log["planned_post"])]
    still = np.flatnonzero(clerk.known & (state.planned_since < NEVER))
    who = np.concatenate([*(rows["person"] for rows in ended), still])
    since = np.concatenate([*(rows["since"] for rows in ended), state.planned_since[still]])
    grade = np.concatenate([*(rows["grade"] for rows in ended), state.grade[still]])
    stop = np.concatenate([ended[0]["month"], ended[1]["month"] + 1, np.full(len(still), NEVER)])
    stop = np.where(stop > month(clerk.settings.extracted), NEVER, stop)
    until = clerk.until(who, date(stop))
    keep = np.isnat(until) | (until > clerk.covers)
    order = np.lexsort((since[keep], who[keep]))
    who, since, grade, until = (value[keep][order] for value in (who, since, grade, until))
    return pd.DataFrame(
        {
            "person_id": clerk.person(who),
            "grade": np.minimum(grade + 1, 8).astype(np.int64),
            "started": date(since),
            "started_precision": "month",
            "ended": until,
        }
    )


def small_tables(clerk: Clerk, log: Log) -> dict[str, pd.DataFrame]:
    """Lay out ratings, discipline and exits."""
    ratings, barred, gone = (clerk.keep(log[name]) for name in ("rating", "discipline", "exit"))
    first = np.datetime64(clerk.settings.covers_from, "Y").astype(int)
    year = ratings["month"] // 12 - 1
    seen = year >= first
    fired = gone["person"][gone["reason"] == contract.EXIT.index("dismissal")]
    fired_on = gone["month"][gone["reason"] == contract.EXIT.index("dismissal")]
    who = np.concatenate([barred["person"], fired])
    kind = np.where(np.arange(len(who)) >= len(barred["person"]), 3, clerk.rng.integers(0, 4, len(who)) == 0)
    began = np.concatenate([barred["month"], fired_on])
    over = np.where((kind == 3) | (began + 12 > month(clerk.settings.extracted)), NEVER, began + 12)
    discipline = pd.DataFrame(
        {
            "person_id": clerk.person(who),
            "started": date(began),
            "started_precision": "month",
            "ended": clerk.until(who, date(over)),
            "kind": text(kind, contract.SANCTION),
        }
    )
    return {
        "ratings": pd.DataFrame(
            {
                "person_id": clerk.person(ratings["person"][seen]),
                "year": (1970 + year[seen]).astype(np.int64),
                "rating": text(3 - ratings["rating"][seen], contract.RATING),
            }
        ),
        "discipline": discipline[~(discipline["ended"] <= pd.Timestamp(clerk.covers))].reset_index(drop=True),
        "exits": pd.DataFrame(
            {
                "person_id": clerk.person(gone["person"]),
                "exited": clerk.exited[gone["person"]],
                "reason": text(gone["reason"], contract.EXIT),
            }
        ),
    }
