"""Covariates of patterns as columns of a model, built a block of patterns at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import Blocked
from analysis.survival.counts import Counts
from analysis.words import Message


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
        return np.array([one.scale for one in self.covariates for _ in one.terms])

    @property
    def centre(self) -> np.ndarray:
        """What was taken from each column before it was divided."""
        return np.array([one.centre for one in self.covariates for _ in one.terms])

    def block(self, rows: np.ndarray | slice) -> np.ndarray:
        """Build the columns of some patterns."""
        size = len(self.covariates[0].column[rows]) if self.covariates else 1 if isinstance(rows, slice) else len(rows)
        table = np.zeros((size, len(self.terms)))
        place = 0
        for one in self.covariates:
            values = one.column[rows]
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


def find_trouble(counts: Counts, design: Design, event: int) -> None:
    """Block a model that cannot be fitted: no events, a constant covariate, a level that separates the events."""
    if event not in counts.happened or not counts.events[event].data.any():
        raise Blocked(
            Message("event: nobody has event {event} among {people} people at risk.", event=event, people=counts.people)
        )
    happened = np.asarray(counts.events[event].sum(axis=1)).ravel()
    reasons = [why for one in design.covariates if (why := _trouble_of(one, counts, happened)) is not None]
    if reasons:
        raise Blocked(*reasons)


def _trouble_of(one: Covariate, counts: Counts, happened: np.ndarray) -> Message | None:
    values = np.unique(one.column)
    if len(values) == 1:
        only = one.levels[0] if one.levels else f"{one.column[0] * one.scale + one.centre:g}"
        empty = empty_levels(counts.patterns[one.name])
        if empty:
            return Message(
                "{name} is constant: everyone has {only}; nobody is in {empty}.",
                name=one.name,
                only=only,
                empty=", ".join(empty),
            )
        return Message("{name} is constant: everyone has {only}.", name=one.name, only=only)
    if one.numeric:
        seen = np.unique(one.column[happened > 0])
        if len(seen) > 1 or len(values) > 2:
            return None
        return Message(
            "{name} separates those with the event from those without: it has one value in every event.", name=one.name
        )
    number = np.bincount(one.column, happened, minlength=len(one.levels))
    if (number > 0).all():
        return None
    named = [f"{one.name}[{level}]" for level, seen in zip(one.levels, number, strict=True) if seen == 0]
    return Message(
        "{named:labels} has people at risk but no events: it separates the events. Join levels or leave it out.",
        named=named,
    )


def empty_levels(column: pd.Series) -> list[str]:
    """List the declared levels that nobody has."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return []
    there = column.cat.remove_unused_categories().cat.categories
    return [*map(str, column.cat.categories.difference(there, sort=False))]


def find_dependent(information: np.ndarray, terms: Sequence[str], events: float) -> list[Message]:
    """Name the columns that add nothing to those before them, from the information where nothing is fitted yet."""
    size = np.diag(information)
    flat = size <= 1e-10 * events
    root = np.sqrt(np.where(flat, 1.0, size))
    left = information / root / root[:, None]
    texts = []
    for place, term in enumerate(terms):
        if flat[place]:
            texts.append(Message("{term} does not vary among those at risk at any event.", term=term))
        elif left[place, place] < 1e-9:
            texts.append(
                Message("{term} is a combination of other covariates (collinear). Leave one of them out.", term=term)
            )
        else:
            column = left[:, place] / np.sqrt(left[place, place])
            left = left - np.outer(column, column)
    return texts
