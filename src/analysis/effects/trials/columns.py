"""Terms of a pooled hazard model of trials: what an entry brings times what a month of follow-up brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.effects.trials.cells import Cells


@dataclass(frozen=True, eq=False)
class Columns:
    """Covariates of patterns as columns against each one's first level, by `owner`: `raw`, and in `table` scaled."""

    names: list[str]
    owner: list[str]
    table: NDArray
    raw: NDArray


def lay_out_columns(
    patterns: pd.DataFrame, covariates: Sequence[str], joined: Mapping[str, Mapping[str, str]] | None = None
) -> Columns:
    """Lay covariates out as columns; `a:b` crosses two; `joined` maps levels too thin to stand alone to others.

    A column that earlier ones already hold (as crossing two covariates makes) is left out.
    """
    laid: list[tuple[str, str, NDArray]] = []
    for name in covariates:
        column = cross(patterns, name)
        if isinstance(column.dtype, pd.CategoricalDtype):
            label = column.astype("str").replace((joined or {}).get(name, {}))
            levels = [str(one) for one in column.cat.categories if (label == str(one)).any()]
            laid += [(f"{name}[{level}]", name, (label == level).to_numpy(dtype="float64")) for level in levels[1:]]
        else:
            laid.append((name, name, column.to_numpy(dtype="float64")))
    table = np.column_stack([column for *_, column in laid]) if laid else np.zeros((len(patterns), 0))
    new = _independent(table)
    names, table = [laid[k][0] for k in new], table[:, new]
    plain = np.array([name.endswith("]") for name in names], dtype=bool)
    centre, spread = np.where(plain, 0.0, table.mean(axis=0)), table.std(axis=0)
    scale = np.where(plain | (spread == 0), 1.0, spread)
    return Columns(names, [laid[k][1] for k in new], (table - centre) / scale, table)


def _independent(table: NDArray) -> list[int]:
    """List the columns that are no combination of the constant and of those before them."""
    kept: list[int] = []
    basis = np.full((len(table), 1), 1 / np.sqrt(max(len(table), 1)))
    for place, column in enumerate(table.T):
        left = column - basis @ (column @ basis)
        left -= basis @ (left @ basis)  # again: rounding leaves some of a column that is long
        size = np.linalg.norm(left)
        if size > 1e-8 * np.linalg.norm(column):
            kept.append(place)
            basis = np.column_stack([basis, left / size])
    return kept


def cross(patterns: pd.DataFrame, name: str) -> pd.Series:
    """Give a covariate of patterns, or the levels that two of them make together for `a:b`."""
    if ":" not in name:
        return patterns[name]
    parts = patterns[name.split(":")].astype("category")
    levels = map(":".join, product(*(map(str, parts[part].cat.categories) for part in parts)))
    label = parts.astype("str")
    return label.iloc[:, 0].str.cat(label.iloc[:, 1:], sep=":").astype(pd.CategoricalDtype([*levels]))


def join_levels(
    patterns: pd.DataFrame, covariates: Sequence[str], number: NDArray, least: float
) -> dict[str, dict[str, str]]:
    """Map, by covariate, levels in which a column of `number` (by pattern) sums to less than `least` to a neighbour's.

    That is the level before it (for the first, the one after). Numbers have no levels; levels that nobody has are not
    named.
    """
    joined = {}
    for name in covariates:
        column = cross(patterns, name)
        if isinstance(column.dtype, pd.CategoricalDtype):
            held = pd.DataFrame(number).groupby(column.astype("str").to_numpy()).sum()
            groups = [[str(level)] for level in column.cat.categories if str(level) in held.index]
            sums = [held.loc[group[0]].to_numpy() for group in groups]
            while len(groups) > 1 and min(one.min() for one in sums) < least:
                place = int(np.argmin([one.min() for one in sums]))
                a, b = sorted((place, place - 1 if place else 1))
                groups[a] += groups.pop(b)
                sums[a] = sums[a] + sums.pop(b)
            joined[name] = {level: group[0] for group in groups for level in group[1:]}
    return joined


