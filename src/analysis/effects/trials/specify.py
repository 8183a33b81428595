"""Which terms a pooled hazard of trials gets: as many as the events can carry, said where they are fewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells
from analysis.effects.trials.columns import Columns, Terms, cross, join_levels, lay_out_columns, spline_basis
from analysis.words import Message

PER_PARAMETER = 10
THIN = 10
LEAST_IN_BIN = 15
KNOTS = 4


def lay_out_carried(
    cells: Cells, covariates: Sequence[str], event: int, arms: Sequence[int] = (0, 1)
) -> tuple[Columns, list[Message]]:
    """Lay covariates out with levels of few events (in some arms) joined to their neighbours, and say so."""
    mine = np.isin(cells.arm, arms)
    happened = np.bincount(cells.pattern[mine], cells.events[event][mine].sum(axis=1), minlength=len(cells.patterns))
    joined, seen = join_levels(cells.patterns, covariates, happened, THIN), np.unique(cells.pattern)
    notes = [Message("Some levels with too few events are joined to their neighbours in the outcome model.")]
    levels = {name: cross(cells.patterns, name).iloc[seen].astype("str").drop_duplicates() for name in joined}
    told = any(one.replace(joined[name]).duplicated().any() for name, one in levels.items())
    return lay_out_columns(cells.patterns, covariates, joined), notes if told else []


def default_terms(
    cells: Cells, covariates: Sequence[str], confounders: Sequence[str], event: int
) -> tuple[Terms, list[Message]]:
    """Follow-up spline by arm, covariates by follow-up, confounders by arm, calendar bins; fewer where events are few.

    For exits only the arm and its trend, covariates, a spline and the calendar.
    """
    columns, notes = lay_out_carried(cells, covariates, event)
    basis, own = _splines(cells, event), len(columns.names)
    wide = basis.shape[1]
    carried = max(int(cells.events[event][cells.arm == 1].sum() // PER_PARAMETER), 1)
    arms, thin = lay_out_carried(cells, confounders, event, arms=(1,))
    by_arm = list(range(len(arms.names))) if event == 1 else []
    if thin and event == 1:
        notes.append(
            Message("Some levels with too few events of the exposed have no term of the exposed arm of their own.")
        )
    bends = min(wide - 1 if event == 1 else 1, carried - 1)
    left = max(carried - 1 - bends, 0)
    if len(by_arm) > left:
        notes.append(
            Message(
                "The exposed events carry {kept} of {asked} terms of the exposed arm at {per_parameter} a term.",
                kept=bends + 1 + left,
                asked=len(by_arm) + wide,
                per_parameter=PER_PARAMETER,
            )
        )
        by_arm = _strongest(cells, arms.table, event)[:left]
    bins, first = calendar_bins(cells, event)
    others = wide + bends + 1 + len(by_arm) + bins.max(initial=0)
    moving = _moving(cells, columns, confounders, others, notes) if event == 1 and wide > 1 else []
    pairs = [(0, k) for k in range(wide)] + [(1, k) for k in range(bends + 1)]
    pairs += [(2 + place, 0) for place in range(own)] + [(2 + place, 1) for place in moving]
    pairs += [(2 + own + place, 0) for place in range(len(by_arm))]
    named = ["constant", "arm", *columns.names, *(f"arm:{arms.names[place]}" for place in by_arm)]
    names = [named[entry] + (f":follow_up{k}" if k else "") for entry, k in pairs]
    calendar = range(1, bins.max(initial=0) + 1)
    pairs += [(0, wide + k - 1) for k in calendar]
    entry = build_entry(columns.table, arms.table[:, by_arm])
    return Terms(
        (*names, *(f"calendar{k}" for k in calendar)), np.array(pairs), entry, basis, len(named), bins, first
    ), notes


def _moving(cells: Cells, columns: Columns, confounders: Sequence[str], others: int, notes: list[Message]) -> list[int]:
    """Choose whose effect may fade with follow-up: all, the confounders, or nobody, as the events carry."""
    count = len(columns.names)
    carried = float(cells.events[1].sum()) / PER_PARAMETER - others - count
    if count <= carried:
        return list(range(count))
    named = {part for name in confounders for part in name.split(":")}
    few = [k for k, owner in enumerate(columns.owner) if named & set(owner.split(":"))]
    kept = few if len(few) <= carried else []
    notes.append(
        Message(
            "Events carry {kept} of {asked} covariate effects that change with follow-up.", kept=len(kept), asked=count
        )
    )
    return kept


def _splines(cells: Cells, event: int) -> NDArray:
    """Lay out the constant, time, and spline columns that are orthogonal to both, each of a size near one."""
    months = cells.follow
    if months < 4:
        return np.column_stack([np.ones(months), *([np.arange(months) / max(months - 1, 1)] if months > 1 else [])])
    inner = int(np.clip(cells.events[event].sum() // 40, 0, KNOTS - 1)) if months >= 12 else 0
    basis = spline_basis(months, np.linspace(0, months - 1, inner + 2))
    plain = np.column_stack([np.ones(months), basis[:, 0]])
    bends = basis[:, 1:] - plain @ np.linalg.lstsq(plain, basis[:, 1:], rcond=None)[0]
    bends = np.linalg.qr(bends)[0] if inner else bends
    return np.column_stack([plain, bends * np.sqrt(months) / 2])


def _strongest(cells: Cells, table: NDArray, event: int) -> list[int]:
    """Order columns by how many exposed events the smaller of their two sides holds."""
    mine = cells.arm == 1
    happened = np.bincount(cells.pattern[mine], cells.events[event][mine].sum(axis=1), minlength=len(cells.patterns))
    inside = np.minimum(happened @ (table > 0), happened @ (table <= 0))
    return [k for k in np.argsort(inside)[::-1] if inside[k] >= PER_PARAMETER]


def build_entry(table: NDArray, by_arm: NDArray | None = None) -> Callable[..., NDArray]:
    """Give the builder of entry columns: constant, arm, the covariates of patterns, and those that act by arm."""

    def build(begun: NDArray, arm: NDArray, pattern: NDArray) -> NDArray:
        more = [] if by_arm is None else [by_arm[pattern] * arm[:, None]]
        return np.column_stack([np.ones(len(arm)), arm, table[pattern], *more])

    return build


def calendar_bins(cells: Cells, event: int) -> tuple[NDArray, int]:
    """Cut calendar months into quarters, joined forward until each holds enough events; the bin of each month."""
    first, last = int(cells.months.min()), int(cells.months.max()) + cells.follow
    number = np.zeros(last - first)
    for begun, rows in cells.blocks():
        number[begun - first : begun - first + cells.follow] += cells.events[event][rows].sum(axis=0)
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
    months, first, wide = np.arange(cells.follow), int(cells.months.min()), len(columns.names)

    def build(begun: NDArray, arm: NDArray, pattern: NDArray) -> NDArray:
        trial = begun - first
        return np.column_stack([np.ones(len(arm)), arm, columns.raw[pattern], trial, trial**2])

    pairs = [(0, 0), (1, 0), (0, 1), (0, 2), (2 + wide, 0), (3 + wide, 0), *((2 + k, 0) for k in range(wide))]
    names = ("constant", "arm", "follow_up", "follow_up^2", "trial", "trial^2", *columns.names)
    basis = np.column_stack([np.ones(len(months)), months, months**2])
    return Terms(names, np.array(pairs), build, basis, 4 + wide, by_trial=True)
