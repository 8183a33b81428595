"""Provinces of one world, one seed after the other or several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any


def score_each(score: Callable[[int], Any], seeds: Iterable[int], jobs: int) -> list[Any]:
    """Score the province of each seed, as many processes at once as `jobs`; in the order of the seeds."""
    if jobs == 1:
        return list(map(score, seeds))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(score, seeds))
