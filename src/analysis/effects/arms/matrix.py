"""Columns of a frame as the matrix of a regression, checked once: nothing missing, constant or a copy of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import EffectsError
from analysis.survival.design import Design, code_covariates, find_dependent

CONSTANT = "constant"


@dataclass(frozen=True)
class Matrix:
    """A constant and covariates: `columns` (rows x terms) centred and scaled; `to_given` turns coefficients back.

    Coefficients on the columns as given are `to_given @ theta`, their covariance `to_given @ V @ to_given.T`.
    """

    terms: tuple[str, ...]
    columns: np.ndarray
    to_given: np.ndarray
    owners: tuple[str, ...]

    @property
    def given(self) -> np.ndarray:
        """Give the columns on the scale of the frame."""
        return self.columns @ np.linalg.inv(self.to_given)


def build_matrix(frame: pd.DataFrame, covariates: Sequence[str], *, needed: Sequence[str] = ()) -> Matrix:
    """Build the matrix of a constant and `covariates`: numbers and bools are one column, others a column a level.

    Levels are compared with their first. Raises EffectsError that names a column that is absent (also of `needed`),
    has missing values, is constant, or adds nothing to those before it.
    """
    check_columns(frame, [*covariates, *needed])
    coded = pd.DataFrame({name: _as_levels(frame[name]) for name in covariates}, index=frame.index)
    design = code_covariates(coded, covariates)
    _refuse_constant(coded, design)
    values = np.column_stack([np.ones(len(frame)), design.block(slice(None))])
    terms = (CONSTANT, *design.terms)
    dependent = find_dependent(values.T @ values, terms, float(len(frame)))
    if dependent:
        raise EffectsError(en=" ".join(one.en for one in dependent), vi=" ".join(one.vi for one in dependent))
    to_given = np.diag(np.append(1.0, 1 / design.scale))
    to_given[0, 1:] = -design.centre / design.scale
    owners = (CONSTANT, *(design.covariates[place].name for place in design.owners))
    return Matrix(terms, values, to_given, owners)


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a frame that is empty, lacks a column or has missing values in one, naming all of them."""
    absent = [name for name in dict.fromkeys(names) if name not in frame]
    if absent or frame.empty:
        raise EffectsError(
            en=f"The frame has {len(frame)} rows and lacks the columns {absent}; every column asked for must be there.",
            vi=f"Bảng có {len(frame)} dòng và thiếu các cột {absent}; phải có đủ các cột được hỏi.",
        )
    holes = {name: int(frame[name].isna().sum()) for name in dict.fromkeys(names) if frame[name].isna().any()}
    if holes:
        en = "; ".join(f"{name}: {count} rows have no value" for name, count in holes.items())
        vi = "; ".join(f"{name}: {count} dòng thiếu giá trị" for name, count in holes.items())
        raise EffectsError(en=f"{en}. Fill them or leave the rows out and say so.",
                           vi=f"{vi}. Hãy bổ sung hoặc loại dòng và nói rõ.")  # fmt: skip


def read_treatment(frame: pd.DataFrame, treatment: str) -> np.ndarray:
    """Give a treatment as True and False; raises EffectsError unless it is bool or 0 and 1 and both are there."""
    check_columns(frame, [treatment])
    seen = pd.unique(frame[treatment])
    if not pd.api.types.is_numeric_dtype(frame[treatment]) or not set(seen) <= {0, 1} or len(seen) < 2:
        shown = ", ".join(map(repr, seen[:5].tolist()))
        raise EffectsError(
            en=f"{treatment}: values seen are {shown}; a treatment is 0 and 1 (or bool) and both arms have people. "
            "Code it so.",
            vi=f"{treatment}: các giá trị là {shown}; biến can thiệp phải là 0 và 1 (hoặc đúng/sai), nhóm nào cũng có "
            "người. Hãy mã hóa lại.",
        )
    return frame[treatment].to_numpy(dtype=bool)


def _as_levels(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    return column.astype("category")


def _refuse_constant(coded: pd.DataFrame, design: Design) -> None:
    flat = [one.name for one in design.covariates if len(np.unique(one.column)) == 1]
    if flat:
        seen = ", ".join(f"{name} = {coded[name].iloc[0]}" for name in flat)
        raise EffectsError(
            en=f"{', '.join(flat)}: constant, every row has the same value ({seen}). Leave it out.",
            vi=f"{', '.join(flat)}: không thay đổi, mọi dòng cùng một giá trị ({seen}). Hãy bỏ ra.",
        )
