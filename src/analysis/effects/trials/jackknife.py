"""Leave one group of people out: an interval for any estimate from counts, groups the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import t

GROUPS = 100


def group_people(ids: pd.Index, groups: int = GROUPS) -> np.ndarray:
    """Put each person in a group by a hash of the label, the same in every partition."""
    return (pd.util.hash_array(ids.astype("str").to_numpy(dtype=object)) % groups).astype("int16")


def leave_one_out(estimate: Callable[[int], np.ndarray], groups: int = GROUPS) -> tuple[np.ndarray, np.ndarray]:
    """Estimates without each group (groups x results), and the standard error of each result.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, 11; in groups, Shao and Tu (1995), 2.3.
    """
    found = np.stack([estimate(group) for group in range(groups)])
    apart = found - found.mean(axis=0)
    return found, np.sqrt((groups - 1) / groups * (apart**2).sum(axis=0))


def interval(
    estimate: np.ndarray, error: np.ndarray, level: float, groups: int = GROUPS
) -> tuple[np.ndarray, np.ndarray]:
    """Student interval with one degree of freedom less than there are groups."""
    half = t.ppf(0.5 + level / 2, groups - 1) * error
    return estimate - half, estimate + half
