"""The synthetic province's units: departments, districts, communes, schools, and who may work where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.registry.contract import TABLES
from analysis.synthetic.parameters import COMMUNE, DISTRICT_AND_UP, SERVICE, month

DISTRICTS = (
    ("Thành phố Sóc Trăng", "Soc Trang city"), ("Thị xã Vĩnh Châu", "Vinh Chau town"),
    ("Thị xã Ngã Năm", "Nga Nam town"), ("Huyện Châu Thành", "Chau Thanh district"),
    ("Huyện Kế Sách", "Ke Sach district"), ("Huyện Mỹ Tú", "My Tu district"),
    ("Huyện Cù Lao Dung", "Cu Lao Dung district"), ("Huyện Long Phú", "Long Phu district"),
    ("Huyện Mỹ Xuyên", "My Xuyen district"), ("Huyện Thạnh Trị", "Thanh Tri district"),
    ("Huyện Trần Đề", "Tran De district"),
)  # fmt: skip
DEPARTMENTS = 19
MERGER = month("2024-09")  # wards 1 and 9 of the city
FOUNDED, MERGED, DISSOLVED = np.array(["1975-05-01", "2024-09-01", "2025-07-01"], dtype="datetime64[ms]")


@dataclass(frozen=True)
class Places:
    """Units and, for each, its district (-1: the province's), the unit right below the province that it is or is
    part of (`top`), and teaching; `shares` weighs where people work.

    `shares` has one cumulative row a sector, before and after the merger of two wards.
    """

    frame: pd.DataFrame
    district: np.ndarray
    top: np.ndarray
    teaching: np.ndarray
    shares: np.ndarray
    merged: tuple[int, int, int]

    def draw(self, sector: np.ndarray, u: np.ndarray, now: int) -> np.ndarray:
        """Draw a unit for each person of a sector, from one uniform number each."""
        unit = np.empty(len(sector), dtype=np.int32)
        for which in (DISTRICT_AND_UP, COMMUNE, SERVICE):
            mine = sector == which
            shares = self.shares[int(now >= MERGER), which]
            unit[mine] = np.searchsorted(shares, u[mine] * shares[-1] * 0.9999999, side="right")
        return unit


def lay_out(people: int) -> Places:
    """Lay out the units of a province of `people` heads: real district names, everything else numbered."""
    districts = int(np.clip(people * 11 // 3000, 2, 11))
    communes = int(np.clip(people * 109 // 12000, districts + 1, 109))
    schools = max(4, people // 54)
    rows = [
        _Unit("Tỉnh mô phỏng", "Synthetic province", -1, "province", "state", 0),
        _Unit("Tỉnh ủy và các ban Đảng", "Provincial Party committee", 0, "province", "party", 90),
        _Unit("Mặt trận và đoàn thể tỉnh", "Provincial front and mass organisations", 0, "province", "front", 60),
        _Unit("Trường Chính trị", "Political school", 0, "province", "service", 45, teaching=True),
        *(_Unit(f"Trường Cao đẳng số {k}", f"College {k}", 0, "province", "service", 85, teaching=True)
          for k in (1, 2, 3)),
        *(_Unit(f"Sở số {k}", f"Department {k}", 0, "province", "state", 42) for k in range(1, DEPARTMENTS + 1)),
        *(_Unit(f"Bệnh viện số {k}", f"Hospital {k}", 0, "province", "service", 300) for k in range(1, 7)),
    ]  # fmt: skip
    top, here = len(rows), list(enumerate(DISTRICTS[:districts]))
    rows += [_Unit(vi, en, 0, "district", "state", 40, k) for k, (vi, en) in here]
    for k, (vi, en) in here:
        rows.append(_Unit(f"Đảng bộ {vi}", f"Party committee of {en}", 1, "district", "party", 24, k))
        rows.append(_Unit(f"Mặt trận {vi}", f"Front of {en}", 2, "district", "front", 12, k))
    first = len(rows)
    for vi, en, level, kind, count, weight in (
        ("Đơn vị cấp xã", "Commune", "commune", "state", communes, 20),
        ("Trường học", "School", "district", "service", schools, 38),
    ):
        for k in range(count):
            place, number = k % districts, k + 1
            rows.append(_Unit(f"{vi} số {number}", f"{en} {number}", top + place, level, kind, weight, place))
    rows.append(_Unit("Đơn vị cấp xã hợp nhất số 1", "Merged commune 1", top, "commune", "state", 40, 0))
    return _places(pd.DataFrame(rows), (first, first + districts, len(rows) - 1))


class _Unit(NamedTuple):
    name_vi: str
    name_en: str
    parent: int
    level: str
    kind: str
    weight: int
    district: int = -1
    teaching: bool = False


def _places(rows: pd.DataFrame, merged: tuple[int, int, int]) -> Places:
    ids = pd.array([f"U{k:05d}" for k in range(len(rows))], dtype="str")
    old, new = list(merged[:2]), merged[2]
    opens = np.full(len(rows), FOUNDED)
    opens[new] = MERGED
    closes = np.where(rows["kind"] == "service", np.datetime64("NaT", "ms"), DISSOLVED)
    closes[old] = MERGED
    successor = np.full(len(rows), -1)
    successor[old] = new
    frame = rows[["name_vi", "name_en", "level", "kind"]].assign(
        unit_id=ids,
        parent_id=ids.take(rows["parent"].to_numpy(), allow_fill=True),
        valid_from=opens,
        valid_to=closes,
        successor_id=ids.take(successor, allow_fill=True),
        origin=pd.array([None] * len(rows), dtype="str"),
    )
    teaching, district = rows["teaching"].to_numpy(), rows["district"].to_numpy()
    parent = rows["parent"].to_numpy()
    top = np.arange(len(rows))
    while (lower := parent[top] > 0).any():
        top = np.where(lower, parent[top], top)
    return Places(frame[TABLES["units"].names()], district, top, teaching, _shares(rows, old, new), merged)


def _shares(rows: pd.DataFrame, old: list[int], new: int) -> np.ndarray:
    kinds = [rows["kind"] == "service", rows["level"] == "commune"]
    sector = np.select(kinds, [SERVICE, COMMUNE], DISTRICT_AND_UP)
    weight = np.tile(rows["weight"].to_numpy(dtype=float), (2, 3, 1))
    weight *= sector == np.arange(3)[None, :, None]
    weight[0, :, new] = 0
    weight[1, :, old] = 0
    return weight.cumsum(axis=2)
