"""What a registry could not give to a comparison, and what would be needed: said before anything is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.text import Text


def find_lacking(frame: Any, columns: Sequence[str] = ()) -> list[Text]:
    """Say what stands in the way of spells: all that they miss, and each of `columns` (`a:b` crosses two) that an absent
    table would hold. A plain frame lacks nothing that is known here.
    """
    if isinstance(frame, pd.DataFrame):
        return []
    absent = getattr(frame, "spec", {}).get("left_out", {})
    wanted = dict.fromkeys(part for name in columns for part in name.split(":"))
    return [*getattr(frame, "missing", ()), *(_say(name, absent[name]) for name in wanted if name in absent)]


def _say(name: str, table: str) -> Text:
    return Text(
        f"{name}: the registry has no table {table}, and the comparison needs to know it as a trial starts. Add the table.",
        f"{name}: dữ liệu không có bảng {table}, mà phép so sánh cần biết điều này khi thử nghiệm bắt đầu. Hãy bổ sung bảng.",
    )
