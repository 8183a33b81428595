"""People played forward month by month: on the planning list or not, on a course since when, risen or gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.careers.covariates import standing_codes
from analysis.careers.risktime import age_codes
from analysis.careers.states import degree_months, first_course, month_numbers, per_person
from analysis.equity.groups import Group
from analysis.equity.rising import Rising, members
from analysis.errors import Blocked
from analysis.registry.store import Registry

PRIOR = 0.04  # precision on every slope: a word that no event has stays finite
FIXED = ("other", "sector", "staff_kind", "grade_band", "tenure_band", "rating", "party")  # kept as at the beginning
STAGES = 4  # the first, second and third year since a course began, and later
STEP = 3  # months to which the closing of the gate is rounded
GROUP, STAGE = 1, slice(4, 4 + STAGES)  # columns of the design: the group, and the stages of a course
PROCESSES = ("rise", "leave", "start", "list", "unlist")
Hazards = Mapping[str, np.ndarray]  # coefficients of each process, by the columns of `design`


class History(NamedTuple):
    """Person-months of a group and its reference, by state, with their `time` and the events of each process.

    `sizes`: how many words a state has. `profile`: how rises and starts are spread over the months of their year. Of
    everybody: `side`, the codes of states that play keeps (`fixed`, month by month), and the months of birth (`born`)
    and of the first course or degree (`begun`).
    """

    cells: pd.DataFrame
    sizes: dict[str, int]
    profile: dict[str, np.ndarray]
    side: np.ndarray
    fixed: dict[str, np.ndarray]
    born: np.ndarray
    begun: np.ndarray


def tell_history(reg: Registry, rising: Rising, group: Group) -> History:
    """Add up the open person-months of `rising` by state; blocked where planning is not on file."""
    if not reg.has("planning"):
        raise Blocked("Not assessable: the registry has no {names:labels.tables}.", names=["planning"])
    clock, codes, people = rising.clock, standing_codes(reg, rising.clock), members(reg, rising, 0)
    course = first_course(reg, clock, "postgraduate")
    begun = np.minimum(course, degree_months(reg, clock))
    born = month_numbers(per_person(clock, reg["people"], "birth_date"))
    other = np.broadcast_to(_other_trait(people, group)[:, None], clock.shape)
    fixed = {name: code for name, code in ({"other": other} | codes).items() if name in (*FIXED, "planned")}
    side = group.side(people)
    rows, columns = np.nonzero(rising.open & (side >= 0)[:, None])
    now, event, planned = clock.months[columns], rising.event[rows, columns], codes["planned"]
    later = planned[rows, np.minimum(columns + 1, clock.count - 1)]
    states = {name: code[rows, columns] for name, code in fixed.items()} | {
        "group": side[rows], "stage": stage_of(now - begun[rows]), "age": age_codes(now - born[rows]),
        "year": year_of(clock.first, columns),
    }  # fmt: skip
    stays = (columns < clock.count - 1) & (event == 0)
    counts = {
        "time": 1, "known": stays, "rise": event == 1, "leave": event > 1,
        "start": (states["stage"] == 0) & (course[rows] == now),
        "list": stays & (states["planned"] < later), "unlist": stays & (states["planned"] > later),
    }  # fmt: skip
    cells = pd.DataFrame(states | counts).groupby([*states], sort=False).sum().reset_index()
    profile = {}
    for name in ("rise", "start"):
        seen = pd.Series(np.bincount(columns, counts[name], clock.count))
        mean = seen.groupby(clock.months // 12).transform("mean")
        profile[name] = (seen / mean).fillna(0).to_numpy()
    return History(cells, {name: int(cells[name].max()) + 1 for name in states}, profile, side, fixed, born, begun)


def stage_of(months: np.ndarray) -> np.ndarray:
    """Give the code of a course begun so many months ago: 0 not begun by the month's beginning, then by years."""
    return np.where(months >= 1, np.minimum(1 + months // 12, STAGES), 0)


def year_of(first: int, columns: np.ndarray) -> np.ndarray:
    """Number the calendar years of months, from that of the first."""
    return (first + columns) // 12 - first // 12


def _other_trait(people: pd.DataFrame, group: Group) -> np.ndarray:
    """Mark minorities in a group of one sex, women in an ethnic group: the trait that does not make the group."""
    other = {"ethnicity": "kinh", "sex": "male"}
    free = [people[name] != most for name, most in other.items() if name not in group.focal]
    return np.logical_or.reduce(free).astype("int8") if free else np.zeros(len(people), dtype="int8")


def design(states: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> np.ndarray:
    """Lay states out as columns: one, the group, the list (of all, of leaders), stages, words of each covariate."""
    leads, planned = states["grade_band"] > 0, states["planned"]
    columns = [np.ones(len(planned)), states["group"], planned, planned * leads]
    columns += [states["stage"] == word for word in range(1, STAGES + 1)]
    for name in ("age", "year", *(name for name in FIXED if name in sizes)):
        columns += [states[name] == word for word in range(1, sizes[name])]
    pair = states["sector"] * sizes["grade_band"] + states["grade_band"]
    columns += [(pair == word) & leads for word in range(sizes["sector"] * sizes["grade_band"])]
    return np.column_stack(columns).astype("float64")


def fit_hazards(told: History) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Fit the monthly chance of each process on the logit scale: coefficients, and their covariance."""
    cells = told.cells
    shape = design({name: cells[name].to_numpy() for name in told.sizes}, told.sizes)
    at_risk = {
        "start": cells["time"] * (cells["stage"] == 0),
        "list": cells["known"] * (cells["planned"] == 0), "unlist": cells["known"] * (cells["planned"] == 1),
    }  # fmt: skip
    return {
        name: _fit(shape, cells[name].to_numpy("float64"), at_risk.get(name, cells["time"]).to_numpy("float64"))
        for name in PROCESSES
    }


def _fit(shape: np.ndarray, events: np.ndarray, time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a logit by Newton's steps, slopes held near zero by `PRIOR`."""
    hold = np.append(1e-6, np.full(shape.shape[1] - 1, PRIOR))
    at = np.append(np.log((events.sum() + 0.5) / (time.sum() + 0.5)), np.zeros(shape.shape[1] - 1))
    step = np.ones(1)
    for _ in range(50):
        if np.abs(step).max() < 1e-7:
            break
        chance = expit(shape @ at)
        known = (shape * (time * chance * (1 - chance))[:, None]).T @ shape + np.diag(hold)
        step = np.linalg.solve(known, shape.T @ (events - time * chance) - hold * at)
        at = at + step * min(1.0, 3 / np.abs(step).max())
    return at, np.linalg.inv(known)


class Board(NamedTuple):
    """Members of a group as the window begins, alike ones together (`weight`), and what playing them needs.

    `shapes`: designs (months x 2 x people x columns), off the planning list and on it; `planned` where each begins.
    Stages of each one's `own` course, and of those begun in each of the months `begins` (`fresh`); `spread` of rises
    and starts over months; who may be appointed (`open`, months x people), and who has begun no course (`free`).
    """

    weight: np.ndarray
    shapes: np.ndarray
    planned: np.ndarray
    own: np.ndarray
    fresh: np.ndarray
    begins: np.ndarray
    spread: dict[str, np.ndarray]
    open: np.ndarray
    free: np.ndarray


def set_board(rising: Rising, told: History, column: int, months: int) -> Board:
    """Gather the members of the group who are open to appointment as the month of `column` begins, for `months`."""
    now, steps = rising.clock.first + column, np.arange(months)
    mine = np.flatnonzero(rising.open[:, column] & (told.side == 1))
    table = {name: code[mine, column] for name, code in told.fixed.items()} | {
        "age": (now - told.born)[mine] // 12,
        "since": np.clip(now - told.begun, 0, 12 * STAGES)[mine],
        "closes": np.rint(np.clip(rising.closes - now, 0, months)[mine] / STEP),
    }
    alike = pd.DataFrame(table).groupby([*table], sort=False).size().reset_index(name="weight")
    states, size = {name: alike[name].to_numpy() for name in alike}, len(alike)
    blank = {name: np.zeros(size, dtype="int64") for name in ("stage", "year")} | {"group": np.ones(size)}
    year = year_of(rising.clock.first, column + steps)
    shapes = [
        [
            design({**states, **blank, "age": age_codes(12 * states["age"] + 6 + k), "year": blank["year"] + year[k],
                    "planned": np.full(size, planned)}, told.sizes)
            for planned in (0, 1)
        ]
        for k in steps
    ]  # fmt: skip
    spread = {name: one[column : column + months] for name, one in told.profile.items()}
    begins, since = np.flatnonzero(spread["start"]), states["since"]
    return Board(
        states["weight"].astype("float64"), np.array(shapes), states["planned"],
        np.where(since > 0, stage_of(since + steps[:, None]), 0), stage_of(steps[:, None] - begins), begins, spread,
        steps[:, None] < STEP * states["closes"], since == 0,
    )  # fmt: skip


def play(board: Board, hazards: Hazards, ways: Collection[Collection[str]] = ((),)) -> list[float]:
    """Give the mean chance to rise, once a way: the processes whose chances are those of the reference."""
    odds = {name: np.exp(board.shapes @ at) for name, at in hazards.items()}  # months x 2 x people
    ratio = {name: np.exp(np.append(0.0, at[STAGE])) for name, at in hazards.items()}
    equal = {name: np.exp(-at[GROUP]) for name, at in hazards.items()}
    return [
        _play(board, {name: one * equal[name] if name in way else one for name, one in odds.items()}, ratio)
        for way in ways
    ]


def _play(board: Board, odds: dict[str, np.ndarray], ratio: dict[str, np.ndarray]) -> float:
    size, risk = len(board.weight), 0.0
    alive = np.zeros((2, size, 1 + len(board.begins)))  # by list, people, and course: one's own, then those begun since
    alive[board.planned, np.arange(size), 0] = board.weight
    for k, may in enumerate(board.open):
        begun = 1 + int(np.searchsorted(board.begins, k))
        stage = np.column_stack([board.own[k], np.broadcast_to(board.fresh[k, : begun - 1], (size, begun - 1))])

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
            start = odds["start"][k] / (1 + odds["start"][k])
            begin = here[..., 0] * np.minimum(start * spread, 1) * board.free
            alive[..., 0] -= begin
            alive[..., begun] += begin
    return risk / float(board.weight.sum())
