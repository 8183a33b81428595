"""Which terms a pooled hazard of trials gets: as many as the events can carry, said where they are fewer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import Columns, Terms, cross, lay_out_columns, spline_basis
from analysis.text import Text

PER_PARAMETER = 10
THIN = 10
LEAST_IN_BIN = 15
KNOTS = 4


def join_thin_levels(cells: Cells, covariates: Sequence[str], event: int) -> tuple[dict[str, dict], list[Text]]:
    """Join levels with few events to the level before them (the first to the one after), and say so."""
    happened = np.bincount(cells.pattern, cells.events[event].sum(axis=1), minlength=len(cells.patterns))
    joined, notes = {}, []
    for name in covariates:
        into = join_by(cross(cells.patterns, name), happened, THIN)
        if into:
            joined[name] = into
    if joined:
        notes.append(Text("Some levels with too few events are joined to their neighbours in the outcome model.",
                          "Một số mức có quá ít sự kiện được gộp với mức bên cạnh trong mô hình kết quả."))  # fmt: skip
    return joined, notes


def join_by(column: pd.Series, number: np.ndarray, least: float) -> dict[str, str]:
    """Map levels in which any column of `number` (by pattern) sums to less than `least` to a neighbour's.

    Numbers have no levels. Levels that nobody has are not named.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return {}
    held = pd.DataFrame(number).groupby(column.astype("str").to_numpy()).sum()
    groups = [[str(level)] for level in column.cat.categories if str(level) in held.index]
    sums = [held.loc[group[0]].to_numpy() for group in groups]
    while len(groups) > 1 and min(one.min() for one in sums) < least:
        place = int(np.argmin([one.min() for one in sums]))
        a, b = sorted((place, place - 1 if place else 1))
        groups[a] += groups.pop(b)
        sums[a] = sums[a] + sums.pop(b)
    return {level: group[0] for group in groups for level in group[1:]}


