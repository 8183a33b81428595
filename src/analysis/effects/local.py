"""The jump of a mean at a cutoff by local polynomials: weights of each row, bandwidths, errors from near neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.errors import Blocked

LINE, CURVE = 1, 2  # orders of the fit and of the correction of its bias
NEIGHBOURS = 3
PILOT = 2.576  # of the triangular kernel, at a density like the normal's
DISTINCT = 10  # values a side that a bandwidth must reach: fewer tell no line from a curve


class Bandwidths(NamedTuple):
    """Half-widths of the window of the fit and of that of its bias."""

    fit: float
    bias: float


class Side(NamedTuple):
    """The rows on one side of the cutoff in order of `x`, the distance from it (negative below)."""

    x: NDArray
    rows: NDArray


class Jump(NamedTuple):
    """Weights on all rows: their product with a column is its jump, plain and with its bias taken off."""

    plain: NDArray
    corrected: NDArray


def split(x: NDArray) -> tuple[Side, Side]:
    """Part the rows at 0, which belongs to the upper side."""
    order = np.argsort(x, kind="stable")
    ranked = x[order]
    at = int(np.searchsorted(ranked, 0.0))
    return Side(ranked[:at], order[:at]), Side(ranked[at:], order[at:])


def smooth(x: NDArray, width: float, order: int, term: int) -> NDArray:
    """Give the weights whose product with an outcome is a coefficient of its local polynomial (triangular kernel)."""
    kernel = np.maximum(1 - np.abs(x) / width, 0) / width
    inside = kernel > 0
    if len(np.unique(x[inside])) <= order:
        raise Blocked("There are too few different values near the cutoff to fit a line and its bias.")
    powers = (x / width)[:, None] ** np.arange(order + 1)
    gram = powers.T @ (powers * kernel[:, None])
    return np.linalg.solve(gram, np.eye(order + 1)[term]) @ (powers * kernel[:, None]).T / width**term


def residuals(x: NDArray, y: NDArray) -> NDArray:
    """Give each row's distance from the mean of its nearest neighbours (at least three, ties whole), made unbiased.

    Source: Abadie and Imbens (2006), Econometrica 74:235-267; as in Calonico, Cattaneo and Titiunik (2014).
    """
    values, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    sums = np.zeros((len(values), *y.shape[1:]))
    np.add.at(sums, place, y)
    found, total = np.empty(len(values)), np.empty_like(sums)
    wanted = min(NEIGHBOURS, len(x) - 1)
    for at, value in enumerate(values):
        low, high, many, summed = at - 1, at + 1, counts[at], sums[at].copy()
        while many - 1 < wanted:
            below = value - values[low] if low >= 0 else np.inf
            above = values[high] - value if high < len(values) else np.inf
            if below <= above:
                many, summed, low = many + counts[low], summed + sums[low], low - 1
            if above <= below:
                many, summed, high = many + counts[high], summed + sums[high], high + 1
        found[at], total[at] = many - 1, summed
    others = found[place].reshape(-1, *(1,) * (y.ndim - 1))
    return np.sqrt(others / (others + 1)) * (y - (total[place] - y) / others)


def near(side: Side, y: NDArray, width: float) -> NDArray:
    """Give the residuals of the rows within a window, 0 outside."""
    inside, found = np.abs(side.x) < width, np.zeros_like(y)
    found[inside] = residuals(side.x[inside], y[inside])
    return found


def choose_bandwidths(x: NDArray, y: NDArray) -> Bandwidths:
    """Choose the window with the least mean squared error of the jump, and that of its bias.

    Each stage weighs variance against squared bias, with the variance of the latter added, by pilots of higher order.
    Source: Imbens and Kalyanaraman (2012), Rev. Econ. Stud. 79:933-959; Calonico, Cattaneo and Farrell (2020),
    Econom. J. 23:192-210.
    """
    sides = split(x)
    unique = [np.unique(np.abs(side.x)) for side in sides]
    mass = max(1 - len(one) / len(side.x) for one, side in zip(unique, sides, strict=True)) >= 0.2
    low, high = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
    spread, most = min(x.std(ddof=1), (high - low) / 1.349), np.abs(x).max()
    pilot = min(PILOT * spread * len(np.unique(x)) ** -0.2, most)
    least = max(one[min(DISTINCT, len(one)) - 1] for one in unique) * (1 + 1e-8) if mass else 0.0
    pilot = max(pilot, least)

    def stage(order: int, term: int, widths: list[float], regular: float) -> float:
        parts = []
        for side, width in zip(sides, widths, strict=True):
            outcome, above = y[side.rows], side.x ** (order + 1)
            weights, curve = smooth(side.x, pilot, order, term), smooth(side.x, width, order + 1, order + 1)
            left = 2 * (order + 1 - term)
            shape = pilot ** (term - order - 1) * (weights @ above)
            noise = 3 * shape**2 * ((curve * near(side, outcome, width)) ** 2).sum() if regular else 0.0
            variance = (2 * term + 1) * pilot ** (2 * term + 1) * ((weights * near(side, outcome, pilot)) ** 2).sum()
            parts.append((variance, np.sqrt(left) * shape * (curve @ outcome), left * noise))
        (v0, b0, r0), (v1, b1, r1) = parts
        width = ((v0 + v1) / ((b1 - b0) ** 2 + r0 + r1)) ** (1 / (2 * order + 3))
        return float(min(width, most))

    ranges = [float(np.abs(side.x).max()) * (1 + 1e-8) for side in sides]
    first = max(stage(CURVE + 1, CURVE + 1, ranges, 0), least)
    bias = stage(CURVE, LINE + 1, [first] * 2, 1)
    return Bandwidths(stage(LINE, 0, [bias] * 2, 1), bias)


def weigh_jump(x: NDArray, widths: Bandwidths) -> Jump:
    """Give the weights of the jump at 0, and those with the bias of the line taken off by the curvature."""
    plain, corrected = np.zeros(len(x)), np.zeros(len(x))
    for sign, side in zip((-1, 1), split(x), strict=True):
        line, curve = smooth(side.x, widths.fit, LINE, 0), smooth(side.x, widths.bias, CURVE, CURVE)
        plain[side.rows] = sign * line
        corrected[side.rows] = sign * (line - (line @ side.x**CURVE) * curve)
    return Jump(plain, corrected)


def noise(x: NDArray, columns: NDArray, widths: Bandwidths) -> NDArray:
    """Give the residuals of the rows of columns about their neighbours within the wider of both windows."""
    found = np.zeros_like(columns, dtype="float64")
    for side in split(x):
        found[side.rows] = near(side, columns[side.rows], max(widths))
    return found
