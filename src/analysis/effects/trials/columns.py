"""Terms of a pooled hazard model of trials: what an entry brings times what a month of follow-up brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.effects.trials.cells import Cells


@dataclass(frozen=True, eq=False)
class Columns:
    """Covariates of patterns as columns: `table` (P x columns) against each one's first level, by `owner`."""

    names: tuple[str, ...]
    owner: tuple[str, ...]
    table: np.ndarray
    centre: np.ndarray
    scale: np.ndarray

    def of(self, covariates: Sequence[str]) -> list[int]:
        """Places of the columns of some covariates."""
        return [place for place, owner in enumerate(self.owner) if owner in covariates]


def lay_out_columns(
    patterns: pd.DataFrame, covariates: Sequence[str], joined: dict[str, dict] | None = None
) -> Columns:
    """Lay covariates out as columns; `a:b` crosses two; `joined` maps levels too thin to stand alone to others.

    A column that earlier ones already hold (as crossing two covariates makes) is left out.
    """
    names, owner, parts = [], [], []
    for name in covariates:
        column = cross(patterns, name)
        if isinstance(column.dtype, pd.CategoricalDtype):
            known = (joined or {}).get(name, {})
            label = column.astype("str").map(lambda level, known=known: known.get(level, level))
            levels = [str(one) for one in column.cat.categories if (label == str(one)).any()]
            for level in levels[1:]:
                names.append(f"{name}[{level}]")
                owner.append(name)
                parts.append((label == level).to_numpy(dtype="float64"))
        else:
            names.append(name)
            owner.append(name)
            parts.append(column.to_numpy(dtype="float64"))
    table = np.column_stack(parts) if parts else np.zeros((len(patterns), 0))
    new = _independent(table)
    names, owner, table = [names[k] for k in new], [owner[k] for k in new], table[:, new]
    centre, scale = table.mean(axis=0), table.std(axis=0)
    plain = np.array([name.endswith("]") for name in names], dtype=bool)
    centre, scale = np.where(plain, 0.0, centre), np.where(plain | (scale == 0), 1.0, scale)
    return Columns(tuple(names), tuple(owner), (table - centre) / scale, centre, scale)


def _independent(table: np.ndarray) -> list[int]:
    """List the columns that are no combination of the constant and of those before them."""
    kept, basis = [], [np.full(len(table), 1 / np.sqrt(max(len(table), 1)))]
    for place in range(table.shape[1]):
        left = table[:, place].copy()
        for _ in range(2):
            for one in basis:
                left -= one * (one @ left)
        size = np.linalg.norm(left)
        if size > 1e-8 * max(np.linalg.norm(table[:, place]), 1e-300):
            kept.append(place)
            basis.append(left / size)
    return kept


def cross(patterns: pd.DataFrame, name: str) -> pd.Series:
    """Give a covariate of patterns, or the levels that two of them make together for `a:b`."""
    if ":" not in name:
        return patterns[name]
    parts = [patterns[one] if isinstance(patterns[one].dtype, pd.CategoricalDtype) else patterns[one].astype("category")
             for one in name.split(":")]  # fmt: skip
    label, levels = pd.Series("", index=patterns.index), [""]
    for one in parts:
        known = [str(level) for level in one.cat.categories]
        label = label + one.astype("str") + ":"
        levels = [f"{left}{level}:" for left in levels for level in known]
    return pd.Series(pd.Categorical(label.str[:-1], [level[:-1] for level in levels]), index=patterns.index)


@dataclass(frozen=True, eq=False)
class Terms:
    """A model: products of an entry's column and a follow-up column, and bins of calendar months.

    `pairs` are (entry column, follow-up column): entry column 0 is the constant, 1 the arm, then those that `entry`
    builds; `basis` is J x columns; `bins` gives the calendar bin of a month from `first_month` on, 0 the reference;
    `width` is the number of entry columns.
    """

    names: tuple[str, ...]
    pairs: np.ndarray
    entry: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    basis: np.ndarray
    bins: np.ndarray
    first_month: int
    width: int
    scale: np.ndarray = field(default_factory=lambda: np.ones(0))

    @property
    def bin_count(self) -> int:
        """Bins beside the reference."""
        return int(self.bins.max(initial=0))

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.pairs) + self.bin_count

    def months(self, begun: int) -> np.ndarray:
        """Lay out the follow-up columns of a trial that began in a month: `basis`, then its calendar bins."""
        if not self.bin_count:
            return self.basis
        bins = self.bins[begun - self.first_month + np.arange(len(self.basis))]
        return np.column_stack([self.basis, bins[:, None] == np.arange(1, self.bin_count + 1)])

    def columns(self, cells: Cells, rows: slice | np.ndarray, arm: int | None = None) -> np.ndarray:
        """Build the entry columns of some entries, as they are or as if all were in one arm."""
        own = cells.arm[rows] if arm is None else np.full(len(cells.arm[rows]), arm)
        return self.entry(cells.months[cells.trial[rows]], own, cells.pattern[rows])

    def without(self, name: str) -> Terms:
        """Leave a term out, and with a main effect its products."""
        gone = [k for k, one in enumerate(self.names) if one == name or one.startswith(f"{name}:follow_up")]
        if gone[0] >= len(self.pairs):
            bin_ = int(name.removeprefix("calendar"))
            bins = np.where(self.bins >= bin_, self.bins - 1, self.bins)
            names = (*self.names[: len(self.pairs)], *(f"calendar{k}" for k in range(1, self.bin_count)))
            return replace(self, names=names, bins=bins)
        kept = [k for k in range(len(self.pairs)) if k not in gone]
        names = tuple(one for k, one in enumerate(self.names) if k not in gone)
        return replace(self, names=names, pairs=self.pairs[kept])

    def matrix(self, theta: np.ndarray) -> np.ndarray:
        """Spread parameters over entry columns x follow-up columns."""
        wide = self.basis.shape[1] + self.bin_count
        table = np.zeros((self.width, wide))
        table[self.pairs[:, 0], self.pairs[:, 1]] = theta[: len(self.pairs)]
        table[0, self.basis.shape[1] :] = theta[len(self.pairs) :]
        return table

    def gather(self, table: np.ndarray) -> np.ndarray:
        """Take the parameters' places out of a table of entry columns x follow-up columns."""
        return np.append(table[self.pairs[:, 0], self.pairs[:, 1]], table[0, self.basis.shape[1] :])

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Entry column and follow-up column of every parameter."""
        first = self.basis.shape[1]
        bins = np.arange(first, first + self.bin_count)
        return np.append(self.pairs[:, 0], np.zeros(len(bins), dtype=int)), np.append(self.pairs[:, 1], bins)


def spline_basis(months: int, knots: Sequence[float]) -> np.ndarray:
    """Natural cubic spline of months 0..J - 1 without its constant: linear first, then one column an inner knot.

    Source: Harrell (2015), Regression Modeling Strategies, 2nd ed., 2.4.5.
    """
    time = np.arange(months, dtype="float64")
    knots = np.asarray(knots, dtype="float64")
    width = max(months - 1, 1)
    columns = [time / width]
    last, before = knots[-1], knots[-2]
    for knot in knots[:-2]:
        cube = np.clip(time - knot, 0, None) ** 3
        cube -= np.clip(time - before, 0, None) ** 3 * (last - knot) / (last - before)
        cube += np.clip(time - last, 0, None) ** 3 * (before - knot) / (last - before)
        columns.append(cube / (last - knots[0]) ** 2 / width)
    return np.column_stack(columns)
