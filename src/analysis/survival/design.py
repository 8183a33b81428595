"""Covariates of patterns as columns of a model, built a block of patterns at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.survival.counts import Counts
from analysis.text import Text


class Covariate(NamedTuple):
    """One covariate over the patterns: its `terms`, and numbers (centred and scaled) or codes with 0 the reference."""

    name: str
    terms: tuple[str, ...]
    levels: tuple[str, ...]
    column: np.ndarray
    centre: float = 0.0
    scale: float = 1.0

    @property
    def numeric(self) -> bool:
        """Say whether this is one column of numbers."""
        return not self.levels


@dataclass(frozen=True)
class Design:
    """The covariates of a model."""

    covariates: tuple[Covariate, ...]

    @property
    def terms(self) -> list[str]:
        """Names of the columns: `covariate`, or `covariate[level]` against the first level."""
        return [term for one in self.covariates for term in one.terms]

    @property
    def owners(self) -> np.ndarray:
        """Place, for each column, of its covariate."""
        return np.repeat(np.arange(len(self.covariates)), [len(one.terms) for one in self.covariates])

    @property
    def scale(self) -> np.ndarray:
        """What each column was divided by."""
        return np.concatenate([np.zeros(0), *(np.full(len(one.terms), one.scale) for one in self.covariates)])

    @property
    def centre(self) -> np.ndarray:
        """What was taken from each column before it was divided."""
        return np.concatenate([np.zeros(0), *(np.full(len(one.terms), one.centre) for one in self.covariates)])

    def block(self, rows: np.ndarray | slice) -> np.ndarray:
        """Build the columns of some patterns."""
        first = [one.column[rows] for one in self.covariates]
        table = np.zeros((len(first[0]) if first else np.size(rows), len(self.terms)))
        place = 0
        for one, values in zip(self.covariates, first, strict=True):
            if one.numeric:
                table[:, place] = values
            else:
                filled = np.flatnonzero(values)
                table[filled, place - 1 + values[filled]] = 1.0
            place += len(one.terms)
        return table


def code_covariates(patterns: pd.DataFrame, names: Sequence[str]) -> Design:
    """Code covariates: numbers centred and scaled, levels with someone in them against the first of these."""
    return Design(tuple(_code(patterns[name], name) for name in names))


def _code(column: pd.Series, name: str) -> Covariate:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        values = column.to_numpy(dtype="float64")
        centre, scale = values.mean(), values.std()
        scale = scale if scale > 1e-14 * max(np.abs(values).max(), 1e-300) else 1.0
        return Covariate(name, (name,), (), (values - centre) / scale, float(centre), float(scale))
    used = column.cat.remove_unused_categories()
    levels = tuple(map(str, used.cat.categories))
    terms = tuple(f"{name}[{level}]" for level in levels[1:])
    return Covariate(name, terms, levels, used.cat.codes.to_numpy().astype("int32"))


def find_trouble(counts: Counts, design: Design, event: int) -> list[Text]:
    """Name what keeps a model from being fitted: no events, a constant covariate, a level that separates the events."""
    if event not in counts.happened or not counts.events[event].data.any():
        return [Text(f"event: nobody has event {event} among {counts.people} people at risk.",
                     f"event: không ai có sự kiện {event} trong {counts.people} người theo dõi.")]  # fmt: skip
    happened = np.asarray(counts.events[event].sum(axis=1)).ravel()
    return [text for one in design.covariates if (text := _trouble_of(one, counts, happened)) is not None]


def _trouble_of(one: Covariate, counts: Counts, happened: np.ndarray) -> Text | None:
    if len(np.unique(one.column)) == 1:
        only = one.levels[0] if one.levels else f"{one.column[0] * one.scale + one.centre:g}"
        empty = empty_levels(counts.patterns[one.name])
        arms = f"; nobody is in {', '.join(empty)}" if empty else ""
        vi_arms = f"; không ai thuộc {', '.join(empty)}" if empty else ""
        return Text(f"{one.name} is constant: everyone has {only}{arms}.",
                    f"{one.name} không thay đổi: mọi người đều là {only}{vi_arms}.")  # fmt: skip
    if one.numeric:
        seen = np.unique(one.column[happened > 0])
        if len(seen) > 1 or len(np.unique(one.column)) > 2:
            return None
        return Text(f"{one.name} separates those with the event from those without: it has one value in every event.",
                    f"{one.name} tách hẳn người có và không có sự kiện: mọi sự kiện cùng một giá trị.")  # fmt: skip
    number = np.bincount(one.column, happened, minlength=len(one.levels))
    if (number > 0).all():
        return None
    named = ", ".join(f"{one.name}[{level}]" for level, seen in zip(one.levels, number, strict=True) if seen == 0)
    return Text(f"{named} has people at risk but no events: it separates the events. Join levels or leave it out.",
                f"{named} có người theo dõi nhưng không có sự kiện: tách hẳn. Hãy gộp mức hoặc bỏ ra.")  # fmt: skip


def empty_levels(column: pd.Series) -> list[str]:
    """List the declared levels that nobody has."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return []
    return [str(level) for level in column.cat.categories.difference(column.cat.remove_unused_categories().cat.categories, sort=False)]  # fmt: skip


def find_dependent(information: np.ndarray, terms: Sequence[str], events: float) -> list[Text]:
    """Name the columns that add nothing to those before them, from the information where nothing is fitted yet."""
    size = np.diag(information)
    flat = size <= 1e-10 * events
    root = np.sqrt(np.where(flat, 1.0, size))
    left = information / root / root[:, None]
    texts = []
    for place, term in enumerate(terms):
        if flat[place]:
            texts.append(Text(f"{term} does not vary among those at risk at any event.",
                              f"{term} không thay đổi giữa những người theo dõi tại bất kỳ sự kiện nào."))  # fmt: skip
        elif left[place, place] < 1e-9:
            texts.append(Text(f"{term} is a combination of other covariates (collinear). Leave one of them out.",
                              f"{term} là tổ hợp của các biến khác (cộng tuyến). Hãy bỏ bớt một biến."))  # fmt: skip
        else:
            column = left[:, place] / np.sqrt(left[place, place])
            left = left - np.outer(column, column)
    return texts