@dataclass(frozen=True, eq=False)
class Terms:
    """A model: products of an entry's column and a follow-up column, and bins of calendar months.

    `pairs` are (entry column, follow-up column): entry column 0 is the constant, 1 the arm, then those that `entry`
    builds, `width` in all; follow-up columns are those of `basis` (J x columns), then one a bin; `bins` gives the
    calendar bin of a month from `first_month` on, 0 the reference; bins go with the constant. `by_trial`: `entry`
    builds other columns for other trials.
    """

    names: tuple[str, ...]
    pairs: NDArray
    entry: Callable[[NDArray, NDArray, NDArray], NDArray]
    basis: NDArray
    width: int
    bins: NDArray = field(default_factory=lambda: np.zeros(1, dtype=int))
    first_month: int = 0
    by_trial: bool = False

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.pairs)

    def months(self, begun: int) -> NDArray:
        """Lay out the follow-up columns of a trial that began in a month: `basis`, then its calendar bins."""
        if not self.bins.any():
            return self.basis
        return np.column_stack([self.basis, self.calendar(begun)[:, None] == np.arange(1, self.bins.max() + 1)])

    def calendar(self, begun: int) -> NDArray:
        """Give the calendar bin of each month of a trial that began in a month."""
        months = np.arange(len(self.basis))
        return self.bins[begun - self.first_month + months] if self.bins.any() else np.zeros_like(months)

    def alike(self, cells: Cells) -> tuple[NDArray, NDArray]:
        """Give one entry of each set of entries that have the same columns, and the set of each entry."""
        if self.by_trial:
            return (np.arange(len(cells.trial)),) * 2
        key, one = cells.pattern * 2 + cells.arm, np.full(2 * len(cells.patterns), -1)
        one[key] = np.arange(len(key))
        return one[one >= 0], (np.cumsum(one >= 0) - 1)[key]

    def columns(self, cells: Cells, rows: slice | NDArray, arm: int | None = None) -> NDArray:
        """Build the entry columns of some entries, as they are or as if all were in one arm."""
        own = cells.arm[rows] if arm is None else np.full(len(cells.arm[rows]), arm)
        return self.entry(cells.months[cells.trial[rows]], own, cells.pattern[rows])

    def without(self, name: str) -> Terms:
        """Leave a term out, and with a main effect its products; months of a bin join the bin before."""
        kept = [k for k, one in enumerate(self.names) if one != name and not one.startswith(f"{name}:follow_up")]
        bins, first = self.bins, self.basis.shape[1]
        if name.startswith("calendar"):
            gone = int(name.removeprefix("calendar"))
            left = self.pairs[kept, 1] - first + 1
            bins = np.where(bins == gone, max(left[left < gone].max(), 0), bins)
        return replace(self, names=tuple(self.names[k] for k in kept), pairs=self.pairs[kept], bins=bins)

    def matrix(self, theta: NDArray) -> NDArray:
        """Spread parameters over entry columns x follow-up columns."""
        table = np.zeros((self.width, self.basis.shape[1] + self.bins.max()))
        table[self.pairs[:, 0], self.pairs[:, 1]] = theta
        return table

    def gather(self, table: NDArray) -> NDArray:
        """Take the parameters' places out of a table of entry columns x follow-up columns."""
        return table[self.pairs[:, 0], self.pairs[:, 1]]


def spline_basis(months: int, knots: NDArray) -> NDArray:
    """Natural cubic spline of months 0..J - 1 without its constant: linear first, then one column an inner knot.

    Source: Harrell (2015), Regression Modeling Strategies, 2nd ed., 2.4.5.
    """
    time, width = np.arange(months, dtype="float64"), max(months - 1, 1)
    first, before, last = knots[0], knots[-2], knots[-1]
    columns = [time / width]
    for knot in knots[:-2]:
        cube = np.clip(time - knot, 0, None) ** 3
        cube -= np.clip(time - before, 0, None) ** 3 * (last - knot) / (last - before)
        cube += np.clip(time - last, 0, None) ** 3 * (before - knot) / (last - before)
        columns.append(cube / (last - first) ** 2 / width)
    return np.column_stack(columns)
