"""The synthetic province's units: departments, districts, communes, schools, and who may work where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

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
FOUNDED, DISSOLVED = "1975-05-01", "2025-07-01"


@dataclass(frozen=True)
class Places:
    """Units and, for each, its sector, district (-1: the province's), teaching; `shares` weighs where people work.

    `shares` has one cumulative row a sector, before and after the merger of two wards.
    """

    frame: pd.DataFrame
    sector: np.ndarray
    district: np.ndarray
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
        _row("Tỉnh mô phỏng", "Synthetic province", -1, "province", "state", sector=-1, weight=0),
        _row("Tỉnh ủy và các ban Đảng", "Provincial Party committee", 0, "province", "party", weight=90),
        _row("Mặt trận và đoàn thể tỉnh", "Provincial front and mass organisations", 0, "province", "front", weight=60),
        _teaching("Trường Chính trị", "Political school", 45),
        *(_teaching(f"Trường Cao đẳng số {k}", f"College {k}", 85) for k in (1, 2, 3)),
        *(_row(f"Sở số {k}", f"Department {k}", 0, "province", "state", weight=42) for k in range(1, DEPARTMENTS + 1)),
        *(_row(f"Bệnh viện số {k}", f"Hospital {k}", 0, "province", "service", weight=300) for k in range(1, 7)),
    ]
    top, here = len(rows), list(enumerate(DISTRICTS[:districts]))
    rows += [_row(vi, en, 0, "district", "state", k, weight=40) for k, (vi, en) in here]
    for k, (vi, en) in here:
        rows.append(_row(f"Đảng bộ {vi}", f"Party committee of {en}", 1, "district", "party", k, weight=24))
        rows.append(_row(f"Mặt trận {vi}", f"Front of {en}", 2, "district", "front", k, weight=12))
    first = len(rows)
    kinds = (
        ("Đơn vị cấp xã", "Commune", "commune", "state", communes, COMMUNE, 20),
        ("Trường học", "School", "district", "service", schools, SERVICE, 38),
    )
    for vi, en, level, kind, count, sector, weight in kinds:
        for k in range(count):
            place, number = k % districts, k + 1
            name = f"{vi} số {number}", f"{en} {number}"
            rows.append(_row(*name, top + place, level, kind, place, sector=sector, weight=weight))
    old = (first, first + districts) if communes > districts else (first, first)
    merged = "Đơn vị cấp xã hợp nhất số 1", "Merged commune 1"
    rows.append(_row(*merged, top, "commune", "state", 0, sector=COMMUNE, weight=40))
    return _places(pd.DataFrame(rows), (*old, len(rows) - 1))


def _row(vi, en, parent, level, kind, district=-1, *, sector=None, weight=1, teaching=False) -> dict:
    sector = sector if sector is not None else SERVICE if kind == "service" else DISTRICT_AND_UP
    return {"name_vi": vi, "name_en": en, "parent": parent, "level": level, "kind": kind, "district": district,
            "sector": sector, "weight": weight, "teaching": teaching}  # fmt: skip


def _teaching(vi: str, en: str, weight: int) -> dict:
    return _row(vi, en, 0, "province", "service", weight=weight, teaching=True)


def _places(rows: pd.DataFrame, merged: tuple[int, int, int]) -> Places:
    ids = pd.array([f"U{k:05d}" for k in range(len(rows))], dtype="str")
    old, new = list(merged[:2]), merged[2]
    frame = pd.DataFrame({"unit_id": ids, "name_vi": rows["name_vi"], "name_en": rows["name_en"]})
    frame["parent_id"] = ids.take(rows["parent"].to_numpy(), allow_fill=True)
    frame[["level", "kind"]] = rows[["level", "kind"]]
    frame["valid_from"] = pd.Timestamp(FOUNDED)
    frame.loc[new, "valid_from"] = pd.Timestamp("2024-09-01")
    lasting = frame["kind"].eq("service")
    frame["valid_to"] = pd.Series(pd.Timestamp(DISSOLVED), index=frame.index).where(~lasting)
    frame.loc[old, "valid_to"] = pd.Timestamp("2024-09-01")
    successor = np.full(len(frame), -1)
    successor[old] = new
    frame["successor_id"] = ids.take(successor, allow_fill=True)
    dates = ["valid_from", "valid_to"]
    frame[dates] = frame[dates].astype("datetime64[ms]")
    texts = ["name_vi", "name_en", "level", "kind"]
    frame[texts] = frame[texts].astype("str")
    sector = rows["sector"].to_numpy().astype(np.int8)
    district = rows["district"].to_numpy().astype(np.int16)
    return Places(frame, sector, district, rows["teaching"].to_numpy(), _shares(rows, old, new), merged)


def _shares(rows: pd.DataFrame, old: list[int], new: int) -> np.ndarray:
    weight = np.tile(rows["weight"].to_numpy(dtype=float), (2, 3, 1))
    weight *= rows["sector"].to_numpy() == np.arange(3)[None, :, None]
    weight[0, :, new] = 0
    weight[1, :, old] = 0
    return weight.cumsum(axis=2)