def default_terms(
    cells: Cells, covariates: Sequence[str], confounders: Sequence[str], event: int
) -> tuple[Terms, list[Text]]:
    """Follow-up spline by arm, covariates by follow-up, confounders by arm, calendar bins; fewer where events are few.

    For exits only the arm and its trend, covariates, a spline and the calendar.
    """
    joined, notes = join_thin_levels(cells, covariates, event)
    columns = lay_out_columns(cells.patterns, covariates, joined)
    basis = _splines(cells, event)
    wide = basis.shape[1]
    exposed = float(cells.events[event][cells.arm == 1].sum())
    carried = max(int(exposed // PER_PARAMETER), 1)
    arms = lay_out_columns(cells.patterns, confounders, join_thin_levels(cells, confounders, event)[0])
    by_arm = list(range(len(arms.names))) if event == 1 else []
    bends = min(wide - 1 if event == 1 else 1, carried - 1)
    left = max(carried - 1 - bends, 0)
    if len(by_arm) > left:
        notes.append(_fewer(len(by_arm) + wide, bends + 1 + left))
        by_arm = _strongest(cells, arms, by_arm, event)[:left]
    bins, begun = calendar_bins(cells, event)
    moving = _moving(cells, columns, confounders, event, wide + bends + 1 + len(by_arm) + bins.max(initial=0), notes)
    pairs = [(0, k) for k in range(wide)] + [(1, k) for k in range(bends + 1)]
    pairs += [(2 + place, 0) for place in range(len(columns.names))] + [(2 + place, 1) for place in moving if wide > 1]
    pairs += [(2 + len(columns.names) + place, 0) for place in range(len(by_arm))]
    named = ["constant", "arm", *columns.names, *(f"arm:{arms.names[place]}" for place in by_arm)]
    follow = ["", *(f":follow_up{k}" for k in range(1, wide))]
    names = [f"{named[entry]}{follow[k]}" for entry, k in pairs] + [
        f"calendar{k}" for k in range(1, bins.max(initial=0) + 1)
    ]
    entry = _entry(columns, arms.table[:, by_arm])
    return Terms(tuple(names), np.array(pairs), entry, basis, bins, begun, len(named)), notes


def _moving(
    cells: Cells, columns: Columns, confounders: Sequence[str], event: int, others: int, notes: list
) -> list[int]:
    """Choose whose effect may fade with follow-up: all, the confounders, or nobody, as the events carry."""
    if event != 1:
        return []
    carried = float(cells.events[event].sum()) / PER_PARAMETER - others - len(columns.names)
    if len(columns.names) <= carried:
        return list(range(len(columns.names)))
    named = {part for name in confounders for part in name.split(":")}
    few = [k for k, owner in enumerate(columns.owner) if named & set(owner.split(":"))]
    kept = few if len(few) <= carried else []
    notes.append(Text(f"Events carry {len(kept)} of {len(columns.names)} covariate effects that change with follow-up.",
                      f"Số sự kiện chỉ đủ cho {len(kept)} trong {len(columns.names)} tác động biến đổi theo thời gian."))  # fmt: skip
    return kept


def _splines(cells: Cells, event: int) -> np.ndarray:
    """Lay out the constant, time, and spline columns that are orthogonal to both, each of a size near one."""
    months = cells.follow
    if months < 4:
        return np.column_stack([np.ones(months), *([np.arange(months) / max(months - 1, 1)] if months > 1 else [])])
    number = cells.events[event].sum()
    inner = int(np.clip(number // 40, 0, KNOTS - 1)) if months >= 12 else 0
    basis = spline_basis(months, np.linspace(0, months - 1, inner + 2))
    plain = np.column_stack([np.ones(months), basis[:, 0]])
    bends = basis[:, 1:] - plain @ np.linalg.lstsq(plain, basis[:, 1:], rcond=None)[0]
    bends, _ = np.linalg.qr(bends) if bends.shape[1] else (bends, None)
    return np.column_stack([plain, bends * np.sqrt(months) / 2])


def _strongest(cells: Cells, columns: Columns, places: list[int], event: int) -> list[int]:
    """Order columns by how many exposed events the smaller of their two sides holds."""
    mine = cells.arm == 1
    happened = np.bincount(cells.pattern[mine], cells.events[event][mine].sum(axis=1), minlength=len(cells.patterns))
    inside = [
        min(happened @ (columns.table[:, place] > 0), happened @ (columns.table[:, place] <= 0)) for place in places
    ]
    return [places[k] for k in np.argsort(inside)[::-1] if inside[k] >= PER_PARAMETER]


def _fewer(asked: int, kept: int) -> Text:
    return Text(f"The exposed events carry {kept} of {asked} terms of the exposed arm at {PER_PARAMETER} a term.",
                f"Số sự kiện trong nhóm đi học chỉ đủ cho {kept} trong {asked} số hạng của nhóm này, "
                f"{PER_PARAMETER} sự kiện một số hạng.")  # fmt: skip


def _entry(columns: Columns, by_arm: np.ndarray):
    def build(begun: np.ndarray, arm: np.ndarray, pattern: np.ndarray) -> np.ndarray:
        own = columns.table[pattern]
        return np.column_stack([np.ones(len(own)), arm, own, by_arm[pattern] * arm[:, None]])

    return build


def calendar_bins(cells: Cells, event: int) -> tuple[np.ndarray, int]:
    """Cut calendar months into quarters, joined forward until each holds enough events; the bin of each month."""
    first, last = int(cells.months.min()), int(cells.months.max()) + cells.follow
    number = np.zeros(last - first)
    for rows in cells.blocks():
        begun = int(cells.months[cells.trial[rows.start]]) - first
        number[begun : begun + cells.follow] += cells.events[event][rows].sum(axis=0)
    bins, current, held = np.zeros(len(number), dtype=int), 0, 0.0
    for month in range(0, len(number), 3):
        if held >= LEAST_IN_BIN and number[month:].sum() >= LEAST_IN_BIN:
            current, held = current + 1, 0.0
        bins[month : month + 3] = current
        held += number[month : month + 3].sum()
    return bins, first


def quadratic_terms(cells: Cells, covariates: Sequence[str]) -> Terms:
    """The terms of SEQTaRget: arm, follow-up, trial, their squares, and covariates; follow-up and trial from 0."""
    columns = lay_out_columns(cells.patterns, covariates)
    months, first = np.arange(cells.follow, dtype="float64"), int(cells.months.min())
    basis = np.column_stack([np.ones(len(months)), months / 10, (months / 10) ** 2])
    wide, table = len(columns.names), columns.table + columns.centre / columns.scale

    def build(begun: np.ndarray, arm: np.ndarray, pattern: np.ndarray) -> np.ndarray:
        trial = (begun - first) / 10
        return np.column_stack([np.ones(len(arm)), arm, table[pattern], trial, trial**2])

    pairs = [(0, 0), (1, 0), (0, 1), (0, 2), (2 + wide, 0), (3 + wide, 0), *((2 + k, 0) for k in range(wide))]
    names = ("constant", "arm", "follow_up", "follow_up^2", "trial", "trial^2", *columns.names)
    scale = np.concatenate([[1, 1, 10, 100, 10, 100], columns.scale])
    return Terms(names, np.array(pairs), build, basis, np.zeros(1, dtype=int), first, 4 + wide, scale)
