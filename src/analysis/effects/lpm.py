"""A linear model of the outcome by a horizon on person-trials: what an unmeasured cause of a given strength would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .study import Part
from .terms import lay_out_columns


class Linear(NamedTuple):
    """The arm's coefficient in a linear model: estimate, standard error, degrees of freedom."""

    estimate: float
    std_error: float
    degrees: int


class Bound(NamedTuple):
    """What a cause as strong as a benchmark would leave: partial R2 with arm and outcome, estimate, standard error."""

    name: str
    with_arm: float
    with_outcome: float
    estimate: float
    std_error: float


def lay_out_linear(trials, cells, part: Part, horizon: int, covariates: Sequence[str]) -> tuple:
    """Outcome, arm and columns (trial, then covariates) of the person-trials of a part; and whose column is whose."""
    people = trials.people
    rows = np.flatnonzero(part.trials[people.trial])
    outcome = ((people.event[rows] == 1) & (people.length[rows] <= horizon)).astype("float64")
    columns = lay_out_columns(cells.patterns, covariates)
    own = columns.table[people.pattern[rows]]
    begun = (people.trial[rows][:, None] == np.unique(people.trial[rows])).astype("float64")
    owner = np.array(["", *[""] * (begun.shape[1] - 1), *columns.owner])
    return outcome, people.arm[rows].astype("float64"), np.column_stack([begun, own]), owner


def _left(target: np.ndarray, x: np.ndarray) -> np.ndarray:
    return target - x @ np.linalg.lstsq(x, target, rcond=None)[0]


def fit_linear(outcome: np.ndarray, arm: np.ndarray, x: np.ndarray) -> Linear:
    """Least squares of the outcome on the arm and columns."""
    own, left = _left(arm, x), _left(outcome, x)
    estimate = float(own @ left / (own @ own))
    degrees = len(outcome) - np.linalg.matrix_rank(x) - 1
    residual = left - estimate * own
    return Linear(estimate, float(np.sqrt(residual @ residual / degrees / (own @ own))), degrees)


def bound_bias(
    outcome: np.ndarray, arm: np.ndarray, x: np.ndarray, groups: Mapping[str, np.ndarray], times: float = 1.0
) -> list[Bound]:
    """Bound the estimate under a cause `times` as strong as each group of columns (flags), with arm and with outcome.

    Source: Cinelli and Hazlett (2020), J. R. Stat. Soc. B 82:39-67, 4.4.
    """
    main, found = fit_linear(outcome, arm, x), []
    both = np.column_stack([x, arm])
    arm_left, outcome_left = _left(arm, x), _left(outcome, both)
    for name, flags in groups.items():
        fewer = x[:, ~flags]
        arm_share = 1 - (arm_left @ arm_left) / np.square(_left(arm, fewer)).sum()
        outcome_share = (
            1 - (outcome_left @ outcome_left) / np.square(_left(outcome, np.column_stack([fewer, arm]))).sum()
        )
        with_arm = times * arm_share / (1 - arm_share)
        crossed = times * arm_share**2 / ((1 - times * arm_share) * (1 - arm_share))
        with_outcome = min(
            ((np.sqrt(times) + np.sqrt(crossed)) / np.sqrt(1 - crossed)) ** 2 * outcome_share / (1 - outcome_share), 1.0
        )
        bias = main.std_error * np.sqrt(main.degrees) * np.sqrt(with_outcome * with_arm / (1 - with_arm))
        error = main.std_error * np.sqrt((1 - with_outcome) / (1 - with_arm) * main.degrees / (main.degrees - 1))
        found.append(
            Bound(
                name,
                float(with_arm),
                float(with_outcome),
                float(main.estimate - np.sign(main.estimate) * bias),
                float(error),
            )
        )
    return found
