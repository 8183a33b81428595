"""Rows for the views of gaps in promotion: of a province, of a small one, and of a registry without leavers."""

from __future__ import annotations

import dataclasses
import functools

import pandas as pd

from analysis import equity
from analysis.careers.spells import LEAVERS
from analysis.estimate import combine
from analysis.publishing.gate.disclosure import protect
from analysis.registry.store import Registry
from analysis.synthetic.worlds import STUDY, make_registry

CALLS = {
    "compare": equity.compare_promotion,
    "follow": lambda reg: equity.follow_promotion(reg, horizons=[12, 24, 36, 60], groups=["sex[female]"]),
    "split": lambda reg: combine(
        *(equity.split_gap(reg, group=group, draws=20) for group in ("sex[female]", "ethnicity[minority]"))
    ),
}


@functools.cache
def province(of: str = "full") -> Registry:
    reg = make_registry(500 if of == "small" else 6000, 4, STUDY)
    return dataclasses.replace(reg, meta=reg.meta | {"leavers_included": False}) if of == "bare" else reg


@functools.cache
def rows_of(call: str, of: str) -> pd.DataFrame:
    return protect(CALLS[call](province(of)))


def joined(calls: tuple[str, ...], of: str) -> pd.DataFrame:
    return pd.concat([rows_of(call, of) for call in calls], ignore_index=True)


def of_group(group: str) -> pd.DataFrame:
    return protect(equity.follow_promotion(province(), groups=[group]))


def cases() -> dict:
    """The view, rows and choices of each case."""
    views = {
        "gaps.answer": "compare", "gaps.ratios": "compare", "gaps.selection": "compare", "gaps.rates": "compare",
        "paths.curves": "follow", "paths.bridge": "split",
    }  # fmt: skip
    found = {}
    for of in ("full", "small", "bare"):
        for view, call in views.items():
            notes = [LEAVERS] if of == "bare" else []
            choices = {"start": "2019-01-01", "notes": notes} if view == "gaps.answer" else {}
            calls = (call, "split") if view == "gaps.answer" else (call,)
            found[f"{view} {of}"] = (view, functools.partial(joined, calls, of), choices)
    found["paths.curves minority"] = ("paths.curves", functools.partial(of_group, "ethnicity[minority]"))
    return found
