"""People played forward month by month: on the planning list or not, on a course since when, risen or gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.careers.covariates import standing_codes
from analysis.careers.states import FAR, Clock, degree_months, first_course, month_numbers, per_person
from analysis.equity.groups import Group
from analysis.equity.rising import Rising, members
from analysis.errors import Blocked
from analysis.registry.store import Registry

PRIOR = 0.04  # precision on every slope: a word that no event has stays finite
FIXED = ("sector", "staff_kind", "grade_band", "tenure_band", "rating", "party")  # kept as at the beginning
STEP = 3  # months to which the closing of the gate is rounded
STAGES = 4  # the first, second and third year since a course began, and later
PROCESSES = ("rise", "leave", "start", "list", "unlist")
Hazards = Mapping[str, np.ndarray]  # coefficients of each process, by the columns of `design`


class History(NamedTuple):
    """Person-months of a group and its reference, added up by state, with their `time` and events of each process.

    `profile` says month by month how rises and starts are spread over their year; `sizes` how many words a state has.
    Of everybody: the month of the first course or degree (`begun`), of which group (`side`), and of which `other` one.
    """

    cells: pd.DataFrame
    profile: dict[str, np.ndarray]
    sizes: dict[str, int]
    begun: np.ndarray
    side: np.ndarray
    other: np.ndarray


def tell_history(reg: Registry, rising: Rising, group: Group) -> History:
    """Add up the open person-months of `rising` by state; blocked where planning is not on file."""
    if not reg.has("planning"):
        raise Blocked("Not assessable: the registry has no {names:labels.tables}.", names=["planning"])
    clock, codes = rising.clock, standing_codes(reg, rising.clock)
    course = first_course(reg, clock, "postgraduate")
    begun = np.minimum(course, degree_months(reg, clock))
    people = members(reg, rising, 0)
    side, other = group.side(people), other_trait(people, group)
    rows, columns = np.nonzero(rising.open & (side >= 0)[:, None])
    now, event = clock.months[columns], rising.event[rows, columns]
    born = month_numbers(per_person(clock, reg["people"], "birth_date"))
    planned = codes["planned"]
    known = columns < clock.count - 1
    later = planned[rows, np.minimum(columns + 1, clock.count - 1)]
    states = {name: codes[name][rows, columns] for name in FIXED if name in codes}
    states |= {
        "planned": planned[rows, columns], "stage": stage_of(now - begun[rows]), "group": side[rows],
        "other": other[rows], "age": age_of(now - born[rows]), "year": now // 12 - now.min(initial=FAR) // 12,
    }  # fmt: skip
    free, stays = (states["stage"] == 0), known & (event == 0)
    counts = {
        "rise": event == 1, "leave": event > 1, "start": free & (course[rows] == now),
        "list": stays & (states["planned"] == 0) & (later == 1),
        "unlist": stays & (states["planned"] == 1) & (later == 0),
        "known": stays, "time": np.ones(len(rows)),
    }  # fmt: skip
    sizes = {name: int(code.max(initial=0)) + 1 for name, code in states.items()}
    cell, first = np.unique(np.ravel_multi_index([*states.values()], [*sizes.values()]), return_inverse=True)
    words = dict(zip(states, np.unravel_index(cell, [*sizes.values()]), strict=True))
    sums = {name: np.bincount(first, count.astype("float64")) for name, count in counts.items()}
    profile = {name: _profile(columns[counts[name]], clock) for name in ("rise", "start")}
    return History(pd.DataFrame({**words, **sums}), profile, sizes, begun, side, other)


def _profile(columns: np.ndarray, clock: Clock) -> np.ndarray:
    """Say of each month how much more often something happens in it than in the mean month of its year."""
    events = np.bincount(columns, minlength=clock.count)
    mean = pd.Series(events).groupby(clock.months // 12).transform("mean").to_numpy()
    return np.divide(events, mean, out=np.zeros(clock.count), where=mean > 0)


def stage_of(months: np.ndarray) -> np.ndarray:
    """Give the code of a course begun so many months ago: 0 not begun by the month's beginning, then by years."""
    return np.where(months >= 1, np.minimum(1 + months // 12, STAGES), 0)


def age_of(months: np.ndarray) -> np.ndarray:
    """Give the code of an age in months."""
    return np.searchsorted([360, 480, 600], months, side="right")


def other_trait(people: pd.DataFrame, group: Group) -> np.ndarray:
    """Mark those who differ from most by the trait that does not make the group: minorities, or women."""
    trait = "ethnicity" if "sex" in group.focal else "sex"
    most = "kinh" if trait == "ethnicity" else "male"
    return (people[trait] != most).to_numpy().astype("int64") * (trait not in group.focal)


def design(states: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> np.ndarray:
    """Lay states out as columns: one, the group, the list (of staff, of leaders), then words of each covariate."""
    leads, planned = np.asarray(states["grade_band"]) > 0, np.asarray(states["planned"])
    columns = [np.ones(len(planned)), states["group"], planned, planned * leads]
    for name in ("other", "age", "stage", "year", *(name for name in FIXED if name in sizes)):
        columns += [np.asarray(states[name]) == word for word in range(1, sizes[name])]
    pair = np.asarray(states["sector"]) * sizes["grade_band"] + np.asarray(states["grade_band"])
    columns += [(pair == word) & leads for word in range(sizes["sector"] * sizes["grade_band"])]
    return np.column_stack(columns).astype("float64")


def fit_hazards(told: History) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Fit the monthly chance of each process on the logit scale: coefficients, and their covariance."""
    cells, found = told.cells, {}
    shape = design({name: cells[name].to_numpy() for name in told.sizes}, told.sizes)
    at_risk = {
        "rise": cells["time"], "leave": cells["time"], "start": cells["time"] * (cells["stage"] == 0),
        "list": cells["known"] * (cells["planned"] == 0), "unlist": cells["known"] * (cells["planned"] == 1),
    }  # fmt: skip
    for name, time in at_risk.items():
        used = time.to_numpy() > 0
        found[name] = _fit(shape[used], cells[name].to_numpy()[used], time.to_numpy()[used])
    return found


def _fit(shape: np.ndarray, events: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logit by Newton's steps, slopes held near zero by `PRIOR`."""
    hold = np.full(shape.shape[1], PRIOR)
    hold[0] = 1e-6
    at = np.zeros(shape.shape[1])
    at[0] = np.log((events.sum() + 0.5) / (time.sum() - events.sum() + 0.5))
    for _ in range(50):
        chance = expit(shape @ at)
        known = (shape * (time * chance * (1 - chance))[:, None]).T @ shape + np.diag(hold)
        step = np.linalg.solve(known, shape.T @ (events - time * chance) - hold * at)
        at = at + step * min(1.0, 3 / np.abs(step).max())
        if np.abs(step).max() < 1e-7:
            break
    return at, np.linalg.inv(known)


class Crowd(NamedTuple):
    """People of a group as the window begins, alike ones together.

    `weight` people; codes of what stays; months of age, until the rules close, and since a course began (-1: none).
    """

    weight: np.ndarray
    states: dict[str, np.ndarray]
    age: np.ndarray
    closes: np.ndarray
    since: np.ndarray


def gather(reg: Registry, rising: Rising, told: History, column: int, months: int) -> Crowd:
    """Gather the members of the group who are open to appointment as the month of `column` begins."""
    clock, now = rising.clock, rising.clock.first + column
    mine = np.flatnonzero(rising.open[:, column] & (told.side == 1))
    born = month_numbers(per_person(clock, reg["people"], "birth_date"))
    codes = standing_codes(reg, clock)
    since = np.clip(now - told.begun, 0, 12 * STAGES)
    table = {name: codes[name][mine, column] for name in (*FIXED, "planned") if name in codes}
    table |= {
        "other": told.other[mine], "age": (now - born)[mine] // 12, "since": np.where(since > 0, since, -1)[mine],
        "closes": np.rint(np.clip(rising.closes - now, 0, months)[mine] / STEP).astype("int64"),
    }  # fmt: skip
    alike = pd.DataFrame(table).groupby([*table], sort=False).size().reset_index(name="weight")
    states = {name: alike[name].to_numpy() for name in (*FIXED, "planned", "other") if name in alike}
    age, closes = 12 * alike["age"].to_numpy() + 6, STEP * alike["closes"].to_numpy()
    return Crowd(alike["weight"].to_numpy("float64"), states, age, closes, alike["since"].to_numpy())


class Board(NamedTuple):
    """What playing needs: designs of each month for both planning states (months x 2 x people x columns), and courses.

    `own` and `fresh` are the stages of each one's own course and of one begun in each of the months `begins`; `open`
    says who may be appointed, `free` who has begun no course.
    """

    crowd: Crowd
    shapes: np.ndarray
    stages: slice
    own: np.ndarray
    fresh: np.ndarray
    begins: np.ndarray
    spread: dict[str, np.ndarray]
    open: np.ndarray
    free: np.ndarray


def set_board(told: History, crowd: Crowd, clock: Clock, column: int, months: int) -> Board:
    """Lay out the months from `column` on for a crowd."""
    steps, size = np.arange(months), len(crowd.weight)
    spread = {name: one[column : column + months] for name, one in told.profile.items()}
    begins = np.flatnonzero(spread["start"])
    years = (clock.first + column + steps) // 12 - clock.first // 12
    states = {**crowd.states, "group": np.ones(size), "stage": np.zeros(size, dtype="int64")}
    shapes = np.stack(
        [
            [
                design({**states, "age": age_of(crowd.age + k), "year": np.full(size, years[k]),
                        "planned": np.full(size, planned)}, told.sizes)
                for planned in (0, 1)
            ]
            for k in steps
        ]
    )  # fmt: skip
    before = 4 + told.sizes["other"] - 1 + told.sizes["age"] - 1
    return Board(
        crowd, shapes, slice(before, before + told.sizes["stage"] - 1),
        np.where(crowd.since >= 0, stage_of(crowd.since + steps[:, None]), 0), stage_of(steps[:, None] - begins),
        begins, spread, steps[:, None] < crowd.closes, crowd.since < 0,
    )  # fmt: skip


def play(board: Board, hazards: Hazards) -> float:
    """Give the mean chance to rise within the months of the board."""
    crowd, risk, many = board.crowd, 0.0, len(board.begins)
    alive = np.zeros((2, len(crowd.weight), 1 + many))
    alive[crowd.states["planned"], np.arange(len(crowd.weight)), 0] = crowd.weight
    odds = {name: np.exp(board.shapes @ at) for name, at in hazards.items()}  # months x 2 x people
    ratio = {name: np.exp(np.append(0.0, at[board.stages])) for name, at in hazards.items()}
    for k, may in enumerate(board.open):
        begun = 1 + int(np.searchsorted(board.begins, k))  # with one's own course, those begun so far
        stage = np.column_stack([board.own[k], np.broadcast_to(board.fresh[k, : begun - 1], (len(may), begun - 1))])

        def chance(name: str, listed: int | slice = slice(2), k: int = k, stage: np.ndarray = stage) -> np.ndarray:
            one = odds[name][k, listed][..., None] * ratio[name][stage]
            return one / (1 + one)

        here = alive[..., :begun]
        rises = np.minimum(chance("rise") * board.spread["rise"][k], 1) * may[:, None]
        risk += float((here * rises).sum())
        here *= (1 - rises) * (1 - chance("leave"))
        moves = here[1] * chance("unlist", 1) - here[0] * chance("list", 0)
        here += np.stack([moves, -moves])
        if spread := board.spread["start"][k]:
            start = odds["start"][k]
            begin = here[..., 0] * np.minimum(start / (1 + start) * spread, 1) * board.free
            alive[..., 0] -= begin
            alive[..., begun] += begin
    return risk / float(crowd.weight.sum())
