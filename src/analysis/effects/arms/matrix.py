"""Columns of a frame as the matrix of a regression, checked once: nothing missing, constant or a copy of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import EffectsError
from analysis.survival.design import find_dependent
from analysis.words import Message

CONSTANT = "constant"


def build_matrix(frame: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """Build the matrix of a constant and `covariates`: numbers and bools are one column, others a column a level.

    Levels are compared with their first. Raises EffectsError that names a column that is absent, has missing values, is
    constant, or adds nothing to those before it.
    """
    check_columns(frame, covariates)
    flat = [name for name in covariates if len(pd.unique(frame[name])) == 1]
    if flat:
        seen = ", ".join(f"{name} = {frame[name].iloc[0]}" for name in flat)
        raise EffectsError(
            "{flat}: constant, every row has the same value ({seen}). Leave it out.", flat=", ".join(flat), seen=seen
        )
    coded = pd.DataFrame({name: _code(frame[name]) for name in covariates}, index=frame.index)
    import formulaic  # half a second that only these models need

    matrix = pd.DataFrame(formulaic.model_matrix(" + ".join(["1", *(f"`{name}`" for name in covariates)]), coded))
    matrix.columns = [CONSTANT, *(name.replace("[T.", "[") for name in matrix.columns[1:])]
    alike = standardise(matrix)
    if dependent := find_dependent(alike.T @ alike, [*matrix.columns], float(len(frame))):
        raise EffectsError("{dependent}", dependent=dependent)
    return matrix


def standardise(matrix: pd.DataFrame) -> np.ndarray:
    """Give the columns of a matrix with mean 0 and deviation 1, the constant as it is."""
    values = matrix.to_numpy(dtype="float64", copy=True)
    values[:, 1:] = (values[:, 1:] - values[:, 1:].mean(axis=0)) / values[:, 1:].std(axis=0)
    return values


def _code(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return column.astype("category").cat.remove_unused_categories()


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a frame that is empty, lacks a column or has missing values in one, naming all of them."""
    absent = [name for name in dict.fromkeys(names) if name not in frame]
    if absent or frame.empty:
        raise EffectsError(
            "The frame has {count} rows and lacks the columns {absent}; every column asked for must be there.",
            count=len(frame),
            absent=absent,
        )
    counts = {name: int(frame[name].isna().sum()) for name in names}
    holes = [
        Message("{name}: {count} rows have no value.", name=name, count=count)
        for name, count in counts.items()
        if count
    ]
    if holes:
        raise EffectsError("{holes} Fill them or leave the rows out and say so.", holes=holes)


def read_treatment(frame: pd.DataFrame, treatment: str) -> np.ndarray:
    """Give a treatment as True and False; raises EffectsError unless it is bool or 0 and 1 and both are there."""
    check_columns(frame, [treatment])
    seen = pd.unique(frame[treatment])
    if not pd.api.types.is_numeric_dtype(frame[treatment]) or not set(seen) <= {0, 1} or len(seen) < 2:
        raise EffectsError(
            "{treatment}: values seen are {shown}; a treatment is 0 and 1 (or bool) and both arms have people. "
            "Code it so.",
            treatment=treatment,
            shown=", ".join(map(repr, seen[:5].tolist())),
        )
    return frame[treatment].to_numpy(dtype=bool)


def read_weights(frame: pd.DataFrame, weights: str | None) -> np.ndarray:
    """Give a column of weights, ones where none is named; raises EffectsError for missing or negative ones."""
    if weights is None:
        return np.ones(len(frame))
    check_columns(frame, [weights])
    values = frame[weights].to_numpy(dtype="float64")
    if not (np.isfinite(values) & (values >= 0)).all() or not values.any():
        raise EffectsError(
            "{weights}: {count} weights are negative or no number, sum {total:g}. Give weights of 0 or more.",
            weights=weights,
            count=int((~(values >= 0)).sum()),
            total=values.sum(),
        )
    return values
