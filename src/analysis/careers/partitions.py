"""Partitions of people: a sum over them, one at a time here or several on other processes or machines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from .. import project
from ..errors import CareersError

Sum = TypeVar("Sum")
AHEAD = 4


def find_partitions(source: Any) -> list[Path]:
    """List the Parquet files of a folder in the order of their names; a file or a list stands for itself."""
    if not isinstance(source, (str, Path)):
        return [project.find(path) for path in source]
    path = project.find(source)
    found = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
    if not found:
        raise CareersError(
            en=f"{path}: no Parquet file there. Name a .parquet file or a folder that holds some.",
            vi=f"{path}: không có tệp Parquet. Hãy chỉ ra tệp .parquet hoặc thư mục chứa chúng.",
        )
    return found


def fold_partitions(paths: Iterable[Any], count: Callable[[Any], Sum], executor: Any = None) -> Sum:
    """Add up `count(path)` over partitions, in their order, in the memory of a few of them.

    `executor`: None for a loop, an executor of concurrent.futures, or a Dask client (whose scheduler gives the work of
    a lost worker to another). `count` gives what can be added with `+`.
    """
    results = map(count, paths) if executor is None else _ahead(iter(paths), count, executor)
    total = next(results, None)
    if total is None:
        raise CareersError(en="There are no partitions to add up.", vi="Không có phần dữ liệu nào để cộng.")
    for one in results:
        total = total + one
        del one
    return total


def _ahead(paths: Iterable[Any], count: Callable[[Any], Sum], executor: Any):
    """Keep a few partitions in work, and hand out their results in order."""
    options = {"pure": False} if hasattr(executor, "get_executor") else {}
    waiting: deque = deque()
    for path in paths:
        waiting.append(executor.submit(count, path, **options))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
